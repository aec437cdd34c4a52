/*
 * The calendar of the STM32F405 on its 32.768 kHz crystal (RM0090, chapter 26), kept by VBAT while the rest
 * is off. Backup register 0 says that it was set since VBAT came. Nothing here waits for the crystal, which
 * may take 2 s or be dead: until it swings there simply is no clock.
 */
#ifndef BOARDS_THINGPLUS_F405_RTC_H
#define BOARDS_THINGPLUS_F405_RTC_H

#include <stdint.h>

#include "hal/error.h"

/* Opens the backup domain and starts the crystal, unless it runs. */
void rtc_start(void);

/* @retval ERR_OK, ERR_NOT_FOUND (dead or starting crystal, never set, power was lost). */
int rtc_read(void *ctx, uint32_t *utc_s) MUST_USE;
/* 2000 to 2099. Takes 0.1 ms, 3 ms at most. @retval ERR_OK, ERR_NOT_FOUND (dead or starting crystal),
 * ERR_ARGUMENT (another century), ERR_IO (the calendar does not stop to be set). */
int rtc_write(void *ctx, uint32_t utc_s) MUST_USE;

#endif
