/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bits flipped all over both copies of a list: manifests, their checks, commit records, blocks. The gate
 * starts on such a chip, answers for the cards, and brings both copies back. Each trial has its own seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist_replica.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"

enum {
    SLOT_LEN = 4 * 65536,
    FEW = 500,   /* two blocks */
    MANY = 4000, /* 18 blocks: more than a large sector has */
    TRIALS = 200,
    SAMPLE = 25, /* of the longer list; CUTS=all in the environment: all trials */
};

static struct list_maker maker;
static struct list_made few, many;
static struct list_gate gate;
static struct nor_model origin;
static uint32_t origin_floor;

static int make_lists(void **state)
{
    (void)state;
    list_maker_init(&maker);
    list_maker_make(&maker, &few, 1, FEW, UINT32_MAX);
    list_maker_make(&maker, &many, 1, MANY, UINT32_MAX);
    return 0;
}

static int free_lists(void **state)
{
    (void)state;
    list_maker_free(&few);
    list_maker_free(&many);
    return 0;
}

static void set_up(const struct list_made *made, uint32_t sector_size)
{
    list_gate_init(&gate, &maker, SLOT_LEN, sector_size);
    assert_int_equal(list_gate_upload(&gate, made), 1);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    nor_model_init(&origin, gate.nor.geometry.size, sector_size);
    nor_model_copy(&origin, &gate.nor);
    origin_floor = gate.known.version;
}

static void tear_down(void)
{
    list_gate_free(&gate);
    nor_model_free(&origin);
}

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;
    return *random >> 8;
}

/* Returns the address in a slot of the n-th byte of a list, or of n - *len if that is in a later part. */
static uint32_t list_byte(const struct list_made *made, uint32_t n, uint32_t *len)
{
    uint32_t head = made->header.head_len + WHITELIST_SIGNATURE_LEN, groups = (head + 63) / 64;
    uint32_t parts[][2] = {
        {0, head},
        {WHITELIST_BLOCKS_OFFSET - 4096, 4 * groups}, /* the checks of the manifest */
        {WHITELIST_BLOCKS_OFFSET - 32, 32},           /* the commit record */
        {WHITELIST_BLOCKS_OFFSET, made->header.block_count * WHITELIST_BLOCK_LEN},
    };
    uint32_t before = 0, at = 0;
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (n >= before && n < before + parts[i][1])
            at = parts[i][0] + n - before;
        before += parts[i][1];
    }
    *len = before;
    return at;
}

/* Starts the gate with so many bits flipped in both copies, the power being off. */
static void flip(const struct list_made *made, uint32_t seed, uint32_t flips)
{
    uint32_t random = seed * 2654435761u, len;
    (void)list_byte(made, 0, &len);
    nor_model_copy(&gate.nor, &origin);
    gate.known.version = origin_floor;
    for (uint32_t i = 0; i < flips; i++) {
        uint32_t slot = next_random(&random) % 2, at = list_byte(made, next_random(&random) % len, &len);
        nor_model_flip_bit(&gate.nor, slot * SLOT_LEN + at, next_random(&random) % 8);
    }
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
}

static void seconds(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        (void)!list_gate_poll(&gate);
        whitelist_scrub(&gate.list);
    }
    (void)!list_gate_poll(&gate);
}

struct losses {
    uint32_t no_list, refused, unrepaired;
};

/* Counts the trials without a list at start, with a wrong answer for some card, and with a copy that is not
 * whole after it had the time for repairs. */
static struct losses try_flips(const struct list_made *made, uint32_t sector_size, uint32_t flips)
{
    const char *cuts = getenv("CUTS");
    bool is_sample = made == &many && (cuts == NULL || strcmp(cuts, "all") != 0);
    uint32_t trials = is_sample ? SAMPLE : TRIALS;
    struct losses losses = {0};
    set_up(made, sector_size);
    for (uint32_t seed = 1; seed <= trials; seed++) {
        flip(made, seed, flips);
        bool has_list = list_gate_version(&gate) == made->version;
        losses.no_list += !has_list;
        losses.refused += has_list && list_gate_wrong_card(&gate, made, 3) != -1;
        seconds(4 * (made->header.block_count + 1) + 60);
        losses.unrepaired += !list_gate_is_twinned(&gate, made);
    }
    print_message("# %u cards, sectors of %u, %u flips: %u of %u trials without a list, %u refuse a card, %u "
                  "unrepaired\n",
                  (unsigned)made->count, (unsigned)sector_size, (unsigned)flips, (unsigned)losses.no_list,
                  (unsigned)trials, (unsigned)losses.refused, (unsigned)losses.unrepaired);
    tear_down();
    return losses;
}

static void ten_flips_are_all_repaired(void **state)
{
    (void)state;
    const struct list_made *lists[] = {&few, &many};
    for (int i = 0; i < 4; i++) {
        struct losses losses = try_flips(lists[i % 2], i < 2 ? 4096 : 65536, 10);
        assert_int_equal(losses.no_list, 0);
        assert_int_equal(losses.refused, 0);
        assert_int_equal(losses.unrepaired, 0);
    }
}

static void a_hundred_flips_leave_a_list(void **state)
{
    (void)state;
    const struct list_made *lists[] = {&few, &many};
    for (int i = 0; i < 4; i++) {
        struct losses losses = try_flips(lists[i % 2], i < 2 ? 4096 : 65536, 100);
        assert_int_equal(losses.no_list, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_flips_are_all_repaired),
        cmocka_unit_test(a_hundred_flips_leave_a_list),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
