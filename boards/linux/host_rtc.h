/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hardware clock of the computer, a device such as /dev/rtc0 (rtc(4)). It keeps UTC.
 *
 * The device is opened for each call, because only one program can have it open. A call blocks for a transfer
 * on the bus of the clock.
 */
#ifndef BOARDS_LINUX_HOST_RTC_H
#define BOARDS_LINUX_HOST_RTC_H

#include <stdint.h>

#include "hal/error.h"

#define HOST_RTC_NOTE_LEN 320

/* Reads the seconds since 1970-01-01 UTC. note is empty or one line without newline that names the device:
 * on error, and when the cell is low. Returns ERR_OK, ERR_NOT_FOUND (the clock lost its time), ERR_IO (the
 * device cannot be opened or read). */
int host_rtc_read(const char *device, uint32_t *utc_s, char note[HOST_RTC_NOTE_LEN]) MUST_USE;

/* Sets the clock. This needs the capability CAP_SYS_TIME. note is as above. Returns ERR_OK, ERR_IO. */
int host_rtc_write(const char *device, uint32_t utc_s, char note[HOST_RTC_NOTE_LEN]) MUST_USE;

#endif
