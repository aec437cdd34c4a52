/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads manifests that are damaged, by the checks that the gate has put beside them. Only for
 * whitelist*.c.
 *
 * A group is 64 bytes of a manifest with its signature; the last one goes on into what follows. Each group
 * has a check of its own, CRC-32 (crc32.h), at WHITELIST_CHECKS_OFFSET after the start of the list: 4
 * bytes for each group, in their order. This code finds which two bits, or which one, are wrong among the
 * 544 of a group and its check, because any two right groups differ in at least five of them (Koopman
 * 2002).
 *
 * The checks are no proof of anything: what is read with them counts only if its digest is the one in the
 * commit record. The gate writes them in idle time, so a list that an older firmware wrote gets them as
 * well. A manifest is read without them as long as it is intact.
 *
 * A read of a damaged group blocks for the search: 6 ms at most on a 142 MHz Cortex-M3.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_GROUP_H
#define FIRMWARE_WHITELIST_WHITELIST_GROUP_H

#include "firmware/whitelist/whitelist_state.h"

#define WHITELIST_GROUP_LEN      64
#define WHITELIST_GROUP_UNIT_LEN (WHITELIST_GROUP_LEN + 4)           /* a group and its check */
#define WHITELIST_CHECKS_OFFSET  (WHITELIST_BLOCKS_OFFSET - 64 * 64) /* in the sector of the commit record */

/* Corrects a group and its check, if at most two bits are wrong. Returns how many were wrong; 3: more than
 * two, and nothing is changed. */
int whitelist_group_correct(uint8_t unit[WHITELIST_GROUP_UNIT_LEN]);

/* Reads len bytes at addr, which is in the manifest of a slot, as slots[slot].mend says. A group with more
 * than two wrong bits is read as it is. Returns ERR_OK, ERR_IO. */
int whitelist_group_read(const struct whitelist *list, int slot, uint32_t addr, void *buf,
                         uint32_t len) MUST_USE;

/* Starts to write the checks of a slot that is committed. */
void whitelist_group_start(struct whitelist *list, int slot);
/* Continues: reads 1 KiB of the manifest, or writes 256 bytes of checks where the flash is blank. If the
 * manifest is not the one that was loaded, no check is written. Uses list->work. Returns ERR_BUSY, ERR_OK
 * (done), ERR_IO. */
int whitelist_group_poll(struct whitelist *list) MUST_USE;

#endif
