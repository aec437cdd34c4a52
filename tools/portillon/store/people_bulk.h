/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collects the new people of an import and the cards that change, and stores them many at a time: people in
 * the order in which they came, so that their numbers rise with the file; cards in that of the store's index.
 * It keeps the rows of the index (people_index.h) in step. The caller owns
 * the struct, and sets it to zero but for store, index and utc_s. It keeps 16 MiB at most. All functions may
 * block on the disk.
 */
#ifndef TOOLS_PORTILLON_STORE_PEOPLE_BULK_H
#define TOOLS_PORTILLON_STORE_PEOPLE_BULK_H

#include "tools/portillon/store/people_index.h"

struct people_bulk_person;

struct people_bulk {
    struct people_store *store;
    struct people_index *index;
    int64_t utc_s; /* under which people are stored, and cards change hands */

    char *texts; /* of the people that wait */
    size_t texts_len, texts_capacity;
    struct people_bulk_person *people;
    uint32_t *cards; /* numbers in index->cards */
    size_t person_count, person_capacity, card_count, card_capacity;
};

/* Adds a person whom neither the store nor the index has. *place receives the number of their row in the
 * index. Returns ERR_OK, ERR_IO, ERR_BUSY or ERR_NO_SPACE. */
int people_bulk_add_person(struct people_bulk *bulk, const struct people_row *row, uint32_t *place) MUST_USE;
/* Adds a card of which the row in the index says what is to be stored: its holder has it from now on. Returns
 * the same results. */
int people_bulk_add_card(struct people_bulk *bulk, struct people_index_card *card) MUST_USE;
/* Stores what waits. Then each person of the index has their number. Returns the same results. */
int people_bulk_flush(struct people_bulk *bulk) MUST_USE;
/* Frees the memory. */
void people_bulk_free(struct people_bulk *bulk);

#endif
