/* Boards without a random generator: every start must have a state of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/gate_bench.h"

static struct gate_bench bench;

static int make_bench(void **state)
{
    (void)state;
    gate_bench_make(&bench, ZONE_BUILDING);
    bench.hardware.entropy = NULL;
    return 0;
}

static int free_bench(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return 0;
}

/* What a gate draws first, in a start that goes exactly like every other. */
static void draw_at_start(uint8_t bytes[32])
{
    bench.timer.now_us = 1000000;
    gate_bench_start(&bench);
    assert_int_equal(crypto_random(bytes, 32), ERR_OK);
}

static void no_two_starts_draw_the_same(void **state)
{
    (void)state;
    uint8_t drawn[8][32];
    for (int i = 0; i < 8; i++) {
        draw_at_start(drawn[i]);
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(drawn[i], drawn[j], 32);
    }
}

static void another_device_draws_otherwise(void **state)
{
    (void)state;
    uint8_t here[32], there[32];
    draw_at_start(here);
    nor_model_free(&bench.nor);
    make_bench(state);
    bench.identity.seed[31] ^= 1;
    draw_at_start(there);
    assert_memory_not_equal(here, there, 32);
}

static void a_seed_is_stretched_to_any_length(void **state)
{
    (void)state;
    struct seed_entropy seed;
    uint8_t bytes[100], zeros[32] = {0};
    seed_entropy_init(&seed, &bench.identity, &bench.timer.timer);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(seed.entropy.fill(seed.entropy.ctx, bytes, 99), ERR_OK);
    assert_memory_not_equal(bytes, zeros, 32);
    assert_memory_not_equal(bytes, bytes + 32, 32);
    assert_memory_not_equal(bytes + 32, bytes + 64, 32);
    assert_int_equal(bytes[99], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_two_starts_draw_the_same, make_bench, free_bench),
        cmocka_unit_test_setup_teardown(another_device_draws_otherwise, make_bench, free_bench),
        cmocka_unit_test_setup_teardown(a_seed_is_stretched_to_any_length, make_bench, free_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
