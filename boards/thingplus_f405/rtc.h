/*
 * The driver for the calendar of the STM32F405 (RM0090, chapter 26) on its 32.768 kHz crystal. VBAT
 * powers it while the rest is off. Backup register 0 tells that the calendar was set since VBAT was
 * applied.
 *
 * Nothing waits for the crystal, which may take 2 s to start, or never start. Until it runs, there is no
 * clock.
 */
#ifndef BOARDS_THINGPLUS_F405_RTC_H
#define BOARDS_THINGPLUS_F405_RTC_H

#include <stdint.h>

#include "hal/error.h"

/* Enables writes to the backup domain and starts the crystal, unless it runs. */
void rtc_start(void);

/* Reads the time. Returns ERR_OK, ERR_NOT_FOUND (the crystal does not run, the calendar was never set,
 * or power was lost). */
int rtc_read(void *ctx, uint32_t *utc_s) MUST_USE;
/* Sets the time, of the years 2000 to 2099. Blocks for 0.1 ms, 3 ms at most. Returns ERR_OK,
 * ERR_NOT_FOUND (the crystal does not run), ERR_ARGUMENT (another century), ERR_IO (the calendar cannot
 * be stopped to be set). */
int rtc_write(void *ctx, uint32_t utc_s) MUST_USE;

#endif
