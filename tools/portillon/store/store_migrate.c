/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/store_migrate.h"

#include <stddef.h>

#include "tools/portillon/store/person_fold.h"

/* Until version 4 a store had one site, and until version 3 a gate had one journal. The three tables of
 * people were added without a new version, so a store may lack them. */
static const char *const set_aside[] = {
    "DROP VIEW IF EXISTS runs",
    "DROP VIEW IF EXISTS events",
    "DROP VIEW IF EXISTS passages",
    "DROP INDEX IF EXISTS journal_closings",
    "DROP INDEX IF EXISTS journal_gaps",
    "DROP INDEX IF EXISTS journal_times",
    "DROP INDEX IF EXISTS holdings_of",
    "CREATE TABLE IF NOT EXISTS people (person INTEGER PRIMARY KEY, key, surname, first_name, class, profile,"
    " weekdays, passages, seen_utc_s)",
    "CREATE TABLE IF NOT EXISTS holdings (tag, since_utc_s, until_utc_s, person)",
    "CREATE TABLE IF NOT EXISTS office_cards (tag, card, state, person, first_day, last_day, noted_utc_s)",
    "ALTER TABLE journal RENAME TO old_journal",
    "ALTER TABLE anomalies RENAME TO old_anomalies",
    "ALTER TABLE devices RENAME TO old_devices",
    "ALTER TABLE people RENAME TO old_people",
    "ALTER TABLE holdings RENAME TO old_holdings",
    "ALTER TABLE office_cards RENAME TO old_office_cards",
    NULL};

#define TO_JOURNAL                                                                                           \
    "INSERT INTO journal (site, device, seq, run, month, utc_s, since_start_s, clock, kind, what, zone, "    \
    "tag,"                                                                                                   \
    " ref, from_twin, raw, stored_utc_s) SELECT $1, device, seq, "
#define OF_JOURNAL                                                                                           \
    ", CAST(strftime('%Y%m', coalesce(utc_s, stored_utc_s), 'unixepoch') AS INTEGER), utc_s, since_start_s," \
    " clock, kind, what, zone, tag, ref, from_twin, raw, stored_utc_s FROM old_journal"
#define TO_ANOMALIES                                                                                         \
    "INSERT INTO anomalies (site, device, what, first_seq, last_seq, raw, noticed_utc_s, run)"               \
    " SELECT $1, device, what, first_seq, last_seq, raw, noticed_utc_s, "
#define TO_DEVICES                                                                                           \
    "INSERT INTO devices (site, device, covered_seq, pulled_utc_s, run, last_seq, last_mac) SELECT $1, "

static const char *const copy_version_3[] = {
    TO_JOURNAL "1" OF_JOURNAL, TO_ANOMALIES "1 FROM old_anomalies",
    TO_DEVICES "d.device, covered_seq, pulled_utc_s, 1, coalesce(j.seq, 0), substr(j.raw, 25)"
               " FROM old_devices d LEFT JOIN old_journal j ON j.device = d.device AND j.seq = "
               "(SELECT max(seq) FROM old_journal k WHERE k.device = d.device AND k.seq <= d.covered_seq)",
    NULL};

static const char *const copy_version_4[] = {
    TO_JOURNAL "run" OF_JOURNAL, TO_ANOMALIES "run FROM old_anomalies",
    TO_DEVICES "device, covered_seq, pulled_utc_s, run, last_seq, last_mac FROM old_devices", NULL};

static const char *const copy_people[] = {
    "INSERT INTO people (person, site, key, fold, surname, first_name, class, profile, weekdays, passages,"
    " seen_utc_s) SELECT person, $1, key, '', surname, first_name, class, profile, weekdays, passages,"
    " seen_utc_s FROM old_people",
    "INSERT INTO holdings (site, tag, since_utc_s, until_utc_s, person)"
    " SELECT $1, tag, since_utc_s, until_utc_s, person FROM old_holdings",
    "INSERT INTO office_cards (site, tag, card, state, person, first_day, last_day, noted_utc_s)"
    " SELECT $1, tag, card, state, person, first_day, last_day, noted_utc_s FROM old_office_cards",
    "DROP TABLE old_journal",
    "DROP TABLE old_anomalies",
    "DROP TABLE old_devices",
    "DROP TABLE old_people",
    "DROP TABLE old_holdings",
    "DROP TABLE old_office_cards",
    NULL};

static int run_all(struct store_db *store, const char *const *steps)
{
    int result = ERR_OK;
    for (; *steps != NULL && result >= 0; steps++) {
        struct db_statement statement;
        result = store_db_prepare(store, &statement, *steps);
        if (result == ERR_OK)
            result = db_do(&statement);
        db_finalize(&statement);
    }
    return result < 0 ? result : ERR_OK;
}

int store_migrate_set_aside(struct store_db *store)
{
    return run_all(store, set_aside);
}

/* Fills in what a new column holds. */
static int fold_names(struct store_db *store)
{
    struct db_statement read = {0}, write = {0};
    char fold[PERSON_FOLD_SIZE];
    int result = db_prepare(&store->db, &read, "SELECT person, surname, first_name FROM people");
    if (result == ERR_OK)
        result = db_prepare(&store->db, &write, "UPDATE people SET fold = $2 WHERE person = $1");
    while (result >= 0 && (result = db_step(&read)) == DB_ROW) {
        person_fold(db_text(&read, 1), db_text(&read, 2), fold);
        db_bind_int(&write, 1, db_int(&read, 0));
        db_bind_text(&write, 2, fold);
        result = db_do(&write);
    }
    db_finalize(&read);
    db_finalize(&write);
    return result;
}

int store_migrate_copy(struct store_db *store, int64_t version)
{
    int result = run_all(store, version < 4 ? copy_version_3 : copy_version_4);
    if (result == ERR_OK)
        result = run_all(store, copy_people);
    return result == ERR_OK ? fold_names(store) : result;
}
