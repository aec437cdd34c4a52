/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides in which bucket each card of a list is stored. A card is stored in its home bucket if there is
 * room, otherwise in its other bucket. When both are full, cards in them are moved to their own other bucket.
 * The cards are sorted by pseudonym first, so the result does not depend on the order of the input. The
 * module allocates memory, which card_placement_free frees, and has no other side effect.
 */
#ifndef TOOLS_PORTILLON_LIST_CARD_PLACEMENT_H
#define TOOLS_PORTILLON_LIST_CARD_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

struct card_placement {
    const struct whitelist_entry *entries; /* sorted by pseudonym; owned by the caller */
    uint32_t bucket_count;
    uint32_t *cards; /* WHITELIST_BUCKET_ENTRIES entry numbers for each bucket */
    uint8_t *counts; /* number of used entries in each bucket */
    bool *spilled;   /* for each bucket: a card with this home is stored in its other bucket */
};

/* Places card_count entries in bucket_count buckets. Returns ERR_OK, ERR_NO_SPACE (the cards do not fit: try
 * more buckets) or ERR_CRYPTO (no memory). After an error no memory is held. */
int card_placement_make(struct card_placement *placement, const struct whitelist_entry *entries,
                        uint32_t card_count, uint32_t bucket_count) MUST_USE;
/* Fills one bucket for encoding, its entries sorted by pseudonym. */
void card_placement_bucket(const struct card_placement *placement, uint32_t index,
                           struct whitelist_bucket *bucket);
/* Frees the memory of the placement. */
void card_placement_free(struct card_placement *placement);

#endif
