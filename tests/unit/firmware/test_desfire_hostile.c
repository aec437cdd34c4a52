/* SPDX-License-Identifier: Apache-2.0 */
/* A card, or somebody between card and reader, that spoils one answer of a session: each byte in each way,
 * each length, answers of another session. Every one is refused with its reason, in a bounded count of
 * exchanges. */
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

static struct fake_entropy entropy;
static struct fake_timer timer;
static struct fake_desfire card;
static struct desfire_key generations[2], uid_generations[2];
static struct desfire_application application;
static const struct desfire_config config = {&card.reader, &timer.timer, &application, 1};
static struct desfire_session session;

static const struct way {
    enum desfire_authentication authentication;
    enum desfire_mode mode;
    uint8_t len;
} ways[] = {{DESFIRE_EV1_AES, DESFIRE_PLAIN, 7},        {DESFIRE_EV1_AES, DESFIRE_MACED, 16},
            {DESFIRE_EV1_AES, DESFIRE_ENCIPHERED, 7},   {DESFIRE_EV1_AES, DESFIRE_ENCIPHERED, 16},
            {DESFIRE_EV2_FIRST, DESFIRE_MACED, 16},     {DESFIRE_EV2_FIRST, DESFIRE_ENCIPHERED, 7},
            {DESFIRE_EV2_FIRST, DESFIRE_ENCIPHERED, 16}};

/* The longest session: a random UID, two generations of both keys. */
enum { SELECT = 1, UID_VERSION, VERSION, UID_CHALLENGE, UID_PROOF, UID_READ, CHALLENGE, PROOF, READ };
#define EXCHANGES READ

static void set_up(const struct way *way)
{
    fake_entropy_init(&entropy);
    fake_timer_init(&timer, 0);
    fake_desfire_init(&card);
    fake_desfire_hide_uid(&card);
    fake_desfire_set_key(&card, 0, 1, "2B7E151628AED2A6ABF7158809CF4F3C");
    fake_desfire_set_key(&card, 1, 2, "A8DD63A3B89D54B37CA802473FDA9175");
    hex_bytes("3042F5", card.aid, sizeof card.aid);
    card.read_key = 1;
    card.file_mode = (uint8_t)way->mode;
    uid_generations[0] = (struct desfire_key){.version = 0xE1};
    uid_generations[1] = (struct desfire_key){.version = 1};
    generations[0] = (struct desfire_key){.version = 0xE2};
    generations[1] = (struct desfire_key){.version = 2};
    hex_bytes("2B7E151628AED2A6ABF7158809CF4F3C", uid_generations[1].bytes, CRYPTO_KEY_LEN);
    hex_bytes("00112233445566778899AABBCCDDEEFF", generations[1].bytes, CRYPTO_KEY_LEN);
    application = (struct desfire_application){.aid = {0x30, 0x42, 0xF5},
                                               .len = way->len,
                                               .mode = way->mode,
                                               .authentication = way->authentication,
                                               .key = {1, 2, generations},
                                               .is_diversified = true,
                                               .system_id = "NXP Abu",
                                               .system_id_len = 7,
                                               .uid_key = {0, 2, uid_generations}};
    assert_int_equal(crypto_init(&entropy.entropy, NULL, 0), ERR_OK);
}

static enum desfire_progress run(struct credential *credential)
{
    enum desfire_progress progress;
    card.exchange_count = 0;
    desfire_start(&session, &config, &card.target, UINT64_MAX);
    while ((progress = desfire_poll(&session, credential)) == DESFIRE_BUSY)
        assert_true(card.exchange_count < 100);
    return progress;
}

static void assert_refused(enum desfire_reason reason)
{
    struct credential credential;
    assert_int_equal(run(&credential), DESFIRE_REFUSED);
    assert_string_equal(desfire_reason_name(desfire_reason(&session)), desfire_reason_name(reason));
    assert_int_equal(credential.id_len, 0);
}

/* What is done to one answer. */
struct spoiled {
    unsigned at; /* exchange, from 1 */
    enum { SET_STATUS, FLIP, CUT, LENGTHEN } how;
    int value; /* the status, the bit of the data, or the length */
    int len;   /* of the right answer, when it was spoiled */
};

static int spoil(void *ctx, uint8_t frame[FAKE_DESFIRE_FRAME], int len)
{
    struct spoiled *spoiled = ctx;
    if (card.exchange_count != spoiled->at)
        return len;
    spoiled->len = len;
    switch (spoiled->how) {
    case SET_STATUS:
        frame[0] = (uint8_t)spoiled->value;
        return len;
    case FLIP:
        frame[1 + spoiled->value / 8] ^= (uint8_t)(1U << spoiled->value % 8);
        return len;
    case CUT:
        return spoiled->value;
    case LENGTHEN:
        memset(frame + len, 0, (size_t)(spoiled->value - len));
        return spoiled->value;
    }
    return len;
}

/* Learns how long the answer of an exchange is. */
static int right_len(unsigned at)
{
    struct credential credential;
    struct spoiled spoiled = {at, SET_STATUS, 0x1C, 0};
    card.alter_ctx = &spoiled;
    assert_int_equal(run(&credential), DESFIRE_REFUSED);
    return spoiled.len;
}

static void assert_spoiled(unsigned at, int how, int value, enum desfire_reason reason)
{
    struct spoiled spoiled = {at, how, value, 0};
    card.alter_ctx = &spoiled;
    assert_refused(reason);
}

static void for_each_answer(void (*check)(unsigned at, int len))
{
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct credential credential;
        set_up(&ways[i]);
        assert_int_equal(run(&credential), DESFIRE_KNOWN);
        assert_int_equal(card.exchange_count, EXCHANGES);
        card.alter = spoil;
        for (unsigned at = 1; at <= EXCHANGES; at++)
            check(at, right_len(at));
    }
}

/* ---- statuses ---- */

static uint8_t right_status(unsigned at)
{
    return at == UID_CHALLENGE || at == CHALLENGE ? 0xAF : 0x00;
}

/* AN12343 and the data sheets: 40 no such key, AE authentication error, 9D permission denied, A0 no such
 * application, BE beyond the end, F0 no such file. AF to a reading asks for more, which the card has not
 * got. */
static enum desfire_reason reason_of(unsigned at, int len, int status)
{
    bool is_read = at == UID_READ || at == READ;
    if (at == SELECT && status == 0xA0 && len == 1)
        return DESFIRE_NO_APPLICATION;
    if (status == 0x40)
        return DESFIRE_KEY_REFUSED;
    if (status == 0xAE)
        return is_read ? DESFIRE_FILE_REFUSED : DESFIRE_KEY_REFUSED;
    if (is_read && (status == 0x9D || status == 0xBE || status == 0xF0))
        return DESFIRE_FILE_REFUSED;
    return DESFIRE_WRONG_STATUS;
}

static void try_statuses(unsigned at, int len)
{
    for (int status = 0; status < 256; status++)
        if (status != right_status(at))
            assert_spoiled(at, SET_STATUS, status, reason_of(at, len, status));
}

static void every_other_status_is_refused_at_every_step(void **state)
{
    (void)state;
    for_each_answer(try_statuses);
}

/* ---- data ---- */

static enum desfire_reason reason_of_data(unsigned at)
{
    switch (at) {
    case UID_VERSION:
    case VERSION:
        return DESFIRE_UNKNOWN_VERSION;
    case UID_CHALLENGE:
    case CHALLENGE:
        return DESFIRE_KEY_REFUSED; /* the card does not understand the response */
    case UID_PROOF:
    case PROOF:
        return DESFIRE_NOT_GENUINE;
    default:
        return DESFIRE_WRONG_MAC;
    }
}

static void try_bits(unsigned at, int len)
{
    for (int bit = 0; bit < 8 * (len - 1); bit++)
        assert_spoiled(at, FLIP, bit, reason_of_data(at));
}

static void every_flipped_bit_is_refused_at_every_step(void **state)
{
    (void)state;
    for_each_answer(try_bits);
}

static void try_lengths(unsigned at, int len)
{
    for (int cut = 0; cut < len; cut++)
        assert_spoiled(at, CUT, cut, DESFIRE_WRONG_LENGTH);
    for (int longer = len + 1; longer < 60; longer++)
        assert_spoiled(at, LENGTHEN, longer, DESFIRE_WRONG_LENGTH);
}

static void every_other_length_is_refused_at_every_step(void **state)
{
    (void)state;
    for_each_answer(try_lengths);
}

/* ---- whole answers ---- */

struct recording {
    uint8_t frames[EXCHANGES][FAKE_DESFIRE_FRAME];
    int lens[EXCHANGES];
    unsigned at, from; /* the exchange `at` is answered with what was recorded at `from`; 0: only record */
};

static int replay(void *ctx, uint8_t frame[FAKE_DESFIRE_FRAME], int len)
{
    struct recording *recording = ctx;
    unsigned i = card.exchange_count - 1;
    if (recording->at == 0) {
        memcpy(recording->frames[i], frame, (size_t)len);
        recording->lens[i] = len;
    } else if (card.exchange_count == recording->at) {
        memcpy(frame, recording->frames[recording->from - 1], FAKE_DESFIRE_FRAME);
        return recording->lens[recording->from - 1];
    }
    return len;
}

/* Only the first answers are the same in each session. An exchanged version asks for another key. */
static void an_answer_of_an_earlier_session_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct recording recording = {.at = 0};
        struct credential credential;
        set_up(&ways[i]);
        card.alter = replay;
        card.alter_ctx = &recording;
        assert_int_equal(run(&credential), DESFIRE_KNOWN);
        for (recording.at = 1; recording.at <= EXCHANGES; recording.at++)
            for (recording.from = 1; recording.from <= EXCHANGES; recording.from++) {
                bool is_same = recording.at == recording.from && recording.at <= VERSION;
                assert_int_equal(run(&credential), is_same ? DESFIRE_KNOWN : DESFIRE_REFUSED);
            }
    }
}

static int drip(void *ctx, uint8_t frame[FAKE_DESFIRE_FRAME], int len)
{
    const int *drop_len = ctx;
    if (card.exchange_count < UID_READ)
        return len;
    frame[0] = 0xAF;
    return 1 + *drop_len;
}

/* A card that has always more to tell cannot hold the reader. */
static void an_answer_without_end_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++)
        for (int drop_len = 0; drop_len < 16; drop_len++) {
            set_up(&ways[i]);
            card.alter = drip;
            card.alter_ctx = &drop_len;
            assert_refused(DESFIRE_WRONG_LENGTH);
            assert_true(card.exchange_count <= UID_READ + DESFIRE_ANSWER_MAX);
        }
}

static int invent(void *ctx, uint8_t frame[FAKE_DESFIRE_FRAME], int len)
{
    uint32_t *random = ctx;
    static const uint8_t statuses[] = {0x00, 0xAF};
    for (int i = 1; i < FAKE_DESFIRE_FRAME; i++) {
        *random = *random * 1664525U + 1013904223U;
        frame[i] = (uint8_t)(*random >> 24);
    }
    frame[0] = statuses[*random >> 30 & 1];
    return *random >> 28 & 1 ? len : (int)(*random >> 8 & 0x3F);
}

/* A card that knows the form of every answer, and no key. */
static void a_card_that_invents_its_answers_is_refused(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (size_t i = 0; i < COUNT(ways); i++) {
        set_up(&ways[i]);
        generations[1].version = uid_generations[1].version = 0;
        application.key.count = application.uid_key.count = 1;
        card.alter = invent;
        card.alter_ctx = &random;
        for (int round = 0; round < 3000; round++) {
            struct credential credential;
            assert_int_equal(run(&credential), DESFIRE_REFUSED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_other_status_is_refused_at_every_step),
        cmocka_unit_test(every_flipped_bit_is_refused_at_every_step),
        cmocka_unit_test(every_other_length_is_refused_at_every_step),
        cmocka_unit_test(an_answer_of_an_earlier_session_is_refused),
        cmocka_unit_test(an_answer_without_end_is_refused),
        cmocka_unit_test(a_card_that_invents_its_answers_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
