/* Time: a counter that only runs forward since start-up, and a real-time clock where there is one. */
#ifndef HAL_TIMER_H
#define HAL_TIMER_H

#include <stdint.h>

#include "hal/error.h"

struct timer {
    /* Microseconds since an arbitrary start; never goes back. */
    uint64_t (*monotonic_us)(void *ctx);
    /* Seconds since 1970-01-01 UTC from a battery-backed clock.
     * @retval ERR_OK, ERR_NOT_FOUND (no such clock, or it lost power since it was set). */
    int (*rtc_read)(void *ctx, uint32_t *utc_s) MUST_USE;
    /* @retval ERR_OK, ERR_NOT_FOUND (no such clock). */
    int (*rtc_write)(void *ctx, uint32_t utc_s) MUST_USE;
    void *ctx;
};

#endif
