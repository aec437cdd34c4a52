/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes patches (firmware/whitelist/whitelist_patch_format.h): what has to change in the manifest and the
 * blocks of one list, the base, to get those of another. Every patch fits one message. The struct points to
 * two checked lists, which must outlive it. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_LIST_LIST_PATCH_H
#define TOOLS_PORTILLON_LIST_LIST_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/portillon/list/list_file.h"

#define LIST_PATCH_MAX        1024 /* bytes of a patch */
#define LIST_PATCH_BLOCKS_MAX 16   /* blocks in one patch: a gate answers when it has stored all of them */

struct list_patch {
    const struct list_file *base, *list;
    uint8_t digest[CRYPTO_HASH_LEN]; /* of the base: SHA-256 of manifest and signature */
};

/* Sets up the struct. */
void list_patch_init(struct list_patch *patch, const struct list_file *base, const struct list_file *list);

/* Makes the piece of the manifest, with its signature, from *offset on, and moves *offset to the end of what
 * it makes. Returns the length of the piece. */
size_t list_patch_head(const struct list_patch *patch, uint32_t *offset, uint8_t out[LIST_PATCH_MAX]);

/* Patches of blocks, as one message. */
struct list_patch_blocks {
    uint8_t bytes[LIST_PATCH_MAX];
    size_t len; /* 0: not begun */
    uint32_t count;
};

/* Adds the patch of a block; the indexes rise. Returns ERR_OK, ERR_NO_SPACE (the message is full: send it and
 * begin another) or ERR_UNSUPPORTED (this block has to be sent whole: the base does not have it, or too much
 * of it changes). */
int list_patch_block(const struct list_patch *patch, uint32_t index,
                     struct list_patch_blocks *blocks) MUST_USE;

#endif
