/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/store_schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/secret_file.h"
#include "tools/portillon/store/store_migrate.h"
#include "tools/portillon/store/store_tables.h"

#define MONTHS_AHEAD 2 /* a server has the tables of the months around the present one */
#define MONTHS_BACK  4

#define QUOTE(number)   #number
#define TEXT_OF(number) QUOTE(number)

static int ask(struct store_db *store, const char *sql, int64_t *answer)
{
    return db_ask(&store->db, &(struct db_question){.sql = sql, .text = store->site}, answer);
}

static int read_version(struct store_db *store, int64_t *version)
{
    if (!db_is_server(&store->db))
        return ask(store, "PRAGMA user_version", version);
    int64_t is_there = 0;
    int result = ask(store, "SELECT to_regclass('portillon_schema') IS NOT NULL", &is_there);
    *version = 0;
    return result == ERR_OK && is_there ? ask(store, "SELECT max(version) FROM portillon_schema", version)
                                        : result;
}

/* Returns ERR_OK if the tables are ours, or there are none yet; ERR_UNSUPPORTED if the database belongs to
 * another program. A server's database may hold tables of others beside ours, but not under our names. */
static int check_tables(struct store_db *store, int64_t version)
{
    bool is_server = db_is_server(&store->db);
    int64_t any = 0, ours = 0;
    int result =
        ask(store,
            is_server ? "SELECT count(*) FROM information_schema.tables WHERE table_schema = "
                        "current_schema() AND table_name IN ('journal', 'people', 'devices', 'sites')"
                      : "SELECT count(*) FROM sqlite_master WHERE type = 'table'",
            &any);
    if (result == ERR_OK)
        result = ask(store,
                     is_server ? "SELECT count(*) FROM information_schema.tables WHERE table_schema = "
                                 "current_schema() AND table_name IN ('journal', 'anomalies', 'devices')"
                               : "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN "
                                 "('journal', 'anomalies', 'devices')",
                     &ours);
    if (result != ERR_OK || (version == 0 ? any == 0 : ours == 3))
        return result;
    snprintf(store->db.error, sizeof store->db.error,
             _("is the database of another program, and was left alone"));
    return ERR_UNSUPPORTED;
}

static int check_version(struct store_db *store, int64_t *version)
{
    int result = read_version(store, version);
    if (result != ERR_OK || *version <= STORE_VERSION)
        return result == ERR_OK ? check_tables(store, *version) : result;
    snprintf(store->db.error, sizeof store->db.error,
             _("made by a newer version of this tool (schema %" PRId64 ")"), *version);
    return ERR_UNSUPPORTED;
}

static int run_all(struct store_db *store, const char *const *steps)
{
    int result = ERR_OK;
    while (*steps != NULL && result == ERR_OK)
        result = db_run(&store->db, *steps++);
    return result;
}

/* Makes the tables that are missing. */
static int bring_up_to_date(struct store_db *store, int64_t version)
{
    bool is_server = db_is_server(&store->db), is_old = version > 0 && version < 5; /* a file */
    int result = is_old ? store_migrate_set_aside(store) : ERR_OK;
    if (result == ERR_OK)
        result = run_all(store, is_server ? store_tables_postgres : store_tables_sqlite);
    if (result == ERR_OK && is_old)
        result = store_migrate_copy(store, version);
    if (result == ERR_OK && version == 5)
        result = run_all(store, store_columns_6);
    if (result == ERR_OK)
        result = run_all(store, is_server ? store_views_postgres : store_views_sqlite);
    if (result != ERR_OK)
        return result;
    return db_run(&store->db,
                  is_server ? "DELETE FROM portillon_schema;"
                              "INSERT INTO portillon_schema (version) VALUES (" TEXT_OF(STORE_VERSION) ")"
                            : "PRAGMA user_version = " TEXT_OF(STORE_VERSION));
}

/* --- the site --- */

static void write_site(struct store_db *store, const uint8_t *site_id)
{
    store->site[0] = '\0';
    for (size_t i = 0; site_id != NULL && i < IDENTITY_SITE_ID_LEN; i++)
        snprintf(store->site + 2 * i, 3, "%02x", site_id[i]);
}

/* Finds the only site of the store. */
static int find_only_site(struct store_db *store)
{
    struct db_statement statement;
    int64_t count = 0;
    int result = ask(store, "SELECT count(*) FROM sites", &count);
    if (result != ERR_OK || count == 0)
        return result;
    if (count > 1) {
        snprintf(store->db.error, sizeof store->db.error,
                 _("holds %" PRId64 " sites: --site DIR says which one is meant"), count);
        return ERR_ARGUMENT;
    }
    result = db_prepare(&store->db, &statement, "SELECT site FROM sites");
    if (result != ERR_OK)
        return result;
    result = db_step(&statement);
    if (result == DB_ROW)
        snprintf(store->site, sizeof store->site, "%s", db_text(&statement, 0));
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

/* Gives the site the rows of a store that was made without naming one. */
static int adopt(struct store_db *store)
{
    static const char *const steps[] = {
        "UPDATE journal SET site = $1 WHERE site = ''",  "UPDATE anomalies SET site = $1 WHERE site = ''",
        "UPDATE devices SET site = $1 WHERE site = ''",  "UPDATE people SET site = $1 WHERE site = ''",
        "UPDATE holdings SET site = $1 WHERE site = ''", "UPDATE office_cards SET site = $1 WHERE site = ''",
        "UPDATE sites SET site = $1 WHERE site = ''"};
    int result = ERR_OK;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && result >= 0; i++) {
        struct db_statement statement;
        result = store_db_prepare(store, &statement, steps[i]);
        if (result == ERR_OK)
            result = db_do(&statement);
        db_finalize(&statement);
    }
    return result < 0 ? result : ERR_OK;
}

static int add_site(struct store_db *store)
{
    struct db_statement statement;
    int result = store_db_prepare(store, &statement, "INSERT INTO sites (site, name) VALUES ($1, '')");
    if (result == ERR_OK)
        result = db_do(&statement);
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

static int choose_site(struct store_db *store, const uint8_t *site_id)
{
    int64_t is_known = 0, unnamed = 0;
    write_site(store, site_id);
    int result = site_id != NULL ? ERR_OK : find_only_site(store);
    if (result == ERR_OK)
        result = ask(store, "SELECT count(*) FROM sites WHERE site = $1", &is_known);
    if (result == ERR_OK)
        result = ask(store, "SELECT count(*) FROM sites WHERE site = ''", &unnamed);
    if (result != ERR_OK || is_known != 0)
        return result;
    return unnamed != 0 ? adopt(store) : add_site(store);
}

static int choose_site_to_read(struct store_db *store, const uint8_t *site_id)
{
    int64_t is_known = 0, unnamed = 0;
    write_site(store, site_id);
    if (site_id == NULL)
        return find_only_site(store);
    int result = ask(store, "SELECT count(*) FROM sites WHERE site = $1", &is_known);
    if (result == ERR_OK)
        result = ask(store, "SELECT count(*) FROM sites WHERE site = ''", &unnamed);
    if (is_known == 0 && unnamed != 0)
        store->site[0] = '\0';
    return result;
}

/* --- opening --- */

static int make_months(struct store_db *store)
{
    time_t now = time(NULL);
    struct tm day;
    int64_t ignored;
    gmtime_r(&now, &day);
    int result = ERR_OK, first = 12 * (day.tm_year + 1900) + day.tm_mon - MONTHS_BACK;
    for (int month = first; month <= first + MONTHS_BACK + MONTHS_AHEAD && result == ERR_OK; month++)
        result =
            db_ask(&store->db,
                   &(struct db_question){.sql = "SELECT portillon_month($2) FROM (SELECT $1::TEXT) AS unused",
                                         .number = 100 * (month / 12) + month % 12 + 1},
                   &ignored);
    return result;
}

static int open_to_write(struct store_db *store, const uint8_t *site_id)
{
    int64_t version = 0;
    int result = check_version(store, &version);
    if (result == ERR_OK)
        write_site(store, site_id);
    if (result == ERR_OK && version < STORE_VERSION)
        result = bring_up_to_date(store, version);
    if (result == ERR_OK)
        result = choose_site(store, site_id);
    if (result == ERR_OK && db_is_server(&store->db))
        result = make_months(store);
    return result;
}

int store_schema_open(struct store_db *store, const char *where, const uint8_t site_id[IDENTITY_SITE_ID_LEN])
{
    memset(store, 0, sizeof *store);
    if (!db_is_url(where))
        secret_file_check("store", where, _("the passages and names in it"));
    int result = db_open(&store->db, where, true);
    if (result == ERR_OK)
        result = db_begin(&store->db, "schema"); /* another program may be changing the tables */
    if (result != ERR_OK)
        return result;
    result = open_to_write(store, site_id);
    if (result == ERR_OK)
        return db_commit(&store->db);
    db_rollback(&store->db);
    return result;
}

int store_schema_open_to_read(struct store_db *store, const char *where,
                              const uint8_t site_id[IDENTITY_SITE_ID_LEN])
{
    int64_t version = 0;
    memset(store, 0, sizeof *store);
    int result = db_open(&store->db, where, false);
    if (result == ERR_OK)
        result = read_version(store, &version);
    if (result != ERR_OK)
        return result;
    if (version == STORE_VERSION) {
        if (!db_is_url(where))
            secret_file_check("store", where, _("the passages and names in it"));
        result = check_tables(store, version);
        return result == ERR_OK ? choose_site_to_read(store, site_id) : result;
    }
    db_close(&store->db); /* another version, which is brought up to date or refused */
    return store_schema_open(store, where, site_id);
}
