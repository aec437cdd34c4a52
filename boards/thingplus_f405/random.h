/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver for the hardware random number generator (RM0090, chapter 24). fill blocks until it has
 * read its numbers: 0.8 us for four bytes, 1 ms at most before an attempt counts as failed.
 */
#ifndef BOARDS_THINGPLUS_F405_RANDOM_H
#define BOARDS_THINGPLUS_F405_RANDOM_H

#include "hal/entropy.h"

/* Starts the generator and reads two numbers, in ten attempts at most: an error may be transient, and this
 * is the only start. Blocks for 20 ms at most. Returns ERR_OK (*entropy can be used), ERR_IO (no valid
 * number: no clock, or QEMU). */
int random_start(struct entropy *entropy) MUST_USE;

#endif
