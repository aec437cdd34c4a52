/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/common/other_cards.h"

#define MISSES_MAX 2

enum other_card other_cards_next(const struct other_cards *others, uint64_t now_us)
{
    if (others->found != OTHER_CARD_NONE || now_us < others->due_us)
        return OTHER_CARD_NONE;
    if (others->reported != OTHER_CARD_NONE)
        return others->reported;
    return others->scanned == OTHER_CARD_TYPE_B ? OTHER_CARD_FELICA : OTHER_CARD_TYPE_B;
}

bool other_cards_note(struct other_cards *others, enum other_card kind, bool is_present, uint64_t now_us)
{
    others->scanned = kind;
    other_cards_delay(others, now_us, OTHER_CARDS_INTERVAL_US);
    if (is_present) {
        others->miss_count = 0;
        others->found = kind == others->reported ? OTHER_CARD_NONE : kind;
        return false;
    }
    if (kind != others->reported || ++others->miss_count < MISSES_MAX)
        return false;
    other_cards_clear(others);
    return true;
}

bool other_cards_confirm(struct other_cards *others, bool is_type_a)
{
    bool is_new = others->found != OTHER_CARD_NONE && !is_type_a;
    if (is_new)
        others->reported = others->found;
    others->found = OTHER_CARD_NONE;
    return is_new;
}

void other_cards_delay(struct other_cards *others, uint64_t now_us, uint64_t pause_us)
{
    if (now_us + pause_us > others->due_us)
        others->due_us = now_us + pause_us;
}

void other_cards_clear(struct other_cards *others)
{
    others->found = others->reported = OTHER_CARD_NONE;
    others->miss_count = 0;
}
