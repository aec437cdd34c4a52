/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database of the office's store: an SQLite file, or a PostgreSQL server by its URL. The same statements
 * run on both; db_is_server tells them apart where they differ.
 *
 * The caller owns the structs. SQL texts are constants of the program, and values go through parameters, so
 * that no SQL is built from text. Calls block on the disk or the server, and up to 10 s on the lock of
 * another program. An error is ERR_BUSY (locked by another program) or ERR_IO; db->error then has the
 * database's message.
 */
#ifndef TOOLS_PORTILLON_DB_DB_H
#define TOOLS_PORTILLON_DB_DB_H

#include "tools/portillon/db/db_driver.h"

/* Returns true if the name of a store is the URL of a PostgreSQL server. */
bool db_is_url(const char *where);

/* Opens a database. A file is made with mode 0600 if it is not there and is_writer; without is_writer it is
 * only read. where must live as long as db. The caller closes db also after an error. Returns ERR_OK or an
 * error; ERR_ARGUMENT if a URL holds a password, which other users of the computer could read. */
int db_open(struct db *db, const char *where, bool is_writer) MUST_USE;
/* Closes it. Does nothing if it was not opened. */
void db_close(struct db *db);
/* Returns true for a PostgreSQL server. */
bool db_is_server(const struct db *db);

/* Runs statements that have no parameters and return no rows. Returns ERR_OK or an error. */
int db_run(struct db *db, const char *sql) MUST_USE;

/* Begins a transaction in which this program alone writes what key names, "site" or "site/gate" for example:
 * an SQLite file as a whole, on a server only what has this key. Returns ERR_OK or an error. */
int db_begin(struct db *db, const char *key) MUST_USE;
/* Commits the transaction: it is on the disk when the call returns. After an error nothing of it is stored.
 * Returns ERR_OK or an error. */
int db_commit(struct db *db) MUST_USE;
/* Ends the transaction and stores nothing of it. */
void db_rollback(struct db *db);

/* Prepares a statement, which the caller finalizes. sql must live as long as the statement. Returns ERR_OK or
 * an error. */
int db_prepare(struct db *db, struct db_statement *statement, const char *sql) MUST_USE;
/* Makes a server send the rows one by one, where it would send all of them before the first db_step returns:
 * for many rows. No other statement may run on db until this one is reset or finalized. */
void db_stream(struct db_statement *statement);
/* Set a parameter, from 1. The bytes must live until the statement is reset. A NULL text is NULL. */
void db_bind_int(struct db_statement *statement, unsigned index, int64_t number);
void db_bind_text(struct db_statement *statement, unsigned index, const char *text);
void db_bind_blob(struct db_statement *statement, unsigned index, const void *data, size_t len);
/* Runs the statement up to its next row. Returns DB_ROW, ERR_OK (no more rows) or an error. */
int db_step(struct db_statement *statement) MUST_USE;
/* Runs a statement that returns no rows, and resets it. Returns the number of rows that it changed, or an
 * error. */
int db_do(struct db_statement *statement) MUST_USE;
/* Returns the statement to its beginning, without parameters. */
void db_reset(struct db_statement *statement);
/* Frees the statement. Does nothing if it was not prepared. */
void db_finalize(struct db_statement *statement);

/* Read a column of the row, from 0. Texts and blobs live until the next db_step or db_reset. A column that is
 * NULL reads as 0, "" or length 0. */
int64_t db_int(struct db_statement *statement, int column);
const char *db_text(struct db_statement *statement, int column);
const void *db_blob(struct db_statement *statement, int column, size_t *len);
bool db_is_null(struct db_statement *statement, int column);

/* A row number and a text for db_ask. */
struct db_question {
    const char *sql;
    const char *text; /* $1; may be NULL if sql has no $1 */
    int64_t number;   /* $2, if sql has it */
};
/* Runs a query that returns one number (NULL counts as 0). *answer is 0 if there is no row. Returns ERR_OK or
 * an error. */
int db_ask(struct db *db, const struct db_question *question, int64_t *answer) MUST_USE;

#endif
