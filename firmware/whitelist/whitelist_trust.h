/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers only from blocks that match the signed manifest. A block is verified as a whole, by its hash, when
 * it is first needed since start-up or since it was written, and ahead of need in idle time. After that, only
 * the keyed check of the bucket is made at each look-up: the chip can be changed only while the power is off.
 * A probe that changes what a running chip returns is not covered. Only for whitelist*.c.
 *
 * Reading a bucket of a verified block blocks for a read of 64 bytes. Otherwise it blocks for reading and
 * hashing a block and 512 bytes of the manifest: 3 ms on a 142 MHz Cortex-M3.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_TRUST_H
#define FIRMWARE_WHITELIST_WHITELIST_TRUST_H

#include "firmware/whitelist/whitelist_state.h"

/* Marks all blocks of the active slot as not verified. */
void whitelist_trust_reset(struct whitelist *list);
/* Marks one block as not verified. */
void whitelist_trust_clear(struct whitelist *list, uint32_t block);
/* Returns true if a block of the active slot was verified. */
bool whitelist_trust_has(const struct whitelist *list, uint32_t block);
/* Marks the blocks that the last fill or upload of the active slot found or wrote as verified. */
void whitelist_trust_filled(struct whitelist *list);

/* Reads a bucket of the active slot. Returns ERR_OK, ERR_CORRUPT (the block does not match the manifest,
 * or the bucket fails its check), ERR_IO, ERR_CRYPTO. */
int whitelist_trust_read_bucket(struct whitelist *list, uint32_t index,
                                struct whitelist_bucket *bucket) MUST_USE;
/* Reads the same bucket from the standby slot, whose block must match the manifest of the active slot. If
 * it does not, the block is put together from the buckets of all copies that pass their checks; it must
 * match as well (whitelist_mend.h). Returns the same results. */
int whitelist_trust_read_replica(struct whitelist *list, uint32_t index,
                                 struct whitelist_bucket *bucket) MUST_USE;

/* Verifies a piece of a block ahead of need. Returns ERR_OK (nothing is left to verify), ERR_BUSY. */
int whitelist_trust_poll(struct whitelist *list);

#endif
