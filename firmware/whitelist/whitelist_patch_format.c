/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_patch_format.h"

#include <string.h>

#include "firmware/base/bytes.h"

enum {
    BLOCK_HEAD_LEN = 3,
    RULE_LEN = 2,
    CHANGE_BITS = WHITELIST_PATCH_ENTRY | 3 << WHITELIST_PATCH_CHANGE_SHIFT | WHITELIST_PATCH_LAST,
    BUCKET_NUMBER = WHITELIST_BUCKETS_PER_BLOCK - 1,
};

static uint32_t left(const struct whitelist_patch_reader *reader)
{
    return (uint32_t)(reader->end - reader->at);
}

/* Takes the next len bytes. Returns NULL if they are not there. */
static const uint8_t *take(struct whitelist_patch_reader *reader, uint32_t len)
{
    const uint8_t *bytes = reader->at;
    if (left(reader) < len)
        return NULL;
    reader->at += len;
    return bytes;
}

/* ---- manifest ---- */

/* Decodes the kind and the number of a run. Returns false if it is malformed. */
static bool read_run_start(struct whitelist_patch_reader *reader, enum whitelist_run_kind *kind, uint32_t *n)
{
    const uint8_t *first = take(reader, 1);
    *kind = (enum whitelist_run_kind)(*first >> WHITELIST_PATCH_KIND_SHIFT);
    *n = *first & WHITELIST_PATCH_NUMBER;
    if (*kind > WHITELIST_RUN_GO_TO)
        return false;
    if (*n > 0)
        return *kind != WHITELIST_RUN_GO_TO;
    const uint8_t *more = take(reader, 2);
    if (more == NULL)
        return false;
    *n = bytes_get_u16(more);
    return *n > 0 || *kind == WHITELIST_RUN_GO_TO;
}

int whitelist_head_patch_next(struct whitelist_head_patch *patch, struct whitelist_run *run)
{
    enum whitelist_run_kind kind = WHITELIST_RUN_GO_TO;
    uint32_t n;
    while (left(&patch->runs) > 0 && kind == WHITELIST_RUN_GO_TO) {
        if (!read_run_start(&patch->runs, &kind, &n))
            return ERR_FORMAT;
        if (kind == WHITELIST_RUN_GO_TO)
            patch->base_at = n;
    }
    if (kind == WHITELIST_RUN_GO_TO)
        return ERR_NOT_FOUND;
    *run = (struct whitelist_run){.base_at = patch->base_at, .len = n};
    patch->base_at += n;
    if (kind == WHITELIST_RUN_KEEP)
        return ERR_OK;
    run->bytes = take(&patch->runs, n);
    return run->bytes != NULL ? ERR_OK : ERR_FORMAT;
}

int whitelist_head_patch_open(struct whitelist_head_patch *patch, const uint8_t *data, uint32_t len,
                              uint32_t base_len)
{
    struct whitelist_run run;
    int result;
    if (len < WHITELIST_PATCH_HEAD_LEN)
        return ERR_FORMAT;
    *patch =
        (struct whitelist_head_patch){.offset = bytes_get_u32(data + WHITELIST_PATCH_BASE_LEN),
                                      .runs = {.at = data + WHITELIST_PATCH_HEAD_LEN, .end = data + len}};
    struct whitelist_head_patch walk = *patch;
    while ((result = whitelist_head_patch_next(&walk, &run)) == ERR_OK) {
        if (run.bytes == NULL && (run.base_at > base_len || run.len > base_len - run.base_at))
            return ERR_FORMAT;
        patch->len += run.len;
        if (patch->offset > WHITELIST_BLOCKS_OFFSET || patch->len > WHITELIST_BLOCKS_OFFSET - patch->offset)
            return ERR_FORMAT;
    }
    return result == ERR_NOT_FOUND && patch->len > 0 ? ERR_OK : ERR_FORMAT;
}

/* ---- blocks ---- */

static uint32_t change_len(enum whitelist_change_kind kind)
{
    switch (kind) {
    case WHITELIST_CHANGE_REMOVE:
        return 0;
    case WHITELIST_CHANGE_ADD:
        return TAG_LEN + RULE_LEN;
    case WHITELIST_CHANGE_RULE:
        return RULE_LEN;
    }
    return UINT32_MAX;
}

static enum whitelist_change_kind kind_of(uint8_t change)
{
    return (enum whitelist_change_kind)(change >> WHITELIST_PATCH_CHANGE_SHIFT & 3);
}

/* Passes over the changes of a bucket. Returns false if one of them is malformed. */
static bool skip_changes(struct whitelist_patch_reader *reader)
{
    const uint8_t *change;
    do {
        change = take(reader, 1);
        if (change == NULL || (*change & ~CHANGE_BITS) != 0 ||
            take(reader, change_len(kind_of(*change))) == NULL)
            return false;
    } while ((*change & WHITELIST_PATCH_LAST) == 0);
    return true;
}

int whitelist_bucket_patch_next(struct whitelist_patch_reader *reader, struct whitelist_bucket_patch *patch)
{
    const uint8_t *first = take(reader, 1);
    if (first == NULL)
        return ERR_FORMAT;
    patch->number = *first & BUCKET_NUMBER;
    patch->spilled = (*first & WHITELIST_PATCH_SPILLED) != 0;
    patch->changes.at = reader->at;
    if ((*first & WHITELIST_PATCH_NO_CHANGES) == 0 && !skip_changes(reader))
        return ERR_FORMAT;
    patch->changes.end = reader->at;
    return ERR_OK;
}

int whitelist_block_patch_next(struct whitelist_patch_reader *reader, struct whitelist_block_patch *patch)
{
    struct whitelist_bucket_patch bucket;
    int before = -1;
    if (left(reader) == 0)
        return ERR_NOT_FOUND;
    const uint8_t *head = take(reader, BLOCK_HEAD_LEN);
    if (head == NULL)
        return ERR_FORMAT;
    *patch = (struct whitelist_block_patch){
        .index = bytes_get_u16(head), .bucket_count = head[2], .buckets = {.at = reader->at}};
    for (int i = 0; i < patch->bucket_count; i++) {
        if (whitelist_bucket_patch_next(reader, &bucket) != ERR_OK || bucket.number <= before)
            return ERR_FORMAT;
        before = bucket.number;
    }
    patch->buckets.end = reader->at;
    return patch->bucket_count > 0 ? ERR_OK : ERR_FORMAT;
}

int whitelist_block_patches_open(struct whitelist_patch_reader *reader, const uint8_t *data, uint32_t len)
{
    struct whitelist_block_patch block;
    int64_t before = -1;
    int result = ERR_FORMAT;
    if (len <= WHITELIST_PATCH_BASE_LEN)
        return ERR_FORMAT;
    *reader = (struct whitelist_patch_reader){.at = data + WHITELIST_PATCH_BASE_LEN, .end = data + len};
    struct whitelist_patch_reader walk = *reader;
    while ((result = whitelist_block_patch_next(&walk, &block)) == ERR_OK) {
        if (block.index <= before)
            return ERR_FORMAT;
        before = block.index;
    }
    return result == ERR_NOT_FOUND ? ERR_OK : ERR_FORMAT;
}

static int change_one(struct whitelist_bucket *bucket, uint8_t change, const uint8_t *more)
{
    enum whitelist_change_kind kind = kind_of(change);
    uint32_t at = change & WHITELIST_PATCH_ENTRY, behind = bucket->count - at;
    struct whitelist_entry *entry = bucket->entries + at;
    bool adds = kind == WHITELIST_CHANGE_ADD;
    if (at + !adds > bucket->count || (adds && bucket->count == WHITELIST_BUCKET_ENTRIES))
        return ERR_CONFLICT;
    if (kind == WHITELIST_CHANGE_REMOVE) {
        memmove(entry, entry + 1, sizeof *entry * (behind - 1));
        bucket->count--;
    } else if (adds) {
        memmove(entry + 1, entry, sizeof *entry * behind);
        memcpy(entry->tag.bytes, more, TAG_LEN);
        entry->rule = bytes_get_u16(more + TAG_LEN);
        bucket->count++;
    } else {
        entry->rule = bytes_get_u16(more);
    }
    return ERR_OK;
}

int whitelist_bucket_patch_apply(const struct whitelist_bucket_patch *patch, struct whitelist_bucket *bucket)
{
    struct whitelist_patch_reader changes = patch->changes;
    int result = ERR_OK;
    while (result == ERR_OK && left(&changes) > 0) {
        const uint8_t *change = take(&changes, 1);
        result = change_one(bucket, *change, take(&changes, change_len(kind_of(*change))));
    }
    bucket->spilled = patch->spilled;
    return result;
}
