/*
 * The replica: the slot that is not running, brought to the running list in idle time, so that every block
 * has two copies; damaged blocks are rewritten from the other copy. For whitelist*.c alone.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_REPLICA_H
#define FIRMWARE_WHITELIST_WHITELIST_REPLICA_H

#include "firmware/whitelist/whitelist_state.h"

/* Looks at one block of one slot (or a head) for damage, and has poll repair it; without a running list looks
 * for one. Call once a second: pauses are counted in these. */
void whitelist_scrub(struct whitelist *list);

/* The part of whitelist_poll while no upload is under way; same results. */
int whitelist_replica_poll(struct whitelist *list) MUST_USE;

#endif
