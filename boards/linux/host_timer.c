/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/host_timer.h"

#include <time.h>

#define EARLIEST_UTC_S 1704067200 /* 2024-01-01: an earlier system clock was not set */

uint64_t host_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    return host_monotonic_us();
}

static int rtc_read(void *ctx, uint32_t *utc_s)
{
    const struct host_timer *host_timer = ctx;
    int64_t host_s = time(NULL);
    int64_t gate_s = host_s + host_timer->offset_s;

    /* After the clock of the gate was set, the system clock need no longer be right. */
    bool known = host_s >= EARLIEST_UTC_S || host_timer->offset_s != 0;
    if (!host_timer->battery || !known || gate_s < 0 || gate_s > UINT32_MAX)
        return ERR_NOT_FOUND;
    *utc_s = (uint32_t)gate_s;
    return ERR_OK;
}

static int rtc_write(void *ctx, uint32_t utc_s)
{
    struct host_timer *host_timer = ctx;

    if (!host_timer->battery)
        return ERR_NOT_FOUND;
    host_timer->offset_s = (int64_t)utc_s - time(NULL);
    return ERR_OK;
}

void host_timer_init(struct host_timer *host_timer, bool battery)
{
    *host_timer = (struct host_timer){
        .timer = {.monotonic_us = monotonic_us,
                  .rtc_read = rtc_read,
                  .rtc_write = rtc_write,
                  .ctx = host_timer},
        .battery = battery,
    };
}
