/*
 * The cards there are, and which of them lie in the reader's field. Resolves what several cards answer at
 * once. Pure: no I/O, no clock; randomness comes from the seed. The caller owns the field (it is large: keep
 * it static) and must not move it, since the chip points at its cards.
 */
#ifndef CARDSIM_FIELD_H
#define CARDSIM_FIELD_H

#include "tools/cardsim/card.h"

enum { CARDSIM_CARDS_MAX = 256 };

struct cardsim_field {
    struct cardsim_card cards[CARDSIM_CARDS_MAX];
    size_t count;
    bool powered;
    unsigned arrivals; /* how often a card was put in: tells a waiting chip to look again */
    uint64_t random_state;
};

/* No cards, no field. */
void cardsim_field_init(struct cardsim_field *field, uint64_t seed);
/* Switches the reader's field; cards in it start anew (or die). No effect when it already is so. */
void cardsim_field_power(struct cardsim_field *field, bool on);
/* 32 bits from the field's own generator (xorshift, fit for UIDs of test cards and nothing else). */
uint32_t cardsim_field_random(struct cardsim_field *field);

/* A place for one more card, or NULL when there are CARDSIM_CARDS_MAX; it counts once field->count grows. */
struct cardsim_card *cardsim_field_spare(struct cardsim_field *field);
/* The card of that name (letter case counts), or whose UID in hex is that; NULL: none. */
struct cardsim_card *cardsim_field_find(struct cardsim_field *field, const char *name);
/* Lays a card in the field, or takes it out; leaves_us is kept in the card (0: stays). */
void cardsim_field_put(struct cardsim_field *field, struct cardsim_card *card, uint64_t leaves_us);
void cardsim_field_take(struct cardsim_field *field, struct cardsim_card *card);
/* Takes out the cards whose time is over. Returns when the next one leaves, UINT64_MAX: none will. */
uint64_t cardsim_field_expire(struct cardsim_field *field, uint64_t now_us);

/* Sends frame to all cards in the field. Returns whether one answered. */
bool cardsim_field_transceive(struct cardsim_field *field, const struct cardsim_rf_frame *frame,
                              struct cardsim_rf_frame *answer);

#endif
