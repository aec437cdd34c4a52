/*
 * Finding lists in flash, at start-up and again: a chip may read as nonsense for a while, and nothing is to
 * be erased, no list given up, because it was not seen once. For whitelist*.c alone.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_LOOK_H
#define FIRMWARE_WHITELIST_WHITELIST_LOOK_H

#include "firmware/whitelist/whitelist_state.h"

/* Loads both slots, has the newest committed list run, and goes on with an upload that a restart cut short.
 */
void whitelist_look(struct whitelist *list);

enum { WHITELIST_LOOK_TAKEN_UP = 1 };

/* Reads the slot that does not run once more, before it is erased, and takes up what is of value there.
 * @retval ERR_OK (nothing is, but the head of the running list may stand there), WHITELIST_LOOK_TAKEN_UP
 * (a replica, a newer list or an upload was taken up), ERR_IO (the chip does not read true now). */
int whitelist_look_at_other(struct whitelist *list) MUST_USE;

/* Has the slot run whose head is whole, where the other has the same list and a damaged head.
 * @retval ERR_OK (the running one is whole, or is so now), ERR_CORRUPT (it is not, nor does the other help).
 */
int whitelist_look_at_heads(struct whitelist *list) MUST_USE;

/* A damaged head: its slot no longer counts; the other, which holds the same list, runs. */
void whitelist_look_lose(struct whitelist *list, int slot);

#endif
