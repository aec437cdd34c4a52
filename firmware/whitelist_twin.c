#include "firmware/whitelist_twin.h"

#include <string.h>

#include "firmware/whitelist_fill.h"
#include "firmware/whitelist_slot.h"

static int other_slot(const struct whitelist *list)
{
    return list->running == 0 ? 1 : 0;
}

static void give_up(struct whitelist *list)
{
    list->twin_stage = TWIN_RESTING;
    list->twin_impossible = true;
    list->fill.stage = FILL_RESTING;
}

/* Copies one piece of the running head, then starts on the blocks. */
static int copy_head(struct whitelist *list)
{
    int other = other_slot(list);
    const struct whitelist_slot *running = &list->slots[list->running];
    uint32_t whole = whitelist_slot_head_len(&running->header);
    uint32_t count =
        whole - list->head_received < sizeof list->block ? whole - list->head_received : sizeof list->block;
    int result = list->flash->read(list->flash->ctx, running->base + list->head_received, list->block, count);
    if (result == ERR_OK)
        result = list->flash->program(list->flash->ctx, list->slots[other].base + list->head_received,
                                      list->block, count);
    if (result != ERR_OK)
        return result;
    list->head_received += count;
    if (list->head_received < whole)
        return ERR_BUSY;
    result = whitelist_slot_load(list, other);
    if (result != ERR_OK)
        return result;
    if (!list->slots[other].present ||
        memcmp(list->slots[other].digest, running->digest, sizeof running->digest) != 0)
        return ERR_CORRUPT;
    whitelist_fill_start(list, other, list->running, list->running, 0, running->header.block_count);
    list->twin_stage = TWIN_FILL;
    return ERR_BUSY;
}

static int finish_twin(struct whitelist *list)
{
    if (list->fill.missing_count != 0)
        return ERR_CORRUPT;
    int result = whitelist_slot_commit(list, other_slot(list));
    if (result != ERR_OK)
        return result;
    list->twin_whole = true;
    list->twin_stage = TWIN_RESTING;
    return ERR_BUSY;
}

static int start_something(struct whitelist *list)
{
    if (!list->twin_whole && !list->twin_impossible) {
        whitelist_slot_erase_begin(list);
        list->slots[other_slot(list)].committed = list->slots[other_slot(list)].present = false;
        list->twin_stage = TWIN_ERASE_HEAD;
        return ERR_BUSY;
    }
    if (list->repair_slot < 0)
        return ERR_OK;
    if (!list->twin_whole) { /* nothing to repair from */
        list->repair_slot = -1;
        return ERR_OK;
    }
    uint32_t per_sector = whitelist_blocks_per_sector(list);
    uint32_t first = list->repair_block / per_sector * per_sector;
    uint32_t stop = first + per_sector, block_count = list->slots[list->running].header.block_count;
    int source = list->repair_slot == 0 ? 1 : 0;
    whitelist_fill_start(list, list->repair_slot, source, source, first,
                         stop < block_count ? stop : block_count);
    list->twin_stage = TWIN_REPAIR;
    return ERR_BUSY;
}

static int repair(struct whitelist *list)
{
    int result = whitelist_fill_poll(list);
    if (result == ERR_BUSY)
        return ERR_BUSY;
    list->twin_stage = TWIN_RESTING;
    list->repair_slot = -1;
    if (result != ERR_OK || list->fill.missing_count != 0)
        return ERR_BUSY; /* still answered from its twin, and seen again by the next scrub */
    list->repaired_count++;
    return 3;
}

int whitelist_twin_poll(struct whitelist *list)
{
    int result = ERR_OK;
    if (list->running < 0)
        return ERR_OK;
    switch (list->twin_stage) {
    case TWIN_RESTING:
        return start_something(list);
    case TWIN_ERASE_HEAD:
        result = whitelist_slot_erase_head(list, other_slot(list),
                                           whitelist_slot_head_len(&list->slots[list->running].header));
        if (result == ERR_OK) {
            list->head_received = 0;
            list->twin_stage = TWIN_COPY_HEAD;
        }
        break;
    case TWIN_COPY_HEAD:
        result = copy_head(list);
        break;
    case TWIN_FILL:
        result = whitelist_fill_poll(list);
        if (result == ERR_OK)
            result = finish_twin(list);
        break;
    case TWIN_REPAIR:
        return repair(list);
    }
    if (result != ERR_OK && result != ERR_BUSY)
        give_up(list);
    return ERR_BUSY;
}

/* A damaged head: its slot no longer counts; the other, which holds the same list, serves. */
static void lose_slot(struct whitelist *list, int slot)
{
    list->slots[slot].committed = list->slots[slot].present = false;
    list->twin_whole = false;
    if (slot == list->running)
        list->running = other_slot(list);
}

void whitelist_scrub(struct whitelist *list)
{
    if (!list->twin_whole || list->twin_stage != TWIN_RESTING || list->repair_slot >= 0 ||
        list->upload_state == WHITELIST_RECEIVING || list->upload_state == WHITELIST_PREPARING)
        return;
    uint32_t per_slot = list->slots[list->running].header.block_count + 1;
    int slot = (int)(list->scrub_cursor / per_slot % 2);
    uint32_t at = list->scrub_cursor % per_slot;
    list->scrub_cursor = (list->scrub_cursor + 1) % (2 * per_slot);
    if (at == 0) {
        uint8_t digest[CRYPTO_HASH_LEN];
        int result = whitelist_slot_digest(list, slot, &list->slots[slot].header, digest);
        if (result == ERR_OK && memcmp(digest, list->slots[slot].digest, sizeof digest) == 0)
            result = whitelist_slot_check_commit(list, slot);
        else if (result == ERR_OK)
            result = ERR_CORRUPT;
        if (result == ERR_CORRUPT)
            lose_slot(list, slot);
        return;
    }
    uint8_t wanted[WHITELIST_HASH_LEN], hash[WHITELIST_HASH_LEN];
    if (whitelist_slot_listed_hash(list, slot, at - 1, wanted) == ERR_OK &&
        whitelist_slot_read_block(list, slot, at - 1, list->block, hash) == ERR_OK &&
        memcmp(wanted, hash, sizeof hash) != 0) {
        list->repair_slot = slot;
        list->repair_block = at - 1;
    }
}
