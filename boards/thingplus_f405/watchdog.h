/* SPDX-License-Identifier: Apache-2.0 */
/* The independent watchdog, and the cause of the last reset. Nothing blocks. */
#ifndef BOARDS_THINGPLUS_F405_WATCHDOG_H
#define BOARDS_THINGPLUS_F405_WATCHDOG_H

#include "hal/reset.h"

/* Returns the cause of the last reset. Call once, before watchdog_start. */
struct reset_report watchdog_reset_report(void);

/* Starts the watchdog, which cannot be stopped. Until the first watchdog_feed it waits 33 s (22 to 62 s,
 * because its clock is inaccurate): start-up does not feed it, and may take seconds with a worn memory chip.
 * A debugger that halts the processor halts the watchdog too. */
void watchdog_start(void);
/* The shortest time without watchdog_feed after which it resets the chip. */
#define WATCHDOG_SHORTEST_MS 5400
/* Feeds the watchdog. From the first call on, it resets the chip after 8 s (5.5 to 15 s) without another. */
void watchdog_feed(void);

#endif
