/*
 * Receives a new list: manifest, signature, blocks; then the commit (whitelist.h). The list is written to the
 * standby slot. A call blocks for the program of one block at most (7 ms); nothing waits for an erase.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_UPLOAD_H
#define FIRMWARE_WHITELIST_WHITELIST_UPLOAD_H

#include "firmware/whitelist/whitelist_state.h"

/* Receives the next piece of a manifest with its signature. offset 0 starts a new upload and abandons one in
 * progress. last is true for the last piece; the verification then starts. Returns ERR_OK, ERR_BUSY (an erase
 * or a repair of the active list is in progress: send the piece again shortly), or ERR_ARGUMENT (offset is
 * not the end of the piece before, the manifest must be sent again from its start, or a piece that is not the
 * last is no multiple of 16 bytes). Every other result ends the upload as refused: ERR_FORMAT,
 * ERR_UNSUPPORTED, ERR_COUNT, ERR_SITE, ERR_VERSION, ERR_SIGNATURE, ERR_NO_SPACE (the list does not fit the
 * slot), ERR_WORN (worn_addr), ERR_IO, ERR_CRYPTO. */
int whitelist_upload_head(struct whitelist *list, uint32_t offset, const uint8_t *data, uint32_t len,
                          bool last) MUST_USE;

enum { WHITELIST_BLOCK_STORED = 1 };

/* Receives one piece of a block. len must be 1024 and offset 0, 1024, 2048 or 3072. The pieces of a block may
 * come in any order, but a piece of another block discards an incomplete one. When the block is complete, its
 * hash is checked and it is stored. Returns ERR_OK (the piece was received), WHITELIST_BLOCK_STORED (the
 * block is stored, or was already), ERR_BUSY (the upload does not receive blocks now; after a relocation send
 * the manifest again), ERR_ARGUMENT, ERR_NOT_LISTED (the hash does not match; the block is still wanted),
 * ERR_IO (the flash cannot be read or did not take the block; it is still wanted), ERR_WORN (the flash failed
 * repeatedly), ERR_TAG_KEY (the list was built with the tag key of another school, so no card would be
 * found). ERR_WORN and ERR_TAG_KEY end the upload as refused. */
int whitelist_upload_block(struct whitelist *list, uint32_t index, uint32_t offset, const uint8_t *data,
                           uint32_t len) MUST_USE;

/* Finds the next run of blocks that are still wanted. Searches from block *first on and sets *first to the
 * start of the run. Returns the count of blocks in the run; 0: none is wanted. */
uint32_t whitelist_wanted(const struct whitelist *list, uint32_t *first);

/* Returns the slot of the last upload: the standby slot, or the active one once the upload is committed. */
const struct whitelist_slot *whitelist_uploaded(const struct whitelist *list);
/* Returns the state of the upload. */
enum whitelist_upload_state whitelist_upload_state(const struct whitelist *list);
/* Returns why the last upload was refused (enum error). */
int whitelist_upload_error(const struct whitelist *list);
/* Returns the count of blocks that the standby slot already has. */
uint32_t whitelist_upload_have_count(const struct whitelist *list);
/* Returns a number that changes with each piece received. If it does not change, the upload has stalled. */
uint32_t whitelist_upload_progress(const struct whitelist *list);

/* Abandons an upload that waits for its client, so that the active list gets its replica back. */
void whitelist_upload_abandon(struct whitelist *list);

/* Returns the slot that an upload is written to, that is, the standby slot. */
const struct whitelist_slot *whitelist_staged(const struct whitelist *list);

/* Returns "idle", "head", "verifying", "preparing", "receiving", "done" or "refused". */
const char *whitelist_upload_state_name(enum whitelist_upload_state state);

/* Does the part of whitelist_poll while an upload is in progress. Returns the same results. */
int whitelist_upload_poll(struct whitelist *list) MUST_USE;

#endif
