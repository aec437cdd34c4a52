/* SPDX-License-Identifier: Apache-2.0 */
/* Handles the commands that exchange data with cards already found: PN532 User Manual rev 2, 7.3.8 to 7.3.12.
 * chip_state.h describes handlers. Pure. */
#ifndef CARDSIM_CHIP_EXCHANGE_H
#define CARDSIM_CHIP_EXCHANGE_H

#include "tools/cardsim/chip_state.h"

/* Handles InDataExchange. */
enum cardsim_outcome cardsim_chip_exchange(struct cardsim_chip *, struct cardsim_request *);
/* Handles InCommunicateThru. */
enum cardsim_outcome cardsim_chip_communicate_thru(struct cardsim_chip *, struct cardsim_request *);
/* Sends the content of the FIFO, as a TRANSCEIVE of the contactless unit does, and puts the answer into the
 * FIFO. */
void cardsim_chip_transceive_fifo(struct cardsim_chip *chip);
/* Handles InSelect. */
enum cardsim_outcome cardsim_chip_select(struct cardsim_chip *, struct cardsim_request *);
/* Handles InDeselect. */
enum cardsim_outcome cardsim_chip_deselect(struct cardsim_chip *, struct cardsim_request *);
/* Handles InRelease. */
enum cardsim_outcome cardsim_chip_release(struct cardsim_chip *, struct cardsim_request *);
/* Returns true if the selected card is of a kind that Diagnose 6 misses. */
bool cardsim_chip_card_is_missed(const struct cardsim_chip *chip);
/* Returns true if the selected card still answers (Diagnose 6). */
bool cardsim_chip_card_is_present(struct cardsim_chip *chip);

#endif
