/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds the cards that were read, with the place where each was read. An index by pseudonym finds a card that
 * is given twice. The memory comes from the C library, and card_register_free frees it. The caller owns the
 * struct and sets it to zero first.
 */
#ifndef TOOLS_PORTILLON_LIST_CARD_REGISTER_H
#define TOOLS_PORTILLON_LIST_CARD_REGISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/credential.h"
#include "tools/portillon/list/list_builder.h"

struct card_origin {
    uint8_t id[CREDENTIAL_ID_MAX]; /* the UID, or the identifier of a DESFire application */
    uint8_t id_len;                /* 0: not known */
    uint8_t file;                  /* number of the file the card was read from */
    bool counts_as_uid;            /* the same card is listed by its UID too, whose pseudonym is uid_tag */
    struct tag uid_tag;
    uint32_t line;
    uint32_t person_id, person_name; /* hashes that tell one holder from another; 0 when not given */
};

struct card_register {
    struct list_builder_card *cards;
    struct card_origin *origins; /* where each card was read */
    uint32_t count, capacity;
    uint32_t *index; /* card numbers plus 1, by pseudonym; 0 if free */
    uint32_t index_len;
};

/* Adds a card. If its pseudonym was added before, *earlier is set to the origin of that card. Returns ERR_OK,
 * ERR_ARGUMENT (it was added before) or ERR_NO_SPACE (no memory). */
int card_register_add(struct card_register *cards, const struct list_builder_card *card,
                      const struct card_origin *origin, const struct card_origin **earlier) MUST_USE;
/* Frees the memory of the register. */
void card_register_free(struct card_register *cards);

#endif
