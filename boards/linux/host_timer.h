/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timer (hal/timer.h) on Linux: CLOCK_MONOTONIC, and a battery-backed clock.
 *
 * Without an RTC device the system clock takes the place of that clock. One before 2024 was not set, and
 * counts as absent. Setting the clock of the gate keeps the difference in the struct until the program ends.
 *
 * With an RTC device (host_rtc.h), the time is that of the device, unless the kernel says that the system
 * clock is synchronised and the clock of the gate was not set since the start. Setting the clock of the gate
 * sets the device.
 *
 * The system clock is never set. Nothing but the device blocks.
 */
#ifndef BOARDS_LINUX_HOST_TIMER_H
#define BOARDS_LINUX_HOST_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "boards/linux/host_rtc.h"
#include "hal/timer.h"

enum host_timer_battery {
    HOST_TIMER_NO_BATTERY,   /* a board without a real-time clock */
    HOST_TIMER_SYSTEM_CLOCK, /* the system clock stands for one */
    HOST_TIMER_RTC_DEVICE,
};

struct host_timer {
    struct timer timer; /* hand this to the firmware */
    enum host_timer_battery battery;
    const char *rtc_device;       /* NULL: none */
    int64_t offset_s;             /* clock of the gate minus system clock */
    bool is_set;                  /* the clock of the gate was set since the start */
    char note[HOST_RTC_NOTE_LEN]; /* of the last use of the device */
    char told[HOST_RTC_NOTE_LEN];
};

/* Initialises the timer. The caller owns host_timer and does not move it while its timer is used.
 * rtc_device is for HOST_TIMER_RTC_DEVICE and must stay valid. */
void host_timer_init(struct host_timer *host_timer, enum host_timer_battery battery, const char *rtc_device);

/* Fills in a line of text about the RTC device, if the last use of it gave another one than the use before.
 * Returns false if there is none. */
bool host_timer_tell(struct host_timer *host_timer, char note[HOST_RTC_NOTE_LEN]);

/* Returns the microseconds of CLOCK_MONOTONIC. */
uint64_t host_monotonic_us(void);

#endif
