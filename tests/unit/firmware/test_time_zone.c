/* SPDX-License-Identifier: Apache-2.0 */
/* Local time compared with that of the C library, which reads the same POSIX rules from TZ, and a few
 * days by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "firmware/base/time_zone.h"

#define HOUR_S   3600U
#define END_2100 UINT32_C(4133980799) /* 2100-12-31 23:59:59 UTC */
#define DAY_2000 10957

static struct time_zone parse(const char *rule)
{
    struct time_zone zone;
    if (time_zone_parse(&zone, rule) != ERR_OK)
        fail_msg("%s is not read", rule);
    return zone;
}

static void use_rule(const char *rule)
{
    setenv("TZ", rule, 1);
    tzset();
}

static int is_as_in_c(const struct time_zone *zone, uint32_t utc_s)
{
    time_t when = (time_t)utc_s;
    struct tm expected;
    localtime_r(&when, &expected);
    struct local_time local = time_zone_local(zone, utc_s);
    int64_t day = (when + expected.tm_gmtoff) / 86400 - DAY_2000;
    return local.minute == expected.tm_hour * 60 + expected.tm_min &&
           local.weekday == (expected.tm_wday + 6) % 7 && local.is_summer == (expected.tm_isdst > 0) &&
           local.day == (day < 0 ? 0 : day) && time_zone_offset_s(zone, utc_s) == expected.tm_gmtoff;
}

static void compare(const char *rule, uint32_t first_s, uint32_t last_s, uint32_t step_s)
{
    struct time_zone zone = parse(rule);
    use_rule(rule);
    for (uint64_t utc_s = first_s; utc_s <= last_s; utc_s += step_s)
        if (!is_as_in_c(&zone, (uint32_t)utc_s))
            fail_msg("%s: second %u differs", rule, (unsigned)utc_s);
}

static void paris_is_right_in_every_hour_of_1970_to_2100(void **state)
{
    (void)state;
    compare(TIME_ZONE_DEFAULT, 0, END_2100, HOUR_S);
}

static void the_default_is_paris(void **state)
{
    (void)state;
    struct time_zone zone = time_zone_default(), parsed = parse("CET-1CEST,M3.5.0,M10.5.0/3");
    assert_int_equal(zone.standard_s, 3600);
    assert_int_equal(zone.summer_s, 7200);
    for (uint32_t utc_s = 0; utc_s < UINT32_MAX - 500000; utc_s += 456789)
        assert_int_equal(time_zone_offset_s(&zone, utc_s), time_zone_offset_s(&parsed, utc_s));
}

static void other_rules_are_right_too(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "UTC0",
        "EST5EDT,M3.2.0,M11.1.0",
        "AEST-10AEDT,M10.1.0,M4.1.0/3",            /* south of the equator */
        "NZST-12NZDT,M9.5.0,M4.1.0/3",             /* 12 hours ahead */
        "IST-1GMT0,M10.5.0,M3.5.0/1",              /* summer time is the standard, winter an exception */
        "<+0530>-5:30",                            /* half an hour */
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",    /* summer time of half an hour */
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",         /* before midnight, of the day before */
        "IST-2IDT,M3.4.4/26,M10.5.0",              /* 26 o'clock */
        "<+00>0<+02>-2,M3.5.0/1,M10.5.0/3",        /* two hours */
        "AAA8BBB,M2.1.0/0,M12.5.6/0",              /* the first Sunday of February */
        "AAA8BBB,M1.1.1/3,M2.5.3/0",               /* its last Wednesday: in 2012 on the 29th */
        "AAA8BBB,J60/0,J300/0",                    /* J60 is 1 March in any year */
        "AAA8BBB,J59/0,J300/0",                    /* and J59 the day before 29 February */
        "AAA8BBB,59/0,300/0",                      /* 59 is 29 February, where there is one */
        "AAA3:15:30BBB2:15:30,J2/4,J364/22:30:15", /* the C library uses the UTC year */
        "AAA-1:59:59",
        "XYZ-14",
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        compare(rules[i], 2 * 86400, END_2100, 3 * HOUR_S + 900);
}

static void the_minutes_around_each_change_are_right(void **state)
{
    (void)state;
    static const uint32_t changes[] = {
        1774746000, 1792890000, /* 2026 */
        2153955600, 2172099600, /* 2038 */
        4109792400, 4128541200, /* 2100, no leap year */
        1743296400, 1729990800,
    };
    struct time_zone zone = time_zone_default();
    use_rule(TIME_ZONE_DEFAULT);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        for (uint32_t utc_s = changes[i] - 7500; utc_s < changes[i] + 7500; utc_s++)
            assert_true(is_as_in_c(&zone, utc_s));
}

/* Computed by hand: on Sunday 25 October 2026, 03:00 summer time becomes 02:00. */
static void an_hour_comes_twice_in_october(void **state)
{
    (void)state;
    struct time_zone zone = time_zone_default();
    const uint32_t first_0230 = 1792888200; /* date -ud '2026-10-25 00:30' +%s */
    struct local_time a = time_zone_local(&zone, first_0230), b = time_zone_local(&zone, first_0230 + 3600);
    assert_int_equal(a.minute, 150);
    assert_int_equal(b.minute, 150);
    assert_true(a.is_summer);
    assert_false(b.is_summer);
    assert_int_equal(a.weekday, 6);
    assert_int_equal(a.day, 9794); /* 26 · 365 + 7 leap days + 297 */
    assert_int_equal(b.day, 9794);
}

static void a_leap_day_is_a_day(void **state)
{
    (void)state;
    struct time_zone zone = time_zone_default();
    /* date -ud '2028-02-28 23:00' +%s: midnight in Paris, a Tuesday */
    struct local_time local = time_zone_local(&zone, 1835391600);
    assert_int_equal(local.minute, 0);
    assert_int_equal(local.weekday, 1);
    assert_int_equal(local.day, 10286); /* 28 · 365 + 7 leap days + 59 */
    assert_int_equal(time_zone_local(&zone, 1835391600 + 86400).day, 10287);
    assert_int_equal(time_zone_local(&zone, 1835391600 - 1).day, 10285);
    assert_int_equal(time_zone_local(&zone, 1835391600 - 1).minute, 1439);
}

static void summer_all_year_is_summer(void **state)
{
    (void)state;
    struct time_zone zone = parse("EST5EDT,0/0,J365/25"); /* RFC 8536, 3.3.1 */
    for (uint32_t utc_s = 86400 * 2; utc_s < END_2100; utc_s += 86400 / 2 * 7 + 1800)
        assert_int_equal(time_zone_offset_s(&zone, utc_s), -4 * 3600);
}

/* Summer ends at 22:30:15 on 31 December, which is 00:45:45 UTC of the year after. */
static void a_year_ends_by_its_own_clock(void **state)
{
    (void)state;
    struct time_zone zone = parse("AAA3:15:30BBB2:15:30,J1/4,J365/22:30:15");
    const uint32_t end = 63072000 + 45 * 60 + 45; /* date -ud '1972-01-01' +%s */
    assert_true(time_zone_local(&zone, end - 1).is_summer);
    assert_false(time_zone_local(&zone, end).is_summer);
    assert_false(time_zone_local(&zone, 63072000 + 7 * 3600 + 15 * 60 + 29).is_summer);
    assert_true(time_zone_local(&zone, 63072000 + 7 * 3600 + 15 * 60 + 30).is_summer);
}

static void what_is_no_rule_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "C",
        "CE-1",
        "CET",
        "-1",
        "CET-1CEST", /* no dates: every system means other ones */
        "CET-1CEST,",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.5.0,",
        "CET-1CEST,M3.5.0,M10.5.0/",
        "CET-1CEST,M3.5.0,M10.5.0/3 ",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M0.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J365",
        "CET-1CEST,J366,J1",
        "CET-1CEST,366,1",
        "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1CEST,M3.5.0/2:60,M10.5.0",
        "CET-25",
        "CET-1:60",
        "CET-1:59:60",
        "CET-1:59:",
        "CET-1:",
        "<CET-1",
        "<+1>-1",
        "CET-99999999999999999999",
        "Europe/Paris",
        ":Europe/Paris",
        "CET-1CESTCESTCESTCESTCESTCESTCEST,M3.5.0,M10.5.0/3", /* 48 characters and more */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct time_zone zone, before;
        memset(&zone, 0xEE, sizeof zone);
        memcpy(&before, &zone, sizeof zone);
        if (time_zone_parse(&zone, bad[i]) != ERR_FORMAT)
            fail_msg("%s is read", bad[i]);
        assert_memory_equal(&zone, &before, sizeof zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paris_is_right_in_every_hour_of_1970_to_2100),
        cmocka_unit_test(the_default_is_paris),
        cmocka_unit_test(other_rules_are_right_too),
        cmocka_unit_test(the_minutes_around_each_change_are_right),
        cmocka_unit_test(an_hour_comes_twice_in_october),
        cmocka_unit_test(a_leap_day_is_a_day),
        cmocka_unit_test(summer_all_year_is_summer),
        cmocka_unit_test(a_year_ends_by_its_own_clock),
        cmocka_unit_test(what_is_no_rule_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
