/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/base/time_zone.h"

#include <stddef.h>
#include <string.h>

#define DAY_S         86400
#define HOUR_S        3600
#define DAYS_TO_2000  10957 /* from 1970-01-01 */
#define RULE_HOUR_MAX 167   /* RFC 8536, 3.3.1 */
#define ZONE_HOUR_MAX 24

/* ---- parsing ---- */

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool skip(const char **at, char c)
{
    bool there = **at == c;
    *at += there;
    return there;
}

/* Skips a name: three letters or more; inside <> also digits and signs. */
static bool skip_name(const char **at)
{
    const char *from = *at;
    bool quoted = skip(at, '<');
    if (quoted)
        from = *at;
    while (is_letter(**at) || (quoted && (is_digit(**at) || **at == '+' || **at == '-')))
        ++*at;
    ptrdiff_t len = *at - from;
    return len >= 3 && (!quoted || skip(at, '>'));
}

static bool read_number(const char **at, int least, int most, int *value)
{
    if (!is_digit(**at))
        return false;
    for (*value = 0; is_digit(**at) && *value <= most; ++*at)
        *value = *value * 10 + (**at - '0');
    return *value >= least && *value <= most;
}

/* Reads hh[:mm[:ss]] with an optional sign into *seconds. */
static bool read_time(const char **at, int hours_most, int32_t *seconds)
{
    int hours, minutes = 0, rest = 0;
    bool negative = skip(at, '-');
    if (!negative)
        skip(at, '+');
    if (!read_number(at, 0, hours_most, &hours))
        return false;
    if (skip(at, ':')) {
        if (!read_number(at, 0, 59, &minutes))
            return false;
        if (skip(at, ':') && !read_number(at, 0, 59, &rest))
            return false;
    }
    *seconds = (int32_t)hours * HOUR_S + minutes * 60 + rest;
    if (negative)
        *seconds = -*seconds;
    return true;
}

static bool read_month_rule(const char **at, struct time_zone_change *change)
{
    int month, week, weekday;
    if (!read_number(at, 1, 12, &month) || !skip(at, '.') || !read_number(at, 1, 5, &week) ||
        !skip(at, '.') || !read_number(at, 0, 6, &weekday))
        return false;
    change->kind = TIME_ZONE_MONTH;
    change->month = (uint8_t)month;
    change->week = (uint8_t)week;
    change->weekday = (uint8_t)weekday;
    return true;
}

static bool read_change(const char **at, struct time_zone_change *change)
{
    int day = 0;
    *change = (struct time_zone_change){.at_s = 2 * HOUR_S}; /* POSIX: 02:00:00 by default */
    if (skip(at, 'M')) {
        if (!read_month_rule(at, change))
            return false;
    } else {
        bool julian = skip(at, 'J');
        if (!read_number(at, julian ? 1 : 0, 365, &day))
            return false;
        change->kind = julian ? TIME_ZONE_JULIAN : TIME_ZONE_DAY;
        change->day = (uint16_t)day;
    }
    return !skip(at, '/') || read_time(at, RULE_HOUR_MAX, &change->at_s);
}

static bool read_summer(const char **at, struct time_zone *zone)
{
    int32_t west_s = -zone->standard_s - HOUR_S; /* POSIX: one hour ahead by default */
    if (!skip_name(at) || (**at != ',' && !read_time(at, ZONE_HOUR_MAX, &west_s)))
        return false;
    zone->summer_s = -west_s;
    zone->has_summer = true;
    return skip(at, ',') && read_change(at, &zone->begin) && skip(at, ',') && read_change(at, &zone->end);
}

int time_zone_parse(struct time_zone *zone, const char *text)
{
    struct time_zone read = {.has_summer = false};
    int32_t west_s;
    if (strlen(text) > TIME_ZONE_TEXT_LEN || !skip_name(&text) || !read_time(&text, ZONE_HOUR_MAX, &west_s))
        return ERR_FORMAT;
    read.standard_s = read.summer_s = -west_s;
    if ((*text != 0 && !read_summer(&text, &read)) || *text != 0)
        return ERR_FORMAT;
    *zone = read;
    return ERR_OK;
}

struct time_zone time_zone_default(void)
{
    struct time_zone zone = {.has_summer = false};
    int result = time_zone_parse(&zone, TIME_ZONE_DEFAULT);
    (void)result; /* always ERR_OK: the text is a constant */
    return zone;
}

/* ---- conversion ---- */

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Returns the days from 1970-01-01 to the first day of a year, 1969 to 2107. */
static int32_t first_day_of_year(int32_t year)
{
    int32_t before = year - 1;
    return (year - 1970) * 365 + (before / 4 - before / 100 + before / 400) -
           (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static int32_t year_of_day(int32_t day)
{
    int32_t year = 1970 + day / 366;
    while (first_day_of_year(year + 1) <= day)
        year++;
    return year;
}

/* Returns the weekday, 0 Sunday. 1970-01-01 was a Thursday. day must not be before 1969-01-01. */
static int32_t weekday_of_day(int32_t day)
{
    return (day + 4 + 53 * 7) % 7;
}

static int32_t day_in_month(const struct time_zone_change *change, int32_t year)
{
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int32_t leap = is_leap(year);
    int32_t first = first_day_of_year(year) + before[change->month - 1] + (change->month > 2 ? leap : 0);
    int32_t next = first_day_of_year(year) + before[change->month] + (change->month > 1 ? leap : 0);
    int32_t day = first + (change->weekday - weekday_of_day(first) + 7) % 7 + (change->week - 1) * 7;
    return day < next ? day : day - 7; /* week 5 means the last week, which may be the fourth */
}

static int32_t day_of_change(const struct time_zone_change *change, int32_t year)
{
    switch (change->kind) {
    case TIME_ZONE_MONTH:
        return day_in_month(change, year);
    case TIME_ZONE_JULIAN:
        return first_day_of_year(year) + change->day - 1 + (is_leap(year) && change->day >= 60);
    case TIME_ZONE_DAY:
        return first_day_of_year(year) + change->day;
    }
    return 0;
}

static int64_t moment_of_change(const struct time_zone_change *change, int32_t year, int32_t offset_before_s)
{
    return (int64_t)day_of_change(change, year) * DAY_S + change->at_s - offset_before_s;
}

/* Returns true during summer time. The last change before this moment decides. It may belong to the year
 * before or after, because the hours of a rule may reach into another year. If one summer time ends at the
 * moment at which the next begins, it is summer time all year. */
static bool is_summer(const struct time_zone *zone, uint32_t utc_s)
{
    int32_t year = year_of_day((int32_t)(utc_s / DAY_S));
    int64_t last = INT64_MIN;
    bool summer = false;
    for (int32_t y = year - 1; y <= year + 1 && zone->has_summer; y++) {
        int64_t end = moment_of_change(&zone->end, y, zone->summer_s);
        int64_t begin = moment_of_change(&zone->begin, y, zone->standard_s);
        if (end <= utc_s && end > last) {
            last = end;
            summer = false;
        }
        if (begin <= utc_s && begin >= last) {
            last = begin;
            summer = true;
        }
    }
    return summer;
}

int32_t time_zone_offset_s(const struct time_zone *zone, uint32_t utc_s)
{
    return is_summer(zone, utc_s) ? zone->summer_s : zone->standard_s;
}

struct local_time time_zone_local(const struct time_zone *zone, uint32_t utc_s)
{
    bool summer = is_summer(zone, utc_s);
    int64_t local_s = (int64_t)utc_s + (summer ? zone->summer_s : zone->standard_s);
    int64_t shifted_s = local_s + DAY_S; /* not negative: west of Greenwich, local time begins in 1969 */
    int32_t day = (int32_t)(shifted_s / DAY_S) - 1;
    return (struct local_time){
        .day = day < DAYS_TO_2000 ? 0 : (uint16_t)(day - DAYS_TO_2000),
        .weekday = (uint8_t)((weekday_of_day(day) + 6) % 7),
        .minute = (uint16_t)(shifted_s % DAY_S / 60),
        .is_summer = summer,
    };
}
