/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_slot.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/storage/flash_io.h"
#include "firmware/whitelist/whitelist_group.h"
#include "firmware/whitelist/whitelist_head.h"

/* The first place for a commit record. The other places are below it. */
#define COMMIT_OFFSET (WHITELIST_BLOCKS_OFFSET - WHITELIST_COMMIT_LEN)

enum {
    READ_TRIES = 2,  /* a second try, because an error may be transient */
    LOAD_TRIES = 3,  /* loads before a slot counts as empty or not committed */
    ERASE_TRIES = 3, /* erases before a sector counts as worn */
    SMALL_SECTOR = 4096,
    WRONG_COMMIT_BITS = 4, /* of a record of 256 bits whose manifest is damaged as well */
    MOVES_MAX = 3,         /* relocations of one list */
};

static const uint8_t commit_magic[4] = {'P', 'T', 'W', 'C'};

int whitelist_slot_standby(const struct whitelist *list)
{
    return list->running == 0 ? 1 : 0;
}

_Static_assert(WHITELIST_HEAD_MAX <= WHITELIST_BLOCKS_OFFSET - 2 * SMALL_SECTOR,
               "no manifest reaches the spare sector");

bool whitelist_slot_find_spare(const struct whitelist *list, uint32_t *addr)
{
    uint32_t sector_size = list->flash->geometry->sector_size;
    uint32_t blocks_len = list->slots[list->running].header.block_count * WHITELIST_BLOCK_LEN;
    const struct whitelist_slot *s = list->slots;
    *addr = s[0].base + WHITELIST_BLOCKS_OFFSET - 2 * SMALL_SECTOR;
    bool found = sector_size <= SMALL_SECTOR;
    for (int slot = 0; slot < 2 && !found; slot++) {
        *addr = s[slot].start + list->slot_len - sector_size;
        found = s[slot].base + WHITELIST_BLOCKS_OFFSET + blocks_len <= *addr;
    }
    return found;
}

uint32_t whitelist_slot_block_address(const struct whitelist *list, int slot, uint32_t index)
{
    uint32_t spare = 0;
    if (slot != WHITELIST_SPARE)
        return list->slots[slot].base + WHITELIST_BLOCKS_OFFSET + index * WHITELIST_BLOCK_LEN;
    (void)whitelist_slot_find_spare(list, &spare);
    return spare + index * WHITELIST_BLOCK_LEN % list->flash->geometry->sector_size;
}

static int encode_commit(struct whitelist *list, int slot, uint8_t out[WHITELIST_COMMIT_LEN])
{
    const struct whitelist_slot *s = &list->slots[slot];
    uint8_t message[16 + CRYPTO_HASH_LEN];
    memset(out, 0, WHITELIST_COMMIT_LEN);
    memcpy(out, commit_magic, sizeof commit_magic);
    bytes_put_u32(out + 4, s->header.version);
    bytes_put_u32(out + 8, s->header.head_len);
    memcpy(message, out, 16);
    memcpy(message + 16, s->digest, CRYPTO_HASH_LEN);
    return crypto_mac_compute(&list->storage_mac, message, sizeof message, out + 16);
}

static uint32_t commit_address(const struct whitelist *list, int slot, uint32_t place)
{
    return list->slots[slot].base + COMMIT_OFFSET - place * WHITELIST_COMMIT_LEN;
}

/* Searches the places of a slot for a commit record in which at most so many bits are wrong. */
static int find_commit(const struct whitelist *list, int slot, const uint8_t *expected, uint32_t wrong_bits)
{
    uint8_t seen[WHITELIST_COMMIT_LEN];
    int result = ERR_OK;
    for (uint32_t place = 0; place < WHITELIST_COMMIT_PLACES && result == ERR_OK; place++) {
        result = flash_io_read(list->flash, commit_address(list, slot, place), seen, sizeof seen);
        if (result == ERR_OK && (crypto_equal(seen, expected, sizeof seen) ||
                                 whitelist_wrong_bits(seen, expected, sizeof seen) <= wrong_bits))
            return ERR_OK;
    }
    return result == ERR_OK ? ERR_CORRUPT : result;
}

/* Searches the places for the commit record of this manifest. If the manifest is damaged, a record may be so
 * too, and that of the other slot counts as well. Its MAC is then still as good as one of 100 bits. Returns
 * ERR_OK, ERR_CORRUPT (there is none), ERR_IO, ERR_CRYPTO. */
static int check_commit(struct whitelist *list, int slot)
{
    uint8_t expected[WHITELIST_COMMIT_LEN];
    bool is_mended = list->slots[slot].mend != WHITELIST_MEND_NOTHING;
    int result = encode_commit(list, slot, expected);
    if (result == ERR_OK)
        result = find_commit(list, slot, expected, is_mended ? WRONG_COMMIT_BITS : 0);
    return result == ERR_CORRUPT && is_mended ? find_commit(list, !slot, expected, WRONG_COMMIT_BITS)
                                              : result;
}

bool whitelist_slot_has_room_to_commit(const struct whitelist *list, int slot)
{
    uint8_t seen[WHITELIST_COMMIT_LEN];
    bool room = false;
    for (uint32_t place = 0; place < WHITELIST_COMMIT_PLACES && !room; place++)
        room = flash_io_read(list->flash, commit_address(list, slot, place), seen, sizeof seen) == ERR_OK &&
               flash_is_blank(seen, sizeof seen);
    return room;
}

/* Programs the commit record in the first blank place that accepts it. A place spoiled by a power cut or wear
 * is not programmed again. */
static int commit(struct whitelist *list, int slot)
{
    uint8_t record[WHITELIST_COMMIT_LEN], seen[WHITELIST_COMMIT_LEN];
    int result = encode_commit(list, slot, record);
    if (result != ERR_OK)
        return result;
    for (uint32_t place = 0; place < WHITELIST_COMMIT_PLACES; place++) {
        uint32_t addr = commit_address(list, slot, place);
        if (flash_io_read(list->flash, addr, seen, sizeof seen) != ERR_OK ||
            !flash_is_blank(seen, sizeof seen))
            continue;
        if (flash_io_program(list->flash, addr, record, sizeof record) == ERR_OK) {
            list->slots[slot].committed = true;
            return ERR_OK;
        }
    }
    list->worn_addr = commit_address(list, slot, 0);
    return ERR_WORN;
}

int whitelist_slot_commit(struct whitelist *list, int slot)
{
    if (check_commit(list, slot) != ERR_OK)
        return commit(list, slot);
    list->slots[slot].committed = true;
    return ERR_OK;
}

static int check_digest(const struct whitelist *list, int slot)
{
    uint8_t digest[CRYPTO_HASH_LEN];
    int result = whitelist_head_digest(list, slot, digest);
    if (result == ERR_OK && memcmp(digest, list->slots[slot].digest, sizeof digest) != 0)
        result = ERR_CORRUPT;
    return result;
}

int whitelist_slot_check(struct whitelist *list, int slot)
{
    int result = ERR_CORRUPT;
    for (int tries = 0; tries < READ_TRIES && result != ERR_OK; tries++) {
        result = check_digest(list, slot);
        if (result == ERR_OK)
            result = check_commit(list, slot);
    }
    return result;
}

bool whitelist_slot_reads_true(const struct whitelist *list, int slot)
{
    uint8_t seen[WHITELIST_HEADER_LEN], expected[WHITELIST_HEADER_LEN];
    whitelist_header_encode(&list->slots[slot].header, expected);
    return whitelist_group_read(list, slot, list->slots[slot].base, seen, sizeof seen) == ERR_OK &&
           memcmp(seen, expected, sizeof seen) == 0;
}

static bool fits(const struct whitelist *list, int slot, uint32_t base, uint32_t block_count)
{
    return base - list->slots[slot].start + WHITELIST_BLOCKS_OFFSET + block_count * WHITELIST_BLOCK_LEN <=
           list->slot_len;
}

static int load_once(struct whitelist *list, int slot)
{
    struct whitelist_slot *s = &list->slots[slot];
    uint8_t bytes[WHITELIST_HEADER_LEN];
    s->present = s->committed = false;
    int result = whitelist_group_read(list, slot, s->base, bytes, sizeof bytes);
    if (result != ERR_OK)
        return result;
    if (whitelist_header_decode(&s->header, bytes) != ERR_OK ||
        memcmp(s->header.site_id, list->identity->site_id, IDENTITY_SITE_ID_LEN) != 0 ||
        !fits(list, slot, s->base, s->header.block_count))
        return ERR_OK;
    result = whitelist_head_take(list, slot);
    if (result != ERR_OK)
        return result;
    s->present = true;
    result = check_commit(list, slot);
    s->committed = result == ERR_OK;
    return result == ERR_CORRUPT ? ERR_OK : result;
}

int whitelist_slot_load(struct whitelist *list, int slot)
{
    list->slots[slot].mend = WHITELIST_MEND_NOTHING;
    int result = load_once(list, slot);
    for (int tries = 1; tries < LOAD_TRIES && !list->slots[slot].committed; tries++)
        result = load_once(list, slot);
    return result;
}

static bool is_unit_worn(const struct whitelist *list, int slot, uint32_t unit)
{
    return list->worn_units[slot][unit / 8] >> unit % 8 & 1;
}

/* Returns true if a list that begins at base has room and no unit known as worn. */
static bool is_place_good(const struct whitelist *list, int slot, uint32_t base, uint32_t block_count)
{
    uint32_t first = (base - list->slots[slot].start) / WHITELIST_UNIT;
    uint32_t bytes = WHITELIST_BLOCKS_OFFSET + block_count * WHITELIST_BLOCK_LEN;
    if (!fits(list, slot, base, block_count))
        return false;
    for (uint32_t unit = 0; unit * WHITELIST_UNIT < bytes; unit++)
        if (is_unit_worn(list, slot, first + unit))
            return false;
    return true;
}

static bool is_better(const struct whitelist_slot *a, const struct whitelist_slot *b)
{
    if (a->committed != b->committed)
        return a->committed;
    return a->present && (!b->present || a->header.version > b->header.version);
}

int whitelist_slot_find(struct whitelist *list, int slot)
{
    struct whitelist_slot *s = &list->slots[slot], best;
    int result = whitelist_slot_load(list, slot); /* first the place where the list was before */
    best = *s;
    for (uint32_t base = s->start; fits(list, slot, base, 1); base += WHITELIST_UNIT) {
        uint8_t magic[4];
        if (base == best.base || flash_io_read(list->flash, base, magic, sizeof magic) != ERR_OK ||
            !whitelist_header_has_magic(magic))
            continue;
        s->base = base;
        if (load_once(list, slot) == ERR_OK && s->present &&
            is_place_good(list, slot, base, s->header.block_count) && is_better(s, &best))
            best = *s;
    }
    *s = best;
    return result;
}

int whitelist_slot_recover(struct whitelist *list, int slot, enum whitelist_mend mend)
{
    struct whitelist_slot *s = &list->slots[slot], before = *s;
    for (uint32_t base = s->start; fits(list, slot, base, 1); base += WHITELIST_UNIT) {
        uint8_t magic[4];
        if (flash_io_read(list->flash, base, magic, sizeof magic) != ERR_OK ||
            !whitelist_header_may_have_magic(magic))
            continue;
        s->base = base;
        s->mend = mend;
        if (load_once(list, slot) == ERR_OK && s->committed)
            return ERR_OK;
    }
    *s = before;
    return ERR_CORRUPT;
}

int whitelist_slot_place(struct whitelist *list, int slot, uint32_t block_count)
{
    struct whitelist_slot *s = &list->slots[slot];
    if (is_place_good(list, slot, s->base, block_count))
        return ERR_OK;
    for (uint32_t base = s->start; fits(list, slot, base, block_count); base += WHITELIST_UNIT) {
        if (is_place_good(list, slot, base, block_count)) {
            s->base = base;
            return ERR_OK;
        }
    }
    /* No place is left. All units are tried again, because a chip that was too cold may have seemed worn. */
    memset(list->worn_units[slot], 0, sizeof list->worn_units[slot]);
    s->base = s->start;
    return ERR_NO_SPACE;
}

int whitelist_slot_move(struct whitelist *list, int slot, uint32_t block_count)
{
    static const uint8_t zeros[WHITELIST_COMMIT_PLACES * WHITELIST_COMMIT_LEN];
    struct whitelist_slot *s = &list->slots[slot];
    uint32_t unit = (list->worn_addr - s->start) / WHITELIST_UNIT, before = s->base;
    if (list->moves >= MOVES_MAX || list->worn_addr - s->start >= list->slot_len)
        return ERR_NO_SPACE;
    list->moves++;
    list->worn_units[slot][unit / 8] |= (uint8_t)(1 << unit % 8);
    int result = whitelist_slot_place(list, slot, block_count);
    if (result != ERR_OK) {
        s->base = before; /* in a repair this is the active list, which stays where it is */
        return result;
    }
    /* Makes a commit record invalid that is in a sector that cannot be erased. */
    int blotted = list->flash->program(list->flash->ctx, before + WHITELIST_BLOCKS_OFFSET - sizeof zeros,
                                       zeros, sizeof zeros);
    (void)blotted; /* if this fails, a start finds both places, and repairs the list that it uses */
    return ERR_OK;
}

int whitelist_slot_read_block(const struct whitelist *list, int slot, uint32_t index,
                              uint8_t buf[WHITELIST_BLOCK_LEN], uint8_t hash[WHITELIST_HASH_LEN])
{
    uint8_t digest[CRYPTO_HASH_LEN];
    int result =
        flash_io_read(list->flash, whitelist_slot_block_address(list, slot, index), buf, WHITELIST_BLOCK_LEN);
    if (result != ERR_OK)
        return result;
    crypto_sha256(buf, WHITELIST_BLOCK_LEN, digest);
    memcpy(hash, digest, WHITELIST_HASH_LEN);
    return ERR_OK;
}

int whitelist_slot_program(const struct whitelist *list, uint32_t addr, const uint8_t *data, uint32_t len)
{
    return flash_io_program(list->flash, addr, data, len) == ERR_OK ? ERR_OK : ERR_WORN;
}

int whitelist_slot_wait_erased(struct whitelist *list)
{
    if (list->erase.is_running && list->flash->erase_poll(list->flash->ctx) == ERR_BUSY)
        return ERR_BUSY;
    list->erase.is_running = false;
    return ERR_OK;
}

void whitelist_slot_erase_begin(struct whitelist *list)
{
    list->erase.step = list->erase.is_running ? UINT32_MAX : 0; /* becomes 0 when the running erase ends */
    list->erase.failures = 0;
}

/* Returns the address of the sector to erase in this step. The sector of the commit record is the first, so
 * that a manifest that is only partly erased is no longer committed. */
static uint32_t head_sector_address(const struct whitelist *list, int slot, uint32_t step)
{
    uint32_t sector_size = list->flash->geometry->sector_size;
    uint32_t sector = step == 0 ? WHITELIST_BLOCKS_OFFSET / sector_size - 1 : step - 1;
    return list->slots[slot].base + sector * sector_size;
}

/* Counts a failed erase. Returns ERR_BUSY (try again), ERR_WORN (it failed ERASE_TRIES times). */
static int fail_erase(struct whitelist *list, int slot)
{
    if (++list->erase.failures < ERASE_TRIES)
        return ERR_BUSY;
    list->worn_addr = head_sector_address(list, slot, list->erase.step);
    return ERR_WORN;
}

int whitelist_slot_erase_head(struct whitelist *list, int slot, uint32_t head_len)
{
    uint32_t sector_size = list->flash->geometry->sector_size;
    uint32_t area_sectors = WHITELIST_BLOCKS_OFFSET / sector_size;
    uint32_t head_sectors = (head_len + sector_size - 1) / sector_size;
    uint32_t steps = head_sectors < area_sectors ? head_sectors + 1 : area_sectors;
    int result;
    if (list->erase.is_running) {
        result = list->flash->erase_poll(list->flash->ctx);
        if (result == ERR_BUSY)
            return ERR_BUSY;
        list->erase.is_running = false;
        bool counts = list->erase.step != UINT32_MAX;
        if (result != ERR_OK && counts)
            return fail_erase(list, slot);
        list->erase.step++;
        list->erase.failures = 0;
    }
    if (list->erase.step == steps)
        return ERR_OK;
    result = list->flash->erase_start(list->flash->ctx, head_sector_address(list, slot, list->erase.step));
    list->erase.is_running = result == ERR_OK;
    return result == ERR_OK || result == ERR_BUSY ? ERR_BUSY : fail_erase(list, slot);
}

int whitelist_slot_run(struct whitelist *list, int slot)
{
    /* These tables use 3 KiB of stack, but only at start-up and at a commit. A read that fails half-way must
     * not change the active tables, and the block buffer already holds the rules. */
    struct whitelist_tables tables;
    _Static_assert(sizeof list->rules <= sizeof list->work.rules, "the rules fit a block");
    int result = ERR_CORRUPT;
    for (int tries = 0; tries < LOAD_TRIES && result != ERR_OK; tries++) {
        result = whitelist_head_load_tables(list, slot, &tables);
        if (result == ERR_OK && !list->slots[slot].committed)
            result = check_digest(list, slot);
    }
    if (result == ERR_OK && !list->slots[slot].committed)
        result = whitelist_slot_commit(list, slot);
    if (result != ERR_OK)
        return result;
    /* The list becomes active only after all is read and committed, so a failure leaves the one before. */
    list->tables = tables;
    memcpy(list->rules, list->work.rules, sizeof list->rules);
    list->running = slot;
    list->slots[!slot].mend = WHITELIST_MEND_NOTHING;
    return ERR_OK;
}
