/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the gate remembers against a memory chip that was exchanged, or restored from an older copy: in the
 * anchor (storage/anchor.h) where the board has one, otherwise what the parts of the chip tell of each other.
 *
 *   list      a list older than the newest that was active does not become active: list_rolled_back
 *   store     settings and groups turned off may be those of before. The gate goes on with them and shows it
 *             until a technician has confirmed them: store_rolled_back
 *   journal   its numbers go on above those that were given: journal_cut
 *
 * Without an anchor, a chip whose parts are all from the same moment is not noticed.
 */
#ifndef FIRMWARE_PORTILLON_ANCHOR_H
#define FIRMWARE_PORTILLON_ANCHOR_H

#include "firmware/portillon_state.h"

/* Reads the anchor. Call before the storage is mounted. */
void portillon_mount_anchor(struct portillon *portillon);
/* Return what is known from outside the regions of journal and whitelist. The store must be mounted. */
struct journal_floor portillon_known_floor(const struct portillon *portillon);
struct whitelist_known portillon_known_list(const struct portillon *portillon);
/* Returns true if store or list are older than what is known. The storage must be mounted. */
bool portillon_is_rolled_back(const struct portillon *portillon);
/* Notes whether the store is an older one. Call once after each mount, before the store is changed. */
void portillon_find_rollback(struct portillon *portillon);
/* Logs what was found. Call when the journal takes records. */
void portillon_log_rollback(struct portillon *portillon);
/* Keeps what changed. Call in idle time, with the storage mounted. */
void portillon_keep_anchor(struct portillon *portillon);
/* Accepts the store as it is: a technician has looked at it. */
void portillon_confirm_store(struct portillon *portillon);

#endif
