/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receives a new list as its differences from the active one (whitelist_patch_format.h). Manifest and blocks
 * are made from the active list and the patch, and then go the way of an upload (whitelist_upload.h): the
 * signature and the signed hashes decide. Both ways can be mixed in one upload, block by block.
 *
 * A call does one step: it reads 1 KiB of the active list, patches four buckets (eight AES-CMACs, 2 ms on a
 * 142 MHz Cortex-M3), programs 256 bytes of the manifest, or does a step of whitelist_upload_block.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_PATCH_H
#define FIRMWARE_WHITELIST_WHITELIST_PATCH_H

#include "firmware/whitelist/whitelist_state.h"

/* Receives a piece of a manifest with its signature. The pieces come in order. The piece at offset 0 starts a
 * new upload, and its output has at most WHITELIST_PAGE_LEN bytes; the output of every piece but the last is
 * a multiple of 16 bytes.
 *
 * Returns
 *   ERR_OK          the piece is stored, or was already
 *   WHITELIST_BLOCK_LATER
 *                   one step was done: call again with the same piece
 *   ERR_FORMAT      the piece is malformed
 *   ERR_CONFLICT    the active list is not the base of the patch: send the manifest whole
 * or, for what was made from it, a result of whitelist_upload_head. */
int whitelist_patch_head(struct whitelist *list, const uint8_t *data, uint32_t len) MUST_USE;

/* Receives the patches of some blocks. A block that the slot has already is left out.
 *
 * Returns
 *   WHITELIST_BLOCK_STORED
 *                   all these blocks are stored
 *   WHITELIST_BLOCK_LATER
 *                   one step was done: call again with the same patch
 *   ERR_FORMAT      the patch is malformed: nothing of it was used
 *   ERR_CONFLICT    the active list is not the base of the patch, or a block was made from another bucket
 *   ERR_CORRUPT     a bucket of the active list is damaged
 *   ERR_BUSY, ERR_ARGUMENT, ERR_NOT_LISTED, ERR_IO, ERR_WORN, ERR_TAG_KEY, ERR_CRYPTO
 *                   as whitelist_upload_block
 * After an error the blocks that are still wanted can be sent whole. */
int whitelist_patch_blocks(struct whitelist *list, const uint8_t *data, uint32_t len) MUST_USE;

#endif
