/*
 * The tables and views of the office's store, one SQLite file: passages of all gates, and who has which card.
 * README.md describes them for people who write queries.
 */
#ifndef TOOLS_PORTILLON_STORE_STORE_SCHEMA_H
#define TOOLS_PORTILLON_STORE_STORE_SCHEMA_H

#include <stddef.h>

#include "hal/error.h"

struct sqlite3;

/* Opens or makes the file, with what is missing in it. *db is the caller's to close also after an error,
 * which is then said in error. @retval ERR_OK, ERR_IO (cannot open, not a database), ERR_BUSY (locked for
 * over 10 s), ERR_UNSUPPORTED (made by a newer version). */
int store_schema_open(const char *path, struct sqlite3 **db, char *error, size_t error_size) MUST_USE;

#endif
