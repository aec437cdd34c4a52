/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_replica.h"

#include <string.h>

#include "firmware/whitelist/whitelist_fill.h"
#include "firmware/whitelist/whitelist_group.h"
#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_look.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "firmware/whitelist/whitelist_trust.h"

enum {
    BACK_OFF_S = 60,      /* after the first failure */
    BACK_OFF_DOUBLES = 6, /* number of times that it doubles, to about an hour */
    MEND_STEPS = 3,
    RESCAN_DOUBLES = 6, /* the same for a rescan without a list: from a second to about a minute */
};

static void succeed(struct whitelist *list)
{
    list->replica.stage = REPLICA_RESTING;
    list->replica.back_offs = 0;
    list->moves = 0;
}

/* Ends the work after a failure. The active list stays as it is. The module backs off, so that retries do not
 * wear the sector further. */
static int back_off(struct whitelist *list)
{
    list->replica.stage = REPLICA_RESTING;
    list->fill.stage = FILL_RESTING;
    list->replica.repair_slot = -1;
    list->replica.failed_count++;
    list->moves = 0;
    list->replica.back_off_s = (uint32_t)BACK_OFF_S << list->replica.back_offs;
    if (list->replica.back_offs < BACK_OFF_DOUBLES)
        list->replica.back_offs++;
    return ERR_BUSY;
}

static void start_filling(struct whitelist *list)
{
    whitelist_fill_start(list, whitelist_slot_standby(list), list->running, list->running, 0,
                         list->slots[list->running].header.block_count);
    list->replica.stage = REPLICA_FILL;
}

/* Copies one page of the active manifest; after the last page starts to fill the blocks. */
static int copy_head(struct whitelist *list)
{
    int other = whitelist_slot_standby(list);
    const struct whitelist_slot *running = &list->slots[list->running];
    uint32_t whole = whitelist_head_stored_len(&running->header), at = list->replica.head_copied;
    uint32_t count = whole - at < WHITELIST_PAGE_LEN ? whole - at : WHITELIST_PAGE_LEN;
    int result = whitelist_group_read(list, list->running, running->base + at, list->work.head, count);
    if (result == ERR_OK)
        result = whitelist_slot_program(list, list->slots[other].base + at, list->work.head, count);
    if (result == ERR_WORN)
        list->worn_addr = list->slots[other].base + at;
    if (result != ERR_OK)
        return result;
    list->replica.head_copied += count;
    if (list->replica.head_copied < whole)
        return ERR_BUSY;
    result = whitelist_slot_load(list, other);
    if (result != ERR_OK)
        return result;
    if (!list->slots[other].present ||
        memcmp(list->slots[other].digest, running->digest, sizeof running->digest) != 0)
        return ERR_CORRUPT;
    start_filling(list);
    return ERR_BUSY;
}

static uint32_t first_of_sector(const struct whitelist *list, uint32_t block)
{
    return block - block % whitelist_blocks_per_sector(list);
}

/* Starts to fill one sector of a slot. */
static void fill_sector(struct whitelist *list, int target, int source, int list_slot, uint32_t block)
{
    uint32_t first = first_of_sector(list, block), stop = first + whitelist_blocks_per_sector(list);
    uint32_t block_count = list->slots[list->running].header.block_count;
    whitelist_fill_start(list, target, source, list_slot, first, stop < block_count ? stop : block_count);
    list->replica.stage = REPLICA_REPAIR;
}

/* Does the next step of mending the sector of repair_block. The steps before have made sure that each
 * block of it can be made from the copies that are not written now. */
static void mend(struct whitelist *list)
{
    int targets[] = {WHITELIST_SPARE, list->running, whitelist_slot_standby(list)};
    int target = targets[list->replica.mend_step++];
    fill_sector(list, target, WHITELIST_MERGED, list->fill.list_slot, list->replica.repair_block);
}

/* Starts to put the sector of a block together from all copies. Returns ERR_BUSY, ERR_CORRUPT (there is no
 * room for a third copy). */
static int start_mend(struct whitelist *list, uint32_t block)
{
    uint32_t spare;
    list->replica.repair_block = block;
    list->replica.mend_step = 0;
    list->replica.mend_failed = false;
    if (!whitelist_slot_find_spare(list, &spare))
        return ERR_CORRUPT;
    mend(list);
    return ERR_BUSY;
}

/* The replica that is being made lacks blocks, because they are damaged in the active slot. Mends the next
 * sector of them; after the last one goes on without those that cannot be mended. */
static int mend_replica(struct whitelist *list)
{
    uint32_t block_count = list->slots[list->running].header.block_count, block = list->replica.mend_from;
    if (list->fill.gives_up)
        return ERR_CORRUPT;
    while (block < block_count && whitelist_has_block(list, block))
        block++;
    list->replica.mend_from = first_of_sector(list, block) + whitelist_blocks_per_sector(list);
    if (block < block_count)
        return start_mend(list, block);
    start_filling(list);
    list->fill.gives_up = true;
    return ERR_BUSY;
}

static int finish_replica(struct whitelist *list)
{
    if (list->fill.missing_count != 0)
        return mend_replica(list);
    int result = whitelist_slot_commit(list, whitelist_slot_standby(list));
    if (result != ERR_OK)
        return result;
    bool was_lost = list->replica.head_lost;
    list->replica.is_whole = true;
    list->replica.head_lost = false;
    succeed(list);
    if (list->slots[list->running].mend != WHITELIST_MEND_NOTHING) /* the new copy rewrites the damaged one */
        whitelist_look_lose(list, list->running);
    if (!was_lost)
        return ERR_BUSY;
    list->replica.repaired_last = WHITELIST_REPAIRED_HEAD;
    list->replica.repaired_count++;
    return WHITELIST_REPAIRED;
}

static int start_erasing(struct whitelist *list)
{
    int other = whitelist_slot_standby(list);
    whitelist_slot_erase_begin(list);
    list->slots[other].committed = list->slots[other].present = false;
    list->replica.stage = REPLICA_ERASE_HEAD;
    return ERR_BUSY;
}

/* Relocates the replica in its slot past a worn sector. If a repair finds a worn sector, the damaged slot is
 * discarded and becomes the standby slot, because the other slot is intact. */
static int relocate(struct whitelist *list)
{
    bool repairs = list->replica.stage == REPLICA_REPAIR;
    int slot = repairs ? list->replica.repair_slot : whitelist_slot_standby(list);
    if (whitelist_slot_move(list, slot, list->slots[list->running].header.block_count) != ERR_OK)
        return back_off(list);
    if (repairs) {
        whitelist_look_lose(list, slot);
        list->replica.repair_slot = -1;
    }
    list->fill.stage = FILL_RESTING;
    return start_erasing(list);
}

/* Checks the standby slot before it is erased. */
static int check_other(struct whitelist *list)
{
    int other = whitelist_slot_standby(list), result = whitelist_look_at_other(list);
    const struct whitelist_slot *slots = list->slots;
    if (result < ERR_OK)
        return result;
    if (result == WHITELIST_LOOK_TAKEN_UP) {
        succeed(list);
        return ERR_BUSY;
    }
    if (slots[other].present && memcmp(slots[0].digest, slots[1].digest, sizeof slots[0].digest) == 0 &&
        whitelist_slot_has_room_to_commit(list, other)) {
        start_filling(list); /* begun before a restart or back-off: the manifest is there already */
        return ERR_BUSY;
    }
    if (whitelist_slot_place(list, other, slots[list->running].header.block_count) != ERR_OK)
        return ERR_NO_SPACE;
    return start_erasing(list);
}

/* Starts a repair. The manifest of the good copy is checked first, because it lists the blocks: if it were
 * damaged, good blocks would be erased. */
static int start_repair(struct whitelist *list)
{
    int source = list->replica.repair_slot == 0 ? 1 : 0;
    if (whitelist_slot_check(list, source) != ERR_OK) {
        if (whitelist_slot_check(list, list->replica.repair_slot) == ERR_OK)
            whitelist_look_lose(list, source);
        else if (whitelist_look_mend(list) != ERR_OK)
            return back_off(list);
        return ERR_BUSY;
    }
    list->replica.mend_step = 0;
    fill_sector(list, list->replica.repair_slot, source, source, list->replica.repair_block);
    return ERR_BUSY;
}

static bool lacks_checks(const struct whitelist *list, int slot)
{
    const struct whitelist_slot *s = &list->slots[slot];
    return !s->has_checks && s->mend == WHITELIST_MEND_NOTHING;
}

/* Starts to write the checks of a manifest that has none. Returns ERR_BUSY, ERR_OK (both slots have them). */
static int start_checks(struct whitelist *list)
{
    int other = whitelist_slot_standby(list);
    int slot = lacks_checks(list, list->running)                     ? list->running
               : list->replica.is_whole && lacks_checks(list, other) ? other
                                                                     : -1;
    if (slot < 0)
        return ERR_OK;
    whitelist_group_start(list, slot);
    list->replica.stage = REPLICA_CHECKS;
    return ERR_BUSY;
}

static int write_checks(struct whitelist *list)
{
    if (whitelist_group_poll(list) == ERR_BUSY)
        return ERR_BUSY;
    list->slots[list->group.slot].has_checks = true; /* after an error as well: the next start tries again */
    list->replica.stage = REPLICA_RESTING;
    return ERR_BUSY;
}

static int start_something(struct whitelist *list)
{
    if (whitelist_slot_wait_erased(list) == ERR_BUSY)
        return ERR_BUSY;
    if (list->replica.back_off_s > 0)
        return ERR_OK;
    if (start_checks(list) == ERR_BUSY)
        return ERR_BUSY;
    if (!list->replica.is_whole) {
        list->replica.stage = REPLICA_CHECK_OURS;
        list->replica.mend_from = 0;
        return ERR_BUSY;
    }
    return list->replica.repair_slot < 0 ? ERR_OK : start_repair(list);
}

static int count_repair(struct whitelist *list)
{
    list->replica.repair_slot = -1;
    list->replica.repaired_last = list->replica.repair_block;
    list->replica.repaired_count++;
    return WHITELIST_REPAIRED;
}

static int finish_repair(struct whitelist *list)
{
    if (list->fill.missing_count != 0)
        return start_mend(list, list->replica.repair_block);
    succeed(list);
    if (list->fill.written_count > 0)
        return count_repair(list);
    list->replica.repair_slot = -1; /* the block is good: the error was transient */
    return ERR_BUSY;
}

/* Ends the mending of a sector. While the replica is being made, its filling goes on in any case. */
static int finish_mend(struct whitelist *list)
{
    bool failed = list->replica.mend_failed;
    list->replica.mend_step = 0;
    if (list->replica.is_whole && failed)
        return ERR_CORRUPT;
    if (list->replica.is_whole)
        succeed(list);
    else
        start_filling(list);
    return failed ? ERR_BUSY : count_repair(list);
}

/* Continues a repair, and after it the mending. A slot that cannot be written keeps what it has, and does not
 * keep the other one from being written. */
static int repair_step(struct whitelist *list)
{
    int result = whitelist_fill_poll(list);
    if (result == ERR_BUSY)
        return ERR_BUSY;
    if (list->replica.mend_step == 0)
        return result == ERR_OK ? finish_repair(list) : result;
    bool is_slot = list->fill.target != WHITELIST_SPARE;
    list->replica.mend_failed |= is_slot && (result != ERR_OK || list->fill.missing_count != 0);
    if (list->replica.mend_step == MEND_STEPS)
        return finish_mend(list);
    mend(list);
    return ERR_BUSY;
}

/* Returns true if two checks of a slot's manifest find damage and the other slot's manifest reads correctly.
 * One reading may be wrong, and a chip may return wrong data for some time. */
static bool is_damaged_for_sure(struct whitelist *list, int slot)
{
    return whitelist_slot_check(list, slot) == ERR_CORRUPT && whitelist_slot_check(list, !slot) == ERR_OK;
}

/* Continues to read the block that whitelist_scrub chose, and requests its repair if it is damaged. */
static int scrub_step(struct whitelist *list)
{
    struct whitelist_replica *replica = &list->replica;
    int slot = replica->scrub_slot;
    uint8_t wanted[WHITELIST_HASH_LEN], hash[WHITELIST_HASH_LEN] = {0};
    int result = whitelist_fill_read(list, slot, replica->scrub_block, hash);
    if (result == ERR_BUSY)
        return ERR_BUSY;
    replica->stage = REPLICA_RESTING;
    int listed = whitelist_head_listed_hash(list, slot, replica->scrub_block, wanted);
    bool is_good = listed == ERR_OK && memcmp(wanted, hash, sizeof hash) == 0;
    if (result != ERR_OK || listed == ERR_IO || is_good || !replica->is_whole || replica->repair_slot >= 0)
        return ERR_BUSY;
    if (slot == list->running)
        whitelist_trust_clear(list, replica->scrub_block);
    if (is_damaged_for_sure(list, slot)) { /* the manifest lists a wrong hash, and the block may be good */
        whitelist_look_lose(list, slot);
        return ERR_BUSY;
    }
    replica->repair_slot = slot;
    replica->repair_block = replica->scrub_block;
    return ERR_BUSY;
}

static int do_step(struct whitelist *list)
{
    int result = ERR_OK;
    switch (list->replica.stage) {
    case REPLICA_RESTING:
        return start_something(list);
    case REPLICA_CHECKS:
        return write_checks(list);
    case REPLICA_CHECK_OURS:
        result = whitelist_look_at_heads(list);
        if (result == ERR_OK && list->slots[list->running].mend == WHITELIST_MEND_BOTH)
            result = ERR_CORRUPT; /* the other slot has a part of the manifest that must not be erased */
        if (result == ERR_OK)
            list->replica.stage = REPLICA_CHECK_OTHER;
        return result == ERR_OK ? ERR_BUSY : result;
    case REPLICA_CHECK_OTHER:
        return check_other(list);
    case REPLICA_ERASE_HEAD:
        result = whitelist_slot_erase_head(list, whitelist_slot_standby(list),
                                           whitelist_head_stored_len(&list->slots[list->running].header));
        if (result != ERR_OK)
            return result;
        list->replica.head_copied = 0;
        list->replica.stage = REPLICA_COPY_HEAD;
        return ERR_BUSY;
    case REPLICA_COPY_HEAD:
        return copy_head(list);
    case REPLICA_FILL:
        result = whitelist_fill_poll(list);
        return result == ERR_OK ? finish_replica(list) : result;
    case REPLICA_REPAIR:
        return repair_step(list);
    case REPLICA_SCRUB:
        return scrub_step(list);
    }
    return ERR_OK;
}

int whitelist_replica_poll(struct whitelist *list)
{
    if (list->running < 0) {
        list->replica.stage = list->replica.stage == REPLICA_SCRUB ? REPLICA_RESTING : list->replica.stage;
        return ERR_OK;
    }
    int result = do_step(list);
    if (result >= ERR_OK || result == ERR_BUSY)
        return result;
    return result == ERR_WORN ? relocate(list) : back_off(list);
}

static void rescan(struct whitelist *list)
{
    if (list->upload.state != WHITELIST_IDLE && list->upload.state != WHITELIST_REFUSED)
        return;
    whitelist_look(list);
    if (list->running >= 0) {
        list->replica.back_offs = 0;
        return;
    }
    list->replica.back_off_s = 1u << list->replica.back_offs;
    if (list->replica.back_offs < RESCAN_DOUBLES)
        list->replica.back_offs++;
}

void whitelist_scrub(struct whitelist *list)
{
    if (list->replica.back_off_s > 0) {
        list->replica.back_off_s--;
        return;
    }
    if (list->running < 0) {
        rescan(list);
        return;
    }
    if (!list->replica.is_whole || list->replica.stage != REPLICA_RESTING || list->replica.repair_slot >= 0 ||
        list->upload.state == WHITELIST_RECEIVING || list->upload.state == WHITELIST_PREPARING)
        return;
    uint32_t per_slot = list->slots[list->running].header.block_count + 1;
    int slot = (int)(list->replica.scrub_cursor / per_slot % 2);
    uint32_t at = list->replica.scrub_cursor % per_slot;
    list->replica.scrub_cursor = (list->replica.scrub_cursor + 1) % (2 * per_slot);
    if (at > 0) {
        list->replica.stage = REPLICA_SCRUB;
        list->replica.scrub_slot = slot;
        list->replica.scrub_block = at - 1;
        list->fill.read_len = 0;
    } else if (is_damaged_for_sure(list, slot)) {
        whitelist_look_lose(list, slot);
    } else if (whitelist_slot_check(list, slot) == ERR_CORRUPT) {
        (void)!whitelist_look_mend(list); /* both are damaged; if this fails, they are checked again */
    }
}
