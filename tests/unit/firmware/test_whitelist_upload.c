/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads of a list beside repairs, look-ups, other uploads and restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/whitelist/whitelist.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"
#include "tests/fakes/whitelist_bench.h"

/* ---- what happens at the same time ---- */

static void a_refused_head_does_not_make_half_a_twin_count(void **state)
{
    (void)state;
    struct list_made bad = copy_of(&two);
    bad.image[8] ^= 1;
    for (int polls = 0; polls < 60; polls++) {
        set_up(4096);
        assert_int_equal(list_gate_upload(&gate, &two), 1);
        for (int i = 0; i < polls; i++)
            whitelist_poll(&gate.list);
        assert_int_equal(whitelist_upload_head(&gate.list, 0, bad.image, 128, false), ERR_SITE);
        list_gate_poll(&gate);
        assert_true(list_gate_is_twinned(&gate, &two));
        check(&two);
        list_gate_free(&gate);
    }
    list_maker_free(&bad);
}

static void an_upload_during_a_repair_costs_no_card(void **state)
{
    (void)state;
    for (int polls = 0; polls < 800; polls += 23) {
        set_up(65536);
        gate.nor.erase_polls = 2;
        nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 2) + 100, 3);
        assert_int_equal(list_gate_wrong_card(&gate, &one, 1), -1); /* detected; it will be repaired */
        for (int i = 0; i < polls; i++)
            whitelist_poll(&gate.list);
        uint32_t whole = two.header.head_len + WHITELIST_SIGNATURE_LEN;
        for (int i = 0; i < 2000; i++) {
            if (gate.list.upload.state == WHITELIST_IDLE || gate.list.upload.state == WHITELIST_DONE ||
                gate.list.upload.state == WHITELIST_HEAD)
                (void)!whitelist_upload_head(&gate.list, 0, two.image, whole, true);
            assert_int_equal(list_gate_wrong_card(&gate, &one, 9), -1);
            whitelist_poll(&gate.list);
        }
        assert_int_equal(gate.list.upload.state, WHITELIST_RECEIVING);
        assert_int_equal(list_gate_wrong_card(&gate, &one, 1), -1);
        assert_int_equal(list_gate_upload(&gate, &two), 1);
        check(&two);
        list_gate_free(&gate);
    }
}

static void a_newer_upload_takes_the_place_of_one_under_way(void **state)
{
    (void)state;
    struct list_made three;
    list_maker_make(&maker, &three, 3, CARDS + 300, 5);
    for (int polls = 0; polls < 300; polls += 7) {
        set_up(65536);
        assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
        for (int i = 0; i < polls; i++)
            whitelist_poll(&gate.list);
        check(&one);
        assert_int_equal(list_gate_send_head(&gate, &three), ERR_OK);
        check(&one);
        assert_int_equal(list_gate_upload(&gate, &three), 1);
        check(&three);
        list_gate_poll(&gate);
        assert_true(list_gate_is_twinned(&gate, &three));
        list_gate_free(&gate);
    }
    list_maker_free(&three);
}

static void an_abandoned_upload_gives_the_twin_back(void **state)
{
    (void)state;
    for (int sent = 0; sent < 2; sent++) {
        set_up(4096);
        if (sent == 0) {
            (void)!whitelist_upload_head(&gate.list, 0, two.image, 512, false);
            whitelist_poll(&gate.list);
        } else {
            assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
            list_gate_poll(&gate);
        }
        whitelist_upload_abandon(&gate.list);
        assert_int_equal(gate.list.upload.state, WHITELIST_IDLE);
        check_untouched();
    }
}

static void no_new_work_begins_while_an_erase_runs_and_a_poll_says_so(void **state)
{
    (void)state;
    int polls = 0;
    set_up(4096);
    gate.nor.erase_polls = 5;
    assert_int_equal(whitelist_upload_head(&gate.list, 0, two.image, 512, false), ERR_BUSY);
    assert_int_equal(whitelist_poll(&gate.list), ERR_BUSY);
    assert_true(gate.nor.erasing);
    whitelist_upload_abandon(&gate.list);
    for (; gate.nor.polls_left > 0; polls++) {
        assert_int_equal(whitelist_poll(&gate.list), ERR_BUSY);
        assert_int_equal(gate.list.replica.stage, REPLICA_RESTING);
    }
    assert_int_equal(polls, 5);
    assert_int_equal(whitelist_poll(&gate.list), ERR_BUSY); /* the erase ends, and the work begins */
    assert_false(gate.nor.erasing);
    assert_int_equal(gate.list.replica.stage, REPLICA_CHECK_OURS);
    check_untouched();
}

/* An active list is in memory: to look for it again takes a second on a large chip. */
static void a_new_upload_over_an_active_list_does_not_search_the_chip(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    uint64_t reads = gate.nor.counts.reads;
    assert_int_equal(whitelist_upload_head(&gate.list, 0, two.image, 512, false), ERR_BUSY);
    assert_int_equal(gate.nor.counts.reads, reads);
    list_gate_free(&gate);
}

static void lookups_are_right_at_every_step_of_an_upload(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        set_up(sizes[g]);
        gate.nor.erase_polls = 3;
        uint32_t whole = two.header.head_len + WHITELIST_SIGNATURE_LEN;
        for (int i = 0; list_gate_version(&gate) == 1; i++) {
            assert_true(i < 10000);
            if (gate.list.upload.state != WHITELIST_VERIFYING &&
                gate.list.upload.state != WHITELIST_PREPARING &&
                gate.list.upload.state != WHITELIST_RECEIVING)
                (void)!whitelist_upload_head(&gate.list, 0, two.image, whole, true);
            list_gate_send_wanted(&gate, &two, 1);
            assert_int_equal(list_gate_wrong_card(&gate, &one, 50), -1);
            whitelist_poll(&gate.list);
        }
        for (int i = 0; whitelist_poll(&gate.list) != ERR_OK; i++) {
            assert_true(i < 10000);
            assert_int_equal(list_gate_wrong_card(&gate, &two, 50), -1);
        }
        list_gate_free(&gate);
    }
}

static void a_head_that_does_not_read_at_commit_leaves_the_old_rules(void **state)
{
    (void)state;
    set_up(4096);
    assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
    list_gate_poll(&gate);
    list_gate_send_wanted(&gate, &two, 1);
    /* The reads are the commit record, then the profiles. A failure among them must not activate half a
     * list. */
    for (uint32_t after = 0; after < 6 && list_gate_version(&gate) == 1; after++) {
        gate.nor.fail_read = after + 1;
        int result = whitelist_poll(&gate.list);
        gate.nor.fail_read = 0;
        if (result == WHITELIST_COMMITTED)
            break;
        assert_int_equal(result, WHITELIST_UPLOAD_REFUSED);
        check(&one);
        list_gate_poll(&gate);
        check(&one);
        assert_true(list_gate_is_twinned(&gate, &one));
        assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
        list_gate_poll(&gate);
        list_gate_send_wanted(&gate, &two, 1);
    }
    list_gate_free(&gate);
}

/* ---- power ---- */

static void an_upload_goes_on_after_a_restart_with_what_is_missing(void **state)
{
    (void)state;
    struct list_made big;
    list_maker_make(&maker, &big, 5, 4000, NONE);
    uint32_t blocks = big.header.block_count;
    set_up(4096);
    assert_int_equal(list_gate_send_head(&gate, &big), ERR_OK);
    list_gate_poll(&gate);
    list_gate_send_wanted(&gate, &big, blocks / 2);
    restart();
    check(&one);
    list_gate_poll(&gate);
    assert_int_equal(gate.list.upload.state, WHITELIST_RECEIVING);
    gate.blocks_sent = 0;
    assert_int_equal(list_gate_upload(&gate, &big), 1);
    assert_int_equal(gate.blocks_sent, blocks - blocks / 2);
    check(&big);
    list_gate_free(&gate);
    list_maker_free(&big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_head_does_not_make_half_a_twin_count),
        cmocka_unit_test(an_upload_during_a_repair_costs_no_card),
        cmocka_unit_test(a_newer_upload_takes_the_place_of_one_under_way),
        cmocka_unit_test(an_abandoned_upload_gives_the_twin_back),
        cmocka_unit_test(no_new_work_begins_while_an_erase_runs_and_a_poll_says_so),
        cmocka_unit_test(a_new_upload_over_an_active_list_does_not_search_the_chip),
        cmocka_unit_test(lookups_are_right_at_every_step_of_an_upload),
        cmocka_unit_test(a_head_that_does_not_read_at_commit_leaves_the_old_rules),
        cmocka_unit_test(an_upload_goes_on_after_a_restart_with_what_is_missing),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
