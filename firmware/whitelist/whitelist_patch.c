/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_patch.h"

#include <string.h>

#include "firmware/storage/flash_io.h"
#include "firmware/whitelist/whitelist_fill.h"
#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_patch_format.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "firmware/whitelist/whitelist_upload.h"

enum {
    READ_STEPS = WHITELIST_BLOCK_LEN / WHITELIST_PIECE_LEN,
    BUCKETS_PER_STEP = 4,
};

static bool is_base(const struct whitelist *list, const uint8_t *base)
{
    return memcmp(list->slots[list->running].digest, base, WHITELIST_PATCH_BASE_LEN) == 0;
}

/* ---- manifest ---- */

/* Reads len bytes of the manifest and signature of the active list. */
static int read_base(const struct whitelist *list, uint32_t at, uint8_t *out, uint32_t len)
{
    return flash_io_read(list->flash, list->slots[list->running].base + at, out, len);
}

/* Makes the part [from, from + len) of the output of a piece. */
static int expand(const struct whitelist *list, struct whitelist_head_patch patch, uint32_t from,
                  uint8_t *out, uint32_t len)
{
    struct whitelist_run run;
    uint32_t at = 0; /* start of the run in the output */
    int result = ERR_OK;
    while (result == ERR_OK && at < from + len && whitelist_head_patch_next(&patch, &run) == ERR_OK) {
        uint32_t first = at < from ? from : at, end = at + run.len < from + len ? at + run.len : from + len;
        if (first < end && run.bytes != NULL)
            memcpy(out + (first - from), run.bytes + (first - at), end - first);
        else if (first < end)
            result = read_base(list, run.base_at + (first - at), out + (first - from), end - first);
        at += run.len;
    }
    return result;
}

static uint32_t head_len(const struct whitelist *list, uint32_t offset, const uint8_t *first, uint32_t len)
{
    struct whitelist_header header = whitelist_staged(list)->header;
    if (offset == 0 && (len < WHITELIST_HEADER_LEN || whitelist_header_decode(&header, first) != ERR_OK))
        return 0;
    return whitelist_head_stored_len(&header);
}

/* Stores up to a page of the output of a piece, from offset `at` of the manifest on. */
static int store_page(struct whitelist *list, const struct whitelist_head_patch *patch, uint32_t at)
{
    uint8_t page[WHITELIST_PAGE_LEN];
    uint32_t end = patch->offset + patch->len, len = end - at < sizeof page ? end - at : sizeof page;
    int result = expand(list, *patch, at - patch->offset, page, len);
    if (result != ERR_OK)
        return result;
    result = whitelist_upload_head(list, at, page, len, at + len == head_len(list, at, page, len));
    return result == ERR_OK && at + len < end ? WHITELIST_BLOCK_LATER : result;
}

int whitelist_patch_head(struct whitelist *list, const uint8_t *data, uint32_t len)
{
    const struct whitelist_upload *upload = &list->upload;
    struct whitelist_head_patch patch;
    if (list->running < 0)
        return ERR_CONFLICT;
    const struct whitelist_header *base = &list->slots[list->running].header;
    if (whitelist_head_patch_open(&patch, data, len, whitelist_head_stored_len(base)) != ERR_OK)
        return ERR_FORMAT;
    if (!is_base(list, data))
        return ERR_CONFLICT;
    if (patch.offset == 0)
        return patch.len <= WHITELIST_PAGE_LEN ? store_page(list, &patch, 0) : ERR_FORMAT;
    if (upload->state != WHITELIST_HEAD || upload->head_received < patch.offset ||
        upload->head_received > patch.offset + patch.len)
        return ERR_ARGUMENT;
    if (upload->head_received == patch.offset + patch.len)
        return ERR_OK;
    return store_page(list, &patch, upload->head_received);
}

/* ---- blocks ---- */

static int read_piece(struct whitelist *list, uint32_t index, uint32_t offset)
{
    uint32_t addr = whitelist_slot_block_address(list, list->running, index) + offset;
    return flash_io_read(list->flash, addr, list->work.received + offset, WHITELIST_PIECE_LEN);
}

static int patch_bucket(struct whitelist *list, uint32_t block, const struct whitelist_bucket_patch *patch)
{
    struct whitelist_bucket bucket;
    uint32_t index = block * WHITELIST_BUCKETS_PER_BLOCK + patch->number;
    uint8_t *bytes = list->work.received + patch->number * WHITELIST_BUCKET_LEN;
    int result = whitelist_bucket_decode(&bucket, index, &list->list_mac, bytes);
    if (result == ERR_OK)
        result = whitelist_bucket_patch_apply(patch, &bucket);
    if (result == ERR_OK)
        result = whitelist_bucket_encode(&bucket, index, &list->list_mac, bytes);
    return result == ERR_ARGUMENT ? ERR_CONFLICT : result; /* no bucket can be spilled and not full */
}

/* Patches some buckets of the block that was read, those from number `first` of the patch on. */
static int patch_buckets(struct whitelist *list, const struct whitelist_block_patch *patch, uint32_t first)
{
    struct whitelist_patch_reader buckets = patch->buckets;
    struct whitelist_bucket_patch bucket;
    int result = ERR_OK;
    for (uint32_t i = 0; i < patch->bucket_count && i < first + BUCKETS_PER_STEP && result == ERR_OK; i++) {
        result = whitelist_bucket_patch_next(&buckets, &bucket);
        if (result == ERR_OK && i >= first)
            result = patch_bucket(list, patch->index, &bucket);
    }
    return result;
}

/* Does one step to make a block from that of the active list. Returns ERR_OK (it is made), ERR_BUSY, or an
 * error. */
static int make_block(struct whitelist *list, const struct whitelist_block_patch *patch, uint32_t step)
{
    if (step < READ_STEPS) {
        int read = read_piece(list, patch->index, step * WHITELIST_PIECE_LEN);
        return read == ERR_OK ? ERR_BUSY : read;
    }
    uint32_t first = (step - READ_STEPS) * BUCKETS_PER_STEP;
    int result = patch_buckets(list, patch, first);
    return result == ERR_OK && first < patch->bucket_count ? ERR_BUSY : result;
}

static int take_block(struct whitelist *list, const struct whitelist_block_patch *patch)
{
    struct whitelist_upload *upload = &list->upload;
    whitelist_upload_begin_block(list, patch->index, true);
    if (upload->block_steps > 0) /* what is stored stays what was hashed */
        return whitelist_upload_store_block(list);
    int result = make_block(list, patch, upload->patch_steps++);
    if (result == ERR_BUSY)
        return WHITELIST_BLOCK_LATER;
    if (result == ERR_OK)
        return whitelist_upload_store_block(list);
    upload->patch_steps = 0;
    return result;
}

/* Passes over the blocks that the slot has. Returns the result of whitelist_block_patch_next for the first of
 * the others. */
static int find_wanted(const struct whitelist *list, struct whitelist_patch_reader *reader,
                       struct whitelist_block_patch *patch)
{
    int result;
    do
        result = whitelist_block_patch_next(reader, patch);
    while (result == ERR_OK && patch->index < WHITELIST_BLOCKS_MAX &&
           whitelist_has_block(list, patch->index));
    return result;
}

int whitelist_patch_blocks(struct whitelist *list, const uint8_t *data, uint32_t len)
{
    struct whitelist_patch_reader reader;
    struct whitelist_block_patch patch;
    if (list->upload.state != WHITELIST_RECEIVING)
        return ERR_BUSY;
    if (whitelist_block_patches_open(&reader, data, len) != ERR_OK)
        return ERR_FORMAT;
    if (list->running < 0 || !is_base(list, data))
        return ERR_CONFLICT;
    if (find_wanted(list, &reader, &patch) != ERR_OK)
        return WHITELIST_BLOCK_STORED;
    if (patch.index >= whitelist_staged(list)->header.block_count ||
        patch.index >= list->slots[list->running].header.block_count)
        return ERR_ARGUMENT;
    int result = take_block(list, &patch);
    /* With the last block the list may be committed, before another call is made. */
    bool more = result == WHITELIST_BLOCK_STORED && find_wanted(list, &reader, &patch) == ERR_OK;
    return more ? WHITELIST_BLOCK_LATER : result;
}
