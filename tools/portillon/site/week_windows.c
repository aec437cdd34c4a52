/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/week_windows.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/common/weekdays.h"

#define LINE_MAX_LEN 511
#define SHOWN_MAX    40

struct reading {
    struct week_window *windows;
    int count;
    char days[LINE_MAX_LEN + 1]; /* the day words before the current hours; "" if there were none */
    bool hours_seen; /* hours for these days were read, so the next word begins a new group of days */
    char *why;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct reading *reading, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reading->why, WEEK_WINDOWS_WHY_MAX, format, arguments);
    va_end(arguments);
    return ERR_FORMAT;
}

/* Reads "07:00", "7h30", "7h" or "24:00". Returns the text after it, or NULL. */
static const char *read_time(const char *text, uint16_t *minutes)
{
    int hour = 0, minute = 0, digits = 0;
    for (; isdigit((unsigned char)*text) && digits < 2; text++, digits++)
        hour = 10 * hour + (*text - '0');
    if (digits == 0 || (*text != ':' && *text != 'h' && *text != 'H'))
        return NULL;
    bool colon = *text++ == ':';
    for (digits = 0; isdigit((unsigned char)*text) && digits < 2; text++, digits++)
        minute = 10 * minute + (*text - '0');
    if (digits == 1 || (digits == 0 && colon) || isdigit((unsigned char)*text) || minute > 59 ||
        60 * hour + minute > WEEK_WINDOWS_DAY)
        return NULL;
    *minutes = (uint16_t)(60 * hour + minute);
    return text;
}

static int add(struct reading *reading, uint8_t weekdays, uint16_t from_min, uint16_t until_min)
{
    if (reading->count == WEEK_WINDOWS_MAX)
        return refuse(reading, _("has more than %d different hours"), WEEK_WINDOWS_MAX);
    reading->windows[reading->count++] = (struct week_window){weekdays, from_min, until_min};
    return ERR_OK;
}

static int take_hours(struct reading *reading, const char *word)
{
    uint16_t from_min, until_min;
    uint8_t weekdays = WEEKDAYS_ALL;
    char unknown[WEEKDAYS_TEXT_SIZE];
    const char *rest = read_time(word, &from_min);
    if (rest != NULL && *rest == '-')
        rest = read_time(rest + 1, &until_min);
    else
        rest = NULL;
    if (rest == NULL || *rest != '\0')
        return refuse(reading, _("'%.*s' is no hours: write them as 07:00-19:00"), SHOWN_MAX, word);
    if (from_min == until_min || from_min == WEEK_WINDOWS_DAY)
        return refuse(reading, _("'%.*s' begins where it ends: for a whole day write 00:00-24:00"), SHOWN_MAX,
                      word);
    if (reading->days[0] != '\0' &&
        weekdays_parse(reading->days, strlen(reading->days), &weekdays, unknown) != ERR_OK)
        return refuse(reading,
                      _("'%s' is no day: write mon tue wed thu fri sat sun, or lun mar mer jeu ven sam dim"),
                      unknown);
    reading->hours_seen = true;
    return add(reading, weekdays, from_min, until_min != 0 ? until_min : WEEK_WINDOWS_DAY);
}

static int take_word(struct reading *reading, const char *word)
{
    if (isdigit((unsigned char)word[0]))
        return take_hours(reading, word);
    if (reading->hours_seen)
        reading->days[0] = '\0';
    reading->hours_seen = false;
    size_t used = strlen(reading->days);
    snprintf(reading->days + used, sizeof reading->days - used, "%s%s", used != 0 ? " " : "", word);
    return ERR_OK;
}

/* Replaces long dashes by '-' and removes the spaces beside a dash, so that a range is one word. */
static void tidy(const char *text, char out[LINE_MAX_LEN + 1])
{
    size_t used = 0;
    while (*text != '\0' && used < LINE_MAX_LEN) {
        bool long_dash = strncmp(text, "\xE2\x80\x93", 3) == 0 || strncmp(text, "\xE2\x80\x94", 3) == 0;
        char c = long_dash ? '-' : *text;
        text += long_dash ? 3 : 1;
        if (c == ',' || c == ';' || c == '\t')
            c = ' ';
        if (c == '-')
            while (used > 0 && out[used - 1] == ' ')
                used--;
        if (c == ' ' && used > 0 && out[used - 1] == '-')
            continue;
        out[used++] = c;
    }
    out[used] = '\0';
}

int week_windows_parse(const char *text, struct week_window windows[WEEK_WINDOWS_MAX],
                       char why[WEEK_WINDOWS_WHY_MAX])
{
    struct reading reading = {.windows = windows, .why = why};
    char line[LINE_MAX_LEN + 1], *rest = line;
    if (strlen(text) > LINE_MAX_LEN)
        return refuse(&reading, _("is longer than %d letters"), LINE_MAX_LEN);
    tidy(text, line);
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        int error = word[0] != '\0' ? take_word(&reading, word) : ERR_OK;
        if (error != ERR_OK)
            return error;
    }
    if (!reading.hours_seen)
        return refuse(&reading, "%s",
                      reading.count == 0
                          ? _("has no hours: write for example mon-fri 07:00-19:00")
                          : _("ends with days that have no hours: write for example mon-fri 07:00-19:00"));
    return reading.count;
}

void week_windows_format(const struct week_window *windows, size_t count, char out[WEEK_WINDOWS_TEXT_MAX])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && used < WEEK_WINDOWS_TEXT_MAX; i++) {
        const struct week_window *window = &windows[i];
        char days[WEEKDAYS_TEXT_SIZE];
        weekdays_text(window->weekdays, days);
        bool same_days = i > 0 && windows[i - 1].weekdays == window->weekdays;
        int added =
            snprintf(out + used, WEEK_WINDOWS_TEXT_MAX - used, "%s%s%s%02d:%02d-%02d:%02d", i > 0 ? ", " : "",
                     same_days ? "" : days, same_days ? "" : " ", window->from_min / 60,
                     window->from_min % 60, window->until_min / 60, window->until_min % 60);
        used += added > 0 ? (size_t)added : 0;
    }
}
