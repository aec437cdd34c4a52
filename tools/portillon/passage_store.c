#include "tools/portillon/passage_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "firmware/clock.h"
#include "firmware/identity.h"
#include "firmware/verdict.h"

#define SCHEMA_VERSION 1
#define LOCK_WAIT_MS   10000

/* Journal rows carry both what was read (raw, numbers) and the words for it, so that plain SQL is enough.
 * utc_s is NULL while the gate's clock was unset; then since_start_s counts. */
static const char *const schema =
    "CREATE TABLE IF NOT EXISTS journal ("
    " device TEXT NOT NULL, seq INTEGER NOT NULL, utc_s INTEGER, since_start_s INTEGER, clock TEXT NOT NULL,"
    " kind TEXT NOT NULL, what TEXT, zone TEXT, tag TEXT, ref INTEGER NOT NULL, from_twin INTEGER NOT NULL,"
    " raw BLOB NOT NULL, stored_utc_s INTEGER NOT NULL, PRIMARY KEY (device, seq)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS journal_closings ON journal (device, ref) WHERE kind = 'closed';"
    "CREATE INDEX IF NOT EXISTS journal_times ON journal (utc_s);"
    "CREATE TABLE IF NOT EXISTS anomalies ("
    " device TEXT NOT NULL, what TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
    " raw BLOB NOT NULL, noticed_utc_s INTEGER NOT NULL,"
    " PRIMARY KEY (device, what, first_seq, last_seq, raw)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS devices ("
    " device TEXT PRIMARY KEY, covered_seq INTEGER NOT NULL, pulled_utc_s INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE VIEW IF NOT EXISTS passages AS"
    " SELECT j.device, j.seq, strftime('%Y-%m-%dT%H:%M:%SZ', j.utc_s, 'unixepoch') AS time, j.clock,"
    "  j.kind AS verdict, j.what AS reason, c.what AS outcome,"
    "  strftime('%Y-%m-%dT%H:%M:%SZ', c.utc_s, 'unixepoch') AS closed, j.zone, j.tag"
    " FROM journal j LEFT JOIN journal c ON c.device = j.device AND c.ref = j.seq AND c.kind = 'closed'"
    " WHERE j.kind IN ('granted', 'refused');"
    "CREATE VIEW IF NOT EXISTS events AS"
    " SELECT device, seq, strftime('%Y-%m-%dT%H:%M:%SZ', utc_s, 'unixepoch') AS time, clock, kind, what, ref"
    " FROM journal WHERE kind IN ('event', 'gap');";

static int keep_error(struct passage_store *store)
{
    snprintf(store->error, sizeof store->error, "%s",
             store->db != NULL ? sqlite3_errmsg(store->db) : "out of memory");
    int code = store->db != NULL ? sqlite3_errcode(store->db) & 0xFF : SQLITE_NOMEM;
    return code == SQLITE_BUSY || code == SQLITE_LOCKED ? ERR_BUSY : ERR_IO;
}

static int run(struct passage_store *store, const char *sql)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : keep_error(store);
}

static int prepare(struct passage_store *store, sqlite3_stmt **statement, const char *sql)
{
    return sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) == SQLITE_OK ? ERR_OK : keep_error(store);
}

static int check_schema_version(struct passage_store *store)
{
    sqlite3_stmt *statement = NULL;
    int result = prepare(store, &statement, "PRAGMA user_version");
    if (result != ERR_OK)
        return result;
    int version = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    if (version < 0)
        result = keep_error(store);
    sqlite3_finalize(statement);
    if (result == ERR_OK && version > SCHEMA_VERSION) {
        snprintf(store->error, sizeof store->error, "made by a newer version of this tool (schema %d)",
                 version);
        result = ERR_UNSUPPORTED;
    }
    return result;
}

int passage_store_open(struct passage_store *store, const char *path, const char *device)
{
    char sql[64];
    memset(store, 0, sizeof *store);
    snprintf(store->device, sizeof store->device, "%s", device);
    if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
        return keep_error(store);
    sqlite3_busy_timeout(store->db, LOCK_WAIT_MS);
    /* FULL: a commit is on the disk before it is acknowledged to the gate, which may then erase. */
    int result = run(store, "PRAGMA synchronous = FULL");
    if (result == ERR_OK)
        result = check_schema_version(store);
    if (result == ERR_OK)
        result = run(store, "BEGIN IMMEDIATE");
    if (result == ERR_OK)
        result = run(store, schema);
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", SCHEMA_VERSION);
    if (result == ERR_OK)
        result = run(store, sql);
    if (result == ERR_OK)
        result = run(store, "COMMIT");
    if (result == ERR_OK)
        result = prepare(store, &store->insert,
                         "INSERT OR IGNORE INTO journal VALUES"
                         " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    if (result == ERR_OK)
        result = prepare(store, &store->find, "SELECT raw = ?3 FROM journal WHERE device = ?1 AND seq = ?2");
    if (result == ERR_OK)
        result = prepare(store, &store->anomaly,
                         "INSERT OR IGNORE INTO anomalies VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    if (result == ERR_OK)
        result = prepare(store, &store->progress,
                         "INSERT INTO devices VALUES (?1, ?2, ?3) ON CONFLICT (device) DO UPDATE SET"
                         " covered_seq = max(covered_seq, excluded.covered_seq),"
                         " pulled_utc_s = excluded.pulled_utc_s");
    return result;
}

void passage_store_close(struct passage_store *store)
{
    sqlite3_finalize(store->insert);
    sqlite3_finalize(store->find);
    sqlite3_finalize(store->anomaly);
    sqlite3_finalize(store->progress);
    sqlite3_close(store->db);
    memset(store, 0, sizeof *store);
}

const char *passage_store_error(const struct passage_store *store)
{
    return store->error;
}

int passage_store_covered(struct passage_store *store, uint32_t *seq)
{
    sqlite3_stmt *statement = NULL;
    int result = prepare(store, &statement, "SELECT covered_seq FROM devices WHERE device = ?1");
    if (result != ERR_OK)
        return result;
    sqlite3_bind_text(statement, 1, store->device, -1, SQLITE_STATIC);
    int step = sqlite3_step(statement);
    *seq = step == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(statement, 0) : 0;
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        result = keep_error(store);
    sqlite3_finalize(statement);
    return result;
}

int passage_store_begin(struct passage_store *store)
{
    return run(store, "BEGIN IMMEDIATE");
}

void passage_store_rollback(struct passage_store *store)
{
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL); /* without a batch, an error nobody needs */
}

/* Steps a statement that gives no rows. @retval count of rows changed, ERR_IO, ERR_BUSY. */
static int step_once(struct passage_store *store, sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement) == SQLITE_DONE ? sqlite3_changes(store->db) : keep_error(store);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

static const char *word_for_code(const struct journal_record *record)
{
    switch (record->kind) {
    case JOURNAL_GRANTED:
    case JOURNAL_GAP:
        return NULL;
    case JOURNAL_CLOSED:
        return journal_outcome_name(record->code);
    case JOURNAL_REFUSED:
        return reason_name((enum reason)record->code);
    case JOURNAL_EVENT:
        return journal_event_name(record->code);
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
    sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT); /* NULL binds NULL */
}

static int is_stored_the_same(struct passage_store *store, uint32_t seq, const uint8_t *raw)
{
    bind_text(store->find, 1, store->device);
    sqlite3_bind_int64(store->find, 2, seq);
    sqlite3_bind_blob(store->find, 3, raw, JOURNAL_RECORD_LEN, SQLITE_STATIC);
    int result =
        sqlite3_step(store->find) == SQLITE_ROW ? sqlite3_column_int(store->find, 0) : keep_error(store);
    sqlite3_reset(store->find);
    sqlite3_clear_bindings(store->find);
    return result;
}

int passage_store_add(struct passage_store *store, const struct journal_record *record,
                      const uint8_t raw[JOURNAL_RECORD_LEN])
{
    char tag[2 * TAG_LEN + 1];
    sqlite3_stmt *insert = store->insert;
    enum clock_quality clock = (enum clock_quality)(record->flags & JOURNAL_FLAG_CLOCK_MASK);

    bind_text(insert, 1, store->device);
    sqlite3_bind_int64(insert, 2, record->seq);
    sqlite3_bind_int64(insert, clock != CLOCK_UNSET ? 3 : 4, record->utc_s);
    bind_text(insert, 5, clock_quality_name(clock));
    bind_text(insert, 6, journal_kind_name(record->kind));
    bind_text(insert, 7, word_for_code(record));
    bind_text(insert, 8, record->zone != 0 ? zone_name((enum zone)record->zone) : NULL);
    bind_text(insert, 9, record->kind != JOURNAL_GAP ? tag_text(record, tag) : NULL);
    sqlite3_bind_int64(insert, 10, record->ref);
    sqlite3_bind_int(insert, 11, (record->flags & JOURNAL_FLAG_TWIN) != 0);
    sqlite3_bind_blob(insert, 12, raw, JOURNAL_RECORD_LEN, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 13, (sqlite3_int64)time(NULL));
    int result = step_once(store, insert);
    if (result != 0)
        return result;
    result = is_stored_the_same(store, record->seq, raw);
    if (result < 0)
        return result;
    if (result == 1)
        return ERR_OK;
    result = passage_store_set_aside(store, PASSAGE_CONFLICT, record->seq, record->seq, raw);
    return result < 0 ? result : ERR_CORRUPT;
}

int passage_store_set_aside(struct passage_store *store, enum passage_anomaly anomaly, uint32_t first_seq,
                            uint32_t last_seq, const uint8_t *raw)
{
    bind_text(store->anomaly, 1, store->device);
    bind_text(store->anomaly, 2, passage_anomaly_name(anomaly));
    sqlite3_bind_int64(store->anomaly, 3, first_seq);
    sqlite3_bind_int64(store->anomaly, 4, last_seq);
    if (raw != NULL)
        sqlite3_bind_blob(store->anomaly, 5, raw, JOURNAL_RECORD_LEN, SQLITE_STATIC);
    else
        sqlite3_bind_zeroblob(store->anomaly, 5, 0); /* not NULL, which is never equal to itself */
    sqlite3_bind_int64(store->anomaly, 6, (sqlite3_int64)time(NULL));
    return step_once(store, store->anomaly);
}

int passage_store_commit(struct passage_store *store, uint32_t covered_seq)
{
    bind_text(store->progress, 1, store->device);
    sqlite3_bind_int64(store->progress, 2, covered_seq);
    sqlite3_bind_int64(store->progress, 3, (sqlite3_int64)time(NULL));
    int result = step_once(store, store->progress);
    if (result >= 0)
        result = run(store, "COMMIT");
    if (result < 0) {
        passage_store_rollback(store);
        return ERR_IO;
    }
    return ERR_OK;
}

const char *passage_anomaly_name(enum passage_anomaly anomaly)
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
    }
    return "?";
}
