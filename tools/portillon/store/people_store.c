/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/people_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/store/people_rows.h"
#include "tools/portillon/store/person_fold.h"
#include "tools/portillon/store/store_schema.h"

int people_store_open(struct people_store *store, const char *path, const uint8_t *site_id)
{
    memset(store, 0, sizeof *store);
    int result = store_schema_open(&store->db, path, site_id);
    if (result == ERR_OK)
        result = store_db_prepare(
            &store->db, &store->put_person,
            "INSERT INTO people (site, key, surname, first_name, class, profile, weekdays, passages,"
            " seen_utc_s, fold, first_day, last_day)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
            " ON CONFLICT (site, key) DO UPDATE SET"
            " surname = excluded.surname, first_name = excluded.first_name, class = excluded.class,"
            " profile = excluded.profile, weekdays = excluded.weekdays, passages = excluded.passages,"
            " fold = excluded.fold, first_day = excluded.first_day, last_day = excluded.last_day,"
            " left_utc_s = NULL, seen_utc_s = CASE WHEN people.seen_utc_s > excluded.seen_utc_s"
            " THEN people.seen_utc_s ELSE excluded.seen_utc_s END RETURNING person");
    if (result == ERR_OK)
        result = store_db_prepare(&store->db, &store->get_holder,
                                  "SELECT person, " PEOPLE_ROWS_HOLDING
                                  " FROM holdings WHERE site = $1 AND tag = $2 AND until_utc_s IS NULL");
    if (result == ERR_OK)
        result = store_db_prepare(
            &store->db, &store->end_holding,
            "UPDATE holdings SET until_utc_s = CASE WHEN since_utc_s > $3 THEN since_utc_s ELSE $3 END"
            " WHERE site = $1 AND tag = $2 AND until_utc_s IS NULL");
    if (result == ERR_OK)
        result = store_db_prepare(
            &store->db, &store->put_holding,
            "INSERT INTO holdings (site, tag, since_utc_s, until_utc_s, person, " PEOPLE_ROWS_HOLDING ")"
            " VALUES ($1, $2, CASE WHEN $5 = 'lent' OR EXISTS (SELECT 1 FROM holdings WHERE "
            "site = $1 AND tag = $2)"
            "  THEN CAST($3 AS BIGINT) ELSE 0 END, NULL, $4, $5, $6, $7, $8, $9, $10, $11)"
            " ON CONFLICT (site, tag, since_utc_s) DO UPDATE SET until_utc_s = NULL, "
            "person = excluded.person, given = excluded.given, first_day = excluded.first_day,"
            " last_day = excluded.last_day, blocked = excluded.blocked, temporary = excluded.temporary,"
            " method = excluded.method, counts_as = excluded.counts_as");
    if (result == ERR_OK)
        result = store_db_prepare(
            &store->db, &store->change_holding,
            "UPDATE holdings SET given = $3, first_day = $4, last_day = $5, blocked = $6, temporary = $7,"
            " method = $8, counts_as = $9"
            " WHERE site = $1 AND tag = $2 AND until_utc_s IS NULL");
    return result;
}

static int fail_missing(struct people_store *store)
{
    snprintf(store->db.db.error, sizeof store->db.db.error, _("%s (portillon people import makes a store)"),
             translate_errno(errno));
    return ERR_IO;
}

bool people_store_is_there(const char *path)
{
    return db_is_url(path) || access(path, F_OK) == 0;
}

int people_store_open_existing(struct people_store *store, const char *path, const uint8_t *site_id)
{
    memset(store, 0, sizeof *store);
    return people_store_is_there(path) ? people_store_open(store, path, site_id) : fail_missing(store);
}

int people_store_open_to_read(struct people_store *store, const char *path, const uint8_t *site_id)
{
    memset(store, 0, sizeof *store);
    return people_store_is_there(path) ? store_schema_open_to_read(&store->db, path, site_id)
                                       : fail_missing(store);
}

void people_store_close(struct people_store *store)
{
    db_finalize(&store->put_person);
    db_finalize(&store->get_holder);
    db_finalize(&store->end_holding);
    db_finalize(&store->put_holding);
    db_finalize(&store->change_holding);
    db_close(&store->db.db);
    memset(store, 0, sizeof *store);
}

const char *people_store_error(const struct people_store *store)
{
    return store->db.db.error;
}

int people_store_begin(struct people_store *store)
{
    int result = db_begin(&store->db.db, store->db.site);
    return result == ERR_OK ? people_store_last(store, &store->last_person) : result;
}

int people_store_commit(struct people_store *store)
{
    return db_commit(&store->db.db);
}

void people_store_rollback(struct people_store *store)
{
    db_rollback(&store->db.db);
}

/* --- people --- */

int people_store_fail_numbers(struct people_store *store)
{
    snprintf(store->db.db.error, sizeof store->db.db.error, "%s",
             _("the numbers of its people are not those that it gave"));
    return ERR_IO;
}

int people_store_last(struct people_store *store, int64_t *number)
{
    return db_ask(&store->db.db,
                  &(struct db_question){.sql = "SELECT coalesce(max(person), 0) FROM people WHERE site = $1",
                                        .text = store->db.site},
                  number);
}

int people_store_put(struct people_store *store, const struct csv_person *person, const char *profile,
                     const struct whitelist_rule *rule, int64_t utc_s, int64_t *id)
{
    char key[PERSON_KEY_SIZE], fold[PERSON_FOLD_SIZE];
    struct db_statement *put = &store->put_person;
    if (!person_fold_key(person, fold, key))
        return ERR_ARGUMENT;
    db_bind_text(put, 2, key);
    db_bind_text(put, 3, person->surname);
    db_bind_text(put, 4, person->first_name);
    db_bind_text(put, 5, person->class_name);
    db_bind_text(put, 6, profile);
    db_bind_int(put, 7, rule->weekdays);
    db_bind_int(put, 8, rule->passages);
    db_bind_int(put, 9, utc_s);
    db_bind_text(put, 10, fold);
    db_bind_int(put, 11, rule->first_day);
    db_bind_int(put, 12, rule->last_day);
    int result = db_step(put);
    if (result == DB_ROW)
        *id = db_int(put, 0);
    store_db_reset(&store->db, put);
    return result < 0 ? result : ERR_OK;
}

int people_store_set_rights(struct people_store *store, int64_t id, const char *profile,
                            const struct whitelist_rule *rule)
{
    struct db_statement statement;
    int result = store_db_prepare(&store->db, &statement,
                                  "UPDATE people SET profile = $3, weekdays = $4, passages = $5"
                                  " WHERE site = $1 AND person = $2");
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, id);
    db_bind_text(&statement, 3, profile);
    db_bind_int(&statement, 4, rule->weekdays);
    db_bind_int(&statement, 5, rule->passages);
    result = db_do(&statement);
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

int people_store_end_card(struct people_store *store, const struct tag *tag, int64_t utc_s)
{
    char text[TAG_TEXT_SIZE];
    people_rows_bind_tag(&store->end_holding, 2, tag, text);
    db_bind_int(&store->end_holding, 3, utc_s);
    int result = store_db_do(&store->db, &store->end_holding);
    return result < 0 ? result : ERR_OK;
}

/* Finds the number of the present holder. Returns ERR_OK, ERR_NOT_FOUND or an error. */
static int get_holding(struct people_store *store, const struct tag *tag, int64_t *id,
                       struct people_holding *holding)
{
    char text[TAG_TEXT_SIZE];
    people_rows_bind_tag(&store->get_holder, 2, tag, text);
    int result = db_step(&store->get_holder);
    if (result == DB_ROW) {
        *id = db_int(&store->get_holder, 0);
        people_rows_read_holding(&store->get_holder, 1, holding);
    }
    store_db_reset(&store->db, &store->get_holder);
    return result == DB_ROW ? ERR_OK : result == ERR_OK ? ERR_NOT_FOUND : result;
}

int people_store_holding(struct people_store *store, const struct tag *tag, struct people_holding *holding)
{
    int64_t id;
    return get_holding(store, tag, &id, holding);
}

static int change_holding(struct people_store *store, const struct tag *tag,
                          const struct people_holding *holding)
{
    char text[TAG_TEXT_SIZE], counts_as[TAG_TEXT_SIZE];
    people_rows_bind_tag(&store->change_holding, 2, tag, text);
    people_rows_bind_holding(&store->change_holding, 3, holding, counts_as);
    int result = store_db_do(&store->db, &store->change_holding);
    return result < 0 ? result : ERR_OK;
}

static int put_holding(struct people_store *store, const struct tag *tag, int64_t id,
                       const struct people_holding *holding, int64_t utc_s)
{
    char text[TAG_TEXT_SIZE], counts_as[TAG_TEXT_SIZE];
    people_rows_bind_tag(&store->put_holding, 2, tag, text);
    db_bind_int(&store->put_holding, 3, utc_s);
    db_bind_int(&store->put_holding, 4, id);
    people_rows_bind_holding(&store->put_holding, 5, holding, counts_as);
    int result = store_db_do(&store->db, &store->put_holding);
    return result < 0 ? result : ERR_OK;
}

int people_store_hold_card(struct people_store *store, const struct tag *tag, int64_t id,
                           const struct people_holding *holding, int64_t utc_s)
{
    int64_t holder;
    struct people_holding before;
    int result = get_holding(store, tag, &holder, &before);
    if (result == ERR_OK && holder == id)
        return people_rows_is_same_holding(&before, holding) ? ERR_OK : change_holding(store, tag, holding);
    if (result == ERR_OK)
        result = people_store_end_card(store, tag, utc_s);
    return result == ERR_OK || result == ERR_NOT_FOUND ? put_holding(store, tag, id, holding, utc_s) : result;
}

int people_store_hold(struct people_store *store, const struct tag *tag, int64_t id, int64_t utc_s)
{
    return people_store_hold_card(store, tag, id, &PEOPLE_ROWS_PLAIN_HOLDING(PEOPLE_GIVEN_FILE), utc_s);
}

int people_store_holder(struct people_store *store, const struct tag *tag, struct people_person *person)
{
    struct db_statement statement;
    char text[TAG_TEXT_SIZE];
    int result = store_db_prepare(
        &store->db, &statement,
        "SELECT " PEOPLE_ROWS_PERSON " FROM holdings h JOIN people p ON p.site = h.site"
        " AND p.person = h.person WHERE h.site = $1 AND h.tag = $2 AND h.until_utc_s IS NULL");
    if (result != ERR_OK)
        return result;
    people_rows_bind_tag(&statement, 2, tag, text);
    result = db_step(&statement);
    if (result == DB_ROW)
        people_rows_read_person(&statement, 0, person);
    db_finalize(&statement);
    return result == DB_ROW ? ERR_OK : result == ERR_OK ? ERR_NOT_FOUND : result;
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
    struct db_statement statement;
    int count = 0;
    int result = store_db_prepare(&store->db, &statement,
                                  "SELECT " PEOPLE_ROWS_PERSON " FROM people p WHERE p.site = $1"
                                  " ORDER BY p.surname, p.first_name, p.class, p.person");
    while (result >= 0 && (result = db_step(&statement)) == DB_ROW) {
        struct people_person person;
        people_rows_read_person(&statement, 0, &person);
        if (!matches(&person, text))
            continue;
        if (count < max)
            people[count] = person;
        count++;
    }
    db_finalize(&statement);
    return result < 0 ? result : count;
}

int people_store_cards_of(struct people_store *store, int64_t id, struct tag *tags, int max)
{
    struct db_statement statement;
    int count = 0;
    int result =
        store_db_prepare(&store->db, &statement,
                         "SELECT tag FROM holdings WHERE site = $1 AND person = $2 AND until_utc_s IS NULL"
                         " ORDER BY tag");
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, id);
    while (count < max && (result = db_step(&statement)) == DB_ROW)
        if (tag_text_read(db_text(&statement, 0), &tags[count]))
            count++;
    db_finalize(&statement);
    return result < 0 ? result : count;
}

/* --- cards of the office --- */

int people_store_note_card(struct people_store *store, const struct people_card *card)
{
    struct db_statement statement;
    char text[TAG_TEXT_SIZE];
    int result = store_db_prepare(
        &store->db, &statement,
        "INSERT INTO office_cards (site, tag, card, state, person, first_day, last_day, noted_utc_s)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (site, tag) DO UPDATE SET card = excluded.card,"
        " state = excluded.state, person = excluded.person, first_day = excluded.first_day,"
        " last_day = excluded.last_day, noted_utc_s = excluded.noted_utc_s");
    if (result != ERR_OK)
        return result;
    people_rows_bind_tag(&statement, 2, &card->tag, text);
    db_bind_text(&statement, 3, card->card[0] != '\0' ? card->card : NULL);
    db_bind_text(&statement, 4, card->lent ? "lent" : "blocked");
    if (card->has_person)
        db_bind_int(&statement, 5, card->person.id);
    db_bind_int(&statement, 6, card->first_day);
    db_bind_int(&statement, 7, card->last_day);
    db_bind_int(&statement, 8, card->noted_utc_s);
    result = db_do(&statement);
    db_finalize(&statement);
    if (result >= 0 && card->lent)
        result = people_store_hold_card(store, &card->tag, card->person.id,
                                        &PEOPLE_ROWS_PLAIN_HOLDING(PEOPLE_GIVEN_LENT), card->noted_utc_s);
    return result < 0 ? result : ERR_OK;
}

int people_store_drop_card(struct people_store *store, const struct tag *tag, int64_t utc_s)
{
    struct db_statement statement;
    char text[TAG_TEXT_SIZE];
    int result = store_db_prepare(&store->db, &statement,
                                  "DELETE FROM office_cards WHERE site = $1 AND tag = $2 RETURNING state");
    if (result != ERR_OK)
        return result;
    people_rows_bind_tag(&statement, 2, tag, text);
    result = db_step(&statement);
    bool found = result == DB_ROW, lent = found && strcmp(db_text(&statement, 0), "lent") == 0;
    while (result == DB_ROW)
        result = db_step(&statement);
    db_finalize(&statement);
    if (result == ERR_OK && lent)
        result = people_store_end_card(store, tag, utc_s);
    return result < 0 ? result : found;
}

static void read_card(struct db_statement *statement, struct people_card *card)
{
    *card = (struct people_card){0};
    (void)tag_text_read(db_text(statement, 0), &card->tag);
    people_rows_copy(statement, 1, card->card, sizeof card->card);
    card->lent = strcmp(db_text(statement, 2), "lent") == 0;
    card->first_day = (uint16_t)db_int(statement, 3);
    card->last_day = (uint16_t)db_int(statement, 4);
    card->noted_utc_s = db_int(statement, 5);
    card->has_person = !db_is_null(statement, 6);
    if (card->has_person)
        people_rows_read_person(statement, 6, &card->person);
}

int people_store_each_card(struct people_store *store, people_store_callback *callback, void *ctx)
{
    struct db_statement statement;
    int result = store_db_prepare(&store->db, &statement,
                                  "SELECT o.tag, o.card, o.state, o.first_day, o.last_day, o.noted_utc_s,"
                                  " " PEOPLE_ROWS_PERSON " FROM office_cards o"
                                  " LEFT JOIN people p ON p.site = o.site AND p.person = o.person"
                                  " WHERE o.site = $1 ORDER BY o.noted_utc_s, o.tag");
    while (result == ERR_OK && (result = db_step(&statement)) == DB_ROW) {
        struct people_card card;
        read_card(&statement, &card);
        result = callback(ctx, &card);
    }
    db_finalize(&statement);
    return result;
}

int people_store_count(struct people_store *store, uint16_t today, int64_t since_utc_s,
                       struct people_counts *counts)
{
    struct db_statement statement;
    int result = store_db_prepare(
        &store->db, &statement,
        "SELECT count(*) FILTER (WHERE state = 'blocked'),"
        " count(*) FILTER (WHERE state = 'lent' AND last_day >= $2),"
        " count(*) FILTER (WHERE noted_utc_s > $3),"
        " (SELECT coalesce(max(CASE WHEN left_utc_s > seen_utc_s THEN left_utc_s ELSE seen_utc_s END), 0)"
        " FROM people WHERE site = $1)"
        " FROM office_cards WHERE site = $1");
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, today);
    db_bind_int(&statement, 3, since_utc_s);
    result = db_step(&statement);
    if (result == DB_ROW)
        *counts = (struct people_counts){db_int(&statement, 0), db_int(&statement, 1), db_int(&statement, 2),
                                         db_int(&statement, 3)};
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

/* --- leaving, and retention --- */

/* Runs a statement about a time ($2) and, if it has them, the people from $3 to $4. *count receives the
 * number of rows. */
static int change_at(struct people_store *store, const char *sql, int64_t utc_s, struct people_span span,
                     int64_t *count)
{
    struct db_statement statement;
    int result = store_db_prepare(&store->db, &statement, sql);
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, utc_s);
    db_bind_int(&statement, 3, span.first);
    db_bind_int(&statement, 4, span.last);
    result = db_do(&statement);
    *count = result;
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

int people_store_leave(struct people_store *store, struct people_span span, int64_t utc_s)
{
    int64_t count;
    return change_at(store,
                     "UPDATE people SET left_utc_s = $2 WHERE site = $1 AND person BETWEEN $3 AND $4"
                     " AND left_utc_s IS NULL",
                     utc_s, span, &count);
}

int people_store_see(struct people_store *store, struct people_span span, int64_t utc_s)
{
    int64_t count;
    return change_at(store,
                     "UPDATE people SET seen_utc_s = $2 WHERE site = $1 AND person BETWEEN $3 AND $4"
                     " AND seen_utc_s < $2",
                     utc_s, span, &count);
}

int people_store_forget(struct people_store *store, int64_t before_utc_s, int64_t *passages, int64_t *people)
{
    /* A record without a time was made before it was stored. The last record of a gate about its list, or
     * about groups turned off, says what was in force for the passages after it. */
    static const char *const steps[] = {
        "DELETE FROM journal WHERE site = $1 AND coalesce(utc_s, stored_utc_s) < $2"
        " AND NOT (kind = 'event' AND what IN ('list_installed', 'profiles_changed') AND seq ="
        "  (SELECT max(k.seq) FROM in_force k WHERE k.site = $1 AND k.device = journal.device"
        "   AND k.what = journal.what AND k.run = journal.run AND coalesce(k.utc_s, k.stored_utc_s) < $2))",
        "DELETE FROM anomalies WHERE site = $1 AND noticed_utc_s < $2",
        "DELETE FROM holdings WHERE site = $1 AND until_utc_s < $2",
        "DELETE FROM holdings WHERE site = $1"
        " AND person IN (SELECT person FROM people WHERE site = $1 AND left_utc_s < $2)"
        " AND tag NOT IN (SELECT tag FROM office_cards WHERE site = $1 AND state = 'lent')",
        "DELETE FROM people WHERE site = $1 AND left_utc_s < $2"
        " AND person NOT IN (SELECT person FROM holdings WHERE site = $1)"
        " AND person NOT IN (SELECT person FROM office_cards WHERE site = $1 AND person IS NOT NULL)"};
    int64_t counts[sizeof steps / sizeof steps[0]];
    int result = ERR_OK;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && result == ERR_OK; i++)
        result = change_at(store, steps[i], before_utc_s, (struct people_span){0}, &counts[i]);
    if (result == ERR_OK) {
        *passages = counts[0];
        *people = counts[sizeof steps / sizeof steps[0] - 1];
    }
    return result;
}
