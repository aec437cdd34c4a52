/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of damaged and worn chips share: two lists, a chip, and a whitelist on it. The state is
 * static in each test program. A failed check fails the test. */
#ifndef TESTS_FAKES_WHITELIST_DAMAGE_BENCH_H
#define TESTS_FAKES_WHITELIST_DAMAGE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist_replica.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"

enum {
    SLOT_LEN = 3 * 65536,
    ROOMY_LEN = 5 * 65536,
    TIGHT_LEN = 2 * 65536, /* room for the manifest and its blocks in one place only */
    CARDS = 500,           /* two blocks */
    HOUR = 3600,
    COMMITS_LEN = WHITELIST_COMMIT_LEN,
};

#define NONE UINT32_MAX

static const uint32_t sector_sizes[] = {4096, 65536};

static struct list_maker maker;
static struct list_made one, two;
static struct list_gate gate;
static struct nor_model origin; /* a chip that scenes start from */
static uint32_t origin_floor;

static inline int make_lists(void **state)
{
    (void)state;
    list_maker_init(&maker);
    list_maker_make(&maker, &one, 1, CARDS, NONE);
    list_maker_make(&maker, &two, 2, CARDS, 17);
    return 0;
}

static inline int free_lists(void **state)
{
    (void)state;
    list_maker_free(&one);
    list_maker_free(&two);
    return 0;
}

static inline void keep_origin(void)
{
    nor_model_init(&origin, gate.nor.geometry.size, gate.nor.geometry.sector_size);
    nor_model_copy(&origin, &gate.nor);
    origin_floor = gate.known.version;
}

/* The chip that scenes start from: list one, twice. */
static inline void set_up_slots(uint32_t sector_size, uint32_t slot_len)
{
    list_gate_init(&gate, &maker, slot_len, sector_size);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    keep_origin();
}

static inline void set_up(uint32_t sector_size)
{
    set_up_slots(sector_size, SLOT_LEN);
}

static inline void tear_down(void)
{
    list_gate_free(&gate);
    nor_model_free(&origin);
}

static inline void start_over(void)
{
    nor_model_copy(&gate.nor, &origin);
    gate.known.version = origin_floor;
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
}

static inline void restart(void)
{
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
}

static inline void check(const struct list_made *made, uint32_t step)
{
    assert_int_equal(list_gate_version(&gate), made->version);
    assert_int_equal(list_gate_wrong_card(&gate, made, step), -1);
}

static inline void seconds(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        whitelist_scrub(&gate.list);
        if (whitelist_poll(&gate.list) != ERR_OK || gate.list.replica.repair_slot >= 0)
            list_gate_poll(&gate);
    }
}

static inline uint32_t scrub_round(void)
{
    return 2 * (one.header.block_count + 1);
}

#endif
