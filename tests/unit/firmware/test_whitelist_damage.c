/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whitelist on a chip that fails step by step: every byte of both manifests is damaged, reads are
 * wrong for a while, sectors wear out. Listed cards are still granted. What can be repaired is repaired
 * once; what cannot is left unchanged and reported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist_fill.h"
#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_replica.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"

enum {
    SLOT_LEN = 3 * 65536,
    ROOMY_LEN = 5 * 65536,
    TIGHT_LEN = 2 * 65536, /* room for the manifest and its blocks in one place only */
    CARDS = 500,           /* two blocks */
    HOUR = 3600,
    COMMITS_LEN = WHITELIST_COMMIT_LEN,
};

#define NONE UINT32_MAX

static const uint32_t sector_sizes[] = {4096, 65536};
static const uint8_t lies[] = {0x00, 0xFF};

static struct list_maker maker;
static struct list_made one, two;
static struct list_gate gate;
static struct nor_model origin; /* a chip that scenes start from */
static uint32_t origin_floor;

static int make_lists(void **state)
{
    (void)state;
    list_maker_init(&maker);
    list_maker_make(&maker, &one, 1, CARDS, NONE);
    list_maker_make(&maker, &two, 2, CARDS, 17);
    return 0;
}

static int free_lists(void **state)
{
    (void)state;
    list_maker_free(&one);
    list_maker_free(&two);
    return 0;
}

static void keep_origin(void)
{
    nor_model_init(&origin, gate.nor.geometry.size, gate.nor.geometry.sector_size);
    nor_model_copy(&origin, &gate.nor);
    origin_floor = gate.known.version;
}

/* The chip that scenes start from: list one, twice. */
static void set_up_slots(uint32_t sector_size, uint32_t slot_len)
{
    list_gate_init(&gate, &maker, slot_len, sector_size);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    keep_origin();
}

static void set_up(uint32_t sector_size)
{
    set_up_slots(sector_size, SLOT_LEN);
}

static void tear_down(void)
{
    list_gate_free(&gate);
    nor_model_free(&origin);
}

static void start_over(void)
{
    nor_model_copy(&gate.nor, &origin);
    gate.known.version = origin_floor;
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
}

static void restart(void)
{
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
}

static void check(const struct list_made *made, uint32_t step)
{
    assert_int_equal(list_gate_version(&gate), made->version);
    assert_int_equal(list_gate_wrong_card(&gate, made, step), -1);
}

static void seconds(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        whitelist_scrub(&gate.list);
        if (whitelist_poll(&gate.list) != ERR_OK || gate.list.replica.repair_slot >= 0)
            list_gate_poll(&gate);
    }
}

static uint32_t scrub_round(void)
{
    return 2 * (one.header.block_count + 1);
}

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
static void a_block_damaged_in_both_places_keeps_its_good_buckets(void **state)
{
    (void)state;
    set_up(4096);
    start_over();
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 1) + 70, 0);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, false, 1) + 64 * 40 + 6, 0);
    for (int i = 0; i < 3; i++) {
        check(&one, 1);
        seconds(200);
    }
    assert_true(gate.list.replica.failed_count > 0);
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
 * Each reading of a block is one of its listed hash and one of the block. */
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
        while (gate.list.fill.stage == FILL_SCAN)
            assert_int_equal(whitelist_fill_poll(&gate.list), ERR_BUSY);
        uint32_t readings = one.header.block_count + (damaged && committed);
        assert_int_equal(gate.nor.counts.reads - reads, 2 * readings);
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

/* ---- worn sectors ---- */

static void a_repair_that_fails_is_tried_ever_less_often(void **state)
{
    (void)state;
    for (int scene = 0; scene < 4; scene++) {
        set_up_slots(4096, TIGHT_LEN);
        uint32_t worn = list_gate_block_address(&gate, scene % 2, 1);
        nor_model_flip_bit(&gate.nor, worn + 70, 0);
        nor_model_wear_out(&gate.nor, worn, scene / 2, !(scene / 2));
        uint32_t erases = nor_model_wear(&gate.nor, worn);
        for (int hour = 0; hour < 24; hour++) {
            check(&one, 10); /* taps all day, some of them on that block */
            seconds(HOUR);
        }
        check(&one, 1);
        assert_in_range(nor_model_wear(&gate.nor, worn) - erases, 1, 150);
        assert_in_range(gate.list.replica.failed_count, 5, 50);
        assert_int_equal(gate.list.worn_addr / 4096, worn / 4096);
        assert_int_equal(gate.list.replica.repaired_count, 0);
        restart();
        check(&one, 10);
        /* A new list still replaces this one if its own sectors are good. */
        if (scene % 2 == 1) {
            assert_int_equal(list_gate_upload(&gate, &two), 1);
            check(&two, 1);
        }
        tear_down();
    }
}

static void a_twin_that_cannot_be_made_is_tried_ever_less_often(void **state)
{
    (void)state;
    static const uint32_t places[] = {0, WHITELIST_BLOCKS_OFFSET - 32, WHITELIST_BLOCKS_OFFSET + 4096};
    for (int scene = 0; scene < 6; scene++) {
        list_gate_init(&gate, &maker, TIGHT_LEN, 4096);
        assert_int_equal(list_gate_upload(&gate, &one), 1);
        uint32_t worn = (uint32_t)!gate.list.running * TIGHT_LEN + places[scene / 2];
        nor_model_wear_out(&gate.nor, worn, scene % 2, true);
        *nor_model_bytes(&gate.nor, worn) = 0;
        for (int hour = 0; hour < 24; hour++)
            seconds(HOUR);
        check(&one, 1);
        assert_false(gate.list.replica.is_whole);
        assert_in_range(nor_model_wear(&gate.nor, worn), 1, 150);
        assert_in_range(gate.list.replica.failed_count, 5, 50);
        assert_int_equal(gate.list.worn_addr / 4096, worn / 4096);
        nor_model_wear_out(&gate.nor, worn, false, false); /* the chip has recovered */
        seconds(2 * HOUR);
        assert_true(list_gate_is_twinned(&gate, &one));
        list_gate_free(&gate);
    }
}

static void a_worn_sector_is_got_out_of_the_way_of(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < WHITELIST_BLOCKS_OFFSET + 2 * 4096; at += at == 0 ? 61440 : 4096) {
        for (int scene = 0; scene < 6; scene++) {
            int refuses = 1 + scene / 2;
            bool in_running = scene % 2 == 1;
            set_up_slots(4096, ROOMY_LEN);
            int slot = in_running ? gate.list.running : !gate.list.running;
            uint32_t worn = (uint32_t)slot * ROOMY_LEN + at;
            nor_model_wear_out(&gate.nor, worn, refuses & 1, refuses & 2);
            nor_model_flip_bit(&gate.nor, worn + (at == 61440 ? 4090 : 70), 0);
            seconds(3 * scrub_round());
            check(&one, 5);
            assert_true(list_gate_is_twinned(&gate, &one));
            assert_int_equal(gate.list.replica.failed_count, 0);
            restart();
            check(&one, 5);
            assert_true(list_gate_is_twinned(&gate, &one));
            for (int n = 0; n < 3; n++) { /* new lists are installed, in either slot */
                const struct list_made *made = n % 2 ? &one : &two;
                struct list_made again;
                list_maker_make(&maker, &again, 3 + (uint32_t)n, made->count, made->changed);
                assert_int_equal(list_gate_upload(&gate, &again), 1);
                check(&again, 50);
                seconds(3 * scrub_round());
                assert_true(list_gate_is_twinned(&gate, &again));
                restart();
                check(&again, 50);
                list_maker_free(&again);
            }
            assert_true(nor_model_wear(&gate.nor, worn) < 60);
            tear_down();
        }
    }
}

static int refuse_erase(void *ctx, uint32_t addr)
{
    (void)ctx;
    (void)addr;
    return ERR_IO;
}

/* Every erase is refused at once: the list that rules stays, and nothing half made counts. */
static void a_chip_that_starts_no_erase_keeps_its_list_and_gets_no_replica(void **state)
{
    (void)state;
    for (int g = 0; g < 2; g++) {
        for (int stage = 0; stage < 2; stage++) {
            set_up_slots(sector_sizes[g], TIGHT_LEN + 65536);
            struct flash refusing = gate.nor.flash;
            refusing.erase_start = refuse_erase;
            if (stage == 0) { /* the upload */
                gate.list.flash = &refusing;
                assert_int_not_equal(list_gate_upload(&gate, &two), WHITELIST_COMMITTED);
                check(&one, 50);
            } else { /* its replica */
                assert_int_equal(list_gate_upload(&gate, &two), WHITELIST_COMMITTED);
                gate.list.flash = &refusing;
                list_gate_poll(&gate);
                check(&two, 50);
                assert_false(gate.list.replica.is_whole);
            }
            const struct list_made *ruling = stage == 0 ? &one : &two;
            gate.list.flash = &gate.nor.flash;
            seconds(2 * HOUR);
            assert_true(list_gate_is_twinned(&gate, ruling));
            check(ruling, 50);
            tear_down();
        }
    }
}

static int refuse_erase_of_blocks(void *ctx, uint32_t addr)
{
    return addr % SLOT_LEN < WHITELIST_BLOCKS_OFFSET ? gate.nor.flash.erase_start(ctx, addr) : ERR_IO;
}

static void blocks_that_cannot_be_erased_are_not_taken_for_done(void **state)
{
    (void)state;
    set_up(4096);
    struct flash refusing = gate.nor.flash;
    refusing.erase_start = refuse_erase_of_blocks;
    assert_int_equal(list_gate_upload(&gate, &two), WHITELIST_COMMITTED);
    gate.list.flash = &refusing;
    list_gate_poll(&gate);
    assert_false(gate.list.replica.is_whole);
    assert_int_equal(gate.list.replica.failed_count, 1);
    assert_in_range(gate.list.worn_addr % SLOT_LEN, WHITELIST_BLOCKS_OFFSET, SLOT_LEN - 1);
    check(&two, 1);
    gate.list.flash = &gate.nor.flash;
    seconds(2 * HOUR);
    assert_true(list_gate_is_twinned(&gate, &two));
    tear_down();
}

static uint32_t erases_refused, programs_refused;

static int count_refused_erase(void *ctx, uint32_t addr)
{
    (void)ctx;
    (void)addr;
    erases_refused++;
    return ERR_IO;
}

static int count_refused_program(void *ctx, uint32_t addr, const void *buf, size_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    programs_refused++;
    return ERR_IO;
}

/* A slot has as many places as the upload relocates a list, and one more. */
static void a_head_sector_is_erased_three_times_in_each_of_four_places(void **state)
{
    (void)state;
    static const uint32_t slot_lens[] = {TIGHT_LEN, ROOMY_LEN}, places[] = {1, 4};
    for (int i = 0; i < 2; i++) {
        list_gate_init(&gate, &maker, slot_lens[i], 4096);
        assert_int_equal(list_gate_upload(&gate, &one), 1);
        struct flash refusing = gate.nor.flash;
        refusing.erase_start = count_refused_erase;
        erases_refused = 0;
        gate.list.flash = &refusing;
        assert_int_equal(list_gate_upload(&gate, &two), ERR_WORN);
        assert_int_equal(erases_refused, 3 * places[i]);
        assert_int_equal(gate.list.upload.state, WHITELIST_REFUSED);
        list_gate_free(&gate);
    }
}

static void a_head_that_cannot_be_programmed_is_refused_at_the_third_time(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, TIGHT_LEN, 4096);
    struct flash refusing = gate.nor.flash;
    refusing.program = count_refused_program;
    gate.list.flash = &refusing;
    programs_refused = 0;
    int result = ERR_BUSY;
    for (int i = 0; i < 1000 && result == ERR_BUSY; i++) {
        result = whitelist_upload_head(&gate.list, 0, one.image, 512, false);
        (void)!whitelist_poll(&gate.list);
    }
    assert_int_equal(result, ERR_WORN); /* the client learns it from its own request */
    assert_int_equal(programs_refused, 3);
    assert_int_equal(gate.list.upload.state, WHITELIST_REFUSED);
    list_gate_free(&gate);
}

static int refuse_program_of_first_place(void *ctx, uint32_t addr, const void *buf, size_t len)
{
    bool is_first = addr < WHITELIST_BLOCKS_OFFSET;
    programs_refused += is_first;
    return is_first ? ERR_IO : gate.nor.flash.program(ctx, addr, buf, len);
}

/* The list is in the second place then. The client only learns that it has to go on. */
static void a_head_that_cannot_be_programmed_here_is_received_elsewhere(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, TIGHT_LEN + WHITELIST_UNIT, 4096);
    struct flash refusing = gate.nor.flash;
    refusing.program = refuse_program_of_first_place;
    gate.list.flash = &refusing;
    programs_refused = 0;
    assert_int_equal(list_gate_send_head(&gate, &one), ERR_OK);
    assert_int_equal(programs_refused, 3 + 1); /* and the blot of its commit records */
    assert_int_equal(list_gate_upload(&gate, &one), WHITELIST_COMMITTED);
    assert_int_equal(gate.list.slots[0].base, WHITELIST_UNIT);
    check(&one, 50);
    list_gate_free(&gate);
}

static void a_block_that_cannot_be_programmed_is_relocated_at_the_eighth_time(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, TIGHT_LEN, 4096);
    assert_int_equal(list_gate_send_head(&gate, &one), ERR_OK);
    list_gate_poll(&gate);
    struct flash refusing = gate.nor.flash;
    refusing.program = count_refused_program;
    gate.list.flash = &refusing;
    programs_refused = 0;
    for (int i = 0; i < 7; i++) {
        assert_int_equal(gate.list.upload.state, WHITELIST_RECEIVING);
        assert_int_equal(list_gate_send_block(&gate, &one, 0), ERR_IO);
        list_gate_poll(&gate);
    }
    assert_int_equal(gate.list.upload.state, WHITELIST_RECEIVING);
    assert_int_equal(list_gate_send_block(&gate, &one, 0), ERR_WORN); /* no other place is left */
    assert_int_equal(programs_refused, 8);
    assert_int_equal(gate.list.upload.state, WHITELIST_REFUSED);
    list_gate_free(&gate);
}

static uint32_t tries_of_a_replica(void)
{
    uint32_t failed = gate.list.replica.failed_count;
    erases_refused = 0;
    for (int second = 0; second < 2 * HOUR && gate.list.replica.failed_count == failed; second++)
        seconds(1);
    assert_int_equal(gate.list.replica.failed_count, failed + 1);
    return erases_refused;
}

/* The count of relocations and the first pause begin anew after a success and after each failure. */
static void each_attempt_at_a_replica_has_all_its_places_and_a_longer_pause(void **state)
{
    (void)state;
    static const uint32_t pauses_s[] = {60, 120, 240, 480, 960, 1920, 3840, 3840};
    list_gate_init(&gate, &maker, 8 * WHITELIST_UNIT, 4096);
    struct flash refusing = gate.nor.flash;
    refusing.erase_start = count_refused_erase;
    const struct list_made *lists[] = {&one, &two};
    for (int round = 0; round < 2; round++) {
        gate.list.flash = &gate.nor.flash;
        assert_int_equal(list_gate_upload(&gate, lists[round]), WHITELIST_COMMITTED);
        gate.list.flash = &refusing;
        for (size_t i = 0; i < sizeof pauses_s / sizeof *pauses_s; i++) {
            memset(gate.list.worn_units, 0, sizeof gate.list.worn_units);
            assert_int_equal(tries_of_a_replica(), 4 * 3);
            assert_int_equal(gate.list.replica.back_off_s, pauses_s[i]);
        }
        gate.list.flash = &gate.nor.flash;
        seconds(2 * HOUR);
        assert_true(list_gate_is_twinned(&gate, lists[round]));
        gate.list.flash = &refusing;
        gate.list.replica.is_whole = false; /* the replica's manifest is lost after it was made */
        gate.list.slots[!gate.list.running].committed = false;
        *nor_model_bytes(&gate.nor, gate.list.slots[!gate.list.running].base + 200) ^= 1;
        memset(gate.list.worn_units, 0, sizeof gate.list.worn_units);
        assert_int_equal(tries_of_a_replica(), 4 * 3);
        assert_int_equal(gate.list.replica.back_off_s, pauses_s[0]);
    }
    list_gate_free(&gate);
}

static void a_list_that_is_not_found_is_looked_for_after_1_second_to_64(void **state)
{
    (void)state;
    static const uint32_t pauses_s[] = {1, 2, 4, 8, 16, 32, 64, 64};
    set_up(4096);
    whitelist_unmount(&gate.list);
    gate.nor.dead = true;
    assert_int_equal(whitelist_mount(&gate.list, &gate.nor.flash, 0, 2 * SLOT_LEN, &maker.identity,
                                     &(struct whitelist_known){.version = 1}),
                     ERR_OK);
    for (size_t i = 0; i < sizeof pauses_s / sizeof *pauses_s; i++) {
        whitelist_scrub(&gate.list); /* it looks */
        assert_int_equal(gate.list.replica.back_off_s, pauses_s[i]);
        for (uint32_t s = 0; s < pauses_s[i]; s++)
            whitelist_scrub(&gate.list);
    }
    gate.nor.dead = false;
    whitelist_scrub(&gate.list);
    check(&one, 50);
    assert_int_equal(gate.list.replica.back_offs, 0); /* a failure from now on is the first */
    tear_down();
}

static void a_list_is_placed_where_none_of_its_units_is_worn(void **state)
{
    (void)state;
    enum { UNITS = 14 }; /* the manifest takes one unit, the blocks of list one the next */
    list_gate_init(&gate, &maker, UNITS * WHITELIST_UNIT, 4096);
    struct whitelist_slot *slot = &gate.list.slots[1];
    for (uint32_t worn = 0; worn < UNITS; worn++) {
        memset(gate.list.worn_units, 0, sizeof gate.list.worn_units);
        gate.list.worn_units[1][worn / 8] = (uint8_t)(1 << worn % 8);
        for (uint32_t at = 0; at < UNITS; at++) { /* from the last unit the list would not fit */
            slot->base = slot->start + at * WHITELIST_UNIT;
            assert_int_equal(whitelist_slot_place(&gate.list, 1, one.header.block_count), ERR_OK);
            uint32_t unit = (slot->base - slot->start) / WHITELIST_UNIT;
            assert_true(worn != unit && worn != unit + 1);
            assert_true(unit + 1 < UNITS);
            if (worn != at && worn != at + 1 && at + 1 < UNITS)
                assert_int_equal(unit, at); /* it may stay where it is */
        }
    }
    list_gate_free(&gate);
}

static void a_slot_that_takes_nothing_is_given_up_after_a_few_places(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, ROOMY_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    uint32_t slot = (uint32_t)!gate.list.running * ROOMY_LEN;
    for (uint32_t at = 0; at < ROOMY_LEN; at += 4096)
        nor_model_wear_out(&gate.nor, slot + at, true, true);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_int_equal(gate.list.replica.failed_count, 1);
    assert_true(gate.list.replica.back_off_s > 0);
    check(&one, 1);
    list_gate_free(&gate);
}

static void with_every_place_worn_a_replica_is_tried_again_later(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, ROOMY_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    memset(gate.list.worn_units, 0xFF, sizeof gate.list.worn_units);
    uint64_t operations = gate.nor.counts.operations;
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_int_equal(gate.list.replica.failed_count, 1);
    assert_int_equal(gate.nor.counts.operations, operations);
    seconds(10);
    assert_false(gate.list.replica.is_whole);
    seconds(HOUR);
    assert_true(list_gate_is_twinned(&gate, &one));
    list_gate_free(&gate);
}

static void with_no_room_left_the_upload_says_where_the_chip_is_worn(void **state)
{
    (void)state;
    set_up(4096);
    uint32_t slot = (uint32_t)!gate.list.running * SLOT_LEN;
    nor_model_wear_out(&gate.nor, slot + 65536, true, false); /* it affects both places */
    *nor_model_bytes(&gate.nor, slot + 65536) ^= 1;
    assert_int_equal(list_gate_upload(&gate, &two), WHITELIST_UPLOAD_REFUSED);
    assert_int_equal(gate.list.upload.error, ERR_WORN);
    assert_int_equal(gate.list.worn_addr, slot + 65536);
    check(&one, 1);
    tear_down();
}

static void one_botched_operation_does_not_end_an_upload(void **state)
{
    (void)state;
    set_up(4096);
    start_over();
    uint64_t operations = gate.nor.counts.operations;
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    operations = gate.nor.counts.operations - operations;
    for (uint64_t n = 1; n <= operations; n++) {
        start_over();
        nor_model_botch(&gate.nor, n);
        int result = list_gate_upload(&gate, &two);
        if (result == ERR_ARGUMENT) /* the manifest is requested again from its start */
            result = list_gate_upload(&gate, &two);
        assert_int_equal(result, WHITELIST_COMMITTED);
        check(&two, 1);
        nor_model_botch(&gate.nor, 0);
        seconds(200 + scrub_round());
        check(&two, 50);
        assert_true(list_gate_is_twinned(&gate, &two));
    }
    tear_down();
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
        cmocka_unit_test(a_block_damaged_in_both_places_keeps_its_good_buckets),
        cmocka_unit_test(a_replica_without_one_of_its_blocks_is_not_committed),
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
        cmocka_unit_test(a_repair_that_fails_is_tried_ever_less_often),
        cmocka_unit_test(a_twin_that_cannot_be_made_is_tried_ever_less_often),
        cmocka_unit_test(a_worn_sector_is_got_out_of_the_way_of),
        cmocka_unit_test(a_chip_that_starts_no_erase_keeps_its_list_and_gets_no_replica),
        cmocka_unit_test(blocks_that_cannot_be_erased_are_not_taken_for_done),
        cmocka_unit_test(a_head_sector_is_erased_three_times_in_each_of_four_places),
        cmocka_unit_test(a_head_that_cannot_be_programmed_is_refused_at_the_third_time),
        cmocka_unit_test(a_head_that_cannot_be_programmed_here_is_received_elsewhere),
        cmocka_unit_test(a_block_that_cannot_be_programmed_is_relocated_at_the_eighth_time),
        cmocka_unit_test(each_attempt_at_a_replica_has_all_its_places_and_a_longer_pause),
        cmocka_unit_test(a_list_that_is_not_found_is_looked_for_after_1_second_to_64),
        cmocka_unit_test(a_list_is_placed_where_none_of_its_units_is_worn),
        cmocka_unit_test(a_slot_that_takes_nothing_is_given_up_after_a_few_places),
        cmocka_unit_test(with_every_place_worn_a_replica_is_tried_again_later),
        cmocka_unit_test(with_no_room_left_the_upload_says_where_the_chip_is_worn),
        cmocka_unit_test(one_botched_operation_does_not_end_an_upload),
        cmocka_unit_test(a_list_built_with_another_tag_key_is_refused_before_it_rules),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
