/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate under noise: an emulator taped to the reader, contacts that chatter, a clock that is set
 * again and again. No passage is lost for it, and what is not written one by one is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/portillon_clock.h"
#include "firmware/portillon_control.h"
#include "tests/fakes/gate_bench.h"

#define NOVEMBER_2026 UINT32_C(1794826800) /* Monday, 12:00 in Paris */
#define NIGHT_TAPS    300000               /* seven a second for twelve hours */

#define PUPIL    "04a1b2c3d4e580"
#define FRIEND   "04a1b2c3d4e680"
#define BLOCKED  "04a1b2c3d4e780"
#define STRANGER "04deadbeef0080"

static struct gate_bench bench;
static struct sample_list list;

static int make_list(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {
        {.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = FRIEND, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = BLOCKED, .profile = SAMPLE_DEMI_PENSION, .flags = WHITELIST_RULE_BLOCKED},
    };
    static struct fake_entropy entropy;
    struct whitelist_tables tables = {.service_count = 1, .services = {{.name = "dejeuner"}}};
    for (int day = 0; day < 7; day++)
        tables.services[0].spans[day] = (struct whitelist_span){660, 840};
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    list = sample_list_make_ruled(7, cards, sizeof cards / sizeof cards[0], &tables);
    return 0;
}

static int free_list(void **state)
{
    (void)state;
    sample_list_free(&list);
    return 0;
}

static void make_gate(enum zone zone)
{
    gate_bench_make(&bench, zone);
    bench.timer.has_rtc = true;
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    gate_bench_set_clock(&bench, NOVEMBER_2026);
    struct settings settings = bench.portillon.settings;
    settings.open_ms = 500;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
}

static int bring_up(void **state)
{
    (void)state;
    make_gate(ZONE_BUILDING);
    return 0;
}

static int bring_up_canteen(void **state)
{
    (void)state;
    make_gate(ZONE_CANTEEN);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static struct journal *journal(void)
{
    return &bench.portillon.journal;
}

static void pass(const char *uid_hex)
{
    assert_int_equal(gate_bench_tap(&bench, uid_hex), REASON_NONE);
    gate_bench_turn_arm(&bench);
}

/* Runs the loop once, and then lets time pass without it. */
static void turn(unsigned ms)
{
    (void)portillon_poll(&bench.portillon);
    fake_timer_advance_ms(&bench.timer, ms);
}

static void refuse(int taps, const char *uid_hex, enum reason reason)
{
    for (int i = 0; i < taps; i++) {
        int told = bench.taps_told;
        fake_reader_card(&bench.reader, uid_hex);
        fake_reader_empty(&bench.reader);
        turn(70);
        turn(73);
        assert_int_equal(bench.taps_told, told + 1);
        assert_int_equal(bench.last_tap.verdict.reason, reason);
    }
}

static void refuse_all_night(const char *uid_hex, enum reason reason)
{
    refuse(NIGHT_TAPS, uid_hex, reason);
    for (int i = 0; i < 200; i++)
        turn(1000);
}

/* Adds up the counts of what was left out: JOURNAL_EVENT_REPEATED or JOURNAL_EVENT_REFUSALS. */
static uint32_t sum_of_counts(uint8_t event, uint8_t what)
{
    struct journal_record record;
    uint32_t sum = 0;
    for (uint32_t seq = journal_tail_seq(journal()); seq < journal_head_seq(journal()); seq++)
        if (journal_read(journal(), seq, &record) == ERR_OK && record.kind == JOURNAL_EVENT &&
            record.code == event && record.detail.bytes[0] == what)
            sum += record.ref;
    return sum;
}

static uint32_t refusals_accounted_for(enum reason reason)
{
    return (uint32_t)gate_bench_count(&bench, JOURNAL_REFUSED, (uint8_t)reason) +
           sum_of_counts(JOURNAL_EVENT_REFUSALS, (uint8_t)reason) +
           bench.portillon.noise.refusals[reason].left_out_count;
}

/* ---- refusals ---- */

static void a_night_of_refusals_is_counted_and_takes_little_room(void **state)
{
    (void)state;
    uint32_t head = journal_head_seq(journal());
    refuse_all_night(STRANGER, REASON_UNKNOWN_CARD);
    assert_int_equal(refusals_accounted_for(REASON_UNKNOWN_CARD), NIGHT_TAPS);
    assert_int_equal(bench.portillon.noise.refusals[REASON_UNKNOWN_CARD].left_out_count, 0);
    assert_in_range(journal_head_seq(journal()) - head, 1000, 1700);
    refuse_all_night(BLOCKED, REASON_BLOCKED);
    assert_int_equal(refusals_accounted_for(REASON_BLOCKED), NIGHT_TAPS);
}

static void few_refusals_are_written_one_by_one(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(gate_bench_tap(&bench, STRANGER), REASON_UNKNOWN_CARD);
        assert_int_equal(gate_bench_record(&bench, 0).kind, JOURNAL_REFUSED);
    }
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_REFUSALS), 0);
}

static void pass_and_stay(bool refuse_when_full)
{
    struct settings settings = bench.portillon.settings;
    settings.refuse_when_full = refuse_when_full;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
    /* The chip holds 5842 records that are not fetched. */
    int passages = 0;
    while (journal_fullness_percent(journal()) < 60) {
        pass(PUPIL);
        passages++;
    }
    refuse_all_night(STRANGER, REASON_UNKNOWN_CARD);
    refuse_all_night(BLOCKED, REASON_BLOCKED);
    assert_int_equal(journal_tail_seq(journal()), 1);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_GAP, 0), 0);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_GRANTED, 0), passages);
    assert_in_range(journal_fullness_percent(journal()), 60, 75);
    assert_int_equal(refusals_accounted_for(REASON_UNKNOWN_CARD), NIGHT_TAPS);
    pass(FRIEND);
    /* Once the office has fetched, the counts are written. */
    assert_int_equal(gate_bench_acknowledge(&bench, journal_head_seq(journal()) - 1), ERR_OK);
    for (int i = 0; i < 70; i++)
        turn(1000);
    assert_int_equal(bench.portillon.noise.refusals[REASON_UNKNOWN_CARD].left_out_count, 0);
    assert_int_equal(refusals_accounted_for(REASON_UNKNOWN_CARD), NIGHT_TAPS);
}

static void a_night_of_refusals_erases_no_passage(void **state)
{
    (void)state;
    pass_and_stay(false);
}

static void a_night_of_refusals_does_not_shut_a_gate_that_may_not_drop(void **state)
{
    (void)state;
    pass_and_stay(true);
}

static void refusals_go_before_passages(void **state)
{
    (void)state;
    while (journal_fullness_percent(journal()) < 80)
        pass(PUPIL);
    uint32_t head = journal_head_seq(journal());
    assert_int_equal(gate_bench_tap(&bench, STRANGER), REASON_UNKNOWN_CARD);
    assert_int_equal(bench.last_tap.seq, 0);
    assert_int_equal(journal_head_seq(journal()), head); /* no refusal */
    bench.wires.inputs = GATE_FIRE;
    turn(1);
    turn(1);
    bench.wires.inputs = 0;
    assert_int_equal(gate_bench_record(&bench, 0).code, JOURNAL_EVENT_FIRE_START); /* events are */
    gate_bench_run_ms(&bench, 100);
    while (journal_fullness_percent(journal()) < 100)
        pass(PUPIL);
    head = journal_head_seq(journal());
    bench.wires.inputs = GATE_FIRE;
    turn(1);
    turn(1);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(journal_head_seq(journal()), head); /* and no more */
    pass(PUPIL);                                         /* passages always */
}

/* ---- inputs ---- */

static void chatter(uint32_t input, int times, unsigned on_ms, unsigned off_ms)
{
    for (int i = 0; i < times; i++) {
        bench.wires.inputs = input;
        turn(on_ms);
        turn(1);
        bench.wires.inputs = 0;
        turn(off_ms);
        turn(1);
    }
    for (int i = 0; i < 200; i++)
        turn(1000);
}

static uint32_t events_accounted_for(uint8_t event)
{
    return (uint32_t)gate_bench_count(&bench, JOURNAL_EVENT, event) +
           sum_of_counts(JOURNAL_EVENT_REPEATED, event);
}

static void contacts_that_chatter_are_counted(void **state)
{
    (void)state;
    pass(PUPIL);
    uint32_t head = journal_head_seq(journal());
    chatter(GATE_FIRE, 100000, 20, 60); /* more than two hours */
    assert_int_equal(events_accounted_for(JOURNAL_EVENT_FIRE_START), 100000);
    assert_int_equal(events_accounted_for(JOURNAL_EVENT_FIRE_END), 100000);
    assert_in_range(journal_head_seq(journal()) - head, 100, 400);
    head = journal_head_seq(journal());
    chatter(GATE_TAMPER, 5000, 1100, 1100); /* three hours */
    assert_int_equal(events_accounted_for(JOURNAL_EVENT_TAMPER_START), 5000);
    assert_int_equal(events_accounted_for(JOURNAL_EVENT_TAMPER_END), 5000);
    assert_in_range(journal_head_seq(journal()) - head, 100, 600);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_GRANTED, 0), 1);
}

static void a_button_that_chatters_is_counted_and_opens(void **state)
{
    (void)state;
    int rises = bench.wires.relay_rises;
    uint32_t head = journal_head_seq(journal());
    chatter(GATE_BUTTON, 40000, 20, 60); /* an hour */
    uint32_t opened = (uint32_t)(bench.wires.relay_rises - rises);
    assert_in_range(opened, 1000, 40000);
    assert_in_range(events_accounted_for(JOURNAL_EVENT_MANUAL_OPENING), opened, opened + GATE_QUEUE_MAX);
    assert_in_range(journal_head_seq(journal()) - head, 150, 600);
}

static void without_a_journal_the_button_opens_for_nobody_also_when_it_chatters(void **state)
{
    (void)state;
    chatter(GATE_BUTTON, 5000, 20, 60);
    nor_model_cut(&bench.nor, 1, NOR_TEAR_NOTHING);
    bench.portillon.journal_fails = true; /* as after any record that failed */
    int rises = bench.wires.relay_rises;
    chatter(GATE_BUTTON, 1000, 20, 60);
    assert_int_equal(bench.wires.relay_rises, rises);
}

/* ---- the maintenance line ---- */

static void a_clock_confirmed_all_day_is_counted(void **state)
{
    (void)state;
    uint32_t head = journal_head_seq(journal());
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(
            portillon_set_clock(&bench.portillon, clock_utc_s(&bench.portillon.clock), ROLE_MAINTENANCE),
            ERR_OK);
        turn(1000);
    }
    assert_in_range(journal_head_seq(journal()) - head, 30, 100);
}

/* ---- meals ---- */

static void a_meal_stays_counted_behind_a_flood_and_a_power_cut(void **state)
{
    (void)state;
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    gate_bench_turn_arm(&bench);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_ALREADY_PASSED);
    refuse(30000, STRANGER, REASON_UNKNOWN_CARD); /* seventy minutes */
    gate_bench_start_with_reader(&bench);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_ALREADY_PASSED);
    assert_int_equal(gate_bench_tap(&bench, FRIEND), REASON_NONE);
}

int main(void)
{
#define NOISE_TEST(f)   cmocka_unit_test_setup_teardown(f, bring_up, take_down)
#define CANTEEN_TEST(f) cmocka_unit_test_setup_teardown(f, bring_up_canteen, take_down)
    const struct CMUnitTest tests[] = {
        NOISE_TEST(a_night_of_refusals_is_counted_and_takes_little_room),
        NOISE_TEST(few_refusals_are_written_one_by_one),
        NOISE_TEST(a_night_of_refusals_erases_no_passage),
        NOISE_TEST(a_night_of_refusals_does_not_shut_a_gate_that_may_not_drop),
        NOISE_TEST(refusals_go_before_passages),
        NOISE_TEST(contacts_that_chatter_are_counted),
        NOISE_TEST(a_button_that_chatters_is_counted_and_opens),
        NOISE_TEST(without_a_journal_the_button_opens_for_nobody_also_when_it_chatters),
        NOISE_TEST(a_clock_confirmed_all_day_is_counted),
        CANTEEN_TEST(a_meal_stays_counted_behind_a_flood_and_a_power_cut),
    };
    return cmocka_run_group_tests(tests, make_list, free_list);
}
