/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cards that a driver of a reader knows to be in the field (hal/reader.h): which of them are new, which
 * have left, and what to do next while some are there.
 *
 * Then scans and checks take turns. A scan takes any card that answers. The driver halts the selected card
 * before each turn, so all cards of the set are halted: they do not answer REQA, and a scan finds a new card
 * first. A check selects one card of the set by its UID. One scan in four leaves a selected card active that
 * does not use ISO/IEC 14443-4. Such a card does not answer the first request of the scan, whether it is REQA
 * or WUPA, so a reader that begins with WUPA, which halted cards answer, finds another card as well.
 *
 * Pure: no I/O, no clock, nothing blocks. The caller owns the set, which starts with all bytes zero. Cards
 * are known by their number; 0 is no card.
 */
#ifndef HAL_COMMON_CARD_SET_H
#define HAL_COMMON_CARD_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/reader.h"

/* Checks in a row without an answer after which a card has left. One miss is not enough, because a trembling
 * hand can cause it. */
#define CARD_SET_MISSES_MAX 2
/* The same for a card with a random UID. When the field was off, such a card does not answer to its old UID.
 * The scans between the checks then find it, one card at a time. */
#define CARD_SET_MISSES_RANDOM_MAX READER_CARDS_MAX

struct card_set_card {
    struct reader_target target;
    uint32_t number;  /* counted from 1 in the order of arrival */
    uint64_t seen_us; /* monotonic time at which it last answered */
    uint8_t miss_count;
};

struct card_set {
    struct card_set_card cards[READER_CARDS_MAX];
    uint8_t count;
    uint32_t current;   /* the card that the reader has selected */
    uint32_t newest;    /* the card that was added last; it may have left */
    bool was_check;     /* the last turn was a check */
    uint8_t scan_count; /* scans since a card was added */
};

/* Returns true if both may be the same card. A card with a random UID changes its UID each time the field was
 * off, so two such cards cannot be told apart. They are taken for the same card, because this error opens no
 * gate. */
bool card_set_is_same(const struct reader_target *a, const struct reader_target *b);

/* Returns the number of the card of the set that may be this card, or 0. */
uint32_t card_set_find(const struct card_set *set, const struct reader_target *target);
/* Returns the card with this number, or NULL if there is none. */
const struct reader_target *card_set_target(const struct card_set *set, uint32_t number);
/* Returns the card that has not been seen for the longest time, or 0. The current card does not count. */
uint32_t card_set_stalest(const struct card_set *set);

/* Returns the card to check in the next turn, or 0 for a scan. */
uint32_t card_set_turn(const struct card_set *set);
/* Returns true if the current card is to be halted before this turn. */
bool card_set_needs_halt(const struct card_set *set, uint32_t turn);
/* Notes that a turn begins. */
void card_set_begin_turn(struct card_set *set, uint32_t turn);

/* Adds a card that was selected. The set must not be full. */
void card_set_add(struct card_set *set, const struct reader_target *target, uint64_t now_us);
/* Notes that a card of the set was selected. Its UID may have changed, if it is random. */
void card_set_see(struct card_set *set, uint32_t number, const struct reader_target *target, uint64_t now_us);
/* Notes that a card of the set did not answer a check, and that no card is selected now. Returns true if the
 * card has left; the caller then removes it. */
bool card_set_miss(struct card_set *set, uint32_t number);
/* Removes a card of the set. */
void card_set_remove(struct card_set *set, uint32_t number);
/* Removes all cards. Their numbers are not used again. */
void card_set_clear(struct card_set *set);

#endif
