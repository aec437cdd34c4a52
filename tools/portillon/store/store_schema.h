/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens the office's store, and brings its tables and views (store_tables.h) up to date: an SQLite file, or a
 * database on a PostgreSQL server. One store may hold several sites. Blocks on the disk, on the server and on
 * the lock of another program.
 */
#ifndef TOOLS_PORTILLON_STORE_STORE_SCHEMA_H
#define TOOLS_PORTILLON_STORE_STORE_SCHEMA_H

#include "tools/portillon/store/store_db.h"

/* Opens a store for a site, and adds the tables and views that are missing. A file is made with mode 0600
 * (and it is said if others can read an old one). site_id NULL: the only site that the store has. The
 * caller closes store->db also after an error. Returns ERR_OK or, with store->db.error set, ERR_IO (it
 * cannot be opened, or is no database), ERR_BUSY (locked for more than 10 s), ERR_UNSUPPORTED (made by a
 * newer version, or the database of another program) or ERR_ARGUMENT (no site was given and the store has
 * several, or a URL holds a password). */
int store_schema_open(struct store_db *store, const char *where,
                      const uint8_t site_id[IDENTITY_SITE_ID_LEN]) MUST_USE;
/* Opens a store that exists, only to read it: also a file that cannot be written, or that another program is
 * about to change. A store of an older version is opened as above. Returns the same results. */
int store_schema_open_to_read(struct store_db *store, const char *where,
                              const uint8_t site_id[IDENTITY_SITE_ID_LEN]) MUST_USE;

#endif
