/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/number_text.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DAYS_MAX    2958466 /* 10000-01-01: no date is later */
#define INTEGER_MAX 1e18
#define DIGITS_ROOM 24

/* A piece of a format code. */
enum piece { PIECE_END, PIECE_LITERAL, PIECE_DIGIT, PIECE_ZERO, PIECE_POINT, PIECE_OTHER };

/* Takes the next piece of a format code. *text and *len receive what it writes. Only the first section, the
 * one of positive numbers, is read. */
static enum piece take_piece(const char **format, const char **text, size_t *len)
{
    const char *at = *format;
    const char *close;
    *text = at + 1;
    *len = at[0] != '\0' && at[0] != ';';
    switch (at[0]) {
    case '\0':
    case ';':
        return PIECE_END;
    case '"':
        close = strchr(at + 1, '"');
        *len = close != NULL ? (size_t)(close - at - 1) : strlen(at + 1);
        *format = close != NULL ? close + 1 : at + strlen(at);
        return PIECE_LITERAL;
    case '[': /* a colour, a condition, a language, or hours that go on */
        close = strchr(at, ']');
        *len = close != NULL ? (size_t)(close - at - 1) : 0;
        *format = close != NULL ? close + 1 : at + strlen(at);
        return PIECE_OTHER;
    case '\\':
    case '_':
    case '*':
        *len = at[0] == '\\' && at[1] != '\0';
        *format = at + (at[1] != '\0' ? 2 : 1);
        return PIECE_LITERAL;
    default:
        *text = at;
        *format = at + 1;
        return at[0] == '0'                                                    ? PIECE_ZERO
               : at[0] == '#' || at[0] == '?'                                  ? PIECE_DIGIT
               : at[0] == '.'                                                  ? PIECE_POINT
               : isalpha((unsigned char)at[0]) || strchr(",%@", at[0]) != NULL ? PIECE_OTHER
                                                                               : PIECE_LITERAL;
    }
}

static bool is_general(const char *format)
{
    return format == NULL || format[0] == '\0' || strncasecmp(format, "General", 7) == 0 ||
           strncasecmp(format, "Standard", 8) == 0 || memchr(format, '@', strcspn(format, ";")) != NULL;
}

/* Returns the letters of a date that a format has, in lower case: "dmy", "hm". */
static size_t date_letters(const char *format, char letters[DIGITS_ROOM])
{
    const char *text;
    size_t len, count = 0;
    for (enum piece piece; (piece = take_piece(&format, &text, &len)) != PIECE_END;) {
        /* a letter, or hours that go on: [hh] */
        bool is_date = piece == PIECE_OTHER && len > 0 && (len == 1 || strspn(text, "hHmMsS") >= len) &&
                       memchr("ymdhsYMDHS", text[0], 10) != NULL;
        if (is_date && count + 1 < DIGITS_ROOM)
            letters[count++] = (char)tolower((unsigned char)text[0]);
    }
    letters[count] = '\0';
    return count;
}

bool number_format_is_date(const char *format)
{
    char letters[DIGITS_ROOM];
    return !is_general(format) && date_letters(format, letters) != 0;
}

const char *number_format_builtin(unsigned id)
{
    static const char *const codes[50] = {[0] = "General",
                                          [1] = "0",
                                          [2] = "0.00",
                                          [3] = "#,##0",
                                          [4] = "#,##0.00",
                                          [9] = "0%",
                                          [10] = "0.00%",
                                          [11] = "General",
                                          [14] = "dd/mm/yyyy",
                                          [15] = "d-mmm-yy",
                                          [16] = "d-mmm",
                                          [17] = "mmm-yy",
                                          [18] = "h:mm",
                                          [19] = "h:mm:ss",
                                          [20] = "h:mm",
                                          [21] = "h:mm:ss",
                                          [22] = "d/m/yyyy h:mm",
                                          [37] = "#,##0",
                                          [38] = "#,##0",
                                          [39] = "#,##0.00",
                                          [40] = "#,##0.00",
                                          [45] = "mm:ss",
                                          [46] = "[h]:mm:ss",
                                          [47] = "mm:ss",
                                          [49] = "@"};
    return id < sizeof codes / sizeof codes[0] ? codes[id] : NULL;
}

/* --- dates --- */

/* Changes days since 1970-01-01 to a date of the Gregorian calendar, as civil_from_days of Howard Hinnant's
 * "chrono-compatible low-level date algorithms". */
static void date_of(int64_t days, char out[NUMBER_TEXT_SIZE])
{
    int64_t z = days + 719468, era = z / 146097, day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_part = (5 * day_of_year + 2) / 153;
    int64_t month = month_part < 10 ? month_part + 3 : month_part - 9;
    snprintf(out, NUMBER_TEXT_SIZE, "%04d-%02d-%02d", (int)(year_of_era + era * 400 + (month <= 2)),
             (int)month, (int)(day_of_year - (153 * month_part + 2) / 5 + 1));
}

/* Writes a date. Returns false when the number is no date that spreadsheets agree on. */
static bool write_date(double value, const char *format, bool from_1904, char out[NUMBER_TEXT_SIZE])
{
    char letters[DIGITS_ROOM];
    int64_t first_day = from_1904 ? -24107 : -25569; /* 1904-01-01 and 1899-12-30, in days since 1970 */
    if (!(value >= 0 && value < DAYS_MAX))
        return false;
    date_letters(format, letters);
    int64_t seconds = llround(value * 86400);
    int64_t days = seconds / 86400, time = seconds % 86400;
    bool has_day = strpbrk(letters, "yd") != NULL;
    if (has_day && !from_1904 && days < 61) /* before March 1900 spreadsheets count a day that never was */
        return false;
    out[0] = '\0';
    if (has_day)
        date_of(days + first_day, out);
    size_t used = strlen(out);
    if (!has_day || time != 0)
        snprintf(out + used, NUMBER_TEXT_SIZE - used, "%s%02d:%02d:%02d", used != 0 ? " " : "",
                 (int)((has_day ? time : seconds) / 3600), (int)(time / 60 % 60), (int)(time % 60));
    return true;
}

/* --- numbers --- */

/* Writes the digits of an integer into the places of a format code, from the right; the first place takes
 * what is left. Without a place for digits the number is written as it is. */
static void write_places(const char *format, const char *digits, char out[NUMBER_TEXT_SIZE])
{
    const char *at = format, *text;
    size_t len, places = 0, used = 0, have = strlen(digits);
    for (enum piece piece; (piece = take_piece(&at, &text, &len)) != PIECE_END && piece != PIECE_POINT;)
        places += piece == PIECE_ZERO || piece == PIECE_DIGIT;
    size_t extra = places > 0 && have > places ? have - places : 0, left = places;
    at = format;
    for (enum piece piece; (piece = take_piece(&at, &text, &len)) != PIECE_END && piece != PIECE_POINT;) {
        if (piece == PIECE_LITERAL && used + len < NUMBER_TEXT_SIZE) {
            memcpy(out + used, text, len);
            used += len;
        } else if (piece == PIECE_ZERO || piece == PIECE_DIGIT) {
            size_t count = left == places ? extra + 1 : 1;
            if (left > have) /* a place in front of the digits */
                count = 0;
            if (left > have && piece == PIECE_ZERO && used + 1 < NUMBER_TEXT_SIZE)
                out[used++] = '0';
            for (; count > 0 && used + 1 < NUMBER_TEXT_SIZE; count--)
                out[used++] = *digits++;
            left--;
        }
    }
    out[used] = '\0';
    if (places == 0)
        snprintf(out, NUMBER_TEXT_SIZE, "%s", digits);
}

/* Returns how many decimals a format shows. */
static int count_decimals(const char *format)
{
    const char *text;
    size_t len;
    int count = 0;
    bool behind = false;
    for (enum piece piece; (piece = take_piece(&format, &text, &len)) != PIECE_END;) {
        behind = behind || piece == PIECE_POINT;
        count += behind && (piece == PIECE_ZERO || piece == PIECE_DIGIT);
    }
    return count < 15 ? count : 15;
}

/* Returns true for a format of digits only: percent and powers of ten show other digits than those stored. */
static bool is_plain(const char *format)
{
    const char *text;
    size_t len;
    if (is_general(format))
        return false;
    for (enum piece piece; (piece = take_piece(&format, &text, &len)) != PIECE_END;)
        if (piece == PIECE_OTHER && len == 1 && (text[0] == '%' || isalpha((unsigned char)text[0])))
            return false;
    return true;
}

static void write_integer(double value, const char *format, char out[NUMBER_TEXT_SIZE])
{
    char digits[DIGITS_ROOM], shown[NUMBER_TEXT_SIZE];
    snprintf(digits, sizeof digits, "%.0f", fabs(value));
    if (is_plain(format))
        write_places(format, digits, shown);
    else
        snprintf(shown, sizeof shown, "%s", digits);
    snprintf(out, NUMBER_TEXT_SIZE, "%s%.*s", value < 0 ? "-" : "", NUMBER_TEXT_SIZE - 2, shown);
}

/* Returns true if the stored text is an integer in all its digits. These are kept as they are, because a
 * double has room for only 15 to 17 of them. */
static size_t stored_digits(const char *stored)
{
    const char *start = stored + strspn(stored, "0");
    size_t len = strspn(start, "0123456789");
    const char *behind = start + len;
    if (*behind == '.')
        behind += 1 + strspn(behind + 1, "0");
    return *behind == '\0' ? len : 0;
}

void number_text(const char *stored, const char *format, bool from_1904, char out[NUMBER_TEXT_SIZE],
                 bool *inexact)
{
    char *end;
    double value = strtod(stored, &end);
    size_t digits = stored_digits(stored);
    *inexact = false;
    if (end == stored || *end != '\0' || !isfinite(value) || fabs(value) >= INTEGER_MAX) {
        *inexact = digits > NUMBER_DIGITS_MAX || (end != stored && *end == '\0');
        snprintf(out, NUMBER_TEXT_SIZE, "%.*s", NUMBER_TEXT_SIZE - 1, stored);
        return;
    }
    if (number_format_is_date(format) && write_date(value, format, from_1904, out))
        return;
    *inexact = fabs(value) >= 1e15;
    int decimals = is_plain(format) ? count_decimals(format) : 0;
    if (digits > NUMBER_DIGITS_MAX)
        snprintf(out, NUMBER_TEXT_SIZE, "%.*s", (int)digits, stored + strspn(stored, "0"));
    else if (value == floor(value))
        write_integer(value, format, out);
    else if (is_plain(format))
        snprintf(out, NUMBER_TEXT_SIZE, "%.*f", decimals, value);
    else
        snprintf(out, NUMBER_TEXT_SIZE, "%.15g", value);
}
