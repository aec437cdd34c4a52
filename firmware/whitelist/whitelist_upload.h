/* Taking in a new list: head, signature, blocks, commit (whitelist.h says how). For whitelist*.c alone. */
#ifndef FIRMWARE_WHITELIST_WHITELIST_UPLOAD_H
#define FIRMWARE_WHITELIST_WHITELIST_UPLOAD_H

#include "firmware/whitelist/whitelist_state.h"

/* Takes the next piece of a head with its signature. offset 0 starts a new upload and gives up one under way.
 * last: this piece ends it; verification starts.
 * @retval ERR_OK, ERR_ARGUMENT (offset is not where the last piece ended, or the head is wanted again from
 * its start; a piece that is not the last and no multiple of 16 bytes), ERR_FORMAT, ERR_UNSUPPORTED,
 * ERR_COUNT, ERR_SITE, ERR_VERSION, ERR_NO_SPACE (list does not fit the slot), ERR_BUSY (erasing, or
 * repairing a block of the running list first: send it again shortly), ERR_WORN (worn_addr), ERR_IO. Any but
 * ARGUMENT and BUSY ends the upload as refused. */
int whitelist_upload_head(struct whitelist *list, uint32_t offset, const uint8_t *data, uint32_t len,
                          bool last) MUST_USE;

enum { WHITELIST_BLOCK_STORED = 1 };

/* Takes a piece of a block: len 1024, at offset 0, 1024, 2048 or 3072, any order within a block, one block
 * at a time: the first piece of another block drops a half-sent one. When it is complete, its hash is
 * checked and it is stored. @retval ERR_OK, WHITELIST_BLOCK_STORED (the block is stored, or was already),
 * ERR_BUSY (not receiving), ERR_ARGUMENT, ERR_NOT_LISTED (hash: the block is wanted still), ERR_IO (the
 * flash did not take it: still wanted), ERR_WORN (nor did it again and again), ERR_TAG_KEY (no card of the
 * list could ever be found: it was built with another tag key); the last two end the upload as refused. */
int whitelist_upload_block(struct whitelist *list, uint32_t index, uint32_t offset, const uint8_t *data,
                           uint32_t len) MUST_USE;

/* Finds the next run of blocks still wanted, from block *first on. @retval count of the run (0: none). */
uint32_t whitelist_wanted(const struct whitelist *list, uint32_t *first);

/* Returns the slot of the last upload: the standby slot, or the active one once the upload is committed. */
const struct whitelist_slot *whitelist_uploaded(const struct whitelist *list);
enum whitelist_upload_state whitelist_upload_state(const struct whitelist *list);
/* Returns why the last upload was refused. */
int whitelist_upload_error(const struct whitelist *list);
/* Returns the blocks that stand in the standby slot. */
uint32_t whitelist_upload_have_count(const struct whitelist *list);
/* Returns a number that changes with each piece taken, for telling an upload that has stalled. */
uint32_t whitelist_upload_progress(const struct whitelist *list);

/* Gives up an upload that nobody continues, so that the running list gets its replica back. */
void whitelist_upload_abandon(struct whitelist *list);

/* The slot an upload goes into. */
const struct whitelist_slot *whitelist_staged(const struct whitelist *list);

const char *whitelist_upload_state_name(enum whitelist_upload_state state);

/* The part of whitelist_poll for an upload under way; same results. */
int whitelist_upload_poll(struct whitelist *list) MUST_USE;

#endif
