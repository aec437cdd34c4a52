/* SPDX-License-Identifier: Apache-2.0 */
/* Boards without a random generator: each start must have a different state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/gate_bench.h"
#include "tests/fakes/link_bench.h"

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

/* Returns the first random bytes of a gate whose start is exactly like every other. */
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

static void a_boot_count_that_stands_still_is_no_harm(void **state)
{
    (void)state;
    uint8_t drawn[4][32];
    for (int i = 0; i < 4; i++) {
        draw_at_start(drawn[i]);
        assert_int_equal(bench.portillon.boot_count, 1);
        assert_int_equal(store_set_u32(&bench.portillon.store, STORE_BOOT_COUNT, 0), ERR_OK);
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

static void a_random_generator_that_fails_closes_no_gate(void **state)
{
    (void)state;
    uint8_t drawn[3][32];
    bench.hardware.entropy = &bench.entropy.entropy;
    draw_at_start(drawn[0]);
    bench.entropy.broken = true;
    assert_int_equal(crypto_stir(NULL, 0), ERR_OK);
    draw_at_start(drawn[1]);
    draw_at_start(drawn[2]);
    assert_memory_not_equal(drawn[1], drawn[2], 32);
}

static void a_random_generator_that_works_is_what_is_drawn_from(void **state)
{
    (void)state;
    struct seed_entropy seed;
    struct fake_entropy alone;
    uint8_t bytes[40], wanted[40];
    fake_entropy_init(&alone);
    assert_int_equal(alone.entropy.fill(alone.entropy.ctx, wanted, sizeof wanted), ERR_OK);
    fake_entropy_init(&alone);
    seed_entropy_init(&seed, &bench.identity, &bench.timer.timer, &alone.entropy);
    assert_int_equal(seed.entropy.fill(seed.entropy.ctx, bytes, sizeof bytes), ERR_OK);
    assert_memory_equal(bytes, wanted, sizeof bytes);
}

static void a_seed_is_stretched_to_any_length(void **state)
{
    (void)state;
    struct seed_entropy seed;
    uint8_t bytes[100], zeros[32] = {0};
    seed_entropy_init(&seed, &bench.identity, &bench.timer.timer, NULL);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(seed.entropy.fill(seed.entropy.ctx, bytes, 99), ERR_OK);
    assert_memory_not_equal(bytes, zeros, 32);
    assert_memory_not_equal(bytes, bytes + 32, 32);
    assert_memory_not_equal(bytes + 32, bytes + 64, 32);
    assert_int_equal(bytes[99], 0);
}

/* Returns the cookie and the server random of a gate without flash and random generator, whose client
 * sends its two ClientHello messages at these times. They are at 28 of the HelloVerifyRequest (RFC 6347,
 * 4.2.1) and at 27 of the ServerHello. */
static void meet(uint64_t first_us, uint64_t second_us, uint8_t drawn[DTLS_COOKIE_LEN + DTLS_RANDOM_LEN])
{
    struct link_bench *link = link_bench_start_bare();
    link->now_us = first_us;
    link_bench_say_hello(0, NULL);
    assert_int_equal(link->inbox.len, DTLS_HELLO_VERIFY_LEN);
    memcpy(drawn, link->inbox.bytes + 28, DTLS_COOKIE_LEN);
    link->now_us = second_us;
    link_bench_say_hello(1, drawn);
    assert_int_equal(link->inbox.bytes[13], 2);
    memcpy(drawn + DTLS_COOKIE_LEN, link->inbox.bytes + 27, DTLS_RANDOM_LEN);
}

static void a_start_that_remembers_nothing_draws_from_when_its_clients_come(void **state)
{
    (void)state;
    enum { LEN = DTLS_COOKIE_LEN + DTLS_RANDOM_LEN };
    uint8_t first[LEN], again[LEN], zeros[LEN] = {0};
    meet(5000000, 5020000, first);
    assert_memory_not_equal(first, zeros, DTLS_COOKIE_LEN);
    assert_memory_not_equal(first + DTLS_COOKIE_LEN, zeros, DTLS_RANDOM_LEN);
    meet(5000000, 5020000, again); /* nothing else is in it */
    assert_memory_equal(again, first, LEN);
    meet(5000001, 5020000, again);
    assert_memory_not_equal(again, first, DTLS_COOKIE_LEN);
    assert_memory_not_equal(again + DTLS_COOKIE_LEN, first + DTLS_COOKIE_LEN, DTLS_RANDOM_LEN);
    meet(5000000, 5020001, again);
    assert_memory_equal(again, first, DTLS_COOKIE_LEN);
    assert_memory_not_equal(again + DTLS_COOKIE_LEN, first + DTLS_COOKIE_LEN, DTLS_RANDOM_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_two_starts_draw_the_same, make_bench, free_bench),
        cmocka_unit_test_setup_teardown(a_boot_count_that_stands_still_is_no_harm, make_bench, free_bench),
        cmocka_unit_test_setup_teardown(another_device_draws_otherwise, make_bench, free_bench),
        cmocka_unit_test_setup_teardown(a_random_generator_that_fails_closes_no_gate, make_bench, free_bench),
        cmocka_unit_test_setup_teardown(a_random_generator_that_works_is_what_is_drawn_from, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(a_seed_is_stretched_to_any_length, make_bench, free_bench),
        cmocka_unit_test(a_start_that_remembers_nothing_draws_from_when_its_clients_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
