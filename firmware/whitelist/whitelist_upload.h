/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receives a new list into the standby slot, that is, the slot that is not active. The client sends the
 * manifest with its signature in pieces (head), then the blocks.
 *
 * whitelist_poll (whitelist.h) does all other work, so the caller must call it all the time. It erases the
 * manifest area, verifies the signature, copies the blocks that the active list has too, and commits the list
 * when the last block is there. There is no function that commits.
 *
 * All data is copied or programmed before the function returns. No function waits for an erase, except on a
 * chip that cannot suspend one (hal/flash.h). The longest calls:
 *   whitelist_upload_block   one step of a complete block: the hash of 256 bytes, or their program
 *                            (0.5 ms typically, 5 ms at most)
 *   whitelist_upload_head    last piece: reads the manifest and starts the verification. A read of 27
 *                            KiB, the most on a chip of 16 MiB, takes 10 ms at 21 MHz, plus the hash.
 *                            offset 0: if no list is active, both slots are rescanned; if the replica is
 *                            whole, the manifests are checked. Both read manifests several times.
 *   whitelist_upload_poll    one step of the work on a block, or 10 ms of the verification (crypto.h). At
 *                            the commit it reads the manifest once, or three times if that fails, and
 *                            programs the commit record.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_UPLOAD_H
#define FIRMWARE_WHITELIST_WHITELIST_UPLOAD_H

#include "firmware/whitelist/whitelist_state.h"

/* Receives the next piece of a manifest with its signature. last is true for the last piece; the verification
 * then starts.
 *
 * offset 0 starts a new upload. It abandons the one in progress, and ends a replica that is being made. But
 * if the same header is repeated before any byte was stored, it continues. The first piece normally gets
 * ERR_BUSY at first, because whitelist_poll has to erase the manifest area.
 *
 * Returns
 *   ERR_OK          the piece is stored
 *   ERR_BUSY        an erase, or a repair of the active list, is in progress: send the piece again shortly.
 *                   Or at least three uploads in a row were refused after something had been erased for
 *                   them: the gate waits, for 1 minute at first, for 16 at most
 *   ERR_ARGUMENT    - offset is not the end of the piece before, or no manifest is being received;
 *                   - a program failed: send the manifest again from its start;
 *                   - the length of a piece that is not the last must be a multiple of 16
 * Every other result ends the upload as refused, also the upload that was in progress before:
 *   ERR_FORMAT, ERR_UNSUPPORTED
 *                   the header is too short or not valid (whitelist_header_decode)
 *   ERR_COUNT       the counts of the header disagree, or the pieces do not end with the signature
 *   ERR_SITE        the list is for another site
 *   ERR_VERSION     the version is not above whitelist_version_floor; while no list is active, below it
 *   ERR_SIGNATURE   the signature has a wrong form (whitelist_poll finds one that does not verify)
 *   ERR_NO_SPACE    the list does not fit the slot
 *   ERR_WORN        too many sectors of the slot failed (worn_addr)
 *   ERR_IO, ERR_CRYPTO
 * If an erase fails between two calls, the next call at offset 0 with the same header returns the reason
 * once. */
int whitelist_upload_head(struct whitelist *list, uint32_t offset, const uint8_t *data, uint32_t len,
                          bool last) MUST_USE;

enum { WHITELIST_BLOCK_STORED = 1, WHITELIST_BLOCK_LATER = 2 };

/* Receives one piece of a block. len must be 1024 and offset 0, 1024, 2048 or 3072. The pieces of a block may
 * come in any order, but a piece of another block discards an incomplete one. When the block is complete, its
 * hash is checked and it is stored, in steps.
 *
 * Returns
 *   ERR_OK          the piece was received
 *   WHITELIST_BLOCK_STORED
 *                   the block is stored, or was already
 *   WHITELIST_BLOCK_LATER
 *                   the block is complete and one step was done: call again with the same piece
 *   ERR_BUSY        the state is not WHITELIST_RECEIVING. If it is WHITELIST_HEAD, the list was moved past
 *                   a worn sector: send the manifest again.
 *   ERR_ARGUMENT    the list has no block with this index, or len or offset is wrong
 *   ERR_NOT_LISTED  the hash is not the one that the manifest lists: send all four pieces again
 *   ERR_IO          the flash cannot be read: send all four pieces again. Or the program failed: the state
 *                   is then WHITELIST_PREPARING, the sector is erased, and its other blocks may be wanted
 *                   again.
 *   ERR_WORN        the flash failed repeatedly, and no place is left. The upload is refused.
 *   ERR_TAG_KEY     the list was built with the tag key of another school, so no card would be found. The
 *                   upload is refused. */
int whitelist_upload_block(struct whitelist *list, uint32_t index, uint32_t offset, const uint8_t *data,
                           uint32_t len) MUST_USE;

/* For whitelist_patch.c: begins a block, or goes on with the one that was begun in the same way. */
void whitelist_upload_begin_block(struct whitelist *list, uint32_t index, bool by_patch);
/* For whitelist_patch.c: does one step to store the block that is complete in list->work: its hash first,
 * then a few of its buckets, then page by page. Returns the results of whitelist_upload_block for a last piece. */
int whitelist_upload_store_block(struct whitelist *list) MUST_USE;

/* Finds the next run, that is, consecutive blocks that are still wanted. Searches from block *first on and
 * sets *first to the start of the run. Returns the count of blocks in the run; 0: no block from *first on is
 * wanted, or the state is not WHITELIST_RECEIVING. */
uint32_t whitelist_wanted(const struct whitelist *list, uint32_t *first);

/* Returns the slot of the last upload: the active slot if the upload is committed (WHITELIST_DONE), otherwise
 * the standby slot. The struct is valid until the next call that changes the whitelist. */
const struct whitelist_slot *whitelist_uploaded(const struct whitelist *list);
/* Returns the digest of the list that is being received, once its signature was found valid (CRYPTO_HASH_LEN
 * bytes); NULL: none is. Its first bytes are to be kept for struct whitelist_known. */
const uint8_t *whitelist_upload_digest(const struct whitelist *list);
/* Returns the state of the upload. */
enum whitelist_upload_state whitelist_upload_state(const struct whitelist *list);
/* Returns why the last refused upload was refused (enum error); ERR_OK: none was, since start-up. */
int whitelist_upload_error(const struct whitelist *list);
/* Returns the count of blocks that are in the slot which was filled last. During an upload this is the
 * standby slot. Later a replica or a repair changes the number. */
uint32_t whitelist_upload_have_count(const struct whitelist *list);
/* Returns a number that changes when data is stored: a piece of the manifest, a new piece of a block, or a
 * block. A repeated piece does not change it. If it stays the same for long, the upload has stalled. */
uint32_t whitelist_upload_progress(const struct whitelist *list);

/* Abandons an upload that waits for its client (WHITELIST_HEAD, WHITELIST_RECEIVING), so that the active list
 * gets its replica back. Does nothing in any other state. */
void whitelist_upload_abandon(struct whitelist *list);

/* Returns the standby slot, to which an upload is written. After the commit this is the slot of the list
 * before; see whitelist_uploaded. */
const struct whitelist_slot *whitelist_staged(const struct whitelist *list);

/* Returns "idle", "head", "verifying", "preparing", "receiving", "done" or "refused"; "unknown" for any other
 * number. */
const char *whitelist_upload_state_name(enum whitelist_upload_state state);

/* Counts the wait after refused uploads. Call it once a second. */
void whitelist_upload_tick(struct whitelist *list);

/* Does the part of whitelist_poll while an upload is in progress. Returns ERR_OK (it waits for the client),
 * ERR_BUSY, WHITELIST_COMMITTED, WHITELIST_UPLOAD_REFUSED. */
int whitelist_upload_poll(struct whitelist *list) MUST_USE;

#endif
