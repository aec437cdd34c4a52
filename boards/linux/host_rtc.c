/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/host_rtc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtc.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "firmware/base/clock.h"
#include "hal/common/civil_time.h"
#include "hal/linux/translate.h"

#define TM_YEAR_0 1900

static int fail(char note[HOST_RTC_NOTE_LEN], const char *format, const char *device)
{
    snprintf(note, HOST_RTC_NOTE_LEN, format, device, translate_errno(errno));
    return ERR_IO;
}

static int open_clock(const char *device, int flags, char note[HOST_RTC_NOTE_LEN])
{
    int fd = open(device, flags | O_CLOEXEC | O_NONBLOCK);

    note[0] = '\0';
    return fd >= 0 ? fd : fail(note, _("%.200s: cannot open the hardware clock: %s"), device);
}

/* Returns what the clock knows of its supply, as RTC_VL_READ has it; 0 for a clock that does not tell. */
static unsigned read_supply(int fd)
{
    unsigned supply = 0;

    return ioctl(fd, RTC_VL_READ, &supply) == 0 ? supply : 0;
}

static int lost_time(const char *device, char note[HOST_RTC_NOTE_LEN])
{
    snprintf(
        note, HOST_RTC_NOTE_LEN,
        _("%.200s: the hardware clock was never set, or its cell is empty: the time is unknown until the "
          "office sets it"),
        device);
    return ERR_NOT_FOUND;
}

static int to_utc(const struct rtc_time *time, uint32_t *utc_s)
{
    const struct civil_time civil = {
        .year = (uint16_t)(time->tm_year + TM_YEAR_0),
        .month = (uint8_t)(time->tm_mon + 1),
        .day = (uint8_t)time->tm_mday,
        .hour = (uint8_t)time->tm_hour,
        .minute = (uint8_t)time->tm_min,
        .second = (uint8_t)time->tm_sec,
    };

    return civil_time_to_utc(&civil, utc_s);
}

static int read_clock(int fd, const char *device, uint32_t *utc_s, char note[HOST_RTC_NOTE_LEN])
{
    const unsigned supply = read_supply(fd);
    struct rtc_time time = {0};
    int got = ioctl(fd, RTC_RD_TIME, &time);

    /* EINVAL: the driver knows that the clock stopped. */
    if (got != 0 && errno != EINVAL)
        return fail(note, _("%.200s: cannot read the hardware clock: %s"), device);
    if (got != 0 || (supply & RTC_VL_DATA_INVALID) != 0 || to_utc(&time, utc_s) != ERR_OK ||
        *utc_s < CLOCK_EARLIEST_UTC_S)
        return lost_time(device, note);
    if ((supply & (RTC_VL_BACKUP_LOW | RTC_VL_BACKUP_EMPTY)) != 0)
        snprintf(note, HOST_RTC_NOTE_LEN, _("%.200s: the cell of the hardware clock is low: replace it"),
                 device);
    return ERR_OK;
}

int host_rtc_read(const char *device, uint32_t *utc_s, char note[HOST_RTC_NOTE_LEN])
{
    int fd = open_clock(device, O_RDONLY, note);

    if (fd < 0)
        return fd;
    int error = read_clock(fd, device, utc_s, note);
    close(fd);
    return error;
}

int host_rtc_write(const char *device, uint32_t utc_s, char note[HOST_RTC_NOTE_LEN])
{
    const struct civil_time civil = civil_time_from_utc(utc_s);
    const struct rtc_time time = {
        .tm_year = civil.year - TM_YEAR_0,
        .tm_mon = civil.month - 1,
        .tm_mday = civil.day,
        .tm_hour = civil.hour,
        .tm_min = civil.minute,
        .tm_sec = civil.second,
    };
    int fd = open_clock(device, O_RDONLY, note), error = ERR_OK;

    if (fd < 0)
        return fd;
    if (ioctl(fd, RTC_SET_TIME, &time) != 0)
        error = fail(note, _("%.200s: cannot set the hardware clock, so that a power cut loses the time: %s"),
                     device);
    close(fd);
    return error;
}
