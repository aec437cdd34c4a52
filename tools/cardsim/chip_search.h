/* Finding cards: InListPassiveTarget and InAutoPoll (PN532 User Manual rev 2, 7.3.5 and 7.3.13). */
#ifndef CARDSIM_CHIP_SEARCH_H
#define CARDSIM_CHIP_SEARCH_H

#include "tools/cardsim/chip_state.h"

/* Switches the field off and forgets the targets. */
void cardsim_chip_drop_field(struct cardsim_chip *chip);
enum cardsim_outcome cardsim_chip_list_targets(struct cardsim_chip *, struct cardsim_request *);
/* Tries a listing or polling that is under way. Returns whether the reply is complete; delay_us as above. */
bool cardsim_chip_try_list(struct cardsim_chip *chip, bool is_over, uint64_t *delay_us);
enum cardsim_outcome cardsim_chip_auto_poll(struct cardsim_chip *, struct cardsim_request *);
bool cardsim_chip_try_auto_poll(struct cardsim_chip *chip, bool is_over, uint64_t *delay_us);

#endif
