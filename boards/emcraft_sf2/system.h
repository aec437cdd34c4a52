/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reset, watchdog and the resets of the blocks of the M2S010 (UG0331, system registers). Nothing blocks.
 *
 * On this part the design of the FPGA rules SOFT_RST_CR and WDOG_CR: its configuration bits load them at
 * power-on, and they must not be changed at run time. README.md lists what the design must contain. So
 * nothing is written to WDOG_CR, and to SOFT_RST_CR only if the design left a block in reset, without which
 * the gate cannot work.
 */
#ifndef BOARDS_EMCRAFT_SF2_SYSTEM_H
#define BOARDS_EMCRAFT_SF2_SYSTEM_H

#include "hal/reset.h"

/* Returns the cause of the last reset. Call it once, first. */
struct reset_report system_reset_report(void);

/* Releases the blocks that this board uses, if they are held in reset. */
void system_release_blocks(void);

/* Refreshes the watchdog, every 10 ms at most, if the design enabled it. */
void system_refresh_watchdog(void);

#endif
