/* Dates as people write them, as days since 2000-01-01. Pure. */
#ifndef TOOLS_PORTILLON_COMMON_CIVIL_DATE_H
#define TOOLS_PORTILLON_COMMON_CIVIL_DATE_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define CIVIL_DATE_TEXT_SIZE 32

/* Reads DD/MM/YYYY (also with - or .) or YYYY-MM-DD, both also followed by a midnight (" 00:00:00").
 * Years 1 to 9999; *day may be negative. *why (static text) says what is wrong and what to do.
 * @retval ERR_OK, ERR_FORMAT. */
int civil_date_parse(const char *text, size_t len, int32_t *day, const char **why) MUST_USE;

/* Days since 2000-01-01 of a date of the Gregorian calendar. */
int32_t civil_date_day(int year, int month, int mday);

/* Writes "YYYY-MM-DD" and its NUL. */
void civil_date_format(int32_t day, char out[CIVIL_DATE_TEXT_SIZE]);

#endif
