/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/fake_rtc.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

struct fake_rtc fake_rtc;

static int fail(int error)
{
    errno = error;
    return -1;
}

static int read_time(struct rtc_time *time)
{
    if (fake_rtc.read_error != 0)
        return fail(fake_rtc.read_error);
    fake_rtc.reads++;
    *time = fake_rtc.time;
    return 0;
}

static int set_time(const struct rtc_time *time)
{
    if (fake_rtc.write_error != 0)
        return fail(fake_rtc.write_error);
    fake_rtc.time = *time;
    return 0;
}

static int read_supply(unsigned *supply)
{
    if (!fake_rtc.knows_supply)
        return fail(ENOTTY);
    *supply = fake_rtc.supply;
    return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;

    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (request == RTC_RD_TIME)
        return read_time(argument);
    if (request == RTC_SET_TIME)
        return set_time(argument);
    if (request == RTC_VL_READ)
        return read_supply(argument);
    return (int)syscall(SYS_ioctl, fd, request, argument);
}

int adjtimex(struct timex *state)
{
    (void)state;
    return fake_rtc.is_synchronised ? TIME_OK : TIME_ERROR;
}
