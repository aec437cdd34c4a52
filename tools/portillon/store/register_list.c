/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/register_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/csv/csv_register.h"
#include "tools/portillon/store/people_list.h"

struct addition {
    const char *path;
    struct csv_import *import;
    struct register_list_counts *counts;
    int64_t last_person; /* whose card was added last */
    uint32_t with_card;
};

/* Returns true for somebody who is not in the school on the day of the list. */
static bool has_left(const struct addition *addition, const struct people_person *person)
{
    return person->left || person->last_day < addition->import->options->today;
}

static struct whitelist_rule rule_of(const struct addition *addition, const struct people_held *held,
                                     int profile)
{
    const struct people_person *person = &held->person;
    struct whitelist_rule rule = {.profile = (uint8_t)profile,
                                  .weekdays = person->weekdays,
                                  .first_day = csv_register_first_day(addition->import, person->first_day),
                                  .last_day = person->last_day,
                                  .passages = person->passages};
    people_rows_narrow(&rule, &held->holding);
    return rule;
}

static int add_card(struct addition *addition, const struct people_held *held)
{
    int profile = site_rules_profile(addition->import->options->rules, held->person.profile);
    if (profile < 0) {
        import_report_error(&addition->import->report, addition->path, 0,
                            "%s, %s has the profile '%s', which site.conf does not know: name it there, or "
                            "import the people again",
                            held->person.name, held->person.class_name, held->person.profile);
        return ERR_OK;
    }
    struct whitelist_rule rule = rule_of(addition, held, profile);
    addition->counts->cards++;
    addition->with_card += held->person.id != addition->last_person;
    addition->last_person = held->person.id;
    return csv_import_add_known(addition->import, &held->tag,
                                held->holding.counts_as_uid ? &held->holding.uid_tag : NULL, &rule);
}

static int take_card(void *ctx, const struct people_held *held)
{
    struct addition *addition = ctx;
    if (!held->has_person) {
        addition->counts->nobody++;
        return ERR_OK;
    }
    if (held->holding.given == PEOPLE_GIVEN_LENT)
        return ERR_OK;
    if (has_left(addition, &held->person)) {
        addition->counts->left++;
        return ERR_OK;
    }
    addition->counts->older += held->holding.given == PEOPLE_GIVEN_OLDER;
    return add_card(addition, held);
}

static int count_person(void *ctx, const struct people_person *person)
{
    struct addition *addition = ctx;
    addition->counts->people += !has_left(addition, person);
    return ERR_OK;
}

int register_list_add(struct people_store *store, const char *path, struct csv_import *import,
                      struct register_list_counts *counts)
{
    struct addition addition = {.path = path, .import = import, .counts = counts, .last_person = -1};
    *counts = (struct register_list_counts){0};
    int error = people_list_people(store, count_person, &addition);
    if (error == ERR_OK)
        error = people_list_cards(store, take_card, &addition);
    counts->without_card = counts->people - addition.with_card;
    return error;
}

void register_list_report(const struct register_list_counts *counts, const char *path,
                          struct import_report *report)
{
    if (counts->people == 0)
        import_report_error(report, path, 0,
                            "has nobody of the school: is it the right store? portillon people import FILE "
                            "brings the people in, or --csv names the school's files");
    else if (counts->cards == 0 && report->error_count == 0)
        import_report_error(report, path, 0,
                            "nobody has a card: a list without cards would lock everyone out: portillon "
                            "cards import FILE, or card assign");
    if (counts->older != 0)
        import_report_error(
            report, path, 0,
            translate_count(
                counts->older,
                "%" PRIu32 " card was noted by an older version, which did not keep what the file "
                "says of them (lost, valid until): portillon people import FILE, once",
                "%" PRIu32 " cards were noted by an older version, which did not keep what the file "
                "says of them (lost, valid until): portillon people import FILE, once"),
            counts->older);
    if (counts->without_card != 0)
        import_report_note(report, path,
                           counts->people == 1
                               ? N_("%" PRIu32 " of %" PRIu32 " person has no card yet")
                               : translate_count(counts->without_card,
                                                 "%" PRIu32 " of %" PRIu32 " people has no card yet",
                                                 "%" PRIu32 " of %" PRIu32 " people have no card yet"),
                           counts->without_card, counts->people);
    if (counts->left != 0)
        import_report_note(report, path,
                           translate_count(counts->left, "%" PRIu32 " card of people who left: left out",
                                           "%" PRIu32 " cards of people who left: left out"),
                           counts->left);
    if (counts->nobody != 0)
        import_report_note(report, path,
                           translate_count(counts->nobody,
                                           "careful: %" PRIu32 " card of nobody whom it knows: left out",
                                           "careful: %" PRIu32 " cards of nobody whom it knows: left out"),
                           counts->nobody);
}

/* --- comparing --- */

static int by_tag(const void *a, const void *b)
{
    return memcmp(((const struct list_builder_card *)a)->tag.bytes,
                  ((const struct list_builder_card *)b)->tag.bytes, TAG_LEN);
}

static bool is_same_rule(const struct whitelist_rule *a, const struct whitelist_rule *b)
{
    return a->profile == b->profile && a->weekdays == b->weekdays && a->first_day == b->first_day &&
           a->last_day == b->last_day && a->passages == b->passages && a->flags == b->flags;
}

static void complain(struct csv_import *import, const struct card_origin *origin, bool is_there)
{
    const char *why =
        is_there ? _("another row gives the same person other rights: a person of the register has one "
                     "profile: correct one of the rows, or add a column INE if they are two people")
                 : _("the row names nobody: the register needs the name or an id (INE) for each card");
    import_report_error(&import->report, import->files[origin->file], origin->line, "%s", why);
}

int register_list_compare(struct people_store *store, const char *path, struct csv_import *import,
                          struct register_list_counts *counts)
{
    static struct csv_import own;
    own = (struct csv_import){.options = import->options};
    int error = register_list_add(store, path, &own, counts);
    if (error == ERR_OK && own.cards.count != 0)
        qsort(own.cards.cards, own.cards.count, sizeof *own.cards.cards, by_tag);
    for (uint32_t i = 0; error == ERR_OK && i < import->cards.count; i++) {
        const struct list_builder_card *card = &import->cards.cards[i];
        const struct list_builder_card *found =
            own.cards.count == 0
                ? NULL
                : bsearch(card, own.cards.cards, own.cards.count, sizeof *own.cards.cards, by_tag);
        if (found == NULL || !is_same_rule(&found->rule, &card->rule))
            complain(import, &import->cards.origins[i], found != NULL);
    }
    csv_import_free(&own);
    return error;
}
