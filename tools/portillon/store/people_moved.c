/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/people_moved.h"

#include <stddef.h>

#define HAS_ID(row) row ".key LIKE 'id:%'"

/* gone: people who are in no file any more. come: people of the same name who are new. */
static const char *const tables[] = {
    "CREATE TEMP TABLE gone (person BIGINT, key TEXT, fold TEXT)",
    "CREATE TEMP TABLE come (person BIGINT, key TEXT, fold TEXT)",
    "CREATE INDEX gone_folds ON gone (fold)",
    "CREATE INDEX come_folds ON come (fold)",
    "CREATE TEMP TABLE moved (old BIGINT PRIMARY KEY, new BIGINT UNIQUE)",
};

static const char *const clean_up[] = {"DROP TABLE gone", "DROP TABLE come", "DROP TABLE moved"};

/* $2: the highest person number before the files. $3: the time under which the people of the files were
 * stored. $4: the earliest time at which the earlier person was in a file. A server wants each number up
 * to the highest to be used. */
static const char *const steps[] = {
    "INSERT INTO gone (person, key, fold) SELECT person, key, fold FROM people"
    " WHERE site = $1 AND person <= $2 AND left_utc_s IS NOT NULL AND seen_utc_s < $3"
    " AND seen_utc_s >= $4",
    "INSERT INTO come (person, key, fold) SELECT person, key, fold FROM people"
    " WHERE site = $1 AND person > $2 AND fold IN (SELECT fold FROM gone)",
    /* They hold the same card. */
    "INSERT INTO moved (old, new) SELECT g.person, c.person FROM come c"
    " JOIN holdings h ON h.site = $1 AND h.person = c.person AND h.until_utc_s IS NULL"
    " JOIN holdings b ON b.site = $1 AND b.tag = h.tag AND b.until_utc_s = $3"
    " JOIN gone g ON g.person = b.person AND g.person <= $2 AND g.fold = c.fold"
    " WHERE NOT (" HAS_ID("g") " AND " HAS_ID("c") ") ON CONFLICT DO NOTHING",
    /* There is one of each. */
    "INSERT INTO moved (old, new) SELECT min(g.person), min(c.person) FROM come c JOIN gone g ON g.fold = "
    "c.fold"
    " WHERE c.person NOT IN (SELECT new FROM moved) AND g.person NOT IN (SELECT old FROM moved)"
    "  AND NOT (" HAS_ID("g") " AND " HAS_ID(
        "c") ")"
             " GROUP BY c.fold HAVING count(*) = 1 ON CONFLICT DO NOTHING",
    "UPDATE holdings SET person = (SELECT old FROM moved WHERE new = person)"
    " WHERE site = $1 AND person IN (SELECT new FROM moved)",
    /* The new rows go before the old ones take their keys over. */
    "CREATE TEMP TABLE data AS SELECT m.old, p.key, p.surname, p.first_name, p.class, p.profile, p.weekdays,"
    " p.passages, p.seen_utc_s, p.left_utc_s, p.first_day, p.last_day FROM moved m JOIN people p ON p.person "
    "= m.new",
    "DELETE FROM people WHERE site = $1 AND person IN (SELECT new FROM moved)",
    "UPDATE people SET key = d.key, surname = d.surname, first_name = d.first_name, class = d.class,"
    " profile = d.profile, weekdays = d.weekdays, passages = d.passages, seen_utc_s = d.seen_utc_s,"
    " left_utc_s = d.left_utc_s, first_day = d.first_day, last_day = d.last_day"
    " FROM data d WHERE people.site = $1 AND people.person = d.old",
    "DROP TABLE data",
};
#define MERGE_STEP 7 /* its changes are the people who moved */

static int run(struct people_store *store, const char *sql, int64_t utc_s)
{
    struct db_statement statement;
    int result = store_db_prepare(&store->db, &statement, sql);
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, store->last_person);
    db_bind_int(&statement, 3, utc_s);
    db_bind_int(&statement, 4, utc_s - PEOPLE_MOVED_DAYS * 86400LL);
    result = db_do(&statement);
    db_finalize(&statement);
    return result;
}

static int run_plain(struct people_store *store, const char *const *list, size_t count)
{
    int result = ERR_OK;
    for (size_t i = 0; i < count && result == ERR_OK; i++)
        result = db_run(&store->db.db, list[i]);
    return result;
}

static int tell_moves(struct people_store *store, people_moved_callback *callback, void *ctx)
{
    struct db_statement row;
    int result = db_prepare(&store->db.db, &row, "SELECT new, old FROM moved ORDER BY new");
    while (result == ERR_OK && (result = db_step(&row)) == DB_ROW)
        result = callback(ctx, db_int(&row, 0), db_int(&row, 1));
    db_finalize(&row);
    return result;
}

int people_moved_settle(struct people_store *store, int64_t utc_s, people_moved_callback *callback, void *ctx,
                        int64_t *moved)
{
    int result = run_plain(store, tables, sizeof tables / sizeof tables[0]);
    *moved = 0;
    for (size_t i = 0; result >= 0 && i < sizeof steps / sizeof steps[0]; i++) {
        result = run(store, steps[i], utc_s);
        if (i == MERGE_STEP && result > 0)
            *moved = result;
    }
    if (*moved > 0 && result >= 0)
        result = tell_moves(store, callback, ctx);
    return result < 0 ? result : run_plain(store, clean_up, sizeof clean_up / sizeof clean_up[0]);
}
