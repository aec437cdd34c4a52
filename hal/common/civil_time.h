/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Converts seconds since 1970-01-01 00:00:00 UTC to a date and a time of day, and back. Real-time clocks
 * count in date and time. UTC, Gregorian calendar, 1970-01-01 to 2105-12-31. No state, no I/O, nothing
 * blocks.
 */
#ifndef HAL_COMMON_CIVIL_TIME_H
#define HAL_COMMON_CIVIL_TIME_H

#include <stdint.h>

#include "hal/error.h"

struct civil_time {
    uint16_t year;   /* all four digits, for example 2024 */
    uint8_t month;   /* 1 to 12 */
    uint8_t day;     /* 1 to 31 */
    uint8_t weekday; /* 1 (Monday) to 7 (Sunday), as in ISO 8601 */
    uint8_t hour, minute, second;
};

/* Returns the date and time of day of utc_s, with the weekday. */
struct civil_time civil_time_from_utc(uint32_t utc_s);

/* Converts civil to seconds in *utc_s and ignores the weekday. Returns ERR_OK, ERR_ARGUMENT (there is no such
 * date or time, or the year is outside 1970 to 2105). */
int civil_time_to_utc(const struct civil_time *civil, uint32_t *utc_s) MUST_USE;

#endif
