/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands that the driver sends to the chip, and the meaning of the answers. Only for pn532*.c. Nothing
 * blocks.
 */
#ifndef HAL_PN532_PN532_COMMANDS_H
#define HAL_PN532_PN532_COMMANDS_H

#include "hal/pn532/pn532_state.h"

/* Each of these starts one command on the link. If it cannot be started because the line failed, the next
 * poll of the link returns ERR_ARGUMENT. */
void pn532_start_setup(struct pn532 *pn532);          /* setup command number `step` */
void pn532_start_scan(struct pn532 *pn532);           /* scans for a card of the kind scans_for */
void pn532_start_halt(struct pn532 *pn532);           /* halts the selected card */
void pn532_start_check(struct pn532 *pn532);          /* checks whether the card `checked` is present */
void pn532_start_field(struct pn532 *pn532, bool on); /* turns the field on or off */

/* Returns true if the check leaves the card undisturbed: it is selected, and uses ISO/IEC 14443-4. */
bool pn532_check_is_gentle(const struct pn532 *pn532);
/* Returns true if this setup command sets the baud rate. */
bool pn532_setup_is_speed(uint8_t step);
/* Returns true if this setup command is the last one. */
bool pn532_setup_is_last(uint8_t step);

/* Returns the event that the answer to the command of the current state means. The answer to a scan fills
 * `found`. */
enum pn532_event pn532_read_answer(struct pn532 *pn532, const struct pn532_answer *answer);
/* Stores the fault (enum error). Returns PN532_EVENT_FAULT. */
enum pn532_event pn532_fault(struct pn532 *pn532, int error);

#endif
