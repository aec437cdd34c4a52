/* SPDX-License-Identifier: Apache-2.0 */
/* Drives SQLite for db.h. Calls block on the disk and on the lock of another program. */
#ifndef TOOLS_PORTILLON_DB_DB_SQLITE_H
#define TOOLS_PORTILLON_DB_DB_SQLITE_H

#include "tools/portillon/db/db_driver.h"

/* Opens a file. With is_writer it is made if it is not there; a new file and those beside it belong to their
 * owner alone. Without is_writer it is only read. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int db_sqlite_open(struct db *db, const char *path, bool is_writer) MUST_USE;

/* Returns the sqlite3 handle, for what only SQLite has; NULL for another kind of database. */
struct sqlite3 *db_sqlite_handle(const struct db *db);

#endif
