/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulates the PN532: bytes from the host, bytes to the host, and a field of cards. References are to the
 * PN532 User Manual rev 2 (UM0701-02), chapter 7 for commands.
 *
 * Pure: no I/O and no clock. The caller passes in monotonic time in microseconds, which must not go back. It
 * calls cardsim_chip_poll at the time of cardsim_chip_due_us, and after cards came or left. Nothing blocks.
 * The caller owns the chip and its field.
 */
#ifndef CARDSIM_CHIP_H
#define CARDSIM_CHIP_H

#include "tools/cardsim/chip_state.h"

/* Sets the chip to its state after power-on: asleep until the wake-up bytes, nothing configured. The trace is
 * left unset. */
void cardsim_chip_init(struct cardsim_chip *chip, struct cardsim_field *field);
/* Takes the bytes that the host sent. */
void cardsim_chip_receive(struct cardsim_chip *chip, const uint8_t *bytes, size_t len, uint64_t now_us);
/* Does what is due, and looks for cards that are new in the field. */
void cardsim_chip_poll(struct cardsim_chip *chip, uint64_t now_us);
/* Returns the time at which poll has something to do; UINT64_MAX if nothing is due. */
uint64_t cardsim_chip_due_us(const struct cardsim_chip *chip);
/* Removes the first len bytes of chip->output, which the caller has passed on to the host. */
void cardsim_chip_consume(struct cardsim_chip *chip, size_t len);

#endif
