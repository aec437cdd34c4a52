/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/people_moved.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tools/portillon/common/text_fold.h"

#define HAS_ID(row) row ".key LIKE 'id:%'"

/* gone: people who are in no file any more. come: people of the same name who are new. */
static const char prepare_sql[] =
    "CREATE TEMP TABLE gone AS SELECT person, key, name_of(surname, first_name) AS name FROM people"
    " WHERE person <= (SELECT last FROM known) AND seen_utc_s < (SELECT now FROM known)"
    "  AND seen_utc_s >= (SELECT now FROM known) - " /* PEOPLE_MOVED_DAYS */ "%d * 86400;"
    "CREATE INDEX temp.gone_names ON gone (name);"
    "CREATE TEMP TABLE come AS SELECT p.*, name_of(surname, first_name) AS name FROM people p"
    " WHERE person > (SELECT last FROM known) AND EXISTS (SELECT 1 FROM gone)"
    "  AND name_of(surname, first_name) IN (SELECT name FROM gone);"
    "CREATE INDEX temp.come_names ON come (name);"
    "CREATE TEMP TABLE moved (old INTEGER PRIMARY KEY, new INTEGER UNIQUE);";

static const char by_card_sql[] =
    "INSERT OR IGNORE INTO moved SELECT g.person, c.person FROM come c"
    " JOIN holdings h ON h.person = c.person AND h.until_utc_s IS NULL"
    " JOIN holdings b ON b.tag = h.tag AND b.until_utc_s = (SELECT now FROM known)"
    " JOIN gone g ON g.person = b.person AND g.name = c.name"
    " WHERE NOT (" HAS_ID("g") " AND " HAS_ID("c") ");";

static const char by_name_sql[] =
    "INSERT OR IGNORE INTO moved SELECT min(g.person), min(c.person) FROM come c JOIN gone g ON g.name = "
    "c.name"
    " WHERE c.person NOT IN (SELECT new FROM moved) AND g.person NOT IN (SELECT old FROM moved)"
    "  AND NOT (" HAS_ID("g") " AND " HAS_ID("c") ")"
                                                  " GROUP BY c.name HAVING count(*) = 1;";

static const char merge_sql[] =
    "UPDATE holdings SET person = (SELECT old FROM moved WHERE new = person)"
    " WHERE person IN (SELECT new FROM moved);"
    "DELETE FROM people WHERE person IN (SELECT new FROM moved);"
    "UPDATE people SET key = c.key, surname = c.surname, first_name = c.first_name, class = c.class,"
    " profile = c.profile, weekdays = c.weekdays, passages = c.passages, seen_utc_s = c.seen_utc_s"
    " FROM moved m JOIN come c ON c.person = m.new WHERE people.person = m.old;";

static const char clean_up_sql[] = "DROP TABLE IF EXISTS temp.gone; DROP TABLE IF EXISTS temp.come;"
                                   "DROP TABLE IF EXISTS temp.moved; DROP TABLE IF EXISTS temp.known;";

/* Implements name_of(surname, first_name): both folded, so that case and accents do not matter. */
static void name_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    char name[2 * 128 + 2];
    size_t used = 0;
    for (int i = 0; i < count; i++) {
        const char *text = (const char *)sqlite3_value_text(values[i]);
        used += text != NULL ? text_fold(text, strlen(text), name + used, 128) : 0;
        name[used++] = ':';
    }
    sqlite3_result_text(context, name, (int)used, SQLITE_TRANSIENT);
}

int people_moved_settle(struct people_store *store, int64_t utc_s, int64_t *moved)
{
    char known_sql[200], table_sql[sizeof prepare_sql + 16];
    *moved = 0;
    snprintf(known_sql, sizeof known_sql, "CREATE TEMP TABLE known AS SELECT %lld AS last, %lld AS now;",
             (long long)store->last_person, (long long)utc_s);
    snprintf(table_sql, sizeof table_sql, prepare_sql, PEOPLE_MOVED_DAYS);
    const char *const steps[] = {known_sql, table_sql, by_card_sql, by_name_sql, merge_sql, clean_up_sql};
    int code = sqlite3_create_function(store->db.sqlite, "name_of", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                       NULL, name_of, NULL, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < sizeof steps / sizeof steps[0]; i++) {
        code = sqlite3_exec(store->db.sqlite, steps[i], NULL, NULL, NULL);
        if (steps[i] == merge_sql)
            *moved = sqlite3_changes64(store->db.sqlite);
    }
    return code == SQLITE_OK ? ERR_OK : store_db_fail(&store->db);
}
