/* SPDX-License-Identifier: Apache-2.0 */
/* Converts dates between the text that users write and days since 2000-01-01. The functions are pure: they
 * keep no state, allocate no memory and never block. */
#ifndef TOOLS_PORTILLON_COMMON_CIVIL_DATE_H
#define TOOLS_PORTILLON_COMMON_CIVIL_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define CIVIL_DATE_TEXT_SIZE 32

/* Reads DD/MM/YYYY (also with - or . between the numbers) or YYYY-MM-DD. A time of midnight (" 00:00:00") may
 * follow the date. The year is from 1 to 9999, so *day may be negative. On an error, *why points to static
 * text that says what is wrong and what to do. Returns ERR_OK or ERR_FORMAT. */
int civil_date_parse(const char *text, size_t len, int32_t *day, const char **why) MUST_USE;

/* A date as files write it, with the time that may follow it. */
struct civil_moment {
    int32_t day;      /* since 2000-01-01 */
    int32_t second;   /* of the day as written; 0 if none is given */
    bool has_offset;  /* Z or +02:00 follows */
    int32_t offset_s; /* what to take away to get UTC */
};

/* Reads a date like civil_date_parse, with any time behind it: "23:59:59", "T23:59:59.999+02:00", "23h59",
 * "11:59 PM", "T00:00Z", "T00:00+02:00[Europe/Paris]". Returns ERR_OK or ERR_FORMAT (*why as above). */
int civil_moment_parse(const char *text, size_t len, struct civil_moment *moment, const char **why) MUST_USE;

/* Returns the days from 2000-01-01 to a date of the Gregorian calendar. */
int32_t civil_date_day(int year, int month, int mday);

/* Writes the date as "YYYY-MM-DD" and its NUL, as data and file names have it. */
void civil_date_format(int32_t day, char out[CIVIL_DATE_TEXT_SIZE]);

/* Writes the date as people write it in the language of the environment: "DD/MM/YYYY" in French. */
void civil_date_text(int32_t day, char out[CIVIL_DATE_TEXT_SIZE]);

#endif
