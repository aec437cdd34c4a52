/* The states of the driver: sense, next, conclude, enter. For pn532*.c alone. */
#ifndef HAL_PN532_PN532_STATES_H
#define HAL_PN532_PN532_STATES_H

#include "hal/pn532/pn532_state.h"

void pn532_enter(struct pn532 *pn532, enum pn532_state to);

/* Looks what has happened, and acts on it. */
void pn532_step(struct pn532 *pn532);

#endif
