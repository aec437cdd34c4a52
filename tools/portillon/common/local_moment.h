/* A moment as people say it, "2026-11-23 12:10", by the clock on the school's wall. */
#ifndef TOOLS_PORTILLON_COMMON_LOCAL_MOMENT_H
#define TOOLS_PORTILLON_COMMON_LOCAL_MOMENT_H

#include <stddef.h>

#include "firmware/base/time_zone.h"

/* Reads a date (civil_date.h) and HH:MM. *why (static text) says what is wrong, also of a time that the
 * clocks jump over. One that comes twice, when they go back, is the first of the two. @retval ERR_OK,
 * ERR_FORMAT. */
int local_moment_parse(const struct time_zone *zone, const char *text, struct local_time *moment,
                       const char **why) MUST_USE;

/* "mon 2026-11-23 12:10" */
void local_moment_format(const struct local_time *moment, char *out, size_t size);

#endif
