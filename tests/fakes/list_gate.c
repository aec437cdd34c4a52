/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/list_gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/whitelist/whitelist_patch.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tools/portillon/list/list_patch.h"

enum {
    PIECE_LEN = 1024,
    POLLS_MAX = 2000000,
    HEADS_MAX = 8, /* the same as portillon whitelist push */
};

void list_gate_init(struct list_gate *gate, const struct list_maker *maker, uint32_t slot_len,
                    uint32_t sector_size)
{
    memset(gate, 0, sizeof *gate);
    nor_model_init(&gate->nor, 2 * slot_len, sector_size);
    gate->maker = maker;
    gate->slot_len = slot_len;
    (void)!list_gate_restart(gate);
}

void list_gate_free(struct list_gate *gate)
{
    if (gate->mounted)
        whitelist_unmount(&gate->list);
    nor_model_free(&gate->nor);
}

int list_gate_restart(struct list_gate *gate)
{
    const uint8_t *digest = gate->mounted ? whitelist_upload_digest(&gate->list) : NULL;
    if (digest != NULL)
        memcpy(gate->known.resumable, digest, sizeof gate->known.resumable);
    if (gate->mounted)
        whitelist_unmount(&gate->list);
    nor_model_power_on(&gate->nor);
    int result = whitelist_mount(&gate->list, &gate->nor.flash, 0, 2 * gate->slot_len, &gate->maker->identity,
                                 &gate->known);
    gate->mounted = result == ERR_OK;
    return result;
}

/* Ends the program if a poll said that nothing is left to do, and the next one finds something. */
static void must_be_idle(struct list_gate *gate)
{
    uint64_t operations = gate->nor.counts.operations;
    int result = whitelist_poll(&gate->list);
    if (result == ERR_OK && gate->nor.counts.operations == operations)
        return;
    fprintf(stderr, "list gate: idle, and then %d\n", result);
    abort();
}

int list_gate_poll(struct list_gate *gate)
{
    int ended = ERR_OK;
    for (int i = 0; i < POLLS_MAX && !gate->nor.dead; i++) {
        int result = whitelist_poll(&gate->list);
        if (result == WHITELIST_COMMITTED)
            gate->known.version = gate->list.version_floor;
        if (result == WHITELIST_COMMITTED || result == WHITELIST_UPLOAD_REFUSED)
            ended = result;
        else if (result == WHITELIST_REPAIRED)
            gate->repaired++;
        else if (result != ERR_BUSY) {
            if (result == ERR_OK)
                must_be_idle(gate);
            return ended != ERR_OK ? ended : result;
        }
    }
    return gate->nor.dead ? ERR_IO : ERR_TIMEOUT;
}

int list_gate_send_head(struct list_gate *gate, const struct list_made *made)
{
    uint32_t whole = made->header.head_len + WHITELIST_SIGNATURE_LEN;
    int result = ERR_OK;
    for (uint32_t offset = 0; offset < whole && result == ERR_OK;) {
        uint32_t len = whole - offset < PIECE_LEN ? whole - offset : PIECE_LEN;
        result = ERR_BUSY;
        for (int i = 0; i < POLLS_MAX && result == ERR_BUSY && !gate->nor.dead; i++) {
            result =
                whitelist_upload_head(&gate->list, offset, made->image + offset, len, offset + len == whole);
            if (result == ERR_BUSY)
                (void)!whitelist_poll(&gate->list);
        }
        offset += len;
    }
    return result;
}

int list_gate_send_piece(struct whitelist *list, uint32_t index, uint32_t offset, const uint8_t *piece)
{
    int result = WHITELIST_BLOCK_LATER;
    while (result == WHITELIST_BLOCK_LATER)
        result = whitelist_upload_block(list, index, offset, piece, PIECE_LEN);
    return result;
}

int list_gate_send_block(struct list_gate *gate, const struct list_made *made, uint32_t index)
{
    int result = ERR_OK;
    for (uint32_t offset = 0; offset < WHITELIST_BLOCK_LEN && result == ERR_OK; offset += PIECE_LEN)
        result = list_gate_send_piece(&gate->list, index, offset,
                                      made->blocks + index * WHITELIST_BLOCK_LEN + offset);
    gate->blocks_sent++;
    return result;
}

void list_gate_send_wanted(struct list_gate *gate, const struct list_made *made, uint32_t most)
{
    uint32_t first = 0;
    while (most > 0 && !gate->nor.dead && whitelist_wanted(&gate->list, &first) > 0) {
        (void)!list_gate_send_block(gate, made, first);
        first = 0;
        most--;
    }
}

/* Opens a list that a test made. */
static struct list_file open_made(const struct list_made *made)
{
    struct list_file list;
    const char *why;
    if (list_file_open(&list, made->image, made->len, &why) != ERR_OK)
        abort();
    return list;
}

static int send_patch(struct list_gate *gate, const uint8_t *data, size_t len,
                      int (*take)(struct whitelist *list, const uint8_t *data, uint32_t len))
{
    int result = ERR_BUSY;
    gate->patch_bytes += (uint32_t)len;
    for (int i = 0; i < POLLS_MAX && !gate->nor.dead; i++) {
        result = take(&gate->list, data, (uint32_t)len);
        if (result != ERR_BUSY && result != WHITELIST_BLOCK_LATER)
            break;
        if (result == ERR_BUSY && whitelist_poll(&gate->list) == ERR_OK)
            break;
    }
    return result;
}

int list_gate_patch_head(struct list_gate *gate, const struct list_made *made)
{
    struct list_file base = open_made(gate->base), list = open_made(made);
    struct list_patch patch;
    uint8_t piece[LIST_PATCH_MAX];
    int result = ERR_OK;
    list_patch_init(&patch, &base, &list);
    for (uint32_t at = 0; at < made->header.head_len + WHITELIST_SIGNATURE_LEN && result == ERR_OK;)
        result = send_patch(gate, piece, list_patch_head(&patch, &at, piece), whitelist_patch_head);
    return result;
}

int list_gate_patch_wanted(struct list_gate *gate, const struct list_made *made)
{
    struct list_file base = open_made(gate->base), list = open_made(made);
    struct list_patch patch;
    int result = WHITELIST_BLOCK_STORED;
    uint32_t next = 0;
    list_patch_init(&patch, &base, &list);
    while (result == WHITELIST_BLOCK_STORED && whitelist_wanted(&gate->list, &next) > 0) {
        struct list_patch_blocks blocks = {.len = 0};
        int added = list_patch_block(&patch, next, &blocks);
        for (uint32_t at = next + 1; added == ERR_OK && whitelist_wanted(&gate->list, &at) > 0; at++)
            if (list_patch_block(&patch, at, &blocks) == ERR_NO_SPACE)
                break;
        result = added == ERR_OK ? send_patch(gate, blocks.bytes, blocks.len, whitelist_patch_blocks) : added;
        next = added == ERR_OK ? next : next + 1;
    }
    return result;
}

static bool has_base(const struct list_gate *gate)
{
    return gate->base != NULL && list_gate_version(gate) == gate->base->version;
}

static int send_some_head(struct list_gate *gate, const struct list_made *made)
{
    return has_base(gate) ? list_gate_patch_head(gate, made) : list_gate_send_head(gate, made);
}

static void send_some_blocks(struct list_gate *gate, const struct list_made *made)
{
    if (!has_base(gate) || list_gate_patch_wanted(gate, made) != WHITELIST_BLOCK_STORED)
        list_gate_send_wanted(gate, made, 1);
}

static bool is_under_way(const struct list_gate *gate, const struct list_made *made)
{
    enum whitelist_upload_state state = gate->list.upload.state;
    return (state == WHITELIST_VERIFYING || state == WHITELIST_PREPARING || state == WHITELIST_RECEIVING) &&
           whitelist_staged(&gate->list)->header.version == made->version;
}

static int upload_once(struct list_gate *gate, const struct list_made *made)
{
    if (!is_under_way(gate, made)) {
        int result = send_some_head(gate, made);
        if (result != ERR_OK)
            return result;
    }
    for (int i = 0; i < POLLS_MAX && !gate->nor.dead; i++) {
        int result = whitelist_poll(&gate->list);
        if (result == WHITELIST_COMMITTED)
            gate->known.version = gate->list.version_floor;
        if (result == WHITELIST_COMMITTED || result == WHITELIST_UPLOAD_REFUSED)
            return result;
        if (gate->list.upload.state == WHITELIST_IDLE || gate->list.upload.state == WHITELIST_HEAD)
            /* the upload found at start-up was cut in its manifest, or its place was worn */
            return ERR_NOT_FOUND;
        if (result == ERR_OK)
            send_some_blocks(gate, made);
    }
    return gate->nor.dead ? ERR_IO : ERR_TIMEOUT;
}

int list_gate_upload(struct list_gate *gate, const struct list_made *made)
{
    int result = ERR_NOT_FOUND;
    for (int heads = 0; heads < HEADS_MAX && (result == ERR_NOT_FOUND || result == ERR_ARGUMENT); heads++)
        result = upload_once(gate, made);
    return result;
}

int64_t list_gate_wrong_card(struct list_gate *gate, const struct list_made *made, uint32_t step)
{
    for (uint32_t n = 0; n < made->count + 20; n += n < made->count && n + step < made->count ? step : 1) {
        struct tag tag = list_maker_tag(n);
        struct whitelist_answer answer;
        int result = whitelist_lookup(&gate->list, &tag, &answer);
        if (!list_maker_is_right(made, n, result, &answer))
            return n;
    }
    return -1;
}

uint32_t list_gate_version(const struct list_gate *gate)
{
    return gate->list.running < 0 ? 0 : gate->list.slots[gate->list.running].header.version;
}

/* Finds the commit record of a slot, in any of its places. Returns NULL if there is none. */
static const uint8_t *commit_of(const struct list_gate *gate, int slot, uint32_t version)
{
    const uint8_t *blocks = gate->nor.bytes + gate->list.slots[slot].base + WHITELIST_BLOCKS_OFFSET;
    const uint8_t start[8] = {'P', 'T', 'W', 'C', (uint8_t)version};
    for (uint32_t place = 1; place <= WHITELIST_COMMIT_PLACES; place++)
        if (memcmp(blocks - place * WHITELIST_COMMIT_LEN, start, sizeof start) == 0)
            return blocks - place * WHITELIST_COMMIT_LEN;
    return NULL;
}

bool list_gate_is_twinned(const struct list_gate *gate, const struct list_made *made)
{
    uint32_t head_len = made->header.head_len + WHITELIST_SIGNATURE_LEN;
    const uint8_t *slots[2] = {gate->nor.bytes + gate->list.slots[0].base,
                               gate->nor.bytes + gate->list.slots[1].base};
    for (int slot = 0; slot < 2; slot++)
        if (memcmp(slots[slot], made->image, head_len) != 0 ||
            memcmp(slots[slot] + WHITELIST_BLOCKS_OFFSET, made->blocks,
                   (size_t)made->header.block_count * WHITELIST_BLOCK_LEN) != 0)
            return false;
    return commit_of(gate, 0, made->version) != NULL && commit_of(gate, 1, made->version) != NULL &&
           gate->list.replica.is_whole;
}

uint32_t list_gate_block_address(const struct list_gate *gate, bool running, uint32_t index)
{
    int slot = running ? gate->list.running : !gate->list.running;
    return gate->list.slots[slot].base + WHITELIST_BLOCKS_OFFSET + index * WHITELIST_BLOCK_LEN;
}
