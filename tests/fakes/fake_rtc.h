/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for the hardware clock and the kernel's NTP state when the tests are linked: ioctl(2) with the
 * requests of rtc(4), on any file that can be opened, and adjtimex(2). Other requests reach the kernel.
 */
#ifndef TESTS_FAKES_FAKE_RTC_H
#define TESTS_FAKES_FAKE_RTC_H

#include <linux/rtc.h>
#include <stdbool.h>

struct fake_rtc {
    struct rtc_time time;
    unsigned supply;      /* RTC_VL_* bits */
    bool knows_supply;    /* false: RTC_VL_READ fails, as on most clocks */
    int read_error;       /* not 0: errno of RTC_RD_TIME */
    int write_error;      /* not 0: errno of RTC_SET_TIME */
    unsigned reads;       /* RTC_RD_TIME that succeeded */
    bool is_synchronised; /* what adjtimex says of the system clock */
};

extern struct fake_rtc fake_rtc;

#endif
