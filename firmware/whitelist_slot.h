/* One slot of the whitelist in flash: heads, commit records, blocks and their hashes. For whitelist*.c alone.
 */
#ifndef FIRMWARE_WHITELIST_SLOT_H
#define FIRMWARE_WHITELIST_SLOT_H

#include "firmware/whitelist.h"

#define WHITELIST_COMMIT_LEN 32

/* Bytes of head and signature. */
uint32_t whitelist_slot_head_len(const struct whitelist_header *header);
uint32_t whitelist_slot_block_address(const struct whitelist *list, int slot, uint32_t index);

/* Reads header, digest and commit record of a slot from flash.
 * @retval ERR_OK (also when the slot holds no head: see present and committed), ERR_IO, ERR_CRYPTO. */
int whitelist_slot_load(struct whitelist *list, int slot) MUST_USE;
/* SHA-256 of head and signature as they stand in flash. @retval ERR_OK, ERR_IO. */
int whitelist_slot_digest(const struct whitelist *list, int slot, const struct whitelist_header *header,
                          uint8_t digest[CRYPTO_HASH_LEN]) MUST_USE;
/* @retval ERR_OK, ERR_CORRUPT (no commit record for this head), ERR_IO, ERR_CRYPTO. */
int whitelist_slot_check_commit(struct whitelist *list, int slot) MUST_USE;
/* Programs the commit record and reads it back. @retval ERR_OK, ERR_IO, ERR_CRYPTO. */
int whitelist_slot_commit(struct whitelist *list, int slot) MUST_USE;

/* The hash that the head in a slot lists for a block. */
int whitelist_slot_listed_hash(const struct whitelist *list, int slot, uint32_t index,
                               uint8_t hash[WHITELIST_HASH_LEN]) MUST_USE;
/* Reads a block into buf and its hash. @retval ERR_OK, ERR_IO. */
int whitelist_slot_read_block(const struct whitelist *list, int slot, uint32_t index,
                              uint8_t buf[WHITELIST_BLOCK_LEN], uint8_t hash[WHITELIST_HASH_LEN]) MUST_USE;
/* Programs a block and reads it back. @retval ERR_OK, ERR_IO. */
int whitelist_slot_write_block(const struct whitelist *list, int slot, uint32_t index,
                               const uint8_t block[WHITELIST_BLOCK_LEN]) MUST_USE;

/* Starts over with a head area; an erase still running ends first and counts for nothing. */
void whitelist_slot_erase_begin(struct whitelist *list);
/* Erases the head area of a slot, commit record first, one sector after the other; list->erase_step counts.
 * @retval ERR_OK (done), ERR_BUSY, ERR_IO. */
int whitelist_slot_erase_head(struct whitelist *list, int slot, uint32_t head_len) MUST_USE;

/* Makes a slot the running list: loads its tables and rules (2.6 KB of stack).
 * @retval ERR_OK, ERR_IO, ERR_CORRUPT. */
int whitelist_slot_run(struct whitelist *list, int slot) MUST_USE;

#endif
