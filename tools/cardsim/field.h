/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds all cards, and knows which of them are in the reader's field. It combines the answers of several
 * cards. Pure: no I/O, no clock; random numbers come from the seed. The caller owns the field, which is large
 * (keep it static). It must not be moved, because the chip points to its cards.
 */
#ifndef CARDSIM_FIELD_H
#define CARDSIM_FIELD_H

#include "tools/cardsim/card.h"

enum { CARDSIM_CARDS_MAX = 256 };

struct cardsim_field {
    struct cardsim_card cards[CARDSIM_CARDS_MAX];
    size_t count;
    bool powered;
    unsigned arrivals; /* number of times that a card was put in: a waiting chip then searches again */
    uint64_t random_state;
};

/* Empties the field and switches it off. seed starts the random numbers. */
void cardsim_field_init(struct cardsim_field *field, uint64_t seed);
/* Switches the reader's field. The cards in it start again or stop. No effect if it is already in that
 * state. */
void cardsim_field_power(struct cardsim_field *field, bool on);

/* Returns a place for one more card, or NULL when there are CARDSIM_CARDS_MAX. The card counts once the
 * caller increments field->count. */
struct cardsim_card *cardsim_field_spare(struct cardsim_field *field);
/* Finds a card by its name (letter case matters) or by its UID in hexadecimal. Returns NULL if there is
 * none. */
struct cardsim_card *cardsim_field_find(struct cardsim_field *field, const char *name);
/* Puts a card into the field. leaves_us is stored in the card (0: stays). */
void cardsim_field_put(struct cardsim_field *field, struct cardsim_card *card, uint64_t leaves_us);
/* Takes a card out of the field. */
void cardsim_field_take(struct cardsim_field *field, struct cardsim_card *card);
/* Takes out the cards whose time is over. Returns when the next one leaves; UINT64_MAX if none will. */
uint64_t cardsim_field_expire(struct cardsim_field *field, uint64_t now_us);

/* Sends a frame to all cards in the field. Returns true if any card answered; answer is then the combined
 * answer. */
bool cardsim_field_transceive(struct cardsim_field *field, const struct cardsim_rf_frame *frame,
                              struct cardsim_rf_frame *answer);

#endif
