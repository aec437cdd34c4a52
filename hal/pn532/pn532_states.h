/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state machine of the PN532 driver: detect an event, choose the next state, handle the event, enter the
 * state. Only for pn532*.c. Nothing blocks.
 */
#ifndef HAL_PN532_PN532_STATES_H
#define HAL_PN532_PN532_STATES_H

#include "hal/pn532/pn532_state.h"

/* Enters a state: starts its command or sets its deadline. */
void pn532_enter(struct pn532 *pn532, enum pn532_state to);

/* Detects what has happened since the last call and acts on it. Returns at once. */
void pn532_step(struct pn532 *pn532);

#endif
