/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/passage_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "firmware/access/verdict.h"
#include "firmware/base/clock.h"
#include "firmware/crypto/identity.h"
#include "tools/portillon/store/store_schema.h"

#define JOURNAL_COLUMNS                                                                                      \
    "site, device, seq, run, month, utc_s, since_start_s, clock, kind, what, zone, tag, ref, from_twin, "    \
    "raw, "                                                                                                  \
    "stored_utc_s, method"

static const struct db_bulk_target journal_target = {
    "journal",
    "INSERT INTO journal (" JOURNAL_COLUMNS ") VALUES"
    " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    "COPY journal (" JOURNAL_COLUMNS ") FROM STDIN"};

int passage_store_open(struct passage_store *store, const char *path, const struct identity *gate)
{
    memset(store, 0, sizeof *store);
    snprintf(store->device, sizeof store->device, "%s", gate->device_id);
    int result = store_schema_open(&store->db, path, gate->site_id);
    snprintf(store->lock, sizeof store->lock, "%s/%s", store->db.site, store->device);
    if (result == ERR_OK)
        result = db_bulk_open(&store->rows, &store->db.db, &journal_target);
    if (result == ERR_OK)
        result = store_db_prepare(&store->db, &store->find,
                                  "SELECT seq, run, raw, CASE WHEN utc_s IS NULL AND kind = 'event' THEN 1"
                                  " ELSE 0 END FROM journal WHERE site = $1 AND device = $2"
                                  " AND seq >= $3 AND seq <= $4");
    if (result == ERR_OK)
        result = store_db_prepare(
            &store->db, &store->anomaly,
            "INSERT INTO anomalies (site, device, what, first_seq, last_seq, raw, noticed_utc_s, run)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING");
    if (result == ERR_OK)
        result = store_db_prepare(
            &store->db, &store->progress,
            "INSERT INTO devices (site, device, covered_seq, pulled_utc_s, run, last_seq, last_mac)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (site, device) DO UPDATE SET"
            " covered_seq = excluded.covered_seq, pulled_utc_s = excluded.pulled_utc_s, run = excluded.run,"
            " last_seq = excluded.last_seq, last_mac = excluded.last_mac");
    return result;
}

void passage_store_close(struct passage_store *store)
{
    db_bulk_close(&store->rows);
    db_finalize(&store->find);
    db_finalize(&store->anomaly);
    db_finalize(&store->progress);
    db_close(&store->db.db);
    free(store->known.records);
    memset(store, 0, sizeof *store);
}

const char *passage_store_error(const struct passage_store *store)
{
    return store->db.db.error;
}

int passage_store_recall(struct passage_store *store, struct passage_memory *memory)
{
    struct db_statement statement;
    int result = store_db_prepare(
        &store->db, &statement,
        "SELECT run, covered_seq, last_seq, last_mac FROM devices WHERE site = $1 AND device = $2");
    if (result != ERR_OK)
        return result;
    db_bind_text(&statement, 2, store->device);
    *memory = (struct passage_memory){.run = 1};
    result = db_step(&statement);
    if (result == DB_ROW) {
        size_t len;
        const void *mac = db_blob(&statement, 3, &len);
        memory->run = (uint32_t)db_int(&statement, 0);
        memory->covered = (uint32_t)db_int(&statement, 1);
        if (len == JOURNAL_RECORD_MAC_LEN) {
            memory->last_seq = (uint32_t)db_int(&statement, 2);
            memcpy(memory->last_mac, mac, JOURNAL_RECORD_MAC_LEN);
        }
    }
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

static void forget_known(struct passage_store *store)
{
    store->known.count = 0;
    store->known.first = store->known.last = 0;
    memset(store->known.places, 0, sizeof store->known.places);
}

int passage_store_begin(struct passage_store *store)
{
    store->aside = false;
    forget_known(store);
    int result = db_begin(&store->db.db, store->lock);
    return result == ERR_OK ? passage_store_recall(store, &store->memory) : result;
}

/* Asks for one number about the device and, if raw is not NULL, a record. Returns it, 0 for NULL, ERR_IO or
 * ERR_BUSY. */
static int ask_number(struct passage_store *store, const char *sql, uint32_t seq, const uint8_t *raw)
{
    struct db_statement statement;
    int result = store_db_prepare(&store->db, &statement, sql);
    if (result != ERR_OK)
        return result;
    db_bind_text(&statement, 2, store->device);
    if (raw != NULL) {
        db_bind_int(&statement, 3, seq);
        db_bind_blob(&statement, 4, raw, JOURNAL_RECORD_LEN);
    }
    result = db_step(&statement);
    int number = result == DB_ROW ? (int)db_int(&statement, 0) : 0;
    db_finalize(&statement);
    return result < 0 ? result : number;
}

/* Returns the number of the next run: above the current one, and above each that has a record. */
static int next_run(struct passage_store *store)
{
    int of_device = ask_number(store, "SELECT run FROM devices WHERE site = $1 AND device = $2", 0, NULL);
    int of_records =
        ask_number(store, "SELECT max(run) FROM journal WHERE site = $1 AND device = $2", 0, NULL);
    if (of_device < 0 || of_records < 0)
        return of_device < 0 ? of_device : of_records;
    int last = of_device > of_records ? of_device : of_records;
    return last > 0 ? last + 1 : 2;
}

int passage_store_begin_run(struct passage_store *store)
{
    struct db_statement statement = {0};
    int run = next_run(store);
    int result = run < 0 ? run
                         : store_db_prepare(&store->db, &statement,
                                            "UPDATE devices SET run = $3, covered_seq = 0, last_seq = 0,"
                                            " last_mac = NULL WHERE site = $1 AND device = $2");
    if (result == ERR_OK) {
        db_bind_text(&statement, 2, store->device);
        db_bind_int(&statement, 3, run);
        result = db_do(&statement);
    }
    db_finalize(&statement);
    return result < 0 ? result : passage_store_recall(store, &store->memory);
}

int passage_store_find_run(struct passage_store *store, uint32_t seq, const uint8_t raw[JOURNAL_RECORD_LEN])
{
    return ask_number(
        store, "SELECT max(run) FROM journal WHERE site = $1 AND device = $2 AND seq = $3 AND raw = $4", seq,
        raw);
}

int passage_store_step_aside(struct passage_store *store, uint32_t run)
{
    int chosen = run != 0 ? (int)run : next_run(store);
    if (chosen < 0)
        return chosen;
    store->aside = true;
    store->memory = (struct passage_memory){.run = (uint32_t)chosen};
    return ERR_OK;
}

void passage_store_rollback(struct passage_store *store)
{
    db_bulk_drop(&store->rows);
    forget_known(store);
    db_rollback(&store->db.db);
}

/* Returns the word for an event; for a count, what was counted. */
static const char *word_for_event(const struct journal_record *record, char word[48])
{
    uint8_t what = record->detail.bytes[0];
    if (record->code != JOURNAL_EVENT_REPEATED && record->code != JOURNAL_EVENT_REFUSALS)
        return journal_event_name(record->code);
    snprintf(word, 48, "%s_repeated",
             record->code == JOURNAL_EVENT_REPEATED ? journal_event_name(what)
                                                    : reason_name((enum reason)what));
    return word;
}

/* Returns the word for the record's code; for a gap, the numbers that were dropped. */
static const char *word_for_code(const struct journal_record *record, char numbers[48])
{
    switch (record->kind) {
    case JOURNAL_GAP:
        snprintf(numbers, 48, "%u-%u%s", record->dropped.first, record->dropped.last,
                 record->flags & JOURNAL_FLAG_UNCOUNTED ? ", at least" : "");
        return numbers;
    case JOURNAL_GRANTED: /* without a sensor this record holds the outcome */
        return record->code != 0 ? journal_outcome_name(record->code) : NULL;
    case JOURNAL_CLOSED:
        return journal_outcome_name(record->code);
    case JOURNAL_REFUSED:
        return reason_name((enum reason)record->code);
    case JOURNAL_EVENT:
        return word_for_event(record, numbers);
    }
    return NULL;
}

static const char *tag_text(const struct journal_record *record, char text[2 * TAG_LEN + 1])
{
    static const struct tag none;
    if (memcmp(&record->tag, &none, sizeof none) == 0)
        return NULL;
    for (size_t i = 0; i < TAG_LEN; i++)
        snprintf(text + 2 * i, 3, "%02x", record->tag.bytes[i]);
    return text;
}

/* --- records --- */

static int keep_known(struct passage_store *store, const struct passage_record *record)
{
    if (store->known.count == store->known.capacity) {
        size_t capacity = 2 * store->known.capacity + PASSAGE_LOOK_SPAN;
        struct passage_record *records = realloc(store->known.records, capacity * sizeof *records);
        if (records == NULL)
            return ERR_NO_SPACE;
        store->known.records = records;
        store->known.capacity = capacity;
    }
    uint32_t *place = &store->known.places[record->seq - store->known.first];
    store->known.records[store->known.count] = *record;
    store->known.records[store->known.count++].next = *place;
    *place = (uint32_t)store->known.count;
    return ERR_OK;
}

static int keep_row(struct passage_store *store)
{
    size_t len;
    const void *raw = db_blob(&store->find, 2, &len);
    struct passage_record record = {.seq = (uint32_t)db_int(&store->find, 0),
                                    .run = (uint32_t)db_int(&store->find, 1),
                                    .is_unset_event = db_int(&store->find, 3) != 0};
    memcpy(record.raw, raw, len < sizeof record.raw ? len : sizeof record.raw);
    return keep_known(store, &record);
}

/* Looks up what the store has of the numbers from seq on. Records come in rising order, so one look serves
 * many of them. */
static int look_up(struct passage_store *store, uint32_t seq)
{
    if (seq >= store->known.first && seq <= store->known.last)
        return ERR_OK;
    int result = db_bulk_flush(&store->rows);
    forget_known(store);
    store->known.first = seq;
    store->known.last = seq < UINT32_MAX - PASSAGE_LOOK_SPAN ? seq + PASSAGE_LOOK_SPAN - 1 : UINT32_MAX;
    db_bind_text(&store->find, 2, store->device);
    db_bind_int(&store->find, 3, store->known.first);
    db_bind_int(&store->find, 4, store->known.last);
    while (result == ERR_OK && (result = db_step(&store->find)) == DB_ROW)
        result = keep_row(store);
    store_db_reset(&store->db, &store->find);
    if (result != ERR_OK)
        forget_known(store);
    return result;
}

enum found { FOUND_NOTHING, FOUND_SAME, FOUND_OTHER };

/* A gate whose clock is not set counts from its start, so two chips begin with the same events. Any other
 * record that is the same in two runs was copied from one chip to another, and counts once. */
static enum found find(const struct passage_store *store, uint32_t seq, const uint8_t *raw)
{
    enum found found = FOUND_NOTHING;
    for (uint32_t place = store->known.places[seq - store->known.first]; place != 0;) {
        const struct passage_record *known = &store->known.records[place - 1];
        bool is_this_run = known->run == store->memory.run;
        if (memcmp(known->raw, raw, sizeof known->raw) == 0 && (is_this_run || !known->is_unset_event))
            return FOUND_SAME;
        found = is_this_run ? FOUND_OTHER : found;
        place = known->next;
    }
    return found;
}

/* Remembers the last record of the current run. */
static void remember(struct passage_store *store, uint32_t seq, const uint8_t *raw)
{
    if (seq < store->memory.last_seq)
        return;
    store->memory.last_seq = seq;
    memcpy(store->memory.last_mac, raw + JOURNAL_RECORD_MAC_AT, JOURNAL_RECORD_MAC_LEN);
}

static struct db_value text_value(const char *text)
{
    return (struct db_value){
        .type = text != NULL ? DB_TEXT : DB_NULL, .data = text, .len = text != NULL ? strlen(text) : 0};
}

static struct db_value int_value(int64_t number)
{
    return (struct db_value){.type = DB_INT, .number = number};
}

/* Returns the month of a time, such as 202611. */
static int64_t month_of(time_t utc_s)
{
    struct tm day;
    gmtime_r(&utc_s, &day);
    return 100 * (day.tm_year + 1900) + day.tm_mon + 1;
}

static int insert(struct passage_store *store, const struct journal_record *record, const uint8_t *raw)
{
    char tag[2 * TAG_LEN + 1], numbers[48];
    bool is_of_card = record->kind == JOURNAL_GRANTED || record->kind == JOURNAL_REFUSED;
    enum clock_quality clock = journal_record_clock(record);
    struct db_value time_value = int_value(record->utc_s), null = {.type = DB_NULL};
    time_t now = time(NULL);
    const struct db_value values[] = {
        text_value(store->db.site),
        text_value(store->device),
        int_value(record->seq),
        int_value(store->memory.run),
        int_value(month_of(clock != CLOCK_UNSET ? (time_t)record->utc_s : now)),
        clock != CLOCK_UNSET ? time_value : null,
        clock != CLOCK_UNSET ? null : time_value,
        text_value(clock_quality_name(clock)),
        text_value(journal_kind_name(record->kind)),
        text_value(word_for_code(record, numbers)),
        text_value(record->zone != 0 ? zone_name((enum zone)record->zone) : NULL),
        text_value(is_of_card ? tag_text(record, tag) : NULL),
        int_value(record->ref),
        int_value((record->flags & JOURNAL_FLAG_REPLICA) != 0),
        {.type = DB_BLOB, .data = raw, .len = JOURNAL_RECORD_LEN},
        int_value(now),
        text_value(is_of_card ? credential_method_name((enum credential_method)record->method) : NULL)};
    return db_bulk_row(&store->rows, values, sizeof values / sizeof values[0]);
}

static int add_new(struct passage_store *store, const struct journal_record *record, const uint8_t *raw)
{
    struct passage_record known = {.seq = record->seq,
                                   .run = store->memory.run,
                                   .is_unset_event = record->kind == JOURNAL_EVENT &&
                                                     journal_record_clock(record) == CLOCK_UNSET};
    memcpy(known.raw, raw, sizeof known.raw);
    int result = insert(store, record, raw);
    return result == ERR_OK ? keep_known(store, &known) : result;
}

int passage_store_add(struct passage_store *store, const struct journal_record *record,
                      const uint8_t raw[JOURNAL_RECORD_LEN])
{
    if (journal_record_is_meal_elsewhere(record)) {
        remember(store, record->seq, raw);
        return ERR_OK;
    }
    int result = look_up(store, record->seq);
    if (result != ERR_OK)
        return result;
    enum found found = find(store, record->seq, raw);
    if (found == FOUND_OTHER) {
        result = passage_store_set_aside(store, PASSAGE_CONFLICT, record->seq, record->seq, raw);
        return result < 0 ? result : ERR_CORRUPT;
    }
    result = found == FOUND_NOTHING ? add_new(store, record, raw) : ERR_OK;
    if (result != ERR_OK)
        return result;
    remember(store, record->seq, raw);
    return found == FOUND_NOTHING;
}

static const char *anomaly_name(enum passage_anomaly anomaly)
{
    switch (anomaly) {
    case PASSAGE_FORGED:
        return "forged";
    case PASSAGE_UNREADABLE:
        return "unreadable";
    case PASSAGE_MISSING:
        return "missing";
    case PASSAGE_CONFLICT:
        return "conflict";
    case PASSAGE_OTHER:
        return "other_journal";
    case PASSAGE_CORRECTED:
        return "corrected";
    case PASSAGE_SHORTER:
        return "shorter";
    }
    return "?";
}

int passage_store_set_aside(struct passage_store *store, enum passage_anomaly anomaly, uint32_t first_seq,
                            uint32_t last_seq, const uint8_t *raw)
{
    db_bind_text(&store->anomaly, 2, store->device);
    db_bind_text(&store->anomaly, 3, anomaly_name(anomaly));
    db_bind_int(&store->anomaly, 4, first_seq);
    db_bind_int(&store->anomaly, 5, last_seq);
    /* a NULL would never be equal to another NULL */
    db_bind_blob(&store->anomaly, 6, raw, raw != NULL ? JOURNAL_RECORD_LEN : 0);
    db_bind_int(&store->anomaly, 7, time(NULL));
    db_bind_int(&store->anomaly, 8, store->memory.run);
    return store_db_do(&store->db, &store->anomaly);
}

/* Writes what the store knows of the current journal, with the batch. */
static int save_memory(struct passage_store *store, uint32_t covered_seq)
{
    db_bind_text(&store->progress, 2, store->device);
    db_bind_int(&store->progress, 3, covered_seq);
    db_bind_int(&store->progress, 4, time(NULL));
    db_bind_int(&store->progress, 5, store->memory.run);
    db_bind_int(&store->progress, 6, store->memory.last_seq);
    if (store->memory.last_seq > 0)
        db_bind_blob(&store->progress, 7, store->memory.last_mac, JOURNAL_RECORD_MAC_LEN);
    return store_db_do(&store->db, &store->progress);
}

int passage_store_commit(struct passage_store *store, uint32_t covered_seq)
{
    int result = db_bulk_flush(&store->rows);
    if (result == ERR_OK && !store->aside)
        result = save_memory(store, covered_seq);
    if (result >= 0)
        result = db_commit(&store->db.db);
    if (result >= 0)
        return ERR_OK;
    passage_store_rollback(store);
    return ERR_IO;
}
