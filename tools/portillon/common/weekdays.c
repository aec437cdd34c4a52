/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/weekdays.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/text_fold.h"

#define WORD_MAX 24

int weekdays_find(const char *folded)
{
    static const char *const names[7][6] = {
        {"lundi", "lun", "lu", "monday", "mon", NULL},       {"mardi", "mar", "ma", "tuesday", "tue", NULL},
        {"mercredi", "mer", "me", "wednesday", "wed", NULL}, {"jeudi", "jeu", "je", "thursday", "thu", NULL},
        {"vendredi", "ven", "ve", "friday", "fri", NULL},    {"samedi", "sam", "sa", "saturday", "sat", NULL},
        {"dimanche", "dim", "di", "sunday", "sun", NULL},
    };
    for (int day = 0; day < 7; day++)
        if (text_is_one_of(folded, names[day]))
            return day;
    return ERR_NOT_FOUND;
}

/* Reads "lmmjv", "lmejv" or "lmjv": each letter is a day, in the order of the week. Returns the mask, or 0
 * when the word is not made of such letters. */
static uint8_t letters(const char *word)
{
    static const char order[] = "lmMjvsd"; /* M is the second m */
    uint8_t mask = 0;
    int last = -1;
    for (const char *c = word; *c != '\0'; c++) {
        int day;
        if (c[0] == 'm' && c[1] == 'e') {
            day = 2;
            c++;
        } else if (c[0] == 'm') {
            day = last < 1 ? 1 : 2;
        } else {
            const char *at = strchr(order, *c);
            if (at == NULL || *c == 'M')
                return 0;
            day = (int)(at - order);
        }
        if (day <= last)
            return 0;
        mask |= (uint8_t)(1 << day);
        last = day;
    }
    return mask;
}

static uint8_t digits(const char *word)
{
    uint8_t mask = 0;
    for (const char *c = word; *c != '\0'; c++) {
        if (*c < '1' || *c > '7' || (mask >> (*c - '1')) != 0)
            return 0;
        mask |= (uint8_t)(1 << (*c - '1'));
    }
    return mask;
}

static uint8_t one_word(const char *word)
{
    static const char *const all[] = {"touslesjours", "tous", "all", "everyday", "every", "quotidien", NULL};
    int day = weekdays_find(word);
    if (day >= 0)
        return (uint8_t)(1 << day);
    if (text_is_one_of(word, all))
        return WEEKDAYS_ALL;
    uint8_t mask = letters(word);
    return mask != 0 ? mask : digits(word);
}

/* Returns the days from first to last, across the end of the week if needed. */
static uint8_t range(int first, int last)
{
    uint8_t mask = 0;
    for (int day = first;; day = (day + 1) % 7) {
        mask |= (uint8_t)(1 << day);
        if (day == last)
            return mask;
    }
}

struct reading {
    uint8_t mask;
    int open_range; /* first day of a range whose last day has not come yet; -1 if none */
    int last_day;   /* the day that the previous word named; -1 if it did not name exactly one */
};

static int single_day(uint8_t mask)
{
    for (int day = 0; day < 7; day++)
        if (mask == 1 << day)
            return day;
    return -1;
}

static bool take_word(struct reading *reading, const char *word)
{
    static const char *const fillers[] = {"du",   "le",    "les",  "et",   "and",
                                          "from", "jours", "jour", "days", NULL};
    static const char *const until[] = {"au", "a", "to", NULL};
    if (text_is_one_of(word, fillers))
        return true;
    if (text_is_one_of(word, until)) {
        reading->open_range = reading->last_day;
        return reading->last_day >= 0;
    }
    uint8_t mask = one_word(word);
    reading->last_day = single_day(mask);
    if (reading->open_range >= 0) {
        if (reading->last_day < 0)
            return false;
        mask = range(reading->open_range, reading->last_day);
        reading->open_range = -1;
    }
    reading->mask |= mask;
    return mask != 0;
}

static bool is_separator(char c)
{
    return c == ' ' || c == ',' || c == ';' || c == '+' || c == '/' || c == '.' || c == '\t';
}

int weekdays_parse(const char *text, size_t len, uint8_t *mask, char unknown[WEEKDAYS_TEXT_SIZE])
{
    struct reading reading = {0, -1, -1};
    char word[WORD_MAX];
    text_fold(text, len, word, sizeof word);
    if (strcmp(word, "touslesjours") == 0 || strcmp(word, "everyday") == 0) {
        *mask = WEEKDAYS_ALL;
        return ERR_OK;
    }
    for (size_t i = 0; i < len;) {
        size_t end = i;
        while (end < len && !is_separator(text[end]) && text[end] != '-')
            end++;
        if (end > i) {
            text_fold(text + i, end - i, word, sizeof word);
            if (!take_word(&reading, word)) {
                text_show(text + i, end - i, unknown, WEEKDAYS_TEXT_SIZE);
                return ERR_FORMAT;
            }
        }
        if (end < len && text[end] == '-') {
            if (reading.last_day < 0 || reading.open_range >= 0) {
                snprintf(unknown, WEEKDAYS_TEXT_SIZE, "-");
                return ERR_FORMAT;
            }
            reading.open_range = reading.last_day;
        }
        i = end + 1;
    }
    *mask = reading.mask;
    if (reading.mask != 0 && reading.open_range < 0)
        return ERR_OK;
    text_show(text, len, unknown, WEEKDAYS_TEXT_SIZE);
    return ERR_FORMAT;
}

int weekdays_count(uint8_t mask)
{
    int count = 0;
    for (int day = 0; day < 7; day++)
        count += mask >> day & 1;
    return count;
}

/* A word in the language of the text. */
typedef const char *word_in(const char *word);

static const char *as_it_is(const char *word)
{
    return word;
}

static void write_days(uint8_t mask, word_in *say, char out[WEEKDAYS_TEXT_SIZE])
{
    static const char *const names[7] = {N_("mon"), N_("tue"), N_("wed"), N_("thu"),
                                         N_("fri"), N_("sat"), N_("sun")};
    size_t used = 0;
    mask &= WEEKDAYS_ALL;
    snprintf(out, WEEKDAYS_TEXT_SIZE, "%s", say(mask == WEEKDAYS_ALL ? N_("every day") : N_("no day")));
    if (mask == 0 || mask == WEEKDAYS_ALL)
        return;
    for (int day = 0; day < 7; day++) {
        int last = day;
        if (!(mask >> day & 1))
            continue;
        while (last < 6 && mask >> (last + 1) & 1)
            last++;
        bool is_range = last - day >= 2;
        used += (size_t)snprintf(out + used, WEEKDAYS_TEXT_SIZE - used, "%s%s%s%s", used != 0 ? " " : "",
                                 say(names[day]), is_range ? "-" : "", is_range ? say(names[last]) : "");
        if (is_range)
            day = last;
    }
}

void weekdays_format(uint8_t mask, char out[WEEKDAYS_TEXT_SIZE])
{
    write_days(mask, as_it_is, out);
}

void weekdays_text(uint8_t mask, char out[WEEKDAYS_TEXT_SIZE])
{
    write_days(mask, translate, out);
}
