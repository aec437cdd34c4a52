/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/replay/replay_pupils.h"

#include <stdlib.h>
#include <string.h>

#include "tools/portillon/store/holder_then.h"

static int compare_outcomes(const struct replay_change *a, const struct replay_change *b)
{
    return a->before != b->before ? (int)a->before - (int)b->before : (int)a->after - (int)b->after;
}

static int compare_times(const struct replay_change *a, const struct replay_change *b)
{
    if (a->utc_s != b->utc_s)
        return a->utc_s < b->utc_s ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static int compare_cards(const struct replay_change *a, const struct replay_change *b)
{
    return memcmp(a->tag.bytes, b->tag.bytes, TAG_LEN);
}

static int by_card(const void *left, const void *right)
{
    const struct replay_change *a = left, *b = right;
    int order = compare_outcomes(a, b);
    order = order != 0 ? order : compare_cards(a, b);
    return order != 0 ? order : compare_times(a, b);
}

static int compare_people(const struct replay_pupil *a, const struct replay_pupil *b)
{
    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    return a->person != 0 ? 0 : compare_cards(&a->first, &b->first);
}

static int by_person(const void *left, const void *right)
{
    const struct replay_pupil *a = left, *b = right;
    int order = compare_outcomes(&a->first, &b->first);
    order = order != 0 ? order : compare_people(a, b);
    return order != 0 ? order : compare_times(&a->first, &b->first);
}

static int by_name(const void *left, const void *right)
{
    const struct replay_pupil *a = left, *b = right;
    int order = compare_outcomes(&a->first, &b->first);
    if (order == 0 && (a->person == 0) != (b->person == 0))
        return a->person == 0 ? 1 : -1; /* cards without a name last */
    order = order != 0 ? order : strcmp(a->name, b->name);
    order = order != 0 ? order : strcmp(a->class_name, b->class_name);
    return order != 0 ? order : compare_people(a, b);
}

static int by_person_alone(const void *left, const void *right)
{
    const struct replay_pupil *const *a = left, *const *b = right;
    return compare_people(*a, *b);
}

/* --- finding --- */

static int name_pupil(struct replay_pupil *pupil, struct holder_then *holders)
{
    struct people_person person = {0};
    int result = holder_then_find(holders, &pupil->first.tag, pupil->first.utc_s, &person);
    if (result != ERR_OK && result != ERR_NOT_FOUND)
        return result;
    pupil->person = person.id;
    pupil->name = strdup(person.name);
    pupil->class_name = strdup(person.class_name);
    return pupil->name != NULL && pupil->class_name != NULL ? ERR_OK : ERR_NO_SPACE;
}

/* Makes an entry for each card and pair of outcomes. */
static int take_cards(struct replay_pupils *pupils, struct replay *replay, struct holder_then *holders)
{
    int result = ERR_OK;
    if (replay->change_count > 0)
        qsort(replay->changes, replay->change_count, sizeof *replay->changes, by_card);
    for (size_t i = 0; i < replay->change_count && result == ERR_OK; i++) {
        const struct replay_change *change = &replay->changes[i];
        bool is_new =
            i == 0 || compare_outcomes(change - 1, change) != 0 || compare_cards(change - 1, change) != 0;
        if (is_new) {
            pupils->pupils[pupils->count] = (struct replay_pupil){.first = *change};
            result = name_pupil(&pupils->pupils[pupils->count++], holders);
        }
        pupils->pupils[pupils->count - 1].taps++;
    }
    return result;
}

/* Joins the cards of one person. */
static void join_cards(struct replay_pupils *pupils)
{
    size_t kept = 0;
    for (size_t i = 0; i < pupils->count; i++) {
        struct replay_pupil *pupil = &pupils->pupils[i], *last = &pupils->pupils[kept > 0 ? kept - 1 : 0];
        if (kept > 0 && compare_outcomes(&last->first, &pupil->first) == 0 &&
            compare_people(last, pupil) == 0) {
            last->taps += pupil->taps;
            free(pupil->name);
            free(pupil->class_name);
        } else {
            pupils->pupils[kept++] = *pupil;
        }
    }
    pupils->count = kept;
}

static void find_groups(struct replay_pupils *pupils)
{
    for (size_t i = 0; i < pupils->count; i++) {
        const struct replay_pupil *pupil = &pupils->pupils[i];
        if (i == 0 || compare_outcomes(&pupil[-1].first, &pupil->first) != 0)
            pupils->groups[pupils->group_count++] = (struct replay_group){.pupils = pupil};
        pupils->groups[pupils->group_count - 1].count++;
        pupils->groups[pupils->group_count - 1].taps += pupil->taps;
    }
}

static int count_people(struct replay_pupils *pupils)
{
    const struct replay_pupil **sorted = malloc((pupils->count + 1) * sizeof(struct replay_pupil *));
    if (sorted == NULL)
        return ERR_NO_SPACE;
    for (size_t i = 0; i < pupils->count; i++)
        sorted[i] = &pupils->pupils[i];
    qsort(sorted, pupils->count, sizeof *sorted, by_person_alone);
    for (size_t i = 0; i < pupils->count; i++)
        pupils->people += i == 0 || compare_people(sorted[i - 1], sorted[i]) != 0;
    free(sorted);
    return ERR_OK;
}

int replay_pupils_find(struct replay_pupils *pupils, struct replay *replay, struct store_db *store)
{
    struct holder_then holders;
    *pupils = (struct replay_pupils){.pupils = calloc(replay->change_count + 1, sizeof *pupils->pupils),
                                     .groups = calloc(replay->change_count + 1, sizeof *pupils->groups)};
    if (pupils->pupils == NULL || pupils->groups == NULL)
        return ERR_NO_SPACE;
    int result = holder_then_open(&holders, store);
    if (result == ERR_OK)
        result = take_cards(pupils, replay, &holders);
    holder_then_close(&holders);
    if (result != ERR_OK)
        return result;
    qsort(pupils->pupils, pupils->count, sizeof *pupils->pupils, by_person);
    join_cards(pupils);
    qsort(pupils->pupils, pupils->count, sizeof *pupils->pupils, by_name);
    find_groups(pupils);
    return count_people(pupils);
}

void replay_pupils_free(struct replay_pupils *pupils)
{
    for (size_t i = 0; i < pupils->count; i++) {
        free(pupils->pupils[i].name);
        free(pupils->pupils[i].class_name);
    }
    free(pupils->pupils);
    free(pupils->groups);
    memset(pupils, 0, sizeof *pupils);
}
