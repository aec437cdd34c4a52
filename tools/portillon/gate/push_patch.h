/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what of a list is sent as differences from the list that the gate runs, the base, and what is sent
 * whole: a block of which too much changes, and everything that the gate refused as differences. Pure, no
 * I/O. The caller owns the struct, and the lists must outlive it.
 */
#ifndef TOOLS_PORTILLON_GATE_PUSH_PATCH_H
#define TOOLS_PORTILLON_GATE_PUSH_PATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/portillon/gate/link.h"
#include "tools/portillon/gate/push_window.h"
#include "tools/portillon/list/list_patch.h"

struct push_patch {
    bool is_on; /* false: everything is sent whole */
    bool head_was_patched;
    struct list_patch patch;
    struct list_patch_blocks message; /* the blocks that are sent now */
    uint32_t message_blocks[LIST_PATCH_BLOCKS_MAX];
    uint8_t whole[WHITELIST_BLOCKS_MAX / 8]; /* one bit each: this block is sent whole */
};

/* Starts with the base; NULL: everything is sent whole. */
void push_patch_start(struct push_patch *patch, const struct list_file *base, const struct list_file *list);

/* Fills the message with blocks[*next] and those after it that can be sent as differences, and moves *next.
 * Returns false if there is none left. */
bool push_patch_fill(struct push_patch *patch, const struct push_block *blocks, uint32_t count,
                     uint32_t *next);

/* Returns true if the answer to a patch says that the gate knows no patches, or cannot use this one, so that
 * the same is to be sent whole. */
bool push_patch_is_refused(const struct link_answer *answer);
/* From now on the blocks of the message are sent whole. */
void push_patch_give_up_message(struct push_patch *patch);
/* From now on everything is sent whole. */
void push_patch_give_up(struct push_patch *patch);

#endif
