/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that looks after one gate. libcoap, the signal flag and the progress of an upload are one a
 * process, so each gate has a process of its own. What it has to tell goes to its parent (sync_message.h). It
 * ends when the parent ends, and on SIGTERM at a point where nothing is lost.
 */
#ifndef TOOLS_PORTILLON_SYNC_SYNC_CHILD_H
#define TOOLS_PORTILLON_SYNC_SYNC_CHILD_H

#include <sys/types.h>

#include "tools/portillon/sync/sync_pass.h"

/* Starts the process. The caller has no database open and no other thread. Returns its id, with *fd the
 * socket of its messages, or -1. */
pid_t sync_child_start(const struct sync_job *job, const struct sync_place *place, int *fd);

#endif
