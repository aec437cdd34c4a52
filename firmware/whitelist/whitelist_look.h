/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scans the flash for lists, at start-up and later. A chip may return wrong data for some time. Therefore a
 * slot is rescanned before it is erased or its list is discarded. Only for whitelist*.c. The functions search
 * the places of a slot and read manifests several times (whitelist.h). They may overwrite list->work.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_LOOK_H
#define FIRMWARE_WHITELIST_WHITELIST_LOOK_H

#include "firmware/whitelist/whitelist_state.h"

/* Loads both slots and makes the newest committed list active, or the other one if that fails; neither if
 * it is older than the version floor. Raises the version floor to the version of each committed list.
 * Continues an upload that a restart interrupted, once since start-up. */
void whitelist_look(struct whitelist *list);

/* Returns true if an upload of this version is accepted: newer than the newest that was active; while no list
 * is active, not older. */
bool whitelist_look_is_new(const struct whitelist *list, uint32_t version);

enum { WHITELIST_LOOK_TAKEN_UP = 1 };

/* Rescans the standby slot before it is erased, and uses what is of value there. A list must be active.
 * Raises the version floor as whitelist_look does. Returns ERR_OK (there is nothing of value, except perhaps
 * the manifest of the active list), WHITELIST_LOOK_TAKEN_UP (a replica, a newer list or an upload was found
 * and is used now), ERR_IO (the chip cannot be read reliably now). */
int whitelist_look_at_other(struct whitelist *list) MUST_USE;

/* Checks the manifest of the active list. If it is damaged and the standby slot holds the same list with
 * an intact manifest, that slot becomes the active one; otherwise whitelist_look_mend is tried. Returns
 * ERR_OK (the active manifest can be read, perhaps after the change), ERR_CORRUPT (it cannot, nor can the
 * standby slot replace it). */
int whitelist_look_at_heads(struct whitelist *list) MUST_USE;

/* Goes on with the active list although both manifests are damaged, or that of the active list is and
 * there is no other: one of them is corrected by its checks (whitelist_group.h), and the other slot is
 * discarded. Returns ERR_OK, ERR_CORRUPT (too much of them is damaged: nothing changes). */
int whitelist_look_mend(struct whitelist *list) MUST_USE;

/* Discards a slot whose manifest is damaged. If it was active, the other slot, which holds the same list, is
 * then active. Changes nothing in flash: the next replica rewrites the slot. */
void whitelist_look_lose(struct whitelist *list, int slot);

#endif
