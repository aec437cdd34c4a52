/* SPDX-License-Identifier: Apache-2.0 */
/* Handles the commands that find cards: InListPassiveTarget and InAutoPoll (PN532 User Manual rev 2, 7.3.5
 * and 7.3.13). chip_state.h describes handlers. Pure. */
#ifndef CARDSIM_CHIP_SEARCH_H
#define CARDSIM_CHIP_SEARCH_H

#include "tools/cardsim/chip_state.h"

/* Switches the field off and forgets the targets. */
void cardsim_chip_drop_field(struct cardsim_chip *chip);
/* Handles InListPassiveTarget. */
enum cardsim_outcome cardsim_chip_list_targets(struct cardsim_chip *, struct cardsim_request *);
/* Tries the pending listing. is_over is true when its time is over. Returns true when the reply is complete;
 * *delay_us is then the time on air in microseconds. */
bool cardsim_chip_try_list(struct cardsim_chip *chip, bool is_over, uint64_t *delay_us);
/* Handles InAutoPoll. */
enum cardsim_outcome cardsim_chip_auto_poll(struct cardsim_chip *, struct cardsim_request *);
/* Tries the pending polling, with the same arguments and results. */
bool cardsim_chip_try_auto_poll(struct cardsim_chip *chip, bool is_over, uint64_t *delay_us);

#endif
