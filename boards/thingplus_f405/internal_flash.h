/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sectors of 128 KiB of the STM32F405's own flash as a struct flash (RM0090, 3.6): the anchor, outside
 * the memory chip. Sectors 9 and 10; memory.ld keeps the program out of them, and the identity is in sector
 * 11. Read protection (option_bytes.h) covers them.
 *
 * The chip has one bank: while it programs or erases, nothing can be read from flash, the program and the
 * interrupt vectors included. A program blocks for 0.02 ms a word, 0.1 ms at most. erase_start differs from
 * hal/flash.h: it blocks until the erase has ended, 1 s, 2 s at most (DS8626, table 40, x32). During that
 * time no card is read, no input is seen, outputs stay as they are, bytes received are lost, and the tick
 * stands still, so that cortex_m_now_us is late by as much afterwards. erase_start feeds the watchdog.
 *
 * program takes only addresses and lengths that are multiples of 4, and returns ERR_ARGUMENT for others.
 */
#ifndef BOARDS_THINGPLUS_F405_INTERNAL_FLASH_H
#define BOARDS_THINGPLUS_F405_INTERNAL_FLASH_H

#include "boards/thingplus_f405/clocks.h"
#include "hal/flash.h"

/* Returns the flash; NULL in QEMU, which does not model the flash controller. */
const struct flash *internal_flash_start(const struct clocks *clocks);

#endif
