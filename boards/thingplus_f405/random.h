/* The hardware random number generator (RM0090, chapter 24). */
#ifndef BOARDS_THINGPLUS_F405_RANDOM_H
#define BOARDS_THINGPLUS_F405_RANDOM_H

#include "hal/entropy.h"

/* Starts it and takes a first pair of numbers, at most 2 ms.
 * @retval ERR_OK *entropy may be used, ERR_IO it delivers nothing that passes (dead clock, QEMU). */
int random_start(struct entropy *entropy) MUST_USE;

#endif
