/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds the cards that were read, with the place where each was read. An index by UID finds a card that is
 * given twice. The memory comes from the C library, and card_register_free frees it. The caller owns the
 * struct and sets it to zero first.
 */
#ifndef TOOLS_PORTILLON_LIST_CARD_REGISTER_H
#define TOOLS_PORTILLON_LIST_CARD_REGISTER_H

#include <stddef.h>
#include <stdint.h>

#include "hal/reader.h"
#include "tools/portillon/list/list_builder.h"

struct card_origin {
    uint8_t uid[READER_UID_MAX];
    uint8_t uid_len;
    uint8_t file; /* number of the file the card was read from */
    uint32_t line;
    uint32_t person_id, person_name; /* hashes that tell one holder from another; 0 when not given */
};

struct card_register {
    struct list_builder_card *cards;
    struct card_origin *origins; /* where each card was read */
    uint32_t count, capacity;
    uint32_t *index; /* card numbers plus 1, by hash of the UID; 0 if free */
    uint32_t index_len;
};

/* Adds a card. If its UID was added before, *earlier is set to the origin of that card. Returns ERR_OK,
 * ERR_ARGUMENT (the UID was added before) or ERR_NO_SPACE (no memory). */
int card_register_add(struct card_register *cards, const struct list_builder_card *card,
                      const struct card_origin *origin, const struct card_origin **earlier) MUST_USE;
/* Frees the memory of the register. */
void card_register_free(struct card_register *cards);

#endif
