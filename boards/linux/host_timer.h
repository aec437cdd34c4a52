/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timer (hal/timer.h) on Linux: CLOCK_MONOTONIC, and the system clock in place of a battery-backed
 * clock.
 *
 * Setting the clock of the gate does not set the system clock. The difference is kept in the struct
 * until the program ends. A system clock before 2024 was not set, and counts as absent. Nothing blocks.
 */
#ifndef BOARDS_LINUX_HOST_TIMER_H
#define BOARDS_LINUX_HOST_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/timer.h"

struct host_timer {
    struct timer timer; /* hand this to the firmware */
    bool battery;       /* false: a board without a real-time clock */
    int64_t offset_s;   /* clock of the gate minus system clock */
};

/* Initialises the timer. The caller owns host_timer and does not move it while its timer is used.
 * battery: the board has a battery-backed clock. */
void host_timer_init(struct host_timer *host_timer, bool battery);

/* Returns the microseconds of CLOCK_MONOTONIC. */
uint64_t host_monotonic_us(void);

#endif
