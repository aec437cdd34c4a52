/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/base/clock.h"

#define MICROSECONDS     UINT64_C(1000000)
#define EPOCH_2000_UTC_S UINT32_C(946684800)
#define BEHIND_MAX_S     60 /* a battery-backed clock counts whole seconds and may be set inexactly */
#define SECONDS_A_DAY    UINT32_C(86400)

static void take_time(struct clock *clock, uint32_t utc_s)
{
    clock->offset_us = utc_s * MICROSECONDS - clock->timer->monotonic_us(clock->timer->ctx);
    clock->quality = CLOCK_SET;
    clock->confirmed_utc_s = utc_s;
    clock->resumed = false;
}

void clock_init(struct clock *clock, const struct timer *timer)
{
    uint32_t utc_s;
    *clock = (struct clock){.timer = timer, .quality = CLOCK_UNSET};
    clock->offset_us = 0 - timer->monotonic_us(timer->ctx);
    if (timer->rtc_read(timer->ctx, &utc_s) == ERR_OK && utc_s >= CLOCK_EARLIEST_UTC_S)
        take_time(clock, utc_s);
}

uint32_t clock_utc_s(const struct clock *clock)
{
    return (uint32_t)((clock->timer->monotonic_us(clock->timer->ctx) + clock->offset_us) / MICROSECONDS);
}

int clock_set(struct clock *clock, uint32_t utc_s)
{
    if (utc_s < CLOCK_EARLIEST_UTC_S)
        return ERR_ARGUMENT;
    take_time(clock, utc_s);
    /* A board without a battery loses the time when power fails. clock_init then leaves the clock unset. */
    int kept = clock->timer->rtc_write(clock->timer->ctx, utc_s);
    (void)kept;
    return ERR_OK;
}

void clock_resume(struct clock *clock, uint32_t utc_s)
{
    bool runs = clock->quality != CLOCK_UNSET && (uint64_t)clock_utc_s(clock) + BEHIND_MAX_S >= utc_s;
    if (runs || utc_s < CLOCK_EARLIEST_UTC_S)
        return;
    take_time(clock, utc_s);
    clock->quality = CLOCK_STALE;
    clock->resumed = true;
}

void clock_recall_confirmed(struct clock *clock, uint32_t confirmed_utc_s)
{
    if (confirmed_utc_s != 0 && confirmed_utc_s < clock->confirmed_utc_s)
        clock->confirmed_utc_s = confirmed_utc_s;
}

void clock_age(struct clock *clock, uint16_t days)
{
    if (clock->quality == CLOCK_SET && days != 0 &&
        clock_utc_s(clock) - clock->confirmed_utc_s > days * SECONDS_A_DAY)
        clock->quality = CLOCK_STALE;
}

uint16_t clock_day(uint32_t utc_s)
{
    return utc_s < EPOCH_2000_UTC_S ? 0 : (uint16_t)((utc_s - EPOCH_2000_UTC_S) / SECONDS_A_DAY);
}

const char *clock_quality_name(enum clock_quality quality)
{
    switch (quality) {
    case CLOCK_UNSET:
        return "unset";
    case CLOCK_SET:
        return "set";
    case CLOCK_STALE:
        return "stale";
    }
    return "unknown";
}
