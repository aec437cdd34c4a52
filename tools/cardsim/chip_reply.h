/* The answer under construction. */
#ifndef CARDSIM_CHIP_REPLY_H
#define CARDSIM_CHIP_REPLY_H

#include "tools/cardsim/chip_state.h"

/* Appends to the reply; what does not fit is dropped. */
void cardsim_chip_append(struct cardsim_chip *chip, const void *data, size_t len);
void cardsim_chip_append_byte(struct cardsim_chip *chip, uint8_t byte);
/* Appends a status byte, as the armed fault may have it. Not for InDeselect and InRelease: there libnfc masks
 * the upper bits, and the fault would be spent unseen. */
void cardsim_chip_append_status(struct cardsim_chip *chip, uint8_t status);

#endif
