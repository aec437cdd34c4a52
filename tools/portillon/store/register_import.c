/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/register_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/csv/csv_register.h"
#include "tools/portillon/store/people_moved.h"
#include "tools/portillon/store/person_fold.h"

/* How long the store goes without hearing again of a person of whom the files say nothing new: the time of
 * their last file is right to this. PEOPLE_MOVED_DAYS is long against it. */
#define SEEN_AGAIN_S (20 * 86400)

int register_import_begin(struct register_import *intake)
{
    intake->bulk =
        (struct people_bulk){.store = intake->store, .index = &intake->index, .utc_s = intake->utc_s};
    return people_index_load(&intake->index, intake->store, intake->utc_s - SEEN_AGAIN_S);
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

/* Stores a person of whom the files say something else than the store has. */
static int change_person(struct register_import *intake, const struct csv_person *person,
                         const struct people_row *row, uint32_t *place)
{
    struct people_index_person *known = keyed_rows_at(&intake->index.people, *place);
    int error = known->number == 0 ? people_bulk_flush(&intake->bulk) : ERR_OK;
    int64_t number;
    if (error == ERR_OK)
        error = people_store_put(intake->store, person, row->profile, &row->rule, intake->utc_s, &number);
    if (error != ERR_OK)
        return error;
    if (number != (int64_t)known->number)
        return people_store_fail_numbers(intake->store); /* of another key with the same digest */
    known->content = people_digest_of(row).content;
    known->marks &= 0xFFU & ~(PEOPLE_INDEX_LEFT | PEOPLE_INDEX_STALE);
    return ERR_OK;
}

/* Stores a person of a file if the store has not the same of them. */
static int put_row(struct register_import *intake, const struct csv_person *person,
                   const struct people_row *row, uint32_t *place)
{
    struct people_digest digest = people_digest_of(row);
    struct people_index_person *known = keyed_rows_find(&intake->index.people, (const uint8_t *)&digest.key);
    if (known == NULL)
        return people_bulk_add_person(&intake->bulk, row, place);
    *place = keyed_rows_number(&intake->index.people, known);
    bool is_same = known->content == digest.content && (known->marks & PEOPLE_INDEX_LEFT) == 0;
    return is_same ? ERR_OK : change_person(intake, person, row, place);
}

static void mark(struct register_import *intake, uint32_t place, unsigned marks)
{
    struct people_index_person *person = keyed_rows_at(&intake->index.people, place);
    person->marks |= 0xFFU & marks;
}

/* Finds a person of the register, and stores what a row says of their rights. */
static int put_holder(struct register_import *intake, const struct whitelist_rule *rule, const char *profile,
                      uint32_t *place)
{
    const struct pupil *holder = intake->import->holder;
    const struct people_index_person *known = people_index_person(&intake->index, holder->number);
    if (known == NULL)
        return ERR_NOT_FOUND;
    *place = keyed_rows_number(&intake->index.people, known);
    if (!has_other_rights(&holder->rule, rule))
        return ERR_OK;
    mark(intake, *place, PEOPLE_INDEX_STALE);
    return people_store_set_rights(intake->store, holder->number, profile, rule);
}

/* Stores the person of a row, or finds the one of the register. *place receives the number of their row in
 * the index. Returns ERR_ARGUMENT for a row that names nobody. */
static int put_person(struct register_import *intake, const struct csv_person *person,
                      const struct whitelist_rule *rule, bool has_card, uint32_t *place)
{
    const struct pupil *holder = intake->import->holder;
    const char *profile = intake->import->options->rules->tables.profiles[rule->profile].name;
    char fold[PERSON_FOLD_SIZE], key[PERSON_KEY_SIZE];
    if (holder != NULL && holder->number != 0)
        return put_holder(intake, rule, profile, place);
    if (!person_fold_key(person, fold, key))
        return ERR_ARGUMENT;
    const struct people_row row = {key,
                                   fold,
                                   person->surname,
                                   person->first_name,
                                   person->class_name,
                                   profile,
                                   rights_of(intake->import, rule, has_card)};
    return put_row(intake, person, &row, place);
}

/* Stores that a person holds a card, if the store has not the same. */
static int hold(struct register_import *intake, const struct tag *tag, uint32_t place,
                const struct people_holding *holding)
{
    struct people_index_card *card = keyed_rows_find(&intake->index.cards, tag->bytes);
    mark(intake, place, PEOPLE_INDEX_TOLD);
    if (card == NULL)
        card = keyed_rows_add(&intake->index.cards, tag->bytes);
    if (card == NULL)
        return ERR_NO_SPACE;
    bool is_held = (card->marks & PEOPLE_INDEX_HELD) != 0;
    card->marks |= PEOPLE_INDEX_HELD | PEOPLE_INDEX_IN_FILES;
    const struct people_holding has = people_index_holding(card);
    if (is_held && card->person == place && people_rows_is_same_holding(&has, holding))
        return ERR_OK;
    mark(intake, place, PEOPLE_INDEX_STALE);
    card->person = place;
    people_index_set_holding(card, holding);
    return people_bulk_add_card(&intake->bulk, card);
}

/* A card whose row names nobody stays with the holder it has. */
static void keep_nameless(struct register_import *intake, const struct tag *tag)
{
    struct people_index_card *card = keyed_rows_find(&intake->index.cards, tag->bytes);
    intake->nameless++;
    if (card == NULL || (card->marks & PEOPLE_INDEX_HELD) == 0)
        return;
    card->marks |= PEOPLE_INDEX_IN_FILES;
    if (card->person != PEOPLE_INDEX_NOBODY)
        mark(intake, card->person, PEOPLE_INDEX_TOLD);
}

static int hold_cards(struct register_import *intake, const struct csv_row_cards *cards, uint32_t place)
{
    int error = ERR_OK;
    for (uint8_t i = 0; i < cards->count && error == ERR_OK; i++) {
        const struct people_holding holding = holding_of(intake->import, cards, i);
        error = hold(intake, &cards->at[i].card.tag, place, &holding);
    }
    return error;
}

int register_import_person(void *ctx, const struct csv_person *person, const struct csv_row_cards *cards)
{
    struct register_import *intake = ctx;
    uint32_t place;
    int error = put_person(intake, person, &cards->rule, cards->count != 0, &place);
    if (error == ERR_ARGUMENT) { /* a row without a name: there is nobody to store */
        for (uint8_t i = 0; i < cards->count; i++)
            keep_nameless(intake, &cards->at[i].card.tag);
        return ERR_OK;
    }
    if (error != ERR_OK)
        return error;
    intake->people++;
    mark(intake, place, PEOPLE_INDEX_SEEN);
    if (cards->count != 0)
        return hold_cards(intake, cards, place);
    if (csv_columns_have_card(&intake->import->columns)) /* the row says that they have no card */
        mark(intake, place, PEOPLE_INDEX_TOLD);
    return ERR_OK;
}

int register_import_flush(struct register_import *intake)
{
    return people_bulk_flush(&intake->bulk);
}

/* --- people who left, and who are still there --- */

static bool has_mark(const struct people_index_person *person, enum people_index_mark wanted)
{
    return (person->marks & wanted) != 0;
}

/* Returns true if the store is to be told of a person who is in the files, or is not. */
static bool is_news(const struct people_index_person *person, bool seen)
{
    return has_mark(person, PEOPLE_INDEX_SEEN) == seen &&
           (seen ? has_mark(person, PEOPLE_INDEX_STALE) : !has_mark(person, PEOPLE_INDEX_LEFT));
}

static int tell_span(struct register_import *intake, struct people_span span, bool seen)
{
    return seen ? people_store_see(intake->store, span, intake->utc_s)
                : people_store_leave(intake->store, span, intake->utc_s);
}

/* Tells the store of those who are in the files, or of those who are not: one statement for neighbours of
 * whom it has to be told. */
static int tell_spans(struct register_import *intake, bool seen)
{
    const struct people_index *index = &intake->index;
    int error = ERR_OK;
    for (uint32_t i = 0, last; i < index->stored && error == ERR_OK; i = last + 1) {
        const struct people_index_person *person = keyed_rows_at(&index->people, last = i);
        struct people_span span = {(int64_t)person->number, (int64_t)person->number};
        if (!is_news(person, seen))
            continue;
        while (last + 1 < index->stored && is_news(keyed_rows_at(&index->people, last + 1), seen))
            person = keyed_rows_at(&index->people, ++last);
        span.last = (int64_t)person->number;
        error = tell_span(intake, span, seen);
    }
    return error;
}

/* --- people who moved --- */

struct moves {
    struct people_store *store;
    struct people_index *index;
    uint32_t *new_places; /* of the people whom the files brought in, by number */
    uint32_t count, at;
};

static int by_new_number(const void *a, const void *b, void *index)
{
    const struct keyed_rows *people = &((const struct people_index *)index)->people;
    const struct people_index_person *left = keyed_rows_at(people, *(const uint32_t *)a),
                                     *right = keyed_rows_at(people, *(const uint32_t *)b);
    return left->number < right->number ? -1 : left->number > right->number;
}

/* Gives the earlier row of a person what the files said of the new one, which then stands for them. */
static int take_move(void *ctx, int64_t new_number, int64_t number)
{
    struct moves *moves = ctx;
    struct people_index_person *earlier = people_index_person(moves->index, number), *new;
    while (earlier != NULL && moves->at < moves->count) {
        new = keyed_rows_at(&moves->index->people, moves->new_places[moves->at++]);
        if ((int64_t) new->number != new_number)
            continue;
        earlier->marks |= new->marks;
        new->number = (uint64_t)number;
        return ERR_OK;
    }
    return people_store_fail_numbers(moves->store);
}

static int settle_moves(struct register_import *intake, int64_t *moved)
{
    struct people_index *index = &intake->index;
    struct moves moves = {
        .store = intake->store, .index = index, .count = index->people.count - index->stored};
    if (index->stored == 0 || moves.count == 0)
        return ERR_OK; /* nobody left, or nobody is new */
    moves.new_places = calloc(moves.count + 1, sizeof *moves.new_places);
    if (moves.new_places == NULL)
        return ERR_NO_SPACE;
    for (uint32_t i = 0; i < moves.count; i++)
        moves.new_places[i] = index->stored + i;
    qsort_r(moves.new_places, moves.count, sizeof *moves.new_places, by_new_number, index);
    int error = people_moved_settle(intake->store, intake->utc_s, take_move, &moves, moved);
    free(moves.new_places);
    return error;
}

/* --- cards that are no more --- */

/* Returns the holder of a card under the number that they have now. */
static struct people_index_person *holder_of(const struct people_index *index,
                                             const struct people_index_card *card)
{
    struct people_index_person *person =
        card->person != PEOPLE_INDEX_NOBODY ? keyed_rows_at(&index->people, card->person) : NULL;
    struct people_index_person *earlier = person != NULL && card->person >= index->stored
                                              ? people_index_person(index, (int64_t)person->number)
                                              : NULL;
    return earlier != NULL ? earlier : person;
}

static bool is_in_school(const struct register_import *intake, const struct people_index_person *person)
{
    return has_mark(person, PEOPLE_INDEX_SEEN) || (!intake->whole && !has_mark(person, PEOPLE_INDEX_LEFT));
}

/* Ends a card that an earlier file gave, if these files say which cards its holder has, and it is none of
 * them. Counts it if it is of the desk. */
static int drop_card(struct register_import *intake, const struct people_index_card *card)
{
    struct people_index_person *holder = holder_of(&intake->index, card);
    bool is_there = (card->marks & PEOPLE_INDEX_HELD) != 0 && card->given != PEOPLE_GIVEN_LENT &&
                    holder != NULL && is_in_school(intake, holder);
    struct tag tag;
    if (!is_there || (card->marks & PEOPLE_INDEX_IN_FILES) != 0)
        return ERR_OK;
    if (card->given == PEOPLE_GIVEN_DESK)
        intake->desk++;
    if (card->given == PEOPLE_GIVEN_DESK || !has_mark(holder, PEOPLE_INDEX_TOLD))
        return ERR_OK;
    memcpy(tag.bytes, card->tag, TAG_LEN);
    holder->marks |= PEOPLE_INDEX_STALE;
    return people_store_end_card(intake->store, &tag, intake->utc_s);
}

static int drop_cards(struct register_import *intake)
{
    const struct keyed_rows *cards = &intake->index.cards;
    int error = ERR_OK;
    for (uint32_t i = 0; i < cards->count && error == ERR_OK; i++)
        error = drop_card(intake, keyed_rows_at(cards, i));
    return error;
}

int register_import_end(struct register_import *intake, int64_t *moved)
{
    *moved = 0;
    int error = people_bulk_flush(&intake->bulk);
    if (error == ERR_OK && intake->whole)
        error = tell_spans(intake, false);
    if (error == ERR_OK && intake->whole)
        error = settle_moves(intake, moved);
    if (error == ERR_OK)
        error = drop_cards(intake);
    if (error == ERR_OK)
        error = tell_spans(intake, true);
    register_import_free(intake);
    return error;
}

void register_import_free(struct register_import *intake)
{
    people_bulk_free(&intake->bulk);
    people_index_free(&intake->index);
}
