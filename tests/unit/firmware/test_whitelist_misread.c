/* SPDX-License-Identifier: Apache-2.0 */
/* The whitelist on a chip whose reads are wrong for a while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist_fill.h"
#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_replica.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"
#include "tests/fakes/whitelist_damage_bench.h"

static const uint8_t lies[] = {0x00, 0xFF};

/* ---- readings that are nonsense for a while ---- */

static void a_misread_at_start_loses_no_list_and_erases_nothing(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {1, 2, 7, 100, 100000};
    set_up(4096);
    start_over();
    uint64_t reads = gate.nor.counts.reads;
    restart();
    reads = gate.nor.counts.reads - reads;
    uint64_t erases = gate.nor.counts.erases;
    for (uint32_t after = 0; after <= reads; after++) {
        for (uint32_t scene = 0; scene < 10; scene++) {
            start_over();
            whitelist_unmount(&gate.list);
            nor_model_lie(&gate.nor, after, lengths[scene / 2], lies[scene % 2]);
            assert_int_equal(whitelist_mount(&gate.list, &gate.nor.flash, 0, 2 * SLOT_LEN, &maker.identity,
                                             &(struct whitelist_known){.version = 1}),
                             ERR_OK);
            list_gate_poll(&gate);
            assert_true(gate.list.running < 0 || gate.list.tables.profiles[1].zones == 2);
            nor_model_lie(&gate.nor, 0, 0, 0); /* true again */
            seconds(gate.list.running < 0 ? 3 : 200);
            check(&one, 100);
            seconds(200);
            assert_true(list_gate_is_twinned(&gate, &one));
        }
    }
    assert_int_equal(gate.nor.counts.erases, erases);
    tear_down();
}

static void a_chip_that_answers_late_is_waited_for(void **state)
{
    (void)state;
    set_up(4096);
    start_over();
    whitelist_unmount(&gate.list);
    gate.nor.dead = true;
    assert_int_equal(whitelist_mount(&gate.list, &gate.nor.flash, 0, 2 * SLOT_LEN, &maker.identity,
                                     &(struct whitelist_known){.version = 1}),
                     ERR_OK);
    struct whitelist_answer answer;
    struct tag tag = list_maker_tag(1);
    uint64_t looks = 0;
    for (int i = 0; i < 2 * HOUR; i++) {
        assert_int_equal(whitelist_lookup(&gate.list, &tag, &answer), ERR_NO_LIST);
        uint32_t pause = gate.list.replica.back_off_s;
        whitelist_scrub(&gate.list);
        looks += pause == 0;
        assert_int_equal(whitelist_poll(&gate.list), ERR_OK);
    }
    assert_in_range(looks, 100, 130); /* once a minute, in the end */
    gate.nor.dead = false;
    seconds(70);
    check(&one, 50);
    assert_true(gate.list.replica.is_whole);
    tear_down();
}

/* The list is committed, and the other slot still holds the previous list, committed as well. The
 * previous list must not become active again. */
static void a_misread_at_start_does_not_bring_an_older_list_back_for_good(void **state)
{
    (void)state;
    set_up(4096);
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    nor_model_copy(&origin, &gate.nor);
    origin_floor = gate.known.version;
    start_over();
    uint64_t reads = gate.nor.counts.reads;
    restart();
    reads = gate.nor.counts.reads - reads;
    for (uint32_t after = 0; after <= reads; after++) {
        for (uint32_t scene = 0; scene < 6; scene++) {
            static const uint32_t lengths[] = {1, 9, 100000};
            start_over();
            whitelist_unmount(&gate.list);
            nor_model_lie(&gate.nor, after, lengths[scene / 2], lies[scene % 2]);
            assert_int_equal(whitelist_mount(&gate.list, &gate.nor.flash, 0, 2 * SLOT_LEN, &maker.identity,
                                             &(struct whitelist_known){.version = 2}),
                             ERR_OK);
            nor_model_lie(&gate.nor, 0, 0, 0);
            seconds(200);
            check(&two, 100);
            assert_true(list_gate_is_twinned(&gate, &two));
        }
    }
    tear_down();
}

static void a_misread_at_start_does_not_lose_an_upload(void **state)
{
    (void)state;
    set_up(4096);
    assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
    list_gate_poll(&gate);
    nor_model_copy(&origin, &gate.nor);
    restart(); /* the digest of the upload is kept */
    for (uint32_t after = 0; after < 40; after++) {
        start_over();
        whitelist_unmount(&gate.list);
        nor_model_lie(&gate.nor, after, 5, lies[after % 2]);
        assert_int_equal(
            whitelist_mount(&gate.list, &gate.nor.flash, 0, 2 * SLOT_LEN, &maker.identity, &gate.known),
            ERR_OK);
        nor_model_lie(&gate.nor, 0, 0, 0);
        seconds(70);
        check(&one, 100);
        assert_int_equal(gate.list.upload.state, WHITELIST_RECEIVING);
    }
    tear_down();
}

/* The list that rules cannot be read for a while. What was uploaded so far was neither verified nor whole. */
static void a_misread_at_start_has_no_unverified_list_rule(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {1, 3, 10, 40, 200, 100000};
    set_up(4096);
    assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
    nor_model_copy(&origin, &gate.nor);
    start_over();
    uint64_t reads = gate.nor.counts.reads;
    restart();
    reads = gate.nor.counts.reads - reads;
    for (uint32_t after = 0; after <= reads; after++) {
        for (uint32_t scene = 0; scene < 12; scene++) {
            start_over();
            whitelist_unmount(&gate.list);
            nor_model_lie(&gate.nor, after, lengths[scene / 2], lies[scene % 2]);
            assert_int_equal(whitelist_mount(&gate.list, &gate.nor.flash, 0, 2 * SLOT_LEN, &maker.identity,
                                             &(struct whitelist_known){.version = 1}),
                             ERR_OK);
            nor_model_lie(&gate.nor, 0, 0, 0);
            assert_int_not_equal(list_gate_version(&gate), two.version);
            restart();
            check(&one, 200);
        }
    }
    tear_down();
}

static void an_upload_over_a_list_that_was_not_seen_finds_it_first(void **state)
{
    (void)state;
    set_up(4096);
    start_over();
    whitelist_unmount(&gate.list);
    nor_model_lie(&gate.nor, 0, 100000, 0xFF);
    assert_int_equal(whitelist_mount(&gate.list, &gate.nor.flash, 0, 2 * SLOT_LEN, &maker.identity,
                                     &(struct whitelist_known){.version = 1}),
                     ERR_OK);
    assert_int_equal(list_gate_version(&gate), 0);
    nor_model_lie(&gate.nor, 0, 0, 0);
    assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
    check(&one, 10);
    restart();
    check(&one, 10);
    tear_down();
}

static void a_misread_while_the_twin_is_looked_for_has_nothing_erased(void **state)
{
    (void)state;
    set_up(4096);
    uint64_t erases = gate.nor.counts.erases;
    for (uint32_t after = 0; after < 60; after++) {
        for (uint32_t scene = 0; scene < 4; scene++) {
            start_over();
            gate.list.replica.is_whole = false; /* as after a start that did not detect it */
            nor_model_lie(&gate.nor, after, scene < 2 ? 200 : 100000, lies[scene % 2]);
            list_gate_poll(&gate);
            nor_model_lie(&gate.nor, 0, 0, 0);
            seconds(gate.list.replica.back_off_s + 3);
            assert_true(list_gate_is_twinned(&gate, &one));
        }
    }
    assert_int_equal(gate.nor.counts.erases, erases);
    tear_down();
}

/* A tap met a reading that failed, and has a repair noted, while the replica is still to be made. */
static void a_repair_noted_before_there_is_a_replica_is_done_after_it(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    struct tag tag = list_maker_tag(1);
    struct whitelist_answer answer;
    nor_model_lie(&gate.nor, 0, 300, 0x00);
    assert_int_not_equal(whitelist_lookup(&gate.list, &tag, &answer), ERR_OK);
    nor_model_lie(&gate.nor, 0, 0, 0);
    assert_int_equal(gate.list.replica.repair_slot, gate.list.running);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_true(list_gate_is_twinned(&gate, &one));
    assert_int_equal(gate.list.replica.repair_slot, -1);
    check(&one, 1);
    list_gate_free(&gate);
}

static void a_misread_in_service_has_nothing_erased(void **state)
{
    (void)state;
    set_up(4096);
    start_over();
    uint64_t erases = gate.nor.counts.erases;
    for (uint32_t at = 0; at < scrub_round(); at++) {
        for (uint32_t scene = 0; scene < 60; scene++) {
            gate.list.replica.scrub_cursor = at;
            nor_model_lie(&gate.nor, scene / 2, scene % 5 ? 20 : 10000, lies[scene % 2]);
            (void)list_gate_wrong_card(&gate, &one, 450);
            seconds(3);
            nor_model_lie(&gate.nor, 0, 0, 0);
            seconds(gate.list.replica.back_off_s + scrub_round());
            check(&one, 100);
            assert_true(list_gate_is_twinned(&gate, &one));
        }
    }
    assert_int_equal(gate.nor.counts.erases, erases);
    assert_int_equal(gate.list.replica.repaired_count, 0);
    tear_down();
}

/* Returns how many reads at the chip's first lie must be wrong before the call fails. */
static uint32_t lies_until(bool (*is_good)(void))
{
    for (uint32_t reads = 0; reads < 10000; reads++) {
        nor_model_lie(&gate.nor, 0, reads, 0x00);
        bool good = is_good();
        nor_model_lie(&gate.nor, 0, 0, 0);
        if (!good)
            return reads;
    }
    fail_msg("it never fails");
    return 0;
}

static uint64_t reads_of(bool (*is_good)(void))
{
    uint64_t before = gate.nor.counts.reads;
    assert_true(is_good());
    return gate.nor.counts.reads - before;
}

static bool listed_hash_reads(void)
{
    uint8_t hash[WHITELIST_HASH_LEN];
    return whitelist_head_listed_hash(&gate.list, gate.list.running, 0, hash) == ERR_OK;
}

static bool head_checks(void)
{
    return whitelist_slot_check(&gate.list, gate.list.running) == ERR_OK;
}

static bool tables_load(void)
{
    return whitelist_slot_run(&gate.list, gate.list.running) == ERR_OK;
}

static bool slot_loads(void)
{
    int slot = gate.list.running;
    return whitelist_slot_load(&gate.list, slot) == ERR_OK && gate.list.slots[slot].committed;
}

/* The last wrong reading falls on the first of the last try. */
static void a_reading_is_wrong_once_or_twice_before_it_counts(void **state)
{
    (void)state;
    set_up(4096);
    assert_int_equal(lies_until(listed_hash_reads), 2);
    assert_int_equal(lies_until(slot_loads), 3); /* a wrong header ends each load */
    start_over();
    assert_int_equal(lies_until(tables_load), 2 * reads_of(tables_load) + 1);
    uint64_t reads = reads_of(head_checks) - 1; /* without the commit record, which a wrong digest skips */
    assert_int_equal(lies_until(head_checks), reads + 1);
    tear_down();
}

static void a_manifest_lists_no_hash_past_its_last_block(void **state)
{
    (void)state;
    uint8_t hash[WHITELIST_HASH_LEN];
    uint32_t count = one.header.block_count;
    set_up(4096);
    assert_int_equal(whitelist_head_listed_hash(&gate.list, gate.list.running, count - 1, hash), ERR_OK);
    assert_memory_equal(hash, one.image + one.header.head_len - WHITELIST_HASH_LEN, sizeof hash);
    assert_int_equal(whitelist_head_listed_hash(&gate.list, gate.list.running, count, hash), ERR_ARGUMENT);
    tear_down();
}

/* What a failed program left may be anything, so one reading decides; a repair of what is in use asks again.
 * Each reading of a block is 16 of its pages and one of its listed hash, each in a poll of its own. */
static void a_scan_reads_a_good_block_once_and_a_bad_one_in_use_twice(void **state)
{
    (void)state;
    set_up(65536);
    int target = !gate.list.running;
    for (int scene = 0; scene < 4; scene++) {
        bool damaged = scene & 1, committed = scene & 2;
        start_over();
        if (damaged)
            nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, false, 1), 0);
        gate.list.slots[target].committed = committed;
        whitelist_fill_start(&gate.list, target, gate.list.running, gate.list.running, 0,
                             one.header.block_count);
        uint64_t reads = gate.nor.counts.reads;
        while (gate.list.fill.stage == FILL_SCAN) {
            uint64_t poll_reads = gate.nor.counts.reads;
            assert_int_equal(whitelist_fill_poll(&gate.list), ERR_BUSY);
            assert_int_equal(gate.nor.counts.reads - poll_reads, 1);
        }
        uint32_t readings = one.header.block_count + (damaged && committed);
        assert_int_equal(gate.nor.counts.reads - reads, 17 * readings);
        assert_int_equal(gate.list.fill.stage, damaged ? FILL_PROTECT : FILL_COPY);
    }
    tear_down();
}

static int refuse_read_of_other(void *ctx, uint32_t addr, void *buf, size_t len)
{
    bool is_running = addr / SLOT_LEN == (uint32_t)gate.list.running;
    return is_running ? gate.nor.flash.read(ctx, addr, buf, len) : ERR_IO;
}

/* Without the active manifest the other slot is not erased: it may hold the only list. */
static void a_manifest_that_went_bad_has_the_list_before_kept(void **state)
{
    (void)state;
    set_up(4096);
    assert_int_equal(list_gate_upload(&gate, &two), WHITELIST_COMMITTED);
    uint64_t erases = gate.nor.counts.erases;
    nor_model_flip_bit(&gate.nor, gate.list.slots[gate.list.running].base + 200, 0);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_int_equal(gate.list.replica.failed_count, 1);
    assert_int_equal(gate.nor.counts.erases, erases);
    check(&two, 50);
    tear_down();
}

/* The manifest is damaged, and the replica cannot be read. It is not taken for whole. */
static void a_replica_that_could_not_be_read_waits_for_the_next_attempt(void **state)
{
    (void)state;
    set_up(4096);
    start_over();
    int other = !gate.list.running;
    nor_model_flip_bit(&gate.nor, gate.list.slots[gate.list.running].base + 200, 0);
    gate.list.replica.is_whole = gate.list.slots[other].committed = false;
    while (gate.list.replica.stage != REPLICA_CHECK_OURS)
        assert_int_equal(whitelist_poll(&gate.list), ERR_BUSY);
    struct flash refusing = gate.nor.flash;
    refusing.read = refuse_read_of_other;
    gate.list.flash = &refusing;
    assert_int_equal(whitelist_poll(&gate.list), ERR_BUSY);
    gate.list.flash = &gate.nor.flash;
    assert_int_equal(gate.list.replica.failed_count, 1);
    assert_int_equal(gate.list.replica.back_off_s, 60);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_false(gate.list.replica.is_whole);
    tear_down();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_misread_at_start_loses_no_list_and_erases_nothing),
        cmocka_unit_test(a_chip_that_answers_late_is_waited_for),
        cmocka_unit_test(a_misread_at_start_does_not_bring_an_older_list_back_for_good),
        cmocka_unit_test(a_misread_at_start_does_not_lose_an_upload),
        cmocka_unit_test(a_misread_at_start_has_no_unverified_list_rule),
        cmocka_unit_test(an_upload_over_a_list_that_was_not_seen_finds_it_first),
        cmocka_unit_test(a_misread_while_the_twin_is_looked_for_has_nothing_erased),
        cmocka_unit_test(a_repair_noted_before_there_is_a_replica_is_done_after_it),
        cmocka_unit_test(a_misread_in_service_has_nothing_erased),
        cmocka_unit_test(a_reading_is_wrong_once_or_twice_before_it_counts),
        cmocka_unit_test(a_manifest_lists_no_hash_past_its_last_block),
        cmocka_unit_test(a_scan_reads_a_good_block_once_and_a_bad_one_in_use_twice),
        cmocka_unit_test(a_manifest_that_went_bad_has_the_list_before_kept),
        cmocka_unit_test(a_replica_that_could_not_be_read_waits_for_the_next_attempt),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
