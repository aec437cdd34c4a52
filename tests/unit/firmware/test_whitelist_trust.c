/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers come only from blocks that match the signed list. While the power was off, somebody has put an
 * older bucket, or one made with the key of the pseudonyms, into both slots: no such bucket is believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist_replica.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"

enum {
    SLOT_LEN = 3 * 65536,
    CARDS = 500,
    CHANGED = 17, /* blocked in list two */
    STRANGER = 1000000,
};

static struct list_maker maker;
static struct list_made one, two;
static struct list_gate gate;

static int make_lists(void **state)
{
    (void)state;
    list_maker_init(&maker);
    list_maker_make(&maker, &one, 1, CARDS, UINT32_MAX);
    list_maker_make(&maker, &two, 2, CARDS, CHANGED);
    return 0;
}

static int free_lists(void **state)
{
    (void)state;
    list_maker_free(&one);
    list_maker_free(&two);
    return 0;
}

/* A gate that runs list two, with its replica. */
static int set_up(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &two), WHITELIST_COMMITTED);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_true(list_gate_is_twinned(&gate, &two));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    list_gate_free(&gate);
    return 0;
}

static uint32_t home_of(uint32_t n)
{
    struct tag tag = list_maker_tag(n);
    return whitelist_home_bucket(&tag, two.header.bucket_count);
}

static int look_up(uint32_t n, struct whitelist_answer *answer)
{
    struct tag tag = list_maker_tag(n);
    return whitelist_lookup(&gate.list, &tag, answer);
}

/* Writes a bucket into one slot or both, as somebody with the chip in his hands does. */
static void put_bucket(const uint8_t bytes[WHITELIST_BUCKET_LEN], uint32_t index, bool in_both)
{
    uint32_t at = index % 64 * WHITELIST_BUCKET_LEN;
    memcpy(nor_model_bytes(&gate.nor, list_gate_block_address(&gate, true, index / 64) + at), bytes,
           WHITELIST_BUCKET_LEN);
    if (in_both)
        memcpy(nor_model_bytes(&gate.nor, list_gate_block_address(&gate, false, index / 64) + at), bytes,
               WHITELIST_BUCKET_LEN);
}

static void put_older_bucket(bool in_both)
{
    uint32_t index = home_of(CHANGED);
    put_bucket(one.blocks + (size_t)index * WHITELIST_BUCKET_LEN, index, in_both);
}

/* Checks every card: those of the block are refused as damaged, all others are answered. */
static void check_refused_block(uint32_t block)
{
    uint32_t refused = 0;
    for (uint32_t n = 0; n < CARDS; n++) {
        struct whitelist_answer answer;
        int result = look_up(n, &answer);
        if (home_of(n) / 64 == block)
            assert_int_equal(result, ERR_CORRUPT);
        else if (result != ERR_CORRUPT) /* it may have spilled into that block */
            assert_true(list_maker_is_right(&two, n, result, &answer));
        refused += result == ERR_CORRUPT;
    }
    assert_in_range(refused, 1, CARDS - 1);
}

static void an_older_bucket_in_both_slots_grants_nothing(void **state)
{
    (void)state;
    struct whitelist_answer answer;
    put_older_bucket(true);
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
    assert_int_equal(look_up(CHANGED, &answer), ERR_CORRUPT);
    check_refused_block(home_of(CHANGED) / 64);
    list_gate_poll(&gate); /* ahead of look-ups: the same */
    check_refused_block(home_of(CHANGED) / 64);
    for (int second = 0; second < 300; second++) {
        whitelist_scrub(&gate.list);
        list_gate_poll(&gate);
    }
    assert_int_equal(look_up(CHANGED, &answer), ERR_CORRUPT);
    assert_true(whitelist_health(&gate.list).failed_count > 0);
}

static void an_older_bucket_in_one_slot_is_repaired(void **state)
{
    (void)state;
    struct whitelist_answer answer;
    put_older_bucket(false);
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
    assert_int_equal(look_up(CHANGED, &answer), ERR_OK);
    assert_true(answer.rule.flags & WHITELIST_RULE_BLOCKED);
    assert_true(answer.from_replica);
    list_gate_poll(&gate);
    assert_int_equal(gate.repaired, 1);
    assert_true(list_gate_is_twinned(&gate, &two));
    assert_int_equal(list_gate_wrong_card(&gate, &two, 1), -1);
}

/* With the key of the pseudonyms, which every gate of the site has, anybody makes a bucket that passes its
 * check. */
static void a_card_that_no_list_has_is_not_granted(void **state)
{
    (void)state;
    struct whitelist_answer answer;
    struct whitelist_bucket bucket = {.count = 1, .entries = {{list_maker_tag(STRANGER), 0}}};
    uint32_t index = home_of(STRANGER);
    uint8_t bytes[WHITELIST_BUCKET_LEN];
    assert_int_equal(look_up(STRANGER, &answer), ERR_NOT_FOUND);
    bucket.entries[0].rule = 0;
    while (bucket.entries[0].rule < WHITELIST_RULES_MAX &&
           gate.list.rules[bucket.entries[0].rule][0] == 0xFF) /* a rule that the list has */
        bucket.entries[0].rule++;
    assert_int_equal(whitelist_bucket_encode(&bucket, index, &gate.list.list_mac, bytes), ERR_OK);
    put_bucket(bytes, index, true);
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
    assert_int_equal(look_up(STRANGER, &answer), ERR_CORRUPT);
    list_gate_poll(&gate);
    assert_int_equal(look_up(STRANGER, &answer), ERR_CORRUPT);
}

/* Reads are counted: after a block was verified, a look-up reads one bucket, or two. */
static void a_verified_block_costs_a_look_up_nothing(void **state)
{
    (void)state;
    struct whitelist_answer answer;
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
    uint64_t before = gate.nor.counts.read_bytes;
    assert_int_equal(look_up(3, &answer), ERR_OK);
    assert_in_range(gate.nor.counts.read_bytes - before, WHITELIST_BLOCK_LEN,
                    2 * (WHITELIST_BLOCK_LEN + 512));
    before = gate.nor.counts.read_bytes;
    assert_int_equal(look_up(3, &answer), ERR_OK);
    assert_in_range(gate.nor.counts.read_bytes - before, WHITELIST_BUCKET_LEN, 2 * WHITELIST_BUCKET_LEN);
    list_gate_poll(&gate); /* the other blocks, in idle time */
    for (uint32_t n = 0; n < CARDS; n++) {
        before = gate.nor.counts.read_bytes;
        assert_int_equal(look_up(n, &answer), ERR_OK);
        assert_in_range(gate.nor.counts.read_bytes - before, WHITELIST_BUCKET_LEN, 2 * WHITELIST_BUCKET_LEN);
    }
}

/* What an upload wrote and read back is verified already. */
static void a_list_just_installed_is_verified(void **state)
{
    (void)state;
    struct whitelist_answer answer;
    struct list_made three;
    list_maker_make(&maker, &three, 3, CARDS, 40);
    assert_int_equal(list_gate_upload(&gate, &three), WHITELIST_COMMITTED);
    for (uint32_t n = 0; n < CARDS; n++) {
        uint64_t before = gate.nor.counts.read_bytes;
        assert_int_equal(look_up(n, &answer), ERR_OK);
        assert_in_range(gate.nor.counts.read_bytes - before, WHITELIST_BUCKET_LEN, 2 * WHITELIST_BUCKET_LEN);
    }
    list_maker_free(&three);
}

/* The hashes of blocks are read alone. One that was changed with its block is not the one that was signed. */
static void a_hash_changed_while_running_is_not_believed(void **state)
{
    (void)state;
    struct whitelist_answer answer;
    uint32_t index = home_of(CHANGED), block = index / 64;
    uint8_t digest[CRYPTO_HASH_LEN];
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
    put_older_bucket(true);
    crypto_sha256(nor_model_bytes(&gate.nor, list_gate_block_address(&gate, true, block)),
                  WHITELIST_BLOCK_LEN, digest);
    for (int slot = 0; slot < 2; slot++)
        memcpy(nor_model_bytes(&gate.nor, gate.list.slots[slot].base + whitelist_hashes_offset(&two.header) +
                                              block * WHITELIST_HASH_LEN),
               digest, WHITELIST_HASH_LEN);
    assert_int_equal(look_up(CHANGED, &answer), ERR_CORRUPT);
}

/* A manifest without a valid signature has sectors erased before it is refused. Whoever sends one after
 * the other, for a day, wears no sector out, and the list of the school is taken after that. */
static void unsigned_manifests_cannot_wear_the_chip(void **state)
{
    (void)state;
    enum { DAY_S = 86400 };
    struct list_made bad, three;
    uint32_t taken = 0;
    list_maker_make(&maker, &bad, 9, CARDS, UINT32_MAX);
    list_maker_make(&maker, &three, 3, CARDS, 40);
    bad.image[32] ^= 0x10;
    uint64_t erases = gate.nor.counts.erases;
    for (int second = 0; second < DAY_S; second++) {
        if (whitelist_upload_head(&gate.list, 0, bad.image, 1024, false) != ERR_BUSY ||
            gate.list.upload.state == WHITELIST_HEAD) {
            (void)!list_gate_send_head(&gate, &bad);
            list_gate_poll(&gate);
            taken++;
        }
        whitelist_scrub(&gate.list);
        whitelist_upload_tick(&gate.list);
    }
    assert_in_range(taken, 3, 120);
    assert_in_range(gate.nor.counts.erases - erases, 1, 120 * 20);
    assert_int_equal(list_gate_version(&gate), 2);
    assert_int_equal(list_gate_wrong_card(&gate, &two, 7), -1);
    for (int second = 0; second < 1000; second++)
        whitelist_upload_tick(&gate.list);
    assert_int_equal(list_gate_upload(&gate, &three), WHITELIST_COMMITTED);
    list_maker_free(&bad);
    list_maker_free(&three);
}

static void two_refused_lists_do_not_delay_the_right_one(void **state)
{
    (void)state;
    struct list_made bad, three;
    list_maker_make(&maker, &bad, 9, CARDS, UINT32_MAX);
    list_maker_make(&maker, &three, 3, CARDS, 40);
    bad.image[32] ^= 0x10;
    for (int i = 0; i < 2; i++)
        assert_int_equal(list_gate_upload(&gate, &bad), WHITELIST_UPLOAD_REFUSED);
    assert_int_equal(list_gate_upload(&gate, &three), WHITELIST_COMMITTED);
    list_maker_free(&bad);
    list_maker_free(&three);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_older_bucket_in_both_slots_grants_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_older_bucket_in_one_slot_is_repaired, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_card_that_no_list_has_is_not_granted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_verified_block_costs_a_look_up_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_just_installed_is_verified, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unsigned_manifests_cannot_wear_the_chip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_refused_lists_do_not_delay_the_right_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hash_changed_while_running_is_not_believed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
