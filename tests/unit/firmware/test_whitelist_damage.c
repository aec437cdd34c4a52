/* SPDX-License-Identifier: Apache-2.0 */
/* The whitelist on a damaged chip: every byte of both manifests, lost slots, damaged blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist_fill.h"
#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"
#include "tests/fakes/whitelist_damage_bench.h"

/* ---- the head ---- */

/* Returns the address of the n-th byte of a manifest with its signature and its commit record. */
static uint32_t head_byte(uint32_t n)
{
    uint32_t head_len = one.header.head_len + WHITELIST_SIGNATURE_LEN;
    return n < head_len ? n : WHITELIST_BLOCKS_OFFSET - COMMITS_LEN + (n - head_len);
}

static uint32_t head_bytes(void)
{
    return one.header.head_len + WHITELIST_SIGNATURE_LEN + COMMITS_LEN;
}

static void a_damaged_byte_of_a_head_costs_no_card_at_start(void **state)
{
    (void)state;
    for (int g = 0; g < 2; g++) {
        set_up(sector_sizes[g]);
        for (uint32_t n = 0; n < 2 * head_bytes(); n += g == 0 ? 1 : 9) {
            start_over();
            *nor_model_bytes(&gate.nor, n % 2 * SLOT_LEN + head_byte(n / 2)) ^= (uint8_t)(1 << n % 7);
            restart();
            check(&one, 50);
            assert_false(gate.list.replica.is_whole);
            assert_int_equal(list_gate_poll(&gate), ERR_OK);
            assert_true(list_gate_is_twinned(&gate, &one));
            check(&one, 50);
        }
        tear_down();
    }
}

static void a_damaged_byte_of_a_head_is_mended_in_service_and_counted(void **state)
{
    (void)state;
    for (int g = 0; g < 2; g++) {
        set_up(sector_sizes[g]);
        for (uint32_t n = 0; n < 2 * head_bytes(); n += g == 0 ? 1 : 9) {
            start_over();
            *nor_model_bytes(&gate.nor, n % 2 * SLOT_LEN + head_byte(n / 2)) ^= (uint8_t)(1 << n % 7);
            gate.repaired = 0;
            seconds(scrub_round());
            check(&one, 50);
            assert_true(list_gate_is_twinned(&gate, &one));
            assert_int_equal(gate.list.replica.repaired_count, 1);
            assert_int_equal(gate.repaired, 1);
            restart();
            check(&one, 50);
        }
        tear_down();
    }
}

static void a_slot_lost_whole_costs_no_card(void **state)
{
    (void)state;
    for (int g = 0; g < 2; g++) {
        set_up(sector_sizes[g]);
        for (int scene = 0; scene < 4; scene++) {
            start_over();
            nor_model_scramble(&gate.nor, (uint32_t)(scene % 2) * SLOT_LEN, SLOT_LEN, 7);
            if (scene < 2)
                restart();
            check(&one, 7);
            seconds(scrub_round());
            check(&one, 7);
            seconds(scrub_round());
            assert_true(list_gate_is_twinned(&gate, &one));
        }
        tear_down();
    }
}

/* An upload is about to overwrite the replica, and with it the only good manifest. */
static void an_upload_does_not_write_over_the_only_good_head(void **state)
{
    (void)state;
    set_up(4096);
    for (uint32_t n = 0; n < head_bytes(); n += 5) {
        start_over();
        *nor_model_bytes(&gate.nor, (uint32_t)gate.list.running * SLOT_LEN + head_byte(n)) ^= 4;
        assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
        check(&one, 50);
        restart(); /* before the new list is whole */
        check(&one, 50);
        assert_int_equal(list_gate_upload(&gate, &two), 1);
        check(&two, 50);
    }
    tear_down();
}

/* A hash in the manifest does not match its block. The good block is not erased because of this. */
static void a_damaged_hash_has_no_good_block_erased(void **state)
{
    (void)state;
    uint32_t hashes = one.header.head_len - one.header.block_count * WHITELIST_HASH_LEN;
    set_up(4096);
    for (uint32_t block = 0; block < one.header.block_count; block++) {
        for (int running = 0; running < 2; running++) {
            start_over();
            int slot = running ? gate.list.running : !gate.list.running;
            nor_model_flip_bit(&gate.nor, (uint32_t)slot * SLOT_LEN + hashes + block * WHITELIST_HASH_LEN, 3);
            uint8_t before[2][WHITELIST_BLOCK_LEN];
            uint32_t erases[2];
            for (int i = 0; i < 2; i++) {
                uint32_t addr = list_gate_block_address(&gate, i, block);
                memcpy(before[i], nor_model_bytes(&gate.nor, addr), WHITELIST_BLOCK_LEN);
                erases[i] = nor_model_wear(&gate.nor, addr);
            }
            uint32_t at[2] = {list_gate_block_address(&gate, false, block),
                              list_gate_block_address(&gate, true, block)};
            gate.list.replica.repair_slot = !slot; /* as after a failed read of the good block */
            gate.list.replica.repair_block = block;
            list_gate_poll(&gate);
            seconds(scrub_round());
            for (int i = 0; i < 2; i++) {
                assert_memory_equal(nor_model_bytes(&gate.nor, at[i]), before[i], WHITELIST_BLOCK_LEN);
                assert_int_equal(nor_model_wear(&gate.nor, at[i]), erases[i]);
            }
            check(&one, 50);
            assert_true(list_gate_is_twinned(&gate, &one));
        }
    }
    tear_down();
}

/* Most buckets of a damaged block are good. While its replica is damaged as well, they are the only
 * copy. */
static void a_block_damaged_in_both_places_is_made_from_both(void **state)
{
    (void)state;
    for (int g = 0; g < 2; g++) {
        set_up(sector_sizes[g]);
        start_over();
        nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 1) + 70, 0);
        nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, false, 1) + 64 * 40 + 6, 0);
        check(&one, 1);
        seconds(1);
        check(&one, 1);
        assert_true(list_gate_is_twinned(&gate, &one));
        assert_int_equal(gate.list.replica.repaired_count, 1);
        assert_int_equal(gate.list.replica.failed_count, 0);
        tear_down();
    }
}

/* The same bucket has lost bits in both copies, the check among them. */
static void a_bucket_damaged_in_both_places_is_made_from_both(void **state)
{
    (void)state;
    set_up(4096);
    for (uint32_t bits = 1; bits <= 3; bits++) {
        start_over();
        for (uint32_t i = 0; i < bits; i++) {
            nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 1) + 64 * 20 + 2 + i * 11, i);
            nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, false, 1) + 64 * 20 + 9 + i * 7, 5);
        }
        check(&one, 1);
        seconds(1);
        assert_true(list_gate_is_twinned(&gate, &one));
    }
    tear_down();
}

static void a_replica_without_one_of_its_blocks_is_not_committed(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    uint32_t damaged = list_gate_block_address(&gate, true, 1) + 70;
    nor_model_flip_bit(&gate.nor, damaged, 0); /* before there is a replica */
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_false(gate.list.replica.is_whole);
    assert_int_equal(gate.list.replica.failed_count, 1);
    nor_model_flip_bit(&gate.nor, damaged, 0); /* it was the cold */
    seconds(HOUR);
    assert_true(list_gate_is_twinned(&gate, &one));
    list_gate_free(&gate);
}

/* ---- lists nobody could be found in ---- */

static void a_list_built_with_another_tag_key_is_refused_before_it_rules(void **state)
{
    (void)state;
    struct list_maker other = maker;
    struct list_made foreign;
    other.list_key[5] ^= 1;
    list_maker_make(&other, &foreign, 2, CARDS, NONE);
    set_up(4096);
    start_over();
    assert_int_equal(list_gate_send_head(&gate, &foreign), ERR_OK);
    list_gate_poll(&gate);
    list_gate_send_wanted(&gate, &foreign, 1);
    assert_int_equal(gate.list.upload.state, WHITELIST_REFUSED);
    assert_int_equal(gate.list.upload.error, ERR_TAG_KEY);
    assert_string_equal(error_name(ERR_TAG_KEY), "wrong_tag_key");
    check(&one, 1);
    list_gate_poll(&gate);
    assert_true(list_gate_is_twinned(&gate, &one));
    restart();
    check(&one, 1);
    list_maker_free(&foreign);
    tear_down();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_byte_of_a_head_costs_no_card_at_start),
        cmocka_unit_test(a_damaged_byte_of_a_head_is_mended_in_service_and_counted),
        cmocka_unit_test(a_slot_lost_whole_costs_no_card),
        cmocka_unit_test(an_upload_does_not_write_over_the_only_good_head),
        cmocka_unit_test(a_damaged_hash_has_no_good_block_erased),
        cmocka_unit_test(a_block_damaged_in_both_places_is_made_from_both),
        cmocka_unit_test(a_bucket_damaged_in_both_places_is_made_from_both),
        cmocka_unit_test(a_replica_without_one_of_its_blocks_is_not_committed),
        cmocka_unit_test(a_list_built_with_another_tag_key_is_refused_before_it_rules),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
