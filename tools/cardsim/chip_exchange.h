/* Talking to cards that were found: PN532 User Manual rev 2, 7.3.8 to 7.3.12. */
#ifndef CARDSIM_CHIP_EXCHANGE_H
#define CARDSIM_CHIP_EXCHANGE_H

#include "tools/cardsim/chip_state.h"

enum cardsim_outcome cardsim_chip_exchange(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_communicate_thru(struct cardsim_chip *, struct cardsim_request *);
/* Sends what the FIFO holds, as a TRANSCEIVE of the contactless unit does, and puts the answer in it. */
void cardsim_chip_transceive_fifo(struct cardsim_chip *chip);
enum cardsim_outcome cardsim_chip_select(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_deselect(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_release(struct cardsim_chip *, struct cardsim_request *);
/* Whether the selected card still answers (Diagnose 6). */
bool cardsim_chip_card_is_present(struct cardsim_chip *chip);

#endif
