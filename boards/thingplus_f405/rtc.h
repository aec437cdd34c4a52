/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver for the calendar of the STM32F405 (RM0090, chapter 26). Backup register 0 tells that the
 * calendar was set since VBAT was applied. The source of the calendar is chosen when the time is set:
 *
 *   32.768 kHz crystal (LSE)   runs from VBAT while the rest is off.
 *   12 MHz crystal (HSE)       if LSE does not run. The calendar survives a reset, but not a power cut, after
 *                              which it is not set and LSE is tried again. LSI would be no better in a power
 *                              cut, and is up to 47 percent off (DS8626, table 34).
 *
 * Nothing waits for LSE, which may take 2 s to start, or never start.
 */
#ifndef BOARDS_THINGPLUS_F405_RTC_H
#define BOARDS_THINGPLUS_F405_RTC_H

#include <stdbool.h>
#include <stdint.h>

#include "boards/thingplus_f405/clocks.h"
#include "hal/error.h"

/* Enables writes to the backup domain and starts LSE, unless it runs. power_was_lost: the chip was without
 * power since it last ran. Call it once, after clocks_start. */
void rtc_start(const struct clocks *clocks, bool power_was_lost);

/* Returns the source of the calendar, as a text for people; NULL if the calendar does not run. */
const char *rtc_source(void);
/* Returns true if the calendar runs on LSE. */
bool rtc_outlives_power(void);

/* Reads the time. Returns ERR_OK, ERR_NOT_FOUND (the calendar does not run, was never set, or lost its
 * power). */
int rtc_read(void *ctx, uint32_t *utc_s) MUST_USE;
/* Sets the time, of the years 2000 to 2099. Blocks for 0.1 ms, 3 ms at most. Returns ERR_OK,
 * ERR_NOT_FOUND (no crystal runs), ERR_ARGUMENT (another century), ERR_IO (the calendar cannot
 * be stopped to be set). */
int rtc_write(void *ctx, uint32_t utc_s) MUST_USE;

#endif
