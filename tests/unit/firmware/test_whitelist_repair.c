/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks and heads of a list that are damaged, answered from their replica, and repaired. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/whitelist/whitelist.h"
#include "firmware/whitelist/whitelist_replica.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"
#include "tests/fakes/whitelist_bench.h"

/* ---- damage ---- */

static void scrub_all(const struct list_made *made)
{
    for (uint32_t i = 0; i < 2 * (made->header.block_count + 1); i++) {
        whitelist_scrub(&gate.list);
        list_gate_poll(&gate);
    }
}

static void a_damaged_block_is_answered_from_its_twin_and_repaired(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        for (uint32_t block = 0; block < one.header.block_count; block++) {
            set_up(sizes[g]);
            nor_model_scramble(&gate.nor, list_gate_block_address(&gate, true, block), 4096, block + 1);
            restart();
            check(&one);
            assert_true(gate.list.replica.damaged_count > 0);
            list_gate_poll(&gate);
            assert_int_equal(gate.list.replica.repaired_count, 1);
            assert_int_equal(gate.repaired, 1);
            assert_true(list_gate_is_twinned(&gate, &one));
            uint32_t damaged = gate.list.replica.damaged_count;
            check(&one);
            assert_int_equal(gate.list.replica.damaged_count, damaged);
            gate.repaired = 0;
            list_gate_free(&gate);
        }
    }
}

static void scrubbing_finds_one_lost_bit_in_either_slot(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        for (uint32_t at = 0; at < one.header.block_count * 4096; at += 1409) {
            for (int running = 0; running < 2; running++) {
                set_up(sizes[g]);
                nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, running, 0) + at, at % 8);
                scrub_all(&one);
                assert_true(list_gate_is_twinned(&gate, &one));
                assert_int_equal(gate.list.replica.repaired_count, 1);
                check(&one);
                list_gate_free(&gate);
            }
        }
    }
}

static void a_damaged_head_costs_nothing_at_start_or_in_service(void **state)
{
    (void)state;
    uint32_t head_len = one.header.head_len + WHITELIST_SIGNATURE_LEN;
    for (uint32_t step = 0; step < head_len + 32; step += 13) {
        uint32_t at = step < head_len ? step : COMMIT_AT + (step - head_len);
        for (int slot = 0; slot < 2; slot++) {
            set_up(step % 2 ? 4096 : 65536);
            nor_model_flip_bit(&gate.nor, (uint32_t)slot * SLOT_LEN + at, step % 8);
            if (step % 4 < 2)
                restart();
            check(&one);
            scrub_all(&one);
            check(&one);
            assert_true(list_gate_is_twinned(&gate, &one));
            assert_int_equal(list_gate_upload(&gate, &two), 1);
            check(&two);
            list_gate_free(&gate);
        }
    }
}

static void with_both_copies_gone_a_card_is_told_damaged_and_no_other(void **state)
{
    (void)state;
    set_up(4096);
    memset(nor_model_bytes(&gate.nor, list_gate_block_address(&gate, true, 1)), 0, 4096);
    memset(nor_model_bytes(&gate.nor, list_gate_block_address(&gate, false, 1)), 0, 4096);
    for (int round = 0; round < 3; round++) {
        uint32_t denied = 0;
        for (uint32_t n = 0; n < CARDS; n++) {
            struct whitelist_answer answer;
            struct tag tag = list_maker_tag(n);
            int result = whitelist_lookup(&gate.list, &tag, &answer);
            if (result == ERR_CORRUPT)
                denied++;
            else
                assert_true(list_maker_is_right(&one, n, result, &answer));
        }
        assert_in_range(denied, CARDS / one.header.block_count / 2, CARDS / one.header.block_count * 2);
        scrub_all(&one);
        if (round == 1)
            restart();
    }
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    check(&two);
    list_gate_free(&gate);
}

/* Two blocks share a sector. One is damaged in this slot, the other in the other slot: an erase of
 * either sector would lose one. */
static void a_repair_never_erases_the_only_good_copy(void **state)
{
    (void)state;
    set_up(65536);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 1) + 70, 0);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, false, 2) + 70, 0);
    for (int round = 0; round < 3; round++) {
        check(&one);
        scrub_all(&one);
        check(&one);
        restart();
    }
    list_gate_free(&gate);
}

/* Returns how many cards of a list get a wrong answer, without those reported as damaged. */
static uint32_t wrong_or_damaged(const struct list_made *made, uint32_t *damaged)
{
    uint32_t wrong = 0;
    *damaged = 0;
    for (uint32_t n = 0; n < made->count; n++) {
        struct whitelist_answer answer;
        struct tag tag = list_maker_tag(n);
        int result = whitelist_lookup(&gate.list, &tag, &answer);
        *damaged += result == ERR_CORRUPT;
        wrong += result != ERR_CORRUPT && !list_maker_is_right(made, n, result, &answer);
    }
    return wrong;
}

static void a_damaged_block_is_never_answered_from_an_older_list(void **state)
{
    (void)state;
    uint32_t all_damaged = 0;
    for (uint32_t block = 0; block < two.header.block_count; block++) {
        uint32_t damaged;
        set_up(4096);
        assert_int_equal(list_gate_upload(&gate, &two), 1); /* the other slot still holds list one */
        nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, block) + 4, 0);
        for (uint32_t bucket = 0; bucket < 64; bucket++)
            nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, block) + 64 * bucket, 0);
        assert_int_equal(wrong_or_damaged(&two, &damaged), 0);
        all_damaged += damaged;
        list_gate_free(&gate);
    }
    /* The block of card 17 has no replica yet. The others, which are the same in both lists, have one. */
    assert_in_range(all_damaged, CARDS / two.header.block_count / 2, 3 * CARDS / two.header.block_count);
}

static void a_twin_with_a_block_missing_is_not_whole(void **state)
{
    (void)state;
    uint32_t damaged;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 1) + 70, 0);
    list_gate_poll(&gate);
    assert_false(gate.list.replica.is_whole);
    assert_int_equal(wrong_or_damaged(&one, &damaged), 0);
    /* The whole block: what does not match the signed manifest answers for no card. */
    assert_in_range(damaged, CARDS / one.header.block_count / 2, 3 * CARDS / one.header.block_count / 2);
    restart();
    list_gate_poll(&gate);
    assert_false(gate.list.replica.is_whole);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 3) + 70, 0);
    assert_int_equal(wrong_or_damaged(&one, &damaged), 0);
    assert_in_range(damaged, CARDS / one.header.block_count / 2,
                    3 * CARDS / one.header.block_count / 2); /* block 3 was copied in time */
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    check(&two);
    list_gate_free(&gate);
}

static void damage_just_before_an_upload_is_repaired_first(void **state)
{
    (void)state;
    set_up(65536);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 3) + 65, 0);
    check(&one); /* seen */
    assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
    check(&one);
    list_gate_poll(&gate);
    check(&one);
    list_gate_free(&gate);
}

static void a_worn_sector_refuses_the_upload_and_keeps_the_list(void **state)
{
    (void)state;
    for (int refuses = 1; refuses < 4; refuses++) {
        for (uint32_t at = 0; at < 65536 + 5 * 4096; at += at == 0 ? 61440 : 4096) {
            set_up(4096);
            uint32_t worn = (uint32_t)!gate.list.running * SLOT_LEN + at;
            nor_model_wear_out(&gate.nor, worn, refuses & 1, refuses & 2);
            int result = ERR_IO;
            for (int tries = 0; tries < 2 && result != 1; tries++) {
                gate.blocks_sent = 0;
                if (list_gate_send_head(&gate, &two) != ERR_OK) {
                    assert_int_equal(gate.list.upload.state, WHITELIST_REFUSED);
                    break;
                }
                for (int i = 0; i < 4000; i++) {
                    result = whitelist_poll(&gate.list);
                    if (result == WHITELIST_COMMITTED || result == WHITELIST_UPLOAD_REFUSED)
                        break;
                    list_gate_send_wanted(&gate, &two, 1);
                }
                if (result == WHITELIST_UPLOAD_REFUSED)
                    break;
            }
            if (result != 1) {
                assert_int_equal(gate.list.upload.error, ERR_WORN);
                assert_int_equal(gate.list.worn_addr / 4096, worn / 4096);
                assert_true(nor_model_wear(&gate.nor, worn) < 20);
            }
            check(result == WHITELIST_COMMITTED ? &two : &one);
            restart();
            check(result == WHITELIST_COMMITTED ? &two : &one);
            list_gate_free(&gate);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_block_is_answered_from_its_twin_and_repaired),
        cmocka_unit_test(scrubbing_finds_one_lost_bit_in_either_slot),
        cmocka_unit_test(a_damaged_head_costs_nothing_at_start_or_in_service),
        cmocka_unit_test(with_both_copies_gone_a_card_is_told_damaged_and_no_other),
        cmocka_unit_test(a_repair_never_erases_the_only_good_copy),
        cmocka_unit_test(a_damaged_block_is_never_answered_from_an_older_list),
        cmocka_unit_test(a_twin_with_a_block_missing_is_not_whole),
        cmocka_unit_test(damage_just_before_an_upload_is_repaired_first),
        cmocka_unit_test(a_worn_sector_refuses_the_upload_and_keeps_the_list),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
