/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the current answer in chip->reply. Pure. */
#ifndef CARDSIM_CHIP_REPLY_H
#define CARDSIM_CHIP_REPLY_H

#include "tools/cardsim/chip_state.h"

/* Appends len bytes to the reply. What does not fit is dropped. */
void cardsim_chip_append(struct cardsim_chip *chip, const void *data, size_t len);
/* Appends one byte in the same way. */
void cardsim_chip_append_byte(struct cardsim_chip *chip, uint8_t byte);
/* Appends a status byte, changed by the armed fault. It is not used for InDeselect and InRelease: there
 * libnfc masks the upper bits, so the fault would be used up without effect. */
void cardsim_chip_append_status(struct cardsim_chip *chip, uint8_t status);

#endif
