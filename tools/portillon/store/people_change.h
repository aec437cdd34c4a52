/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares the people of a register, and who has which card, before and after an import. The caller owns the
 * structs and sets them to zero first; people_snapshot_free frees their memory. Only people_snapshot_take
 * blocks, on the disk.
 */
#ifndef TOOLS_PORTILLON_STORE_PEOPLE_CHANGE_H
#define TOOLS_PORTILLON_STORE_PEOPLE_CHANGE_H

#include <stddef.h>

#include "tools/portillon/store/people_list.h"

struct people_snapshot {
    struct people_person *people; /* in the order of class and name */
    struct people_held *cards;    /* sorted by tag; without lent ones */
    size_t count, capacity, card_count, card_capacity;
    const struct people_person **by_number;
    size_t present; /* people who are in the school */
};

/* Takes a snapshot of the store. Returns ERR_OK, ERR_IO, ERR_BUSY or ERR_NO_SPACE. */
int people_snapshot_take(struct people_snapshot *snapshot, struct people_store *store) MUST_USE;
/* Frees the memory of a snapshot. */
void people_snapshot_free(struct people_snapshot *snapshot);

enum people_change_kind {
    PEOPLE_CHANGE_COMES,
    PEOPLE_CHANGE_LEAVES,
    PEOPLE_CHANGE_CLASS,
    PEOPLE_CHANGE_RIGHTS, /* profile, days of meals, passages, first or last day */
    PEOPLE_CHANGE_NAME,
    PEOPLE_CHANGE_CARD_NEW,
    PEOPLE_CHANGE_CARD_OTHER, /* the card was somebody else's */
    PEOPLE_CHANGE_CARD_MARKS, /* lost, found again, other days */
    PEOPLE_CHANGE_CARD_ENDS,
    PEOPLE_CHANGE_KINDS,
};

/* The person before and after; NULL: not there. Of a card: its holder. */
typedef void people_change_callback(void *ctx, const struct people_person *before,
                                    const struct people_person *after);

/* Calls callback (which may be NULL) for each change of a kind, those of people in the order of class and
 * name. Returns their number. */
size_t people_change_each(const struct people_snapshot *before, const struct people_snapshot *after,
                          enum people_change_kind kind, people_change_callback *callback, void *ctx);

#endif
