/*
 * The PN532 itself: bytes from the host in, bytes to the host out, a field of cards behind it. References are
 * to the PN532 User Manual rev 2 (UM0701-02), chapter 7 for commands.
 *
 * Pure: no I/O and no clock; the caller hands in monotonic time in microseconds, which must not go back, and
 * calls cardsim_chip_poll when cardsim_chip_due_us says so, and after cards came or left. Nothing blocks. The
 * caller owns the chip and its field.
 */
#ifndef CARDSIM_CHIP_H
#define CARDSIM_CHIP_H

#include "tools/cardsim/chip_state.h"

/* A chip after power-on: asleep until the wake-up bytes, nothing configured. The trace is left unset. */
void cardsim_chip_init(struct cardsim_chip *chip, struct cardsim_field *field);
/* Loses power and gets it back; faults, trace and pace stay. */
void cardsim_chip_reset(struct cardsim_chip *chip);
/* Takes what the host sent. */
void cardsim_chip_receive(struct cardsim_chip *chip, const uint8_t *bytes, size_t len, uint64_t now_us);
/* Does what has become due, or what a card newly in the field allows. */
void cardsim_chip_poll(struct cardsim_chip *chip, uint64_t now_us);
/* When poll has something to do by time alone; UINT64_MAX: nothing is due. */
uint64_t cardsim_chip_due_us(const struct cardsim_chip *chip);
/* The bytes now on their way to the host; the caller removes what it could pass on. */
void cardsim_chip_consume(struct cardsim_chip *chip, size_t len);

#endif
