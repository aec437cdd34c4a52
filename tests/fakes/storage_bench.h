/* SPDX-License-Identifier: Apache-2.0 */
/* What the scenarios of a gate's storage share: two lists, and a gate with one of them. The state is
 * static in each test program. A failed check fails the test. */
#ifndef TESTS_FAKES_STORAGE_BENCH_H
#define TESTS_FAKES_STORAGE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/portillon_clock.h"
#include "tests/fakes/gate_bench.h"

#define NOVEMBER_2026 UINT32_C(1794787200)

#define PUPIL    "04a1b2c3d4e580"
#define NEWCOMER "04a1b2c3d4e780" /* in the second list only */

static struct gate_bench bench;
static struct sample_list list, newer;

static inline int make_lists(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {
        {.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = NEWCOMER, .profile = SAMPLE_DEMI_PENSION},
    };
    static struct fake_entropy entropy;
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    list = sample_list_make(7, cards, 1);
    newer = sample_list_make(8, cards, 2);
    return 0;
}

static inline int free_lists(void **state)
{
    (void)state;
    sample_list_free(&list);
    sample_list_free(&newer);
    return 0;
}

static inline int bring_up(void **state)
{
    (void)state;
    gate_bench_make(&bench, ZONE_BUILDING);
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    return portillon_set_clock(&bench.portillon, NOVEMBER_2026, ROLE_TECHNICIAN);
}

static inline int make_only(void **state)
{
    (void)state;
    gate_bench_make(&bench, ZONE_BUILDING);
    return 0;
}

/* Checks after every test that no opening for a card came before its record. */
static inline int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static inline void restart(void)
{
    nor_model_power_on(&bench.nor);
    gate_bench_start_with_reader(&bench);
}

#endif
