/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/passage_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "firmware/access/verdict.h"
#include "firmware/base/bytes.h"
#include "firmware/base/clock.h"
#include "firmware/crypto/identity.h"
#include "tools/portillon/store/store_schema.h"

int passage_store_open(struct passage_store *store, const char *path, const char *device)
{
    memset(store, 0, sizeof *store);
    snprintf(store->device, sizeof store->device, "%s", device);
    int result = store_schema_open(&store->db, path);
    if (result == ERR_OK)
        result =
            store_db_prepare(&store->db, &store->insert,
                             "INSERT OR IGNORE INTO journal SELECT"
                             " ?1, ?2, ?14, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 WHERE NOT EXISTS"
                             " (SELECT 1 FROM journal WHERE device = ?1 AND seq = ?2 AND raw = ?12"
                             "  AND (utc_s IS NOT NULL OR kind <> 'event'))");
    if (result == ERR_OK)
        result = store_db_prepare(&store->db, &store->find,
                                  "SELECT max(raw = ?3) FROM journal WHERE device = ?1 AND seq = ?2");
    if (result == ERR_OK)
        result = store_db_prepare(&store->db, &store->anomaly,
                                  "INSERT OR IGNORE INTO anomalies VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    if (result == ERR_OK)
        result = store_db_prepare(&store->db, &store->progress,
                                  "INSERT INTO devices VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                                  " ON CONFLICT (device) DO UPDATE SET"
                                  " covered_seq = max(covered_seq, excluded.covered_seq),"
                                  " pulled_utc_s = excluded.pulled_utc_s,"
                                  " last_seq = excluded.last_seq, last_mac = excluded.last_mac");
    return result == ERR_OK ? passage_store_recall(store, &store->memory) : result;
}

void passage_store_close(struct passage_store *store)
{
    sqlite3_finalize(store->insert);
    sqlite3_finalize(store->find);
    sqlite3_finalize(store->anomaly);
    sqlite3_finalize(store->progress);
    sqlite3_close(store->db.sqlite);
    memset(store, 0, sizeof *store);
}

const char *passage_store_error(const struct passage_store *store)
{
    return store->db.error;
}

int passage_store_recall(struct passage_store *store, struct passage_memory *memory)
{
    sqlite3_stmt *statement = NULL;
    int result = store_db_prepare(
        &store->db, &statement, "SELECT run, covered_seq, last_seq, last_mac FROM devices WHERE device = ?1");
    if (result != ERR_OK)
        return result;
    sqlite3_bind_text(statement, 1, store->device, -1, SQLITE_STATIC);
    *memory = (struct passage_memory){.run = 1};
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW) {
        memory->run = (uint32_t)sqlite3_column_int64(statement, 0);
        memory->covered = (uint32_t)sqlite3_column_int64(statement, 1);
        if (sqlite3_column_bytes(statement, 3) == JOURNAL_RECORD_MAC_LEN) {
            memory->last_seq = (uint32_t)sqlite3_column_int64(statement, 2);
            memcpy(memory->last_mac, sqlite3_column_blob(statement, 3), JOURNAL_RECORD_MAC_LEN);
        }
    } else if (step != SQLITE_DONE) {
        result = store_db_fail(&store->db);
    }
    sqlite3_finalize(statement);
    return result;
}

int passage_store_begin(struct passage_store *store)
{
    store->aside = false;
    int result = store_db_run(&store->db, "BEGIN IMMEDIATE");
    return result == ERR_OK ? passage_store_recall(store, &store->memory) : result;
}

/* Asks for one number about the device and, if raw is not NULL, a record. Returns it, 0 for NULL, ERR_IO or
 * ERR_BUSY. */
static int ask_number(struct passage_store *store, const char *sql, uint32_t seq, const uint8_t *raw)
{
    sqlite3_stmt *statement = NULL;
    int result = store_db_prepare(&store->db, &statement, sql);
    if (result != ERR_OK)
        return result;
    sqlite3_bind_text(statement, 1, store->device, -1, SQLITE_STATIC);
    if (raw != NULL) {
        sqlite3_bind_int64(statement, 2, seq);
        sqlite3_bind_blob(statement, 3, raw, JOURNAL_RECORD_LEN, SQLITE_STATIC);
    }
    result =
        sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : store_db_fail(&store->db);
    sqlite3_finalize(statement);
    return result;
}

/* Returns the number of the next run: above the current one, and above each that has a record. */
static int next_run(struct passage_store *store)
{
    return ask_number(store,
                      "SELECT 1 + max(coalesce((SELECT run FROM devices WHERE device = ?1), 1),"
                      " coalesce((SELECT max(run) FROM journal WHERE device = ?1), 1))",
                      0, NULL);
}

int passage_store_begin_run(struct passage_store *store)
{
    sqlite3_stmt *statement = NULL;
    int run = next_run(store);
    int result = run < 0 ? run
                         : store_db_prepare(&store->db, &statement,
                                            "UPDATE devices SET run = ?2, covered_seq = 0, last_seq = 0,"
                                            " last_mac = NULL WHERE device = ?1");
    if (result == ERR_OK) {
        sqlite3_bind_text(statement, 1, store->device, -1, SQLITE_STATIC);
        sqlite3_bind_int(statement, 2, run);
        result = store_db_step(&store->db, statement);
    }
    sqlite3_finalize(statement);
    return result == ERR_OK ? passage_store_recall(store, &store->memory) : result;
}

int passage_store_find_run(struct passage_store *store, uint32_t seq, const uint8_t raw[JOURNAL_RECORD_LEN])
{
    return ask_number(store, "SELECT max(run) FROM journal WHERE device = ?1 AND seq = ?2 AND raw = ?3", seq,
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
    /* Outside a batch this fails, without harm. */
    sqlite3_exec(store->db.sqlite, "ROLLBACK", NULL, NULL, NULL);
}

/* Runs a statement that returns no rows. Returns the number of changed rows, ERR_IO or ERR_BUSY. */
static int step_once(struct passage_store *store, sqlite3_stmt *statement)
{
    int result = store_db_step(&store->db, statement);
    return result == ERR_OK ? sqlite3_changes(store->db.sqlite) : result;
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

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT); /* a NULL pointer binds NULL */
}

static int is_stored_the_same(struct passage_store *store, uint32_t seq, const uint8_t *raw)
{
    bind_text(store->find, 1, store->device);
    sqlite3_bind_int64(store->find, 2, seq);
    sqlite3_bind_blob(store->find, 3, raw, JOURNAL_RECORD_LEN, SQLITE_STATIC);
    int result = sqlite3_step(store->find) == SQLITE_ROW ? sqlite3_column_int(store->find, 0)
                                                         : store_db_fail(&store->db);
    sqlite3_reset(store->find);
    sqlite3_clear_bindings(store->find);
    return result;
}

/* Remembers the last record of the current run. */
static void remember(struct passage_store *store, uint32_t seq, const uint8_t *raw)
{
    if (seq < store->memory.last_seq)
        return;
    store->memory.last_seq = seq;
    memcpy(store->memory.last_mac, raw + JOURNAL_RECORD_MAC_AT, JOURNAL_RECORD_MAC_LEN);
}

int passage_store_add(struct passage_store *store, const struct journal_record *record,
                      const uint8_t raw[JOURNAL_RECORD_LEN])
{
    char tag[2 * TAG_LEN + 1], numbers[48];
    sqlite3_stmt *insert = store->insert;
    bool is_of_card = record->kind == JOURNAL_GRANTED || record->kind == JOURNAL_REFUSED;
    enum clock_quality clock = journal_record_clock(record);

    if (journal_record_is_meal_elsewhere(record)) {
        remember(store, record->seq, raw);
        return ERR_OK;
    }
    bind_text(insert, 1, store->device);
    sqlite3_bind_int64(insert, 2, record->seq);
    sqlite3_bind_int64(insert, clock != CLOCK_UNSET ? 3 : 4, record->utc_s);
    bind_text(insert, 5, clock_quality_name(clock));
    bind_text(insert, 6, journal_kind_name(record->kind));
    bind_text(insert, 7, word_for_code(record, numbers));
    bind_text(insert, 8, record->zone != 0 ? zone_name((enum zone)record->zone) : NULL);
    bind_text(insert, 9, is_of_card ? tag_text(record, tag) : NULL);
    sqlite3_bind_int64(insert, 10, record->ref);
    sqlite3_bind_int(insert, 11, (record->flags & JOURNAL_FLAG_REPLICA) != 0);
    sqlite3_bind_blob(insert, 12, raw, JOURNAL_RECORD_LEN, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 13, (sqlite3_int64)time(NULL));
    sqlite3_bind_int64(insert, 14, store->memory.run);
    int added = step_once(store, insert);
    int same = added == 0 ? is_stored_the_same(store, record->seq, raw) : 1;
    if (added < 0 || same < 0)
        return added < 0 ? added : same;
    if (same == 1) {
        remember(store, record->seq, raw);
        return added;
    }
    int result = passage_store_set_aside(store, PASSAGE_CONFLICT, record->seq, record->seq, raw);
    return result < 0 ? result : ERR_CORRUPT;
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
    case PASSAGE_SHORTER:
        return "shorter";
    }
    return "?";
}

int passage_store_set_aside(struct passage_store *store, enum passage_anomaly anomaly, uint32_t first_seq,
                            uint32_t last_seq, const uint8_t *raw)
{
    bind_text(store->anomaly, 1, store->device);
    bind_text(store->anomaly, 2, anomaly_name(anomaly));
    sqlite3_bind_int64(store->anomaly, 3, first_seq);
    sqlite3_bind_int64(store->anomaly, 4, last_seq);
    if (raw != NULL)
        sqlite3_bind_blob(store->anomaly, 5, raw, JOURNAL_RECORD_LEN, SQLITE_STATIC);
    else
        sqlite3_bind_zeroblob(store->anomaly, 5, 0); /* a NULL would never be equal to another NULL */
    sqlite3_bind_int64(store->anomaly, 6, (sqlite3_int64)time(NULL));
    sqlite3_bind_int64(store->anomaly, 7, store->memory.run);
    return step_once(store, store->anomaly);
}

/* Writes what the store knows of the current journal, with the batch. */
static int save_memory(struct passage_store *store, uint32_t covered_seq)
{
    bind_text(store->progress, 1, store->device);
    sqlite3_bind_int64(store->progress, 2, covered_seq);
    sqlite3_bind_int64(store->progress, 3, (sqlite3_int64)time(NULL));
    sqlite3_bind_int64(store->progress, 4, store->memory.run);
    sqlite3_bind_int64(store->progress, 5, store->memory.last_seq);
    if (store->memory.last_seq > 0)
        sqlite3_bind_blob(store->progress, 6, store->memory.last_mac, JOURNAL_RECORD_MAC_LEN, SQLITE_STATIC);
    return step_once(store, store->progress);
}

int passage_store_commit(struct passage_store *store, uint32_t covered_seq)
{
    int result = store->aside ? ERR_OK : save_memory(store, covered_seq);
    if (result >= 0)
        result = store_db_run(&store->db, "COMMIT");
    if (result < 0) {
        passage_store_rollback(store);
        return ERR_IO;
    }
    return ERR_OK;
}
