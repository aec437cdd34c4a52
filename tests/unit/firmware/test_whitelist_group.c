/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of a manifest: what they correct, when they are written, and damaged manifests read with
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/whitelist/whitelist_group.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"
#include "tests/fakes/whitelist_damage_bench.h"

enum { CHECKS_AT = 61440 };

/* ---- the code ---- */

/* CRC-32 of IEEE 802.3, bit by bit. */
static uint32_t crc_of(const uint8_t *data, size_t len)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < 8 * len; i++) {
        crc ^= (uint32_t)(data[i / 8] >> i % 8 & 1);
        crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
    }
    return ~crc;
}

static void make_unit(uint8_t unit[WHITELIST_GROUP_UNIT_LEN])
{
    for (uint32_t i = 0; i < WHITELIST_GROUP_LEN; i++)
        unit[i] = (uint8_t)(i * 37 + 11);
    bytes_put_u32(unit + WHITELIST_GROUP_LEN, crc_of(unit, WHITELIST_GROUP_LEN));
}

static void flip(uint8_t *unit, uint32_t bit)
{
    unit[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static void one_or_two_wrong_bits_of_a_group_are_corrected(void **state)
{
    (void)state;
    uint8_t right[WHITELIST_GROUP_UNIT_LEN], unit[WHITELIST_GROUP_UNIT_LEN];
    make_unit(right);
    memcpy(unit, right, sizeof unit);
    assert_int_equal(whitelist_group_correct(unit), 0);
    for (uint32_t a = 0; a < 8 * sizeof unit; a++) {
        flip(unit, a);
        assert_int_equal(whitelist_group_correct(unit), 1);
        assert_memory_equal(unit, right, sizeof unit);
        for (uint32_t b = a + 1; b < 8 * sizeof unit; b += 61) {
            flip(unit, a);
            flip(unit, b);
            assert_int_equal(whitelist_group_correct(unit), 2);
            assert_memory_equal(unit, right, sizeof unit);
        }
    }
}

static void three_wrong_bits_are_not_taken_for_fewer_than_two(void **state)
{
    (void)state;
    uint8_t right[WHITELIST_GROUP_UNIT_LEN], unit[WHITELIST_GROUP_UNIT_LEN];
    make_unit(right);
    for (uint32_t a = 0; a < 8 * sizeof unit - 30; a += 7) {
        memcpy(unit, right, sizeof unit);
        flip(unit, a);
        flip(unit, a + 13);
        flip(unit, a + 29);
        assert_in_range(whitelist_group_correct(unit), 2, 3);
    }
}

/* ---- in flash ---- */

static uint32_t stored_len(void)
{
    return one.header.head_len + WHITELIST_SIGNATURE_LEN;
}

static bool has_checks(int slot)
{
    uint8_t head[WHITELIST_HEAD_MAX + WHITELIST_GROUP_LEN];
    const uint8_t *checks = nor_model_bytes(&gate.nor, (uint32_t)slot * SLOT_LEN + CHECKS_AT);
    memset(head, 0xFF, sizeof head);
    memcpy(head, one.image, stored_len());
    for (uint32_t at = 0; at < stored_len(); at += WHITELIST_GROUP_LEN)
        if (bytes_get_u32(checks + at / WHITELIST_GROUP_LEN * 4) != crc_of(head + at, WHITELIST_GROUP_LEN))
            return false;
    return true;
}

static void both_slots_get_checks(void **state)
{
    (void)state;
    for (int g = 0; g < 2; g++) {
        set_up(sector_sizes[g]);
        assert_true(has_checks(0));
        assert_true(has_checks(1));
        assert_int_equal(gate.nor.counts.unit_violations, 0);
        tear_down();
    }
}

static void a_list_of_an_older_firmware_gets_checks_without_an_erase(void **state)
{
    (void)state;
    set_up(4096);
    for (int slot = 0; slot < 2; slot++)
        memset(nor_model_bytes(&gate.nor, (uint32_t)slot * SLOT_LEN + CHECKS_AT), 0xFF,
               (stored_len() / WHITELIST_GROUP_LEN + 4) / 4 * 16);
    restart();
    check(&one, 7);
    uint64_t erases = gate.nor.counts.erases;
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_true(has_checks(0) && has_checks(1));
    assert_int_equal(gate.nor.counts.erases, erases);
    uint64_t programs = gate.nor.counts.programs;
    restart();
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_int_equal(gate.nor.counts.programs, programs);
    tear_down();
}

/* A damaged manifest must not get checks that call it right. */
static void a_damaged_manifest_gets_no_checks(void **state)
{
    (void)state;
    set_up(4096);
    memset(nor_model_bytes(&gate.nor, CHECKS_AT), 0xFF, 64);
    nor_model_flip_bit(&gate.nor, 200, 3); /* in service, unseen */
    whitelist_group_start(&gate.list, 0);
    while (whitelist_group_poll(&gate.list) == ERR_BUSY)
        ;
    assert_true(flash_is_blank(nor_model_bytes(&gate.nor, CHECKS_AT), 64));
    tear_down();
}

static void damage_each_copy(uint32_t n)
{
    for (uint32_t slot = 0; slot < 2; slot++) {
        nor_model_flip_bit(&gate.nor, slot * SLOT_LEN + n, n);
        nor_model_flip_bit(&gate.nor, slot * SLOT_LEN + (n + 17 + slot * 101) % stored_len(), n + slot);
        nor_model_flip_bit(&gate.nor, slot * SLOT_LEN + CHECKS_AT + (n + slot) % 16, 5);
        nor_model_flip_bit(&gate.nor, slot * SLOT_LEN + WHITELIST_BLOCKS_OFFSET - 32 + n % 32, 1);
    }
}

/* The same bit is wrong in both copies as well: each copy is corrected by itself. */
static void a_manifest_damaged_in_both_slots_costs_no_card(void **state)
{
    (void)state;
    for (int g = 0; g < 2; g++) {
        set_up(sector_sizes[g]);
        for (uint32_t n = 0; n < stored_len(); n += g == 0 ? 3 : 19) {
            start_over();
            damage_each_copy(n);
            restart();
            check(&one, 50);
            assert_false(gate.list.replica.is_whole);
            assert_int_equal(list_gate_poll(&gate), ERR_OK);
            assert_true(list_gate_is_twinned(&gate, &one));
            assert_true(has_checks(0) && has_checks(1));
            check(&one, 50);
            restart();
            check(&one, 50);
            assert_true(gate.list.replica.is_whole);
        }
        tear_down();
    }
}

static void a_manifest_damaged_in_both_slots_is_mended_in_service(void **state)
{
    (void)state;
    set_up(4096);
    for (uint32_t n = 0; n < stored_len(); n += 7) {
        start_over();
        assert_int_equal(list_gate_poll(&gate), ERR_OK);
        damage_each_copy(n);
        seconds(scrub_round());
        check(&one, 50);
        assert_true(list_gate_is_twinned(&gate, &one));
        assert_int_equal(gate.list.slots[gate.list.running].mend, WHITELIST_MEND_NOTHING);
    }
    tear_down();
}

/* Three wrong bits in a group of each slot, in different groups: neither copy can be corrected alone, and
 * none may be erased. */
static void manifests_that_complete_each_other_serve_and_stay(void **state)
{
    (void)state;
    set_up(4096);
    start_over();
    for (uint32_t slot = 0; slot < 2; slot++)
        for (uint32_t i = 0; i < 3; i++)
            nor_model_flip_bit(&gate.nor, slot * SLOT_LEN + 64 * (1 + slot) + 11 * i, i);
    for (int i = 0; i < 3; i++) {
        restart();
        check(&one, 7);
        seconds(100);
        check(&one, 7);
    }
    assert_int_equal(list_gate_upload(&gate, &two), WHITELIST_COMMITTED);
    check(&two, 7);
    list_gate_poll(&gate);
    assert_true(list_gate_is_twinned(&gate, &two));
    tear_down();
}

static void more_damage_than_the_checks_correct_leaves_no_list(void **state)
{
    (void)state;
    set_up(4096);
    for (uint32_t slot = 0; slot < 2; slot++)
        for (uint32_t i = 0; i < 3; i++)
            nor_model_flip_bit(&gate.nor, slot * SLOT_LEN + 64 + 11 * i, i);
    restart();
    assert_int_equal(list_gate_version(&gate), 0);
    assert_int_equal(list_gate_upload(&gate, &two), WHITELIST_COMMITTED);
    check(&two, 7);
    tear_down();
}

/* Somebody changes a manifest and its checks. Its digest is not the one that this gate committed. */
static void a_manifest_with_new_checks_is_not_believed(void **state)
{
    (void)state;
    set_up(4096);
    for (uint32_t slot = 0; slot < 2; slot++) {
        uint8_t *head = nor_model_bytes(&gate.nor, slot * SLOT_LEN);
        head[150] ^= 1;
        bytes_put_u32(head + CHECKS_AT + 4 * 2, crc_of(head + 128, WHITELIST_GROUP_LEN));
    }
    restart();
    assert_int_equal(list_gate_version(&gate), 0);
    tear_down();
}

/* An older list, damaged by one bit, is corrected as well, and stays refused. */
static void an_older_manifest_does_not_come_back_by_its_checks(void **state)
{
    (void)state;
    set_up(4096);
    nor_model_flip_bit(&gate.nor, 200, 3);
    nor_model_flip_bit(&gate.nor, SLOT_LEN + 200, 3);
    gate.known.version = 2;
    restart();
    assert_int_equal(list_gate_version(&gate), 0);
    assert_true(whitelist_is_rolled_back(&gate.list));
    tear_down();
}

/* The only copy: the replica is not made yet. */
static void a_manifest_without_a_replica_is_corrected(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), WHITELIST_COMMITTED);
    while (!gate.list.slots[gate.list.running].has_checks)
        (void)!whitelist_poll(&gate.list);
    nor_model_flip_bit(&gate.nor, gate.list.slots[gate.list.running].base + 140, 2);
    restart();
    check(&one, 7);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_true(list_gate_is_twinned(&gate, &one));
    list_gate_free(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_or_two_wrong_bits_of_a_group_are_corrected),
        cmocka_unit_test(three_wrong_bits_are_not_taken_for_fewer_than_two),
        cmocka_unit_test(both_slots_get_checks),
        cmocka_unit_test(a_list_of_an_older_firmware_gets_checks_without_an_erase),
        cmocka_unit_test(a_damaged_manifest_gets_no_checks),
        cmocka_unit_test(a_manifest_damaged_in_both_slots_costs_no_card),
        cmocka_unit_test(a_manifest_damaged_in_both_slots_is_mended_in_service),
        cmocka_unit_test(manifests_that_complete_each_other_serve_and_stay),
        cmocka_unit_test(more_damage_than_the_checks_correct_leaves_no_list),
        cmocka_unit_test(a_manifest_with_new_checks_is_not_believed),
        cmocka_unit_test(an_older_manifest_does_not_come_back_by_its_checks),
        cmocka_unit_test(a_manifest_without_a_replica_is_corrected),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
