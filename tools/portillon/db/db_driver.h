/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Defines what a kind of database must provide, so that the office's store is the same in SQLite and in
 * PostgreSQL. Everything else uses db.h. Both kinds get the same SQL, with parameters $1, $2 and so on. The
 * drivers are db_sqlite.h and db_postgres.h.
 */
#ifndef TOOLS_PORTILLON_DB_DB_DRIVER_H
#define TOOLS_PORTILLON_DB_DB_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define DB_PARAMETERS_MAX 20
#define DB_LOCK_WAIT_MS   10000 /* how long a call waits for another program */
#define DB_ROW            1     /* db_step has a row */

struct db_driver;

struct db {
    const struct db_driver *driver; /* NULL: not open */
    void *handle;                   /* the driver's connection */
    const char *where;              /* the caller's file name or URL, for messages */
    unsigned next_statement;        /* for names of prepared statements */
    char error[256];                /* the database's message for the last error, for people */
};

struct db_value {
    enum { DB_NULL, DB_INT, DB_TEXT, DB_BLOB } type;
    int64_t number;
    const void *data; /* of a text, which ends in '\0' when it was read; or of a blob */
    size_t len;
};

struct db_statement {
    struct db *db; /* NULL: not prepared */
    const char *sql;
    void *handle;                     /* the driver's statement */
    bool streams;                     /* rows may be left with the database until they are asked for */
    int64_t changes;                  /* rows that the last run changed */
    uint8_t order[DB_PARAMETERS_MAX]; /* of a driver that numbers parameters otherwise: which is which */
    struct db_value parameters[DB_PARAMETERS_MAX + 1]; /* from 1 */
};

/* The results are as in db.h. A driver sets db->error when it returns an error. */
struct db_driver {
    const char *name;
    void (*close)(struct db *db);
    int (*run)(struct db *db, const char *sql);
    int (*prepare)(struct db_statement *statement);
    int (*step)(struct db_statement *statement);
    void (*column)(struct db_statement *statement, int column, struct db_value *value);
    void (*reset)(struct db_statement *statement);
    void (*finalize)(struct db_statement *statement);
    /* Sends rows in the text format of COPY; NULL: the kind of database has no COPY. */
    int (*copy)(struct db *db, const char *sql, const char *rows, size_t len);
};

#endif
