/* SPDX-License-Identifier: Apache-2.0 */
/* Hours of the week as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/site/week_windows.h"

static struct week_window windows[WEEK_WINDOWS_MAX];
static char why[WEEK_WINDOWS_WHY_MAX];

static void assert_window(int i, uint8_t weekdays, int from_min, int until_min)
{
    assert_int_equal(windows[i].weekdays, weekdays);
    assert_int_equal(windows[i].from_min, from_min);
    assert_int_equal(windows[i].until_min, until_min);
}

static void days_and_hours_are_read(void **state)
{
    (void)state;
    assert_int_equal(week_windows_parse("mon-fri 07:00-19:00, sat 7h30-12h30", windows, why), 2);
    assert_window(0, 0x1F, 420, 1140);
    assert_window(1, 0x20, 450, 750);
    assert_int_equal(week_windows_parse("lun, mar 8h-12h 13:30 – 24:00; mer 8:00 - 9:15", windows, why), 3);
    assert_window(0, 0x03, 480, 720);
    assert_window(1, 0x03, 810, 1440);
    assert_window(2, 0x04, 480, 555);
    assert_int_equal(week_windows_parse("00:00-24:00", windows, why), 1);
    assert_window(0, 0x7F, 0, 1440);
}

static void hours_past_midnight_belong_to_the_day_they_begin(void **state)
{
    (void)state;
    assert_int_equal(week_windows_parse("fri sun 22:00-06:00", windows, why), 1);
    assert_window(0, 0x50, 1320, 360);
    assert_int_equal(week_windows_parse("fri 22:00-00:00", windows, why), 1);
    assert_window(0, 0x10, 1320, 1440);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } table[] = {
        {"mon 25:00-26:00", "'25:00-26:00' is no hours"},
        {"mon 7-9", "'7-9' is no hours"},
        {"mon 07:00", "'07:00' is no hours"},
        {"mon 07:60-08:00", "is no hours"},
        {"mon 07:0-08:00", "is no hours"},
        {"mon 24:01-24:30", "is no hours"},
        {"mon 07:00-07:00", "begins where it ends"},
        {"mun 07:00-08:00", "'mun' is no day"},
        {"mon", "has no hours"},
        {"mon 07:00-08:00, tue", "ends with days"},
        {"", "has no hours"},
        {"24:00-01:00", "begins where it ends"},
        {"mon 07:00-08:00x", "is no hours"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        why[0] = '\0';
        if (week_windows_parse(table[i].text, windows, why) != ERR_FORMAT ||
            strstr(why, table[i].says) == NULL)
            fail_msg("'%s' says: %s", table[i].text, why);
    }
}

static void windows_are_shown_as_they_are_written(void **state)
{
    (void)state;
    static const char text[] = "mon-fri 07:00-12:00, 13:00-19:00, sat 07:30-12:30, every day 22:00-24:00";
    char shown[WEEK_WINDOWS_TEXT_MAX];
    int count = week_windows_parse(text, windows, why);
    assert_int_equal(count, 4);
    week_windows_format(windows, (size_t)count, shown);
    assert_string_equal(shown, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_hours_are_read),
        cmocka_unit_test(hours_past_midnight_belong_to_the_day_they_begin),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(windows_are_shown_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
