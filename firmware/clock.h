/*
 * What time it is, and how far that can be believed. UTC inside; days are civil days.
 */
#ifndef FIRMWARE_CLOCK_H
#define FIRMWARE_CLOCK_H

#include <stdint.h>

#include "hal/error.h"
#include "hal/timer.h"

enum clock_quality {
    CLOCK_UNSET = 0, /* time since start-up only */
    CLOCK_SET = 1,   /* set since start-up, or read from a battery-backed clock */
    CLOCK_STALE = 2, /* set once, not confirmed for long */
};

struct clock {
    const struct timer *timer;
    enum clock_quality quality;
    uint64_t offset_us; /* UTC minus monotonic */
};

/* Reads the battery-backed clock where there is one. */
void clock_init(struct clock *clock, const struct timer *timer);
/* Seconds since 1970-01-01 UTC, or since start-up when unset. */
uint32_t clock_utc_s(const struct clock *clock);
/* @retval ERR_OK, ERR_ARGUMENT (before 2024: no list of ours is that old). */
int clock_set(struct clock *clock, uint32_t utc_s) MUST_USE;
/* Days since 2000-01-01 of a UTC second; 0 before. */
uint16_t clock_day(uint32_t utc_s);
/* "unset", "set", "stale". */
const char *clock_quality_name(enum clock_quality quality);

#endif
