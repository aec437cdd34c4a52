/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/store_db.h"

#include <sqlite3.h>
#include <stdio.h>

int store_db_fail(struct store_db *db)
{
    snprintf(db->error, sizeof db->error, "%s",
             db->sqlite != NULL ? sqlite3_errmsg(db->sqlite) : "out of memory");
    int code = db->sqlite != NULL ? sqlite3_errcode(db->sqlite) & 0xFF : SQLITE_NOMEM;
    if (code == SQLITE_BUSY)
        snprintf(db->error, sizeof db->error, "another program uses it: close that program, or wait");
    return code == SQLITE_BUSY || code == SQLITE_LOCKED ? ERR_BUSY : ERR_IO;
}

int store_db_run(struct store_db *db, const char *sql)
{
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : store_db_fail(db);
}

int store_db_prepare(struct store_db *db, sqlite3_stmt **statement, const char *sql)
{
    return sqlite3_prepare_v2(db->sqlite, sql, -1, statement, NULL) == SQLITE_OK ? ERR_OK : store_db_fail(db);
}

int store_db_step(struct store_db *db, sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement) == SQLITE_DONE ? ERR_OK : store_db_fail(db);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}
