/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/card_register.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 1024

/* Returns the place of a pseudonym in the index. A pseudonym is a hash already. */
static uint32_t find(const struct card_register *cards, const struct tag *tag)
{
    uint32_t at;
    memcpy(&at, tag->bytes, sizeof at);
    at &= cards->index_len - 1;
    while (cards->index[at] != 0 &&
           memcmp(cards->cards[cards->index[at] - 1].tag.bytes, tag->bytes, TAG_LEN) != 0)
        at = (at + 1) & (cards->index_len - 1);
    return at;
}

static int grow(struct card_register *cards)
{
    uint32_t capacity = cards->capacity != 0 ? 2 * cards->capacity : FIRST_CAPACITY;
    struct list_builder_card *more_cards = realloc(cards->cards, sizeof *more_cards * capacity);
    if (more_cards != NULL)
        cards->cards = more_cards;
    struct card_origin *more_origins = realloc(cards->origins, sizeof *more_origins * capacity);
    if (more_origins != NULL)
        cards->origins = more_origins;
    uint32_t *index = calloc((size_t)2 * capacity, sizeof *index);
    if (more_cards == NULL || more_origins == NULL || index == NULL) {
        free(index);
        return ERR_NO_SPACE;
    }
    free(cards->index);
    cards->index = index;
    cards->index_len = 2 * capacity;
    cards->capacity = capacity;
    for (uint32_t i = 0; i < cards->count; i++)
        index[find(cards, &cards->cards[i].tag)] = i + 1;
    return ERR_OK;
}

int card_register_add(struct card_register *cards, const struct list_builder_card *card,
                      const struct card_origin *origin, const struct card_origin **earlier)
{
    if (cards->count == cards->capacity) {
        int error = grow(cards);
        if (error != ERR_OK)
            return error;
    }
    uint32_t at = find(cards, &card->tag);
    if (cards->index[at] != 0) {
        *earlier = &cards->origins[cards->index[at] - 1];
        return ERR_ARGUMENT;
    }
    cards->cards[cards->count] = *card;
    cards->origins[cards->count] = *origin;
    cards->index[at] = ++cards->count;
    return ERR_OK;
}

void card_register_free(struct card_register *cards)
{
    free(cards->cards);
    free(cards->origins);
    free(cards->index);
    *cards = (struct card_register){0};
}
