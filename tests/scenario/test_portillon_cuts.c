/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate: power cuts at a tap, chips that take nothing more, and taps during an erase. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_log.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/gate_bench.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/storage_bench.h"

/* ---- power cuts ---- */

/* Cuts power at the n-th flash operation after a tap, in every way that the model knows. */
static void a_power_cut_at_a_tap_never_leaves_an_opening_without_its_record(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 4; n++) {
        for (uint32_t tear = 0; tear < 12; tear++) {
            int rises = bench.wires.relay_rises;
            nor_model_cut(&bench.nor, n, tear);
            fake_reader_card(&bench.reader, PUPIL);
            fake_reader_empty(&bench.reader);
            gate_bench_run_ms(&bench, 6000);
            bool opened = bench.wires.relay_rises > rises;
            if (n == 1)
                assert_false(opened); /* the first operation is the record itself */
            restart();
            if (opened) { /* and the record survived the power cut */
                struct journal_record record;
                assert_int_equal(journal_read(&bench.portillon.journal, bench.opened_seq, &record), ERR_OK);
                assert_int_equal(record.kind, JOURNAL_GRANTED);
            }
            assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
            gate_bench_run_ms(&bench, 6000);
        }
    }
}

static void a_chip_that_takes_nothing_more_opens_for_nobody(void **state)
{
    (void)state;
    nor_model_cut(&bench.nor, 1, NOR_TEAR_NOTHING);
    portillon_log_event(&bench.portillon, JOURNAL_EVENT_SETTINGS, 0); /* the power cut happens here */
    int rises = bench.wires.relay_rises;
    enum reason reason = gate_bench_tap(&bench, PUPIL);
    assert_true(reason == REASON_JOURNAL_FAILED || reason == REASON_LIST_DAMAGED);
    assert_int_equal(bench.wires.relay_rises, rises);
    assert_true(bench.wires.outputs & GATE_LIGHT_RED);
    gate_bench_run_ms(&bench, 2000);
    assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
}

static void a_chip_that_recovers_puts_the_gate_in_order_again(void **state)
{
    (void)state;
    nor_model_cut(&bench.nor, 1, NOR_TEAR_NOTHING);
    portillon_log_event(&bench.portillon, JOURNAL_EVENT_SETTINGS, 0);
    gate_bench_run_ms(&bench, 2000);
    assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
    nor_model_power_on(&bench.nor);
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    gate_bench_run_ms(&bench, 6000);
    assert_int_equal(bench.portillon.gate.state, GATE_IDLE);
}

static void worn_out_sectors_are_passed_over_and_the_gate_opens(void **state)
{
    (void)state;
    uint32_t base = bench.portillon.layout.journal_base;
    for (uint32_t sector = 0; sector < 48; sector += 2)
        nor_model_wear_out(&bench.nor, base + sector * 4096, sector % 4 == 0, true);
    for (int i = 0; i < 300; i++) {
        assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
        bench.wires.inputs = GATE_ROTATION;
        gate_bench_run_ms(&bench, 2);
        bench.wires.inputs = 0;
        gate_bench_run_ms(&bench, 320);
    }
    assert_int_equal(bench.portillon.lost_record_count, 0);
}

static void no_card_waits_for_an_erase(void **state)
{
    (void)state;
    bench.nor.erase_polls = 5000; /* five seconds each */
    uint64_t erases = bench.nor.counts.erases;
    for (int i = 0; i < 200; i++) {
        assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
        /* Each read of the clock takes a microsecond, so a wait would be visible. */
        assert_in_range(bench.last_tap.relay_us - bench.last_tap.decided_us, 0, 50);
        bench.wires.inputs = GATE_ROTATION;
        gate_bench_run_ms(&bench, 2);
        bench.wires.inputs = 0;
        gate_bench_run_ms(&bench, 320);
    }
    assert_true(bench.nor.counts.erases > erases + 2);
    assert_int_equal(bench.portillon.lost_record_count, 0);
}

/* Sends the next pieces of a list, as many as the gate accepts now. Returns true when the list is active
 * and both slots hold it. */
static bool send_a_piece(const struct sample_list *sent, uint32_t *offset)
{
    struct whitelist *whitelist = &bench.portillon.whitelist;
    uint32_t head_len = sent->header.head_len + WHITELIST_SIGNATURE_LEN, block = 0, len;
    if (*offset < head_len) {
        len = head_len - *offset < 1024 ? head_len - *offset : 1024;
        int result =
            whitelist_upload_head(whitelist, *offset, sent->image + *offset, len, *offset + len == head_len);
        *offset += result == ERR_OK ? len : 0;
    } else if (whitelist->upload.state == WHITELIST_RECEIVING && whitelist_wanted(whitelist, &block) > 0) {
        for (uint32_t at = 0; at < WHITELIST_BLOCK_LEN; at += 1024)
            (void)!list_gate_send_piece(whitelist, block, at,
                                        sent->image + head_len + block * WHITELIST_BLOCK_LEN + at);
    }
    return *offset == head_len && whitelist->upload.state == WHITELIST_DONE && whitelist->replica.is_whole;
}

static void damage_the_replica(void)
{
    struct whitelist *whitelist = &bench.portillon.whitelist;
    int replica = !whitelist->running;
    nor_model_flip_bit(&bench.nor, whitelist->slots[replica].base + WHITELIST_BLOCKS_OFFSET + 9, 3);
    whitelist->replica.repair_slot = replica; /* as a scrub would find it */
    whitelist->replica.repair_block = 0;
}

/* A pupil taps every third of a second. Meanwhile lists are installed, a damaged block is repaired,
 * values are stored, the store changes its sector, and records past the retention are erased. */
static void no_card_waits_for_an_erase_whatever_else_is_written(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {{.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION}};
    struct portillon *portillon = &bench.portillon;
    struct settings settings = portillon->settings;
    uint32_t version = 100, offset = 0, generation = portillon->store.generation;
    int while_erasing = 0, installed = 0;
    settings.retention_days = 1;
    assert_int_equal(portillon_set_settings(portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
    bench.nor.erase_polls = 400; /* milliseconds: the longest tSE of a W25Q128JV */
    struct sample_list sent = sample_list_make(version, cards, 1);
    for (int i = 0; i < 600; i++) {
        while_erasing += bench.nor.erasing;
        assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
        assert_in_range(bench.last_tap.relay_us - bench.last_tap.decided_us, 0, 50);
        (void)!gate_bench_acknowledge(&bench, portillon->journal.head_seq - 1);
        if (i % 50 == 49) { /* as if five days had gone by */
            gate_bench_set_clock(&bench, NOVEMBER_2026 + (uint32_t)i * 8640);
            portillon->proof.utc_s = clock_utc_s(&portillon->clock);
        }
        bench.wires.inputs = GATE_ROTATION;
        gate_bench_run_ms(&bench, 2);
        bench.wires.inputs = 0;
        for (int ms = 0; ms < 320; ms++) {
            gate_bench_run_ms(&bench, 1);
            if (ms == 0 && i % 100 < 20 && portillon->whitelist.replica.is_whole &&
                portillon->whitelist.replica.repair_slot < 0)
                damage_the_replica();
            else if (i % 100 >= 20 && send_a_piece(&sent, &offset)) {
                sample_list_free(&sent);
                sent = sample_list_make(++version, cards, 1);
                offset = 0;
                installed++;
            }
        }
    }
    sample_list_free(&sent);
    /* All of this happened, and many taps came during an erase. */
    assert_true(while_erasing > 200 && installed > 10 && portillon->whitelist.replica.repaired_count > 20);
    assert_true(portillon->store.generation > generation + 2 && portillon->journal.forget.count > 5);
    assert_int_equal(portillon->lost_record_count, 0);
}

/* Power failed when the next sector was not prepared and the head's sector was almost full. The start
 * waits for the erase, so that no card has to. */
static void no_card_waits_for_an_erase_right_after_a_start(void **state)
{
    (void)state;
    for (uint32_t left = 1; left < 30; left++) {
        uint32_t seq;
        struct journal_record record = portillon_stamp(&bench.portillon);
        record.kind = JOURNAL_EVENT;
        record.code = JOURNAL_EVENT_TAMPER_START;
        bench.nor.erase_polls = UINT32_MAX;
        while (bench.portillon.journal.next_ready || bench.portillon.journal.head_seq % 127 != 127 - left)
            assert_int_equal(journal_append(&bench.portillon.journal, &record, &seq), ERR_OK);
        bench.nor.erase_polls = 1000; /* at the start one poll each microsecond, then one a millisecond */
        restart();
        assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
        assert_in_range(bench.last_tap.relay_us - bench.last_tap.decided_us, 0, 50);
        gate_bench_run_ms(&bench, 6000);
    }
    assert_int_equal(bench.portillon.lost_record_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH_LIST(test) cmocka_unit_test_setup_teardown(test, bring_up, take_down)
        WITH_LIST(a_power_cut_at_a_tap_never_leaves_an_opening_without_its_record),
        WITH_LIST(a_chip_that_takes_nothing_more_opens_for_nobody),
        WITH_LIST(a_chip_that_recovers_puts_the_gate_in_order_again),
        WITH_LIST(worn_out_sectors_are_passed_over_and_the_gate_opens),
        WITH_LIST(no_card_waits_for_an_erase),
        WITH_LIST(no_card_waits_for_an_erase_whatever_else_is_written),
        WITH_LIST(no_card_waits_for_an_erase_right_after_a_start),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
