/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/host_timer.h"

#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "firmware/base/clock.h"

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

/* ---- the system clock ---- */

static int read_system(const struct host_timer *host_timer, uint32_t *utc_s)
{
    int64_t host_s = time(NULL);
    int64_t gate_s = host_s + host_timer->offset_s;

    /* After the clock of the gate was set, the system clock need no longer be right. */
    bool known = host_s >= CLOCK_EARLIEST_UTC_S || host_timer->offset_s != 0;
    if (!known || gate_s < 0 || gate_s > UINT32_MAX)
        return ERR_NOT_FOUND;
    *utc_s = (uint32_t)gate_s;
    return ERR_OK;
}

/* Returns true if the kernel says that the system clock is synchronised, by NTP for example. */
static bool is_synchronised(void)
{
    struct timex state = {.modes = 0};
    int result = adjtimex(&state);

    return result >= 0 && result != TIME_ERROR;
}

/* ---- the RTC device ---- */

static int read_device(struct host_timer *host_timer, uint32_t *utc_s)
{
    int error = host_rtc_read(host_timer->rtc_device, utc_s, host_timer->note);

    return error == ERR_OK ? ERR_OK : ERR_NOT_FOUND;
}

bool host_timer_tell(struct host_timer *host_timer, char note[HOST_RTC_NOTE_LEN])
{
    if (strcmp(host_timer->note, host_timer->told) == 0)
        return false;
    memcpy(host_timer->told, host_timer->note, sizeof(host_timer->told));
    memcpy(note, host_timer->note, HOST_RTC_NOTE_LEN);
    return note[0] != '\0';
}

/* ---- hal/timer.h ---- */

static int rtc_read(void *ctx, uint32_t *utc_s)
{
    struct host_timer *host_timer = ctx;

    switch (host_timer->battery) {
    case HOST_TIMER_NO_BATTERY:
        break;
    case HOST_TIMER_SYSTEM_CLOCK:
        return read_system(host_timer, utc_s);
    case HOST_TIMER_RTC_DEVICE:
        return host_timer->is_set || !is_synchronised() ? read_device(host_timer, utc_s)
                                                        : read_system(host_timer, utc_s);
    }
    return ERR_NOT_FOUND;
}

static int rtc_write(void *ctx, uint32_t utc_s)
{
    struct host_timer *host_timer = ctx;

    switch (host_timer->battery) {
    case HOST_TIMER_NO_BATTERY:
        break;
    case HOST_TIMER_SYSTEM_CLOCK:
        host_timer->offset_s = (int64_t)utc_s - time(NULL);
        return ERR_OK;
    case HOST_TIMER_RTC_DEVICE:
        host_timer->is_set = true;
        return host_rtc_write(host_timer->rtc_device, utc_s, host_timer->note);
    }
    return ERR_NOT_FOUND;
}

void host_timer_init(struct host_timer *host_timer, enum host_timer_battery battery, const char *rtc_device)
{
    *host_timer = (struct host_timer){
        .timer = {.monotonic_us = monotonic_us,
                  .rtc_read = rtc_read,
                  .rtc_write = rtc_write,
                  .ctx = host_timer},
        .battery = battery,
        .rtc_device = rtc_device,
    };
}
