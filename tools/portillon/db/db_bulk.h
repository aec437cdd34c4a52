/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adds many rows to a table inside a transaction: by COPY to a server that allows it, otherwise by a
 * prepared INSERT. Rows
 * that break a constraint are an error, so the caller looks first. The caller owns the struct. db_bulk_flush
 * blocks on the server, db_bulk_row on the file.
 */
#ifndef TOOLS_PORTILLON_DB_DB_BULK_H
#define TOOLS_PORTILLON_DB_DB_BULK_H

#include "tools/portillon/db/db.h"

struct db_bulk {
    struct db *db;
    struct db_statement insert;
    const char *copy_sql;
    bool copies;
    char *rows; /* in the text format of COPY */
    size_t len, capacity;
};

/* Where rows go: insert_sql has a parameter for each column, copy_sql names the same columns. */
struct db_bulk_target {
    const char *table, *insert_sql, *copy_sql;
};

/* Prepares for a table. The texts of target must outlive bulk. Returns ERR_OK or an error of db.h. */
int db_bulk_open(struct db_bulk *bulk, struct db *db, const struct db_bulk_target *target) MUST_USE;
/* Adds a row. Returns ERR_OK, an error of db.h, or ERR_NO_SPACE. */
int db_bulk_row(struct db_bulk *bulk, const struct db_value *values, unsigned count) MUST_USE;
/* Sends the rows that are waiting. To be called before the commit. Returns ERR_OK or an error of db.h. */
int db_bulk_flush(struct db_bulk *bulk) MUST_USE;
/* Forgets the rows that are waiting: the transaction was rolled back. */
void db_bulk_drop(struct db_bulk *bulk);
/* Frees the memory. */
void db_bulk_close(struct db_bulk *bulk);

#endif
