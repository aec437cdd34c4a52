/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Converts UTC to local time by a TZ rule of POSIX.1-2017 (Base Definitions, 8.3), with the hours from -167
 * to 167 that RFC 8536 (3.3.1) adds. Correct for every second of a uint32_t, up to 2106.
 *
 *   CET-1CEST,M3.5.0,M10.5.0/3     names (letters, or anything in <>), hours west of Greenwich, and when
 *                                  summer time begins and ends: Mm.w.d, Jn or n, each with /time
 *
 * A rule with a second name and no dates is refused, because each system reads it differently. Pure
 * functions; nothing blocks.
 */
#ifndef FIRMWARE_BASE_TIME_ZONE_H
#define FIRMWARE_BASE_TIME_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/error.h"

#define TIME_ZONE_TEXT_LEN 47                           /* longest rule, without its end */
#define TIME_ZONE_DEFAULT  "CET-1CEST,M3.5.0,M10.5.0/3" /* Europe/Paris */

/* When the offset changes each year: a day, and the second of that day in the local time that ends then. */
struct time_zone_change {
    enum {
        TIME_ZONE_JULIAN = 'J', /* day 1 to 365; 29 February is never counted */
        TIME_ZONE_DAY = 'D',    /* day 0 to 365; it is counted */
        TIME_ZONE_MONTH = 'M',  /* weekday, of week 1 to 5 (the last) of a month */
    } kind;
    uint8_t month, week, weekday; /* weekday 0: Sunday */
    uint16_t day;
    int32_t at_s;
};

struct time_zone {
    int32_t standard_s, summer_s; /* what is added to UTC */
    bool has_summer;
    struct time_zone_change begin, end; /* of summer time */
};

struct local_time {
    uint16_t day;    /* since 2000-01-01; 0 before */
    uint8_t weekday; /* 0 Monday to 6 Sunday */
    uint16_t minute; /* of the day, 0 to 1439 */
    bool is_summer;
};

/* Reads a rule from a NUL-terminated text. Returns ERR_OK, or ERR_FORMAT and leaves *zone unchanged. */
int time_zone_parse(struct time_zone *zone, const char *text) MUST_USE;
/* Returns the zone of TIME_ZONE_DEFAULT. */
struct time_zone time_zone_default(void);

/* Returns the local time of a UTC second. */
struct local_time time_zone_local(const struct time_zone *zone, uint32_t utc_s);
/* Returns the seconds to add to utc_s to get local time. */
int32_t time_zone_offset_s(const struct time_zone *zone, uint32_t utc_s);

#endif
