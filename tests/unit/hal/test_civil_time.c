/* SPDX-License-Identifier: Apache-2.0 */
/* Expected values: date(1) of GNU coreutils, and gmtime_r of the C library for every day of the range. */
#include "hal/common/civil_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

static const struct {
    uint32_t utc_s;
    struct civil_time civil;
} known[] = {
    {0, {1970, 1, 1, 4, 0, 0, 0}},
    {951782400, {2000, 2, 29, 2, 0, 0, 0}},
    {1709164799, {2024, 2, 28, 3, 23, 59, 59}},
    {1735689599, {2024, 12, 31, 2, 23, 59, 59}},
    {1735689600, {2025, 1, 1, 3, 0, 0, 0}},
    {1757314800, {2025, 9, 8, 1, 7, 0, 0}},
    {4102444799, {2099, 12, 31, 4, 23, 59, 59}},
    {4107542400, {2100, 3, 1, 1, 0, 0, 0}},
    {4291747199, {2105, 12, 31, 4, 23, 59, 59}},
};

static void assert_same(const struct civil_time *a, const struct civil_time *b)
{
    assert_int_equal(a->year, b->year);
    assert_int_equal(a->month, b->month);
    assert_int_equal(a->day, b->day);
    assert_int_equal(a->weekday, b->weekday);
    assert_int_equal(a->hour, b->hour);
    assert_int_equal(a->minute, b->minute);
    assert_int_equal(a->second, b->second);
}

static void known_dates_are_read_and_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct civil_time civil = civil_time_from_utc(known[i].utc_s);
        uint32_t utc_s;
        assert_same(&civil, &known[i].civil);
        assert_int_equal(civil_time_to_utc(&known[i].civil, &utc_s), ERR_OK);
        assert_int_equal(utc_s, known[i].utc_s);
    }
}

static void every_day_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (uint32_t day = 0; day < 49673; day++) { /* the last is 2105-12-31 */
        time_t then = (time_t)day * 86400 + day % 86400;
        struct tm tm;
        uint32_t utc_s;
        assert_non_null(gmtime_r(&then, &tm));
        struct civil_time expected = {(uint16_t)(tm.tm_year + 1900),
                                      (uint8_t)(tm.tm_mon + 1),
                                      (uint8_t)tm.tm_mday,
                                      (uint8_t)(tm.tm_wday ? tm.tm_wday : 7),
                                      (uint8_t)tm.tm_hour,
                                      (uint8_t)tm.tm_min,
                                      (uint8_t)tm.tm_sec};
        struct civil_time civil = civil_time_from_utc((uint32_t)then);
        assert_same(&civil, &expected);
        assert_int_equal(civil_time_to_utc(&expected, &utc_s), ERR_OK);
        assert_int_equal(utc_s, (uint32_t)then);
    }
}

static void impossible_dates_are_refused(void **state)
{
    static const struct civil_time wrong[] = {
        {1969, 12, 31, 1, 0, 0, 0}, {2106, 1, 1, 1, 0, 0, 0},  {2025, 0, 1, 1, 0, 0, 0},
        {2025, 13, 1, 1, 0, 0, 0},  {2025, 1, 0, 1, 0, 0, 0},  {2025, 4, 31, 1, 0, 0, 0},
        {2025, 2, 29, 1, 0, 0, 0},  {2100, 2, 29, 1, 0, 0, 0}, {2025, 1, 1, 1, 24, 0, 0},
        {2025, 1, 1, 1, 0, 60, 0},  {2025, 1, 1, 1, 0, 0, 60},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint32_t utc_s = 7;
        assert_int_equal(civil_time_to_utc(&wrong[i], &utc_s), ERR_ARGUMENT);
        assert_int_equal(utc_s, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_dates_are_read_and_written),
        cmocka_unit_test(every_day_agrees_with_the_c_library),
        cmocka_unit_test(impossible_dates_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
