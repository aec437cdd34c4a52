/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/office_merge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"

struct merge {
    const char *path;
    struct csv_import *import;
    uint16_t today;
    struct office_merge_counts *counts;
    struct people_card *cards;
    uint32_t *places; /* for each card: number in the import plus 1; 0 if the file does not list it */
    size_t count, capacity;
};

static int keep(void *ctx, const struct people_card *card)
{
    struct merge *merge = ctx;
    if (merge->count == merge->capacity) {
        size_t capacity = merge->capacity != 0 ? 2 * merge->capacity : 64;
        struct people_card *more = realloc(merge->cards, capacity * sizeof *more);
        if (more == NULL)
            return ERR_NO_SPACE;
        merge->cards = more;
        merge->capacity = capacity;
    }
    merge->cards[merge->count++] = *card;
    return ERR_OK;
}

static int by_tag(const void *a, const void *b)
{
    return memcmp(((const struct people_card *)a)->tag.bytes, ((const struct people_card *)b)->tag.bytes,
                  TAG_LEN);
}

/* Finds what the office noted of a card, or NULL. */
static const struct people_card *find(const struct merge *merge, const struct tag *tag)
{
    const struct people_card key = {.tag = *tag};
    return merge->count == 0 ? NULL : bsearch(&key, merge->cards, merge->count, sizeof key, by_tag);
}

/* Blocks the DESFire identifier of a card whose UID is blocked: it is the same card. */
static void block_other_entry(struct merge *merge, uint32_t number)
{
    const struct card_origin *origin = &merge->import->cards.origins[number];
    const struct people_card *found = origin->counts_as_uid ? find(merge, &origin->uid_tag) : NULL;
    if (found != NULL && !found->lent)
        merge->import->cards.cards[number].rule.flags |= WHITELIST_RULE_BLOCKED;
}

/* Sorts the few cards of the office, and looks up the many cards of the file among them. */
static int find_places(struct merge *merge)
{
    if (merge->count != 0) /* qsort accepts no NULL, even for 0 elements */
        qsort(merge->cards, merge->count, sizeof *merge->cards, by_tag);
    merge->places = calloc(merge->count + 1, sizeof *merge->places);
    if (merge->places == NULL)
        return ERR_NO_SPACE;
    for (uint32_t i = 0; i < merge->import->cards.count; i++) {
        const struct people_card *found = find(merge, &merge->import->cards.cards[i].tag);
        if (found != NULL)
            merge->places[found - merge->cards] = i + 1;
        block_other_entry(merge, i);
    }
    return ERR_OK;
}

static const char *shown(const struct people_card *card)
{
    return card->card[0] != '\0' ? card->card : _("(number not known)");
}

static struct whitelist_rule rule_of(const struct merge *merge, const struct people_card *card)
{
    const struct site_rules *rules = merge->import->options->rules;
    struct whitelist_rule rule = {.weekdays = WHITELIST_EVERY_DAY,
                                  .first_day = WHITELIST_NO_FIRST_DAY,
                                  .last_day = WHITELIST_NO_LAST_DAY,
                                  .passages = 1};
    int profile = card->has_person ? site_rules_profile(rules, card->person.profile) : ERR_NOT_FOUND;
    rule.profile = profile >= 0 ? (uint8_t)profile : 0;
    if (profile >= 0) {
        rule.weekdays = card->person.weekdays;
        rule.passages = card->person.passages;
    }
    return rule;
}

static int merge_blocked(struct merge *merge, const struct people_card *card, uint32_t place)
{
    merge->counts->blocked++;
    if (place != 0) {
        merge->import->cards.cards[place - 1].rule.flags |= WHITELIST_RULE_BLOCKED;
        return ERR_OK;
    }
    struct whitelist_rule rule = rule_of(merge, card);
    rule.flags = WHITELIST_RULE_BLOCKED;
    return csv_import_add_known(merge->import, &card->tag, NULL, &rule);
}

static int merge_lent(struct merge *merge, const struct people_card *card, uint32_t place)
{
    const struct site_rules *rules = merge->import->options->rules;
    struct import_report *report = &merge->import->report;
    if (merge->today > card->last_day && merge->today - card->last_day > OFFICE_MERGE_KEPT_DAYS) {
        merge->counts->ended++;
        return ERR_OK;
    }
    if (place != 0) {
        const struct card_origin *origin = &merge->import->cards.origins[place - 1];
        bool by_file = origin->file < CSV_IMPORT_FILES_MAX; /* otherwise the register has it */
        import_report_error(
            report, by_file ? merge->import->files[origin->file] : merge->path, origin->line,
            "this card (%s) is lent to %s: delete the row, or end the loan with portillon card return",
            shown(card), card->person.name);
        return ERR_OK;
    }
    if (!card->has_person || site_rules_profile(rules, card->person.profile) < 0) {
        import_report_error(
            report, merge->path, 0,
            "card %s is lent to %s, whose profile '%s' site.conf does not know: end the loan, or name "
            "the profile there",
            shown(card), card->has_person ? card->person.name : _("nobody"),
            card->has_person ? card->person.profile : "");
        return ERR_OK;
    }
    struct whitelist_rule rule = rule_of(merge, card);
    rule.first_day = card->first_day;
    rule.last_day = card->last_day;
    rule.flags = WHITELIST_RULE_TEMPORARY;
    merge->counts->lent++;
    return csv_import_add_known(merge->import, &card->tag, NULL, &rule);
}

int office_merge(struct people_store *store, const char *path, struct csv_import *import, uint16_t today,
                 struct office_merge_counts *counts)
{
    struct merge merge = {.path = path, .import = import, .today = today, .counts = counts};
    *counts = (struct office_merge_counts){0};
    int error = people_store_each_card(store, keep, &merge);
    if (error == ERR_OK)
        error = find_places(&merge);
    for (size_t i = 0; error == ERR_OK && i < merge.count; i++)
        error = merge.cards[i].lent ? merge_lent(&merge, &merge.cards[i], merge.places[i])
                                    : merge_blocked(&merge, &merge.cards[i], merge.places[i]);
    free(merge.places);
    free(merge.cards);
    return error;
}
