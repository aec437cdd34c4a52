/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the manifest of a slot in flash, each time in one pass: what is taken from it and what its digest
 * covers are the same bytes. The hash of a block that is read alone later is checked against what that pass
 * kept. Only for whitelist*.c and the chip check in tools/.
 *
 * The functions block for the read of a manifest (64 KiB at most) or of 512 bytes, and for their hash.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_HEAD_H
#define FIRMWARE_WHITELIST_WHITELIST_HEAD_H

#include "firmware/whitelist/whitelist_state.h"

/* Returns the count of bytes of manifest and signature. */
uint32_t whitelist_head_stored_len(const struct whitelist_header *header);
/* Computes SHA-256 of manifest and signature in flash. The length is taken from the header of the slot.
 * Returns ERR_OK, ERR_IO. */
int whitelist_head_digest(const struct whitelist *list, int slot, uint8_t digest[CRYPTO_HASH_LEN]) MUST_USE;
/* Does the same, and sets digest, tables_digest and hash_pieces of the slot. Returns ERR_OK, ERR_IO. */
int whitelist_head_take(struct whitelist *list, int slot) MUST_USE;
/* Does the same, and gives the signature and SHA-256 of the manifest without it, which is what is signed. All
 * come from one reading. Returns ERR_OK, ERR_IO. */
int whitelist_head_take_signed(struct whitelist *list, int slot, uint8_t signed_digest[CRYPTO_HASH_LEN],
                               uint8_t signature[WHITELIST_SIGNATURE_LEN]) MUST_USE;
/* Reads the hash that the manifest in a slot lists for a block. Returns ERR_OK, ERR_ARGUMENT (there is no
 * such block), ERR_CORRUPT (two readings are not what the manifest was when it was taken), ERR_IO. */
int whitelist_head_listed_hash(const struct whitelist *list, int slot, uint32_t index,
                               uint8_t hash[WHITELIST_HASH_LEN]) MUST_USE;
/* Loads the tables of the manifest, and its rules into list->work.rules, and checks the digest of this part.
 * Does not read the block hashes behind it. Returns ERR_OK, ERR_CORRUPT (the digest is not that of the slot),
 * ERR_IO. */
int whitelist_head_load_tables(struct whitelist *list, int slot, struct whitelist_tables *tables) MUST_USE;

#endif
