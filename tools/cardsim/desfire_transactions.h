/* SPDX-License-Identifier: Apache-2.0 */
/* Handles values, records and transactions: what is written counts with CommitTransaction, and is forgotten
 * with AbortTransaction, an error, another selection, or the end of the field. Pure. */
#ifndef CARDSIM_DESFIRE_TRANSACTIONS_H
#define CARDSIM_DESFIRE_TRANSACTIONS_H

#include "tools/cardsim/card.h"

/* Forgets the transaction of the selected application. Returns true if there was one. */
bool cardsim_desfire_roll_back(struct cardsim_desfire *memory);

void cardsim_desfire_get_value(struct cardsim_card *, const struct cardsim_desfire_request *,
                               struct cardsim_desfire_reply *);
/* Handles Credit, Debit and LimitedCredit. */
void cardsim_desfire_change_value(struct cardsim_card *, const struct cardsim_desfire_request *,
                                  struct cardsim_desfire_reply *);
void cardsim_desfire_read_records(struct cardsim_card *, const struct cardsim_desfire_request *,
                                  struct cardsim_desfire_reply *);
void cardsim_desfire_write_record(struct cardsim_card *, const struct cardsim_desfire_request *,
                                  struct cardsim_desfire_reply *);
void cardsim_desfire_clear_records(struct cardsim_card *, const struct cardsim_desfire_request *,
                                   struct cardsim_desfire_reply *);
/* Handles CommitTransaction and AbortTransaction. */
void cardsim_desfire_end_transaction(struct cardsim_card *, const struct cardsim_desfire_request *,
                                     struct cardsim_desfire_reply *);

#endif
