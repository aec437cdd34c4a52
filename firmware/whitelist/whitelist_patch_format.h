/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decodes patches: what has to change in the manifest and the blocks of one list, the base, to get those of
 * another. The caller owns all memory, and the structs point into the patch. Pure, nothing blocks.
 *
 * A patch proves nothing. What is made from it is checked by the signature and the block hashes of the new
 * list, as if it had been sent whole.
 *
 * patch of a manifest (with its signature), a piece of it
 * offset  size  field
 *      0     8  base: first bytes of SHA-256 over manifest and signature of the base
 *      8     4  offset in the new manifest at which the output of this piece begins
 *     12        runs, one after the other. The first byte of a run: bits 6-7 its kind, bits 0-5 its number n,
 *               1 to 63; 0: n follows in two bytes. The base position is 0 at the start of a piece.
 *                 kind 0, keep     outputs n bytes of the base, and moves the base position by n
 *                 kind 1, replace  outputs the n bytes that follow, and moves the base position by n
 *                 kind 2, go to    sets the base position to n; n is always in two bytes
 *
 * patch of blocks
 *      0     8  base, as above
 *      8        for each block, in rising order: its index (2), the count of its changed buckets (1), and for
 *               each of them, in rising order, one byte: bits 0-5 its number in the block, bit 6: none of its
 *               entries changes, bit 7: it is spilled afterwards. Then its changes, one byte each: bits 0-2
 *               the number of an entry, bits 3-4 the kind, bit 7: the last one of this bucket.
 *                 kind 0, remove   the entry; those behind it move up
 *                 kind 1, add      before this entry: pseudonym (8) and rule (2) follow
 *                 kind 2, rule     of the entry: the new one (2) follows
 *               The gate computes the check of the bucket.
 *
 * Bits that are not named are 0. Numbers are little-endian.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_PATCH_FORMAT_H
#define FIRMWARE_WHITELIST_WHITELIST_PATCH_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

#define WHITELIST_PATCH_BASE_LEN 8
#define WHITELIST_PATCH_HEAD_LEN 12 /* of a piece of a manifest, before its runs */
#define WHITELIST_PATCH_NUMBER   63 /* the largest number in the first byte of a run */

enum whitelist_run_kind {
    WHITELIST_RUN_KEEP = 0,
    WHITELIST_RUN_REPLACE = 1,
    WHITELIST_RUN_GO_TO = 2,
};

enum whitelist_change_kind {
    WHITELIST_CHANGE_REMOVE = 0,
    WHITELIST_CHANGE_ADD = 1,
    WHITELIST_CHANGE_RULE = 2,
};

enum whitelist_patch_bits {
    WHITELIST_PATCH_KIND_SHIFT = 6, /* of a run */
    WHITELIST_PATCH_NO_CHANGES = 1 << 6,
    WHITELIST_PATCH_SPILLED = 1 << 7,
    WHITELIST_PATCH_ENTRY = 7,
    WHITELIST_PATCH_CHANGE_SHIFT = 3,
    WHITELIST_PATCH_LAST = 1 << 7,
};

/* The bytes that are left to decode. */
struct whitelist_patch_reader {
    const uint8_t *at, *end;
};

/* A run that outputs something. */
struct whitelist_run {
    const uint8_t *bytes; /* NULL: bytes of the base, from base_at on */
    uint32_t base_at, len;
};

/* A piece of a manifest. */
struct whitelist_head_patch {
    uint32_t offset, len; /* of its output */
    struct whitelist_patch_reader runs;
    uint32_t base_at;
};

struct whitelist_block_patch {
    uint32_t index;
    uint8_t bucket_count;
    struct whitelist_patch_reader buckets;
};

struct whitelist_bucket_patch {
    uint8_t number; /* in its block */
    bool spilled;
    struct whitelist_patch_reader changes;
};

/* Checks a piece of a manifest whose base has base_len bytes. Returns ERR_OK or ERR_FORMAT. */
int whitelist_head_patch_open(struct whitelist_head_patch *patch, const uint8_t *data, uint32_t len,
                              uint32_t base_len) MUST_USE;
/* Decodes the next run that outputs something. Returns ERR_OK, ERR_NOT_FOUND (there is none left),
 * ERR_FORMAT. */
int whitelist_head_patch_next(struct whitelist_head_patch *patch, struct whitelist_run *run) MUST_USE;

/* Checks a patch of blocks as a whole. Sets reader to its first block. Returns ERR_OK or ERR_FORMAT. */
int whitelist_block_patches_open(struct whitelist_patch_reader *reader, const uint8_t *data,
                                 uint32_t len) MUST_USE;
/* Decodes the next block. Returns ERR_OK, ERR_NOT_FOUND (there is none left), ERR_FORMAT. */
int whitelist_block_patch_next(struct whitelist_patch_reader *reader,
                               struct whitelist_block_patch *patch) MUST_USE;
/* Decodes the next bucket of a block. The caller counts them. Returns ERR_OK or ERR_FORMAT. */
int whitelist_bucket_patch_next(struct whitelist_patch_reader *reader,
                                struct whitelist_bucket_patch *patch) MUST_USE;
/* Changes a bucket. Returns ERR_OK, ERR_CONFLICT (the patch was made for another bucket: bucket is partly
 * changed). */
int whitelist_bucket_patch_apply(const struct whitelist_bucket_patch *patch,
                                 struct whitelist_bucket *bucket) MUST_USE;

#endif
