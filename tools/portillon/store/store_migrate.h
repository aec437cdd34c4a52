/* SPDX-License-Identifier: Apache-2.0 */
/* Brings the tables of an older SQLite store into the present ones (store_tables.h). Blocks on the disk. */
#ifndef TOOLS_PORTILLON_STORE_STORE_MIGRATE_H
#define TOOLS_PORTILLON_STORE_STORE_MIGRATE_H

#include "tools/portillon/store/store_db.h"

/* Puts the tables of a version from 1 to 4 aside, inside a transaction, before the new ones are made. Returns
 * ERR_OK or an error of db.h. */
int store_migrate_set_aside(struct store_db *store) MUST_USE;
/* Copies them into the new tables, as rows of store->site, and drops them. Returns ERR_OK or an error of
 * db.h. */
int store_migrate_copy(struct store_db *store, int64_t version) MUST_USE;

#endif
