/*
 * The twin: the slot that is not running, brought to the running list in idle time, so that every block has
 * two copies; damaged blocks are rewritten from the other copy. For whitelist*.c alone.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_TWIN_H
#define FIRMWARE_WHITELIST_WHITELIST_TWIN_H

#include "firmware/whitelist/whitelist.h"

/* The part of whitelist_poll while no upload is under way; same results. */
int whitelist_twin_poll(struct whitelist *list) MUST_USE;

#endif
