/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The baud rate of the line: raised if the chip agrees, lowered again if the higher rate causes errors. Only
 * for pn532*.c. Nothing blocks but the set_baud of the board.
 */
#ifndef HAL_PN532_PN532_SPEED_H
#define HAL_PN532_PN532_SPEED_H

#include "hal/pn532/pn532_state.h"

/* Returns the code of a baud rate in SetSerialBaudRate (7.2.8), or -1 if it has none. */
int pn532_baud_code(uint32_t baud);
/* Returns the baud rate that the line should have: the higher one, unless it caused too many errors. */
uint32_t pn532_wanted_baud(const struct pn532 *pn532);
/* Changes the baud rate of the host. If the board cannot do it, the higher rate is not used again. */
void pn532_set_line_baud(struct pn532 *pn532, uint32_t baud);
/* Changes to the other baud rate if at least two faults have occurred in a row. A chip that does not answer
 * may have been reset to 115200 baud, or may have kept the higher rate while the gate restarted. */
void pn532_alternate_baud(struct pn532 *pn532);
/* Gives up the higher baud rate if the link corrected more than 5 errors within 10 s, because each correction
 * takes time. */
void pn532_check_error_rate(struct pn532 *pn532);
/* Counts a fault against the higher baud rate, which may have caused it. is_speed_command: the fault occurred
 * in the command that sets the rate; the higher rate is then given up at once. */
void pn532_count_speed_fault(struct pn532 *pn532, bool is_speed_command);

#endif
