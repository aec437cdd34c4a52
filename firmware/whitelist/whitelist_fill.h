/*
 * Brings the blocks of one slot to what a head lists, sector by sector, from what another slot holds: an
 * upload reuses the running list this way, a replica is made and repaired this way. For whitelist*.c alone.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_FILL_H
#define FIRMWARE_WHITELIST_WHITELIST_FILL_H

#include "firmware/whitelist/whitelist_state.h"

/* Starts on blocks [first, stop) of target, first at a sector's start; list_slot's head says what they must
 * be. source -1: copy nothing. Where source is a committed slot with the same list, no sector is erased while
 * it holds the only good copy of a block. */
void whitelist_fill_start(struct whitelist *list, int target, int source, int list_slot, uint32_t first,
                          uint32_t stop);
/* Does one block's work. list->blocks.have, have_count, entry_count, fill.missing_count and written_count
 * tell what came of it. @retval ERR_BUSY (more to do), ERR_OK (done), ERR_WORN (a sector will not erase or
 * program, tried three times: list->worn_addr), ERR_IO (it cannot be read). */
int whitelist_fill_poll(struct whitelist *list) MUST_USE;

bool whitelist_has_block(const struct whitelist *list, uint32_t index);
void whitelist_mark_block(struct whitelist *list, uint32_t index, const uint8_t block[WHITELIST_BLOCK_LEN]);
/* Blocks that share a sector with each other. */
uint32_t whitelist_blocks_per_sector(const struct whitelist *list);

#endif
