/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes the hours of a week as users write them: "mon-fri 07:00-19:00, sat 7h30-12h30". The
 * functions are pure, but for the language of week_windows_format. */
#ifndef TOOLS_PORTILLON_SITE_WEEK_WINDOWS_H
#define TOOLS_PORTILLON_SITE_WEEK_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define WEEK_WINDOWS_MAX      32
#define WEEK_WINDOWS_WHY_MAX  280
#define WEEK_WINDOWS_TEXT_MAX 512
#define WEEK_WINDOWS_DAY      1440 /* minutes */

struct week_window {
    uint8_t weekdays;   /* bit 0 Monday .. bit 6 Sunday: the day the window begins on */
    uint16_t from_min;  /* first minute inside, since local midnight */
    uint16_t until_min; /* first minute after, at most WEEK_WINDOWS_DAY; below from_min: of the next day */
};

/* Reads one or more groups of days and hours. A group is days (weekdays.h; no days mean every day) followed
 * by one or more hours, "07:00-19:00" or "7h-19h". Spaces, commas and semicolons separate the parts. On an
 * error, why says what is wrong and what to do. Returns the number of windows (1 and up) or ERR_FORMAT. */
int week_windows_parse(const char *text, struct week_window windows[WEEK_WINDOWS_MAX],
                       char why[WEEK_WINDOWS_WHY_MAX]) MUST_USE;

/* Writes the windows as text, in the language of the user: "mon-fri 07:00-19:00, sat 07:30-12:30". */
void week_windows_format(const struct week_window *windows, size_t count, char out[WEEK_WINDOWS_TEXT_MAX]);

#endif
