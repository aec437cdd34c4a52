/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hardware clock that is a file, by LD_PRELOAD (rtc.sh): the file holds the seconds since 1970, UTC, that
 * the clock stands at; it does not run. An empty file is a clock that was never set. The system clock counts
 * as not synchronised.
 */
#include <errno.h>
#include <linux/rtc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static int read_time(int fd, struct rtc_time *rtc)
{
    char text[32] = "";

    if (pread(fd, text, sizeof(text) - 1, 0) <= 0) {
        errno = EINVAL;
        return -1;
    }
    time_t utc_s = atol(text);
    struct tm tm;
    gmtime_r(&utc_s, &tm);
    *rtc = (struct rtc_time){tm.tm_sec,  tm.tm_min,  tm.tm_hour, tm.tm_mday, tm.tm_mon,
                             tm.tm_year, tm.tm_wday, tm.tm_yday, 0};
    return 0;
}

/* The file is opened again for writing: a clock is set on a descriptor that is open for reading. */
static int set_time(int fd, const struct rtc_time *rtc)
{
    struct tm tm = {.tm_sec = rtc->tm_sec,
                    .tm_min = rtc->tm_min,
                    .tm_hour = rtc->tm_hour,
                    .tm_mday = rtc->tm_mday,
                    .tm_mon = rtc->tm_mon,
                    .tm_year = rtc->tm_year};
    char path[32];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return -1;
    fprintf(file, "%ld\n", (long)timegm(&tm));
    return fclose(file);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;

    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (request == RTC_RD_TIME)
        return read_time(fd, argument);
    if (request == RTC_SET_TIME)
        return set_time(fd, argument);
    return (int)syscall(SYS_ioctl, fd, request, argument);
}

int adjtimex(struct timex *state)
{
    (void)state;
    return TIME_ERROR;
}
