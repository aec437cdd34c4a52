/* SPDX-License-Identifier: Apache-2.0 */
/* CUTS=all in the environment: every cut with two hundred tears, some with every second cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/storage/store.h"
#include "tests/fakes/nor_model.h"

enum { BASE = 65536 };

static const uint8_t key[CRYPTO_KEY_LEN] = "storage test key";
static const uint8_t other_key[CRYPTO_KEY_LEN] = "another gate's k";

static struct nor_model nor, origin;
static struct store store;

/* The expected values: one number for each key, 0 for absent; and the set during which power failed. */
static uint32_t values[STORE_KEYS], values_before[STORE_KEYS];
static uint32_t doubtful_key, doubtful_value;

static void set_up(uint32_t sector_size)
{
    nor_model_init(&nor, 2 * BASE + 2 * sector_size, sector_size);
    memset(values, 0, sizeof values);
    doubtful_key = 0;
    assert_int_equal(store_mount(&store, &nor.flash, BASE, key), ERR_OK);
}

static void tear_down(void)
{
    for (uint32_t i = 0; i < BASE; i++) {
        assert_int_equal(*nor_model_bytes(&nor, i), 0xFF);
        assert_int_equal(*nor_model_bytes(&nor, nor.geometry.size - BASE + i), 0xFF);
    }
    store_unmount(&store);
    nor_model_free(&nor);
}

static int poll_until_idle(void)
{
    int result = ERR_BUSY;
    for (int i = 0; i < 1000 && result == ERR_BUSY; i++)
        result = store_poll(&store);
    return result;
}

static int set(uint32_t which, uint32_t value)
{
    int result = store_set_u32(&store, (enum store_key)which, value);
    doubtful_key = result == ERR_IO ? which : 0;
    doubtful_value = value;
    if (result == ERR_OK)
        values[which] = value;
    return result;
}

static void remount(void)
{
    store_unmount(&store);
    assert_int_equal(store_mount(&store, &nor.flash, BASE, key), ERR_OK);
}

static void check(void)
{
    if (doubtful_key != 0 && store_get_u32(&store, (enum store_key)doubtful_key) == doubtful_value)
        values[doubtful_key] = doubtful_value;
    doubtful_key = 0;
    for (uint32_t which = 1; which < STORE_KEYS; which++)
        assert_int_equal(store_get_u32(&store, (enum store_key)which), values[which]);
}

static void a_new_chip_has_no_values_and_takes_some_after_a_poll(void **state)
{
    (void)state;
    uint8_t value[STORE_VALUE_LEN];
    set_up(4096);
    assert_int_equal(store_get(&store, STORE_SETTINGS, value), ERR_NOT_FOUND);
    assert_int_equal(store_get_u32(&store, STORE_ACKED), 0);
    assert_int_equal(set(STORE_ACKED, 7), ERR_BUSY);
    assert_int_equal(poll_until_idle(), ERR_OK);
    assert_int_equal(set(STORE_ACKED, 7), ERR_OK);
    assert_int_equal(store_set(&store, STORE_SETTINGS, (const uint8_t *)"sixteen bytes..."), ERR_OK);
    remount();
    assert_int_equal(store_get(&store, STORE_SETTINGS, value), ERR_OK);
    assert_memory_equal(value, "sixteen bytes...", STORE_VALUE_LEN);
    assert_int_equal(store_get_u32(&store, STORE_ACKED), 7);
    tear_down();
}

static void values_outlive_many_moves(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        set_up(sizes[g]);
        for (uint32_t i = 1; i < (g == 0 ? 3000 : 7000); i++) {
            poll_until_idle();
            assert_int_equal(set(i % 97 == 0 ? STORE_SETTINGS : 2 + i % 3, i), ERR_OK);
            if (i % 50 == 0) {
                remount();
                check();
            }
        }
        remount();
        check();
        assert_int_equal(nor.counts.unit_violations, 0);
        assert_int_equal(nor.counts.lost_ones, 0);
        tear_down();
    }
}

static void the_same_value_again_costs_nothing(void **state)
{
    (void)state;
    set_up(4096);
    poll_until_idle();
    assert_int_equal(set(STORE_ACKED, 7), ERR_OK);
    uint64_t operations = nor.counts.operations;
    assert_int_equal(set(STORE_ACKED, 7), ERR_OK);
    assert_int_equal(nor.counts.operations, operations);
    tear_down();
}

/* A write that failed may still have reached the flash, so the old value must be written again. */
static void after_a_failure_the_old_value_is_written_again(void **state)
{
    (void)state;
    set_up(4096);
    poll_until_idle();
    assert_int_equal(set(STORE_ACKED, 7), ERR_OK);
    nor_model_lie(&nor, 0, 100, 0); /* no place reads back as written */
    assert_int_equal(set(STORE_ACKED, 8), ERR_IO);
    nor_model_lie(&nor, 0, 0, 0);
    assert_int_equal(set(STORE_ACKED, 7), ERR_OK);
    remount();
    assert_int_equal(store_get_u32(&store, STORE_ACKED), 7);
    tear_down();
}

static void without_polls_a_full_sector_is_busy(void **state)
{
    (void)state;
    set_up(4096);
    poll_until_idle();
    uint32_t count = 0;
    while (set(STORE_ACKED, count + 1) == ERR_OK)
        count++;
    assert_in_range(count, 100, 128);
    assert_int_equal(set(STORE_ACKED, 5000), ERR_BUSY);
    remount();
    check();
    poll_until_idle();
    assert_int_equal(set(STORE_ACKED, 5000), ERR_OK);
    remount();
    check();
    tear_down();
}

static void any_content_mounts_empty_and_takes_values(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 30; seed++) {
        set_up(4096);
        nor_model_scramble(&nor, BASE, 8192, seed);
        remount();
        check();
        assert_int_equal(poll_until_idle(), ERR_OK);
        assert_int_equal(set(STORE_BOOT_COUNT, 3), ERR_OK);
        remount();
        check();
        tear_down();
    }
}

/* Behind a damaged place that the mount did not see stands a value that it did not see either. */
static void a_place_behind_a_damaged_one_is_not_written_over(void **state)
{
    (void)state;
    set_up(4096);
    poll_until_idle();
    assert_int_equal(set(STORE_ACKED, 7), ERR_OK);
    assert_int_equal(set(STORE_BOOT_COUNT, 1), ERR_OK);
    assert_int_equal(set(STORE_BOOT_COUNT, 2), ERR_OK);
    nor_model_flip_bit(&nor, BASE + 3 * STORE_RECORD_LEN + 4, 0);
    store.used = 3; /* as after a mount that read the last two places as blank */
    uint8_t before[STORE_RECORD_LEN];
    memcpy(before, nor_model_bytes(&nor, BASE + 4 * STORE_RECORD_LEN), sizeof before);
    assert_int_equal(set(STORE_ACKED, 8), ERR_OK);
    assert_memory_equal(nor_model_bytes(&nor, BASE + 4 * STORE_RECORD_LEN), before, sizeof before);
    assert_int_equal(nor.counts.unit_violations, 0);
    remount();
    check();
    tear_down();
}

/* ---- what a mount costs ---- */

/* Fills the store so that the newest values are in one sector, or in both. */
static void fill(uint32_t count)
{
    set_up(4096);
    poll_until_idle();
    for (uint32_t i = 1; i <= count; i++) {
        assert_int_equal(set(1 + i % 4, i), ERR_OK);
        poll_until_idle();
    }
}

/* Fills the active sector of a store until its next poll would leave it. */
static void fill_to_the_brim(uint32_t sector_size)
{
    set_up(sector_size);
    poll_until_idle();
    for (uint32_t i = 1; store.generation < 3; i++) { /* both sectors were full before */
        assert_int_equal(set(1 + i % 20, i), ERR_OK);
        poll_until_idle();
    }
    for (uint32_t generation = store.generation, i = 50000; store.generation == generation; i++) {
        nor_model_init(&origin, nor.geometry.size, sector_size);
        nor_model_copy(&origin, &nor);
        memcpy(values_before, values, sizeof values);
        assert_int_equal(set(STORE_JOURNAL_FLOOR, i), ERR_OK);
        poll_until_idle();
        if (store.generation == generation)
            nor_model_free(&origin);
    }
    nor_model_copy(&nor, &origin);
    nor_model_free(&origin);
    memcpy(values, values_before, sizeof values);
    remount();
}

/* Two headers of each sector, before and after, and the newest of 20 values: one read each, and a check. */
static void a_mount_reads_the_used_places_in_pieces_and_checks_the_newest_values(void **state)
{
    (void)state;
    static const struct {
        uint32_t sector_size, pieces;
    } stores[] = {{4096, 16}, {65536, 32}};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) {
        fill_to_the_brim(stores[i].sector_size);
        struct nor_model_counts before = nor.counts;
        remount();
        check();
        assert_in_range(nor.counts.reads - before.reads, 1, stores[i].pieces + 2 * 2 + 20 + 1);
        assert_in_range(nor.counts.read_bytes - before.read_bytes, 1, (stores[i].pieces * 8 + 25) * 32);
        assert_in_range(nor.counts.time_ns - before.time_ns, 1, 1600000);
        tear_down();
    }
}

/* Damage costs the check of every record of both sectors, but no read of the blank rest. */
static void a_mount_with_damage_reads_no_more_than_the_used_places(void **state)
{
    (void)state;
    fill_to_the_brim(65536);
    nor_model_flip_bit(&nor, BASE + (store.active == 0 ? 0 : 65536) + 40 * STORE_RECORD_LEN, 0);
    struct nor_model_counts before = nor.counts;
    remount();
    check();
    assert_in_range(nor.counts.reads - before.reads, 200, 2 * (192 + 64) + 20);
    tear_down();
}

/* Writes a record as a firmware before 0.2 did: with 0 behind the key. */
static void write_old_record(uint32_t sector, uint32_t place, uint8_t which, uint32_t value)
{
    uint8_t record[STORE_RECORD_LEN] = {'P', 'S', which, 0, (uint8_t)value, (uint8_t)(value >> 8)};
    uint8_t full[CRYPTO_MAC_LEN];
    crypto_mac mac;
    assert_int_equal(crypto_mac_init(&mac, key), ERR_OK);
    assert_int_equal(crypto_mac_compute(&mac, record, 24, full), ERR_OK);
    crypto_mac_free(&mac);
    memcpy(record + 24, full, 8);
    memcpy(nor_model_bytes(&nor, BASE + sector * nor.geometry.sector_size + place * STORE_RECORD_LEN), record,
           sizeof record);
}

static void a_store_of_an_older_firmware_is_read_and_continued(void **state)
{
    (void)state;
    set_up(65536);
    for (uint32_t place = 0; place < 2; place++)
        write_old_record(1, place, 0, 5);
    for (uint32_t place = 2; place < 1500; place++) {
        write_old_record(1, place, (uint8_t)(1 + place % 4), place);
        values[1 + place % 4] = place;
    }
    remount();
    check();
    assert_int_equal(set(STORE_BOOT_COUNT, 4711), ERR_OK);
    remount();
    check();
    poll_until_idle();
    assert_int_equal(store.generation, 6);
    remount();
    check();
    tear_down();
}

/* A bit of the key makes a value look like an older one of another key, which a newer one follows. */
static void a_wrong_bit_of_a_key_does_not_hide_the_value(void **state)
{
    (void)state;
    fill(3);
    assert_int_equal(set(STORE_VERSION_FLOOR, 77), ERR_OK);
    uint32_t place = store.used - 1;
    assert_int_equal(set(STORE_ACKED, 78), ERR_OK);
    assert_int_equal(set(STORE_SETTINGS, 79), ERR_OK);
    assert_int_equal(set(STORE_CLOCK_PROVEN, 80), ERR_OK);
    for (unsigned bit = 0; bit < 16; bit++) { /* of the key and of its second name */
        nor_model_flip_bit(&nor, BASE + place * STORE_RECORD_LEN + 2 + bit / 8, bit % 8);
        remount();
        check();
        nor_model_flip_bit(&nor, BASE + place * STORE_RECORD_LEN + 2 + bit / 8, bit % 8);
    }
    tear_down();
}

static void values_under_another_key_are_not_believed(void **state)
{
    (void)state;
    set_up(4096);
    poll_until_idle();
    assert_int_equal(set(STORE_ACKED, 7), ERR_OK);
    store_unmount(&store);
    assert_int_equal(store_mount(&store, &nor.flash, BASE, other_key), ERR_OK);
    assert_int_equal(store_get_u32(&store, STORE_ACKED), 0);
    tear_down();
}

/* Any one bit of the chip flips. */
static void one_lost_bit_costs_nothing(void **state)
{
    (void)state;
    static const uint32_t fills[] = {3, 60, 95, 110, 130, 190};
    for (size_t f = 0; f < sizeof fills / sizeof *fills; f++) {
        fill(fills[f]);
        for (uint32_t at = 0; at < 8192; at += 5) {
            nor_model_flip_bit(&nor, BASE + at, at % 8);
            remount();
            check();
            nor_model_flip_bit(&nor, BASE + at, at % 8);
        }
        remount();
        check();
        tear_down();
    }
}

static void each_bit_of_the_newest_records_is_corrected(void **state)
{
    (void)state;
    fill(9);
    uint32_t first = BASE + (store.used - 4) * STORE_RECORD_LEN;
    for (uint32_t bit = 0; bit < 4 * 8 * STORE_RECORD_LEN; bit++) {
        nor_model_flip_bit(&nor, first + bit / 8, bit % 8);
        remount();
        check();
        nor_model_flip_bit(&nor, first + bit / 8, bit % 8);
    }
    tear_down();
}

static void a_corrected_value_is_written_again(void **state)
{
    (void)state;
    fill(9);
    uint32_t used = store.used, record = BASE + (used - 1) * STORE_RECORD_LEN;
    nor_model_flip_bit(&nor, record + 4, 0);
    remount();
    assert_int_equal(poll_until_idle(), ERR_OK);
    assert_int_equal(store.used, used + 1);
    nor_model_flip_bit(&nor, record + 5, 0); /* two wrong bits cannot be corrected */
    remount();
    check();
    assert_int_equal(poll_until_idle(), ERR_OK);
    assert_int_equal(store.used, used + 1);
    tear_down();
}

static void with_two_lost_bits_the_value_before_counts(void **state)
{
    (void)state;
    fill(9); /* of key 2: 1, 5 and 9 */
    uint32_t record = BASE + (store.used - 1) * STORE_RECORD_LEN;
    for (uint32_t bit = 1; bit < 8 * STORE_RECORD_LEN; bit++) {
        nor_model_flip_bit(&nor, record, 0);
        nor_model_flip_bit(&nor, record + bit / 8, bit % 8);
        remount();
        assert_int_equal(store_get_u32(&store, STORE_ACKED), 5);
        nor_model_flip_bit(&nor, record, 0);
        nor_model_flip_bit(&nor, record + bit / 8, bit % 8);
    }
    tear_down();
}

/* The values that are set while others are copied are those that count afterwards. */
static void a_move_programs_four_places_a_poll_and_takes_values_meanwhile(void **state)
{
    (void)state;
    uint32_t value = 60000;
    fill_to_the_brim(65536);
    assert_int_equal(set(STORE_JOURNAL_FLOOR, value), ERR_OK);
    for (uint32_t generation = store.generation; store.generation == generation; value++) {
        uint64_t programs = nor.counts.programs;
        assert_int_equal(store_poll(&store), ERR_BUSY);
        assert_in_range(nor.counts.programs - programs, 0, 4);
        if (store.generation == generation && value % 3 != 0 && store.used < 200)
            assert_int_equal(set(1 + value % 20, value), ERR_OK);
    }
    check();
    remount();
    check();
    assert_int_equal(nor.counts.unit_violations, 0);
    tear_down();
}

static void one_worn_sector_is_worked_around(void **state)
{
    (void)state;
    for (int refuses = 1; refuses < 4; refuses++) {
        for (uint32_t sector = 0; sector < 2; sector++) {
            for (uint32_t wears_at = 0; wears_at < 200; wears_at += 45) {
                set_up(4096);
                for (uint32_t i = 0; i < wears_at; i++) {
                    poll_until_idle();
                    assert_int_equal(set(2 + i % 3, i + 1), ERR_OK);
                }
                nor_model_wear_out(&nor, BASE + sector * 4096, refuses & 1, refuses & 2);
                for (uint32_t i = 0; i < 60;
                     i++) { /* the existing values stay readable, whatever can be added */
                    poll_until_idle();
                    (void)set(2 + i % 3, 1000 + i);
                    doubtful_key = 0;
                    remount();
                    check();
                }
                if (wears_at == 0)
                    assert_int_equal(values[2], 1057); /* a chip that has one good sector is used */
                assert_true(nor_model_wear(&nor, BASE + sector * 4096) < 1000);
                tear_down();
            }
        }
    }
}

static void a_worn_sector_is_not_erased_without_end(void **state)
{
    (void)state;
    set_up(4096);
    poll_until_idle();
    nor_model_wear_out(&nor, BASE + 4096, false, true);
    for (uint32_t i = 1; i < 120; i++)
        (void)set(STORE_ACKED, i);
    assert_int_equal(poll_until_idle(), ERR_IO);
    for (int i = 0; i < 10000; i++)
        (void)store_poll(&store);
    assert_true(nor_model_wear(&nor, BASE + 4096) <= 16);
    remount();
    check();
    tear_down();
}

/* ---- readings that are nonsense for a while ---- */

static void a_misread_mount_costs_no_value_and_writes_over_nothing(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {1, 2, 5, 30, 100000};
    static const uint8_t lies[] = {0x00, 0xFF};
    set_up(4096);
    for (uint32_t i = 0; i < 130; i++) { /* the second sector is in use, and the first still has values */
        poll_until_idle();
        assert_int_equal(set(2 + i % 3, i + 1), ERR_OK);
    }
    poll_until_idle();
    nor_model_init(&origin, nor.geometry.size, 4096);
    nor_model_copy(&origin, &nor);
    memcpy(values_before, values, sizeof values);
    uint64_t reads = nor.counts.reads, erases = nor.counts.erases;
    remount();
    reads = nor.counts.reads - reads;
    for (uint32_t after = 0; after <= reads; after++) {
        for (uint32_t scene = 0; scene < 10; scene++) {
            nor_model_copy(&nor, &origin);
            memcpy(values, values_before, sizeof values);
            store_unmount(&store);
            nor_model_lie(&nor, after, lengths[scene / 2], lies[scene % 2]);
            int result = store_mount(&store, &nor.flash, BASE, key);
            nor_model_lie(&nor, 0, 0, 0);
            if (result != ERR_OK) {
                assert_int_equal(result, ERR_IO);
                assert_int_equal(store_mount(&store, &nor.flash, BASE, key), ERR_OK);
            }
            poll_until_idle();
            assert_int_equal(set(STORE_CLOCK_CONFIRMED, 4711), ERR_OK);
            remount();
            check();
        }
    }
    assert_int_equal(nor.counts.erases, erases);
    assert_int_equal(nor.counts.unit_violations, 0);
    nor_model_free(&origin);
    tear_down();
}

static uint32_t programs_refused;

static int refuse_program(void *ctx, uint32_t addr, const void *buf, size_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    programs_refused++;
    return ERR_IO;
}

static void a_value_is_tried_in_four_places_before_it_fails(void **state)
{
    (void)state;
    set_up(4096);
    poll_until_idle();
    struct flash refusing = nor.flash;
    refusing.program = refuse_program;
    store.flash = &refusing;
    programs_refused = 0;
    assert_int_equal(store_set_u32(&store, STORE_ACKED, 7), ERR_IO);
    assert_int_equal(programs_refused, 4);
    store.flash = &nor.flash;
    tear_down();
}

/* A chip that refuses every program for a while leaves blank places. They must not look like the end. */
static void values_behind_places_that_took_nothing_are_found(void **state)
{
    (void)state;
    set_up(65536);
    poll_until_idle();
    assert_int_equal(set(STORE_ACKED, 7), ERR_OK);
    struct flash refusing = nor.flash;
    refusing.program = refuse_program;
    store.flash = &refusing;
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(store_set_u32(&store, STORE_ACKED, 8 + i), ERR_IO);
    store.flash = &nor.flash;
    assert_int_equal(set(STORE_ACKED, 200), ERR_OK);
    remount();
    check();
    tear_down();
}

static uint32_t reads_to_fail;

static int fail_some_reads(void *ctx, uint32_t addr, void *buf, size_t len)
{
    if (reads_to_fail == 0)
        return nor.flash.read(ctx, addr, buf, len);
    reads_to_fail--;
    return ERR_IO;
}

/* A load ends when both tries of a reading fail. */
static void a_mount_loads_three_times_before_it_fails(void **state)
{
    (void)state;
    set_up(4096);
    poll_until_idle();
    assert_int_equal(set(STORE_ACKED, 7), ERR_OK);
    struct flash failing = nor.flash;
    failing.read = fail_some_reads;
    store_unmount(&store);
    reads_to_fail = 6;
    assert_int_equal(store_mount(&store, &failing, BASE, key), ERR_IO);
    assert_int_equal(reads_to_fail, 0);
    reads_to_fail = 5;
    assert_int_equal(store_mount(&store, &failing, BASE, key), ERR_OK);
    check();
    tear_down();
}

static void a_chip_that_reads_blank_at_first_is_not_taken_for_new(void **state)
{
    (void)state;
    set_up(4096);
    poll_until_idle();
    assert_int_equal(set(STORE_ACKED, 7), ERR_OK);
    store_unmount(&store);
    nor_model_lie(&nor, 0, 40, 0xFF);
    assert_int_equal(store_mount(&store, &nor.flash, BASE, key), ERR_OK);
    assert_int_equal(store_get_u32(&store, STORE_ACKED), 0);
    uint64_t erases = nor.counts.erases;
    poll_until_idle();
    check();
    assert_int_equal(nor.counts.erases, erases);
    tear_down();
}

/* ---- power cuts ---- */

static void live(void)
{
    for (uint32_t i = 0; i < 20 && !nor.dead; i++) {
        (void)set(1 + i % 4, 500000 + values[1] + i * 3);
        store_poll(&store);
        store_poll(&store);
    }
}

static void cut_and_check(uint64_t first, uint32_t tear, uint64_t second)
{
    nor_model_copy(&nor, &origin);
    memcpy(values, values_before, sizeof values);
    remount();
    for (int round = 0; round < 3; round++) {
        nor_model_cut(&nor, round == 0 ? first : round == 1 ? second : 0, tear + (uint32_t)round);
        live();
        nor_model_power_on(&nor);
        remount();
        check();
    }
}

static void values_are_old_or_new_wherever_the_power_goes(void **state)
{
    (void)state;
    const char *cuts = getenv("CUTS");
    bool all = cuts != NULL && strcmp(cuts, "all") == 0;
    static const struct {
        uint32_t count, sector_size;
    } fills[] = {{0, 4096},  {1, 4096},   {88, 4096},  {90, 4096},
                 {94, 4096}, {180, 4096}, {185, 4096}, {180, 65536}};
    for (size_t f = 0; f < sizeof fills / sizeof *fills; f++) {
        set_up(fills[f].sector_size);
        nor.erase_polls = 1;
        for (uint32_t i = 0; i < fills[f].count; i++) {
            poll_until_idle();
            assert_int_equal(set(1 + i % 4, i + 1), ERR_OK);
        }
        nor_model_init(&origin, nor.geometry.size, nor.geometry.sector_size);
        nor_model_copy(&origin, &nor);
        memcpy(values_before, values, sizeof values);
        for (uint64_t first = 1; first <= 30; first++)
            for (uint32_t tear = 0; tear < (all ? 200 : 12); tear++)
                for (uint64_t second = all && tear < 4 ? 0 : (first + tear) % 30; second < 30;
                     second += all && tear < 4 ? 1 : 30)
                    cut_and_check(first, tear, second);
        nor_model_free(&origin);
        tear_down();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_chip_has_no_values_and_takes_some_after_a_poll),
        cmocka_unit_test(values_outlive_many_moves),
        cmocka_unit_test(the_same_value_again_costs_nothing),
        cmocka_unit_test(after_a_failure_the_old_value_is_written_again),
        cmocka_unit_test(without_polls_a_full_sector_is_busy),
        cmocka_unit_test(any_content_mounts_empty_and_takes_values),
        cmocka_unit_test(a_place_behind_a_damaged_one_is_not_written_over),
        cmocka_unit_test(a_mount_reads_the_used_places_in_pieces_and_checks_the_newest_values),
        cmocka_unit_test(a_mount_with_damage_reads_no_more_than_the_used_places),
        cmocka_unit_test(a_store_of_an_older_firmware_is_read_and_continued),
        cmocka_unit_test(a_wrong_bit_of_a_key_does_not_hide_the_value),
        cmocka_unit_test(values_under_another_key_are_not_believed),
        cmocka_unit_test(one_lost_bit_costs_nothing),
        cmocka_unit_test(each_bit_of_the_newest_records_is_corrected),
        cmocka_unit_test(a_corrected_value_is_written_again),
        cmocka_unit_test(with_two_lost_bits_the_value_before_counts),
        cmocka_unit_test(a_move_programs_four_places_a_poll_and_takes_values_meanwhile),
        cmocka_unit_test(one_worn_sector_is_worked_around),
        cmocka_unit_test(a_worn_sector_is_not_erased_without_end),
        cmocka_unit_test(a_misread_mount_costs_no_value_and_writes_over_nothing),
        cmocka_unit_test(a_value_is_tried_in_four_places_before_it_fails),
        cmocka_unit_test(values_behind_places_that_took_nothing_are_found),
        cmocka_unit_test(a_mount_loads_three_times_before_it_fails),
        cmocka_unit_test(a_chip_that_reads_blank_at_first_is_not_taken_for_new),
        cmocka_unit_test(values_are_old_or_new_wherever_the_power_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
