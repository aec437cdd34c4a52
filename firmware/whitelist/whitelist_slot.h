/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads and writes one slot of the whitelist in flash: manifest, commit record, blocks and their hashes. Only
 * for whitelist*.c and the chip check in tools/. whitelist_mount initialises the struct.
 *
 *   slot           one half of the whitelist region: index 0 or 1
 *   standby slot   the slot that is not active
 *   unit           WHITELIST_UNIT bytes (64 KiB), counted from the start of the slot
 *   place          where a list begins in its slot (base): always at the start of a unit
 *   head           manifest and signature. Its length is whitelist_head_stored_len(). The field head_len of
 *                  the header is the length of the manifest alone.
 *   manifest area  the first unit of a list. The head is at its start, the commit record at its end.
 *   position       one of the WHITELIST_COMMIT_PLACES positions at which the commit record can be
 *
 * A function blocks for its reads and programs, and does not wait for an erase that it starts. A head has 55
 * KiB at most, on a chip of 16 MiB 27 KiB at most. Reading 27 KiB takes 10 ms on a line of 21 MHz; the hash
 * comes on top. Programming a block takes 7 ms typically and 80 ms at most. If an erase is running, each read
 * or program suspends it first. On a chip that cannot suspend an erase, it waits for the end: 3 s at most.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_SLOT_H
#define FIRMWARE_WHITELIST_WHITELIST_SLOT_H

#include "firmware/whitelist/whitelist_state.h"

/* Returns the index of the standby slot; 0 while no list is active. */
int whitelist_slot_standby(const struct whitelist *list);

/* Finds the spare sector (whitelist_mend.h) and sets *addr. A list must be active. Returns false if there
 * is none. */
bool whitelist_slot_find_spare(const struct whitelist *list, uint32_t *addr);
/* Returns the address in flash of a block of a slot, or of its place in the spare sector
 * (WHITELIST_SPARE). */
uint32_t whitelist_slot_block_address(const struct whitelist *list, int slot, uint32_t index);

/* Loads header, digest and commit record of the list at the current place of the slot, and sets present and
 * committed. It reads the head once if it finds a valid commit record, otherwise three times. Returns ERR_OK
 * (also if there is no manifest of this site: present is then false), ERR_IO, ERR_CRYPTO. After an error
 * committed is false. */
int whitelist_slot_load(struct whitelist *list, int slot) MUST_USE;
/* Loads a slot as whitelist_slot_load does, and then loads the list at every other place where a manifest
 * begins. Keeps the best of them and sets base to its place. A committed list takes precedence, then the
 * highest version. Places with a unit known as worn are left out, except the current one. Returns ERR_OK,
 * ERR_IO, ERR_CRYPTO, all for the place at which the slot was before; a place that cannot be read is left
 * out. */
int whitelist_slot_find(struct whitelist *list, int slot) MUST_USE;
/* Searches the places of a slot for a committed list whose manifest is damaged, and loads it as mend says
 * (not WHITELIST_MEND_NOTHING). Its digest must be the one in a commit record; of that record, which may
 * be in the other slot, a few bits may be wrong too. Returns ERR_OK, ERR_CORRUPT (there is none: the slot
 * is as before). */
int whitelist_slot_recover(struct whitelist *list, int slot, enum whitelist_mend mend) MUST_USE;
/* Chooses the place for a list of block_count blocks and sets base. Writes nothing to flash. The current
 * place is kept if the list fits there and uses no unit known as worn. Returns ERR_OK, ERR_NO_SPACE (there is
 * no such place: base is the start of the slot, and all units of the slot count as not worn again). */
int whitelist_slot_place(struct whitelist *list, int slot, uint32_t block_count) MUST_USE;
/* Marks the unit of list->worn_addr as worn, chooses another place with whitelist_slot_place, and overwrites
 * all positions of the commit record at the old place with zeros. It copies nothing: the caller must erase
 * the manifest area at the new place and write the whole list again. Returns ERR_OK (also if the zeros could
 * not be written), ERR_NO_SPACE (the list was moved three times already, or worn_addr is not in the slot:
 * nothing changes; or there is no place: see whitelist_slot_place, the unit counts as not worn, and the old
 * commit record stays). */
int whitelist_slot_move(struct whitelist *list, int slot, uint32_t block_count) MUST_USE;
/* Checks that head and commit record in flash are still those that were loaded. Reads the head once, and
 * again after a failure. Returns ERR_OK, ERR_CORRUPT (one of them differs, or there is no commit record, so
 * that every list that is not committed gives this result), ERR_IO, ERR_CRYPTO. */
int whitelist_slot_check(struct whitelist *list, int slot) MUST_USE;
/* Returns true if the header in flash is the one that was loaded. This is enough to detect a chip that
 * returns wrong data. */
bool whitelist_slot_reads_true(const struct whitelist *list, int slot);
/* Returns true if a position for the commit record is still blank. */
bool whitelist_slot_has_room_to_commit(const struct whitelist *list, int slot);
/* Programs the commit record at the first position that takes it, reads it back, and sets committed. A
 * position that is not blank is left out. If the flash has a valid record already, nothing is programmed, the
 * result is ERR_OK, and committed stays as it is. Returns ERR_OK, ERR_WORN (no position takes it; sets
 * worn_addr), ERR_CRYPTO. */
int whitelist_slot_commit(struct whitelist *list, int slot) MUST_USE;

/* Reads a block into buf and computes its hash. Compares the hash with nothing. Returns ERR_OK, ERR_IO. */
int whitelist_slot_read_block(const struct whitelist *list, int slot, uint32_t index,
                              uint8_t buf[WHITELIST_BLOCK_LEN], uint8_t hash[WHITELIST_HASH_LEN]) MUST_USE;
/* Programs len bytes at addr, which must be blank, and reads them back. Does not set worn_addr: the caller
 * does if it takes the sector for worn. Returns ERR_OK, ERR_WORN (any failure). */
int whitelist_slot_program(const struct whitelist *list, uint32_t addr, const uint8_t *data,
                           uint32_t len) MUST_USE;

/* Polls an erase that whitelist_slot_erase_head started and that nobody needs now, because the upload was
 * refused or abandoned. Its result is ignored. Returns ERR_OK (none is running), ERR_BUSY (it is still
 * running). */
int whitelist_slot_wait_erased(struct whitelist *list) MUST_USE;
/* Prepares whitelist_slot_erase_head to begin with its first sector. Does not wait: if an earlier erase is
 * still running, whitelist_slot_erase_head polls that one to its end first, and ignores its result. */
void whitelist_slot_erase_begin(struct whitelist *list);
/* Continues to erase the manifest area of a slot: starts or polls the erase of one sector. The sector of the
 * commit record is the first. Then come the sectors of the first head_len bytes; the others are left as they
 * are. head_len is the whitelist_head_stored_len() of the list that will be written. Returns ERR_OK (done),
 * ERR_BUSY (call again), ERR_WORN (a sector failed three times; sets worn_addr). */
int whitelist_slot_erase_head(struct whitelist *list, int slot, uint32_t head_len) MUST_USE;

/* Makes the list of a slot the active one. Loads its tables and rules, and checks them against the digest
 * that was loaded. If committed is false, checks the whole head and programs the commit record. The tables,
 * or the head, are read once, or three times if that fails. The function does not check that the blocks are
 * there; the caller must know. It overwrites list->work and uses 3 KB of stack. Returns ERR_OK, ERR_IO,
 * ERR_CORRUPT, ERR_WORN (it could not be committed), ERR_CRYPTO; after an error the active list is
 * unchanged. */
int whitelist_slot_run(struct whitelist *list, int slot) MUST_USE;

#endif
