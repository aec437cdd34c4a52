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

/* The person whom the files brought in under one number is the one who had another. Returns ERR_OK to go
 * on. */
typedef int people_moved_callback(void *ctx, int64_t new_number, int64_t number);

/* Merges the people who moved. It is called when all files are read and those who are in none of them have
 * left, before the commit. utc_s is the time under which the people were stored. callback is called for each,
 * in the order of the new numbers, which nobody has any more. *moved receives their number. Returns ERR_OK,
 * ERR_IO, ERR_BUSY, or the value other than ERR_OK that the callback returned. */
int people_moved_settle(struct people_store *store, int64_t utc_s, people_moved_callback *callback, void *ctx,
                        int64_t *moved) MUST_USE;

#endif
