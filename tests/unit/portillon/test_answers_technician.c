/* SPDX-License-Identifier: Apache-2.0 */
/* Settings and self-tests as bytes, written by hand from RFC 8949, valid and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/gate/answers_technician.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static struct answer_settings settings;
static struct answer_selftest selftest;

static void settings_are_taken_as_the_gate_names_them(void **state)
{
    (void)state;
    assert_int_equal(
        answer_settings_decode(&settings, BYTES("\xA3\x69"
                                                "buzzer_on\xF5\x65quiet\xF4\x67open_ms\x19\x13\x88")),
        ERR_OK);
    assert_int_equal(settings.count, 3);
    assert_string_equal(settings.items[1].name, "quiet");
    assert_true(settings.items[1].is_flag);
    assert_int_equal(settings.items[1].value, 0);
    assert_int_equal(answer_settings_find(&settings, "buzzer_on")->value, 1);
    assert_false(answer_settings_find(&settings, "open_ms")->is_flag);
    assert_int_equal(answer_settings_find(&settings, "open_ms")->value, 5000);
    assert_null(answer_settings_find(&settings, "open"));
}

static void settings_of_kinds_unknown_are_passed_over(void **state)
{
    (void)state;
    assert_int_equal(answer_settings_decode(&settings, BYTES("\xA5\x61"
                                                             "a\x62TZ\x61"
                                                             "b\x82\x01\x02\x61"
                                                             "c\xF6\x61"
                                                             "d\x1B\0\0\0\1\0\0\0\0\x61"
                                                             "e\x07")),
                     ERR_OK);
    assert_int_equal(settings.count, 1);
    assert_string_equal(settings.items[0].name, "e");
    assert_int_equal(settings.items[0].value, 7);
    /* {"a": 1("b"), "c": 11(true), "e": 7}: tags */
    assert_int_equal(answer_settings_decode(&settings, BYTES("\xA3\x61"
                                                             "a\xC1\x61"
                                                             "b\x61"
                                                             "c\xCB\xF5\x61"
                                                             "e\x07")),
                     ERR_OK);
    assert_int_equal(settings.count, 1);
    assert_string_equal(settings.items[0].name, "e");
}

static void settings_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    assert_int_equal(answer_settings_decode(&settings, BYTES("")), ERR_FORMAT);
    assert_int_equal(answer_settings_decode(&settings, BYTES("\x80")), ERR_FORMAT);
    assert_int_equal(answer_settings_decode(&settings, BYTES("\xA1\x01\x02")), ERR_FORMAT);
    assert_int_equal(answer_settings_decode(&settings, BYTES("\xA1\x61"
                                                             "a")),
                     ERR_FORMAT);
    assert_int_equal(answer_settings_decode(&settings, BYTES("\xA2\x61"
                                                             "a\x01\x61"
                                                             "a\x02")),
                     ERR_FORMAT);
    assert_int_equal(answer_settings_decode(&settings, BYTES("\xA1\x62\x1B[\x01")), ERR_FORMAT); /* escape */
    assert_int_equal(answer_settings_decode(&settings, BYTES("\xA1\x78\x20"
                                                             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x01")),
                     ERR_FORMAT); /* 32 letters */
    uint8_t many[3 + 3 * 33] = {0xB8, 33};
    for (int i = 0; i < 33; i++)
        memcpy(many + 2 + 3 * i, (uint8_t[]){0x61, (uint8_t)('A' + i), 0x01}, 3);
    assert_int_equal(answer_settings_decode(&settings, many, 2 + 3 * 33), ERR_FORMAT);
    many[1] = 32;
    assert_int_equal(answer_settings_decode(&settings, many, 2 + 3 * 32), ERR_OK);
}

static void changes_are_written_as_the_gate_reads_them(void **state)
{
    (void)state;
    uint8_t out[64];
    static const char expected[] = "\xA2\x67open_ms\x19\x07\xD0\x69"
                                   "buzzer_on\xF4";
    settings = (struct answer_settings){
        .items = {{.name = "open_ms", .value = 2000}, {.name = "buzzer_on", .is_flag = true}}, .count = 2};
    assert_int_equal(answer_settings_encode(&settings, out, sizeof out), sizeof expected - 1);
    assert_memory_equal(out, expected, sizeof expected - 1);
    assert_int_equal(answer_settings_encode(&settings, out, sizeof expected - 2), ERR_NO_SPACE);
    assert_int_equal(answer_selftest_encode("relay", out, sizeof out), 8);
    assert_memory_equal(out, "\xA1\x65relay\xF5", 8);
    assert_int_equal(answer_selftest_encode("relay", out, 7), ERR_NO_SPACE);
}

#define INPUT(name, active, rises)                                                                           \
    name "\xA2\x66"                                                                                          \
         "active" active "\x65rises" rises
#define SELFTEST(rtc, active) "\xA7" SELFTEST_MEMBERS(rtc, active)
#define SELFTEST_MEMBERS(rtc, active)                                                                        \
    "\x68timer_ms\x19\x03\xE8\x63rtc" rtc "\x66reader\x65PN532\x69reader_up\xF5\x65"                         \
    "flash\xA6\x64step\x66"                                                                                  \
    "failed\x66"                                                                                             \
    "failed\x67"                                                                                             \
    "erasing\x65"                                                                                            \
    "error\x62io\x68"                                                                                        \
    "erase_us\x01\x68"                                                                                       \
    "write_us\x02\x67read_us\x03\x66output\xF6\x66inputs\xA4" INPUT("\x68rotation", active, "\x07")          \
        INPUT("\x64"                                                                                         \
              "fire",                                                                                        \
              "\xF4", "\x00") INPUT("\x66tamper", "\xF4", "\x00") INPUT("\x66"                               \
                                                                        "button",                            \
                                                                        "\xF5", "\x01")

static void a_selftest_is_read(void **state)
{
    (void)state;
    assert_int_equal(answer_selftest_decode(&selftest, BYTES(SELFTEST("\x1A\x69\x55\xB9\x00", "\xF5"))),
                     ERR_OK);
    assert_int_equal(selftest.timer_ms, 1000);
    assert_true(selftest.has_rtc);
    assert_int_equal(selftest.rtc, 0x6955B900);
    assert_string_equal(selftest.reader, "PN532");
    assert_true(selftest.reader_up);
    assert_string_equal(selftest.flash.step, "failed");
    assert_string_equal(selftest.flash.failed, "erasing");
    assert_string_equal(selftest.flash.error, "io");
    assert_int_equal(selftest.flash.write_us, 2);
    assert_true(selftest.inputs[ANSWER_ROTATION].active);
    assert_int_equal(selftest.inputs[ANSWER_ROTATION].rises, 7);
    assert_false(selftest.inputs[ANSWER_FIRE].active);
    assert_true(selftest.inputs[ANSWER_BUTTON].active);
    assert_int_equal(selftest.inputs[ANSWER_BUTTON].rises, 1);
    assert_int_equal(answer_selftest_decode(&selftest, BYTES(SELFTEST("\xF6", "\xF5"))), ERR_OK);
    assert_false(selftest.has_rtc);
}

#define CHIP(outlives)                                                                                       \
    "\xA8\x64"                                                                                               \
    "chip\xA5\x72readout_protection\x63off\x6C"                                                              \
    "brown_out_mv\x19\x08\x8E\x73"                                                                           \
    "brown_out_needed_mv\x19\x0A\x8C\x6Artc_source\xF6\x72rtc_outlives_power" outlives SELFTEST_MEMBERS(     \
        "\xF6", "\xF5")

static void a_selftest_tells_of_the_chip(void **state)
{
    (void)state;
    assert_int_equal(answer_selftest_decode(&selftest, BYTES(SELFTEST("\xF6", "\xF5"))), ERR_OK);
    assert_false(selftest.has_chip);
    assert_int_equal(answer_selftest_decode(&selftest, BYTES(CHIP("\xF5"))), ERR_OK);
    assert_true(selftest.has_chip);
    assert_string_equal(selftest.chip.readout_protection, "off");
    assert_int_equal(selftest.chip.brown_out_mv, 2190);
    assert_int_equal(selftest.chip.brown_out_needed_mv, 2700);
    assert_string_equal(selftest.chip.rtc_source, "");
    assert_true(selftest.chip.rtc_outlives_power);
    assert_int_equal(answer_selftest_decode(&selftest, BYTES(CHIP("\x01"))), ERR_FORMAT);
    assert_int_equal(answer_selftest_decode(&selftest, BYTES("\xA8\x64"
                                                             "chip\x01" SELFTEST_MEMBERS("\xF6", "\xF5"))),
                     ERR_FORMAT);
}

static void a_selftest_cut_short_or_mistyped_is_refused(void **state)
{
    (void)state;
    static const char whole[] = SELFTEST("\xF6", "\xF4");
    for (size_t len = 0; len < sizeof whole - 1; len++)
        assert_int_equal(answer_selftest_decode(&selftest, (const uint8_t *)whole, len), ERR_FORMAT);
    assert_int_equal(answer_selftest_decode(&selftest, BYTES(SELFTEST("\x61x", "\xF4"))), ERR_FORMAT);
    assert_int_equal(answer_selftest_decode(&selftest, BYTES(SELFTEST("\xF6", "\x01"))), ERR_FORMAT);
}

static void profiles_are_read_and_written(void **state)
{
    (void)state;
    struct answer_profiles profiles;
    uint8_t out[32];
    static const char two[] = "\xA2\x67"
                              "externe\xF5\x67"
                              "\xC3\xA9l\xC3\xA8ve\xF4";
    assert_int_equal(answer_profiles_decode(&profiles, BYTES(two)), ERR_OK);
    assert_int_equal(profiles.count, 2);
    assert_string_equal(profiles.items[0].name, "externe");
    assert_true(profiles.items[0].on);
    assert_string_equal(profiles.items[1].name, "\xC3\xA9l\xC3\xA8ve"); /* as a school writes it */
    assert_false(profiles.items[1].on);
    assert_int_equal(answer_profiles_encode(&profiles, out, sizeof out), sizeof two - 1);
    assert_memory_equal(out, two, sizeof two - 1);
    assert_int_equal(answer_profiles_encode(&profiles, out, sizeof two - 2), ERR_NO_SPACE);
    for (size_t len = 0; len < sizeof two - 1; len++)
        assert_int_equal(answer_profiles_decode(&profiles, (const uint8_t *)two, len), ERR_FORMAT);
    assert_int_equal(answer_profiles_decode(&profiles, BYTES("\xA0")), ERR_OK);
    assert_int_equal(profiles.count, 0);
}

static void profiles_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct answer_profiles profiles;
    assert_int_equal(answer_profiles_decode(&profiles, BYTES("\x80")), ERR_FORMAT);
    assert_int_equal(answer_profiles_decode(&profiles, BYTES("\xA1\x01\xF5")), ERR_FORMAT);
    assert_int_equal(answer_profiles_decode(&profiles, BYTES("\xA1\x61x\x01")), ERR_FORMAT);
    assert_int_equal(answer_profiles_decode(&profiles, BYTES("\xA2\x61x\xF5\x61x\xF4")), ERR_FORMAT);
    assert_int_equal(answer_profiles_decode(&profiles, BYTES("\xA1\x6Dthirteen-long\xF5")), ERR_FORMAT);
    uint8_t many[2 + 3 * 33] = {0xB8, 33};
    for (int i = 0; i < 33; i++)
        memcpy(many + 2 + 3 * i, (uint8_t[]){0x61, (uint8_t)('A' + i), 0xF5}, 3);
    assert_int_equal(answer_profiles_decode(&profiles, many, sizeof many), ERR_FORMAT);
    many[1] = 32;
    assert_int_equal(answer_profiles_decode(&profiles, many, sizeof many - 3), ERR_OK);
}

static void an_opening_is_read(void **state)
{
    (void)state;
    struct answer_opening opening;
    static const char whole[] = "\xA3\x65state\x64open\x63seq\x19\x03\xE8\x65"
                                "ahead\x02";
    assert_int_equal(answer_opening_decode(&opening, BYTES(whole)), ERR_OK);
    assert_string_equal(opening.state, "open");
    assert_int_equal(opening.seq, 1000);
    assert_int_equal(opening.ahead, 2);
    for (size_t len = 0; len < sizeof whole - 1; len++)
        assert_int_equal(answer_opening_decode(&opening, (const uint8_t *)whole, len), ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_taken_as_the_gate_names_them),
        cmocka_unit_test(settings_of_kinds_unknown_are_passed_over),
        cmocka_unit_test(settings_that_make_no_sense_are_refused),
        cmocka_unit_test(changes_are_written_as_the_gate_reads_them),
        cmocka_unit_test(profiles_are_read_and_written),
        cmocka_unit_test(profiles_that_make_no_sense_are_refused),
        cmocka_unit_test(an_opening_is_read),
        cmocka_unit_test(a_selftest_is_read),
        cmocka_unit_test(a_selftest_tells_of_the_chip),
        cmocka_unit_test(a_selftest_cut_short_or_mistyped_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
