/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Defines the tables and views of the office's store, one SQLite file: the passages of all gates, and who has
 * which card. README.md describes them for people who write queries. The caller owns the database.
 * Blocks on the disk and on the lock of another program.
 */
#ifndef TOOLS_PORTILLON_STORE_STORE_SCHEMA_H
#define TOOLS_PORTILLON_STORE_STORE_SCHEMA_H

#include "tools/portillon/store/store_db.h"

/* Opens the file, or makes it with mode 0600 (and says so if others can read an old one), and adds the tables
 * and views that are missing. The caller closes db->sqlite also after an error. Returns ERR_OK or, with
 * db->error set, ERR_IO (it cannot be opened, or is no database), ERR_BUSY (locked for more than 10 s) or
 * ERR_UNSUPPORTED (made by a newer version, or the database of another program). */
int store_schema_open(struct store_db *db, const char *path) MUST_USE;
/* Opens a file that exists, only to read it: also one that cannot be written, or that another program is
 * about to change. A store of an older version is opened as above. Returns the same results. */
int store_schema_open_to_read(struct store_db *db, const char *path) MUST_USE;

#endif
