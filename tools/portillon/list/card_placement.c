/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/card_placement.h"

#include <stdlib.h>
#include <string.h>

/* The largest number of cards that are moved, one after the other, to place one card. */
#define MOVES_MAX 5

static uint32_t home_of(const struct card_placement *placement, uint32_t card)
{
    return whitelist_home_bucket(&placement->entries[card].tag, placement->bucket_count);
}

static uint32_t other_of(const struct card_placement *placement, uint32_t card)
{
    return whitelist_other_bucket(&placement->entries[card].tag, placement->bucket_count);
}

static bool has_room(const struct card_placement *placement, uint32_t bucket)
{
    return placement->counts[bucket] < WHITELIST_BUCKET_ENTRIES;
}

static void put(struct card_placement *placement, uint32_t bucket, uint32_t card)
{
    placement->cards[(size_t)bucket * WHITELIST_BUCKET_ENTRIES + placement->counts[bucket]++] = card;
}

struct path {
    uint32_t buckets[MOVES_MAX + 1];
    int len;
};

static bool on_path(const struct path *path, uint32_t bucket)
{
    for (int i = 0; i < path->len; i++)
        if (path->buckets[i] == bucket)
            return true;
    return false;
}

/* Moves one card out of a full bucket to its other place, moving at most `moves` cards in all. The caller
 * fills the place that becomes free, so a full bucket stays full. A card that is not in its home bucket
 * therefore always has a full home: the spill flag relies on that. */
static bool make_room(struct card_placement *placement, uint32_t bucket, int moves, struct path *path)
{
    uint32_t *cards = placement->cards + (size_t)bucket * WHITELIST_BUCKET_ENTRIES;
    path->buckets[path->len++] = bucket;
    for (int i = WHITELIST_BUCKET_ENTRIES - 1; i >= 0; i--) {
        uint32_t card = cards[i];
        uint32_t home = home_of(placement, card);
        uint32_t elsewhere = home == bucket ? other_of(placement, card) : home;
        if (on_path(path, elsewhere))
            continue;
        if (!has_room(placement, elsewhere) &&
            (moves == 1 || !make_room(placement, elsewhere, moves - 1, path)))
            continue;
        put(placement, elsewhere, card);
        memmove(cards + i, cards + i + 1, sizeof *cards * (size_t)(WHITELIST_BUCKET_ENTRIES - 1 - i));
        placement->counts[bucket]--;
        path->len--;
        return true;
    }
    path->len--;
    return false;
}

/* Finds a place for a card whose home is full. It takes the way that moves the fewest cards. */
static bool place_elsewhere(struct card_placement *placement, uint32_t card)
{
    uint32_t home = home_of(placement, card), other = other_of(placement, card);
    if (has_room(placement, other)) {
        put(placement, other, card);
        return true;
    }
    for (int moves = 1; moves <= MOVES_MAX; moves++) {
        struct path path = {.len = 0};
        if (make_room(placement, home, moves, &path)) {
            put(placement, home, card);
            return true;
        }
        path.len = 0;
        if (make_room(placement, other, moves, &path)) {
            put(placement, other, card);
            return true;
        }
    }
    return false;
}

int card_placement_make(struct card_placement *placement, const struct whitelist_entry *entries,
                        uint32_t card_count, uint32_t bucket_count)
{
    *placement = (struct card_placement){.entries = entries, .bucket_count = bucket_count};
    placement->cards = calloc((size_t)WHITELIST_BUCKET_ENTRIES * bucket_count, sizeof *placement->cards);
    placement->counts = calloc(bucket_count, sizeof *placement->counts);
    placement->spilled = calloc(bucket_count, sizeof *placement->spilled);
    uint32_t *waiting = malloc(sizeof *waiting * ((size_t)card_count + 1));
    int error = ERR_OK;
    if (placement->cards == NULL || placement->counts == NULL || placement->spilled == NULL ||
        waiting == NULL)
        error = ERR_CRYPTO;
    uint32_t waiting_count = 0;

    /* Cards go into their homes first, so that spilled cards have no influence on which cards are at home. */
    for (uint32_t card = 0; error == ERR_OK && card < card_count; card++) {
        uint32_t home = home_of(placement, card);
        if (has_room(placement, home))
            put(placement, home, card);
        else
            waiting[waiting_count++] = card;
    }
    for (uint32_t i = 0; error == ERR_OK && i < waiting_count; i++)
        if (!place_elsewhere(placement, waiting[i]))
            error = ERR_NO_SPACE;
    for (uint32_t bucket = 0; error == ERR_OK && bucket < bucket_count; bucket++)
        for (int i = 0; i < placement->counts[bucket]; i++) {
            uint32_t home =
                home_of(placement, placement->cards[(size_t)bucket * WHITELIST_BUCKET_ENTRIES + i]);
            if (home != bucket)
                placement->spilled[home] = true;
        }
    free(waiting);
    if (error != ERR_OK)
        card_placement_free(placement);
    return error;
}

static int by_number(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

void card_placement_bucket(const struct card_placement *placement, uint32_t index,
                           struct whitelist_bucket *bucket)
{
    uint32_t cards[WHITELIST_BUCKET_ENTRIES];
    memset(bucket, 0, sizeof *bucket);
    bucket->count = placement->counts[index];
    memcpy(cards, placement->cards + (size_t)index * WHITELIST_BUCKET_ENTRIES, sizeof *cards * bucket->count);
    qsort(cards, bucket->count, sizeof *cards, by_number);
    for (int i = 0; i < bucket->count; i++)
        bucket->entries[i] = placement->entries[cards[i]];
    bucket->spilled = placement->spilled[index];
}

void card_placement_free(struct card_placement *placement)
{
    free(placement->cards);
    free(placement->counts);
    free(placement->spilled);
    *placement = (struct card_placement){0};
}
