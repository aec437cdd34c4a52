/* SPDX-License-Identifier: Apache-2.0 */
/* The whitelist on a chip: look-ups, uploads that succeed, and what they cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/whitelist/whitelist.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"
#include "tests/fakes/whitelist_bench.h"

static void a_new_chip_has_no_list(void **state)
{
    (void)state;
    struct whitelist_answer answer;
    struct tag tag = list_maker_tag(1);
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(whitelist_lookup(&gate.list, &tag, &answer), ERR_NO_LIST);
    assert_int_equal(whitelist_poll(&gate.list), ERR_OK);
    list_gate_free(&gate);
}

static void a_region_without_room_for_a_block_is_refused(void **state)
{
    (void)state;
    struct whitelist list;
    list_gate_init(&gate, &maker, SLOT_LEN, 65536);
    assert_int_equal(whitelist_mount(&list, &gate.nor.flash, 0, 2 * 65536, &maker.identity,
                                     &(struct whitelist_known){.version = 0}),
                     ERR_ARGUMENT);
    list_gate_free(&gate);
}

static void an_uploaded_list_rules_and_gets_a_twin(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        list_gate_init(&gate, &maker, SLOT_LEN, sizes[g]);
        assert_int_equal(list_gate_upload(&gate, &one), 1);
        check(&one);
        restart(); /* before there is a twin */
        check(&one);
        assert_int_equal(list_gate_poll(&gate), ERR_OK);
        assert_true(list_gate_is_twinned(&gate, &one));
        restart();
        check(&one);
        uint64_t operations = gate.nor.counts.operations;
        assert_int_equal(list_gate_poll(&gate), ERR_OK);
        assert_int_equal(gate.nor.counts.operations, operations);
        assert_int_equal(list_gate_upload(&gate, &two), 1);
        check(&two);
        list_gate_poll(&gate);
        assert_true(list_gate_is_twinned(&gate, &two));
        restart();
        check(&two);
        assert_int_equal(gate.nor.counts.unit_violations, 0);
        assert_int_equal(gate.nor.counts.lost_ones, 0);
        list_gate_free(&gate);
    }
}

/* Magic, version, length of the manifest, zeros; then AES-CMAC(storage key, these 16 bytes, digest). */
static void a_commit_record_is_stored_as_the_header_says(void **state)
{
    (void)state;
    uint8_t message[16 + CRYPTO_HASH_LEN] = "PTWC", expected[CRYPTO_MAC_LEN];
    set_up(4096);
    bytes_put_u32(message + 4, one.header.version);
    bytes_put_u32(message + 8, one.header.head_len);
    crypto_sha256(one.image, one.header.head_len + WHITELIST_SIGNATURE_LEN, message + 16);
    crypto_mac mac;
    assert_int_equal(crypto_mac_init(&mac, maker.identity.storage_key), ERR_OK);
    assert_int_equal(crypto_mac_compute(&mac, message, sizeof message, expected), ERR_OK);
    crypto_mac_free(&mac);
    for (uint32_t slot = 0; slot < 2; slot++) {
        const uint8_t *stored = nor_model_bytes(&gate.nor, slot * SLOT_LEN + COMMIT_AT);
        assert_memory_equal(stored, message, 16);
        assert_memory_equal(stored + 16, expected, 16);
    }
    list_gate_free(&gate);
}

/* Gives every card of the buckets of a card another rule, in both slots. */
static void change_rule(const struct tag *tag, uint16_t rule)
{
    struct whitelist_bucket bucket;
    for (int side = 0; side < 2; side++) {
        uint32_t index = side == 0 ? whitelist_home_bucket(tag, one.header.bucket_count)
                                   : whitelist_other_bucket(tag, one.header.bucket_count);
        for (int running = 0; running < 2; running++) {
            uint8_t *stored = nor_model_bytes(&gate.nor, list_gate_block_address(&gate, running, 0) +
                                                             index * WHITELIST_BUCKET_LEN);
            assert_int_equal(whitelist_bucket_decode(&bucket, index, &gate.list.list_mac, stored), ERR_OK);
            for (int i = 0; i < bucket.count; i++)
                bucket.entries[i].rule = rule;
            assert_int_equal(whitelist_bucket_encode(&bucket, index, &gate.list.list_mac, stored), ERR_OK);
        }
    }
}

/* Signed by the site, and yet nobody knows what it allows. */
static void a_card_with_a_rule_outside_the_list_is_not_let_in(void **state)
{
    (void)state;
    struct tag tag = list_maker_tag(5);
    struct whitelist_answer answer;
    set_up(4096);
    assert_int_equal(whitelist_lookup(&gate.list, &tag, &answer), ERR_OK);
    change_rule(&tag, one.header.rule_slots - 1);
    assert_int_equal(whitelist_lookup(&gate.list, &tag, &answer), ERR_OK);
    const uint16_t outside[] = {one.header.rule_slots, WHITELIST_RULES_MAX - 1, WHITELIST_RULES_MAX};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        change_rule(&tag, outside[i]);
        assert_int_equal(whitelist_lookup(&gate.list, &tag, &answer), ERR_CORRUPT);
    }
    list_gate_free(&gate);
}

static void a_lookup_reads_64_bytes_once_or_twice(void **state)
{
    (void)state;
    struct list_made big;
    list_maker_make(&maker, &big, 1, 20000, NONE);
    list_gate_init(&gate, &maker, 65536 * 12, 4096);
    assert_int_equal(list_gate_upload(&gate, &big), 1);
    uint64_t all = 0, twice = 0;
    for (uint32_t n = 0; n < 40000; n++) {
        struct whitelist_answer answer;
        struct tag tag = list_maker_tag(n);
        struct nor_model_counts before = gate.nor.counts;
        int result = whitelist_lookup(&gate.list, &tag, &answer);
        assert_true(list_maker_is_right(&big, n, result, &answer));
        uint64_t reads = gate.nor.counts.reads - before.reads;
        assert_true(reads == 1 || reads == 2);
        assert_int_equal(gate.nor.counts.read_bytes - before.read_bytes, 64 * reads);
        all += reads;
        twice += reads == 2;
    }
    assert_true(twice > 0 && all <= 44000);
    list_gate_free(&gate);
    list_maker_free(&big);
}

/* Its manifest is copied in several polls, each of which says that there is more to do. */
static void a_list_with_a_long_manifest_gets_a_replica_too(void **state)
{
    (void)state;
    struct list_made big;
    list_maker_make(&maker, &big, 1, 60000, NONE);
    assert_true(big.header.head_len > sizeof gate.list.work.head);
    list_gate_init(&gate, &maker, 65536 * 20, 65536);
    assert_int_equal(list_gate_upload(&gate, &big), 1);
    while (!gate.list.replica.is_whole) { /* copied page by page: no poll waits for more */
        uint64_t programs = gate.nor.counts.programs;
        assert_int_equal(whitelist_poll(&gate.list), ERR_BUSY);
        assert_in_range(gate.nor.counts.programs - programs, 0, 2);
    }
    assert_true(list_gate_is_twinned(&gate, &big));
    /* A start reads each manifest once, then tables and rules. Beside them: headers and commit records. */
    uint64_t before = gate.nor.counts.read_bytes;
    uint32_t most = 2 * (big.header.head_len + WHITELIST_SIGNATURE_LEN) +
                    whitelist_hashes_offset(&big.header) + 2 * (WHITELIST_HEADER_LEN + WHITELIST_COMMIT_LEN) +
                    2 * 4 * 20; /* the magic at each unit of a slot */
    restart();
    assert_in_range(gate.nor.counts.read_bytes - before, 1, most);
    assert_true(gate.list.replica.is_whole);
    list_gate_free(&gate);
    list_maker_free(&big);
}

static void one_changed_card_costs_one_or_two_blocks(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        set_up(sizes[g]);
        assert_int_equal(list_gate_upload(&gate, &two), 1);
        check(&two);
        assert_in_range(gate.blocks_sent, 1, 2);
        list_gate_free(&gate);
    }
}

static void one_changed_card_costs_little_before_there_is_a_twin_too(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    gate.blocks_sent = 0;
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    check(&two);
    assert_in_range(gate.blocks_sent, 1, 2);
    list_gate_free(&gate);
}

static void any_content_mounts_without_a_list(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 10; seed++) {
        list_gate_init(&gate, &maker, SLOT_LEN, 4096);
        nor_model_scramble(&gate.nor, 0, 2 * SLOT_LEN, seed);
        restart();
        assert_int_equal(list_gate_version(&gate), 0);
        assert_int_equal(list_gate_upload(&gate, &one), 1);
        check(&one);
        list_gate_free(&gate);
    }
}

static void a_list_of_another_gate_s_flash_does_not_rule(void **state)
{
    (void)state;
    struct list_maker other = maker;
    set_up(4096);
    other.identity.storage_key[0] ^= 1;
    gate.maker = &other;
    restart();
    assert_int_equal(list_gate_version(&gate), 0);
    list_gate_free(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_chip_has_no_list),
        cmocka_unit_test(a_region_without_room_for_a_block_is_refused),
        cmocka_unit_test(an_uploaded_list_rules_and_gets_a_twin),
        cmocka_unit_test(a_commit_record_is_stored_as_the_header_says),
        cmocka_unit_test(a_card_with_a_rule_outside_the_list_is_not_let_in),
        cmocka_unit_test(a_lookup_reads_64_bytes_once_or_twice),
        cmocka_unit_test(a_list_with_a_long_manifest_gets_a_replica_too),
        cmocka_unit_test(one_changed_card_costs_one_or_two_blocks),
        cmocka_unit_test(one_changed_card_costs_little_before_there_is_a_twin_too),
        cmocka_unit_test(any_content_mounts_without_a_list),
        cmocka_unit_test(a_list_of_another_gate_s_flash_does_not_rule),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
