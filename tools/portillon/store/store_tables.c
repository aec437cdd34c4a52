/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/store_tables.h"

#include <stddef.h>

/* The kinds of database differ in how they name bytes and numbers that count up, and in what a view needs. */
#define SQLITE_BYTES   "BLOB"
#define POSTGRES_BYTES "BYTEA"
#define SQLITE_WORD    "TEXT"
#define POSTGRES_WORD  "TEXT COLLATE \"C\"" /* sorted as SQLite sorts */

/* A journal row holds both the data that was read (raw, numbers) and the words for it, so that plain SQL
 * is enough. utc_s is NULL while the gate's clock was unset; then since_start_s counts. month, such as
 * 202611, is the month of utc_s, or of stored_utc_s: a server keeps each month in a table of its own.
 *
 * method is how the card of a tap was known: "uid", "uid+", "desfire", "qr" or "pass"; NULL in records of other
 * kinds, and in those that version 5 stored, which are of uid.
 *
 * run counts the journals of one gate: a gate with another memory chip gives its numbers out again.
 * devices keeps what recognises a journal, the number and the MAC of its last record, when the record
 * itself is deleted. */
#define JOURNAL(word, bytes)                                                                                 \
    "CREATE TABLE IF NOT EXISTS journal ("                                                                   \
    " site TEXT NOT NULL, device " word " NOT NULL, seq BIGINT NOT NULL, run BIGINT NOT NULL,"               \
    " month BIGINT NOT NULL, utc_s BIGINT, since_start_s BIGINT, clock TEXT NOT NULL, kind TEXT NOT NULL,"   \
    " what TEXT, zone TEXT, tag TEXT, ref BIGINT NOT NULL, from_twin BIGINT NOT NULL, raw " bytes            \
    " NOT NULL,"                                                                                             \
    " stored_utc_s BIGINT NOT NULL, method TEXT, "
/* There is no index by time: gates come one after another with the same hours, so each record would change
 * another page of it, which made pulls into a large store several times slower. A gate's numbers rise with
 * time. */
#define IN_FORCE "kind = 'event' AND what IN ('list_installed', 'profiles_changed')"
#define JOURNAL_INDEXES                                                                                      \
    "CREATE INDEX IF NOT EXISTS journal_closings ON journal (site, device, ref) WHERE kind = 'closed'",      \
        "CREATE INDEX IF NOT EXISTS journal_gaps ON journal (site, device, seq) WHERE kind = 'gap'",         \
        "CREATE INDEX IF NOT EXISTS journal_in_force ON journal (site, device, seq) WHERE " IN_FORCE,        \
        "CREATE INDEX IF NOT EXISTS journal_undated ON journal (site, device, seq) WHERE utc_s IS NULL"

#define ANOMALIES(bytes)                                                                                     \
    "CREATE TABLE IF NOT EXISTS anomalies ("                                                                 \
    " site TEXT NOT NULL, device TEXT NOT NULL, what TEXT NOT NULL, first_seq BIGINT NOT NULL,"              \
    " last_seq BIGINT NOT NULL, raw " bytes " NOT NULL, noticed_utc_s BIGINT NOT NULL,"                      \
    " run BIGINT NOT NULL, PRIMARY KEY (site, device, what, first_seq, last_seq, raw, run))"

#define DEVICES(word, bytes)                                                                                 \
    "CREATE TABLE IF NOT EXISTS devices ("                                                                   \
    " site TEXT NOT NULL, device " word                                                                      \
    " NOT NULL, covered_seq BIGINT NOT NULL, pulled_utc_s BIGINT NOT NULL,"                                  \
    " run BIGINT NOT NULL, last_seq BIGINT NOT NULL, last_mac " bytes ", PRIMARY KEY (site, device))"

#define SITES "CREATE TABLE IF NOT EXISTS sites (site TEXT PRIMARY KEY, name TEXT NOT NULL)"

/* Who had a card, from when until when. A lent card changes hands, and a passage belongs to the person who
 * had the card at that time. office_cards are the cards that the school's file does not contain: lent, or
 * blocked at once. fold is the name as people_moved compares it, without case and accents.
 *
 * left_utc_s is when a whole file of the school first lacked the person; NULL: they are in the school. The
 * days are bounds as in a list (whitelist_format.h), of a person and of a card. given: by a file of the
 * school, at the desk, lent, or "older": stored by a version that did not keep what the file says of the
 * card. method: uid or desfire, what the tag is the pseudonym of. counts_as, of a DESFire identifier: the
 * pseudonym of the UID of the same card, if that is listed too. */
#define PEOPLE(word, number, primary_key)                                                                    \
    "CREATE TABLE IF NOT EXISTS people ("                                                                    \
    " person " number ", site TEXT NOT NULL, key TEXT NOT NULL, fold " word " NOT NULL, surname " word       \
    " NOT NULL,"                                                                                             \
    " first_name " word " NOT NULL, class " word                                                             \
    " NOT NULL, profile TEXT NOT NULL, weekdays BIGINT NOT NULL,"                                            \
    " passages BIGINT NOT NULL, seen_utc_s BIGINT NOT NULL, left_utc_s BIGINT,"                              \
    " first_day BIGINT NOT NULL DEFAULT 0, last_day BIGINT NOT NULL DEFAULT 65535, " primary_key             \
    " UNIQUE (site, key))"

#define HOLDINGS                                                                                             \
    "CREATE TABLE IF NOT EXISTS holdings ("                                                                  \
    " site TEXT NOT NULL, tag TEXT NOT NULL, since_utc_s BIGINT NOT NULL, until_utc_s BIGINT,"               \
    " person BIGINT NOT NULL, given TEXT NOT NULL DEFAULT 'file' CHECK (given IN ('file', 'desk', 'lent', "  \
    "'older')),"                                                                                             \
    " first_day BIGINT NOT NULL DEFAULT 0, last_day BIGINT NOT NULL DEFAULT 65535, blocked BIGINT NOT NULL " \
    "DEFAULT 0,"                                                                                             \
    " temporary BIGINT NOT NULL DEFAULT 0, method TEXT NOT NULL DEFAULT 'uid', counts_as TEXT,"              \
    " PRIMARY KEY (site, tag, since_utc_s))",                                                                \
        "CREATE INDEX IF NOT EXISTS holdings_of ON holdings (site, person)"

#define OFFICE_CARDS                                                                                         \
    "CREATE TABLE IF NOT EXISTS office_cards ("                                                              \
    " site TEXT NOT NULL, tag TEXT NOT NULL, card TEXT, state TEXT NOT NULL CHECK (state IN ('lent', "       \
    "'blocked')), person BIGINT, first_day BIGINT NOT NULL, last_day BIGINT NOT NULL,"                       \
    " noted_utc_s BIGINT NOT NULL, PRIMARY KEY (site, tag))"

/* What the office last saw of each gate. direction is in, out or both; state is the gate's own word. */
#define GATES(word)                                                                                          \
    "CREATE TABLE IF NOT EXISTS gates ("                                                                     \
    " site TEXT NOT NULL, device " word " NOT NULL, name TEXT NOT NULL, zone TEXT NOT NULL,"                 \
    " direction TEXT NOT NULL CHECK (direction IN ('in', 'out', 'both')), port TEXT NOT NULL,"               \
    " seen_utc_s BIGINT NOT NULL, list_version BIGINT NOT NULL, clock_off_s BIGINT,"                         \
    " damaged_blocks BIGINT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (site, device))"

/* What is wished of all gates, and which gates have it: a wish is done when done_utc_s of the gate is not
 * before wished_utc_s. */
#define WISHES                                                                                               \
    "CREATE TABLE IF NOT EXISTS wishes ("                                                                    \
    " site TEXT NOT NULL, setting TEXT NOT NULL, value TEXT NOT NULL, wished_utc_s BIGINT NOT NULL,"         \
    " who TEXT NOT NULL, PRIMARY KEY (site, setting))",                                                      \
        "CREATE TABLE IF NOT EXISTS wishes_done ("                                                           \
        " site TEXT NOT NULL, device TEXT NOT NULL, setting TEXT NOT NULL, done_utc_s BIGINT NOT NULL,"      \
        " PRIMARY KEY (site, device, setting))"

/* Each list that was built, with the rules it was built from (the text of site.conf), so that a stored
 * refusal can be explained later. list is the file as a gate gets it. */
#define LISTS(bytes)                                                                                         \
    "CREATE TABLE IF NOT EXISTS lists ("                                                                     \
    " site TEXT NOT NULL, version BIGINT NOT NULL, issued_utc_s BIGINT NOT NULL, rules TEXT NOT NULL,"       \
    " list " bytes " NOT NULL, PRIMARY KEY (site, version))"

/* Who looked up, opened, lent and blocked what. */
#define AUDIT(number, primary_key)                                                                           \
    "CREATE TABLE IF NOT EXISTS audit ("                                                                     \
    " entry " number ", site TEXT NOT NULL, at_utc_s BIGINT NOT NULL, who TEXT NOT NULL, what TEXT NOT "     \
    "NULL,"                                                                                                  \
    " subject TEXT NOT NULL, detail TEXT NOT NULL" primary_key ")"

/* Meals as counts without people, which may be kept when the passages are forgotten. day is a date such as
 * 2026-11-30; service is the name in the rules, "" outside them. */
#define MEAL_COUNTS                                                                                          \
    "CREATE TABLE IF NOT EXISTS meal_counts ("                                                               \
    " site TEXT NOT NULL, day TEXT NOT NULL, device TEXT NOT NULL, service TEXT NOT NULL,"                   \
    " profile TEXT NOT NULL, meals BIGINT NOT NULL, PRIMARY KEY (site, day, device, service, profile))"

const char *const store_tables_sqlite[] = {
    SITES,
    JOURNAL(SQLITE_WORD, SQLITE_BYTES) "PRIMARY KEY (site, device, seq, run)) WITHOUT ROWID",
    JOURNAL_INDEXES,
    ANOMALIES(SQLITE_BYTES) " WITHOUT ROWID",
    DEVICES(SQLITE_WORD, SQLITE_BYTES) " WITHOUT ROWID",
    PEOPLE(SQLITE_WORD, "INTEGER PRIMARY KEY AUTOINCREMENT", ""), /* the audit trail keeps old numbers */
    HOLDINGS,
    OFFICE_CARDS " WITHOUT ROWID",
    GATES(SQLITE_WORD),
    WISHES,
    LISTS(SQLITE_BYTES),
    AUDIT("INTEGER PRIMARY KEY", ""),
    MEAL_COUNTS,
    NULL};

/* portillon_month makes the table of a month, unless rows of it are in journal_other already. A server that
 * Citus distributes by site needs the site in each key (Citus documentation, "Creating and Modifying
 * Distributed Objects"). */
const char *const store_tables_postgres[] = {
    "CREATE TABLE IF NOT EXISTS portillon_schema (version BIGINT NOT NULL)",
    SITES,
    JOURNAL(POSTGRES_WORD,
            POSTGRES_BYTES) "PRIMARY KEY (site, device, seq, run, month)) PARTITION BY RANGE (month)",
    JOURNAL_INDEXES,
    "CREATE TABLE IF NOT EXISTS journal_other PARTITION OF journal DEFAULT",
    ANOMALIES(POSTGRES_BYTES),
    DEVICES(POSTGRES_WORD, POSTGRES_BYTES),
    PEOPLE(POSTGRES_WORD, "BIGINT GENERATED BY DEFAULT AS IDENTITY", "PRIMARY KEY (site, person),"),
    HOLDINGS,
    OFFICE_CARDS,
    GATES(POSTGRES_WORD),
    WISHES,
    LISTS(POSTGRES_BYTES),
    AUDIT("BIGINT GENERATED BY DEFAULT AS IDENTITY", ", PRIMARY KEY (site, entry)"),
    MEAL_COUNTS,
    "CREATE OR REPLACE FUNCTION portillon_month(month BIGINT) RETURNS VOID LANGUAGE plpgsql"
    " SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN"
    " IF to_regclass('journal_' || month) IS NULL"
    "  AND NOT EXISTS (SELECT 1 FROM journal_other o WHERE o.month = portillon_month.month) THEN"
    "  EXECUTE format('CREATE TABLE %I PARTITION OF journal FOR VALUES FROM (%s) TO (%s)',"
    "   'journal_' || month, month, month + 1);"
    " END IF; END $$",
    NULL};

/* What version 5 did not have. */
const char *const store_columns_6[] = {"ALTER TABLE journal ADD COLUMN method TEXT",
                                       "ALTER TABLE holdings ADD COLUMN method TEXT NOT NULL DEFAULT 'uid'",
                                       "ALTER TABLE holdings ADD COLUMN counts_as TEXT", NULL};

/* After a power cut a gate may report the same gap twice. Both records then have the same last number, in
 * bytes 17 to 20 of the record.
 *
 * INDEXED BY: without statistics about the tables SQLite takes the primary key instead, and the time grows
 * with the square of a gate's records. */
#define EVENTS(create, rights, time, gaps)                                                                   \
    create "events" rights " AS"                                                                             \
           " SELECT device, seq, " time ", clock, kind, what, ref, run, site"                                \
           " FROM journal j WHERE kind = 'event' OR (kind = 'gap' AND NOT EXISTS ("                          \
           "SELECT 1 FROM journal g " gaps                                                                   \
           " WHERE g.site = j.site AND g.device = j.device AND g.kind = 'gap'"                               \
           " AND g.run = j.run AND g.seq < j.seq AND substr(g.raw, 17, 4) = substr(j.raw, 17, 4)))"

#define PASSAGES(create, rights, time, closed, closings)                                                     \
    create "passages" rights " AS"                                                                           \
           " SELECT j.device, j.seq, " time ", j.clock,"                                                     \
           "  j.kind AS verdict, CASE j.kind WHEN 'refused' THEN j.what END AS reason,"                      \
           "  coalesce(c.what, CASE j.kind WHEN 'granted' THEN j.what END) AS outcome,"                      \
           "  " closed ", j.zone, j.tag,"                                                                    \
           "  trim(p.surname || ' ' || p.first_name) AS person, p.class, j.run, j.site,"                     \
           "  coalesce(j.method, 'uid') AS method"                                                           \
           " FROM journal j LEFT JOIN journal c " closings " ON c.site = j.site AND c.device = j.device"     \
           "  AND c.ref = j.seq AND c.kind = 'closed' AND c.run = j.run"                                     \
           "  LEFT JOIN people p ON p.site = j.site AND p.person = " STORE_HOLDER_OF_J                       \
           " WHERE j.kind IN ('granted', 'refused')"

/* What says which list and which groups turned off were in force at a gate; and what has no time. */
#define IN_FORCE_RECORDS(create, rights, in_force)                                                           \
    create "in_force" rights " AS SELECT site, device, run, seq, utc_s, stored_utc_s, what, ref, raw FROM "  \
           "journal " in_force " WHERE " IN_FORCE
#define UNDATED(create, rights, undated)                                                                     \
    create "undated" rights " AS SELECT site, device, run, seq, stored_utc_s FROM journal " undated          \
           " WHERE utc_s IS NULL"

/* The journals of each gate: a new one begins with another memory chip, or with renewed keys. */
#define RUNS(create, rights, first_time, last_time)                                                          \
    create "runs" rights " AS"                                                                               \
           " SELECT j.device, j.run, min(j.seq) AS first_seq, max(j.seq) AS last_seq, count(*) AS records,"  \
           "  " first_time ", " last_time ","                                                                \
           "  CASE WHEN j.run = max(d.run) THEN 'current' ELSE 'closed' END AS state, j.site"                \
           " FROM journal j LEFT JOIN devices d ON d.site = j.site AND d.device = j.device"                  \
           " GROUP BY j.site, j.device, j.run"

#define SQLITE_TIME(seconds, name) "strftime('%Y-%m-%dT%H:%M:%SZ', " seconds ", 'unixepoch') AS " name
#define POSTGRES_TIME(seconds, name)                                                                         \
    "to_char(to_timestamp(" seconds ") AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS " name
#define DROP_VIEWS                                                                                           \
    "DROP VIEW IF EXISTS events", "DROP VIEW IF EXISTS passages", "DROP VIEW IF EXISTS runs",                \
        "DROP VIEW IF EXISTS in_force", "DROP VIEW IF EXISTS undated"

/* On a server a view is replaced, because dropping it would take it from the schools' roles (roles.sql). The
 * columns of before must stay in their places. */
#define SQLITE_CREATE   "CREATE VIEW "
#define POSTGRES_CREATE "CREATE OR REPLACE VIEW "
/* A view shows what its reader may see, not its owner (roles.sql). */
#define POSTGRES_READER " WITH (security_invoker = true)"

const char *const store_views_sqlite[] = {
    DROP_VIEWS,
    EVENTS(SQLITE_CREATE, "", SQLITE_TIME("utc_s", "time"), "INDEXED BY journal_gaps"),
    PASSAGES(SQLITE_CREATE, "", SQLITE_TIME("j.utc_s", "time"), SQLITE_TIME("c.utc_s", "closed"),
             "INDEXED BY journal_closings"),
    IN_FORCE_RECORDS(SQLITE_CREATE, "", "INDEXED BY journal_in_force"),
    UNDATED(SQLITE_CREATE, "", "INDEXED BY journal_undated"),
    RUNS(SQLITE_CREATE, "", SQLITE_TIME("min(j.utc_s)", "first_time"),
         SQLITE_TIME("max(j.utc_s)", "last_time")),
    NULL};

const char *const store_views_postgres[] = {
    EVENTS(POSTGRES_CREATE, POSTGRES_READER, POSTGRES_TIME("utc_s", "time"), ""),
    PASSAGES(POSTGRES_CREATE, POSTGRES_READER, POSTGRES_TIME("j.utc_s", "time"),
             POSTGRES_TIME("c.utc_s", "closed"), ""),
    IN_FORCE_RECORDS(POSTGRES_CREATE, POSTGRES_READER, ""),
    UNDATED(POSTGRES_CREATE, POSTGRES_READER, ""),
    RUNS(POSTGRES_CREATE, POSTGRES_READER, POSTGRES_TIME("min(j.utc_s)", "first_time"),
         POSTGRES_TIME("max(j.utc_s)", "last_time")),
    NULL};
