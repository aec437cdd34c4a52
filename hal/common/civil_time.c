/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/common/civil_time.h"

#include <stdbool.h>

#define FIRST_YEAR    1970
#define LAST_YEAR     2105 /* 32 bits of seconds overflow in February 2106 */
#define DAY_S         86400
#define FIRST_WEEKDAY 4 /* 1970-01-01 was a Thursday */

static bool is_leap(uint32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t days_in_year(uint32_t year)
{
    return is_leap(year) ? 366 : 365;
}

static uint32_t days_in_month(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

struct civil_time civil_time_from_utc(uint32_t utc_s)
{
    uint32_t days = utc_s / DAY_S, left = utc_s % DAY_S, year = FIRST_YEAR, month = 1;
    struct civil_time civil = {
        .weekday = (uint8_t)((days + FIRST_WEEKDAY - 1) % 7 + 1),
        .hour = (uint8_t)(left / 3600),
        .minute = (uint8_t)(left / 60 % 60),
        .second = (uint8_t)(left % 60),
    };
    for (; days >= days_in_year(year); year++)
        days -= days_in_year(year);
    for (; days >= days_in_month(year, month); month++)
        days -= days_in_month(year, month);
    civil.year = (uint16_t)year;
    civil.month = (uint8_t)month;
    civil.day = (uint8_t)(days + 1);
    return civil;
}

int civil_time_to_utc(const struct civil_time *civil, uint32_t *utc_s)
{
    uint32_t days = 0;
    if (civil->year < FIRST_YEAR || civil->year > LAST_YEAR || civil->month < 1 || civil->month > 12 ||
        civil->day < 1 || civil->day > days_in_month(civil->year, civil->month) || civil->hour > 23 ||
        civil->minute > 59 || civil->second > 59)
        return ERR_ARGUMENT;
    for (uint32_t year = FIRST_YEAR; year < civil->year; year++)
        days += days_in_year(year);
    for (uint32_t month = 1; month < civil->month; month++)
        days += days_in_month(civil->year, month);
    days += civil->day - 1U;
    *utc_s = days * DAY_S + civil->hour * 3600U + civil->minute * 60U + civil->second;
    return ERR_OK;
}
