/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/civil_date.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DAYS_BEFORE_2000 730425 /* from 0000-03-01 to 2000-01-01 */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_len(int year, int month)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month - 1] + (month == 2 && is_leap(year));
}

/* Years are counted from 1 March, so that the leap day is the last day of its year. */
int32_t civil_date_day(int year, int month, int mday)
{
    int y = month > 2 ? year : year - 1;
    int m = month > 2 ? month - 3 : month + 9;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + mday - 1 - DAYS_BEFORE_2000;
}

void civil_date_format(int32_t day, char out[CIVIL_DATE_TEXT_SIZE])
{
    int year = 1 + (int)((day + DAYS_BEFORE_2000) / 365.2425), month = 1;
    while (civil_date_day(year, 1, 1) > day)
        year--;
    while (civil_date_day(year + 1, 1, 1) <= day)
        year++;
    while (month < 12 && civil_date_day(year, month + 1, 1) <= day)
        month++;
    snprintf(out, CIVIL_DATE_TEXT_SIZE, "%04d-%02d-%02d", year % 10000, month,
             (int)(day - civil_date_day(year, month, 1)) + 1);
}

/* Reads up to max digits. Returns how many digits it read. */
static size_t take_number(const char **text, const char *end, size_t max, int *value)
{
    size_t count = 0;
    *value = 0;
    while (*text < end && count < max && **text >= '0' && **text <= '9') {
        *value = *value * 10 + (*(*text)++ - '0');
        count++;
    }
    return count;
}

static bool is_midnight(const char *text, size_t len)
{
    static const char *const times[] = {" 00:00",     " 00:00:00", "T00:00",  "T00:00:00",
                                        "T00:00:00Z", " 0:00",     " 0:00:00"};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        if (strlen(times[i]) == len && memcmp(times[i], text, len) == 0)
            return true;
    return len == 0;
}

int civil_date_parse(const char *text, size_t len, int32_t *day, const char **why)
{
    const char *end = text + len;
    int first, month, last;

    *why = "is not a date: write DD/MM/YYYY or YYYY-MM-DD";
    if (len == 5 && strspn(text, "0123456789") >= len)
        *why = "is a spreadsheet's count of days: show the column as dates (DD/MM/YYYY), and export again";
    size_t first_digits = take_number(&text, end, 4, &first);
    if (first_digits == 0 || text == end)
        return ERR_FORMAT;
    char mark = *text++;
    if (mark == '/' || mark == '-' || mark == '.')
        *why = "is not a date: write DD/MM/YYYY or YYYY-MM-DD";
    if ((mark != '/' && mark != '-' && mark != '.') || take_number(&text, end, 2, &month) == 0 ||
        text == end || *text++ != mark)
        return ERR_FORMAT;
    size_t last_digits = take_number(&text, end, 4, &last);
    if (!is_midnight(text, (size_t)(end - text)))
        return ERR_FORMAT;
    bool year_first = first_digits == 4 && last_digits >= 1 && last_digits <= 2;
    if (!year_first && first_digits <= 2 && last_digits <= 2 && last_digits >= 1) {
        *why = "has a year of two digits: write all four (DD/MM/YYYY)";
        return ERR_FORMAT;
    }
    if (!year_first && (first_digits > 2 || last_digits != 4))
        return ERR_FORMAT;
    int year = year_first ? first : last, mday = year_first ? last : first;
    *why = "is no day of the calendar: write DD/MM/YYYY or YYYY-MM-DD";
    if (year < 1 || month < 1 || month > 12 || mday < 1 || mday > month_len(year, month))
        return ERR_FORMAT;
    *day = civil_date_day(year, month, mday);
    return ERR_OK;
}
