/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/civil_date.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"

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

/* Writes year, month and day of the month by a format of printf. */
static void write_date(int32_t day, const char *format, char out[CIVIL_DATE_TEXT_SIZE])
{
    int year = 1 + (int)((day + DAYS_BEFORE_2000) / 365.2425), month = 1;
    while (civil_date_day(year, 1, 1) > day)
        year--;
    while (civil_date_day(year + 1, 1, 1) <= day)
        year++;
    while (month < 12 && civil_date_day(year, month + 1, 1) <= day)
        month++;
    snprintf(out, CIVIL_DATE_TEXT_SIZE, format, year % 10000, month,
             (int)(day - civil_date_day(year, month, 1)) + 1);
}

void civil_date_format(int32_t day, char out[CIVIL_DATE_TEXT_SIZE])
{
    write_date(day, "%04d-%02d-%02d", out);
}

void civil_date_text(int32_t day, char out[CIVIL_DATE_TEXT_SIZE])
{
    write_date(day, _("%04d-%02d-%02d"), out); /* year, month, day */
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

/* Takes a character that is one of these. */
static bool take_one(const char **text, const char *end, const char *of)
{
    if (*text == end || **text == '\0' || strchr(of, **text) == NULL)
        return false;
    (*text)++;
    return true;
}

/* Reads "AM" or "PM" and changes the hour. */
static bool take_half_day(const char **text, const char *end, int *hour)
{
    const char *start = *text;
    take_one(text, end, " ");
    bool noon = *text < end && (**text == 'P' || **text == 'p');
    if (!take_one(text, end, "APap") || !take_one(text, end, "Mm") || *hour > 12) {
        *text = start;
        return *hour <= 24;
    }
    *hour = *hour % 12 + 12 * noon;
    return true;
}

/* Reads "23:59", "23:59:59", "23:59:59.999" or "23h59". */
static bool take_time(const char **text, const char *end, struct civil_moment *moment)
{
    int hour, minute = 0, second = 0, fraction;
    if (take_number(text, end, 2, &hour) == 0 || !take_one(text, end, ":h"))
        return false;
    if (take_number(text, end, 2, &minute) == 0 && (*text)[-1] == ':')
        return false;
    if (take_one(text, end, ":") && take_number(text, end, 2, &second) == 0)
        return false;
    if (take_one(text, end, ".,") && take_number(text, end, 9, &fraction) == 0)
        return false;
    if (!take_half_day(text, end, &hour) || minute > 59 || second > 60)
        return false;
    moment->second = (hour * 60 + minute) * 60 + second;
    return true;
}

/* Reads "Z", "UTC", "+02:00" or "+0200", and a name of the zone in brackets. */
static bool take_offset(const char **text, const char *end, struct civil_moment *moment)
{
    int hours = 0, minutes = 0;
    take_one(text, end, " ");
    bool utc = end - *text >= 3 && (memcmp(*text, "UTC", 3) == 0 || memcmp(*text, "GMT", 3) == 0);
    *text += utc ? 3 : 0;
    if (utc || take_one(text, end, "Zz"))
        moment->has_offset = true;
    if (*text < end && (**text == '+' || **text == '-')) {
        int sign = *(*text)++ == '-' ? -1 : 1;
        if (take_number(text, end, 2, &hours) == 0)
            return false;
        take_one(text, end, ":");
        take_number(text, end, 2, &minutes);
        moment->has_offset = true;
        moment->offset_s = sign * (hours * 60 + minutes) * 60;
    }
    if (take_one(text, end, "["))
        while (*text < end && *(*text)++ != ']')
            ;
    return hours <= 18 && minutes <= 59;
}

/* Takes a word that may stand there and says nothing of the day: the name of the school's own zone. */
static void take_zone_name(const char **text, const char *end)
{
    static const char *const names[] = {" CEST", " CET", " Europe/Paris"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((size_t)(end - *text) == strlen(names[i]) && memcmp(*text, names[i], strlen(names[i])) == 0)
            *text = end;
}

/* Reads what follows a date. */
static bool take_rest(const char *text, const char *end, struct civil_moment *moment)
{
    if (text == end)
        return true;
    if (!take_one(&text, end, " T_"))
        return false;
    while (take_one(&text, end, " "))
        ;
    if (end - text > 3 && memcmp(text, "\xC3\xA0 ", 3) == 0) /* "à" */
        text += 3;
    if (!take_time(&text, end, moment))
        return false;
    take_zone_name(&text, end);
    return take_offset(&text, end, moment) && text == end;
}

/* As civil_moment_parse; *why is not translated yet, and set also if the text is right. */
static int read_moment(const char *text, size_t len, struct civil_moment *moment, const char **why)
{
    const char *end = text + len;
    int first, month, last;

    *moment = (struct civil_moment){0};
    *why = N_("is not a date: write DD/MM/YYYY or YYYY-MM-DD");
    if (len == 5 && strspn(text, "0123456789") >= len)
        *why =
            N_("is a spreadsheet's count of days: show the column as dates (DD/MM/YYYY), and export again");
    size_t first_digits = take_number(&text, end, 4, &first);
    if (first_digits == 0 || text == end)
        return ERR_FORMAT;
    char mark = *text++;
    if (mark == '/' || mark == '-' || mark == '.')
        *why = N_("is not a date: write DD/MM/YYYY or YYYY-MM-DD");
    if ((mark != '/' && mark != '-' && mark != '.') || take_number(&text, end, 2, &month) == 0 ||
        text == end || *text++ != mark)
        return ERR_FORMAT;
    size_t last_digits = take_number(&text, end, 4, &last);
    if (!take_rest(text, end, moment))
        return ERR_FORMAT;
    bool year_first = first_digits == 4 && last_digits >= 1 && last_digits <= 2;
    if (!year_first && first_digits <= 2 && last_digits <= 2 && last_digits >= 1) {
        *why = N_("has a year of two digits: write all four (DD/MM/YYYY)");
        return ERR_FORMAT;
    }
    if (!year_first && (first_digits > 2 || last_digits != 4))
        return ERR_FORMAT;
    int year = year_first ? first : last, mday = year_first ? last : first;
    *why = N_("is no day of the calendar: write DD/MM/YYYY or YYYY-MM-DD");
    if (year < 1 || month < 1 || month > 12 || mday < 1 || mday > month_len(year, month))
        return ERR_FORMAT;
    moment->day = civil_date_day(year, month, mday);
    return ERR_OK;
}

int civil_moment_parse(const char *text, size_t len, struct civil_moment *moment, const char **why)
{
    int error = read_moment(text, len, moment, why);
    if (error != ERR_OK)
        *why = translate(*why);
    return error;
}

int civil_date_parse(const char *text, size_t len, int32_t *day, const char **why)
{
    struct civil_moment moment;
    if (civil_moment_parse(text, len, &moment, why) != ERR_OK)
        return ERR_FORMAT;
    if (moment.second != 0) {
        *why = _("is a date with a time: write DD/MM/YYYY or YYYY-MM-DD");
        return ERR_FORMAT;
    }
    *day = moment.day;
    return ERR_OK;
}
