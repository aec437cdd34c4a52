/* The independent watchdog, and the cause of the last reset. Nothing blocks. */
#ifndef BOARDS_THINGPLUS_F405_WATCHDOG_H
#define BOARDS_THINGPLUS_F405_WATCHDOG_H

#include "hal/reset.h"

/* Returns the cause of the last reset. Call once, before watchdog_start. */
struct reset_report watchdog_reset_report(void);

/* Starts the watchdog, which cannot be stopped. Without watchdog_feed it resets the chip after 8 s (5.5
 * to 15 s, because its clock is inaccurate). A debugger that halts the processor halts the watchdog too.
 * */
void watchdog_start(void);
void watchdog_feed(void);

#endif
