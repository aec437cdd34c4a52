/* What the chip is asked and what its answers mean. For pn532*.c alone. */
#ifndef HAL_PN532_PN532_COMMANDS_H
#define HAL_PN532_PN532_COMMANDS_H

#include "hal/pn532/pn532_state.h"

/* Each hands one command to the link. One that cannot be started (the line failed) shows at the next poll as
 * one that is not under way. */
void pn532_start_setup(struct pn532 *pn532); /* number `step` */
void pn532_start_listing(struct pn532 *pn532);
void pn532_start_check(struct pn532 *pn532); /* is the card still there? */
void pn532_start_field(struct pn532 *pn532, bool on);

bool pn532_setup_is_speed(uint8_t step);
bool pn532_setup_is_last(uint8_t step);

/* What the answer to the state's command means; a listing fills found. */
enum pn532_event pn532_read_answer(struct pn532 *pn532, const struct pn532_answer *answer);
/* Keeps what went wrong (enum error). @retval PN532_EVENT_FAULT. */
enum pn532_event pn532_fault(struct pn532 *pn532, int error);

#endif
