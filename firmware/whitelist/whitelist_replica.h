/*
 * Makes the replica: writes the active list to the standby slot in idle time, so that each block has two
 * copies, and rewrites damaged blocks from the other copy. Only for whitelist*.c and the module that calls
 * whitelist_scrub. A call blocks for the work of one block, or for several reads of a manifest.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_REPLICA_H
#define FIRMWARE_WHITELIST_WHITELIST_REPLICA_H

#include "firmware/whitelist/whitelist_state.h"

/* Checks one block of one slot, or one manifest, for damage; whitelist_poll then repairs it. If no list is
 * active, rescans the slots for one. Call it once a second: back-off times are counted in these calls. */
void whitelist_scrub(struct whitelist *list);

/* Does the part of whitelist_poll while no upload is in progress. Returns the same results. */
int whitelist_replica_poll(struct whitelist *list) MUST_USE;

#endif
