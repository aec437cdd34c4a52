/*
 * People who changed class between two files that give no id of theirs (INE or the like). By name and class
 * they are new; here they are found again, so that their loans and blocks stay theirs:
 *
 *   - somebody new, and somebody of the same name who is in no file any more, hold one and the same card;
 *   - or there is exactly one of each of that name.
 *
 * Of namesakes whom their cards do not tell apart nothing is guessed: they stay two people. Whoever has an id
 * in both files is known by it, whatever the name.
 */
#ifndef TOOLS_PORTILLON_STORE_PEOPLE_MOVED_H
#define TOOLS_PORTILLON_STORE_PEOPLE_MOVED_H

#include "tools/portillon/store/people_store.h"

#define PEOPLE_MOVED_DAYS 200 /* how long ago, at most, somebody was in a file: over a summer */

/* Once all files are read, before the commit; utc_s: the time they were noted under. *moved: how many were
 * found again. @retval ERR_OK, ERR_IO, ERR_BUSY. */
int people_moved_settle(struct people_store *store, int64_t utc_s, int64_t *moved) MUST_USE;

#endif
