/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the whitelist share: two lists, a chip, and a whitelist on it. The state is static in
 * each test program. A failed check fails the test. */
#ifndef TESTS_FAKES_WHITELIST_BENCH_H
#define TESTS_FAKES_WHITELIST_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"

enum {
    SLOT_LEN = 3 * 65536, /* a head and 32 blocks */
    CARDS = 900,          /* some five blocks */
    COMMIT_AT = WHITELIST_BLOCKS_OFFSET - 32,
};

#define NONE UINT32_MAX

static struct list_maker maker;
static struct list_made one, two; /* versions 1 and 2; card 17 is blocked in two */
static struct list_gate gate;

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

static inline void check(const struct list_made *made)
{
    assert_int_equal(list_gate_version(&gate), made->version);
    assert_int_equal(list_gate_wrong_card(&gate, made, 1), -1);
}

static inline void restart(void)
{
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
}

/* A gate that has list one, twice. */
static inline void set_up(uint32_t sector_size)
{
    list_gate_init(&gate, &maker, SLOT_LEN, sector_size);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_true(list_gate_is_twinned(&gate, &one));
    gate.blocks_sent = 0;
}

/* After every refusal: the list is still active, and its replica is restored. */
static inline void check_untouched(void)
{
    check(&one);
    list_gate_poll(&gate);
    check(&one);
    assert_true(list_gate_is_twinned(&gate, &one));
    restart();
    check(&one);
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    check(&two);
    list_gate_free(&gate);
}

/* ---- refusals ---- */

static inline struct list_made copy_of(const struct list_made *made)
{
    struct list_made copy;
    list_maker_make(&maker, &copy, made->version, made->count, made->changed);
    return copy;
}

#endif
