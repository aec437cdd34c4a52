/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/gate_runs.h"

#include <stdio.h>

#include "tools/portillon/store/store_schema.h"

static const char sql[] =
    "SELECT * FROM (SELECT run, first_seq, last_seq, records, coalesce(last_time, ''), state = 'current',"
    "  (SELECT covered_seq FROM devices d WHERE d.site = r.site AND d.device = r.device)"
    " FROM runs r WHERE site = $1 AND device = $2 ORDER BY run DESC LIMIT $3) AS newest ORDER BY 1";

static void take(struct gate_runs *runs, struct db_statement *statement)
{
    struct gate_run *run = &runs->runs[runs->count++];
    *run = (struct gate_run){.run = (uint32_t)db_int(statement, 0),
                             .first_seq = (uint32_t)db_int(statement, 1),
                             .last_seq = (uint32_t)db_int(statement, 2),
                             .records = (uint32_t)db_int(statement, 3),
                             .is_current = db_int(statement, 5) != 0};
    snprintf(run->last_time, sizeof run->last_time, "%s", db_text(statement, 4));
    runs->covered = (uint32_t)db_int(statement, 6);
}

static int read_all(struct gate_runs *runs, struct store_db *store, const char *device)
{
    struct db_statement statement;
    int result = store_db_prepare(store, &statement, sql);
    if (result != ERR_OK)
        return result;
    db_bind_text(&statement, 2, device);
    db_bind_int(&statement, 3, GATE_RUNS_MAX);
    while ((result = db_step(&statement)) == DB_ROW)
        take(runs, &statement);
    db_finalize(&statement);
    return result;
}

int gate_runs_read(struct gate_runs *runs, const char *path, const uint8_t site_id[IDENTITY_SITE_ID_LEN],
                   const char *device)
{
    struct store_db store;
    *runs = (struct gate_runs){.count = 0};
    int result = store_schema_open_to_read(&store, path, site_id);
    if (result == ERR_OK)
        result = read_all(runs, &store, device);
    snprintf(runs->error, sizeof runs->error, "%s", store.db.error);
    db_close(&store.db);
    return result == ERR_OK ? ERR_OK : ERR_IO;
}
