/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles turned off, in flash: a change is stored completely or not at all, wherever power or the chip
 * fails. CUTS=all in the environment: every cut with two hundred tears.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/access/profiles_off.h"
#include "tests/fakes/nor_model.h"

#define ALL   UINT32_C(0xFFFFFF) /* 24 profiles */
#define FIRST UINT32_C(0x000FFF)
#define LAST  UINT32_C(0xFFF000)

static const uint8_t key[CRYPTO_KEY_LEN] = "storage test key";

static struct nor_model nor, origin;
static struct store store;
static struct profiles_off off;
static struct whitelist_tables tables;

static void power_on(void)
{
    nor_model_power_on(&nor);
    assert_int_equal(store_mount(&store, &nor.flash, 0, key), ERR_OK);
    profiles_off_load(&off, &store);
}

static void restart(void)
{
    store_unmount(&store);
    power_on();
}

static void settle(void)
{
    for (int i = 0; i < 1000 && store_poll(&store) == ERR_BUSY; i++)
        ;
}

static void name_profiles(int count, char letter)
{
    tables.profile_count = (uint8_t)count;
    for (int i = 0; i < count; i++)
        snprintf(tables.profiles[i].name, sizeof tables.profiles[i].name, "%c%02d", letter, i);
}

static int set_up(void **state)
{
    (void)state;
    nor_model_init(&nor, 8192, 4096);
    nor_model_init(&origin, 8192, 4096);
    name_profiles(24, 'p');
    power_on();
    settle();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_unmount(&store);
    nor_model_free(&nor);
    nor_model_free(&origin);
    return 0;
}

static int turn_off(uint32_t bits)
{
    return profiles_off_turn(&off, &tables, ~bits, &store);
}

static uint32_t bits_off(void)
{
    return profiles_off_bits(&off, &tables);
}

static void what_is_off_outlives_restarts_and_a_list_in_another_order(void **state)
{
    (void)state;
    assert_int_equal(bits_off(), 0);
    assert_int_equal(turn_off(1 << 1 | 1 << 5), ERR_OK);
    assert_int_equal(bits_off(), 1 << 1 | 1 << 5);
    restart();
    assert_int_equal(bits_off(), 1 << 1 | 1 << 5);
    struct whitelist_profile moved = tables.profiles[1];
    tables.profiles[1] = tables.profiles[9];
    tables.profiles[9] = moved;
    assert_int_equal(bits_off(), 1 << 9 | 1 << 5);
    assert_int_equal(turn_off(1 << 5), ERR_OK);
    restart();
    assert_int_equal(bits_off(), 1 << 5);
}

static void a_change_is_stored_as_the_header_says(void **state)
{
    (void)state;
    /* The number, then: printf p00 | gzip -c | tail -c8 | head -c4 | xxd -p, and so on for p01 and p02. */
    static const uint8_t expected[2][STORE_VALUE_LEN] = {
        {1, 0, 0, 0, 0x1d, 0xb7, 0x2f, 0x52, 0x8b, 0x87, 0x28, 0x25, 0x31, 0xd6, 0x21, 0xbc},
        {1, 0, 0, 0, 0}};
    uint8_t value[STORE_VALUE_LEN];
    assert_int_equal(turn_off(7), ERR_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(store_get(&store, STORE_PROFILES_OFF + 4 + i, value), ERR_OK);
        assert_memory_equal(value, expected[i > 0], sizeof value);
    }
    assert_int_equal(store_get(&store, STORE_PROFILES_OFF, value), ERR_NOT_FOUND);
}

static void more_names_than_there_is_room_for_change_nothing(void **state)
{
    (void)state;
    assert_int_equal(turn_off(3), ERR_OK);
    assert_int_equal(turn_off(LAST | 1), ERR_NO_SPACE);
    assert_int_equal(bits_off(), 3);
    assert_int_equal(turn_off(LAST), ERR_OK); /* twelve there is room for */
    assert_int_equal(bits_off(), LAST);
    name_profiles(24, 'q');
    assert_int_equal(bits_off(), 0);
    assert_int_equal(turn_off(FIRST), ERR_OK); /* names that no profile has any more make room */
    assert_int_equal(bits_off(), FIRST);
}

static void with_all_groups_on_no_hidden_name_stays_behind(void **state)
{
    (void)state;
    assert_int_equal(turn_off(7), ERR_OK);
    name_profiles(24, 'q');
    assert_int_equal(turn_off(1), ERR_OK);
    name_profiles(24, 'p');
    assert_int_equal(bits_off(), 7); /* it waited */
    name_profiles(24, 'q');
    assert_int_equal(turn_off(0), ERR_OK);
    restart();
    for (int i = 0; i < PROFILES_OFF_MAX; i++)
        assert_int_equal(off.names[i], 0);
    name_profiles(24, 'p');
    assert_int_equal(bits_off(), 0);
}

static void what_is_so_already_costs_nothing(void **state)
{
    (void)state;
    assert_int_equal(turn_off(7), ERR_OK);
    uint64_t operations = nor.counts.operations;
    assert_int_equal(turn_off(7), ERR_OK);
    assert_int_equal(nor.counts.operations, operations);
}

/* Twelve names are replaced by twelve others. Power fails at the n-th operation, and again in the next
 * attempt. fills: how much else the store holds, up to a move to its other sector. */
static void cut_and_check(uint64_t first, uint64_t second, uint32_t tear)
{
    uint32_t wanted = LAST;
    store_unmount(&store);
    nor_model_copy(&nor, &origin);
    power_on();
    assert_int_equal(bits_off(), FIRST);
    for (int round = 0; round < 3; round++, wanted ^= ALL) {
        uint32_t before = bits_off();
        nor_model_cut(&nor, round == 0 ? first : round == 1 ? second : 0, tear + (uint32_t)round);
        settle();
        int result = turn_off(wanted);
        assert_int_equal(bits_off(), result == ERR_OK ? wanted : before);
        restart();
        uint32_t after = bits_off();
        assert_true(after == wanted || (result != ERR_OK && after == before));
        settle();
    }
    assert_int_equal(bits_off(), LAST);
}

static void a_power_cut_leaves_all_of_a_change_or_nothing(void **state)
{
    (void)state;
    static const uint32_t fills[] = {0, 84, 88, 90, 91, 93};
    const char *cuts = getenv("CUTS");
    uint32_t tears = cuts != NULL && strcmp(cuts, "all") == 0 ? 200 : 8;
    for (size_t f = 0; f < sizeof fills / sizeof *fills; f++) {
        tear_down(NULL);
        set_up(NULL);
        for (uint32_t i = 0; i < fills[f] && f > 0; i++)
            assert_int_equal(store_set_u32(&store, STORE_ACKED, i + 1), ERR_OK);
        assert_int_equal(turn_off(FIRST), ERR_OK);
        nor_model_copy(&origin, &nor);
        for (uint64_t first = 1; first <= 20; first++)
            for (uint32_t tear = 0; tear < tears; tear++)
                cut_and_check(first, 1 + (first + tear) % 6, tear);
    }
}

/* The chip refuses some writes. Then another change begins, and power fails during it. */
static void a_change_that_failed_is_never_mixed_with_the_next(void **state)
{
    (void)state;
    for (uint32_t reads = 0; reads < 4; reads++) {
        for (uint64_t cut = 1; cut <= 5; cut++) {
            tear_down(NULL);
            set_up(NULL);
            assert_int_equal(turn_off(FIRST), ERR_OK);
            nor_model_lie(&nor, reads, 100, 0); /* written, but read back wrong */
            assert_int_equal(turn_off(LAST), ERR_IO);
            assert_int_equal(bits_off(), FIRST);
            nor_model_lie(&nor, 0, 0, 0);
            nor_model_cut(&nor, cut, NOR_TEAR_NOTHING);
            const uint32_t third = UINT32_C(0x0F0F00);
            int result = turn_off(third);
            restart();
            if (result == ERR_OK)
                assert_int_equal(bits_off(), third);
            else
                assert_true(bits_off() == FIRST || bits_off() == LAST);
        }
    }
}

static void taking_back_a_change_that_failed_is_written(void **state)
{
    (void)state;
    assert_int_equal(turn_off(FIRST), ERR_OK);
    nor_model_lie(&nor, 3, 100, 0);
    assert_int_equal(turn_off(LAST), ERR_IO);
    nor_model_lie(&nor, 0, 0, 0);
    assert_int_equal(turn_off(FIRST), ERR_OK); /* unchanged, but flash may hold something else */
    restart();
    assert_int_equal(bits_off(), FIRST);
}

static void one_lost_bit_brings_back_the_change_before_at_worst(void **state)
{
    (void)state;
    assert_int_equal(turn_off(FIRST), ERR_OK);
    assert_int_equal(turn_off(LAST), ERR_OK);
    for (uint32_t at = 0; at < 8192; at += 3) {
        nor_model_flip_bit(&nor, at, at % 8);
        restart();
        assert_true(bits_off() == FIRST || bits_off() == LAST);
        nor_model_flip_bit(&nor, at, at % 8);
    }
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(what_is_off_outlives_restarts_and_a_list_in_another_order),
        BENCH_TEST(a_change_is_stored_as_the_header_says),
        BENCH_TEST(more_names_than_there_is_room_for_change_nothing),
        BENCH_TEST(with_all_groups_on_no_hidden_name_stays_behind),
        BENCH_TEST(what_is_so_already_costs_nothing),
        BENCH_TEST(a_power_cut_leaves_all_of_a_change_or_nothing),
        BENCH_TEST(a_change_that_failed_is_never_mixed_with_the_next),
        BENCH_TEST(taking_back_a_change_that_failed_is_written),
        BENCH_TEST(one_lost_bit_brings_back_the_change_before_at_worst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
