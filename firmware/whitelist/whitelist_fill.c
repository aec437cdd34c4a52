/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_fill.h"

#include <string.h>

#include "firmware/storage/flash_io.h"
#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_mend.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "firmware/whitelist/whitelist_trust.h"

enum { SECTOR_TRIES = 3 }; /* failures after which a sector counts as worn */

bool whitelist_has_block(const struct whitelist *list, uint32_t index)
{
    return list->blocks.have[index / 8] >> (index % 8) & 1;
}

void whitelist_mark_block(struct whitelist *list, uint32_t index, const uint8_t block[WHITELIST_BLOCK_LEN])
{
    list->blocks.have[index / 8] |= (uint8_t)(1 << (index % 8));
    list->blocks.have_count++;
    list->blocks.entry_count += whitelist_block_count_entries(block);
}

uint32_t whitelist_blocks_per_sector(const struct whitelist *list)
{
    uint32_t sector_size = list->flash->geometry->sector_size;
    return sector_size > WHITELIST_BLOCK_LEN ? sector_size / WHITELIST_BLOCK_LEN : 1;
}

static void enter_sector(struct whitelist *list, uint32_t first)
{
    struct whitelist_fill *fill = &list->fill;
    fill->first = fill->cursor = first;
    fill->end = first + whitelist_blocks_per_sector(list);
    if (fill->end > fill->stop)
        fill->end = fill->stop;
    fill->need_erase = false;
    fill->failures = 0;
    fill->entries_before = list->blocks.entry_count;
    fill->stage = FILL_SCAN;
}

void whitelist_fill_start(struct whitelist *list, int target, int source, int list_slot, uint32_t first,
                          uint32_t stop)
{
    list->fill =
        (struct whitelist_fill){.target = target, .source = source, .list_slot = list_slot, .stop = stop};
    memset(list->blocks.have, 0, sizeof list->blocks.have);
    list->blocks.have_count = list->blocks.entry_count = 0;
    enter_sector(list, first);
}

/* Reads one bucket of a block, put together from the copies that are not the target. If it is damaged in
 * all of them, it is read as it is. */
static int read_merged(struct whitelist *list, uint32_t index, uint8_t *bucket)
{
    uint32_t at = index * WHITELIST_BUCKETS_PER_BLOCK + list->fill.read_len / WHITELIST_BUCKET_LEN;
    int result = whitelist_mend_read_bucket(list, list->fill.target, at, bucket);
    return result == ERR_CORRUPT ? ERR_OK : result;
}

int whitelist_fill_read(struct whitelist *list, int slot, uint32_t index, uint8_t hash[WHITELIST_HASH_LEN])
{
    struct whitelist_fill *fill = &list->fill;
    uint8_t digest[CRYPTO_HASH_LEN];
    if (fill->read_len == WHITELIST_BLOCK_LEN) { /* a step of its own: the caller compares the hash next */
        fill->read_len = 0;
        crypto_hash_finish(&list->work_hash, digest);
        memcpy(hash, digest, WHITELIST_HASH_LEN);
        return ERR_OK;
    }
    uint8_t *piece = list->work.filled + fill->read_len;
    bool is_merged = slot == WHITELIST_MERGED;
    uint32_t len = is_merged ? WHITELIST_BUCKET_LEN : WHITELIST_PAGE_LEN;
    if (fill->read_len == 0)
        crypto_hash_start(&list->work_hash);
    int result = is_merged ? read_merged(list, index, piece)
                           : flash_io_read(list->flash,
                                           whitelist_slot_block_address(list, slot, index) + fill->read_len,
                                           piece, len);
    if (result != ERR_OK)
        return result;
    crypto_hash_add(&list->work_hash, piece, len);
    fill->read_len += len;
    return ERR_BUSY;
}

/* The same, and compares it. Returns ERR_BUSY (there is more), ERR_OK, ERR_CORRUPT (not the block that the
 * manifest lists), ERR_IO. */
static int read_wanted(struct whitelist *list, int slot, uint32_t index)
{
    uint8_t wanted[WHITELIST_HASH_LEN], hash[WHITELIST_HASH_LEN];
    int result = whitelist_fill_read(list, slot, index, hash);
    if (result != ERR_OK)
        return result;
    if (whitelist_head_listed_hash(list, list->fill.list_slot, index, wanted) != ERR_OK)
        return ERR_IO; /* without its hash, nothing is known of the block */
    return memcmp(wanted, hash, sizeof wanted) == 0 ? ERR_OK : ERR_CORRUPT;
}

/* Marks all blocks of the current sector as missing. */
static void forget_sector(struct whitelist *list)
{
    struct whitelist_fill *fill = &list->fill;
    for (uint32_t i = fill->first; i < fill->end; i++) {
        list->blocks.have_count -= whitelist_has_block(list, i);
        list->blocks.have[i / 8] &= (uint8_t) ~(1 << (i % 8));
    }
    list->blocks.entry_count = fill->entries_before;
    fill->cursor = fill->first;
}

static bool is_target_committed(const struct whitelist *list)
{
    return list->fill.target != WHITELIST_SPARE && list->slots[list->fill.target].committed;
}

static int scan_one(struct whitelist *list)
{
    struct whitelist_fill *fill = &list->fill;
    int result = read_wanted(list, fill->target, fill->cursor);
    if (result == ERR_IO || result == ERR_BUSY)
        return result;
    fill->reads_again = result != ERR_OK && is_target_committed(list) && !fill->reads_again;
    if (fill->reads_again) /* one bad reading must not cause a repair */
        return ERR_BUSY;
    if (result == ERR_OK)
        whitelist_mark_block(list, fill->cursor, list->work.filled);
    else if (!flash_is_blank(list->work.filled, WHITELIST_BLOCK_LEN))
        fill->need_erase = true;
    if (++fill->cursor == fill->end) {
        fill->cursor = fill->first;
        fill->stage = fill->need_erase ? FILL_PROTECT : FILL_COPY;
    }
    return ERR_BUSY;
}

static bool source_is_same_list(const struct whitelist *list)
{
    const struct whitelist_fill *fill = &list->fill;
    return fill->source == WHITELIST_MERGED || (fill->source >= 0 && fill->source == fill->list_slot);
}

static void leave_sector(struct whitelist *list)
{
    if (list->fill.end >= list->fill.stop)
        list->fill.stage = FILL_RESTING;
    else
        enter_sector(list, list->fill.end);
}

/* Returns true if the source must be seen to have a block of the sector before the sector is erased. A
 * good block needs a good replica. So does a damaged one, because most of its buckets may still be good,
 * and they may be missing in the source. */
static bool needs_replica(const struct whitelist *list)
{
    const struct whitelist_fill *fill = &list->fill;
    if (!source_is_same_list(list))
        return false;
    bool is_known =
        fill->gives_up || (fill->source == list->running && whitelist_trust_has(list, fill->cursor));
    return whitelist_has_block(list, fill->cursor) || is_target_committed(list) || !is_known;
}

/* Checks the replica of one block before the sector is erased. */
static int protect_one(struct whitelist *list)
{
    struct whitelist_fill *fill = &list->fill;
    if (needs_replica(list)) {
        int result = read_wanted(list, fill->source, fill->cursor);
        if (result == ERR_IO || result == ERR_BUSY)
            return result;
        if (result != ERR_OK) {
            for (uint32_t i = fill->first; i < fill->end; i++)
                fill->missing_count += !whitelist_has_block(list, i);
            leave_sector(list);
            return fill->stage == FILL_RESTING ? ERR_OK : ERR_BUSY;
        }
    }
    if (++fill->cursor == fill->end)
        fill->stage = FILL_ERASE;
    return ERR_BUSY;
}

static int erase_sector(struct whitelist *list)
{
    struct whitelist_fill *fill = &list->fill;
    uint32_t addr = whitelist_slot_block_address(list, fill->target, fill->first);
    int result = list->flash->erase_start(list->flash->ctx, addr);
    if (result == ERR_BUSY)
        return result;
    if (result != ERR_OK)
        return ERR_WORN;
    forget_sector(list);
    fill->stage = FILL_ERASING;
    return ERR_BUSY;
}

static int wait_for_erase(struct whitelist *list)
{
    int result = list->flash->erase_poll(list->flash->ctx);
    if (result != ERR_OK)
        return result == ERR_BUSY ? ERR_BUSY : ERR_WORN;
    list->fill.cursor = list->fill.first;
    list->fill.stage = FILL_COPY;
    return ERR_BUSY;
}

/* Returns true if the source may have a block, because its own manifest lists the same hash at the same
 * index. */
static bool source_lists(const struct whitelist *list, uint32_t index)
{
    const struct whitelist_fill *fill = &list->fill;
    uint8_t wanted[WHITELIST_HASH_LEN], listed[WHITELIST_HASH_LEN];
    if (fill->source == WHITELIST_MERGED)
        return true;
    return fill->source >= 0 && index < list->slots[fill->source].header.block_count &&
           whitelist_head_listed_hash(list, fill->list_slot, index, wanted) == ERR_OK &&
           whitelist_head_listed_hash(list, fill->source, index, listed) == ERR_OK &&
           memcmp(wanted, listed, sizeof wanted) == 0;
}

static int read_source(struct whitelist *list, uint32_t index)
{
    struct whitelist_fill *fill = &list->fill;
    if (fill->read_len == 0 && !source_lists(list, index))
        return ERR_CORRUPT;
    int result = read_wanted(list, fill->source, index);
    fill->is_read = result == ERR_OK;
    return result == ERR_OK ? ERR_BUSY : result;
}

static int program_page(struct whitelist *list, uint32_t index)
{
    struct whitelist_fill *fill = &list->fill;
    uint32_t addr = whitelist_slot_block_address(list, fill->target, index) + fill->programmed_len;
    int result =
        whitelist_slot_program(list, addr, list->work.filled + fill->programmed_len, WHITELIST_PAGE_LEN);
    if (result != ERR_OK)
        return result;
    fill->programmed_len += WHITELIST_PAGE_LEN;
    if (fill->programmed_len < WHITELIST_BLOCK_LEN)
        return ERR_BUSY;
    fill->programmed_len = 0;
    fill->is_read = false;
    return ERR_OK;
}

static int copy_one(struct whitelist *list)
{
    struct whitelist_fill *fill = &list->fill;
    uint32_t index = fill->cursor;
    if (!whitelist_has_block(list, index)) {
        int result = fill->is_read ? program_page(list, index) : read_source(list, index);
        if (result == ERR_BUSY || result == ERR_IO || result == ERR_WORN)
            return result;
        fill->written_count += result == ERR_OK;
        if (result == ERR_OK)
            whitelist_mark_block(list, index, list->work.filled);
        else
            fill->missing_count++;
    }
    if (++fill->cursor == fill->end)
        leave_sector(list);
    return fill->stage == FILL_RESTING ? ERR_OK : ERR_BUSY;
}

static int do_step(struct whitelist *list)
{
    switch (list->fill.stage) {
    case FILL_RESTING:
        return ERR_OK;
    case FILL_SCAN:
        return scan_one(list);
    case FILL_PROTECT:
        return protect_one(list);
    case FILL_ERASE:
        return erase_sector(list);
    case FILL_ERASING:
        return wait_for_erase(list);
    case FILL_COPY:
        return copy_one(list);
    }
    return ERR_OK;
}

int whitelist_fill_poll(struct whitelist *list)
{
    struct whitelist_fill *fill = &list->fill;
    int result = do_step(list);
    if (result == ERR_OK || result == ERR_BUSY)
        return result;
    if (++fill->failures < SECTOR_TRIES) { /* the new content decides whether it is erased again */
        forget_sector(list);
        fill->read_len = fill->programmed_len = 0;
        fill->need_erase = fill->reads_again = fill->is_read = false;
        fill->stage = FILL_SCAN;
        return ERR_BUSY;
    }
    if (result == ERR_WORN)
        list->worn_addr = whitelist_slot_block_address(list, fill->target, fill->first);
    return result;
}
