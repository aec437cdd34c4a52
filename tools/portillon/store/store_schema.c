/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/store_schema.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tools/portillon/common/command.h"
#include "tools/portillon/common/secret_file.h"

#define SCHEMA_VERSION 4
#define LOCK_WAIT_MS   10000
#define LOCK_LOOK_MS   50
#define LOCK_TELL_MS   1000

/* A journal row holds both the data that was read (raw, numbers) and the words for it, so that plain SQL is
 * enough. utc_s is NULL while the gate's clock was unset; then since_start_s counts.
 *
 * run counts the journals of one gate: a gate with another memory chip gives its numbers out again. devices
 * keeps what recognises a journal, the number and the MAC of its last record, when the record itself is
 * deleted. */
static const char journal[] =
    "CREATE TABLE IF NOT EXISTS journal ("
    " device TEXT NOT NULL, seq INTEGER NOT NULL, run INTEGER NOT NULL, utc_s INTEGER, since_start_s "
    "INTEGER, clock TEXT NOT NULL,"
    " kind TEXT NOT NULL, what TEXT, zone TEXT, tag TEXT, ref INTEGER NOT NULL, from_twin INTEGER NOT NULL,"
    " raw BLOB NOT NULL, stored_utc_s INTEGER NOT NULL, PRIMARY KEY (device, seq, run)) WITHOUT "
    "ROWID;"
    "CREATE INDEX IF NOT EXISTS journal_closings ON journal (device, ref) WHERE kind = 'closed';"
    "CREATE INDEX IF NOT EXISTS journal_gaps ON journal (device, seq) WHERE kind = 'gap';"
    "CREATE INDEX IF NOT EXISTS journal_times ON journal (utc_s);"
    "CREATE TABLE IF NOT EXISTS anomalies ("
    " device TEXT NOT NULL, what TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
    " raw BLOB NOT NULL, noticed_utc_s INTEGER NOT NULL, run INTEGER NOT NULL,"
    " PRIMARY KEY (device, what, first_seq, last_seq, raw, run)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS devices ("
    " device TEXT PRIMARY KEY, covered_seq INTEGER NOT NULL, pulled_utc_s INTEGER NOT NULL,"
    " run INTEGER NOT NULL, last_seq INTEGER NOT NULL, last_mac BLOB) WITHOUT ROWID;";

/* The journals of each gate: a new one begins with another memory chip, or with renewed keys. */
static const char runs[] =
    "CREATE VIEW IF NOT EXISTS runs AS"
    " SELECT j.device, j.run, min(j.seq) AS first_seq, max(j.seq) AS last_seq, count(*) AS records,"
    "  strftime('%Y-%m-%dT%H:%M:%SZ', min(j.utc_s), 'unixepoch') AS first_time,"
    "  strftime('%Y-%m-%dT%H:%M:%SZ', max(j.utc_s), 'unixepoch') AS last_time,"
    "  CASE WHEN j.run = d.run THEN 'current' ELSE 'closed' END AS state"
    " FROM journal j LEFT JOIN devices d ON d.device = j.device GROUP BY j.device, j.run;";

/* Until version 3 a gate had one journal. The old tables are put aside, and copied into the new ones. */
static const char set_aside_version_3[] = "DROP VIEW IF EXISTS runs;"
                                          "DROP VIEW IF EXISTS events;"
                                          "DROP VIEW IF EXISTS passages;"
                                          "DROP INDEX IF EXISTS journal_closings;"
                                          "DROP INDEX IF EXISTS journal_gaps;"
                                          "DROP INDEX IF EXISTS journal_times;"
                                          "ALTER TABLE journal RENAME TO journal_3;"
                                          "ALTER TABLE anomalies RENAME TO anomalies_3;"
                                          "ALTER TABLE devices RENAME TO devices_3;";

static const char copy_version_3[] =
    "INSERT INTO journal SELECT device, seq, 1, utc_s, since_start_s, clock, kind, what, zone, tag, ref,"
    " from_twin, raw, stored_utc_s FROM journal_3;"
    "INSERT INTO anomalies SELECT device, what, first_seq, last_seq, raw, noticed_utc_s, 1 FROM anomalies_3;"
    "INSERT INTO devices SELECT d.device, covered_seq, pulled_utc_s, 1, coalesce(j.seq, 0), substr(j.raw, 25)"
    " FROM devices_3 d LEFT JOIN journal j ON j.device = d.device"
    " AND j.seq = (SELECT max(seq) FROM journal k WHERE k.device = d.device AND k.seq <= d.covered_seq);"
    "DROP TABLE journal_3; DROP TABLE anomalies_3; DROP TABLE devices_3;";

/* Who had a card, from when until when. A lent card changes hands, and a passage belongs to the person who
 * had the card at that time. office_cards are the cards that the school's file does not contain: lent, or
 * blocked at once. */
static const char people[] =
    "CREATE TABLE IF NOT EXISTS people ("
    " person INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, surname TEXT NOT NULL, first_name TEXT NOT NULL,"
    " class TEXT NOT NULL, profile TEXT NOT NULL, weekdays INTEGER NOT NULL, passages INTEGER NOT NULL,"
    " seen_utc_s INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS holdings ("
    " tag TEXT NOT NULL, since_utc_s INTEGER NOT NULL, until_utc_s INTEGER, person INTEGER NOT NULL,"
    " PRIMARY KEY (tag, since_utc_s)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS holdings_of ON holdings (person);"
    "CREATE TABLE IF NOT EXISTS office_cards ("
    " tag TEXT PRIMARY KEY, card TEXT, state TEXT NOT NULL CHECK (state IN ('lent', 'blocked')), person "
    "INTEGER,"
    " first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, noted_utc_s INTEGER NOT NULL) WITHOUT ROWID;";

/* After a power cut a gate may report the same gap twice. Both records then have the same last number, in
 * bytes 17 to 20 of the record.
 *
 * INDEXED BY: without statistics about the tables SQLite takes the primary key instead, and the time grows
 * with the square of a gate's records. */
static const char views[] =
    "DROP VIEW IF EXISTS events;"
    "CREATE VIEW events AS"
    " SELECT device, seq, strftime('%Y-%m-%dT%H:%M:%SZ', utc_s, 'unixepoch') AS time, clock, kind, what, ref,"
    " run"
    " FROM journal j WHERE kind = 'event' OR (kind = 'gap' AND NOT EXISTS ("
    "SELECT 1 FROM journal g INDEXED BY journal_gaps WHERE g.device = j.device AND g.kind = 'gap'"
    " AND g.run = j.run AND g.seq < j.seq AND substr(g.raw, 17, 4) = substr(j.raw, 17, 4)));"
    "DROP VIEW IF EXISTS passages;"
    "CREATE VIEW passages AS"
    " SELECT j.device, j.seq, strftime('%Y-%m-%dT%H:%M:%SZ', j.utc_s, 'unixepoch') AS time, j.clock,"
    "  j.kind AS verdict, CASE j.kind WHEN 'refused' THEN j.what END AS reason,"
    "  coalesce(c.what, CASE j.kind WHEN 'granted' THEN j.what END) AS outcome,"
    "  strftime('%Y-%m-%dT%H:%M:%SZ', c.utc_s, 'unixepoch') AS closed, j.zone, j.tag,"
    "  trim(p.surname || ' ' || p.first_name) AS person, p.class, j.run"
    " FROM journal j LEFT JOIN journal c INDEXED BY journal_closings ON c.device = j.device AND c.ref = "
    "j.seq AND c.kind = 'closed' AND c.run = j.run"
    "  LEFT JOIN people p ON p.person = (SELECT h.person FROM holdings h WHERE h.tag = j.tag"
    "   AND (j.utc_s IS NULL OR (h.since_utc_s <= j.utc_s AND (h.until_utc_s IS NULL OR j.utc_s < "
    "h.until_utc_s)))"
    "   ORDER BY h.since_utc_s DESC LIMIT 1)"
    " WHERE j.kind IN ('granted', 'refused');";

static int read_version(struct store_db *db, int *version)
{
    sqlite3_stmt *statement = NULL;
    int result = store_db_prepare(db, &statement, "PRAGMA user_version");
    if (result != ERR_OK)
        return result;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *version = sqlite3_column_int(statement, 0);
    else
        result = store_db_fail(db);
    sqlite3_finalize(statement);
    return result;
}

/* Returns ERR_OK if the tables are ours, or there are none yet; ERR_UNSUPPORTED if the file belongs to
 * another program. */
static int check_tables(struct store_db *db, int version)
{
    sqlite3_stmt *statement = NULL;
    int result = store_db_prepare(
        db, &statement,
        "SELECT count(*), count(*) FILTER (WHERE name IN ('journal', 'anomalies', 'devices'))"
        " FROM sqlite_master WHERE type = 'table'");
    if (result != ERR_OK)
        return result;
    if (sqlite3_step(statement) != SQLITE_ROW)
        result = store_db_fail(db);
    else if (version == 0 ? sqlite3_column_int(statement, 0) != 0 : sqlite3_column_int(statement, 1) != 3)
        result = ERR_UNSUPPORTED;
    sqlite3_finalize(statement);
    if (result == ERR_UNSUPPORTED)
        snprintf(db->error, sizeof db->error, "is the database of another program, and was left alone");
    return result;
}

/* Waits while another program has the file. Says so after a second: nobody is to believe that this program
 * hangs. */
static int wait_for_lock(void *ctx, int looks)
{
    const struct store_db *db = ctx;
    if (looks * LOCK_LOOK_MS == LOCK_TELL_MS)
        command_note("store: %s: another program uses it; waiting, %d s at most", db->path,
                     LOCK_WAIT_MS / 1000);
    if (looks * LOCK_LOOK_MS >= LOCK_WAIT_MS)
        return 0;
    sqlite3_sleep(LOCK_LOOK_MS);
    return 1;
}

int store_schema_open(struct store_db *db, const char *path)
{
    char version_sql[64];
    int version = 0;
    secret_file_check("store", path, "the passages and names in it");
    mode_t mask = umask(0077); /* SQLite gives the files beside it (-wal, -journal) the mode of this one */
    int opened = sqlite3_open_v2(path, &db->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    umask(mask);
    if (opened != SQLITE_OK)
        return store_db_fail(db);
    db->path = path;
    sqlite3_busy_handler(db->sqlite, wait_for_lock, db);
    /* FULL: a commit is on the disk before it is acknowledged to a gate, which may then erase the records. */
    int result = store_db_run(db, "PRAGMA synchronous = FULL");
    if (result == ERR_OK)
        result = store_db_run(db, "BEGIN IMMEDIATE"); /* another program may be changing the tables */
    if (result == ERR_OK)
        result = read_version(db, &version);
    if (result != ERR_OK)
        return result;
    if (version > SCHEMA_VERSION) {
        snprintf(db->error, sizeof db->error, "made by a newer version of this tool (schema %d)", version);
        return ERR_UNSUPPORTED;
    }
    result = check_tables(db, version);
    if (result != ERR_OK)
        return result;
    bool is_old = version > 0 && version < 4;
    snprintf(version_sql, sizeof version_sql, "PRAGMA user_version = %d", SCHEMA_VERSION);
    const char *const steps[] = {is_old ? set_aside_version_3 : "",
                                 journal,
                                 is_old ? copy_version_3 : "",
                                 people,
                                 runs,
                                 version == SCHEMA_VERSION ? "" : views,
                                 version_sql,
                                 "COMMIT"};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && result == ERR_OK; i++)
        result = store_db_run(db, steps[i]);
    return result;
}

int store_schema_open_to_read(struct store_db *db, const char *path)
{
    int version = 0;
    if (sqlite3_open_v2(path, &db->sqlite, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        return store_db_fail(db);
    db->path = path;
    sqlite3_busy_handler(db->sqlite, wait_for_lock, db);
    int result = read_version(db, &version);
    if (result != ERR_OK)
        return result;
    if (version == SCHEMA_VERSION) {
        secret_file_check("store", path, "the passages and names in it");
        return check_tables(db, version);
    }
    sqlite3_close(db->sqlite); /* another version, which is brought up to date or refused */
    db->sqlite = NULL;
    return store_schema_open(db, path);
}
