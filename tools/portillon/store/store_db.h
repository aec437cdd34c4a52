/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The office's store as its users hold it: the database, and the site whose rows they see. In every statement
 * on it $1 is the site. The caller owns the struct.
 */
#ifndef TOOLS_PORTILLON_STORE_STORE_DB_H
#define TOOLS_PORTILLON_STORE_STORE_DB_H

#include "firmware/crypto/identity.h"
#include "tools/portillon/db/db.h"

#define STORE_SITE_SIZE (2 * IDENTITY_SITE_ID_LEN + 1)

struct store_db {
    struct db db;
    char site[STORE_SITE_SIZE]; /* the site id in hexadecimal (identity.h) */
};

/* Prepares a statement and binds the site to $1. The caller finalizes it. Returns ERR_OK or an error of
 * db.h. */
int store_db_prepare(struct store_db *store, struct db_statement *statement, const char *sql) MUST_USE;
/* Runs a statement that returns no rows, resets it and binds the site again. Returns the number of rows that
 * it changed, or an error of db.h. */
int store_db_do(const struct store_db *store, struct db_statement *statement) MUST_USE;
/* Resets a statement and binds the site again. */
void store_db_reset(const struct store_db *store, struct db_statement *statement);

#endif
