/*
 * Reads and writes one slot of the whitelist in flash: manifest, commit record, blocks and their hashes. Only
 * for whitelist*.c and the chip check in tools/. The functions block for their reads (a manifest has 64 KiB
 * at most) and programs, but not for an erase.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_SLOT_H
#define FIRMWARE_WHITELIST_WHITELIST_SLOT_H

#include "firmware/whitelist/whitelist_state.h"

/* Returns the index of the standby slot, that is, the slot that is not active. */
int whitelist_slot_standby(const struct whitelist *list);

/* Returns the address in flash of a block of a slot. */
uint32_t whitelist_slot_block_address(const struct whitelist *list, int slot, uint32_t index);

/* Loads header, digest and commit record of a slot from flash. Without a valid commit record it reads three
 * times. Returns ERR_OK (also if the slot has no manifest: see present and committed), ERR_IO, ERR_CRYPTO. */
int whitelist_slot_load(struct whitelist *list, int slot) MUST_USE;
/* Loads a slot as whitelist_slot_load does, and scans all places where its list may begin. A committed list
 * takes precedence, then the highest version. Returns ERR_OK, ERR_IO, ERR_CRYPTO, all for the place at which
 * the slot was before. */
int whitelist_slot_find(struct whitelist *list, int slot) MUST_USE;
/* Chooses the place where a list of block_count blocks begins in the slot. The current place is kept if it
 * has room and no sector known as worn. Returns ERR_OK, ERR_NO_SPACE (there is no such place; all units of
 * the slot then count as not worn again). */
int whitelist_slot_place(struct whitelist *list, int slot, uint32_t block_count) MUST_USE;
/* Marks the unit of list->worn_addr as worn and relocates the list of the slot. A commit record at the old
 * place is made invalid. Returns ERR_OK, ERR_NO_SPACE (there is no place, the list was relocated three times
 * already, or worn_addr is not in the slot). */
int whitelist_slot_move(struct whitelist *list, int slot, uint32_t block_count) MUST_USE;
/* Checks that manifest and commit record in flash are still those that were loaded. Returns ERR_OK,
 * ERR_CORRUPT, ERR_IO, ERR_CRYPTO. */
int whitelist_slot_check(struct whitelist *list, int slot) MUST_USE;
/* Returns true if the header reads as it was loaded. This is enough to detect a chip that returns wrong data.
 */
bool whitelist_slot_reads_true(const struct whitelist *list, int slot);
/* Returns true if a place for a commit record is still blank. */
bool whitelist_slot_has_room_to_commit(const struct whitelist *list, int slot);
/* Programs the commit record and reads it back. If there is one already, it is kept. Returns ERR_OK,
 * ERR_WORN (no place takes it), ERR_CRYPTO. */
int whitelist_slot_commit(struct whitelist *list, int slot) MUST_USE;

/* Reads a block into buf and computes its hash. Returns ERR_OK, ERR_IO. */
int whitelist_slot_read_block(const struct whitelist *list, int slot, uint32_t index,
                              uint8_t buf[WHITELIST_BLOCK_LEN], uint8_t hash[WHITELIST_HASH_LEN]) MUST_USE;
/* Programs len bytes at addr and reads them back. Returns ERR_OK, ERR_WORN (on any failure). */
int whitelist_slot_program(const struct whitelist *list, uint32_t addr, const uint8_t *data,
                           uint32_t len) MUST_USE;

/* Checks whether an abandoned erase of a manifest area has ended. Returns ERR_OK (none is running), ERR_BUSY
 * (it is still running). */
int whitelist_slot_wait_erased(struct whitelist *list) MUST_USE;
/* Prepares the erase of a manifest area from its first sector. An erase that is still running ends first, and
 * its result is ignored. */
void whitelist_slot_erase_begin(struct whitelist *list);
/* Continues to erase the manifest area of a slot, one sector after the other, that of the commit record
 * first. Returns ERR_OK (done), ERR_BUSY (call again), ERR_WORN (a sector failed three times: worn_addr). */
int whitelist_slot_erase_head(struct whitelist *list, int slot, uint32_t head_len) MUST_USE;

/* Makes the list of a slot the active one. Loads its tables and rules, checks them against its digest, and
 * commits the list if it is not committed. Uses 3 KB of stack. Returns ERR_OK, ERR_IO, ERR_CORRUPT, ERR_WORN
 * (it could not be committed), ERR_CRYPTO; after an error the active list is unchanged. */
int whitelist_slot_run(struct whitelist *list, int slot) MUST_USE;

#endif
