/*
 * Scans the flash for lists, at start-up and later. A chip may return wrong data for some time. Therefore a
 * slot is rescanned before it is erased or its list is discarded. Only for whitelist*.c. The functions block
 * for several reads of a manifest (64 KiB at most).
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_LOOK_H
#define FIRMWARE_WHITELIST_WHITELIST_LOOK_H

#include "firmware/whitelist/whitelist_state.h"

/* Loads both slots, makes the newest committed list active, and continues an upload that a restart
 * interrupted. */
void whitelist_look(struct whitelist *list);

enum { WHITELIST_LOOK_TAKEN_UP = 1 };

/* Rescans the standby slot before it is erased, and uses what is of value there. Returns ERR_OK (there is
 * nothing of value, except perhaps the manifest of the active list), WHITELIST_LOOK_TAKEN_UP (a replica, a
 * newer list or an upload was found and is used now), ERR_IO (the chip cannot be read reliably now). */
int whitelist_look_at_other(struct whitelist *list) MUST_USE;

/* Checks the manifest of the active list. If it is damaged and the standby slot holds the same list with an
 * intact manifest, that slot becomes the active one. Returns ERR_OK (the active manifest is intact, perhaps
 * after the change), ERR_CORRUPT (it is damaged, and the standby slot cannot replace it). */
int whitelist_look_at_heads(struct whitelist *list) MUST_USE;

/* Discards a slot whose manifest is damaged. The other slot, which holds the same list, is then active. */
void whitelist_look_lose(struct whitelist *list, int slot);

#endif
