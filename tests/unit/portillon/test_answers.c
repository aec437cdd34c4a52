/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of the gate as bytes, written by hand from RFC 8949, valid and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/gate/answers.h"

#define BYTES(text)  (const uint8_t *)(text), sizeof(text) - 1
#define RECORD_ZEROS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static void time_and_clock_are_read(void **state)
{
    struct answer_time time;
    (void)state;
    assert_int_equal(answer_time_decode(&time, BYTES("\xA2\x64time\x1A\x6B\x02\xB3\xC2\x65"
                                                     "clock\x63set")),
                     ERR_OK);
    assert_int_equal(time.time, 0x6B02B3C2);
    assert_string_equal(time.clock, "set");
    assert_false(time.has_confirmed); /* an older gate */
    assert_int_equal(answer_time_decode(&time, BYTES("\xA3\x64time\x07\x65"
                                                     "clock\x63set\x69"
                                                     "confirmed\x06")),
                     ERR_OK);
    assert_true(time.has_confirmed);
    assert_int_equal(time.confirmed, 6);
    assert_int_equal(answer_time_decode(&time, BYTES("\xA3\x64time\x07\x65"
                                                     "clock\x63set\x69"
                                                     "confirmed\xF6")),
                     ERR_FORMAT);
}

static void members_may_come_in_any_order_and_with_others(void **state)
{
    struct answer_time time;
    (void)state;
    assert_int_equal(answer_time_decode(&time, BYTES("\xA3\x63new\x82\x01\xA1\x61x\xF6\x65"
                                                     "clock\x65unset\x64time\x07")),
                     ERR_OK);
    assert_int_equal(time.time, 7);
    assert_string_equal(time.clock, "unset");
}

static void a_missing_mistyped_or_oversized_member_is_refused(void **state)
{
    struct answer_time time;
    (void)state;
    assert_int_equal(answer_time_decode(&time, BYTES("\xA1\x64time\x07")), ERR_FORMAT);
    assert_int_equal(answer_time_decode(&time, BYTES("\xA2\x64time\x61x\x65"
                                                     "clock\x63set")),
                     ERR_FORMAT);
    assert_int_equal(answer_time_decode(&time, BYTES("\xA2\x64time\x20\x65"
                                                     "clock\x63set")),
                     ERR_FORMAT); /* -1 */
    assert_int_equal(answer_time_decode(&time, BYTES("\xA2\x64time\x1B\0\0\0\1\0\0\0\0\x65"
                                                     "clock\x63set")),
                     ERR_FORMAT); /* 2^32 */
    assert_int_equal(answer_time_decode(&time, BYTES("\x07")), ERR_FORMAT);
    assert_int_equal(answer_time_decode(&time, BYTES("")), ERR_FORMAT);
}

static void an_answer_cut_short_anywhere_is_refused(void **state)
{
    static const char whole[] = "\xA2\x64time\x1A\x6B\x02\xB3\xC2\x65"
                                "clock\x63set";
    struct answer_time time;
    (void)state;
    for (size_t len = 0; len < sizeof whole - 1; len++)
        assert_int_equal(answer_time_decode(&time, (const uint8_t *)whole, len), ERR_FORMAT);
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
    struct answer_time time;
    (void)state;
    assert_int_equal(answer_time_decode(&time, BYTES("\xA2\x64time\x07\x65"
                                                     "clock\x64\x1B[2J")),
                     ERR_OK);
    assert_string_equal(time.clock, "?[2J");
}

static void a_worn_chip_says_where(void **state)
{
    struct answer_whitelist answer;
    (void)state;
    assert_int_equal(
        answer_whitelist_decode(&answer, BYTES("\xA2\x67running\xF6\x66upload\xA7\x65state\x67refused"
                                               "\x65"
                                               "error\x64worn\x64worn\x1A\x00\x12\x10\x00\x66"
                                               "digest\x40\x67version\0\x66"
                                               "blocks\0\x64have\0")),
        ERR_OK);
    assert_string_equal(answer.upload.error, "worn");
    assert_true(answer.upload.is_worn);
    assert_int_equal(answer.upload.worn, 0x121000);
}

static void a_gate_without_a_list_says_null(void **state)
{
    struct answer_whitelist answer;
    (void)state;
    assert_int_equal(
        answer_whitelist_decode(&answer, BYTES("\xA2\x67running\xF6\x66upload\xA6\x65state\x64idle"
                                               "\x65"
                                               "error\xF6\x66"
                                               "digest\x40\x67version\0\x66"
                                               "blocks\0\x64have\0")),
        ERR_OK);
    assert_false(answer.has_running);
    assert_false(answer.upload.has_digest);
    assert_string_equal(answer.upload.state, "idle");
    assert_string_equal(answer.upload.error, "");
}

static void a_running_list_and_an_upload_are_read(void **state)
{
    struct answer_whitelist answer;
    (void)state;
    assert_int_equal(
        answer_whitelist_decode(&answer, BYTES("\xA2\x67running\xA4\x67version\x07\x65"
                                               "cards\x18\x14\x66"
                                               "blocks\x01\x67"
                                               "created\x1A\x6B\0\0\0\x66upload\xA6\x65state\x67refused\x65"
                                               "error\x6D"
                                               "bad_signature\x66"
                                               "digest\x50"
                                               "0123456789abcdef\x67version\x08\x66"
                                               "blocks\x02\x64have\x01")),
        ERR_OK);
    assert_true(answer.has_running);
    assert_int_equal(answer.running.version, 7);
    assert_int_equal(answer.running.cards, 20);
    assert_int_equal(answer.running.created, 0x6B000000);
    assert_false(answer.running.has_digest);
    assert_true(answer.upload.has_digest);
    assert_memory_equal(answer.upload.digest, "0123456789abcdef", ANSWER_DIGEST_LEN);
    assert_string_equal(answer.upload.error, "bad_signature");
    assert_int_equal(answer.upload.have, 1);
}

static void wanted_runs_are_read(void **state)
{
    struct answer_run runs[ANSWER_RUNS_MAX];
    uint32_t count;
    (void)state;
    assert_int_equal(answer_wanted_decode(runs, &count, BYTES("\x82\x82\x00\x02\x82\x19\x01\x00\x05")),
                     ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(runs[1].first, 256);
    assert_int_equal(runs[1].count, 5);
    assert_int_equal(answer_wanted_decode(runs, &count, BYTES("\x80")), ERR_OK);
    assert_int_equal(count, 0);
}

static void wanted_runs_that_overlap_are_empty_or_lie_beyond_a_list_are_refused(void **state)
{
    struct answer_run runs[ANSWER_RUNS_MAX];
    uint32_t count;
    (void)state;
    assert_int_equal(answer_wanted_decode(runs, &count, BYTES("\x82\x82\x00\x02\x82\x01\x01")), ERR_FORMAT);
    assert_int_equal(answer_wanted_decode(runs, &count, BYTES("\x81\x82\x00\x00")), ERR_FORMAT);
    uint8_t beyond[] = {0x81, 0x82, 0x19, (WHITELIST_BLOCKS_MAX - 1) >> 8, (WHITELIST_BLOCKS_MAX - 1) & 0xFF,
                        2};
    assert_int_equal(answer_wanted_decode(runs, &count, beyond, sizeof beyond), ERR_FORMAT);
    beyond[5] = 1;
    assert_int_equal(answer_wanted_decode(runs, &count, beyond, sizeof beyond), ERR_OK);
    assert_int_equal(answer_wanted_decode(runs, &count, BYTES("\x81\x83\x00\x01\x01")), ERR_FORMAT);
    assert_int_equal(answer_wanted_decode(runs, &count, BYTES("\x81\x81\x00")), ERR_FORMAT);
}

/* after, next, tail, head, acked as one byte each; then records and unreadable. */
#define PAGE_OF(map, after, next, tail, head, records, unreadable)                                           \
    BYTES(map "\x65"                                                                                         \
              "after" after "\x64next" next "\x64tail" tail "\x64head" head "\x65"                           \
              "acked\0\x6Aunreadable" unreadable "\x67records" records)
#define PAGE(...) PAGE_OF("\xA7", __VA_ARGS__)

static void a_page_of_records_and_unreadable_places_is_read(void **state)
{
    struct answer_passages page;
    (void)state;
    assert_int_equal(
        answer_passages_decode(&page, PAGE("\x04", "\x08", "\x01", "\x0A",
                                           "\x58\x40" RECORD_ZEROS RECORD_ZEROS, "\x81\x82\x06\x02")),
        ERR_OK);
    assert_int_equal(page.first, 5);
    assert_int_equal(page.record_count, 2);
    assert_int_equal(page.unreadable[0].first, 6);
    assert_int_equal(page.unreadable[0].count, 2);
}

/* Numbers 5 to 8, of which 6 and 7 are unreadable. */
#define WITH_DAMAGED(damaged)                                                                                \
    PAGE_OF("\xA8", "\x04", "\x08", "\x01", "\x0A", "\x58\x40" RECORD_ZEROS RECORD_ZEROS,                    \
            "\x81\x82\x06\x02\x67"                                                                           \
            "damaged" damaged)
#define SIX   "\6\0\0\0" RECORD_ZEROS
#define SEVEN "\7\0\0\0" RECORD_ZEROS

static void damaged_records_of_a_page_are_found_by_their_number(void **state)
{
    static const uint8_t zeros[JOURNAL_RECORD_LEN];
    struct answer_passages page;
    (void)state;
    assert_int_equal(answer_passages_decode(&page, WITH_DAMAGED("\x58\x48" SIX SEVEN)), ERR_OK);
    assert_int_equal(page.damaged_count, 2);
    assert_memory_equal(answer_damaged_find(&page, 7), zeros, sizeof zeros);
    assert_null(answer_damaged_find(&page, 5));
    assert_int_equal(answer_passages_decode(&page, WITH_DAMAGED("\x58\x25" SIX "\0")), ERR_FORMAT);
    assert_int_equal(answer_passages_decode(&page, WITH_DAMAGED("\x01")), ERR_FORMAT);
}

static void a_page_after_a_number_that_is_gone_starts_at_the_tail(void **state)
{
    struct answer_passages page;
    (void)state;
    assert_int_equal(
        answer_passages_decode(&page, PAGE("\x02", "\x06", "\x06", "\x0A", "\x58\x20" RECORD_ZEROS, "\x80")),
        ERR_OK);
    assert_int_equal(page.first, 6);
}

static void a_page_of_a_journal_that_ends_before_is_empty(void **state)
{
    struct answer_passages page;
    (void)state;
    assert_int_equal(answer_passages_decode(&page, PAGE("\x17", "\x02", "\x01", "\x03", "\x40", "\x80")),
                     ERR_OK);
    assert_int_equal(page.record_count, 0);
    assert_int_equal(
        answer_passages_decode(&page, PAGE("\x17", "\x02", "\x01", "\x03", "\x58\x20" RECORD_ZEROS, "\x80")),
        ERR_FORMAT);
}

static void a_page_whose_numbers_disagree_is_refused(void **state)
{
    struct answer_passages page;
    (void)state;
    /* more places than records */
    assert_int_equal(
        answer_passages_decode(&page, PAGE("\x04", "\x08", "\x01", "\x0A", "\x58\x20" RECORD_ZEROS, "\x80")),
        ERR_FORMAT);
    /* a record and a byte */
    assert_int_equal(
        answer_passages_decode(&page, PAGE("\x04", "\x05", "\x01", "\x0A", "\x58\x21x" RECORD_ZEROS, "\x80")),
        ERR_FORMAT);
    /* beyond the head */
    assert_int_equal(
        answer_passages_decode(&page, PAGE("\x04", "\x05", "\x01", "\x05", "\x58\x20" RECORD_ZEROS, "\x80")),
        ERR_FORMAT);
    /* unreadable places outside the page */
    assert_int_equal(
        answer_passages_decode(&page, PAGE("\x04", "\x05", "\x01", "\x0A", "\x40", "\x81\x82\x06\x01")),
        ERR_FORMAT);
    /* records in chunks */
    assert_int_equal(answer_passages_decode(&page, PAGE("\x04", "\x05", "\x01", "\x0A",
                                                        "\x5F\x58\x20" RECORD_ZEROS "\xFF", "\x80")),
                     ERR_FORMAT);
}

static void a_number_is_sent_as_a_map_of_one(void **state)
{
    uint8_t out[32];
    (void)state;
    assert_int_equal(answer_encode_number("seq", 1000, out, sizeof out), 8);
    assert_memory_equal(out, "\xA1\x63seq\x19\x03\xE8", 8); /* 1000: RFC 8949, appendix A */
    assert_int_equal(answer_encode_number("seq", 1000, out, 7), ERR_NO_SPACE);
}

/* A status as an older firmware gave it; the map's head and what else there is come before. */
#define OLD_STATUS                                                                                           \
    "\x67version\x65"                                                                                        \
    "0.1.0\x66"                                                                                              \
    "device\x62g1\x64name\x61N\x64zone\x68"                                                                  \
    "building\x65state\x64idle\x65"                                                                          \
    "clock\x63set\x66reader\x60\x68uptime_s\x01\x65"                                                         \
    "boots\x02\x64time\x03\x64taps\x04\x67granted\x03\x69reader_up\xF5\x6Astorage_ok\xF5\x64list\xF6\x67"    \
    "journal\xA5\x64tail\x01\x64head\x09\x65"                                                                \
    "acked\x05\x67pending\x03\x6Aunreadable\x00\x64pool\xA3\x63now\x01\x64most\x02\x64size\x03"

static void the_libraries_of_a_gate_are_two_versions(void **state)
{
    static struct answer_status status;
    (void)state;
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2\x64libs\x6F"
                                                         "3.6.6-1 0.6.1-2" OLD_STATUS)),
                     ERR_OK);
    assert_string_equal(status.mbedtls, "3.6.6-1");
    assert_string_equal(status.tinycbor, "0.6.1-2");
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2\x64libs\x63own" OLD_STATUS)), ERR_OK);
    assert_string_equal(status.mbedtls, "own");
    assert_string_equal(status.tinycbor, "");
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2\x64libs\x01" OLD_STATUS)), ERR_FORMAT);
}

static void an_older_gates_status_is_read_and_the_rest_is_empty(void **state)
{
    struct answer_status status;
    (void)state;
    assert_int_equal(answer_status_decode(&status, BYTES("\xB1" OLD_STATUS)), ERR_OK);
    assert_int_equal(status.journal.head, 9);
    assert_int_equal(status.pool.size, 3);
    assert_false(status.has_link);
    assert_string_equal(status.reset.cause, "");
    assert_string_equal(status.flash.problem, "");
    assert_int_equal(status.stack.size, 0);
    assert_int_equal(status.tap_us.worst, 0);
    assert_int_equal(status.resident_s, 0);
    assert_string_equal(status.readout_protection, "");
}

#define READOUT "\x72readout_protection"

static void whether_the_chip_can_be_read_out_is_read(void **state)
{
    struct answer_status status;
    (void)state;
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2" READOUT "\x63off" OLD_STATUS)), ERR_OK);
    assert_string_equal(status.readout_protection, "off");
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2" READOUT "\xF6" OLD_STATUS)), ERR_OK);
    assert_string_equal(status.readout_protection, "");
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2" READOUT "\x01" OLD_STATUS)), ERR_FORMAT);
}

static void a_card_left_on_the_reader_is_read(void **state)
{
    struct answer_status status;
    (void)state;
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2\x6Aresident_s\x18\x64" OLD_STATUS)), ERR_OK);
    assert_int_equal(status.resident_s, 100);
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2\x6Aresident_s\xF5" OLD_STATUS)), ERR_FORMAT);
}

static void why_the_gate_started_and_its_board_are_read(void **state)
{
    struct answer_status status;
    (void)state;
    assert_int_equal(
        answer_status_decode(
            &status, BYTES("\xB5\x65"
                           "reset\xA3\x65"
                           "cause\x65"
                           "fault\x62pc\x1A\x08\x00\x12\x34\x65"
                           "fault\x19\x82\x00\x65stack\xA2\x64used\x19\x10\x00\x64size\x19\x20\x00\x65"
                           "flash\xA4\x64name\x66W25Q64\x64size\x1A\x00\x80\x00\x00\x66sector\x19\x10\x00\x67"
                           "problem\xF6\x66tap_us\xA2\x64last\x18\x64\x65worst\x18\xC8" OLD_STATUS)),
        ERR_OK);
    assert_string_equal(status.reset.cause, "fault");
    assert_int_equal(status.reset.pc, 0x08001234);
    assert_int_equal(status.reset.fault, 0x8200);
    assert_int_equal(status.stack.used, 4096);
    assert_int_equal(status.stack.size, 8192);
    assert_string_equal(status.flash.name, "W25Q64");
    assert_string_equal(status.flash.problem, "");
    assert_int_equal(status.flash.size, 8388608);
    assert_int_equal(status.flash.sector, 4096);
    assert_int_equal(status.tap_us.last, 100);
    assert_int_equal(status.tap_us.worst, 200);
    assert_int_equal(answer_status_decode(&status, BYTES("\xB3\x65reset\xF6\x65stack\xF6" OLD_STATUS)),
                     ERR_OK);
    assert_string_equal(status.reset.cause, "");
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2\x65reset\x01" OLD_STATUS)), ERR_FORMAT);
}

#define OFF "\x6Cprofiles_off"

static void groups_turned_off_are_read(void **state)
{
    struct answer_status status;
    (void)state;
    assert_int_equal(answer_status_decode(&status, BYTES("\xB1" OLD_STATUS)), ERR_OK);
    assert_false(status.profiles_off.told);
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2" OFF "\x80" OLD_STATUS)), ERR_OK);
    assert_true(status.profiles_off.told);
    assert_int_equal(status.profiles_off.count, 0);
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2" OFF "\x82\x67"
                                                         "externe\x6C"
                                                         "demi-pension" OLD_STATUS)),
                     ERR_OK);
    assert_int_equal(status.profiles_off.count, 2);
    assert_string_equal(status.profiles_off.names[0], "externe");
    assert_string_equal(status.profiles_off.names[1], "demi-pension");
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2" OFF "\x81\x01" OLD_STATUS)), ERR_FORMAT);
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2" OFF "\xF6" OLD_STATUS)), ERR_FORMAT);
    assert_int_equal(answer_status_decode(&status, BYTES("\xB2" OFF "\x81\x6D"
                                                         "thirteen-long" OLD_STATUS)),
                     ERR_FORMAT);
    uint8_t many[1 + sizeof OFF - 1 + 2 + 33 + sizeof OLD_STATUS - 1] = "\xB2" OFF "\x98\x21";
    memset(many + sizeof OFF + 2, 0x60, 33); /* empty names, more than a list can have */
    memcpy(many + sizeof OFF + 2 + 33, OLD_STATUS, sizeof OLD_STATUS - 1);
    assert_int_equal(answer_status_decode(&status, many, sizeof many), ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_left_on_the_reader_is_read),
        cmocka_unit_test(the_libraries_of_a_gate_are_two_versions),
        cmocka_unit_test(an_older_gates_status_is_read_and_the_rest_is_empty),
        cmocka_unit_test(why_the_gate_started_and_its_board_are_read),
        cmocka_unit_test(whether_the_chip_can_be_read_out_is_read),
        cmocka_unit_test(groups_turned_off_are_read),
        cmocka_unit_test(time_and_clock_are_read),
        cmocka_unit_test(members_may_come_in_any_order_and_with_others),
        cmocka_unit_test(a_missing_mistyped_or_oversized_member_is_refused),
        cmocka_unit_test(an_answer_cut_short_anywhere_is_refused),
        cmocka_unit_test(control_characters_do_not_reach_the_terminal),
        cmocka_unit_test(a_worn_chip_says_where),
        cmocka_unit_test(a_gate_without_a_list_says_null),
        cmocka_unit_test(a_running_list_and_an_upload_are_read),
        cmocka_unit_test(wanted_runs_are_read),
        cmocka_unit_test(wanted_runs_that_overlap_are_empty_or_lie_beyond_a_list_are_refused),
        cmocka_unit_test(a_page_of_records_and_unreadable_places_is_read),
        cmocka_unit_test(damaged_records_of_a_page_are_found_by_their_number),
        cmocka_unit_test(a_page_after_a_number_that_is_gone_starts_at_the_tail),
        cmocka_unit_test(a_page_of_a_journal_that_ends_before_is_empty),
        cmocka_unit_test(a_page_whose_numbers_disagree_is_refused),
        cmocka_unit_test(a_number_is_sent_as_a_map_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
