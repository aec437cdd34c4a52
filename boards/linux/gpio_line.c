/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/gpio_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"

#define FLAG_LEN        32
#define DEBOUNCE_PREFIX "debounce="

static int wrong(char note[GPIO_LINE_NOTE_LEN], const char *what, const char *detail)
{
    snprintf(note, GPIO_LINE_NOTE_LEN, "%s%.200s", what, detail);
    return ERR_FORMAT;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* Copies len bytes without the blanks at their end. Returns false if they are none or too many. */
static bool copy_word(char *to, size_t size, const char *from, size_t len)
{
    while (len > 0 && (from[len - 1] == ' ' || from[len - 1] == '\t'))
        len--;
    if (len == 0 || len >= size)
        return false;
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

/* Reads a whole number of digits alone, at most max. */
static bool parse_number(const char *text, unsigned max, unsigned *number)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 6 || text[digits] != '\0')
        return false;
    *number = (unsigned)strtoul(text, NULL, 10);
    return *number <= max;
}

/* Splits CHIP:NUMBER, which is in line->name; a name without a colon stays there. */
static int split_chip(struct gpio_line *line, char note[GPIO_LINE_NOTE_LEN])
{
    char *colon = strrchr(line->name, ':');

    if (colon == NULL)
        return ERR_OK;
    if (colon == line->name || !parse_number(colon + 1, GPIO_LINE_NUMBER_MAX, &line->number))
        return wrong(note, _("a line is CHIP:NUMBER, or a name (with a colon in it, in quotes), not "),
                     line->name);
    *colon = '\0';
    memcpy(line->chip, line->name, sizeof(line->chip));
    line->name[0] = '\0';
    return ERR_OK;
}

/* Reads the line itself. *rest is what follows. */
static int parse_place(struct gpio_line *line, const char *text, const char **rest,
                       char note[GPIO_LINE_NOTE_LEN])
{
    bool quoted = text[0] == '"';
    const char *word = quoted ? text + 1 : text;
    size_t len = strcspn(word, quoted ? "\"" : ",\"");

    *rest = word + len;
    if (quoted && **rest != '"')
        return wrong(note, _("a quote is not closed: "), text);
    if (quoted)
        (*rest)++;
    if (!copy_word(line->name, sizeof(line->name), word, len))
        return wrong(note, _("the name of a line has 1 to 63 bytes: "), text);
    return quoted ? ERR_OK : split_chip(line, note);
}

static int set_bias(struct gpio_line *line, enum gpio_bias bias, char note[GPIO_LINE_NOTE_LEN])
{
    if (line->bias != GPIO_BIAS_AS_IS)
        return wrong(note, _("only one of pull-up, pull-down and no-pull is taken"), "");
    line->bias = bias;
    return ERR_OK;
}

static int take_flag(struct gpio_line *line, const char *flag, char note[GPIO_LINE_NOTE_LEN])
{
    if (strcmp(flag, "pull-up") == 0)
        return set_bias(line, GPIO_BIAS_PULL_UP, note);
    if (strcmp(flag, "pull-down") == 0)
        return set_bias(line, GPIO_BIAS_PULL_DOWN, note);
    if (strcmp(flag, "no-pull") == 0)
        return set_bias(line, GPIO_BIAS_NONE, note);
    if (strcmp(flag, "active-low") == 0)
        line->active_low = true;
    else if (strncmp(flag, DEBOUNCE_PREFIX, strlen(DEBOUNCE_PREFIX)) != 0)
        return wrong(note, _("a line takes active-low, pull-up, pull-down, no-pull and debounce=MS, not "),
                     flag);
    else if (!parse_number(flag + strlen(DEBOUNCE_PREFIX), GPIO_LINE_DEBOUNCE_MAX_MS, &line->debounce_ms))
        return wrong(note, _("debounce takes 0 to 1000 milliseconds, not "), flag + strlen(DEBOUNCE_PREFIX));
    return ERR_OK;
}

int gpio_line_parse(struct gpio_line *line, const char *text, char note[GPIO_LINE_NOTE_LEN])
{
    char flag[FLAG_LEN];
    const char *at;

    *line = (struct gpio_line){.bias = GPIO_BIAS_AS_IS};
    int error = parse_place(line, text, &at, note);
    while (error == ERR_OK && *(at = skip_blanks(at)) != '\0') {
        if (*at != ',')
            return wrong(note, _("a comma is missing before "), at);
        at = skip_blanks(at + 1);
        size_t len = strcspn(at, ",");
        if (!copy_word(flag, sizeof(flag), at, len))
            return wrong(note, _("after a comma stands a word of 1 to 31 bytes: "), text);
        error = take_flag(line, flag, note);
        at += len;
    }
    return error;
}

bool gpio_line_is_same(const struct gpio_line *one, const struct gpio_line *other)
{
    return strcmp(one->chip, other->chip) == 0 && strcmp(one->name, other->name) == 0 &&
           one->number == other->number;
}

void gpio_line_print(const struct gpio_line *line, char text[GPIO_LINE_NAME_LEN + 8])
{
    if (line->chip[0] == '\0')
        snprintf(text, GPIO_LINE_NAME_LEN + 8, "%s", line->name);
    else
        snprintf(text, GPIO_LINE_NAME_LEN + 8, "%s:%u", line->chip, line->number);
}
