/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes a moment in the school's local time, as users write it: "2026-11-23 12:10". The caller
 * owns all memory. Nothing blocks. */
#ifndef TOOLS_PORTILLON_COMMON_LOCAL_MOMENT_H
#define TOOLS_PORTILLON_COMMON_LOCAL_MOMENT_H

#include <stddef.h>

#include "firmware/base/time_zone.h"

#define LOCAL_MOMENT_SIZE 96

/* Reads a date (civil_date.h) and HH:MM in the time zone. A local time that occurs twice, when the clocks go
 * back, gives the first of the two. On an error, *why points to static text that says what is wrong; a time
 * that the clocks jump over is an error too. Returns ERR_OK or ERR_FORMAT. */
int local_moment_parse(const struct time_zone *zone, const char *text, struct local_time *moment,
                       const char **why) MUST_USE;

/* Writes the moment as "mon 2026-11-23 12:10", for data. */
void local_moment_format(const struct local_time *moment, char *out, size_t size);
/* The same for people, with the weekday in their language. */
void local_moment_text(const struct local_time *moment, char out[LOCAL_MOMENT_SIZE]);

#endif
