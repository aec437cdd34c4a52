/* One slot of the whitelist in flash: heads, commit records, blocks and their hashes. For whitelist*.c alone.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_SLOT_H
#define FIRMWARE_WHITELIST_WHITELIST_SLOT_H

#include "firmware/whitelist/whitelist_state.h"

/* The index of the standby slot: the one that does not run. */
int whitelist_slot_standby(const struct whitelist *list);

/* Bytes of head and signature. */
uint32_t whitelist_slot_head_len(const struct whitelist_header *header);
uint32_t whitelist_slot_block_address(const struct whitelist *list, int slot, uint32_t index);

/* Reads header, digest and commit record of a slot from flash, a few times where they are not there.
 * @retval ERR_OK (also when the slot holds no head: see present and committed), ERR_IO, ERR_CRYPTO. */
int whitelist_slot_load(struct whitelist *list, int slot) MUST_USE;
/* The same, wherever in its slot the list begins: the newest committed one counts.
 * @retval ERR_OK, ERR_IO, ERR_CRYPTO (as for the place it was at). */
int whitelist_slot_find(struct whitelist *list, int slot) MUST_USE;
/* Where a list of so many blocks is to begin: where the slot is, if that has room and no sector known as
 * worn. @retval ERR_OK, ERR_NO_SPACE (nowhere; what was known as worn is forgotten). */
int whitelist_slot_place(struct whitelist *list, int slot, uint32_t block_count) MUST_USE;
/* Notes list->worn_addr, if it is in the slot, and finds another place. What stood at the one before
 * counts no more. @retval ERR_OK, ERR_NO_SPACE (or it was moved too often for one list: list->moves). */
int whitelist_slot_move(struct whitelist *list, int slot, uint32_t block_count) MUST_USE;
/* SHA-256 of head and signature as they stand in flash, for the header loaded. @retval ERR_OK, ERR_IO. */
int whitelist_slot_digest(const struct whitelist *list, int slot, uint8_t digest[CRYPTO_HASH_LEN]) MUST_USE;
/* Whether head and commit record in flash are still those that were loaded.
 * @retval ERR_OK, ERR_CORRUPT, ERR_IO, ERR_CRYPTO. */
int whitelist_slot_check(struct whitelist *list, int slot) MUST_USE;
/* Whether the header alone reads as it was loaded: that much shows a chip that answers nonsense. */
bool whitelist_slot_reads_true(const struct whitelist *list, int slot);
/* Whether a place for a commit record was never programmed. */
bool whitelist_slot_has_room_to_commit(const struct whitelist *list, int slot);
/* Programs the commit record and reads it back; one that is there is left alone.
 * @retval ERR_OK, ERR_WORN, ERR_CRYPTO. */
int whitelist_slot_commit(struct whitelist *list, int slot) MUST_USE;

/* The hash that the head in a slot lists for a block. */
int whitelist_slot_listed_hash(const struct whitelist *list, int slot, uint32_t index,
                               uint8_t hash[WHITELIST_HASH_LEN]) MUST_USE;
/* Reads a block into buf and its hash. @retval ERR_OK, ERR_IO. */
int whitelist_slot_read_block(const struct whitelist *list, int slot, uint32_t index,
                              uint8_t buf[WHITELIST_BLOCK_LEN], uint8_t hash[WHITELIST_HASH_LEN]) MUST_USE;
/* Programs bytes of a slot and reads them back. @retval ERR_OK, ERR_WORN. */
int whitelist_slot_program(const struct whitelist *list, uint32_t addr, const uint8_t *data,
                           uint32_t len) MUST_USE;

/* Sees an erase of a head area end that was given up half-way. @retval ERR_OK, ERR_BUSY. */
int whitelist_slot_wait_erased(struct whitelist *list) MUST_USE;
/* Starts over with a head area; an erase still running ends first and counts for nothing. */
void whitelist_slot_erase_begin(struct whitelist *list);
/* Erases the head area of a slot, commit record first, one sector after the other; list->erase.step counts.
 * @retval ERR_OK (done), ERR_BUSY, ERR_WORN (worn_addr tells which). */
int whitelist_slot_erase_head(struct whitelist *list, int slot, uint32_t head_len) MUST_USE;

/* Makes a slot the running list: loads its tables and rules, as far as they are those its digest vouches for,
 * and commits it if it is not committed (3 KB of stack).
 * @retval ERR_OK, ERR_IO, ERR_CORRUPT, ERR_WORN (it could not be committed), ERR_CRYPTO. */
int whitelist_slot_run(struct whitelist *list, int slot) MUST_USE;

#endif
