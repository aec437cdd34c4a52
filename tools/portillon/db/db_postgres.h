/* SPDX-License-Identifier: Apache-2.0 */
/* Drives PostgreSQL for db.h, through libpq. All rows of an answer are in memory until the statement is
 * reset, but for db_stream. Calls block on the server. */
#ifndef TOOLS_PORTILLON_DB_DB_POSTGRES_H
#define TOOLS_PORTILLON_DB_DB_POSTGRES_H

#include "tools/portillon/db/db_driver.h"

/* Connects to a server. The password comes from ~/.pgpass, a service file or the environment, as libpq
 * documents it (PostgreSQL manual, "libpq: The Password File"). Returns ERR_OK, ERR_IO, ERR_BUSY, or
 * ERR_ARGUMENT if the URL is malformed or holds a password. */
int db_postgres_open(struct db *db, const char *url) MUST_USE;

#endif
