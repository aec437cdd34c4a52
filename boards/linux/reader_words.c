/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/reader_words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"

#define PARTS    2
#define PART_LEN 64

/* What the drivers report (hal/pn532/pn532_reports.c, hal/libnfc/): whole texts, then those with values. */
__attribute__((unused)) static const char *const whole_texts[] = {
    N_("no answer"),
    N_("damaged answers"),
    N_("serial line failed"),
    N_("not a PN532"),
    N_("unexpected answer"),
    N_("no reader found"),
    N_("reader refused its configuration"),
    N_("reader error: no answer"),
    N_("reader error: bad answer"),
    N_("reader process ended"),
    N_("reader process could not be started"),
    N_("reader process sent nonsense"),
    N_("no answer for 1 s"),
    N_("reader did not open within 4 s"),
};
/* One that is longer stands before one that begins like it. */
static const char *const patterns[] = {
    N_("PN532 firmware %s at %s baud"),
    N_("PN532 firmware %s"),
    N_("no reader at %s"),
    N_("reader process ended by signal %s"),
    N_("reader process ended with status %s"),
};

/* Returns true if text is the pattern with a value in place of each %s. parts are the values. */
static bool match(const char *text, const char *pattern, char parts[PARTS][PART_LEN])
{
    size_t count = 0;

    for (const char *gap; (gap = strstr(pattern, "%s")) != NULL; pattern = gap + 2) {
        size_t fixed = (size_t)(gap - pattern);
        if (count == PARTS || strncmp(text, pattern, fixed) != 0)
            return false;
        text += fixed;
        size_t len = strcspn(text, gap[2] != '\0' ? " " : "");
        if (len == 0 || len >= PART_LEN)
            return false;
        snprintf(parts[count++], PART_LEN, "%.*s", (int)len, text);
        text += len;
    }
    return strcmp(text, pattern) == 0;
}

const char *reader_words(const char *text, char shown[READER_WORDS_LEN])
{
    char parts[PARTS][PART_LEN] = {"", ""};

    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        if (match(text, patterns[i], parts)) {
            snprintf(shown, READER_WORDS_LEN, translate(patterns[i]), parts[0], parts[1]);
            return shown;
        }
    snprintf(shown, READER_WORDS_LEN, "%s", translate(text));
    return shown;
}
