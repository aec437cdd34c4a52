/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables and views of the office's store as SQL texts, for both kinds of database. README.md describes
 * them for people who write queries.
 */
#ifndef TOOLS_PORTILLON_STORE_STORE_TABLES_H
#define TOOLS_PORTILLON_STORE_STORE_TABLES_H

#define STORE_VERSION 6

/* The number of the person who had the card of the journal row j at that time; NULL: nobody known. */
#define STORE_HOLDER_OF_J                                                                                    \
    "(SELECT h.person FROM holdings h WHERE h.site = j.site AND h.tag = j.tag AND (j.utc_s IS NULL"          \
    "  OR (h.since_utc_s <= j.utc_s AND (h.until_utc_s IS NULL OR j.utc_s < h.until_utc_s)))"                \
    " ORDER BY h.since_utc_s DESC LIMIT 1)"

/* Each ends with NULL. The columns bring a store of version 5 to version 6. */
extern const char *const store_columns_6[];
extern const char *const store_tables_sqlite[];
extern const char *const store_tables_postgres[];
extern const char *const store_views_sqlite[];
extern const char *const store_views_postgres[];

#endif
