/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/common/card_set.h"

#include <string.h>

#define UID0_RANDOM 0x08 /* first byte of a random 4-byte UID (ISO/IEC 14443-3) */

static bool has_random_uid(const struct reader_target *target)
{
    return target->uid_len == 4 && target->uid[0] == UID0_RANDOM;
}

bool card_set_is_same(const struct reader_target *a, const struct reader_target *b)
{
    if (has_random_uid(a) && has_random_uid(b))
        return true;
    return a->uid_len == b->uid_len && memcmp(a->uid, b->uid, a->uid_len) == 0;
}

/* Returns the place of a card, or count if there is none with this number. */
static uint8_t place_of(const struct card_set *set, uint32_t number)
{
    uint8_t at = 0;
    while (at < set->count && set->cards[at].number != number)
        at++;
    return at;
}

uint32_t card_set_find(const struct card_set *set, const struct reader_target *target)
{
    for (uint8_t i = 0; i < set->count; i++)
        if (card_set_is_same(&set->cards[i].target, target))
            return set->cards[i].number;
    return 0;
}

const struct reader_target *card_set_target(const struct card_set *set, uint32_t number)
{
    uint8_t at = place_of(set, number);
    return at < set->count ? &set->cards[at].target : NULL;
}

uint32_t card_set_stalest(const struct card_set *set)
{
    const struct card_set_card *stalest = NULL;
    for (uint8_t i = 0; i < set->count; i++)
        if (set->cards[i].number != set->current &&
            (stalest == NULL || set->cards[i].seen_us < stalest->seen_us))
            stalest = &set->cards[i];
    return stalest != NULL ? stalest->number : 0;
}

uint32_t card_set_turn(const struct card_set *set)
{
    return set->was_check ? 0 : card_set_stalest(set);
}

bool card_set_needs_halt(const struct card_set *set, uint32_t turn)
{
    enum { SCANS_PER_ROUND = 4, SAK_ISO14443_4 = 0x20 };
    if (set->current == 0)
        return false;
    bool stays_active = turn == 0 && set->scan_count % SCANS_PER_ROUND == SCANS_PER_ROUND - 1 &&
                        !(card_set_target(set, set->current)->sak & SAK_ISO14443_4);
    return !stays_active;
}

void card_set_begin_turn(struct card_set *set, uint32_t turn)
{
    set->was_check = turn != 0;
    set->scan_count = (uint8_t)(set->scan_count + (turn == 0));
}

void card_set_add(struct card_set *set, const struct reader_target *target, uint64_t now_us)
{
    set->cards[set->count++].number = ++set->newest;
    set->scan_count = 0;
    card_set_see(set, set->newest, target, now_us);
}

void card_set_see(struct card_set *set, uint32_t number, const struct reader_target *target, uint64_t now_us)
{
    struct card_set_card *card = &set->cards[place_of(set, number)];
    card->target = *target;
    card->seen_us = now_us;
    card->miss_count = 0;
    set->current = number;
}

bool card_set_miss(struct card_set *set, uint32_t number)
{
    struct card_set_card *card = &set->cards[place_of(set, number)];
    set->current = 0;
    return ++card->miss_count >=
           (has_random_uid(&card->target) ? CARD_SET_MISSES_RANDOM_MAX : CARD_SET_MISSES_MAX);
}

void card_set_remove(struct card_set *set, uint32_t number)
{
    if (set->current == number)
        set->current = 0;
    set->cards[place_of(set, number)] = set->cards[set->count - 1];
    set->count--;
}

void card_set_clear(struct card_set *set)
{
    set->count = 0;
    set->current = 0;
}
