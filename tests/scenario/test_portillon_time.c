/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate under the rules of a school: hours, the change of local time, and a clock that is not
 * reliable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/portillon_control.h"
#include "tests/fakes/gate_bench.h"
#include "tests/fakes/rules_bench.h"

#define OCTOBER_0215  UINT32_C(1792887300) /* 2026-10-25 02:15, summer time */
#define MARCH_0159    UINT32_C(1806195540) /* 2027-03-28 01:59 */
#define LEAP_DAY_1200 UINT32_C(1835434800) /* 2028-02-29 12:00 */

static int bring_up_canteen_without_battery(void **state)
{
    (void)state;
    bring_up(ZONE_CANTEEN, false);
    return 0;
}

/* ---- local time ---- */

static void go_through_the_hour_that_comes_twice(bool power_cuts)
{
    gate_bench_set_clock(&bench, OCTOBER_0215 - 60);
    assert_tap(PUPIL, REASON_NO_SERVICE_NOW);
    gate_bench_wait_until(&bench, OCTOBER_0215);
    eat(PUPIL);
    gate_bench_wait_until(&bench, OCTOBER_0215 + 2700); /* 02:00 again: before its hours in local time */
    assert_tap(FRIEND, REASON_NO_SERVICE_NOW);
    if (power_cuts)
        cut_power();
    gate_bench_wait_until(&bench, OCTOBER_0215 + 3600); /* 02:15 again */
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    if (power_cuts)
        cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
    gate_bench_wait_until(&bench, OCTOBER_0215 + 7200);
    assert_tap(HUNGRY, REASON_NO_SERVICE_NOW);
}

static void a_meal_through_the_hour_that_comes_twice_is_one(void **state)
{
    (void)state;
    go_through_the_hour_that_comes_twice(false);
}

static void and_so_it_is_with_power_cuts(void **state)
{
    (void)state;
    go_through_the_hour_that_comes_twice(true);
}

static void a_meal_at_the_hour_that_never_comes_begins_after_it(void **state)
{
    (void)state;
    gate_bench_set_clock(&bench, MARCH_0159);
    assert_tap(PUPIL, REASON_NO_SERVICE_NOW);
    gate_bench_wait_until(&bench, MARCH_0159 + 60); /* 03:00, which is in 02:15 to 03:15 */
    eat(PUPIL);
    gate_bench_wait_until(&bench, MARCH_0159 + 60 + 14 * 60);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    gate_bench_wait_until(&bench, MARCH_0159 + 60 + 15 * 60);
    assert_tap(FRIEND, REASON_NO_SERVICE_NOW);
}

static void a_meal_past_midnight_is_one(void **state)
{
    (void)state;
    const uint32_t friday = MONDAY_1200 + 4 * DAY_S;
    gate_bench_set_clock(&bench, friday + 11 * 3600 + 1800); /* 23:30 */
    eat(PUPIL);
    gate_bench_wait_until(&bench, friday + 12 * 3600 + 1800); /* 00:30 */
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
    gate_bench_wait_until(&bench, friday + 13 * 3600);
    assert_tap(HUNGRY, REASON_NO_SERVICE_NOW);
}

static void windows_hold_at_the_gate_and_past_midnight(void **state)
{
    (void)state;
    const uint32_t friday = MONDAY_1200 + 4 * DAY_S;
    assert_tap(EXTERNE, REASON_NONE);
    gate_bench_turn_arm(&bench);
    gate_bench_set_clock(&bench, AT(7, 29));
    assert_tap(EXTERNE, REASON_OUTSIDE_HOURS);
    gate_bench_wait_until(&bench, AT(18, 30));
    assert_tap(EXTERNE, REASON_OUTSIDE_HOURS);
    assert_tap(PUPIL, REASON_NONE); /* no window: any hour */
    gate_bench_turn_arm(&bench);
    gate_bench_wait_until(&bench, friday + 12 * 3600 + 59 * 60); /* Saturday 00:59 */
    assert_tap(EXTERNE, REASON_NONE);
    gate_bench_turn_arm(&bench);
    gate_bench_wait_until(&bench, friday + 13 * 3600);
    assert_tap(EXTERNE, REASON_OUTSIDE_HOURS);
}

static void the_29th_of_february_is_a_day_like_others(void **state)
{
    (void)state;
    gate_bench_set_clock(&bench, LEAP_DAY_1200);
    assert_tap(LEAPER, REASON_NONE);
    gate_bench_turn_arm(&bench);
    gate_bench_wait_until(&bench, LEAP_DAY_1200 + 12 * 3600 - 60); /* 23:59 */
    assert_tap(LEAPER, REASON_NONE);
    gate_bench_turn_arm(&bench);
    gate_bench_wait_until(&bench, LEAP_DAY_1200 + 12 * 3600); /* 1 March */
    assert_tap(LEAPER, REASON_EXPIRED);
    assert_tap(PUPIL, REASON_CLOSED_TODAY);
    gate_bench_wait_until(&bench, LEAP_DAY_1200 + 36 * 3600);
    assert_tap(PUPIL, REASON_NONE);
}

/* ---- an unreliable clock ---- */

static enum clock_quality recorded_quality(void)
{
    return (enum clock_quality)(newest_of(JOURNAL_GRANTED).flags & JOURNAL_FLAG_CLOCK_MASK);
}

static void a_dead_battery_locks_nobody_out(void **state)
{
    (void)state;
    eat(PUPIL);
    assert_int_equal(recorded_quality(), CLOCK_SET);
    cut_power();
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
    assert_in_range(clock_utc_s(&bench.portillon.clock), MONDAY_1200, MONDAY_1200 + 60);
    eat(PUPIL); /* it is unknown which meal this is */
    assert_int_equal(recorded_quality(), CLOCK_STALE);
    struct journal_record record = newest_of(JOURNAL_GRANTED);
    assert_int_equal(journal_record_service(&record), 0);
    eat(PART);
    assert_tap(EXTERNE, REASON_NO_RIGHT_HERE);
    gate_bench_set_clock(&bench, AT(12, 30)); /* the earlier lunch counts again */
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(PART, REASON_NO_MEAL_TODAY);
    eat(FRIEND);
    assert_int_equal(recorded_quality(), CLOCK_SET);
}

/* The clock runs on from what the journal says: setting it moves it by seconds. */
static void a_clock_set_soon_after_a_restart_counts_the_lunch_of_before(void **state)
{
    (void)state;
    eat(PUPIL);
    cut_power();
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
    gate_bench_set_clock(&bench, clock_utc_s(&bench.portillon.clock) + 10);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
}

static void a_battery_that_fails_locks_nobody_out(void **state)
{
    (void)state;
    eat(PUPIL);
    bench.timer.rtc_utc_s = UINT32_C(1735689600); /* 2025-01-01: where this clock chip starts after a reset */
    bench.timer.rtc_set_us = bench.timer.now_us;
    cut_power();
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
    assert_in_range(clock_utc_s(&bench.portillon.clock), MONDAY_1200, MONDAY_1200 + 60);
    eat(PART);
    gate_bench_set_clock(&bench, MONDAY_1200 - 7 * DAY_S); /* the clock was set a week ahead before */
    cut_power();
    assert_int_equal(bench.portillon.clock.quality, CLOCK_SET);
    assert_in_range(clock_utc_s(&bench.portillon.clock), MONDAY_1200 - 7 * DAY_S,
                    MONDAY_1200 - 7 * DAY_S + 60);
}

static void a_clock_that_nobody_sets_for_a_month_is_stale(void **state)
{
    (void)state;
    gate_bench_wait_until(&bench, MONDAY_1200 + 30 * DAY_S - 60);
    assert_int_equal(bench.portillon.clock.quality, CLOCK_SET);
    assert_tap(PART, REASON_NO_MEAL_TODAY); /* a Wednesday */
    gate_bench_wait_until(&bench, MONDAY_1200 + 30 * DAY_S + 60);
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
    eat(PART);
    cut_power(); /* the battery keeps the time, but not that it was confirmed */
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
    gate_bench_set_clock(&bench, MONDAY_1200 + 31 * DAY_S); /* a Thursday */
    assert_int_equal(bench.portillon.clock.quality, CLOCK_SET);
    assert_tap(PART, REASON_NO_MEAL_TODAY);
    cut_power();
    assert_int_equal(bench.portillon.clock.quality, CLOCK_SET);
}

static void days_without_setting_the_clock_are_a_setting(void **state)
{
    (void)state;
    struct settings settings = bench.portillon.settings;
    settings.clock_days = 0;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
    gate_bench_wait_until(&bench, MONDAY_1200 + 300 * DAY_S);
    assert_int_equal(bench.portillon.clock.quality, CLOCK_SET);
    settings.clock_days = 1;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
    gate_bench_run_ms(&bench, 1500);
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CANTEEN_TEST(a_meal_through_the_hour_that_comes_twice_is_one),
        CANTEEN_TEST(and_so_it_is_with_power_cuts),
        CANTEEN_TEST(a_meal_at_the_hour_that_never_comes_begins_after_it),
        CANTEEN_TEST(a_meal_past_midnight_is_one),
        BUILDING_TEST(windows_hold_at_the_gate_and_past_midnight),
        BUILDING_TEST(the_29th_of_february_is_a_day_like_others),
        cmocka_unit_test_setup_teardown(a_dead_battery_locks_nobody_out, bring_up_canteen_without_battery,
                                        take_down),
        cmocka_unit_test_setup_teardown(a_clock_set_soon_after_a_restart_counts_the_lunch_of_before,
                                        bring_up_canteen_without_battery, take_down),
        CANTEEN_TEST(a_battery_that_fails_locks_nobody_out),
        CANTEEN_TEST(a_clock_that_nobody_sets_for_a_month_is_stale),
        CANTEEN_TEST(days_without_setting_the_clock_are_a_setting),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
