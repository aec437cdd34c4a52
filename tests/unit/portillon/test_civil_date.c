/* SPDX-License-Identifier: Apache-2.0 */
/* Day numbers from Python's datetime: (date(y, m, d) - date(2000, 1, 1)).days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/common/civil_date.h"

static const char *why;

static int32_t day_of(const char *text)
{
    int32_t day;
    assert_int_equal(civil_date_parse(text, strlen(text), &day, &why), ERR_OK);
    return day;
}

static int parse(const char *text)
{
    int32_t day;
    return civil_date_parse(text, strlen(text), &day, &why);
}

static void dates_of_both_orders_are_read(void **state)
{
    (void)state;
    assert_int_equal(day_of("01/01/2000"), 0);
    assert_int_equal(day_of("29/02/2024"), 8825);
    assert_int_equal(day_of("2024-02-29"), 8825);
    assert_int_equal(day_of("4.7.2026"), 9681);
    assert_int_equal(day_of("04-07-2026"), 9681);
    assert_int_equal(day_of("2026-07-04T00:00:00"), 9681);
    assert_int_equal(day_of("04/07/2026 00:00:00"), 9681);
    assert_int_equal(day_of("05/06/2179"), 65534);
    assert_int_equal(day_of("01/03/1900"), -36465);
    assert_int_equal(day_of("31/12/9999"), 2921939);
    assert_int_equal(day_of("0001-01-01"), -730119);
}

static void impossible_dates_are_refused(void **state)
{
    (void)state;
    static const char *const impossible[] = {"31/02/2026", "29/02/2025", "29/02/1900", "00/01/2026",
                                             "32/01/2026", "31/04/2026", "01/13/2026", "01/00/2026",
                                             "2026-02-30", "01/01/0000"};
    static const char *const not_dates[] = {"",
                                            "demain",
                                            "01/09",
                                            "2026",
                                            "1/9/2026/",
                                            "01/09-2026",
                                            "12026-1-1",
                                            "01/09/2026x",
                                            "01/09/2026 12:30",
                                            "001/09/2026",
                                            "01/009/2026",
                                            "/09/2026",
                                            "01//2026",
                                            "-1/09/2026"};
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; i++) {
        assert_int_equal(parse(impossible[i]), ERR_FORMAT);
        assert_non_null(strstr(why, "no day of the calendar"));
    }
    for (size_t i = 0; i < sizeof not_dates / sizeof not_dates[0]; i++)
        assert_int_equal(parse(not_dates[i]), ERR_FORMAT);
    assert_int_equal(parse("01/09/26"), ERR_FORMAT);
    assert_non_null(strstr(why, "two digits"));
}

static void days_are_written_as_iso_dates(void **state)
{
    (void)state;
    char text[CIVIL_DATE_TEXT_SIZE];
    static const struct {
        int32_t day;
        const char *text;
    } pairs[] = {{0, "2000-01-01"},
                 {8825, "2024-02-29"},
                 {9681, "2026-07-04"},
                 {65534, "2179-06-05"},
                 {-1, "1999-12-31"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        civil_date_format(pairs[i].day, text);
        assert_string_equal(text, pairs[i].text);
    }
    for (int32_t day = 0; day < 65535; day += 13) {
        civil_date_format(day, text);
        assert_int_equal(day_of(text), day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_of_both_orders_are_read),
        cmocka_unit_test(impossible_dates_are_refused),
        cmocka_unit_test(days_are_written_as_iso_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
