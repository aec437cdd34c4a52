/* SPDX-License-Identifier: Apache-2.0 */
/* Implements hal/timer.h with a time that the test sets. Each reading advances the time by a microsecond, so
 * that no wait lasts for ever. The caller owns the struct and must not move it. */
#ifndef TESTS_FAKES_FAKE_TIMER_H
#define TESTS_FAKES_FAKE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/timer.h"

struct fake_timer {
    struct timer timer;
    uint64_t now_us;
    bool is_stopped;     /* readings do not advance the time, for a test of a limit to the microsecond */
    bool has_rtc;        /* there is a battery-backed clock */
    bool rtc_set;        /* it was set since it lost power */
    uint64_t rtc_set_us; /* when it was set, and the time it was set to */
    uint32_t rtc_utc_s;
};

/* Starts at start_us, without a battery-backed clock. */
void fake_timer_init(struct fake_timer *fake, uint64_t start_us);
/* Advances the time. */
void fake_timer_advance_ms(struct fake_timer *fake, uint64_t ms);

#endif
