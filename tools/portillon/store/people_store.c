/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/people_store.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/portillon/common/printable.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/store/store_schema.h"

#define TAG_TEXT_SIZE (2 * TAG_LEN + 1)
#define PERSON_COLUMNS                                                                                       \
    "p.person, trim(p.surname || ' ' || p.first_name), p.class, p.profile, p.weekdays, p.passages"

static void write_tag(const struct tag *tag, char out[TAG_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef"; /* snprintf is slow, and there are many cards */
    for (size_t i = 0; i < TAG_LEN; i++) {
        out[2 * i] = digits[tag->bytes[i] >> 4];
        out[2 * i + 1] = digits[tag->bytes[i] & 0xF];
    }
    out[2 * TAG_LEN] = '\0';
}

static bool read_tag(const char *text, struct tag *tag)
{
    for (size_t i = 0; i < TAG_LEN; i++)
        if (text == NULL || sscanf(text + 2 * i, "%2hhx", &tag->bytes[i]) != 1)
            return false;
    return true;
}

static void bind_tag(sqlite3_stmt *statement, int index, const struct tag *tag)
{
    char text[TAG_TEXT_SIZE];
    write_tag(tag, text);
    sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
}

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
}

int people_store_open(struct people_store *store, const char *path)
{
    memset(store, 0, sizeof *store);
    int result = store_schema_open(&store->db, path);
    if (result == ERR_OK)
        result = store_db_prepare(
            &store->db, &store->put_person,
            "INSERT INTO people (key, surname, first_name, class, profile, weekdays, passages, seen_utc_s)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (key) DO UPDATE SET"
            " surname = excluded.surname, first_name = excluded.first_name, class = excluded.class,"
            " profile = excluded.profile, weekdays = excluded.weekdays, passages = excluded.passages,"
            " seen_utc_s = max(seen_utc_s, excluded.seen_utc_s) RETURNING person");
    if (result == ERR_OK)
        result = store_db_prepare(&store->db, &store->get_holder,
                                  "SELECT person FROM holdings WHERE tag = ?1 AND until_utc_s IS NULL");
    if (result == ERR_OK)
        result = store_db_prepare(
            &store->db, &store->end_holding,
            "UPDATE holdings SET until_utc_s = max(?2, since_utc_s) WHERE tag = ?1 AND until_utc_s IS NULL");
    if (result == ERR_OK)
        result = store_db_prepare(
            &store->db, &store->put_holding,
            "INSERT OR REPLACE INTO holdings (tag, since_utc_s, until_utc_s, person)"
            " VALUES (?1, CASE WHEN ?4 OR EXISTS (SELECT 1 FROM holdings WHERE tag = ?1) THEN ?2 ELSE 0 END,"
            " NULL, ?3)");
    return result;
}

static int fail_missing(struct people_store *store)
{
    snprintf(store->db.error, sizeof store->db.error, "%s (portillon whitelist build --store makes a store)",
             strerror(errno));
    return ERR_IO;
}

int people_store_open_existing(struct people_store *store, const char *path)
{
    memset(store, 0, sizeof *store);
    return access(path, F_OK) == 0 ? people_store_open(store, path) : fail_missing(store);
}

int people_store_open_to_read(struct people_store *store, const char *path)
{
    memset(store, 0, sizeof *store);
    return access(path, F_OK) == 0 ? store_schema_open_to_read(&store->db, path) : fail_missing(store);
}

void people_store_close(struct people_store *store)
{
    sqlite3_finalize(store->put_person);
    sqlite3_finalize(store->get_holder);
    sqlite3_finalize(store->end_holding);
    sqlite3_finalize(store->put_holding);
    sqlite3_close(store->db.sqlite);
    memset(store, 0, sizeof *store);
}

const char *people_store_error(const struct people_store *store)
{
    return store->db.error;
}

static int find_last_person(struct people_store *store)
{
    sqlite3_stmt *statement = NULL;
    int result = store_db_prepare(&store->db, &statement, "SELECT coalesce(max(person), 0) FROM people");
    if (result != ERR_OK)
        return result;
    if (sqlite3_step(statement) == SQLITE_ROW)
        store->last_person = sqlite3_column_int64(statement, 0);
    else
        result = store_db_fail(&store->db);
    sqlite3_finalize(statement);
    return result;
}

int people_store_begin(struct people_store *store)
{
    /* A build stores a whole school in an order that does not suit the index. With a small cache, pages would
     * be written and read again and again. */
    int result = store_db_run(&store->db, "PRAGMA cache_size = -262144"); /* KiB, allocated only as needed */
    if (result == ERR_OK)
        result = store_db_run(&store->db, "BEGIN IMMEDIATE");
    return result == ERR_OK ? find_last_person(store) : result;
}

int people_store_commit(struct people_store *store)
{
    int result = store_db_run(&store->db, "COMMIT");
    if (result != ERR_OK)
        people_store_rollback(store);
    return result;
}

void people_store_rollback(struct people_store *store)
{
    if (store->db.sqlite != NULL)
        sqlite3_exec(store->db.sqlite, "ROLLBACK", NULL, NULL, NULL);
}

/* --- people --- */

/* Makes the key of a person: the id of the file if it has one, since an id stays when the class changes. */
static bool person_key(const struct csv_person *person, char *key, size_t size)
{
    char words[3][128];
    text_fold(person->surname, strlen(person->surname), words[0], sizeof words[0]);
    text_fold(person->first_name, strlen(person->first_name), words[1], sizeof words[1]);
    text_fold(person->class_name, strlen(person->class_name), words[2], sizeof words[2]);
    if (person->id[0] != '\0')
        snprintf(key, size, "id:%s", person->id);
    else
        snprintf(key, size, "%s:%s:%s", words[0], words[1], words[2]);
    return person->id[0] != '\0' || words[0][0] != '\0' || words[1][0] != '\0';
}

int people_store_put(struct people_store *store, const struct csv_person *person, const char *profile,
                     const struct whitelist_rule *rule, int64_t utc_s, int64_t *id)
{
    char key[512];
    sqlite3_stmt *put = store->put_person;
    if (!person_key(person, key, sizeof key))
        return ERR_ARGUMENT;
    bind_text(put, 1, key);
    bind_text(put, 2, person->surname);
    bind_text(put, 3, person->first_name);
    bind_text(put, 4, person->class_name);
    bind_text(put, 5, profile);
    sqlite3_bind_int(put, 6, rule->weekdays);
    sqlite3_bind_int(put, 7, rule->passages);
    sqlite3_bind_int64(put, 8, utc_s);
    int result = sqlite3_step(put) == SQLITE_ROW ? ERR_OK : store_db_fail(&store->db);
    if (result == ERR_OK)
        *id = sqlite3_column_int64(put, 0);
    sqlite3_reset(put);
    sqlite3_clear_bindings(put);
    return result;
}

static int hold(struct people_store *store, const struct tag *tag, int64_t id, int64_t utc_s, bool lent)
{
    bind_tag(store->get_holder, 1, tag);
    bool held = sqlite3_step(store->get_holder) == SQLITE_ROW;
    bool same = held && sqlite3_column_int64(store->get_holder, 0) == id;
    sqlite3_reset(store->get_holder);
    if (same)
        return ERR_OK;
    int result = ERR_OK;
    if (held) {
        bind_tag(store->end_holding, 1, tag);
        sqlite3_bind_int64(store->end_holding, 2, utc_s);
        result = store_db_step(&store->db, store->end_holding);
    }
    bind_tag(store->put_holding, 1, tag);
    sqlite3_bind_int64(store->put_holding, 2, utc_s);
    sqlite3_bind_int64(store->put_holding, 3, id);
    sqlite3_bind_int(store->put_holding, 4, lent);
    return result == ERR_OK ? store_db_step(&store->db, store->put_holding) : result;
}

int people_store_hold(struct people_store *store, const struct tag *tag, int64_t id, int64_t utc_s)
{
    return hold(store, tag, id, utc_s, false);
}

static void copy_column(sqlite3_stmt *statement, int column, char *out, size_t size)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    snprintf(out, size, "%s", text != NULL ? (const char *)text : "");
    printable_text(out); /* it came from a file of the school */
}

/* Reads PERSON_COLUMNS. */
static void read_person(sqlite3_stmt *statement, int column, struct people_person *person)
{
    person->id = sqlite3_column_int64(statement, column);
    copy_column(statement, column + 1, person->name, sizeof person->name);
    copy_column(statement, column + 2, person->class_name, sizeof person->class_name);
    copy_column(statement, column + 3, person->profile, sizeof person->profile);
    person->weekdays = (uint8_t)sqlite3_column_int(statement, column + 4);
    person->passages = (uint8_t)sqlite3_column_int(statement, column + 5);
}

int people_store_holder(struct people_store *store, const struct tag *tag, struct people_person *person)
{
    sqlite3_stmt *statement = NULL;
    int result =
        store_db_prepare(&store->db, &statement,
                         "SELECT " PERSON_COLUMNS " FROM holdings h JOIN people p ON p.person = h.person"
                         " WHERE h.tag = ?1 AND h.until_utc_s IS NULL");
    if (result != ERR_OK)
        return result;
    bind_tag(statement, 1, tag);
    int stepped = sqlite3_step(statement);
    if (stepped == SQLITE_ROW)
        read_person(statement, 0, person);
    else
        result = stepped == SQLITE_DONE ? ERR_NOT_FOUND : store_db_fail(&store->db);
    sqlite3_finalize(statement);
    return result;
}

/* Takes the next word of a text, folded. Names are also split at hyphens and apostrophes. Returns false at
 * the end. */
static bool next_word(const char **text, char word[64])
{
    static const char between[] = " \t-'.,;";
    for (;;) {
        *text += strspn(*text, between);
        size_t len = strcspn(*text, between);
        if (len == 0)
            return false;
        size_t folded = text_fold(*text, len, word, 64);
        *text += len;
        if (folded != 0)
            return true;
    }
}

/* Returns true when each word of the text is the beginning of a word of the name or class. */
static bool matches(const struct people_person *person, const char *text)
{
    char whole[PEOPLE_STORE_NAME_SIZE + 130], wanted[64], word[64];
    snprintf(whole, sizeof whole, "%s %s", person->name, person->class_name);
    while (next_word(&text, wanted)) {
        const char *at = whole;
        bool found = false;
        while (!found && next_word(&at, word))
            found = strncmp(word, wanted, strlen(wanted)) == 0;
        if (!found)
            return false;
    }
    return true;
}

int people_store_find(struct people_store *store, const char *text, struct people_person *people, int max)
{
    sqlite3_stmt *statement = NULL;
    int count = 0, result = store_db_prepare(&store->db, &statement,
                                             "SELECT " PERSON_COLUMNS " FROM people p ORDER BY 2, 3");
    if (result != ERR_OK)
        return result;
    for (;;) {
        struct people_person person;
        int stepped = sqlite3_step(statement);
        if (stepped != SQLITE_ROW) {
            result = stepped == SQLITE_DONE ? count : store_db_fail(&store->db);
            break;
        }
        read_person(statement, 0, &person);
        if (!matches(&person, text))
            continue;
        if (count < max)
            people[count] = person;
        count++;
    }
    sqlite3_finalize(statement);
    return result;
}

int people_store_cards_of(struct people_store *store, int64_t id, struct tag *tags, int max)
{
    sqlite3_stmt *statement = NULL;
    int count = 0, stepped = SQLITE_ROW;
    int result = store_db_prepare(&store->db, &statement,
                                  "SELECT tag FROM holdings WHERE person = ?1 AND until_utc_s IS NULL");
    if (result != ERR_OK)
        return result;
    sqlite3_bind_int64(statement, 1, id);
    while (count < max && (stepped = sqlite3_step(statement)) == SQLITE_ROW)
        if (read_tag((const char *)sqlite3_column_text(statement, 0), &tags[count]))
            count++;
    result = stepped == SQLITE_ROW || stepped == SQLITE_DONE ? count : store_db_fail(&store->db);
    sqlite3_finalize(statement);
    return result;
}

/* --- cards of the office --- */

int people_store_note_card(struct people_store *store, const struct people_card *card)
{
    sqlite3_stmt *statement = NULL;
    int result = store_db_prepare(
        &store->db, &statement,
        "INSERT OR REPLACE INTO office_cards (tag, card, state, person, first_day, last_day, noted_utc_s)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    if (result != ERR_OK)
        return result;
    bind_tag(statement, 1, &card->tag);
    if (card->card[0] != '\0')
        bind_text(statement, 2, card->card);
    bind_text(statement, 3, card->lent ? "lent" : "blocked");
    if (card->has_person)
        sqlite3_bind_int64(statement, 4, card->person.id);
    sqlite3_bind_int(statement, 5, card->first_day);
    sqlite3_bind_int(statement, 6, card->last_day);
    sqlite3_bind_int64(statement, 7, card->noted_utc_s);
    result = store_db_step(&store->db, statement);
    sqlite3_finalize(statement);
    if (result == ERR_OK && card->lent)
        result = hold(store, &card->tag, card->person.id, card->noted_utc_s, true);
    return result;
}

int people_store_drop_card(struct people_store *store, const struct tag *tag, int64_t utc_s)
{
    sqlite3_stmt *statement = NULL;
    int result = store_db_prepare(&store->db, &statement,
                                  "DELETE FROM office_cards WHERE tag = ?1 RETURNING state = 'lent'");
    if (result != ERR_OK)
        return result;
    bind_tag(statement, 1, tag);
    int stepped = sqlite3_step(statement);
    bool found = stepped == SQLITE_ROW, lent = found && sqlite3_column_int(statement, 0) != 0;
    if (!found && stepped != SQLITE_DONE)
        result = store_db_fail(&store->db);
    while (stepped == SQLITE_ROW)
        stepped = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (result == ERR_OK && lent) {
        bind_tag(store->end_holding, 1, tag);
        sqlite3_bind_int64(store->end_holding, 2, utc_s);
        result = store_db_step(&store->db, store->end_holding);
    }
    return result == ERR_OK ? found : result;
}

static void read_card(sqlite3_stmt *statement, struct people_card *card)
{
    *card = (struct people_card){0};
    (void)read_tag((const char *)sqlite3_column_text(statement, 0), &card->tag);
    copy_column(statement, 1, card->card, sizeof card->card);
    card->lent = sqlite3_column_int(statement, 2) != 0;
    card->first_day = (uint16_t)sqlite3_column_int(statement, 3);
    card->last_day = (uint16_t)sqlite3_column_int(statement, 4);
    card->noted_utc_s = sqlite3_column_int64(statement, 5);
    card->has_person = sqlite3_column_type(statement, 6) != SQLITE_NULL;
    if (card->has_person)
        read_person(statement, 6, &card->person);
}

int people_store_each_card(struct people_store *store, people_store_callback *callback, void *ctx)
{
    sqlite3_stmt *statement = NULL;
    int result =
        store_db_prepare(&store->db, &statement,
                         "SELECT o.tag, o.card, o.state = 'lent', o.first_day, o.last_day, o.noted_utc_s,"
                         " " PERSON_COLUMNS " FROM office_cards o LEFT JOIN people p ON p.person = o.person"
                         " ORDER BY o.noted_utc_s, o.tag");
    while (result == ERR_OK) {
        struct people_card card;
        int stepped = sqlite3_step(statement);
        if (stepped != SQLITE_ROW) {
            result = stepped == SQLITE_DONE ? ERR_OK : store_db_fail(&store->db);
            break;
        }
        read_card(statement, &card);
        result = callback(ctx, &card);
    }
    sqlite3_finalize(statement);
    return result;
}

int people_store_count(struct people_store *store, uint16_t today, int64_t since_utc_s,
                       struct people_counts *counts)
{
    sqlite3_stmt *statement = NULL;
    int result = store_db_prepare(&store->db, &statement,
                                  "SELECT count(*) FILTER (WHERE state = 'blocked'),"
                                  " count(*) FILTER (WHERE state = 'lent' AND last_day >= ?1),"
                                  " count(*) FILTER (WHERE noted_utc_s > ?2),"
                                  " (SELECT coalesce(max(seen_utc_s), 0) FROM people) FROM office_cards");
    if (result != ERR_OK)
        return result;
    sqlite3_bind_int(statement, 1, today);
    sqlite3_bind_int64(statement, 2, since_utc_s);
    if (sqlite3_step(statement) == SQLITE_ROW)
        *counts =
            (struct people_counts){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                                   sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3)};
    else
        result = store_db_fail(&store->db);
    sqlite3_finalize(statement);
    return result;
}

/* --- retention --- */

static int delete_before(struct people_store *store, const char *sql, int64_t before_utc_s, int64_t *count)
{
    sqlite3_stmt *statement = NULL;
    int result = store_db_prepare(&store->db, &statement, sql);
    if (result != ERR_OK)
        return result;
    sqlite3_bind_int64(statement, 1, before_utc_s);
    result = store_db_step(&store->db, statement);
    *count = sqlite3_changes(store->db.sqlite);
    sqlite3_finalize(statement);
    return result;
}

int people_store_forget(struct people_store *store, int64_t before_utc_s, int64_t *passages, int64_t *people)
{
    int64_t ignored;
    /* A record without a time was made before it was stored. */
    int result = delete_before(store, "DELETE FROM journal WHERE coalesce(utc_s, stored_utc_s) < ?1",
                               before_utc_s, passages);
    if (result == ERR_OK)
        result =
            delete_before(store, "DELETE FROM anomalies WHERE noticed_utc_s < ?1", before_utc_s, &ignored);
    if (result == ERR_OK)
        result = delete_before(store, "DELETE FROM holdings WHERE until_utc_s < ?1", before_utc_s, &ignored);
    if (result == ERR_OK)
        result = delete_before(
            store,
            "DELETE FROM holdings WHERE person IN (SELECT person FROM people WHERE seen_utc_s < ?1)"
            " AND tag NOT IN (SELECT tag FROM office_cards WHERE state = 'lent')",
            before_utc_s, &ignored);
    if (result == ERR_OK)
        result =
            delete_before(store,
                          "DELETE FROM people WHERE seen_utc_s < ?1"
                          " AND person NOT IN (SELECT person FROM holdings)"
                          " AND person NOT IN (SELECT person FROM office_cards WHERE person IS NOT NULL)",
                          before_utc_s, people);
    return result;
}
