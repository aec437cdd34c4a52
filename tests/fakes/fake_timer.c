/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/fake_timer.h"

static uint64_t monotonic_us(void *ctx)
{
    struct fake_timer *fake = ctx;
    return fake->is_stopped ? fake->now_us : fake->now_us++;
}

static int rtc_read(void *ctx, uint32_t *utc_s)
{
    const struct fake_timer *fake = ctx;
    if (!fake->has_rtc || !fake->rtc_set)
        return ERR_NOT_FOUND;
    *utc_s = fake->rtc_utc_s + (uint32_t)((fake->now_us - fake->rtc_set_us) / 1000000);
    return ERR_OK;
}

static int rtc_write(void *ctx, uint32_t utc_s)
{
    struct fake_timer *fake = ctx;
    if (!fake->has_rtc)
        return ERR_NOT_FOUND;
    fake->rtc_set = true;
    fake->rtc_set_us = fake->now_us;
    fake->rtc_utc_s = utc_s;
    return ERR_OK;
}

void fake_timer_init(struct fake_timer *fake, uint64_t start_us)
{
    *fake = (struct fake_timer){
        .timer = {.monotonic_us = monotonic_us, .rtc_read = rtc_read, .rtc_write = rtc_write, .ctx = fake},
        .now_us = start_us};
}

void fake_timer_advance_ms(struct fake_timer *fake, uint64_t ms)
{
    fake->now_us += ms * 1000;
}
