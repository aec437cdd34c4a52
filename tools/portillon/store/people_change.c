/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/people_change.h"

#include <stdlib.h>
#include <string.h>

/* --- the snapshot --- */

/* Returns the array with room for one more element, or NULL. */
static void *make_room(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t larger = *capacity != 0 ? 2 * *capacity : 1024;
    void *more = realloc(array, larger * size);
    if (more != NULL)
        *capacity = larger;
    return more;
}

static int keep_person(void *ctx, const struct people_person *person)
{
    struct people_snapshot *snapshot = ctx;
    struct people_person *people =
        make_room(snapshot->people, snapshot->count, &snapshot->capacity, sizeof *people);
    if (people == NULL)
        return ERR_NO_SPACE;
    snapshot->people = people;
    people[snapshot->count++] = *person;
    snapshot->present += !person->left;
    return ERR_OK;
}

static int keep_card(void *ctx, const struct people_held *held)
{
    struct people_snapshot *snapshot = ctx;
    if (held->holding.given == PEOPLE_GIVEN_LENT || !held->has_person)
        return ERR_OK;
    struct people_held *cards =
        make_room(snapshot->cards, snapshot->card_count, &snapshot->card_capacity, sizeof *cards);
    if (cards == NULL)
        return ERR_NO_SPACE;
    snapshot->cards = cards;
    cards[snapshot->card_count++] = *held;
    return ERR_OK;
}

static int by_number(const void *a, const void *b)
{
    const struct people_person *left = *(const struct people_person *const *)a,
                               *right = *(const struct people_person *const *)b;
    return left->id < right->id ? -1 : left->id > right->id;
}

static int by_tag(const void *a, const void *b)
{
    return memcmp(((const struct people_held *)a)->tag.bytes, ((const struct people_held *)b)->tag.bytes,
                  TAG_LEN);
}

static int sort(struct people_snapshot *snapshot)
{
    snapshot->by_number = calloc(snapshot->count + 1, sizeof *snapshot->by_number);
    if (snapshot->by_number == NULL)
        return ERR_NO_SPACE;
    for (size_t i = 0; i < snapshot->count; i++)
        snapshot->by_number[i] = &snapshot->people[i];
    qsort(snapshot->by_number, snapshot->count, sizeof *snapshot->by_number, by_number);
    if (snapshot->card_count != 0)
        qsort(snapshot->cards, snapshot->card_count, sizeof *snapshot->cards, by_tag);
    return ERR_OK;
}

int people_snapshot_take(struct people_snapshot *snapshot, struct people_store *store)
{
    int error = people_list_people(store, keep_person, snapshot);
    if (error == ERR_OK)
        error = people_list_cards(store, keep_card, snapshot);
    return error == ERR_OK ? sort(snapshot) : error;
}

void people_snapshot_free(struct people_snapshot *snapshot)
{
    free(snapshot->people);
    free(snapshot->cards);
    free(snapshot->by_number);
    *snapshot = (struct people_snapshot){0};
}

/* --- people --- */

static const struct people_person *find_person(const struct people_snapshot *snapshot, int64_t id)
{
    const struct people_person wanted = {.id = id}, *key = &wanted;
    const struct people_person *const *found =
        bsearch(&key, snapshot->by_number, snapshot->count, sizeof *snapshot->by_number, by_number);
    return found != NULL ? *found : NULL;
}

static bool has_same_rights(const struct people_person *a, const struct people_person *b)
{
    return strcmp(a->profile, b->profile) == 0 && a->weekdays == b->weekdays && a->passages == b->passages &&
           a->first_day == b->first_day && a->last_day == b->last_day;
}

static bool is_kind(enum people_change_kind kind, const struct people_person *before,
                    const struct people_person *after)
{
    bool was_here = before != NULL && !before->left, stays = was_here && !after->left;
    if (kind == PEOPLE_CHANGE_COMES)
        return !was_here && !after->left;
    if (kind == PEOPLE_CHANGE_LEAVES)
        return was_here && after->left;
    if (kind == PEOPLE_CHANGE_CLASS)
        return stays && strcmp(before->class_name, after->class_name) != 0;
    if (kind == PEOPLE_CHANGE_NAME)
        return stays && strcmp(before->name, after->name) != 0;
    return stays && !has_same_rights(before, after);
}

static size_t each_person(const struct people_snapshot *before, const struct people_snapshot *after,
                          enum people_change_kind kind, people_change_callback *callback, void *ctx)
{
    size_t count = 0;
    for (size_t i = 0; i < after->count; i++) {
        const struct people_person *person = &after->people[i], *was = find_person(before, person->id);
        if (!is_kind(kind, was, person))
            continue;
        count++;
        if (callback != NULL)
            callback(ctx, was, person);
    }
    return count;
}

/* --- cards --- */

static const struct people_held *find_card(const struct people_snapshot *snapshot,
                                           const struct people_held *card)
{
    return snapshot->card_count == 0
               ? NULL
               : bsearch(card, snapshot->cards, snapshot->card_count, sizeof *card, by_tag);
}

static bool has_same_marks(const struct people_holding *a, const struct people_holding *b)
{
    return a->blocked == b->blocked && a->temporary == b->temporary && a->first_day == b->first_day &&
           a->last_day == b->last_day && a->counts_as_uid == b->counts_as_uid;
}

/* Returns true if card has changed in this way; other is the same card in the other snapshot. */
static bool is_card_kind(enum people_change_kind kind, const struct people_held *card,
                         const struct people_held *other)
{
    if (kind == PEOPLE_CHANGE_CARD_NEW || kind == PEOPLE_CHANGE_CARD_ENDS)
        return other == NULL;
    bool is_same_holder = other != NULL && other->person.id == card->person.id;
    if (kind == PEOPLE_CHANGE_CARD_OTHER)
        return other != NULL && !is_same_holder;
    return is_same_holder && !has_same_marks(&card->holding, &other->holding);
}

static size_t each_card(const struct people_snapshot *before, const struct people_snapshot *after,
                        enum people_change_kind kind, people_change_callback *callback, void *ctx)
{
    bool ends = kind == PEOPLE_CHANGE_CARD_ENDS;
    const struct people_snapshot *from = ends ? before : after, *to = ends ? after : before;
    size_t count = 0;
    for (size_t i = 0; i < from->card_count; i++) {
        const struct people_held *card = &from->cards[i], *other = find_card(to, card);
        if (!is_card_kind(kind, card, other))
            continue;
        count++;
        if (callback != NULL)
            callback(ctx,
                     ends            ? &card->person
                     : other != NULL ? &other->person
                                     : NULL,
                     ends ? NULL : &card->person);
    }
    return count;
}

size_t people_change_each(const struct people_snapshot *before, const struct people_snapshot *after,
                          enum people_change_kind kind, people_change_callback *callback, void *ctx)
{
    return kind < PEOPLE_CHANGE_CARD_NEW ? each_person(before, after, kind, callback, ctx)
                                         : each_card(before, after, kind, callback, ctx);
}
