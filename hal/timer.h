/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time: a monotonic counter and, where the board has one, a real-time clock.
 *
 * The implementation owns ctx. Nothing blocks for more than a few milliseconds.
 */
#ifndef HAL_TIMER_H
#define HAL_TIMER_H

#include <stdint.h>

#include "hal/error.h"

struct timer {
    /* Returns the microseconds since an arbitrary moment. The value never decreases. */
    uint64_t (*monotonic_us)(void *ctx);
    /* Reads the seconds since 1970-01-01 UTC from a battery-backed clock. Returns ERR_OK, ERR_NOT_FOUND (the
     * board has no such clock, or it lost power since it was set). */
    int (*rtc_read)(void *ctx, uint32_t *utc_s) MUST_USE;
    /* Sets that clock. Returns ERR_OK, ERR_NOT_FOUND (the board has no such clock, or it does not run),
     * ERR_ARGUMENT (the clock cannot represent this date), ERR_IO (the clock did not accept the time). */
    int (*rtc_write)(void *ctx, uint32_t utc_s) MUST_USE;
    void *ctx;
};

#endif
