/*
 * What time it is, and how far that can be believed. UTC inside; days are civil days.
 */
#ifndef FIRMWARE_BASE_CLOCK_H
#define FIRMWARE_BASE_CLOCK_H

#include <stdint.h>

#include "hal/error.h"
#include "hal/timer.h"

#define CLOCK_EARLIEST_UTC_S UINT32_C(1704067200) /* 2024-01-01: no clock is believed that shows less */

enum clock_quality {
    CLOCK_UNSET = 0, /* time since start-up only */
    CLOCK_SET = 1,   /* set since start-up, or read from a battery-backed clock */
    CLOCK_STALE = 2, /* set once, but power went since, or nobody confirmed it for long */
};

struct clock {
    const struct timer *timer;
    enum clock_quality quality;
    uint64_t offset_us;       /* UTC minus monotonic */
    uint32_t confirmed_utc_s; /* when somebody last set it, or it was first believed */
};

/* Reads the battery-backed clock where there is one. */
void clock_init(struct clock *clock, const struct timer *timer);
/* Seconds since 1970-01-01 UTC, or since start-up when unset. */
uint32_t clock_utc_s(const struct clock *clock);
/* @retval ERR_OK, ERR_ARGUMENT (before 2024: no list of ours is that old). */
int clock_set(struct clock *clock, uint32_t utc_s) MUST_USE;
/* After a start: where no battery kept the time, or one that failed kept an earlier one, goes on from the last
 * moment known, as stale. Nothing happens to a clock that is set and not more than a minute behind, or for a
 * moment before 2024. */
void clock_resume(struct clock *clock, uint32_t utc_s);
/* When it was last set, as remembered over a restart; 0: not known. Later than now counts as now. */
void clock_recall_confirmed(struct clock *clock, uint32_t confirmed_utc_s);
/* Makes a clock stale that was not set for so many days; 0: never. */
void clock_age(struct clock *clock, uint16_t days);
/* Days since 2000-01-01 of a UTC second; 0 before. */
uint16_t clock_day(uint32_t utc_s);
/* "unset", "set", "stale". */
const char *clock_quality_name(enum clock_quality quality);

#endif
