/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a gate's whitelist on a NOR model: mounts it, uploads lists as a client does, restarts, and compares
 * every answer with a list_made. The caller owns the struct. Nothing blocks.
 */
#ifndef TESTS_FAKES_LIST_GATE_H
#define TESTS_FAKES_LIST_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"

struct list_gate {
    struct nor_model nor;
    const struct list_maker *maker;
    struct whitelist list;
    bool mounted;
    uint32_t slot_len;
    struct whitelist_known known; /* kept across restarts, as the store does */
    uint32_t blocks_sent;         /* since the caller last set it to 0 */
    const struct list_made *base; /* lists are sent as patches of this one; NULL: whole */
    uint32_t patch_bytes;         /* of the patches sent, since the caller last set it to 0 */
    uint32_t repaired;            /* times poll reported a repair */
};

/* Makes an erased chip with two slots of slot_len bytes, and mounts it. */
void list_gate_init(struct list_gate *gate, const struct list_maker *maker, uint32_t slot_len,
                    uint32_t sector_size);
/* Unmounts, and frees the chip. */
void list_gate_free(struct list_gate *gate);
/* Switches the power off and on, also after a cut. Returns the result of whitelist_mount. */
int list_gate_restart(struct list_gate *gate);
/* Polls until nothing is left to do, or the power is gone. Returns the last result other than ERR_BUSY, or 1
 * or 2 if an upload ended meanwhile. */
int list_gate_poll(struct list_gate *gate);

/* Sends the manifest in pieces of 1024 bytes. Returns the result of the last piece. */
int list_gate_send_head(struct list_gate *gate, const struct list_made *made);
/* Sends one piece of a block, and the last one until the block is stored. Returns its result. */
int list_gate_send_piece(struct whitelist *list, uint32_t index, uint32_t offset, const uint8_t *piece);
/* Sends one block in pieces. Returns the result of the last piece. */
int list_gate_send_block(struct list_gate *gate, const struct list_made *made, uint32_t index);
/* Sends the wanted blocks, at most `most` of them. */
void list_gate_send_wanted(struct list_gate *gate, const struct list_made *made, uint32_t most);
/* Sends the manifest as patches of base. Returns the result of the last piece. */
int list_gate_patch_head(struct list_gate *gate, const struct list_made *made);
/* Sends the wanted blocks as patches of base, until one is refused. Returns the result of the last patch, or
 * WHITELIST_BLOCK_STORED. */
int list_gate_patch_wanted(struct list_gate *gate, const struct list_made *made);
/* Uploads a list, as a patient client does. It continues an upload of the same list that is in progress.
 * Returns WHITELIST_COMMITTED, WHITELIST_UPLOAD_REFUSED (see list.upload.error) or the error of the
 * manifest. */
int list_gate_upload(struct list_gate *gate, const struct list_made *made);

/* Looks up every step-th card of the list, and some cards that are not in it. Returns -1 if all answers are
 * right, otherwise the number of the first card with a wrong one. */
int64_t list_gate_wrong_card(struct list_gate *gate, const struct list_made *made, uint32_t step);
/* Returns the version of the active list; 0 if there is none. */
uint32_t list_gate_version(const struct list_gate *gate);
/* Returns true if both slots hold the whole list: manifests, commit records and blocks. */
bool list_gate_is_twinned(const struct list_gate *gate, const struct list_made *made);
/* Returns the address of a block in the slot of the active list (running) or in the standby slot. */
uint32_t list_gate_block_address(const struct list_gate *gate, bool running, uint32_t index);

#endif
