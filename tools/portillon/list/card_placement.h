/*
 * Which bucket each card of a list stands in: its home where there is room, else its other bucket, moving
 * cards that are in the way to theirs. Works on cards sorted by tag, so that the result does not depend on
 * the order they came in. Pure but for memory.
 */
#ifndef TOOLS_PORTILLON_LIST_CARD_PLACEMENT_H
#define TOOLS_PORTILLON_LIST_CARD_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

struct card_placement {
    const struct whitelist_entry *entries; /* sorted by tag; the caller's */
    uint32_t bucket_count;
    uint32_t *cards; /* WHITELIST_BUCKET_ENTRIES numbers of entries for each bucket */
    uint8_t *counts; /* used ones in each bucket */
    bool *spilled;   /* for each bucket: a card of this home stands in its other bucket */
};

/* @retval ERR_OK, ERR_NO_SPACE (they do not fit: try more buckets), ERR_CRYPTO (no memory). After an error
 * nothing is held. */
int card_placement_make(struct card_placement *placement, const struct whitelist_entry *entries,
                        uint32_t card_count, uint32_t bucket_count) MUST_USE;
/* One bucket as it is to be encoded, entries sorted by tag. */
void card_placement_bucket(const struct card_placement *placement, uint32_t index,
                           struct whitelist_bucket *bucket);
void card_placement_free(struct card_placement *placement);

#endif
