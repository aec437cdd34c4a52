/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings the blocks of one slot to those that a manifest lists, sector by sector, and copies them from the
 * other slot. An upload reuses the blocks of the active list in this way; a replica is made and repaired in
 * this way. Only for whitelist*.c. A call reads and hashes 256 bytes of a block (of merged copies 64
 * bytes), or programs 256 bytes of it (0.5 ms typically, 5 ms at most), or starts or polls an erase. It
 * overwrites list->work.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_FILL_H
#define FIRMWARE_WHITELIST_WHITELIST_FILL_H

#include "firmware/whitelist/whitelist_state.h"

/* Starts to fill blocks [first, stop) of the slot target, and marks all blocks as missing. first must be
 * at the start of a sector. The manifest in list_slot lists the blocks. source is the slot to copy from;
 * -1: copy nothing. If source has the same list, no sector is erased before the source was seen to have
 * all its blocks. If fill.gives_up is set, this is so only for the blocks that the target has, and for
 * each block of a committed target. source may be WHITELIST_MERGED, and target WHITELIST_SPARE. */
void whitelist_fill_start(struct whitelist *list, int target, int source, int list_slot, uint32_t first,
                          uint32_t stop);
/* Does one step of the work on a block. The result is in list->blocks, fill.missing_count (blocks that the
 * source does not have) and fill.written_count. Returns ERR_BUSY (more to do), ERR_OK (done, also if blocks
 * are missing), ERR_WORN (a sector failed three times to erase or program: list->worn_addr), ERR_IO (a block
 * could not be read three times). */
int whitelist_fill_poll(struct whitelist *list) MUST_USE;

/* Reads and hashes the next page of a block of a slot into list->work. Compares the hash with nothing. Set
 * fill.read_len to 0 before the first page. Returns ERR_BUSY (there is more), ERR_OK (the block is read and
 * hash is set), ERR_IO. */
int whitelist_fill_read(struct whitelist *list, int slot, uint32_t index,
                        uint8_t hash[WHITELIST_HASH_LEN]) MUST_USE;

/* Returns true if the target slot has this block. */
bool whitelist_has_block(const struct whitelist *list, uint32_t index);
/* Marks a block as present in the target slot and counts its entries. The block must not be marked yet. */
void whitelist_mark_block(struct whitelist *list, uint32_t index, const uint8_t block[WHITELIST_BLOCK_LEN]);
/* Returns the count of blocks in a sector, at least 1. */
uint32_t whitelist_blocks_per_sector(const struct whitelist *list);

#endif
