/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/person_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/journal/journal_record.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/weekdays.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/passage_rows.h"
#include "tools/portillon/store/store_tables.h"
#include "tools/portillon/store/tag_text.h"

#define RECORD_TAG_AT 12 /* journal_record.h */
#define TAGS_MAX      64

/* --- export --- */

struct export
{
    struct store_db *store;
    struct json_out *json;
    int64_t person;
};

typedef void write_row(struct json_out *json, struct db_statement *row);

/* Writes the rows of a query about the person, each as an object of an array. Returns their number, ERR_IO or
 * ERR_BUSY. */
static int write_rows(const struct export *export, const char *key, const char *sql, write_row *write)
{
    struct db_statement statement;
    char subject[AUDIT_SUBJECT_SIZE];
    int count = 0, result = store_db_prepare(export->store, &statement, sql);
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, export->person);
    if (strstr(sql, "$3") != NULL)
        db_bind_text(&statement, 3, audit_person(export->person, subject));
    json_out_array(export->json, key);
    while ((result = db_step(&statement)) == DB_ROW) {
        json_out_object(export->json, NULL);
        write(export->json, &statement);
        json_out_end(export->json);
        count++;
    }
    json_out_end(export->json);
    db_finalize(&statement);
    return result < 0 ? result : count;
}

static void write_time(struct json_out *json, const char *key, struct db_statement *row, int column)
{
    if (db_is_null(row, column) || db_int(row, column) == 0)
        json_out_null(json, key);
    else
        json_out_time(json, key, (uint64_t)db_int(row, column));
}

static void write_day(struct json_out *json, const char *key, int64_t day)
{
    char text[CIVIL_DATE_TEXT_SIZE];
    civil_date_format((int32_t)day, text);
    json_out_text(json, key, text);
}

static void write_person(struct json_out *json, struct db_statement *row)
{
    char days[WEEKDAYS_TEXT_SIZE];
    weekdays_format((uint8_t)db_int(row, 5), days);
    json_out_int(json, "number", db_int(row, 0));
    json_out_text(json, "surname", db_text(row, 1));
    json_out_text(json, "first_name", db_text(row, 2));
    json_out_text(json, "class", db_text(row, 3));
    json_out_text(json, "profile", db_text(row, 4));
    json_out_text(json, "meals", days);
    json_out_int(json, "passages_a_service", db_int(row, 6));
    json_out_text(json, "recognised_by", db_text(row, 8));
    write_time(json, "last_in_a_file", row, 7);
}

static void write_holding(struct json_out *json, struct db_statement *row)
{
    json_out_text(json, "pseudonym", db_text(row, 0));
    write_time(json, "since", row, 1);
    write_time(json, "until", row, 2);
}

static void write_office_card(struct json_out *json, struct db_statement *row)
{
    bool is_lent = strcmp(db_text(row, 2), "lent") == 0;
    json_out_text(json, "pseudonym", db_text(row, 0));
    json_out_text_or_null(json, "card", db_text(row, 1));
    json_out_text(json, "state", db_text(row, 2));
    if (is_lent) {
        write_day(json, "first_day", db_int(row, 3));
        write_day(json, "last_day", db_int(row, 4));
    }
    write_time(json, "noted", row, 5);
}

static void write_audit(struct json_out *json, struct db_statement *row)
{
    write_time(json, "time", row, 0);
    json_out_text(json, "what", db_text(row, 1));
    json_out_text(json, "subject", db_text(row, 2));
    json_out_text(json, "detail", db_text(row, 3));
}

static int write_passage(void *ctx, const struct passage_row *row)
{
    const struct export *export = ctx;
    if (row->person != export->person)
        return ERR_OK;
    json_out_object(export->json, NULL);
    if (row->has_time)
        json_out_time(export->json, "time", (uint64_t)row->utc_s);
    else
        json_out_null(export->json, "time");
    json_out_text(export->json, "gate", row->device);
    json_out_text(export->json, "zone", row->zone);
    json_out_text(export->json, "verdict", row->is_granted ? "granted" : "refused");
    json_out_text_or_null(export->json, "reason", row->reason);
    json_out_text_or_null(export->json, "outcome", row->outcome);
    json_out_text(export->json, "clock", row->clock);
    json_out_text(export->json, "method", row->method);
    json_out_text(export->json, "pseudonym", row->tag);
    json_out_int(export->json, "record", row->seq);
    json_out_int(export->json, "run", row->run);
    json_out_end(export->json);
    return ERR_OK;
}

static int write_passages(struct export *export)
{
    static const struct passage_span all = {.until_utc_s = INT64_MAX};
    json_out_array(export->json, "passages");
    int result = passage_rows_each(export->store, &all, write_passage, export);
    json_out_end(export->json);
    return result;
}

int person_record_write(struct store_db *store, int64_t person, struct json_out *json)
{
    struct export export = {store, json, person};
    json_out_object(json, NULL);
    int count = write_rows(&export, "person",
                           "SELECT person, surname, first_name, class, profile, weekdays, passages,"
                           " seen_utc_s, key FROM people WHERE site = $1 AND person = $2",
                           write_person);
    int result = count;
    if (result >= 0)
        result = write_rows(&export, "cards",
                            "SELECT tag, since_utc_s, until_utc_s FROM holdings"
                            " WHERE site = $1 AND person = $2 ORDER BY since_utc_s, tag",
                            write_holding);
    if (result >= 0)
        result = write_rows(&export, "lent_and_blocked",
                            "SELECT tag, card, state, first_day, last_day, noted_utc_s FROM office_cards"
                            " WHERE site = $1 AND person = $2 ORDER BY noted_utc_s, tag",
                            write_office_card);
    if (result >= 0)
        result = write_passages(&export);
    if (result >= 0)
        result = write_rows(&export, "looked_up",
                            "SELECT at_utc_s, what, subject, detail FROM audit WHERE site = $1 AND (subject"
                            " = $3 OR subject IN (SELECT 'card ' || h.tag FROM holdings h WHERE h.site = $1"
                            " AND h.person = $2)) ORDER BY entry",
                            write_audit);
    json_out_end(json);
    return result < 0 ? result : count == 0 ? ERR_NOT_FOUND : ERR_OK;
}

/* --- erase --- */

/* A passage of the person. */
struct erased_row {
    char device[IDENTITY_DEVICE_ID_MAX + 1];
    int64_t seq, run;
    uint8_t raw[JOURNAL_RECORD_LEN];
};

struct erased_rows {
    struct erased_row *rows;
    size_t count, capacity;
};

static bool add_row(struct erased_rows *list, struct db_statement *statement)
{
    size_t len;
    const void *raw = db_blob(statement, 3, &len);
    if (list->count == list->capacity) {
        size_t capacity = 2 * list->capacity + 64;
        struct erased_row *rows = realloc(list->rows, capacity * sizeof *rows);
        if (rows == NULL)
            return false;
        list->rows = rows;
        list->capacity = capacity;
    }
    struct erased_row *row = &list->rows[list->count++];
    *row = (struct erased_row){.seq = db_int(statement, 1), .run = db_int(statement, 2)};
    snprintf(row->device, sizeof row->device, "%s", db_text(statement, 0));
    memcpy(row->raw, raw, len < sizeof row->raw ? len : sizeof row->raw);
    return true;
}

/* The passages with a card while this person had it, as the view passages finds them. */
static int find_rows(struct people_store *store, int64_t person, struct erased_rows *list)
{
    struct db_statement statement;
    int result =
        store_db_prepare(&store->db, &statement,
                         "SELECT j.device, j.seq, j.run, j.raw FROM journal j WHERE j.site = $1 AND j.tag IN"
                         " (SELECT tag FROM holdings WHERE site = $1 AND person = $2)"
                         " AND $2 = " STORE_HOLDER_OF_J);
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, person);
    while ((result = db_step(&statement)) == DB_ROW)
        if (!add_row(list, &statement)) {
            result = ERR_NO_SPACE;
            break;
        }
    db_finalize(&statement);
    return result;
}

/* Takes the pseudonym out of the columns and out of the bytes. The MAC goes too: it was made over them. */
static int blank_rows(struct people_store *store, struct erased_rows *list)
{
    struct db_statement statement;
    int result = store_db_prepare(&store->db, &statement,
                                  "UPDATE journal SET tag = NULL, raw = $5"
                                  " WHERE site = $1 AND device = $2 AND seq = $3 AND run = $4");
    for (size_t i = 0; i < list->count && result >= 0; i++) {
        struct erased_row *row = &list->rows[i];
        memset(row->raw + RECORD_TAG_AT, 0, TAG_LEN);
        memset(row->raw + JOURNAL_RECORD_MAC_AT, 0, JOURNAL_RECORD_MAC_LEN);
        db_bind_text(&statement, 2, row->device);
        db_bind_int(&statement, 3, row->seq);
        db_bind_int(&statement, 4, row->run);
        db_bind_blob(&statement, 5, row->raw, sizeof row->raw);
        result = store_db_do(&store->db, &statement);
    }
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

/* Deletes the bytes from which records of the list were corrected: their pseudonym may have a wrong bit. */
static int erase_corrected(struct people_store *store, const struct erased_rows *list)
{
    struct db_statement statement;
    int result = store_db_prepare(&store->db, &statement,
                                  "DELETE FROM anomalies WHERE site = $1 AND device = $2 AND first_seq = $3"
                                  " AND run = $4 AND what = 'corrected'");
    for (size_t i = 0; i < list->count && result >= 0; i++) {
        const struct erased_row *row = &list->rows[i];
        db_bind_text(&statement, 2, row->device);
        db_bind_int(&statement, 3, row->seq);
        db_bind_int(&statement, 4, row->run);
        result = store_db_do(&store->db, &statement);
    }
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

static int erase_passages(struct people_store *store, int64_t person, int64_t *count)
{
    struct erased_rows list = {0};
    int result = find_rows(store, person, &list);
    if (result == ERR_OK)
        result = blank_rows(store, &list);
    if (result == ERR_OK)
        result = erase_corrected(store, &list);
    *count = (int64_t)list.count;
    free(list.rows);
    return result;
}

/* Deletes the records set aside that have this pseudonym. */
static int erase_aside(struct people_store *store, const struct tag *tag)
{
    struct db_statement statement;
    int result = store_db_prepare(&store->db, &statement,
                                  "DELETE FROM anomalies WHERE site = $1 AND substr(raw, 13, 8) = $2");
    if (result != ERR_OK)
        return result;
    db_bind_blob(&statement, 2, tag->bytes, TAG_LEN);
    result = db_do(&statement);
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

/* Those of the cards that nobody else has had. */
static int erase_all_aside(struct people_store *store, int64_t person)
{
    struct tag tags[TAGS_MAX];
    int count = 0;
    struct db_statement statement;
    int result = store_db_prepare(&store->db, &statement,
                                  "SELECT h.tag FROM holdings h WHERE h.site = $1 AND h.person = $2 AND NOT "
                                  "EXISTS (SELECT 1 FROM holdings o WHERE o.site = h.site AND o.tag = h.tag"
                                  " AND o.person <> h.person)");
    if (result == ERR_OK)
        db_bind_int(&statement, 2, person);
    while (result >= 0 && count < TAGS_MAX && (result = db_step(&statement)) == DB_ROW)
        count += tag_text_read(db_text(&statement, 0), &tags[count]);
    db_finalize(&statement);
    for (int i = 0; i < count && result >= 0; i++)
        result = erase_aside(store, &tags[i]);
    return result < 0 ? result : ERR_OK;
}

int person_record_erase(struct people_store *store, int64_t person, struct person_erased *erased)
{
    static const char *const steps[] = {
        /* A card that the office blocked stays blocked: the school's file may list it as good. */
        "UPDATE office_cards SET person = NULL, card = NULL WHERE site = $1 AND person = $2"
        " AND state = 'blocked'",
        "DELETE FROM office_cards WHERE site = $1 AND person = $2",
        /* What was done to a card of theirs was done to them; the trail keeps no pseudonym. */
        "UPDATE audit SET subject = 'person ' || CAST(CAST($2 AS BIGINT) AS TEXT) WHERE site = $1"
        " AND subject IN (SELECT 'card ' || tag FROM holdings WHERE site = $1 AND person = $2)",
        "DELETE FROM holdings WHERE site = $1 AND person = $2",
        "DELETE FROM people WHERE site = $1 AND person = $2"};
    int64_t *const counts[] = {&erased->blocks, &erased->loans, NULL, &erased->cards, NULL};
    int result = erase_passages(store, person, &erased->passages);
    if (result == ERR_OK)
        result = erase_all_aside(store, person);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && result >= 0; i++) {
        struct db_statement statement;
        result = store_db_prepare(&store->db, &statement, steps[i]);
        if (result == ERR_OK)
            db_bind_int(&statement, 2, person);
        if (result == ERR_OK)
            result = db_do(&statement);
        db_finalize(&statement);
        if (result >= 0 && counts[i] != NULL)
            *counts[i] = result;
    }
    return result < 0 ? result : ERR_OK;
}
