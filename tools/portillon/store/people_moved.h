/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognises people who changed class between two files without id column (INE or similar). By name and class
 * they are new people. This module finds the person they were, so that they keep their loans and blocks. A
 * new person and an earlier person of the same name, who is in no file any more, are the same
 *
 *   - if both hold the same card;
 *   - or if there is exactly one of each with that name.
 *
 * Namesakes whom their cards do not distinguish stay two people: nothing is guessed. People with an id in
 * both files are matched by that id, whatever their name.
 *
 * Blocks on the disk.
 */
#ifndef TOOLS_PORTILLON_STORE_PEOPLE_MOVED_H
#define TOOLS_PORTILLON_STORE_PEOPLE_MOVED_H

#include "tools/portillon/store/people_store.h"

#define PEOPLE_MOVED_DAYS 200 /* how long ago, at most, the earlier person was in a file: over a summer */

/* Merges the people who moved. It is called when all files are read, before the commit. utc_s is the time
 * under which the people were stored. *moved receives their number. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int people_moved_settle(struct people_store *store, int64_t utc_s, int64_t *moved) MUST_USE;

#endif
