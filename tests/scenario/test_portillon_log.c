/* SPDX-License-Identifier: Apache-2.0 */
/* The limits on events that repeat and on refusals (portillon_log.h), each at its edge; what a start
 * remembers of the last records; and what a gate without a chip refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/portillon_clock.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"
#include "tests/fakes/gate_bench.h"

#define NOVEMBER_2026 UINT32_C(1794826800)

static struct gate_bench bench;
static struct portillon *portillon;

static int bring_up(void **state)
{
    (void)state;
    static struct fake_entropy entropy;
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    gate_bench_make(&bench, ZONE_BUILDING);
    gate_bench_start_with_reader(&bench);
    portillon = &bench.portillon;
    gate_bench_run_ms(&bench, 2000);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static uint32_t head(void)
{
    return journal_head_seq(&portillon->journal);
}

/* Writes a record that is always written, and ends a row of events. */
static void write_record(void)
{
    uint32_t before = head();
    portillon_log_event(portillon, JOURNAL_EVENT_SETTINGS, 0);
    assert_int_equal(head(), before + 1);
    while (journal_poll(&portillon->journal) == ERR_BUSY)
        continue;
}

static bool is_written(uint8_t event)
{
    uint32_t before = head();
    portillon_log_event(portillon, event, 0);
    return head() != before;
}

/* Lets a minute pass, as the gate's loop counts them. */
static void pass_minute(void)
{
    portillon->noise.minute_us = bench.timer.now_us - UINT64_C(60000000);
    portillon_poll_noise(portillon);
}

static void acknowledge_all(void)
{
    assert_int_equal(gate_bench_acknowledge(&bench, head() - 1), ERR_OK);
}

/* Counts the records written since `from` that tell how often an event was left out. */
static uint32_t times_told(uint32_t from, uint8_t event)
{
    uint32_t count = 0;
    for (uint32_t seq = from; seq < head(); seq++) {
        struct journal_record record;
        assert_int_equal(journal_read(&portillon->journal, seq, &record), ERR_OK);
        count += record.kind == JOURNAL_EVENT && record.code == JOURNAL_EVENT_REPEATED &&
                 record.detail.bytes[0] == event;
    }
    return count;
}

static void each_event_has_its_burst_its_pace_and_its_count(void **state)
{
    (void)state;
    static const struct {
        uint8_t event;
        uint32_t burst, every_min, told_every_min;
    } promised[] = {
        {JOURNAL_EVENT_START, 32, 2, 60},         {JOURNAL_EVENT_READER_DOWN, 32, 2, 60},
        {JOURNAL_EVENT_READER_UP, 32, 2, 60},     {JOURNAL_EVENT_READER_RESTARTED, 32, 2, 60},
        {JOURNAL_EVENT_WATCHDOG, 32, 2, 60},      {JOURNAL_EVENT_FAULT, 32, 2, 60},
        {JOURNAL_EVENT_PANIC, 32, 2, 60},         {JOURNAL_EVENT_LIST_REFUSED, 16, 60, 60},
        {JOURNAL_EVENT_CLOCK_SET, 16, 60, 60},    {JOURNAL_EVENT_BLOCK_REPAIRED, 32, 10, 60},
        {JOURNAL_EVENT_CARD_RESIDENT, 32, 2, 60}, {JOURNAL_EVENT_CARD_REMOVED, 32, 2, 60},
        {JOURNAL_EVENT_FIRE_START, 16, 60, 1},    {JOURNAL_EVENT_FIRE_END, 16, 60, 1},
        {JOURNAL_EVENT_TAMPER_START, 16, 60, 1},  {JOURNAL_EVENT_TAMPER_END, 16, 60, 1},
    };
    for (size_t i = 0; i < sizeof promised / sizeof promised[0]; i++) {
        uint8_t event = promised[i].event;
        uint32_t written = 0;
        portillon_start_noise(portillon);
        portillon->noise.minute = 0;
        for (int n = 0; n < 40; n++) {
            written += is_written(event);
            write_record();
        }
        assert_int_equal(written, promised[i].burst);
        acknowledge_all();
        uint32_t first = head();
        for (uint32_t minute = 1; minute <= 60; minute++) {
            pass_minute();
            assert_int_equal(times_told(first, event), minute / promised[i].told_every_min);
            assert_int_equal(is_written(event), minute % promised[i].every_min == 0);
            (void)is_written(event); /* left out, so that there is something to tell */
            write_record();
        }
        acknowledge_all();
    }
}

static void every_reason_may_be_refused_a_hundred_times_and_then_once_a_minute(void **state)
{
    (void)state;
    portillon_start_noise(portillon);
    for (int reason = REASON_UNKNOWN_CARD; reason <= REASON_GATE_BUSY; reason++) {
        for (int n = 0; n < 100; n++)
            assert_true(portillon_admits_refusal(portillon, (enum reason)reason));
        assert_false(portillon_admits_refusal(portillon, (enum reason)reason));
    }
    pass_minute();
    for (int reason = REASON_UNKNOWN_CARD; reason <= REASON_GATE_BUSY; reason++) {
        assert_true(portillon_admits_refusal(portillon, (enum reason)reason));
        assert_false(portillon_admits_refusal(portillon, (enum reason)reason));
    }
}

static void a_button_may_be_pressed_a_hundred_times_and_then_once_a_minute(void **state)
{
    (void)state;
    portillon_start_noise(portillon);
    for (int n = 0; n < 100; n++)
        assert_true(portillon_admits_button(portillon));
    assert_false(portillon_admits_button(portillon));
    pass_minute();
    assert_true(portillon_admits_button(portillon));
    assert_false(portillon_admits_button(portillon));
}

static void fill_to(uint32_t percent)
{
    while (journal_fullness_percent(&portillon->journal) < percent)
        write_record();
    assert_int_equal(journal_fullness_percent(&portillon->journal), percent);
}

static void what_is_written_depends_on_how_full_the_journal_is(void **state)
{
    (void)state;
    portillon_start_noise(portillon);
    for (int n = 0; n < 101; n++)
        (void)portillon_admits_refusal(portillon, REASON_BLOCKED);
    fill_to(49);
    uint32_t before = head();
    pass_minute();
    assert_int_equal(head(), before + 1); /* the count of refusals */
    (void)portillon_admits_refusal(portillon, REASON_BLOCKED);
    (void)portillon_admits_refusal(portillon, REASON_BLOCKED);
    fill_to(50);
    before = head();
    pass_minute();
    assert_int_equal(head(), before);
    fill_to(74);
    assert_true(portillon_admits_refusal(portillon, REASON_UNKNOWN_CARD));
    fill_to(75);
    assert_false(portillon_admits_refusal(portillon, REASON_UNKNOWN_CARD));
    fill_to(99);
    assert_true(is_written(JOURNAL_EVENT_TAMPER_START));
    fill_to(100);
    assert_false(is_written(JOURNAL_EVENT_TAMPER_START));
}

static void a_row_of_32_events_ends_after_an_hour_or_with_another_record(void **state)
{
    (void)state;
    gate_bench_set_clock(&bench, NOVEMBER_2026);
    write_record();
    for (int n = 0; n < 16; n++) {
        assert_true(is_written(JOURNAL_EVENT_FIRE_START));
        assert_true(is_written(JOURNAL_EVENT_TAMPER_START));
    }
    struct journal_record oldest = gate_bench_record(&bench, 31);
    assert_int_equal(oldest.code, JOURNAL_EVENT_FIRE_START);
    assert_false(is_written(JOURNAL_EVENT_FIRE_END));
    bench.timer.is_stopped = true;
    while (clock_utc_s(&portillon->clock) < oldest.utc_s + 3599) {
        fake_timer_advance_ms(&bench.timer, 500);
        portillon_poll_clock(portillon);
    }
    assert_false(is_written(JOURNAL_EVENT_FIRE_END));
    while (clock_utc_s(&portillon->clock) < oldest.utc_s + 3600) {
        fake_timer_advance_ms(&bench.timer, 500);
        portillon_poll_clock(portillon);
    }
    assert_true(is_written(JOURNAL_EVENT_FIRE_END));
}

static void a_row_of_31_events_is_not_full(void **state)
{
    (void)state;
    write_record();
    for (int n = 0; n < 31; n++)
        assert_true(is_written(n % 2 ? JOURNAL_EVENT_FIRE_START : JOURNAL_EVENT_FAULT));
    assert_true(is_written(JOURNAL_EVENT_FAULT));
    assert_false(is_written(JOURNAL_EVENT_FAULT));
    write_record();
    assert_true(is_written(JOURNAL_EVENT_FAULT));
}

static void the_last_64_records_tell_after_a_start_whether_the_sensor_is_silent(void **state)
{
    (void)state;
    portillon->settings.rotation_fitted = true;
    portillon_log_event(portillon, JOURNAL_EVENT_ROTATION_SILENT, 5);
    for (int n = 0; n < 63; n++)
        write_record();
    portillon_recall_rotation(portillon);
    assert_true(portillon_rotation_is_silent(portillon));
    for (int n = 0; n < 448; n++) /* a gate of the canteen is told of many meals at the others */
        portillon_log_event(portillon, JOURNAL_EVENT_MEAL_ELSEWHERE, 0);
    portillon_recall_rotation(portillon);
    assert_true(portillon_rotation_is_silent(portillon));
    write_record();
    portillon_recall_rotation(portillon);
    assert_false(portillon_rotation_is_silent(portillon));
}

static void the_last_64_records_tell_after_a_start_what_time_it_was(void **state)
{
    (void)state;
    gate_bench_set_clock(&bench, NOVEMBER_2026 + 3600);
    portillon->clock.quality = CLOCK_UNSET; /* records from now on have no time */
    assert_int_equal(store_set_u32(&portillon->store, STORE_CLOCK_CONFIRMED, NOVEMBER_2026), ERR_OK);
    for (int n = 0; n < 63; n++)
        write_record();
    portillon_start_clock(portillon);
    assert_in_range(clock_utc_s(&portillon->clock), NOVEMBER_2026 + 3600, NOVEMBER_2026 + 3601);
    portillon->clock.quality = CLOCK_UNSET;
    write_record();
    portillon_start_clock(portillon);
    assert_in_range(clock_utc_s(&portillon->clock), NOVEMBER_2026, NOVEMBER_2026 + 1);
}

/* Nothing can be counted there, and nothing may be written. */
static void without_a_chip_nothing_is_written_and_nothing_left_out(void **state)
{
    (void)state;
    struct journal_record record = portillon_stamp(portillon);
    uint32_t seq = 0, before = head();
    portillon->storage_ok = false;
    assert_int_equal(portillon_append(portillon, &record, &seq), ERR_IO);
    assert_int_equal(head(), before);
    for (int n = 0; n < 200; n++) {
        assert_true(portillon_admits_refusal(portillon, REASON_UNKNOWN_CARD));
        assert_true(portillon_admits_button(portillon));
        portillon_log_event(portillon, JOURNAL_EVENT_FIRE_START, 0);
    }
    assert_int_equal(portillon->noise.refusals[REASON_UNKNOWN_CARD].left_out_count, 0);
    assert_int_equal(head(), before);
    portillon->storage_ok = true;
}

/* What a technician asks for and the gate cannot do is an error. */
static void what_needs_a_chip_or_a_list_is_refused_without_it(void **state)
{
    (void)state;
    assert_int_equal(portillon_turn_profiles(portillon, 0, ROLE_TECHNICIAN), ERR_NO_LIST);
    portillon->storage_ok = false;
    struct settings settings = settings_default();
    assert_int_equal(portillon_set_settings(portillon, &settings, ROLE_TECHNICIAN), ERR_IO);
    assert_int_equal(portillon_turn_profiles(portillon, 0, ROLE_TECHNICIAN), ERR_IO);
    assert_int_equal(portillon_test_flash(portillon), ERR_IO);
    assert_int_equal(portillon_acknowledge(portillon, 1, (const uint8_t *)"8 bytes."), ERR_IO);
    portillon->storage_ok = true;
}

int main(void)
{
#define LOG_TEST(f) cmocka_unit_test_setup_teardown(f, bring_up, take_down)
    const struct CMUnitTest tests[] = {
        LOG_TEST(each_event_has_its_burst_its_pace_and_its_count),
        LOG_TEST(every_reason_may_be_refused_a_hundred_times_and_then_once_a_minute),
        LOG_TEST(a_button_may_be_pressed_a_hundred_times_and_then_once_a_minute),
        LOG_TEST(what_is_written_depends_on_how_full_the_journal_is),
        LOG_TEST(a_row_of_32_events_ends_after_an_hour_or_with_another_record),
        LOG_TEST(a_row_of_31_events_is_not_full),
        LOG_TEST(the_last_64_records_tell_after_a_start_whether_the_sensor_is_silent),
        LOG_TEST(the_last_64_records_tell_after_a_start_what_time_it_was),
        LOG_TEST(without_a_chip_nothing_is_written_and_nothing_left_out),
        LOG_TEST(what_needs_a_chip_or_a_list_is_refused_without_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
