/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/people_index.h"

#include <stdlib.h>
#include <string.h>

/* Without NOT INDEXED, SQLite walks the index of the key and fetches each row from another place. */
#define PEOPLE_SQL(table)                                                                                    \
    "SELECT person, key, fold, surname, first_name, class, profile, weekdays, passages, first_day,"          \
    " last_day, left_utc_s, seen_utc_s FROM " table " WHERE site = $1 ORDER BY person"
#define CARDS_SQL(table)                                                                                     \
    "SELECT tag, person, until_utc_s, " PEOPLE_ROWS_HOLDING " FROM " table " WHERE site = $1"

static int take_person(struct people_index *index, struct db_statement *row, int64_t stale_utc_s)
{
    const struct people_row person = {.key = db_text(row, 1),
                                      .fold = db_text(row, 2),
                                      .surname = db_text(row, 3),
                                      .first_name = db_text(row, 4),
                                      .class_name = db_text(row, 5),
                                      .profile = db_text(row, 6),
                                      .rule = {.weekdays = (uint8_t)db_int(row, 7),
                                               .passages = (uint8_t)db_int(row, 8),
                                               .first_day = (uint16_t)db_int(row, 9),
                                               .last_day = (uint16_t)db_int(row, 10)}};
    struct people_digest digest = people_digest_of(&person);
    struct people_index_person *added = keyed_rows_add(&index->people, (const uint8_t *)&digest.key);
    if (added == NULL)
        return ERR_NO_SPACE;
    added->content = digest.content;
    added->number = (uint64_t)db_int(row, 0);
    added->marks = (db_is_null(row, 11) ? 0 : PEOPLE_INDEX_LEFT) |
                   (db_int(row, 12) < stale_utc_s ? PEOPLE_INDEX_STALE : 0);
    index->stored = index->people.count;
    return ERR_OK;
}

/* A card may have had several holders; the one who has it now counts. */
static int take_card(struct people_index *index, struct db_statement *row)
{
    struct tag tag;
    struct people_holding holding;
    if (!tag_text_read(db_text(row, 0), &tag))
        return ERR_OK; /* no file has it */
    struct people_index_card *card = keyed_rows_find(&index->cards, tag.bytes);
    if (card == NULL)
        card = keyed_rows_add(&index->cards, tag.bytes);
    if (card == NULL)
        return ERR_NO_SPACE;
    card->marks |= PEOPLE_INDEX_KNOWN;
    if (!db_is_null(row, 2))
        return ERR_OK;
    const struct people_index_person *person = people_index_person(index, db_int(row, 1));
    people_rows_read_holding(row, 3, &holding);
    people_index_set_holding(card, &holding);
    card->marks |= PEOPLE_INDEX_HELD;
    card->person = person != NULL ? keyed_rows_number(&index->people, person) : PEOPLE_INDEX_NOBODY;
    return ERR_OK;
}

static int load_people(struct people_index *index, struct people_store *store, int64_t stale_utc_s)
{
    struct db_statement row;
    bool is_server = db_is_server(&store->db.db);
    int result = store_db_prepare(&store->db, &row,
                                  is_server ? PEOPLE_SQL("people") : PEOPLE_SQL("people NOT INDEXED"));
    if (result == ERR_OK)
        db_stream(&row);
    while (result == ERR_OK && (result = db_step(&row)) == DB_ROW)
        result = take_person(index, &row, stale_utc_s);
    db_finalize(&row);
    return result;
}

static int load_cards(struct people_index *index, struct people_store *store)
{
    struct db_statement row;
    bool is_server = db_is_server(&store->db.db);
    int result = store_db_prepare(&store->db, &row,
                                  is_server ? CARDS_SQL("holdings") : CARDS_SQL("holdings NOT INDEXED"));
    if (result == ERR_OK)
        db_stream(&row);
    while (result == ERR_OK && (result = db_step(&row)) == DB_ROW)
        result = take_card(index, &row);
    db_finalize(&row);
    return result;
}

int people_index_load(struct people_index *index, struct people_store *store, int64_t stale_utc_s)
{
    *index = (struct people_index){.people.size = sizeof(struct people_index_person),
                                   .cards.size = sizeof(struct people_index_card)};
    int error = load_people(index, store, stale_utc_s);
    return error == ERR_OK ? load_cards(index, store) : error;
}

static int by_number(const void *key, const void *row)
{
    int64_t left = *(const int64_t *)key, right = (int64_t)((const struct people_index_person *)row)->number;
    return left < right ? -1 : left > right;
}

/* Returns the person where they are when no number of the site is missing, or NULL. */
static struct people_index_person *person_in_line(const struct people_index *index, int64_t number)
{
    const struct people_index_person *first = keyed_rows_at(&index->people, 0);
    int64_t place = index->stored != 0 ? number - (int64_t)first->number : -1;
    struct people_index_person *person =
        place >= 0 && place < index->stored ? keyed_rows_at(&index->people, (uint32_t)place) : NULL;
    return person != NULL && (int64_t)person->number == number ? person : NULL;
}

struct people_index_person *people_index_person(const struct people_index *index, int64_t number)
{
    struct people_index_person *person = person_in_line(index, number);
    return person != NULL || index->stored == 0
               ? person
               : bsearch(&number, index->people.rows, index->stored, index->people.size, by_number);
}

struct people_holding people_index_holding(const struct people_index_card *card)
{
    struct people_holding holding = {.given = (enum people_given)card->given,
                                     .first_day = card->first_day,
                                     .last_day = card->last_day,
                                     .blocked = card->blocked,
                                     .temporary = card->temporary,
                                     .method = card->is_desfire ? CREDENTIAL_DESFIRE : CREDENTIAL_UID,
                                     .counts_as_uid = card->counts_as_uid};
    memcpy(holding.uid_tag.bytes, card->uid_tag, TAG_LEN);
    return holding;
}

void people_index_set_holding(struct people_index_card *card, const struct people_holding *holding)
{
    card->given = (uint8_t)(holding->given & 0xF);
    card->first_day = holding->first_day;
    card->last_day = holding->last_day;
    card->blocked = holding->blocked;
    card->temporary = holding->temporary;
    card->is_desfire = holding->method == CREDENTIAL_DESFIRE;
    card->counts_as_uid = holding->counts_as_uid;
    memcpy(card->uid_tag, holding->uid_tag.bytes, TAG_LEN);
}

void people_index_free(struct people_index *index)
{
    keyed_rows_free(&index->people);
    keyed_rows_free(&index->cards);
    index->stored = 0;
}
