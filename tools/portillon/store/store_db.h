/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds the SQLite handle of the office's store with the message of its last error. The caller owns the
 * struct. Calls block on the disk and on the lock of another program (store_schema.h).
 *
 * An error is ERR_BUSY (the file is locked by another program) or ERR_IO.
 */
#ifndef TOOLS_PORTILLON_STORE_STORE_DB_H
#define TOOLS_PORTILLON_STORE_STORE_DB_H

#include "hal/error.h"

struct sqlite3;
struct sqlite3_stmt;

struct store_db {
    struct sqlite3 *sqlite;
    const char *path; /* the caller's; for messages while it waits */
    char error[256];  /* SQLite's message for the last error */
};

/* Keeps SQLite's message for the call that just failed. Returns the error. */
int store_db_fail(struct store_db *db);
/* Runs statements that return no rows. Returns ERR_OK or an error. */
int store_db_run(struct store_db *db, const char *sql) MUST_USE;
/* Prepares a statement, which the caller finalizes. Returns ERR_OK or an error. */
int store_db_prepare(struct store_db *db, struct sqlite3_stmt **statement, const char *sql) MUST_USE;
/* Runs a prepared statement that returns no rows, then resets it and clears its bindings. Returns ERR_OK or
 * an error. */
int store_db_step(struct store_db *db, struct sqlite3_stmt *statement) MUST_USE;

#endif
