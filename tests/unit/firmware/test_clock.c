/* SPDX-License-Identifier: Apache-2.0 */
/* Time: day numbers compared with the calendar of the C library, and which times the clock accepts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "firmware/base/clock.h"
#include "tests/fakes/fake_timer.h"

#define NOVEMBER_2026 UINT32_C(1794787200) /* date -u -d 2026-11-16 +%s */

static struct fake_timer timer;

static int start_timer(void **state)
{
    (void)state;
    fake_timer_init(&timer, UINT64_C(7200) * 1000000);
    return 0;
}

static void every_day_from_2000_to_2105_has_its_number(void **state)
{
    (void)state;
    uint16_t number = 0;
    for (int year = 2000; year <= 2105; year++) {
        for (int day = 1; day <= 366; day++) {
            struct tm noon = {.tm_year = year - 1900, .tm_mday = day, .tm_hour = 12};
            time_t seconds = timegm(&noon);
            if (noon.tm_year != year - 1900)
                break; /* not a leap year */
            assert_int_equal(clock_day((uint32_t)seconds), number);
            assert_int_equal(clock_day((uint32_t)(seconds - 12 * 3600)), number);
            assert_int_equal(clock_day((uint32_t)(seconds + 12 * 3600 - 1)), number);
            number++;
        }
    }
    assert_int_equal(number, 38716); /* 106 years, 26 of them leap years (2100 is none) */
}

static void before_2000_the_day_is_0(void **state)
{
    (void)state;
    assert_int_equal(clock_day(0), 0);
    assert_int_equal(clock_day(946684799), 0);
    assert_int_equal(clock_day(946684800), 0);
    assert_int_equal(clock_day(946684800 + 86400), 1);
}

static void a_clock_that_was_never_set_counts_from_start_up(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, &timer.timer);
    assert_int_equal(clock.quality, CLOCK_UNSET);
    assert_int_equal(clock_utc_s(&clock), 0);
    fake_timer_advance_ms(&timer, 12345);
    assert_int_equal(clock_utc_s(&clock), 12);
}

static void a_clock_that_was_set_goes_on(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, &timer.timer);
    assert_int_equal(clock_set(&clock, NOVEMBER_2026), ERR_OK);
    assert_int_equal(clock.quality, CLOCK_SET);
    assert_int_equal(clock_utc_s(&clock), NOVEMBER_2026);
    fake_timer_advance_ms(&timer, 86400 * 1000 - 1);
    assert_int_equal(clock_utc_s(&clock), NOVEMBER_2026 + 86399);
    fake_timer_advance_ms(&timer, 1);
    assert_int_equal(clock_utc_s(&clock), NOVEMBER_2026 + 86400);
    /* The clock can also be set back. */
    assert_int_equal(clock_set(&clock, NOVEMBER_2026), ERR_OK);
    assert_int_equal(clock_utc_s(&clock), NOVEMBER_2026);
}

static void a_time_before_2024_is_not_believed(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, &timer.timer);
    assert_int_equal(clock_set(&clock, 0), ERR_ARGUMENT);
    assert_int_equal(clock_set(&clock, 1704067199), ERR_ARGUMENT); /* 2023-12-31T23:59:59Z */
    assert_int_equal(clock.quality, CLOCK_UNSET);
    assert_int_equal(clock_set(&clock, 1704067200), ERR_OK);
    assert_int_equal(clock_set(&clock, UINT32_MAX), ERR_OK);
    assert_int_equal(clock_utc_s(&clock), UINT32_MAX);
}

static void a_battery_keeps_the_time_over_a_restart(void **state)
{
    (void)state;
    struct clock clock;
    timer.has_rtc = true;
    clock_init(&clock, &timer.timer);
    assert_int_equal(clock.quality, CLOCK_UNSET);
    assert_int_equal(clock_set(&clock, NOVEMBER_2026), ERR_OK);
    fake_timer_advance_ms(&timer, 3600 * 1000);
    clock_init(&clock, &timer.timer);
    assert_int_equal(clock.quality, CLOCK_SET);
    assert_int_equal(clock_utc_s(&clock), NOVEMBER_2026 + 3600);
}

static void a_battery_clock_that_lost_its_time_is_not_believed(void **state)
{
    (void)state;
    struct clock clock;
    timer.has_rtc = timer.rtc_set = true;
    timer.rtc_utc_s = 946684800; /* 2000-01-01: where such clock chips start */
    timer.rtc_set_us = timer.now_us;
    clock_init(&clock, &timer.timer);
    assert_int_equal(clock.quality, CLOCK_UNSET);
    assert_int_equal(clock_utc_s(&clock), 0);
}

static void a_clock_resumed_is_stale_and_goes_on(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, &timer.timer);
    clock_resume(&clock, 1704067199); /* not believable */
    assert_int_equal(clock.quality, CLOCK_UNSET);
    clock_resume(&clock, NOVEMBER_2026);
    assert_int_equal(clock.quality, CLOCK_STALE);
    fake_timer_advance_ms(&timer, 5000);
    assert_int_equal(clock_utc_s(&clock), NOVEMBER_2026 + 5);
    assert_int_equal(clock_set(&clock, NOVEMBER_2026 + 60), ERR_OK);
    clock_resume(&clock, NOVEMBER_2026); /* a clock that is set is not touched */
    assert_int_equal(clock.quality, CLOCK_SET);
    assert_int_equal(clock_utc_s(&clock), NOVEMBER_2026 + 60);
}

static void a_battery_clock_that_fell_behind_is_stale(void **state)
{
    (void)state;
    struct clock clock;
    timer.has_rtc = timer.rtc_set = true;
    timer.rtc_set_us = timer.now_us;
    timer.rtc_utc_s = NOVEMBER_2026;
    clock_init(&clock, &timer.timer);
    clock_resume(&clock, NOVEMBER_2026 + 60); /* whole seconds, and a small difference */
    assert_int_equal(clock.quality, CLOCK_SET);
    assert_int_equal(clock_utc_s(&clock), NOVEMBER_2026);
    clock_resume(&clock, NOVEMBER_2026 + 61);
    assert_int_equal(clock.quality, CLOCK_STALE);
    assert_int_equal(clock_utc_s(&clock), NOVEMBER_2026 + 61);
    timer.rtc_utc_s = UINT32_MAX - 10; /* no wrap */
    clock_init(&clock, &timer.timer);
    clock_resume(&clock, NOVEMBER_2026);
    assert_int_equal(clock.quality, CLOCK_SET);
}

static void a_clock_ages_from_when_it_was_set(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, &timer.timer);
    clock_age(&clock, 1);
    assert_int_equal(clock.quality, CLOCK_UNSET);
    assert_int_equal(clock_set(&clock, NOVEMBER_2026), ERR_OK);
    clock_recall_confirmed(&clock, 0);
    clock_recall_confirmed(&clock, NOVEMBER_2026 + 999); /* later than now: the clock was put back */
    fake_timer_advance_ms(&timer, UINT64_C(2) * 86400 * 1000);
    clock_age(&clock, 0);
    clock_age(&clock, 2);
    assert_int_equal(clock.quality, CLOCK_SET);
    fake_timer_advance_ms(&timer, 1000);
    clock_age(&clock, 2);
    assert_int_equal(clock.quality, CLOCK_STALE);
    assert_int_equal(clock_set(&clock, NOVEMBER_2026), ERR_OK);
    clock_recall_confirmed(&clock, NOVEMBER_2026 - 86401);
    clock_age(&clock, 2);
    assert_int_equal(clock.quality, CLOCK_SET);
    clock_age(&clock, 1);
    assert_int_equal(clock.quality, CLOCK_STALE);
}

static void qualities_have_names(void **state)
{
    (void)state;
    assert_string_equal(clock_quality_name(CLOCK_UNSET), "unset");
    assert_string_equal(clock_quality_name(CLOCK_SET), "set");
    assert_string_equal(clock_quality_name(CLOCK_STALE), "stale");
    assert_string_equal(clock_quality_name((enum clock_quality)3), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_from_2000_to_2105_has_its_number),
        cmocka_unit_test(before_2000_the_day_is_0),
        cmocka_unit_test_setup(a_clock_that_was_never_set_counts_from_start_up, start_timer),
        cmocka_unit_test_setup(a_clock_that_was_set_goes_on, start_timer),
        cmocka_unit_test_setup(a_time_before_2024_is_not_believed, start_timer),
        cmocka_unit_test_setup(a_battery_keeps_the_time_over_a_restart, start_timer),
        cmocka_unit_test_setup(a_clock_resumed_is_stale_and_goes_on, start_timer),
        cmocka_unit_test_setup(a_battery_clock_that_fell_behind_is_stale, start_timer),
        cmocka_unit_test_setup(a_clock_ages_from_when_it_was_set, start_timer),
        cmocka_unit_test(qualities_have_names),
        cmocka_unit_test_setup(a_battery_clock_that_lost_its_time_is_not_believed, start_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
