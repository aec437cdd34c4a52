/* SPDX-License-Identifier: Apache-2.0 */
/* The whitelist on a chip with sectors that wear out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist_replica.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"
#include "tests/fakes/whitelist_damage_bench.h"

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
    while (!gate.list.slots[gate.list.running].has_checks)
        assert_int_equal(whitelist_poll(&gate.list), ERR_BUSY);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
