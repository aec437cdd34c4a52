/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate's clock: the time in UTC, and how reliable it is. The caller owns the struct. Nothing blocks.
 */
#ifndef FIRMWARE_BASE_CLOCK_H
#define FIRMWARE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/timer.h"

#define CLOCK_EARLIEST_UTC_S                                                                                 \
    UINT32_C(1704067200) /* 2024-01-01: a clock that shows an earlier time is not believed */

enum clock_quality {
    CLOCK_UNSET = 0, /* time since start-up only */
    CLOCK_SET = 1,   /* set since start-up, or read from a battery-backed clock */
    CLOCK_STALE = 2, /* was set, but power failed since, or it was not confirmed for clock_days */
};

struct clock {
    const struct timer *timer;
    enum clock_quality quality;
    uint64_t offset_us;       /* UTC minus monotonic */
    uint32_t confirmed_utc_s; /* when it was last set, or first believed */
    bool resumed;             /* it continued from the last known time after a start, and is behind by the
                                 time without power */
};

/* Starts the clock. Reads the battery-backed clock where the board has one. */
void clock_init(struct clock *clock, const struct timer *timer);
/* Returns seconds since 1970-01-01 UTC, or since start-up while the clock is unset. */
uint32_t clock_utc_s(const struct clock *clock);
/* Sets the clock. Returns ERR_OK, or ERR_ARGUMENT for a time before CLOCK_EARLIEST_UTC_S. */
int clock_set(struct clock *clock, uint32_t utc_s) MUST_USE;
/* Continues from the last known time after a start, as stale. It does so when the clock is unset, or is
 * more than a minute behind that time (a battery that failed). A time before CLOCK_EARLIEST_UTC_S is
 * ignored. */
void clock_resume(struct clock *clock, uint32_t utc_s);
/* Restores when the clock was last set, as stored before the restart; 0: unknown. A time in the future
 * counts as now. */
void clock_recall_confirmed(struct clock *clock, uint32_t confirmed_utc_s);
/* Makes the clock stale when it was not set for that many days; 0: never. */
void clock_age(struct clock *clock, uint16_t days);
/* Returns the days from 2000-01-01 to a UTC second; 0 for earlier ones. */
uint16_t clock_day(uint32_t utc_s);
/* Returns "unset", "set" or "stale". */
const char *clock_quality_name(enum clock_quality quality);

#endif
