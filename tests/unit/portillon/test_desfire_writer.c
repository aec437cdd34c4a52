/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a card: the vector of ChangeKey is from a recorded session in skelsec/pydesfire (tests.py); whole
 * cards are those of cardsim, on a reader that can tear a card away at each exchange. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/fake_timer.h"
#include "tests/fakes/hex.h"
#include "tools/cardsim/card.h"
#include "tools/portillon/desk/desfire_seal.h"
#include "tools/portillon/desk/desfire_writer.h"
#include "tools/portillon/site/site.h"

/* ---- vectors ---- */

static struct desfire_channel channel_with(const char *session_key)
{
    struct desfire_channel channel = {.authentication = DESFIRE_EV1_AES};
    hex_bytes(session_key, channel.cipher_key, sizeof channel.cipher_key);
    memcpy(channel.mac_key, channel.cipher_key, sizeof channel.mac_key);
    return channel;
}

static void change_key_follows_the_recorded_session(void **state)
{
    (void)state;
    struct desfire_channel channel = channel_with("F44B26F5C05DDD7110772281C4D066E8");
    uint8_t key[16], command[DESFIRE_SEAL_MAX], expected[DESFIRE_SEAL_MAX];
    hex_bytes("00102030405060708090A0B0B0A09080", key, sizeof key);
    size_t len =
        hex_bytes("C400 E9F85E219496C2B58C1090DC3935FAE9E840CF61B383D9531946256B1F110C10", expected, 64);
    assert_int_equal(desfire_seal_change_key(&channel, 0, NULL, key, 0x10, command), len);
    assert_memory_equal(command, expected, len);
}

/* ---- cards ---- */

static struct cardsim_card card;
static struct reader_target target;
static struct fake_timer timer;
static int exchanges, torn_at; /* the exchange that is the card's last; 0: none */
static bool hears;             /* it still takes the command of that exchange */
static struct desfire_key keys[2];
static struct desfire_application application;
static struct desfire_plan plan;
static struct desfire_written written;

static int exchange(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    static uint8_t answer[1024];
    (void)ctx;
    exchanges++;
    if (torn_at != 0 && exchanges >= torn_at && !(hears && exchanges == torn_at))
        return ERR_NOT_FOUND;
    int len = card.kind->apdu(&card, tx, tx_len, answer);
    if (torn_at != 0 && exchanges >= torn_at)
        return ERR_NOT_FOUND;
    assert_in_range(len, 0, rx_size);
    memcpy(rx, answer, (size_t)len);
    return len;
}

static const struct reader reader = {.exchange = exchange};

static void set(const char *name, const char *value)
{
    char text[128];
    snprintf(text, sizeof text, "%s", value);
    assert_true(card.kind->option(&card, name, text));
}

/* A new card with the AES key of zeros, and an application of which it has none. */
static int make_blank(void **state)
{
    static const uint8_t uid[] = {0x04, 0x78, 0x2E, 0x21, 0x80, 0x1D, 0x80};
    (void)state;
    assert_int_equal(site_crypto_init(), ERR_OK);
    fake_timer_init(&timer, 1000000);
    assert_true(cardsim_card_create(&card, &cardsim_kind_desfire_ev1, "card", uid, sizeof uid));
    target = (struct reader_target){.uid_len = sizeof uid, .ats_len = 5, .sak = 0x20};
    memcpy(target.uid, uid, sizeof uid);
    keys[0].version = 3;
    hex_bytes("00112233445566778899AABBCCDDEEFF", keys[0].bytes, 16);
    application = (struct desfire_application){.aid = {0x30, 0x42, 0xF5},
                                               .file = 1,
                                               .len = 7,
                                               .mode = DESFIRE_ENCIPHERED,
                                               .authentication = DESFIRE_EV1_AES,
                                               .key = {.number = 0, .count = 1, .generations = keys},
                                               .is_diversified = true,
                                               .system_id = "NXP Abu",
                                               .system_id_len = 7};
    plan = (struct desfire_plan){.application = &application, .key = keys, .id = {1, 2, 3, 4, 5, 6, 7}};
    torn_at = exchanges = 0;
    return 0;
}

static enum desfire_writer_result make(void)
{
    cardsim_card_power(&card, false, 0);
    cardsim_card_power(&card, true, 4711);
    card.kind->select(&card);
    exchanges = 0;
    return desfire_writer_make(&reader, &timer.timer, &target, &plan, &written);
}

static const char *described(void)
{
    static char text[512];
    card.kind->describe(&card, text, sizeof text);
    return text;
}

static const char *content(void)
{
    static char text[128];
    assert_true(card.kind->content(&card, "3042F5:1", text, sizeof text));
    return text;
}

/* The key of the card is the vector of AN10922 (2.2): this UID, this AID, "NXP Abu". */
static void a_blank_card_becomes_one_that_proves_its_identifier(void **state)
{
    (void)state;
    uint8_t key[16];
    assert_int_equal(make(), DESFIRE_WRITER_MADE);
    assert_memory_equal(written.id, plan.id, 7);
    assert_string_equal(content(), "01020304050607");
    assert_non_null(strstr(described(), " aid=3042F5 keys=1 settings=0B file=1:full:0000:7"));
    hex_bytes("A8DD63A3B89D54B37CA802473FDA9175", key, 16);
    assert_memory_equal(card.memory.desfire.apps[1].keys[0].bytes, key, 16);
    assert_int_equal(card.memory.desfire.apps[1].keys[0].version, 3);
}

static void every_key_of_the_application_is_changed(void **state)
{
    (void)state;
    uint8_t key[16];
    application.key.number = 2;
    application.mode = DESFIRE_MACED;
    application.offset = 5;
    assert_int_equal(make(), DESFIRE_WRITER_MADE);
    assert_string_equal(content(), "000000000001020304050607");
    assert_non_null(strstr(described(), " keys=3 settings=0B file=1:maced:2000:12"));
    hex_bytes("A8DD63A3B89D54B37CA802473FDA9175", key, 16);
    for (int i = 0; i < 3; i++)
        assert_memory_equal(card.memory.desfire.apps[1].keys[i].bytes, key, 16);
}

static void plain_files_and_keys_that_are_not_diversified_work_as_well(void **state)
{
    (void)state;
    application.mode = DESFIRE_PLAIN;
    application.is_diversified = false;
    assert_int_equal(make(), DESFIRE_WRITER_MADE);
    assert_memory_equal(card.memory.desfire.apps[1].keys[0].bytes, keys[0].bytes, 16);
}

static void a_card_that_was_made_before_keeps_its_identifier(void **state)
{
    (void)state;
    assert_int_equal(make(), DESFIRE_WRITER_MADE);
    plan.id[0] = 9;
    assert_int_equal(make(), DESFIRE_WRITER_FOUND);
    assert_int_equal(written.id[0], 1);
    assert_string_equal(content(), "01020304050607");
}

/* Tears the card away at each exchange, before or behind its work, and makes it again. */
static void a_card_that_is_torn_away_anywhere_can_be_finished(void **state)
{
    enum desfire_writer_result result = DESFIRE_WRITER_LEFT;
    for (int torn = 0; result != DESFIRE_WRITER_MADE; torn++) {
        make_blank(state);
        application.key.number = 2;
        torn_at = 1 + torn / 2;
        hears = torn % 2 != 0;
        result = make();
        if (result == DESFIRE_WRITER_MADE)
            break;
        assert_true(result == DESFIRE_WRITER_LEFT || result == DESFIRE_WRITER_HALF_MADE);
        torn_at = 0;
        plan.id[0] = 8;
        enum desfire_writer_result again = make();
        assert_true(again == DESFIRE_WRITER_MADE || again == DESFIRE_WRITER_FOUND);
        assert_string_equal(content(), again == DESFIRE_WRITER_MADE ? "08020304050607" : "01020304050607");
    }
    assert_in_range(exchanges, 20, 60);
}

/* ---- cards of others ---- */

static void is_refused_untouched(enum desfire_writer_result expected)
{
    uint8_t apps[sizeof card.memory.desfire.apps], files[sizeof card.memory.desfire.files];
    memcpy(apps, card.memory.desfire.apps, sizeof apps);
    memcpy(files, card.memory.desfire.files, sizeof files);
    assert_int_equal(make(), expected);
    assert_memory_equal(apps, card.memory.desfire.apps, sizeof apps);
    assert_memory_equal(files, card.memory.desfire.files, sizeof files);
}

static void a_card_with_another_master_key_is_refused(void **state)
{
    (void)state;
    set("picc-key", "000102030405060708090A0B0C0D0E0F");
    is_refused_untouched(DESFIRE_WRITER_MASTER_KEY);
    set("picc-key", "des");
    is_refused_untouched(DESFIRE_WRITER_MASTER_KEY);
}

static void the_application_of_others_is_refused(void **state)
{
    (void)state;
    set("aid", "3042F5");
    set("key", "000102030405060708090A0B0C0D0E0F");
    set("file", "1:full:0000:11111111111111");
    is_refused_untouched(DESFIRE_WRITER_NOT_OURS);
}

static void an_application_with_keys_of_zeros_is_of_others_unless_all_else_is_as_ours(void **state)
{
    (void)state;
    set("aid", "3042F5");
    set("keys", "1");
    is_refused_untouched(DESFIRE_WRITER_NOT_OURS);
    set("settings", "0B");
    set("file", "1:full:EEEE:11111111111111");
    is_refused_untouched(DESFIRE_WRITER_NOT_OURS);
}

static void a_full_card_says_so(void **state)
{
    (void)state;
    for (int i = 0; i < 28; i++) {
        char aid[7];
        snprintf(aid, sizeof aid, "%06X", 0x100000 + i);
        set("aid", aid);
    }
    is_refused_untouched(DESFIRE_WRITER_REFUSED);
    assert_int_equal(written.command, 0xCA);
    assert_int_equal(written.status, 0xCE);
}

/* A gate would ask for the identifier with a command that an EV1 does not know. */
static void an_ev1_is_not_made_for_the_authentication_of_an_ev2(void **state)
{
    (void)state;
    application.authentication = DESFIRE_EV2_FIRST;
    is_refused_untouched(DESFIRE_WRITER_OLD);
}

static void cards_that_cannot_be_written_are_told(void **state)
{
    (void)state;
    target.ats_len = 0;
    is_refused_untouched(DESFIRE_WRITER_NO_DESFIRE);
    target = (struct reader_target){.uid = {0x08, 1, 2, 3}, .uid_len = 4, .ats_len = 5};
    is_refused_untouched(DESFIRE_WRITER_NO_DESFIRE);
    application.uid_key = application.key;
    assert_int_equal(desfire_writer_check(&application), ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(change_key_follows_the_recorded_session),
        cmocka_unit_test_setup(a_blank_card_becomes_one_that_proves_its_identifier, make_blank),
        cmocka_unit_test_setup(every_key_of_the_application_is_changed, make_blank),
        cmocka_unit_test_setup(plain_files_and_keys_that_are_not_diversified_work_as_well, make_blank),
        cmocka_unit_test_setup(a_card_that_was_made_before_keeps_its_identifier, make_blank),
        cmocka_unit_test(a_card_that_is_torn_away_anywhere_can_be_finished),
        cmocka_unit_test_setup(a_card_with_another_master_key_is_refused, make_blank),
        cmocka_unit_test_setup(the_application_of_others_is_refused, make_blank),
        cmocka_unit_test_setup(an_application_with_keys_of_zeros_is_of_others_unless_all_else_is_as_ours,
                               make_blank),
        cmocka_unit_test_setup(a_full_card_says_so, make_blank),
        cmocka_unit_test_setup(an_ev1_is_not_made_for_the_authentication_of_an_ev2, make_blank),
        cmocka_unit_test_setup(cards_that_cannot_be_written_are_told, make_blank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
