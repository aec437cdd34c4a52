/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the replica: writes the active list to the standby slot (the slot that is not active) in idle time,
 * so that each block has two copies, and rewrites damaged blocks from the other copy. Included by
 * whitelist*.c, and by portillon_storage.c for whitelist_scrub.
 *
 * A call of whitelist_replica_poll blocks for one step of the work on a block (whitelist_fill.h), or for
 * several reads of a manifest (whitelist.h): up to four when a check finds damage. So does whitelist_scrub if
 * it is the turn of a manifest. A rescan searches both slots as whitelist_mount does.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_REPLICA_H
#define FIRMWARE_WHITELIST_WHITELIST_REPLICA_H

#include "firmware/whitelist/whitelist_state.h"

/* Checks the next manifest, or starts to check the next block, of both slots in turn. Call it once a second:
 * back-off times are counted in these calls.
 *
 * whitelist_poll reads the block and repairs a damaged one. It discards a slot with a damaged
 * manifest if the manifest of the other slot is intact. If that slot was active, the other one becomes
 * active.
 *
 * It checks nothing while the module backs off, while the replica is incomplete, while a repair waits or is
 * in progress, and while an upload is preparing or receiving.
 *
 * If no list is active and no upload is in progress, it rescans the slots. This may make a list active, or
 * continue an upload that a restart interrupted. */
void whitelist_scrub(struct whitelist *list);

/* Does the part of whitelist_poll while no upload is in progress. Returns ERR_OK (nothing to do now: no list
 * is active, the module backs off, or the replica is whole), ERR_BUSY, WHITELIST_REPAIRED. ERR_OK does not
 * mean that the replica is complete: see whitelist_health. */
int whitelist_replica_poll(struct whitelist *list) MUST_USE;

#endif
