/* SPDX-License-Identifier: Apache-2.0 */
/* What a card tells without a key, by a reader that plays exchanges as they are written here. Answers have
 * the forms of the public MF3ICDx1 documents; hostile ones must end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/hex.h"
#include "tools/portillon/desk/desfire_talk.h"
#include "tools/portillon/desk/desk_methods.h"

#define VERSION_1 "AF 04010112001805"
#define VERSION_2 "AF 04010102011805"
#define VERSION_3 "00 04A1B2C3D4E580 BA7C000001 3625"

/* An exchange: what must be sent, and the answer; NULL: none in time. */
struct exchange {
    const char *command, *answer;
};

static const struct exchange *script;
static unsigned played;

static int play(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    uint8_t expected[64];
    const struct exchange *now = &script[played++];
    (void)ctx;
    assert_non_null(now->command);
    assert_int_equal(tx_len, hex_bytes(now->command, expected, sizeof expected));
    assert_memory_equal(tx, expected, tx_len);
    return now->answer == NULL ? ERR_TIMEOUT : (int)hex_bytes(now->answer, rx, rx_size);
}

static const struct reader reader = {.exchange = play};
static struct desk_survey survey;
static struct site_rules rules;

static int survey_with(const struct exchange *exchanges)
{
    const struct reader_target card = {.uid = {0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0x80},
                                       .uid_len = 7,
                                       .atqa = {0x03, 0x44},
                                       .sak = 0x20,
                                       .ats = {0x75, 0x77, 0x81, 0x02, 0x80},
                                       .ats_len = 5};
    script = exchanges;
    played = 0;
    return desk_survey_read(&reader, &card, &rules, &survey);
}

static int clear(void **state)
{
    (void)state;
    memset(&rules, 0, sizeof rules);
    return 0;
}

static void an_answer_in_parts_is_joined_and_applications_are_listed(void **state)
{
    (void)state;
    static const struct exchange exchanges[] = {
        {"60", VERSION_1},
        {"AF", VERSION_2},
        {"AF", VERSION_3},
        {"5A000000", "00"},
        {"6A", "AF 3042F5535501"},
        {"AF", "00 010203"},
        {0},
    };
    assert_int_equal(survey_with(exchanges), ERR_OK);
    assert_int_equal(played, 6);
    assert_string_equal(survey.version.product, "MIFARE DESFire EV2");
    assert_int_equal(survey.listing, DESK_SURVEY_LISTED);
    assert_int_equal(survey.application_count, 3);
    assert_memory_equal(survey.applications[2], "\x01\x02\x03", 3);
    assert_int_equal(survey.site_application, -1);
}

static void a_list_that_needs_a_key_is_locked_and_the_sites_applications_are_asked_for(void **state)
{
    (void)state;
    static const struct exchange exchanges[] = {
        {"60", VERSION_1}, {"AF", VERSION_2},  {"AF", VERSION_3},  {"5A000000", "00"},
        {"6A", "AE"},      {"5A010203", "A0"}, {"5A3042F5", "00"}, {0},
    };
    rules.tables.application_count = 2;
    memcpy(rules.tables.applications[0].aid, "\x01\x02\x03", 3);
    memcpy(rules.tables.applications[1].aid, "\x30\x42\xF5", 3);
    assert_int_equal(survey_with(exchanges), ERR_OK);
    assert_int_equal(survey.listing, DESK_SURVEY_LOCKED);
    assert_int_equal(survey.site_application, 1);
}

static void a_command_without_an_answer_is_tried_again(void **state)
{
    (void)state;
    static const struct exchange exchanges[] = {
        {"60", NULL},       {"60", VERSION_1}, {"AF", NULL},
        {"60", VERSION_1},  {"AF", VERSION_2}, {"AF", VERSION_3},
        {"5A000000", "00"}, {"6A", "00"},      {0},
    };
    assert_int_equal(survey_with(exchanges), ERR_OK);
    assert_true(survey.has_version);
    assert_int_equal(survey.listing, DESK_SURVEY_LISTED);
    assert_int_equal(survey.application_count, 0);
}

static void a_desfire_that_leaves_is_an_error_and_another_card_is_none(void **state)
{
    (void)state;
    static const struct exchange leaves[] = {
        {"60", VERSION_1},
        {"AF", VERSION_2},
        {"AF", VERSION_3},
        {"5A000000", NULL},
        {"5A000000", NULL},
        {"5A000000", NULL},
        {0},
    };
    static const struct exchange silent[] = {{"60", NULL}, {"60", NULL}, {"60", NULL}, {0}};
    static const struct exchange other[] = {{"60", "6D00"}, {0}};
    assert_int_equal(survey_with(leaves), ERR_TIMEOUT);
    assert_int_equal(survey_with(silent), ERR_OK);
    assert_false(survey.has_version);
    assert_int_equal(survey_with(other), ERR_OK);
    assert_false(survey.has_version);
}

/* ---- hostile cards ---- */

static const char *endless;

static int answer_endlessly(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    (void)ctx;
    (void)tx;
    (void)tx_len;
    played++;
    return (int)hex_bytes(endless, rx, rx_size);
}

static int talk_endlessly(const char *answer)
{
    static const struct reader hostile = {.exchange = answer_endlessly};
    static const uint8_t command[] = {0x6A};
    struct desfire_reply reply;
    endless = answer;
    played = 0;
    return desfire_talk(&hostile, command, sizeof command, &reply);
}

static void parts_without_end_end(void **state)
{
    (void)state;
    assert_int_equal(talk_endlessly("AF"), ERR_FORMAT);
    assert_int_equal(played, 2);
    assert_int_equal(talk_endlessly("AF 00"), ERR_NO_SPACE);
    assert_int_equal(played, DESFIRE_TALK_MAX + 1);
    assert_int_equal(talk_endlessly(""), ERR_FORMAT);
}

static void a_list_of_half_an_application_is_not_listed(void **state)
{
    (void)state;
    static const struct exchange exchanges[] = {
        {"60", VERSION_1},  {"AF", VERSION_2},     {"AF", VERSION_3},
        {"5A000000", "00"}, {"6A", "00 3042F553"}, {0},
    };
    assert_int_equal(survey_with(exchanges), ERR_OK);
    assert_int_equal(survey.listing, DESK_SURVEY_NOT_LISTED);
    assert_int_equal(survey.application_count, 0);
}

/* ---- methods ---- */

static void lines_for_site_conf_have_the_chip_and_a_name(void **state)
{
    (void)state;
    char lines[DESK_METHODS_LINES][DESK_METHODS_LINE];
    static const struct exchange other[] = {{"60", "6D00"}, {0}};
    survey_with(other);
    desk_methods_lines(&survey, lines);
    assert_string_equal(lines[0], "[card-type mifare-desfire]");
    assert_string_equal(lines[1], "atqa = 0344");
    assert_string_equal(lines[2], "sak = 20");
    assert_string_equal(lines[3], "ats = 7577810280");
    survey.card.ats_len = 0;
    survey.card.sak = 0x08;
    desk_methods_lines(&survey, lines);
    assert_string_equal(lines[0], "[card-type mifare-classic-1k]");
    assert_string_equal(lines[3], "ats = none");
}

static void a_card_that_did_not_answer_to_the_end_has_no_method(void **state)
{
    (void)state;
    struct desk_method methods[DESK_METHODS];
    static const struct exchange other[] = {{"60", "6D00"}, {0}};
    survey_with(other);
    desk_methods_judge(&survey, NULL, methods);
    assert_true(methods[DESK_METHOD_UID].is_usable && methods[DESK_METHOD_CHIP].is_usable);
    survey.card.is_unfinished = true;
    desk_methods_judge(&survey, NULL, methods);
    for (int i = 0; i < DESK_METHODS; i++)
        assert_false(methods[i].is_usable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_answer_in_parts_is_joined_and_applications_are_listed, clear),
        cmocka_unit_test_setup(a_list_that_needs_a_key_is_locked_and_the_sites_applications_are_asked_for,
                               clear),
        cmocka_unit_test_setup(a_command_without_an_answer_is_tried_again, clear),
        cmocka_unit_test_setup(a_desfire_that_leaves_is_an_error_and_another_card_is_none, clear),
        cmocka_unit_test(parts_without_end_end),
        cmocka_unit_test_setup(a_list_of_half_an_application_is_not_listed, clear),
        cmocka_unit_test_setup(lines_for_site_conf_have_the_chip_and_a_name, clear),
        cmocka_unit_test_setup(a_card_that_did_not_answer_to_the_end_has_no_method, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
