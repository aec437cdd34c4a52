/*
 * Seconds since 1970 to and from date and time of day, UTC, Gregorian calendar: what a real-time clock counts
 * in. No state, no I/O. 1970-01-01 to 2105-12-31.
 */
#ifndef HAL_COMMON_CIVIL_TIME_H
#define HAL_COMMON_CIVIL_TIME_H

#include <stdint.h>

#include "hal/error.h"

struct civil_time {
    uint16_t year;   /* 2024 */
    uint8_t month;   /* 1 to 12 */
    uint8_t day;     /* 1 to 31 */
    uint8_t weekday; /* 1 Monday to 7 Sunday (ISO 8601) */
    uint8_t hour, minute, second;
};

struct civil_time civil_time_from_utc(uint32_t utc_s);

/* weekday is not looked at. @retval ERR_OK, ERR_ARGUMENT (no such date or time, or outside the years above).
 */
int civil_time_to_utc(const struct civil_time *civil, uint32_t *utc_s) MUST_USE;

#endif
