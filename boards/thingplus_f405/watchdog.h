/* The independent watchdog, and why the chip was reset. */
#ifndef BOARDS_THINGPLUS_F405_WATCHDOG_H
#define BOARDS_THINGPLUS_F405_WATCHDOG_H

#include "hal/reset.h"

/* Why this run began; to be asked once, before watchdog_start. */
struct reset_report watchdog_reset_report(void);

/* Starts it: without watchdog_feed, the chip is reset after 8 s (5.5 to 15: its clock is a coarse one). It
 * cannot be stopped; a debugger that halts the processor halts it too. */
void watchdog_start(void);
void watchdog_feed(void);

#endif
