/*
 * hal/timer.h on a Linux host: CLOCK_MONOTONIC, and the system clock as the battery-backed one.
 *
 * Setting the gate's clock never touches the host's: the difference is kept here, until the program ends.
 * A system clock that stands before 2024 has plainly not been set and counts as absent. Nothing blocks.
 */
#ifndef BOARDS_LINUX_HOST_TIMER_H
#define BOARDS_LINUX_HOST_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/timer.h"

struct host_timer {
    struct timer timer; /* hand this to the firmware */
    bool battery;       /* false: a board without a real-time clock */
    int64_t offset_s;   /* gate's clock minus the host's */
};

/* The caller keeps host_timer where it is for as long as its timer is used. */
void host_timer_init(struct host_timer *host_timer, bool battery);

/* Microseconds of CLOCK_MONOTONIC. */
uint64_t host_monotonic_us(void);

#endif
