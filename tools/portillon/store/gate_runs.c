/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/gate_runs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tools/portillon/store/store_db.h"

/* Not the view `runs`: a store that an older version made does not have it. */
static const char sql[] =
    "SELECT * FROM (SELECT j.run, min(j.seq), max(j.seq), count(*),"
    "  coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', max(j.utc_s), 'unixepoch'), ''), j.run = d.run, d.covered_seq"
    " FROM journal j JOIN devices d ON d.device = j.device WHERE j.device = ?1"
    " GROUP BY j.run ORDER BY j.run DESC LIMIT ?2) ORDER BY 1";

static void take(struct gate_runs *runs, sqlite3_stmt *statement)
{
    struct gate_run *run = &runs->runs[runs->count++];
    *run = (struct gate_run){.run = (uint32_t)sqlite3_column_int64(statement, 0),
                             .first_seq = (uint32_t)sqlite3_column_int64(statement, 1),
                             .last_seq = (uint32_t)sqlite3_column_int64(statement, 2),
                             .records = (uint32_t)sqlite3_column_int64(statement, 3),
                             .is_current = sqlite3_column_int(statement, 5) != 0};
    snprintf(run->last_time, sizeof run->last_time, "%s", (const char *)sqlite3_column_text(statement, 4));
    runs->covered = (uint32_t)sqlite3_column_int64(statement, 6);
}

static int read_all(struct gate_runs *runs, struct store_db *db, const char *device)
{
    sqlite3_stmt *statement = NULL;
    int stepped = SQLITE_DONE, result = store_db_prepare(db, &statement, sql);
    if (result != ERR_OK)
        return result;
    sqlite3_bind_text(statement, 1, device, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 2, GATE_RUNS_MAX);
    while ((stepped = sqlite3_step(statement)) == SQLITE_ROW)
        take(runs, statement);
    result = stepped == SQLITE_DONE ? ERR_OK : store_db_fail(db);
    sqlite3_finalize(statement);
    return result;
}

int gate_runs_read(struct gate_runs *runs, const char *path, const char *device)
{
    struct store_db db = {0};
    *runs = (struct gate_runs){.count = 0};
    int opened = sqlite3_open_v2(path, &db.sqlite, SQLITE_OPEN_READONLY, NULL);
    int result = opened == SQLITE_OK ? read_all(runs, &db, device) : store_db_fail(&db);
    snprintf(runs->error, sizeof runs->error, "%s", db.error);
    sqlite3_close(db.sqlite);
    return result == ERR_OK ? ERR_OK : ERR_IO;
}
