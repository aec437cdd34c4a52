/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/list_diff.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/base/bytes.h"

#define ENTRY_LEN (TAG_LEN + 2)
#define CHECK_LEN 4

struct listed {
    struct tag tag;
    uint16_t rule;
};

struct side {
    const struct list_open *open;
    struct listed *cards;
    uint32_t count;
    struct whitelist_rule rules[WHITELIST_RULES_MAX];
};

static int by_tag(const void *a, const void *b)
{
    return memcmp(((const struct listed *)a)->tag.bytes, ((const struct listed *)b)->tag.bytes, TAG_LEN);
}

/* Collects the used entries, laid out as in whitelist_format.h: in each bucket they come first. */
static int collect(struct side *side, const struct list_open *open)
{
    const struct whitelist_header *header = &open->list.header;
    side->open = open;
    side->cards = malloc(sizeof *side->cards * ((size_t)header->card_count + 1));
    if (side->cards == NULL)
        return ERR_NO_SPACE;
    for (uint32_t i = 0; i < header->rule_slots; i++)
        (void)list_file_rule(&open->list, i, &side->rules[i]);
    for (uint32_t bucket = 0; bucket < header->bucket_count; bucket++) {
        const uint8_t *entries = open->list.blocks + (size_t)bucket * WHITELIST_BUCKET_LEN + CHECK_LEN;
        for (int i = 0; i < WHITELIST_BUCKET_ENTRIES && side->count < header->card_count; i++) {
            uint16_t rule = bytes_get_u16(entries + i * ENTRY_LEN + TAG_LEN);
            static const uint8_t unused[ENTRY_LEN] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                                      0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
            if (memcmp(entries + i * ENTRY_LEN, unused, ENTRY_LEN) == 0)
                break;
            memcpy(side->cards[side->count].tag.bytes, entries + i * ENTRY_LEN, TAG_LEN);
            side->cards[side->count++].rule = rule & 0x7FFF;
        }
    }
    qsort(side->cards, side->count, sizeof *side->cards, by_tag);
    return ERR_OK;
}

static bool same_rule(const struct side *old_side, const struct listed *old_card, const struct side *new_side,
                      const struct listed *new_card)
{
    struct whitelist_rule a = old_side->rules[old_card->rule], b = new_side->rules[new_card->rule];
    bool same_profile = strcmp(old_side->open->tables.profiles[a.profile].name,
                               new_side->open->tables.profiles[b.profile].name) == 0;
    return same_profile && a.weekdays == b.weekdays && a.first_day == b.first_day &&
           a.last_day == b.last_day && a.passages == b.passages && a.flags == b.flags;
}

static void tell(list_diff_callback *callback, void *ctx, enum list_change change,
                 const struct side *old_side, const struct listed *old_card, const struct side *new_side,
                 const struct listed *new_card)
{
    struct list_difference difference = {.change = change};
    difference.tag = old_card != NULL ? &old_card->tag : &new_card->tag;
    if (old_card != NULL) {
        difference.old_rule = &old_side->rules[old_card->rule];
        difference.old_profile = &old_side->open->tables.profiles[difference.old_rule->profile];
    }
    if (new_card != NULL) {
        difference.new_rule = &new_side->rules[new_card->rule];
        difference.new_profile = &new_side->open->tables.profiles[difference.new_rule->profile];
    }
    callback(ctx, &difference);
}

/* Walks through both sides in parallel. It reports the changes of one kind to callback, which may be NULL,
 * and counts all changes. */
static void walk(const struct side *old_side, const struct side *new_side, enum list_change wanted,
                 list_diff_callback *callback, void *ctx, struct list_diff_counts *counts)
{
    uint32_t i = 0, j = 0;
    struct list_diff_counts seen = {0};
    while (i < old_side->count || j < new_side->count) {
        const struct listed *old_card = i < old_side->count ? &old_side->cards[i] : NULL;
        const struct listed *new_card = j < new_side->count ? &new_side->cards[j] : NULL;
        int order = old_card == NULL ? 1 : new_card == NULL ? -1 : by_tag(old_card, new_card);
        bool same = order == 0 && same_rule(old_side, old_card, new_side, new_card);
        enum list_change change = order < 0 ? LIST_LEFT : order > 0 ? LIST_CAME : LIST_CHANGED;
        seen.same += same;
        seen.left += !same && change == LIST_LEFT;
        seen.came += !same && change == LIST_CAME;
        seen.changed += !same && change == LIST_CHANGED;
        if (!same && callback != NULL && change == wanted)
            tell(callback, ctx, change, old_side, order <= 0 ? old_card : NULL, new_side,
                 order >= 0 ? new_card : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    *counts = seen;
}

int list_diff(const struct list_open *old_list, const struct list_open *new_list,
              list_diff_callback *callback, void *ctx, struct list_diff_counts *counts)
{
    struct side *sides = calloc(2, sizeof *sides);
    int error = sides != NULL ? collect(&sides[0], old_list) : ERR_NO_SPACE;
    if (error == ERR_OK)
        error = collect(&sides[1], new_list);
    for (int change = LIST_CAME; error == ERR_OK && change <= LIST_CHANGED; change++)
        walk(&sides[0], &sides[1], (enum list_change)change, callback, ctx, counts);
    if (sides != NULL) {
        free(sides[0].cards);
        free(sides[1].cards);
    }
    free(sides);
    return error;
}
