/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/register_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/csv/csv_register.h"
#include "tools/portillon/store/people_list.h"
#include "tools/portillon/store/people_moved.h"

int register_import_begin(struct register_import *intake)
{
    return intake->whole ? people_store_all_leave(intake->store, intake->utc_s) : ERR_OK;
}

/* --- joining --- */

#define ID_PREFIX "id:"

static void take_pupil(struct db_statement *row, struct pupil *pupil)
{
    const char *key = db_text(row, 1);
    pupil->number = db_int(row, 0);
    if (strncmp(key, ID_PREFIX, strlen(ID_PREFIX)) == 0)
        snprintf(pupil->id, sizeof pupil->id, "%s", key + strlen(ID_PREFIX));
    snprintf(pupil->surname, sizeof pupil->surname, "%s", db_text(row, 2));
    snprintf(pupil->first_name, sizeof pupil->first_name, "%s", db_text(row, 3));
    snprintf(pupil->class_name, sizeof pupil->class_name, "%s", db_text(row, 4));
    pupil->rule.weekdays = (uint8_t)db_int(row, 6);
    pupil->rule.passages = (uint8_t)db_int(row, 7);
    pupil->rule.first_day = (uint16_t)db_int(row, 8);
    pupil->rule.last_day = (uint16_t)db_int(row, 9);
    pupil->left = !db_is_null(row, 10);
    pupil->has_card = db_int(row, 11) != 0;
    csv_register_make_words(pupil);
}

static int join_pupil(struct csv_import *import, const char *name, struct db_statement *row)
{
    struct pupil pupil = {0};
    take_pupil(row, &pupil);
    int profile = site_rules_profile(import->options->rules, db_text(row, 5));
    pupil.left = pupil.left || pupil.rule.last_day < import->options->today;
    pupil.bad = profile < 0 && !pupil.left;
    pupil.rule.profile = profile >= 0 ? (uint8_t)profile : 0;
    pupil.rule.first_day = csv_register_first_day(import, pupil.rule.first_day);
    if (pupil.bad)
        import_report_error(
            &import->report, name, 0,
            "%s %s, %s has the profile '%s', which site.conf does not know: name it there, or "
            "import the people again",
            pupil.surname, pupil.first_name, pupil.class_name, db_text(row, 5));
    return pupil_register_add(&import->pupils, &pupil);
}

int register_import_join(struct register_import *intake, const char *name)
{
    struct db_statement row;
    int result = store_db_prepare(
        &intake->store->db, &row,
        "SELECT person, key, surname, first_name, class, profile, weekdays, passages, first_day, last_day,"
        " left_utc_s, CASE WHEN EXISTS (SELECT 1 FROM holdings h WHERE h.site = $1 AND h.person = p.person"
        " AND h.until_utc_s IS NULL) THEN 1 ELSE 0 END FROM people p WHERE site = $1 ORDER BY person");
    while (result == ERR_OK && (result = db_step(&row)) == DB_ROW)
        result = join_pupil(intake->import, name, &row);
    db_finalize(&row);
    intake->import->register_name = name;
    return result == ERR_OK ? pupil_register_index(&intake->import->pupils) : result;
}

/* --- rows --- */

/* Returns what the card has of its own: in a file that is joined with a register, days that are those of the
 * holder are not the card's. */
static struct people_holding holding_of(const struct csv_import *import, const struct csv_row_cards *cards,
                                        uint8_t number)
{
    const struct whitelist_rule *rule = &cards->rule;
    const struct card_origin *origin = &cards->at[number].origin;
    const struct pupil *holder = import->holder;
    struct people_holding holding = {.given = PEOPLE_GIVEN_FILE,
                                     .first_day = rule->first_day,
                                     .last_day = rule->last_day,
                                     .blocked = rule->flags & WHITELIST_RULE_BLOCKED,
                                     .temporary = rule->flags & WHITELIST_RULE_TEMPORARY,
                                     .method = cards->at[number].method,
                                     .counts_as_uid = origin->counts_as_uid,
                                     .uid_tag = origin->uid_tag};
    if (holder != NULL && holder->rule.first_day == rule->first_day)
        holding.first_day = WHITELIST_NO_FIRST_DAY;
    if (holder != NULL && holder->rule.last_day == rule->last_day)
        holding.last_day = WHITELIST_NO_LAST_DAY;
    return holding;
}

/* Returns what the person has: in a row with a card, the days are those of the card. */
static struct whitelist_rule rights_of(const struct csv_import *import, const struct whitelist_rule *rule,
                                       bool has_card)
{
    struct whitelist_rule rights = *rule;
    if (import->holder != NULL) {
        rights.first_day = import->holder->rule.first_day;
        rights.last_day = import->holder->rule.last_day;
    } else if (has_card) {
        rights.first_day = WHITELIST_NO_FIRST_DAY;
        rights.last_day = WHITELIST_NO_LAST_DAY;
    }
    return rights;
}

static bool has_other_rights(const struct whitelist_rule *a, const struct whitelist_rule *b)
{
    return a->profile != b->profile || a->weekdays != b->weekdays || a->passages != b->passages;
}

/* Stores the person of a row, or finds the one of the register. */
static int put_person(struct register_import *intake, const struct csv_person *person,
                      const struct whitelist_rule *rule, bool has_card, int64_t *id)
{
    const struct pupil *holder = intake->import->holder;
    const char *profile = intake->import->options->rules->tables.profiles[rule->profile].name;
    const struct whitelist_rule rights = rights_of(intake->import, rule, has_card);
    if (holder == NULL || holder->number == 0)
        return people_store_put(intake->store, person, profile, &rights, intake->utc_s, id);
    *id = holder->number;
    return has_other_rights(&holder->rule, rule) ? people_store_set_rights(intake->store, *id, profile, rule)
                                                 : ERR_OK;
}

static int note_cardless(struct register_import *intake, int64_t id)
{
    if (intake->cardless_count == intake->cardless_capacity) {
        size_t capacity = intake->cardless_capacity != 0 ? 2 * intake->cardless_capacity : 256;
        int64_t *more = realloc(intake->cardless, capacity * sizeof *more);
        if (more == NULL)
            return ERR_NO_SPACE;
        intake->cardless = more;
        intake->cardless_capacity = capacity;
    }
    intake->cardless[intake->cardless_count++] = id;
    return ERR_OK;
}

static int hold_cards(struct register_import *intake, const struct csv_row_cards *cards, int64_t id)
{
    int error = ERR_OK;
    for (uint8_t i = 0; i < cards->count && error == ERR_OK; i++) {
        const struct people_holding holding = holding_of(intake->import, cards, i);
        error = people_store_hold_card(intake->store, &cards->at[i].card.tag, id, &holding, intake->utc_s);
    }
    return error;
}

int register_import_person(void *ctx, const struct csv_person *person, const struct csv_row_cards *cards)
{
    struct register_import *intake = ctx;
    int64_t id;
    int error = put_person(intake, person, &cards->rule, cards->count != 0, &id);
    if (error == ERR_ARGUMENT) { /* a row without a name: there is nobody to store */
        intake->nameless += cards->count;
        return ERR_OK;
    }
    if (error != ERR_OK)
        return error;
    intake->people++;
    if (cards->count != 0)
        return hold_cards(intake, cards, id);
    return csv_columns_have_card(&intake->import->columns) ? note_cardless(intake, id) : ERR_OK;
}

/* --- cards that are no more --- */

struct earlier_card {
    struct tag tag;
    int64_t person;
    bool is_in_files, is_of_desk;
};

struct earlier_cards {
    struct earlier_card *cards;
    size_t count, capacity;
};

/* Keeps the cards of people who are in the school, without lent ones. */
static int keep_earlier(void *ctx, const struct people_held *held)
{
    struct earlier_cards *earlier = ctx;
    if (held->holding.given == PEOPLE_GIVEN_LENT || !held->has_person || held->person.left)
        return ERR_OK;
    if (earlier->count == earlier->capacity) {
        size_t capacity = earlier->capacity != 0 ? 2 * earlier->capacity : 1024;
        struct earlier_card *more = realloc(earlier->cards, capacity * sizeof *more);
        if (more == NULL)
            return ERR_NO_SPACE;
        earlier->cards = more;
        earlier->capacity = capacity;
    }
    earlier->cards[earlier->count++] =
        (struct earlier_card){held->tag, held->person.id, false, held->holding.given == PEOPLE_GIVEN_DESK};
    return ERR_OK;
}

static int by_tag(const void *a, const void *b)
{
    return memcmp(((const struct earlier_card *)a)->tag.bytes, ((const struct earlier_card *)b)->tag.bytes,
                  TAG_LEN);
}

static int by_number(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

static int by_person(const void *a, const void *b)
{
    return by_number(&((const struct earlier_card *)a)->person, &((const struct earlier_card *)b)->person);
}

static void mark_those_in_files(const struct earlier_cards *earlier, const struct card_register *cards)
{
    qsort(earlier->cards, earlier->count, sizeof *earlier->cards, by_tag);
    for (uint32_t i = 0; i < cards->count; i++) {
        struct earlier_card key = {.tag = cards->cards[i].tag};
        struct earlier_card *found = bsearch(&key, earlier->cards, earlier->count, sizeof key, by_tag);
        if (found != NULL)
            found->is_in_files = true;
    }
}

/* Ends the cards that earlier files gave a person, whose cards are next to each other, if these files say
 * which cards they have. Counts those of the desk. */
static int end_others(struct register_import *intake, const struct earlier_card *cards, size_t count)
{
    bool is_told = intake->cardless_count != 0 && bsearch(&cards->person, intake->cardless,
                                                          intake->cardless_count, sizeof(int64_t), by_number);
    int error = ERR_OK;
    for (size_t i = 0; i < count; i++)
        is_told = is_told || cards[i].is_in_files;
    for (size_t i = 0; i < count && error == ERR_OK; i++) {
        intake->desk += cards[i].is_of_desk && !cards[i].is_in_files;
        if (is_told && !cards[i].is_in_files && !cards[i].is_of_desk)
            error = people_store_end_card(intake->store, &cards[i].tag, intake->utc_s);
    }
    return error;
}

static int end_dropped(struct register_import *intake)
{
    struct earlier_cards earlier = {0};
    int error = people_list_cards(intake->store, keep_earlier, &earlier);
    if (error == ERR_OK && earlier.count != 0) {
        mark_those_in_files(&earlier, &intake->import->cards);
        qsort(earlier.cards, earlier.count, sizeof *earlier.cards, by_person);
    }
    if (intake->cardless_count != 0)
        qsort(intake->cardless, intake->cardless_count, sizeof(int64_t), by_number);
    for (size_t i = 0, next; error == ERR_OK && i < earlier.count; i = next) {
        for (next = i + 1; next < earlier.count && earlier.cards[next].person == earlier.cards[i].person;)
            next++;
        error = end_others(intake, &earlier.cards[i], next - i);
    }
    free(earlier.cards);
    return error;
}

int register_import_end(struct register_import *intake, int64_t *moved)
{
    *moved = 0;
    int error = intake->whole ? people_moved_settle(intake->store, intake->utc_s, moved) : ERR_OK;
    if (error == ERR_OK)
        error = end_dropped(intake);
    return error;
}

void register_import_free(struct register_import *intake)
{
    free(intake->cardless);
    intake->cardless = NULL;
    intake->cardless_count = intake->cardless_capacity = 0;
}
