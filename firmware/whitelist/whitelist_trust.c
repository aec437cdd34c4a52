/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_trust.h"

#include <string.h>

#include "firmware/storage/flash_io.h"
#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_mend.h"
#include "firmware/whitelist/whitelist_slot.h"

bool whitelist_trust_has(const struct whitelist *list, uint32_t block)
{
    return list->trust.blocks[block / 8] >> (block % 8) & 1;
}

static void trust(struct whitelist *list, uint32_t block)
{
    list->trust.blocks[block / 8] |= (uint8_t)(1 << (block % 8));
}

void whitelist_trust_reset(struct whitelist *list)
{
    memset(&list->trust, 0, sizeof list->trust);
}

void whitelist_trust_clear(struct whitelist *list, uint32_t block)
{
    list->trust.blocks[block / 8] &= (uint8_t) ~(1 << (block % 8));
}

void whitelist_trust_filled(struct whitelist *list)
{
    whitelist_trust_reset(list);
    memcpy(list->trust.blocks, list->blocks.have, sizeof list->trust.blocks);
}

/* Reads the hash that the active list has for a block, from the replica of its manifest if its own is
 * damaged. */
static int read_hash(const struct whitelist *list, uint32_t block, uint8_t hash[WHITELIST_HASH_LEN])
{
    const struct whitelist_slot *running = &list->slots[list->running], *other = &list->slots[!list->running];
    int result = whitelist_head_listed_hash(list, list->running, block, hash);
    if (result != ERR_OK && other->present &&
        memcmp(running->digest, other->digest, sizeof running->digest) == 0)
        result = whitelist_head_listed_hash(list, !list->running, block, hash);
    return result;
}

static uint32_t bucket_address(const struct whitelist *list, int slot, uint32_t index)
{
    return whitelist_slot_block_address(list, slot, 0) + index * WHITELIST_BUCKET_LEN;
}

enum copy { COPY_OURS, COPY_REPLICA, COPY_MERGED };

static int read_from(struct whitelist *list, enum copy copy, uint32_t index,
                     uint8_t bytes[WHITELIST_BUCKET_LEN])
{
    if (copy == COPY_MERGED)
        return whitelist_mend_read_bucket(list, -1, index, bytes);
    int slot = copy == COPY_OURS ? list->running : !list->running;
    return flash_io_read(list->flash, bucket_address(list, slot, index), bytes, WHITELIST_BUCKET_LEN);
}

/* Reads the block of a bucket once, compares it with the manifest of the active slot, and takes the bucket
 * from the same reading. Not inlined, so that only the look-ups that need it use its stack. */
static __attribute__((noinline)) int verify_block(struct whitelist *list, enum copy copy, uint32_t index,
                                                  uint8_t wanted[WHITELIST_BUCKET_LEN])
{
    uint8_t listed[WHITELIST_HASH_LEN], digest[CRYPTO_HASH_LEN], bytes[WHITELIST_BUCKET_LEN];
    crypto_hash hash;
    uint32_t first = index - index % WHITELIST_BUCKETS_PER_BLOCK;
    int result = read_hash(list, index / WHITELIST_BUCKETS_PER_BLOCK, listed);
    crypto_hash_start(&hash);
    for (uint32_t at = first; at < first + WHITELIST_BUCKETS_PER_BLOCK && result == ERR_OK; at++) {
        result = read_from(list, copy, at, bytes);
        crypto_hash_add(&hash, bytes, sizeof bytes);
        if (at == index)
            memcpy(wanted, bytes, sizeof bytes);
    }
    crypto_hash_finish(&hash, digest);
    return result == ERR_OK && !crypto_equal(listed, digest, sizeof listed) ? ERR_CORRUPT : result;
}

int whitelist_trust_read_bucket(struct whitelist *list, uint32_t index, struct whitelist_bucket *bucket)
{
    uint8_t bytes[WHITELIST_BUCKET_LEN] = {0};
    uint32_t block = index / WHITELIST_BUCKETS_PER_BLOCK;
    bool was_trusted = whitelist_trust_has(list, block);
    int result = was_trusted ? list->flash->read(list->flash->ctx, bucket_address(list, list->running, index),
                                                 bytes, sizeof bytes)
                             : verify_block(list, COPY_OURS, index, bytes);
    if (result == ERR_OK)
        result = whitelist_bucket_decode(bucket, index, &list->list_mac, bytes);
    if (result == ERR_OK)
        trust(list, block);
    else
        whitelist_trust_clear(list, block);
    return result;
}

int whitelist_trust_read_replica(struct whitelist *list, uint32_t index, struct whitelist_bucket *bucket)
{
    uint8_t bytes[WHITELIST_BUCKET_LEN] = {0};
    int result = verify_block(list, COPY_REPLICA, index, bytes);
    if (result == ERR_CORRUPT)
        result = verify_block(list, COPY_MERGED, index, bytes);
    return result == ERR_OK ? whitelist_bucket_decode(bucket, index, &list->list_mac, bytes) : result;
}

/* Compares the block that was hashed piece by piece with the manifest, and goes on to the next one. */
static void finish_block(struct whitelist *list)
{
    struct whitelist_trust *state = &list->trust;
    uint8_t wanted[WHITELIST_HASH_LEN], digest[CRYPTO_HASH_LEN];
    crypto_hash_finish(&state->hash, digest);
    int result = read_hash(list, state->cursor, wanted);
    if (result == ERR_OK && crypto_equal(wanted, digest, sizeof wanted)) {
        trust(list, state->cursor);
    } else if (list->replica.repair_slot < 0) { /* a repair reads the block twice before it acts */
        list->replica.repair_slot = list->running;
        list->replica.repair_block = state->cursor;
    }
    state->cursor++;
    state->offset = 0;
}

int whitelist_trust_poll(struct whitelist *list)
{
    struct whitelist_trust *state = &list->trust;
    uint8_t page[WHITELIST_PAGE_LEN];
    if (list->running < 0)
        return ERR_OK;
    uint32_t block_count = list->slots[list->running].header.block_count;
    while (state->offset == 0 && state->cursor < block_count && whitelist_trust_has(list, state->cursor))
        state->cursor++;
    if (state->cursor >= block_count)
        return ERR_OK;
    if (state->offset == 0)
        crypto_hash_start(&state->hash);
    uint32_t addr = whitelist_slot_block_address(list, list->running, state->cursor) + state->offset;
    if (flash_io_read(list->flash, addr, page, sizeof page) != ERR_OK) {
        state->cursor++; /* the look-up that needs it tries again */
        state->offset = 0;
        return ERR_BUSY;
    }
    crypto_hash_add(&state->hash, page, sizeof page);
    state->offset += sizeof page;
    if (state->offset == WHITELIST_BLOCK_LEN)
        finish_block(list);
    return ERR_BUSY;
}
