/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sessions: with the bytes of published sessions, and with a card written a second time
 * (tests/fakes/fake_desfire.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/desfire/desfire.h"
#include "tests/fakes/fake_desfire.h"
#include "tests/fakes/fake_entropy.h"
#include "tests/fakes/fake_timer.h"
#include "tests/fakes/hex.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define DEADLINE_US  UINT64_C(300000)

/* AN10922, 2.2.1: the key of an issuer, and the one of the card with UID 04782E21801D80. */
#define ISSUER_KEY "00112233445566778899AABBCCDDEEFF"
#define CARD_KEY   "A8DD63A3B89D54B37CA802473FDA9175"
#define OTHER_KEY  "2B7E151628AED2A6ABF7158809CF4F3C"

static struct fake_entropy entropy;
static struct fake_timer timer;
static struct fake_desfire card;
static struct desfire_key generations[3], uid_generations[2];
static struct desfire_application applications[2];
static struct desfire_config config;
static struct desfire_session session;
static struct credential credential;

static void set_generation(struct desfire_key *key, uint8_t version, const char *hex)
{
    key->version = version;
    hex_bytes(hex, key->bytes, sizeof key->bytes);
}

/* A card of the application note with one MACed file, which EV1 reads with the key 2. */
static int set_up(void **state)
{
    (void)state;
    fake_entropy_init(&entropy);
    fake_timer_init(&timer, 1000);
    fake_desfire_init(&card);
    hex_bytes("3042F5", card.aid, sizeof card.aid);
    fake_desfire_set_key(&card, 1, 0, OTHER_KEY);
    fake_desfire_set_key(&card, 2, 0x10, CARD_KEY);
    card.read_key = 2;
    card.file = 4;
    card.file_mode = 1;
    set_generation(&generations[0], 0x10, ISSUER_KEY);
    set_generation(&uid_generations[0], 0, OTHER_KEY);
    applications[0] = (struct desfire_application){.aid = {0x30, 0x42, 0xF5},
                                                   .file = 4,
                                                   .offset = 3,
                                                   .len = 7,
                                                   .mode = DESFIRE_MACED,
                                                   .authentication = DESFIRE_EV1_AES,
                                                   .key = {2, 1, generations},
                                                   .is_diversified = true,
                                                   .system_id = "NXP Abu",
                                                   .system_id_len = 7};
    config = (struct desfire_config){&card.reader, &timer.timer, applications, 1};
    return crypto_init(&entropy.entropy, NULL, 0);
}

static enum desfire_progress poll_to_the_end(void)
{
    enum desfire_progress progress;
    for (int i = 0; (progress = desfire_poll(&session, &credential)) == DESFIRE_BUSY; i++)
        assert_true(i < 100);
    return progress;
}

static enum desfire_progress run(void)
{
    desfire_start(&session, &config, &card.target, DEADLINE_US);
    return poll_to_the_end();
}

static void assert_id(const uint8_t *id, size_t len)
{
    assert_int_equal(credential.technology, CREDENTIAL_ISO14443A);
    assert_int_equal(credential.method, CREDENTIAL_DESFIRE);
    assert_int_equal(credential.id_len, len);
    assert_memory_equal(credential.id, id, len);
}

static void assert_known(void)
{
    assert_int_equal(run(), DESFIRE_KNOWN);
    assert_id(card.content + applications[0].offset, applications[0].len);
}

static void assert_refused(enum desfire_reason reason)
{
    static const struct credential none;
    assert_int_equal(run(), DESFIRE_REFUSED);
    assert_string_equal(desfire_reason_name(desfire_reason(&session)), desfire_reason_name(reason));
    assert_memory_equal(&credential, &none, sizeof none);
}

static void assert_commands(const char *hex)
{
    uint8_t expected[FAKE_DESFIRE_COMMANDS];
    assert_int_equal(card.exchange_count, hex_bytes(hex, expected, sizeof expected));
    assert_memory_equal(card.commands, expected, card.exchange_count);
}

static void set_way(enum desfire_authentication authentication, enum desfire_mode mode)
{
    applications[0].authentication = authentication;
    applications[0].mode = mode;
    card.file_mode = (uint8_t)mode;
}

static const struct {
    enum desfire_authentication authentication;
    enum desfire_mode mode;
} ways[] = {{DESFIRE_EV1_AES, DESFIRE_PLAIN},
            {DESFIRE_EV1_AES, DESFIRE_MACED},
            {DESFIRE_EV1_AES, DESFIRE_ENCIPHERED},
            {DESFIRE_EV2_FIRST, DESFIRE_MACED},
            {DESFIRE_EV2_FIRST, DESFIRE_ENCIPHERED}};

/* ---- published sessions ---- */

struct script {
    const char *const (*exchanges)[2]; /* command and answer */
    size_t at, count;
};

static int play(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    struct script *script = ctx;
    uint8_t expected[64];
    assert_true(script->at < script->count);
    assert_int_equal(tx_len, hex_bytes(script->exchanges[script->at][0], expected, sizeof expected));
    assert_memory_equal(tx, expected, tx_len);
    return (int)hex_bytes(script->exchanges[script->at++][1], rx, rx_size);
}

/* Plays a session with the zero key, in which the gate draws rnd_a. */
static void assert_played(const char *const exchanges[4][2], const char *rnd_a)
{
    struct script script = {exchanges, 0, 4};
    const struct reader reader = {.exchange = play, .ctx = &script};
    config.reader = &reader;
    applications[0].is_diversified = false;
    applications[0].key = (struct desfire_key_set){0, 1, generations};
    applications[0].len = 16;
    applications[0].file = 2;
    applications[0].offset = 4;
    set_generation(&generations[0], 0, "00000000000000000000000000000000");
    desfire_start(&session, &config, &card.target, DEADLINE_US);
    assert_int_equal(desfire_poll(&session, &credential), DESFIRE_BUSY);
    assert_int_equal(desfire_poll(&session, &credential), DESFIRE_BUSY);
    hex_bytes(rnd_a, session.proof.rnd_a, sizeof session.proof.rnd_a);
    assert_int_equal(poll_to_the_end(), DESFIRE_KNOWN);
    assert_int_equal(script.at, 4);
    uint8_t id[16];
    assert_id(id, hex_bytes("123e4567e89b12d3a456426614174000", id, sizeof id));
}

/* The authentication is in skelsec/pydesfire, tests.py (AuthTest_AES); the answers of the file are made with
 * openssl. */
static void a_published_ev1_authentication_leads_to_the_file(void **state)
{
    (void)state;
    static const char *const exchanges[][4][2] = {
        {{"5A 3042F5", "00"},
         {"AA 00", "AF B969FDFE56FD91FC9DE6F6F213B8FD1E"},
         {"AF 36AAD7DF6E436BA08D18613830A70D5AD43E3D3F4A8D47541EEE623A934E4774",
          "00 800DB680BC146BD121D6578F2D2E2059"},
         {"BD 02 040000 100000", "00 123e4567e89b12d3a456426614174000 030c25de2467127b"}},
        {{"5A 3042F5", "00"},
         {"AA 00", "AF B969FDFE56FD91FC9DE6F6F213B8FD1E"},
         {"AF 36AAD7DF6E436BA08D18613830A70D5AD43E3D3F4A8D47541EEE623A934E4774",
          "00 800DB680BC146BD121D6578F2D2E2059"},
         {"BD 02 040000 100000", "00 5f434e2d7317b6237bd2bd5d983336dd57e620f6fdf0af50e259cbb73b24a04e"}}};
    applications[0].mode = DESFIRE_PLAIN;
    assert_played(exchanges[0], "F44B26F5686F3A391CD38EBD10772281");
    applications[0].mode = DESFIRE_ENCIPHERED;
    assert_played(exchanges[1], "F44B26F5686F3A391CD38EBD10772281");
}

/* The authentication is AN12343, table 16; the MACs and the answers of the file are made with openssl. */
static void a_published_ev2_authentication_leads_to_the_file(void **state)
{
    (void)state;
    static const char *const exchanges[][4][2] = {
        {{"5A 3042F5", "00"},
         {"71 00 00", "AF 24677DDBD46349E623798FD729006E79"},
         {"AF 3B50445F21D21D77D500794DEB245E5A754F5F901844259F4C9B31A5C7335ACD",
          "00 04C6DBD67417ED0D31DDDE4D2E3FFAC2B4B074F638EEF7FFF9254963B65C7759"},
         {"BD 02 040000 100000 5001e06bb401c485", "00 123e4567e89b12d3a456426614174000 b16e448e5266ef6c"}},
        {{"5A 3042F5", "00"},
         {"71 00 00", "AF 24677DDBD46349E623798FD729006E79"},
         {"AF 3B50445F21D21D77D500794DEB245E5A754F5F901844259F4C9B31A5C7335ACD",
          "00 04C6DBD67417ED0D31DDDE4D2E3FFAC2B4B074F638EEF7FFF9254963B65C7759"},
         {"BD 02 040000 100000 5001e06bb401c485",
          "00 c09a95814a81952c83a2bd21899070954e8eb8e944bb6a237e6659e39de6a3fc6a111e083a97d6e2"}}};
    applications[0].authentication = DESFIRE_EV2_FIRST;
    applications[0].mode = DESFIRE_MACED;
    assert_played(exchanges[0], "B04D0787C93EE0CC8CACC8E86F16C6FE");
    applications[0].mode = DESFIRE_ENCIPHERED;
    assert_played(exchanges[1], "B04D0787C93EE0CC8CACC8E86F16C6FE");
}

/* ---- cards that are known ---- */

static void a_card_is_known_after_four_exchanges_in_every_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++)
        for (uint8_t len = 1; len <= CREDENTIAL_ID_MAX; len++) {
            set_way(ways[i].authentication, ways[i].mode);
            applications[0].len = len;
            card.exchange_count = 0;
            assert_known();
            assert_commands(ways[i].authentication == DESFIRE_EV1_AES ? "5A AA AF BD" : "5A 71 AF BD");
        }
}

static void a_poll_is_one_exchange(void **state)
{
    (void)state;
    desfire_start(&session, &config, &card.target, DEADLINE_US);
    assert_int_equal(card.exchange_count, 0);
    for (unsigned i = 1; i <= 4; i++) {
        assert_int_equal(desfire_poll(&session, &credential), i < 4 ? DESFIRE_BUSY : DESFIRE_KNOWN);
        assert_int_equal(card.exchange_count, i);
    }
    assert_int_equal(desfire_poll(&session, &credential), DESFIRE_REFUSED);
    assert_int_equal(card.exchange_count, 4);
}

static void an_application_without_diversified_keys_is_read(void **state)
{
    (void)state;
    applications[0].is_diversified = false;
    set_generation(&generations[0], 0x10, CARD_KEY);
    fake_desfire_hide_uid(&card);
    assert_known();
    assert_commands("5A AA AF BD");
}

/* While keys are rolled, cards have the old key, or the new one. */
static void the_key_is_chosen_by_the_version_that_the_card_tells(void **state)
{
    (void)state;
    applications[0].key.count = 3;
    set_generation(&generations[0], 0x12, OTHER_KEY);
    set_generation(&generations[1], 0x10, ISSUER_KEY);
    set_generation(&generations[2], 0x11, OTHER_KEY);
    assert_known();
    assert_commands("5A 64 AA AF BD");
}

static void a_card_with_a_random_uid_tells_its_own_under_another_key(void **state)
{
    (void)state;
    fake_desfire_hide_uid(&card);
    applications[0].uid_key = (struct desfire_key_set){1, 1, uid_generations};
    for (size_t i = 0; i < COUNT(ways); i++) {
        set_way(ways[i].authentication, ways[i].mode);
        card.exchange_count = 0;
        assert_known();
        assert_commands(ways[i].authentication == DESFIRE_EV1_AES ? "5A AA AF 51 AA AF BD"
                                                                  : "5A 71 AF 51 71 AF BD");
    }
}

static void both_keys_of_a_card_with_a_random_uid_can_be_rolled(void **state)
{
    (void)state;
    fake_desfire_hide_uid(&card);
    applications[0].uid_key = (struct desfire_key_set){1, 2, uid_generations};
    applications[0].key.count = 2;
    set_generation(&uid_generations[0], 9, ISSUER_KEY);
    set_generation(&uid_generations[1], 0, OTHER_KEY);
    set_generation(&generations[1], 0x11, OTHER_KEY);
    assert_known();
    assert_commands("5A 64 64 AA AF 51 AA AF BD");
}

/* Cards of two issuers come to one gate. */
static void the_first_application_that_the_card_has_is_read(void **state)
{
    (void)state;
    applications[1] = applications[0];
    applications[0].aid[0] = 0x31;
    applications[0].uid_key = (struct desfire_key_set){1, 2, uid_generations};
    applications[0].key.count = 2;
    config.application_count = 2;
    assert_known();
    assert_commands("5A 5A AA AF BD");
}

static void an_answer_may_come_in_parts(void **state)
{
    (void)state;
    fake_desfire_hide_uid(&card);
    applications[0].uid_key = (struct desfire_key_set){1, 1, uid_generations};
    applications[0].len = 16;
    for (size_t i = 0; i < COUNT(ways); i++)
        for (card.part_len = 1; card.part_len < 41; card.part_len++) {
            set_way(ways[i].authentication, ways[i].mode);
            assert_known();
        }
}

/* ---- cards that are refused ---- */

static void a_card_that_is_no_iso_14443_4_card_is_sent_nothing(void **state)
{
    (void)state;
    card.target.ats_len = 0;
    assert_refused(DESFIRE_OTHER_CARD);
    assert_int_equal(card.exchange_count, 0);
}

static void a_card_without_the_applications_is_refused(void **state)
{
    (void)state;
    applications[1] = applications[0];
    applications[0].aid[0] = applications[1].aid[2] = 0x31;
    config.application_count = 2;
    assert_refused(DESFIRE_NO_APPLICATION);
    assert_commands("5A 5A");
    config.application_count = 0;
    assert_refused(DESFIRE_NO_APPLICATION);
}

static void a_table_with_a_wrong_application_is_refused(void **state)
{
    (void)state;
    applications[1] = applications[0];
    applications[1].len = 17;
    config.application_count = 2;
    assert_refused(DESFIRE_BAD_TABLE);
    assert_int_equal(card.exchange_count, 0);
}

static void a_version_that_is_not_listed_is_refused(void **state)
{
    (void)state;
    applications[0].key.count = 2;
    set_generation(&generations[0], 0x11, ISSUER_KEY);
    set_generation(&generations[1], 0x12, ISSUER_KEY);
    assert_refused(DESFIRE_UNKNOWN_VERSION);
    assert_commands("5A 64");
    applications[0].key.number = 3; /* the card has no such key */
    assert_refused(DESFIRE_KEY_REFUSED);
}

static void a_random_uid_without_a_key_to_ask_for_the_own_is_refused(void **state)
{
    (void)state;
    fake_desfire_hide_uid(&card);
    assert_refused(DESFIRE_HIDDEN_UID);
    assert_commands("5A");
}

/* A copy of the UID has not got the key. */
static void a_card_with_another_key_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        set_way(ways[i].authentication, ways[i].mode);
        card.keys[2].bytes[15] ^= 1;
        assert_refused(DESFIRE_KEY_REFUSED);
        card.keys[2].bytes[15] ^= 1;
        applications[0].key.number = 3;
        assert_refused(DESFIRE_KEY_REFUSED);
        applications[0].key.number = 2;
    }
}

static void the_key_of_one_card_is_not_that_of_another(void **state)
{
    (void)state;
    card.target.uid[6] ^= 1;
    assert_refused(DESFIRE_KEY_REFUSED);
    set_up(NULL);
    applications[0].system_id[0] ^= 1;
    assert_refused(DESFIRE_KEY_REFUSED);
}

/* The UID that the card tells counts, and not the random one. */
static void a_card_that_tells_the_uid_of_another_is_refused(void **state)
{
    (void)state;
    fake_desfire_hide_uid(&card);
    applications[0].uid_key = (struct desfire_key_set){1, 1, uid_generations};
    card.uid[6] ^= 1;
    assert_refused(DESFIRE_KEY_REFUSED);
    assert_commands("5A AA AF 51 AA AF");
}

static void an_ev1_card_does_not_know_the_command_of_ev2(void **state)
{
    (void)state;
    set_way(DESFIRE_EV2_FIRST, DESFIRE_MACED);
    card.is_ev1 = true;
    assert_refused(DESFIRE_WRONG_STATUS);
}

static void a_file_that_cannot_be_read_is_refused(void **state)
{
    (void)state;
    applications[0].file = 5;
    assert_refused(DESFIRE_FILE_REFUSED);
    applications[0].file = 4;
    applications[0].offset = 26; /* of 32 */
    assert_refused(DESFIRE_FILE_REFUSED);
    applications[0].offset = 25;
    assert_known();
    card.read_key = 1;
    assert_refused(DESFIRE_FILE_REFUSED);
}

/* The mode is the list's, not the card's. An EV2 card whose file is plain sends no MAC. */
static void a_file_in_another_mode_is_refused(void **state)
{
    (void)state;
    set_way(DESFIRE_EV2_FIRST, DESFIRE_MACED);
    card.file_mode = 0;
    assert_refused(DESFIRE_WRONG_LENGTH);
    card.file_mode = 3;
    assert_refused(DESFIRE_WRONG_LENGTH);
    set_way(DESFIRE_EV1_AES, DESFIRE_ENCIPHERED);
    card.file_mode = 1;
    assert_refused(DESFIRE_WRONG_LENGTH);
}

static void a_file_that_was_never_written_is_refused(void **state)
{
    (void)state;
    memset(card.content, 0, sizeof card.content);
    assert_refused(DESFIRE_BLANK);
    memset(card.content, 0xFF, sizeof card.content);
    assert_refused(DESFIRE_BLANK);
}

/* ---- time, reader, randomness ---- */

static void a_session_ends_at_its_deadline(void **state)
{
    (void)state;
    timer.is_stopped = true;
    card.timer = &timer;
    card.exchange_us = 18000;
    timer.now_us = DEADLINE_US - 4 * 18000 - 1;
    assert_known();
    for (unsigned late_us = 0; late_us < 4 * 18000; late_us += 1000) {
        timer.now_us = DEADLINE_US - 4 * 18000 + late_us;
        card.exchange_count = 0;
        assert_refused(DESFIRE_TIME_LIMIT);
        assert_int_equal(card.exchange_count, 4 - late_us / 18000); /* and no more are begun */
    }
    timer.now_us = DEADLINE_US;
    card.exchange_count = 0;
    assert_refused(DESFIRE_TIME_LIMIT);
    assert_int_equal(card.exchange_count, 0);
}

struct failure {
    unsigned at;
    int error;
};

static int fail_at(void *ctx, uint8_t *frame, int len)
{
    const struct failure *failure = ctx;
    (void)frame;
    return card.exchange_count == failure->at ? failure->error : len;
}

static void a_failure_of_the_reader_ends_the_session_at_every_step(void **state)
{
    (void)state;
    static const struct {
        int error;
        enum desfire_reason reason;
    } failures[] = {{ERR_NOT_FOUND, DESFIRE_CARD_LEFT},        {ERR_TIMEOUT, DESFIRE_NO_ANSWER},
                    {ERR_IO, DESFIRE_READER_FAILED},           {ERR_ARGUMENT, DESFIRE_READER_FAILED},
                    {ERR_NO_SPACE, DESFIRE_WRONG_LENGTH},      {0, DESFIRE_WRONG_LENGTH},
                    {FAKE_DESFIRE_FRAME, DESFIRE_WRONG_LENGTH}};
    for (size_t i = 0; i < COUNT(failures); i++)
        for (unsigned at = 1; at <= 4; at++) {
            struct failure failure = {at, failures[i].error};
            card.alter = fail_at;
            card.alter_ctx = &failure;
            card.exchange_count = 0;
            assert_refused(failures[i].reason);
            assert_int_equal(card.exchange_count, at);
        }
}

static void without_randomness_no_card_is_known(void **state)
{
    (void)state;
    entropy.broken = true;
    assert_int_equal(crypto_init(&entropy.entropy, NULL, 0), ERR_CRYPTO);
    assert_refused(DESFIRE_CRYPTO_FAILED);
    assert_commands("5A AA");
}

/* ---- what is left behind ---- */

static void assert_wiped(void)
{
    struct desfire_session wiped;
    memset(&wiped, 0, sizeof wiped);
    wiped.reason = session.reason; /* and whether there was an application: neither is a secret */
    wiped.is_selected = session.is_selected;
    assert_memory_equal(&session, &wiped, sizeof session);
}

static void nothing_of_a_session_stays_in_memory(void **state)
{
    (void)state;
    assert_known();
    assert_wiped();
    assert_int_equal(desfire_reason(&session), DESFIRE_REASON_NONE);
    for (unsigned at = 1; at <= 4; at++) {
        struct failure failure = {at, ERR_NOT_FOUND};
        card.alter = fail_at;
        card.alter_ctx = &failure;
        card.exchange_count = 0;
        assert_refused(DESFIRE_CARD_LEFT);
        assert_wiped();
    }
    card.alter = NULL;
    for (unsigned count = 0; count < 4; count++) {
        desfire_start(&session, &config, &card.target, DEADLINE_US);
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(desfire_poll(&session, &credential), DESFIRE_BUSY);
        desfire_abort(&session);
        assert_wiped();
        assert_int_equal(desfire_poll(&session, &credential), DESFIRE_REFUSED);
    }
}

static void a_session_that_was_never_started_knows_nobody(void **state)
{
    (void)state;
    memset(&session, 0, sizeof session);
    assert_int_equal(desfire_poll(&session, &credential), DESFIRE_REFUSED);
    assert_int_equal(credential.id_len, 0);
    assert_int_equal(card.exchange_count, 0);
}

static void each_reason_has_a_word_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i <= DESFIRE_REASON_LAST; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(desfire_reason_name((enum desfire_reason)i),
                                    desfire_reason_name((enum desfire_reason)j));
    assert_string_equal(desfire_reason_name((enum desfire_reason)(DESFIRE_REASON_LAST + 1)),
                        "unknown_reason");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_published_ev1_authentication_leads_to_the_file, set_up),
        cmocka_unit_test_setup(a_published_ev2_authentication_leads_to_the_file, set_up),
        cmocka_unit_test_setup(a_card_is_known_after_four_exchanges_in_every_way, set_up),
        cmocka_unit_test_setup(a_poll_is_one_exchange, set_up),
        cmocka_unit_test_setup(an_application_without_diversified_keys_is_read, set_up),
        cmocka_unit_test_setup(the_key_is_chosen_by_the_version_that_the_card_tells, set_up),
        cmocka_unit_test_setup(a_card_with_a_random_uid_tells_its_own_under_another_key, set_up),
        cmocka_unit_test_setup(both_keys_of_a_card_with_a_random_uid_can_be_rolled, set_up),
        cmocka_unit_test_setup(the_first_application_that_the_card_has_is_read, set_up),
        cmocka_unit_test_setup(an_answer_may_come_in_parts, set_up),
        cmocka_unit_test_setup(a_card_that_is_no_iso_14443_4_card_is_sent_nothing, set_up),
        cmocka_unit_test_setup(a_card_without_the_applications_is_refused, set_up),
        cmocka_unit_test_setup(a_table_with_a_wrong_application_is_refused, set_up),
        cmocka_unit_test_setup(a_version_that_is_not_listed_is_refused, set_up),
        cmocka_unit_test_setup(a_random_uid_without_a_key_to_ask_for_the_own_is_refused, set_up),
        cmocka_unit_test_setup(a_card_with_another_key_is_refused, set_up),
        cmocka_unit_test_setup(the_key_of_one_card_is_not_that_of_another, set_up),
        cmocka_unit_test_setup(a_card_that_tells_the_uid_of_another_is_refused, set_up),
        cmocka_unit_test_setup(an_ev1_card_does_not_know_the_command_of_ev2, set_up),
        cmocka_unit_test_setup(a_file_that_cannot_be_read_is_refused, set_up),
        cmocka_unit_test_setup(a_file_in_another_mode_is_refused, set_up),
        cmocka_unit_test_setup(a_file_that_was_never_written_is_refused, set_up),
        cmocka_unit_test_setup(a_session_ends_at_its_deadline, set_up),
        cmocka_unit_test_setup(a_failure_of_the_reader_ends_the_session_at_every_step, set_up),
        cmocka_unit_test_setup(without_randomness_no_card_is_known, set_up),
        cmocka_unit_test_setup(nothing_of_a_session_stays_in_memory, set_up),
        cmocka_unit_test_setup(a_session_that_was_never_started_knows_nobody, set_up),
        cmocka_unit_test_setup(each_reason_has_a_word_of_its_own, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
