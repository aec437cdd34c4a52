/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets only one `portillon sync` at a time work on a site. The lock is on the file sync.lock of the site
 * folder, which stays; it names the program that has it. The lock ends with that program, however it ends.
 */
#ifndef TOOLS_PORTILLON_SYNC_SYNC_LOCK_H
#define TOOLS_PORTILLON_SYNC_SYNC_LOCK_H

#define SYNC_LOCK_FILE "sync.lock"

/* Takes the lock for this process and its children. In a folder that cannot be written it prints that
 * there is none, and goes on. Returns COMMAND_OK, or COMMAND_FAILED after printing who has the lock. */
int sync_lock_take(const char *command, const char *folder);

#endif
