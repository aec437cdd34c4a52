/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite on the counted chip, through a VFS of its own: files are kept in memory, and what SQLite asks for is
 * charged to a nor_model. The mapping flatters SQLite: each xRead is one read command; each xWrite programs
 * its bytes once, into pages that happen to be erased; sync, truncation, deletion, and all that a translation
 * layer under a file system must do besides (mapping, moving, erasing) cost nothing.
 */
#ifndef TESTS_BENCH_PEER_SQLITE_H
#define TESTS_BENCH_PEER_SQLITE_H

#include <sqlite3.h>

#include "tests/fakes/nor_model.h"

/* Registers the VFS "counted" on a chip that lives as long as the program; files of an earlier use are gone.
 */
void peer_sqlite_register(struct nor_model *nor);
/* Opens a database on it. setup: SQL to begin with. Ends the program when anything fails, as all here do. */
sqlite3 *peer_sqlite_open(const char *setup);
void peer_sqlite_run(sqlite3 *db, const char *sql);
void peer_sqlite_must(sqlite3 *db, int good);

#endif
