/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/register_cards.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/csv/csv_register.h"

#define CARDS_MAX 8 /* of one pupil */

struct lent_cards {
    struct tag *tags;
    size_t count, capacity;
};

struct addition {
    struct people_store *store;
    struct csv_import *import;
    int64_t utc_s;
    struct lent_cards lent;
    uint32_t file_cards; /* number of cards that came from files */
};

static int keep_lent(void *ctx, const struct people_card *card)
{
    struct lent_cards *lent = ctx;
    if (!card->lent)
        return ERR_OK;
    if (lent->count == lent->capacity) {
        size_t capacity = lent->capacity != 0 ? 2 * lent->capacity : 64;
        struct tag *more = realloc(lent->tags, capacity * sizeof *more);
        if (more == NULL)
            return ERR_NO_SPACE;
        lent->tags = more;
        lent->capacity = capacity;
    }
    lent->tags[lent->count++] = card->tag;
    return ERR_OK;
}

/* Returns true if a card is lent, or in a file. */
static bool is_taken(const struct addition *addition, const struct tag *tag)
{
    for (size_t i = 0; i < addition->lent.count; i++)
        if (memcmp(addition->lent.tags[i].bytes, tag->bytes, TAG_LEN) == 0)
            return true;
    for (uint32_t i = 0; i < addition->file_cards; i++)
        if (memcmp(addition->import->cards.cards[i].tag.bytes, tag->bytes, TAG_LEN) == 0)
            return true;
    return false;
}

static int add_card(struct addition *addition, struct pupil *pupil, const struct tag *tag)
{
    struct people_holding holding;
    struct whitelist_rule rule = pupil->rule;
    if (is_taken(addition, tag))
        return ERR_OK;
    pupil->has_card = true;
    int error = people_store_holding(addition->store, tag, &holding);
    if (error == ERR_OK) {
        people_rows_narrow(&rule, &holding);
        error = csv_import_add_known(addition->import, tag, holding.counts_as_uid ? &holding.uid_tag : NULL,
                                     &rule);
    }
    return error == ERR_ARGUMENT ? ERR_OK : error; /* two lines of the register are this pupil */
}

static int add_cards_of(struct addition *addition, struct pupil *pupil)
{
    const struct whitelist_profile *profiles = addition->import->options->rules->tables.profiles;
    struct tag tags[CARDS_MAX];
    struct csv_person person;
    int64_t id;
    csv_register_person(pupil, &person);
    int error = people_store_put(addition->store, &person, profiles[pupil->rule.profile].name, &pupil->rule,
                                 addition->utc_s, &id);
    if (error != ERR_OK) /* ERR_ARGUMENT: the register has no name for the pupil */
        return error == ERR_ARGUMENT ? ERR_OK : error;
    int count = people_store_cards_of(addition->store, id, tags, CARDS_MAX);
    for (int i = 0; i < count && i < CARDS_MAX && error == ERR_OK; i++)
        error = add_card(addition, pupil, &tags[i]);
    return count < 0 ? count : error;
}

int register_cards_add(struct people_store *store, struct csv_import *import, int64_t utc_s)
{
    struct addition addition = {
        .store = store, .import = import, .utc_s = utc_s, .file_cards = import->cards.count};
    if (import->pupils.count == 0 || import->joined_count != 0)
        return ERR_OK;
    int error = people_store_each_card(store, keep_lent, &addition.lent);
    for (uint32_t i = 0; i < import->pupils.count && error == ERR_OK; i++) {
        struct pupil *pupil = &import->pupils.pupils[i];
        if (!pupil->left && !pupil->bad)
            error = add_cards_of(&addition, pupil);
    }
    uint32_t added = import->cards.count - addition.file_cards;
    if (error == ERR_OK)
        import_report_note(&import->report, import->register_name,
                           translate_count(added,
                                           "no file gives its pupils cards: %" PRIu32
                                           " card is taken that the store knows as theirs",
                                           "no file gives its pupils cards: %" PRIu32
                                           " cards are taken that the store knows as theirs"),
                           added);
    free(addition.lent.tags);
    return error;
}
