/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/people_bulk.h"

#include <stdlib.h>
#include <string.h>

#include "tools/portillon/db/db_bulk.h"

#define WAIT_MAX 100000 /* people or cards: many, since each index of the store is walked once for them */
#define TEXTS    6      /* of a person, one after the other, each with its NUL */

struct people_bulk_person {
    uint32_t place; /* in the index */
    uint32_t text;  /* where the texts begin: key, fold, surname, first name, class, profile */
    struct whitelist_rule rule;
};

static const struct db_bulk_target people_target = {
    "people",
    "INSERT INTO people (site, key, fold, surname, first_name, class, profile, weekdays, passages, first_day,"
    " last_day, seen_utc_s) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    "COPY people (site, key, fold, surname, first_name, class, profile, weekdays, passages, first_day,"
    " last_day, seen_utc_s) FROM STDIN"};
static const struct db_bulk_target cards_target = {
    "holdings",
    "INSERT INTO holdings (site, tag, since_utc_s, person, " PEOPLE_ROWS_HOLDING ")"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    "COPY holdings (site, tag, since_utc_s, person, " PEOPLE_ROWS_HOLDING ") FROM STDIN"};

/* See people_index.c for NOT INDEXED. */
#define NUMBERS_SQL(table) "SELECT person FROM " table " WHERE site = $1 AND person > $2 ORDER BY person"

/* --- waiting --- */

/* Returns the array with room for more elements, or NULL. */
static void *make_room(void *array, size_t needed, size_t *capacity, size_t size)
{
    if (needed <= *capacity)
        return array;
    void *larger = realloc(array, 2 * needed * size);
    if (larger != NULL)
        *capacity = 2 * needed;
    return larger;
}

static bool add_text(struct people_bulk *bulk, const char *text)
{
    size_t len = strlen(text) + 1;
    char *texts = make_room(bulk->texts, bulk->texts_len + len, &bulk->texts_capacity, 1);
    if (texts == NULL)
        return false;
    bulk->texts = texts;
    memcpy(texts + bulk->texts_len, text, len);
    bulk->texts_len += len;
    return true;
}

static bool add_texts(struct people_bulk *bulk, const struct people_row *row)
{
    return add_text(bulk, row->key) && add_text(bulk, row->fold) && add_text(bulk, row->surname) &&
           add_text(bulk, row->first_name) && add_text(bulk, row->class_name) && add_text(bulk, row->profile);
}

static struct people_index_person *add_to_index(struct people_bulk *bulk, const struct people_row *row)
{
    struct people_digest digest = people_digest_of(row);
    struct people_index_person *person = keyed_rows_add(&bulk->index->people, (const uint8_t *)&digest.key);
    if (person != NULL)
        person->content = digest.content;
    return person;
}

int people_bulk_add_person(struct people_bulk *bulk, const struct people_row *row, uint32_t *place)
{
    int error = bulk->person_count >= WAIT_MAX ? people_bulk_flush(bulk) : ERR_OK;
    if (error != ERR_OK)
        return error;
    uint32_t text = (uint32_t)bulk->texts_len;
    struct people_bulk_person *people =
        make_room(bulk->people, bulk->person_count + 1, &bulk->person_capacity, sizeof *people);
    if (people != NULL)
        bulk->people = people;
    struct people_index_person *person =
        people != NULL && add_texts(bulk, row) ? add_to_index(bulk, row) : NULL;
    if (person == NULL)
        return ERR_NO_SPACE;
    *place = keyed_rows_number(&bulk->index->people, person);
    people[bulk->person_count++] = (struct people_bulk_person){*place, text, row->rule};
    return ERR_OK;
}

int people_bulk_add_card(struct people_bulk *bulk, struct people_index_card *card)
{
    uint32_t number = keyed_rows_number(&bulk->index->cards, card);
    if ((card->marks & PEOPLE_INDEX_QUEUED) != 0)
        return ERR_OK;
    uint32_t *cards = make_room(bulk->cards, bulk->card_count + 1, &bulk->card_capacity, sizeof *cards);
    if (cards == NULL)
        return ERR_NO_SPACE;
    bulk->cards = cards;
    cards[bulk->card_count++] = number;
    card->marks |= PEOPLE_INDEX_QUEUED;
    return bulk->card_count >= WAIT_MAX ? people_bulk_flush(bulk) : ERR_OK;
}

/* --- people --- */

static struct db_value text_value(const char *text)
{
    return (struct db_value){.type = DB_TEXT, .data = text, .len = strlen(text)};
}

static struct db_value number_value(int64_t number)
{
    return (struct db_value){.type = DB_INT, .number = number};
}

static int send_person(const struct people_bulk *bulk, struct db_bulk *rows,
                       const struct people_bulk_person *person)
{
    struct db_value values[1 + TEXTS + 5] = {text_value(bulk->store->db.site)};
    const char *text = bulk->texts + person->text;
    for (int i = 1; i <= TEXTS; i++) {
        values[i] = text_value(text);
        text += values[i].len + 1;
    }
    values[1 + TEXTS] = number_value(person->rule.weekdays);
    values[2 + TEXTS] = number_value(person->rule.passages);
    values[3 + TEXTS] = number_value(person->rule.first_day);
    values[4 + TEXTS] = number_value(person->rule.last_day);
    values[5 + TEXTS] = number_value(bulk->utc_s);
    return db_bulk_row(rows, values, sizeof values / sizeof values[0]);
}

static int send_people(struct people_bulk *bulk)
{
    struct db_bulk rows;
    int error = db_bulk_open(&rows, &bulk->store->db.db, &people_target);
    for (size_t i = 0; i < bulk->person_count && error == ERR_OK; i++)
        error = send_person(bulk, &rows, &bulk->people[i]);
    if (error == ERR_OK)
        error = db_bulk_flush(&rows);
    db_bulk_close(&rows);
    return error;
}

/* Reads the numbers that the database gave the people: they rise in the order in which it got them. */
static int take_numbers(struct people_bulk *bulk, int64_t last_person)
{
    struct db_statement row;
    size_t taken = 0;
    bool is_server = db_is_server(&bulk->store->db.db);
    int result = store_db_prepare(&bulk->store->db, &row,
                                  is_server ? NUMBERS_SQL("people") : NUMBERS_SQL("people NOT INDEXED"));
    if (result == ERR_OK) {
        db_stream(&row);
        db_bind_int(&row, 2, last_person);
    }
    for (; result == ERR_OK && (result = db_step(&row)) == DB_ROW && taken < bulk->person_count; taken++) {
        struct people_index_person *person = keyed_rows_at(&bulk->index->people, bulk->people[taken].place);
        person->number = (uint64_t)db_int(&row, 0);
        result = ERR_OK;
    }
    db_finalize(&row);
    return result != ERR_OK && result != DB_ROW              ? result
           : result == DB_ROW || taken != bulk->person_count ? people_store_fail_numbers(bulk->store)
                                                             : ERR_OK;
}

static int store_people(struct people_bulk *bulk)
{
    int64_t last_person;
    if (bulk->person_count == 0)
        return ERR_OK;
    int error = people_store_last(bulk->store, &last_person);
    if (error == ERR_OK)
        error = send_people(bulk);
    if (error == ERR_OK)
        error = take_numbers(bulk, last_person);
    bulk->person_count = 0;
    bulk->texts_len = 0;
    return error;
}

/* --- cards --- */

static const struct people_index_card *card_at(const struct people_bulk *bulk, size_t i)
{
    return keyed_rows_at(&bulk->index->cards, bulk->cards[i]);
}

static int64_t holder_of(const struct people_bulk *bulk, const struct people_index_card *card)
{
    const struct people_index_person *person = keyed_rows_at(&bulk->index->people, card->person);
    return (int64_t)person->number;
}

static int by_tag(const void *a, const void *b, void *index)
{
    const struct keyed_rows *cards = &((const struct people_index *)index)->cards;
    return memcmp(keyed_rows_at(cards, *(const uint32_t *)a), keyed_rows_at(cards, *(const uint32_t *)b),
                  TAG_LEN);
}

/* Stores a card that the store never had: its first holder has had it always. */
static int send_card(const struct people_bulk *bulk, struct db_bulk *rows,
                     const struct people_index_card *card)
{
    struct db_value values[4 + PEOPLE_ROWS_HOLDING_COUNT];
    struct people_holding holding = people_index_holding(card);
    struct tag tag;
    char text[TAG_TEXT_SIZE], counts_as[TAG_TEXT_SIZE];
    memcpy(tag.bytes, card->tag, TAG_LEN);
    tag_text_write(&tag, text);
    values[0] = text_value(bulk->store->db.site);
    values[1] = text_value(text);
    values[2] = number_value(0);
    values[3] = number_value(holder_of(bulk, card));
    people_rows_holding_values(&holding, counts_as, values + 4);
    return db_bulk_row(rows, values, sizeof values / sizeof values[0]);
}

static int change_card(const struct people_bulk *bulk, const struct people_index_card *card)
{
    struct people_holding holding = people_index_holding(card);
    struct tag tag;
    memcpy(tag.bytes, card->tag, TAG_LEN);
    return people_store_hold_card(bulk->store, &tag, holder_of(bulk, card), &holding, bulk->utc_s);
}

static int send_cards(struct people_bulk *bulk, struct db_bulk *rows)
{
    int error = ERR_OK;
    for (size_t i = 0; i < bulk->card_count && error == ERR_OK; i++) {
        const struct people_index_card *card = card_at(bulk, i);
        bool is_new = (card->marks & PEOPLE_INDEX_KNOWN) == 0;
        error = is_new ? send_card(bulk, rows, card) : change_card(bulk, card);
    }
    return error == ERR_OK ? db_bulk_flush(rows) : error;
}

static void take_off(struct people_bulk *bulk)
{
    for (size_t i = 0; i < bulk->card_count; i++) {
        struct people_index_card *card = keyed_rows_at(&bulk->index->cards, bulk->cards[i]);
        card->marks = (uint8_t)((card->marks & ~PEOPLE_INDEX_QUEUED) | PEOPLE_INDEX_KNOWN);
    }
    bulk->card_count = 0;
}

static int store_cards(struct people_bulk *bulk)
{
    struct db_bulk rows;
    if (bulk->card_count == 0)
        return ERR_OK;
    qsort_r(bulk->cards, bulk->card_count, sizeof *bulk->cards, by_tag, bulk->index);
    int error = db_bulk_open(&rows, &bulk->store->db.db, &cards_target);
    if (error == ERR_OK)
        error = send_cards(bulk, &rows);
    db_bulk_close(&rows);
    take_off(bulk);
    return error;
}

int people_bulk_flush(struct people_bulk *bulk)
{
    int error = store_people(bulk);
    return error == ERR_OK ? store_cards(bulk) : error;
}

void people_bulk_free(struct people_bulk *bulk)
{
    free(bulk->texts);
    free(bulk->people);
    free(bulk->cards);
    *bulk = (struct people_bulk){.store = bulk->store, .index = bulk->index, .utc_s = bulk->utc_s};
}
