/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_group.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/base/crc32.h"
#include "firmware/storage/flash_io.h"

enum {
    CHECK_LEN = WHITELIST_GROUP_UNIT_LEN - WHITELIST_GROUP_LEN,
    UNIT_BITS = 8 * WHITELIST_GROUP_UNIT_LEN,
    CHECK_BITS = 8 * CHECK_LEN,
    MANY = 3,          /* wrong bits that cannot be corrected */
    PIECE_LEN = 256,   /* of a manifest, and of checks */
    PROGRAM_UNIT = 16, /* bytes that some chips require to be programmed together and only once */
};

#define FIRST_REMAINDER UINT32_C(0x80000000)
#define POLYNOMIAL      UINT32_C(0xEDB88320) /* of crc32.h, reflected */

_Static_assert(WHITELIST_HEAD_MAX <= WHITELIST_CHECKS_OFFSET, "no manifest reaches the checks");
_Static_assert(WHITELIST_CHECKS_OFFSET + (WHITELIST_HEAD_MAX / WHITELIST_GROUP_LEN + 1) * CHECK_LEN <=
                   WHITELIST_BLOCKS_OFFSET - WHITELIST_COMMIT_PLACES * WHITELIST_COMMIT_LEN,
               "the checks end before the commit records");

/* What the next bit, further from the end of the unit, changes in the remainder. */
static uint32_t next_remainder(uint32_t remainder)
{
    return remainder >> 1 ^ ((remainder & 1) != 0 ? POLYNOMIAL : 0);
}

/* Inverts the n-th bit, counted in the order of the remainders: the check from its highest bit on, then the
 * group from its last bit on. */
static void invert_bit(uint8_t *unit, uint32_t n)
{
    uint32_t bit = n < CHECK_BITS ? 8 * WHITELIST_GROUP_LEN + CHECK_BITS - 1 - n : UNIT_BITS - 1 - n;
    unit[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

/* Finds the bit, from the n-th on, that changes the remainder by wanted. next is what the n-th one changes.
 * Returns UNIT_BITS if there is none. */
static uint32_t find_bit(uint32_t n, uint32_t next, uint32_t wanted)
{
    while (n < UNIT_BITS && next != wanted) {
        next = next_remainder(next);
        n++;
    }
    return n;
}

int whitelist_group_correct(uint8_t unit[WHITELIST_GROUP_UNIT_LEN])
{
    uint32_t wrong = crc32_compute(unit, WHITELIST_GROUP_LEN) ^ bytes_get_u32(unit + WHITELIST_GROUP_LEN);
    if (wrong == 0)
        return 0;
    uint32_t found = find_bit(0, FIRST_REMAINDER, wrong);
    if (found < UNIT_BITS) {
        invert_bit(unit, found);
        return 1;
    }
    uint32_t remainder = FIRST_REMAINDER;
    for (uint32_t n = 0; n < UNIT_BITS; n++) {
        uint32_t next = next_remainder(remainder);
        found = find_bit(n + 1, next, wrong ^ remainder);
        if (found < UNIT_BITS) {
            invert_bit(unit, n);
            invert_bit(unit, found);
            return 2;
        }
        remainder = next;
    }
    return MANY;
}

static uint32_t check_address(const struct whitelist *list, int slot, uint32_t group)
{
    return list->slots[slot].base + WHITELIST_CHECKS_OFFSET + group * CHECK_LEN;
}

/* Reads and corrects a group of a slot. Returns how many bits were wrong; MANY also if it cannot be read. */
static int read_unit(const struct whitelist *list, int slot, uint32_t group,
                     uint8_t unit[WHITELIST_GROUP_UNIT_LEN], int *result)
{
    *result = flash_io_read(list->flash, list->slots[slot].base + group * WHITELIST_GROUP_LEN, unit,
                            WHITELIST_GROUP_LEN);
    if (*result == ERR_OK)
        *result = flash_io_read(list->flash, check_address(list, slot, group), unit + WHITELIST_GROUP_LEN,
                                CHECK_LEN);
    return *result == ERR_OK ? whitelist_group_correct(unit) : MANY;
}

/* Reads a group from its slot or, if more of it is wrong there, from the other slot. */
static int read_group(const struct whitelist *list, int slot, uint32_t group,
                      uint8_t unit[WHITELIST_GROUP_UNIT_LEN])
{
    uint8_t other[WHITELIST_GROUP_UNIT_LEN];
    int result, other_result;
    int wrong = read_unit(list, slot, group, unit, &result);
    if (wrong == 0 || list->slots[slot].mend != WHITELIST_MEND_BOTH ||
        read_unit(list, !slot, group, other, &other_result) >= wrong)
        return result;
    memcpy(unit, other, sizeof other);
    return other_result;
}

int whitelist_group_read(const struct whitelist *list, int slot, uint32_t addr, void *buf, uint32_t len)
{
    uint8_t *out = buf, unit[WHITELIST_GROUP_UNIT_LEN];
    if (list->slots[slot].mend == WHITELIST_MEND_NOTHING)
        return flash_io_read(list->flash, addr, buf, len);
    uint32_t at = addr - list->slots[slot].base, end = at + len;
    int result = ERR_OK;
    while (at < end && result == ERR_OK) {
        uint32_t skipped = at % WHITELIST_GROUP_LEN, count = WHITELIST_GROUP_LEN - skipped;
        if (count > end - at)
            count = end - at;
        result = read_group(list, slot, at / WHITELIST_GROUP_LEN, unit);
        memcpy(out, unit + skipped, count);
        out += count;
        at += count;
    }
    return result;
}

/* ---- writing the checks ---- */

static uint32_t stored_len(const struct whitelist *list, int slot)
{
    return list->slots[slot].header.head_len + WHITELIST_SIGNATURE_LEN;
}

void whitelist_group_start(struct whitelist *list, int slot)
{
    list->group = (struct whitelist_group){.slot = slot};
    memset(list->work.checks, 0xFF, sizeof list->work.checks);
    crypto_hash_start(&list->work_hash);
}

/* Reads a piece of the manifest and computes its checks. */
static int take_piece(struct whitelist *list)
{
    struct whitelist_group *state = &list->group;
    uint8_t piece[PIECE_LEN];
    uint32_t left = stored_len(list, state->slot) - state->read_len;
    uint32_t count = left < sizeof piece ? left : sizeof piece;
    int result =
        flash_io_read(list->flash, list->slots[state->slot].base + state->read_len, piece, sizeof piece);
    if (result != ERR_OK)
        return result;
    crypto_hash_add(&list->work_hash, piece, count);
    for (uint32_t at = 0; at < count; at += WHITELIST_GROUP_LEN)
        bytes_put_u32(list->work.checks + (state->read_len + at) / WHITELIST_GROUP_LEN * CHECK_LEN,
                      crc32_compute(piece + at, WHITELIST_GROUP_LEN));
    state->read_len += count;
    return ERR_OK;
}

/* Returns true if what was read is the manifest that was loaded. */
static bool is_true(struct whitelist *list)
{
    uint8_t digest[CRYPTO_HASH_LEN];
    crypto_hash_finish(&list->work_hash, digest);
    return memcmp(digest, list->slots[list->group.slot].digest, sizeof digest) == 0;
}

static int read_manifest(struct whitelist *list)
{
    struct whitelist_group *state = &list->group;
    uint32_t len = stored_len(list, state->slot), until = state->read_len + WHITELIST_PIECE_LEN;
    int result = ERR_OK;
    while (state->read_len < len && state->read_len < until && result == ERR_OK)
        result = take_piece(list);
    if (result != ERR_OK || state->read_len < len)
        return result == ERR_OK ? ERR_BUSY : result;
    if (!is_true(list))
        return ERR_OK;
    state->is_read = true;
    return ERR_BUSY;
}

/* Writes two units of the checks. What is not blank stays: it is right, or was spoiled by a power cut. */
static int write_piece(struct whitelist *list)
{
    struct whitelist_group *state = &list->group;
    uint8_t seen[2 * PROGRAM_UNIT];
    uint32_t addr = check_address(list, state->slot, 0) + state->written_len;
    int result = flash_io_read(list->flash, addr, seen, sizeof seen);
    if (result != ERR_OK)
        return result;
    for (uint32_t at = 0; at < sizeof seen; at += PROGRAM_UNIT) {
        const uint8_t *wanted = list->work.checks + state->written_len + at;
        if (flash_is_blank(seen + at, PROGRAM_UNIT) && !flash_is_blank(wanted, PROGRAM_UNIT))
            (void)!flash_io_program(list->flash, addr + at, wanted, PROGRAM_UNIT);
    }
    state->written_len += sizeof seen;
    uint32_t groups = (state->read_len + WHITELIST_GROUP_LEN - 1) / WHITELIST_GROUP_LEN;
    return state->written_len < groups * CHECK_LEN ? ERR_BUSY : ERR_OK;
}

int whitelist_group_poll(struct whitelist *list)
{
    return list->group.is_read ? write_piece(list) : read_manifest(list);
}
