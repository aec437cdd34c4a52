/* SPDX-License-Identifier: Apache-2.0 */
/* Gives a card to a person of the register, at the desk. Blocks on the disk. */
#ifndef TOOLS_PORTILLON_STORE_CARD_ASSIGN_H
#define TOOLS_PORTILLON_STORE_CARD_ASSIGN_H

#include "tools/portillon/store/people_store.h"

enum card_assign_outcome {
    CARD_ASSIGN_GIVEN,
    CARD_ASSIGN_OWN,     /* the person has this card already */
    CARD_ASSIGN_HELD,    /* somebody else has it: not given */
    CARD_ASSIGN_LENT,    /* the office has lent it: not given */
    CARD_ASSIGN_BLOCKED, /* the office has blocked it as lost: not given */
};

struct card_assign_result {
    enum card_assign_outcome outcome;
    bool has_holder;
    struct people_person holder; /* who had the card before */
    int other_cards;             /* that the person has besides */
};

/* Gives the card, in a transaction of its own. takes: also if somebody else has it. Returns ERR_OK (the
 * outcome says what was done), ERR_IO or ERR_BUSY (nothing was changed). */
int card_assign(struct people_store *store, const struct tag *tag, const struct people_person *person,
                bool takes, int64_t utc_s, struct card_assign_result *result) MUST_USE;

#endif
