/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables and views of the office's store as SQL texts, for both kinds of database. README.md describes
 * them for people who write queries.
 */
#ifndef TOOLS_PORTILLON_STORE_STORE_TABLES_H
#define TOOLS_PORTILLON_STORE_STORE_TABLES_H

#define STORE_VERSION 5

/* Each ends with NULL. */
extern const char *const store_tables_sqlite[];
extern const char *const store_tables_postgres[];
extern const char *const store_views_sqlite[];
extern const char *const store_views_postgres[];

#endif
