/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/card_assign.h"

#include <stdio.h>
#include <string.h>

#include "tools/portillon/store/audit.h"

#define CARDS_MAX 16

struct search {
    const struct tag *tag;
    bool found, lent;
};

static int look(void *ctx, const struct people_card *card)
{
    struct search *search = ctx;
    if (memcmp(card->tag.bytes, search->tag->bytes, TAG_LEN) == 0) {
        search->found = true;
        search->lent = card->lent;
    }
    return ERR_OK;
}

/* Decides what becomes of the card; the holder is known. */
static enum card_assign_outcome decide(const struct search *note, const struct card_assign_result *result,
                                       const struct people_person *person, bool takes)
{
    if (note->found)
        return note->lent ? CARD_ASSIGN_LENT : CARD_ASSIGN_BLOCKED;
    if (!result->has_holder)
        return CARD_ASSIGN_GIVEN;
    if (result->holder.id == person->id)
        return CARD_ASSIGN_OWN;
    return takes ? CARD_ASSIGN_GIVEN : CARD_ASSIGN_HELD;
}

static int count_others(struct people_store *store, const struct tag *tag, int64_t person, int *others)
{
    struct tag tags[CARDS_MAX];
    int count = people_store_cards_of(store, person, tags, CARDS_MAX);
    *others = count;
    for (int i = 0; i < count && i < CARDS_MAX; i++)
        *others -= memcmp(tags[i].bytes, tag->bytes, TAG_LEN) == 0;
    return count < 0 ? count : ERR_OK;
}

/* Adds to the audit trail, in the same transaction. */
static int note_given(struct people_store *store, const struct people_person *person,
                      const struct card_assign_result *result)
{
    char subject[AUDIT_SUBJECT_SIZE], holder[AUDIT_SUBJECT_SIZE], detail[AUDIT_SUBJECT_SIZE + 16] = "";
    if (result->has_holder)
        snprintf(detail, sizeof detail, "taken from %s", audit_person(result->holder.id, holder));
    return audit_note(&store->db, &(struct audit_entry){"assign", audit_person(person->id, subject), detail});
}

static int assign(struct people_store *store, const struct tag *tag, const struct people_person *person,
                  bool takes, int64_t utc_s, struct card_assign_result *result)
{
    struct search note = {.tag = tag};
    int error = people_store_holder(store, tag, &result->holder);
    result->has_holder = error == ERR_OK;
    if (error == ERR_OK || error == ERR_NOT_FOUND)
        error = people_store_each_card(store, look, &note);
    if (error == ERR_OK)
        error = count_others(store, tag, person->id, &result->other_cards);
    result->outcome = decide(&note, result, person, takes);
    if (error != ERR_OK || result->outcome != CARD_ASSIGN_GIVEN)
        return error;
    error =
        people_store_hold_card(store, tag, person->id, &PEOPLE_ROWS_PLAIN_HOLDING(PEOPLE_GIVEN_DESK), utc_s);
    return error == ERR_OK ? note_given(store, person, result) : error;
}

int card_assign(struct people_store *store, const struct tag *tag, const struct people_person *person,
                bool takes, int64_t utc_s, struct card_assign_result *result)
{
    *result = (struct card_assign_result){0};
    int error = people_store_begin(store);
    if (error != ERR_OK)
        return error;
    error = assign(store, tag, person, takes, utc_s, result);
    if (error == ERR_OK)
        return people_store_commit(store);
    people_store_rollback(store);
    return error;
}
