/*
 * The cards read so far, each with where it was read, and an index by UID that finds a card given twice.
 * Memory comes from the C library and goes with card_register_free.
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
    uint8_t file; /* number of the file it was read from */
    uint32_t line;
};

struct card_register {
    struct list_builder_card *cards;
    struct card_origin *origins; /* of each card */
    uint32_t count, capacity;
    uint32_t *index; /* numbers of cards plus 1, by hash of the UID; 0: free */
    uint32_t index_len;
};

/* Adds a card; when its UID is there already, *earlier is that card's origin.
 * @retval ERR_OK, ERR_ARGUMENT (there already), ERR_NO_SPACE (no memory). */
int card_register_add(struct card_register *cards, const struct list_builder_card *card,
                      const struct card_origin *origin, const struct card_origin **earlier) MUST_USE;
void card_register_free(struct card_register *cards);

#endif
