/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate: changes of the list, damaged blocks, uploads that nobody continues, noise on the line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/portillon_storage.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/gate_bench.h"
#include "tests/fakes/storage_bench.h"

#define STRANGER "04deadbeef0080"

/* ---- lists ---- */

/* Just started, the gate verifies its blocks ahead of need, and on the line there is noise for several
 * turns. A card waits for a piece of one of them, not of both. */
static void port_and_storage_take_turns(void **state)
{
    (void)state;
    static const uint8_t noise[FAKE_SERIAL_LEN] = {1, 2, 3};
    int port_turns = 0, storage_turns = 0;
    restart();
    fake_serial_send(&bench.serial, noise, sizeof noise);
    assert_int_equal(portillon_poll(&bench.portillon), ERR_BUSY);
    while (bench.serial.to_read_len > 0) {
        size_t line = bench.serial.to_read_len;
        uint64_t read_bytes = bench.nor.counts.read_bytes;
        (void)portillon_poll(&bench.portillon);
        bool is_ports = bench.serial.to_read_len != line,
             is_storages = bench.nor.counts.read_bytes != read_bytes;
        assert_false(is_ports && is_storages);
        port_turns += is_ports;
        storage_turns += is_storages;
    }
    assert_true(port_turns >= 2 && storage_turns >= 2);
}

static void the_old_list_serves_until_the_new_one_is_whole(void **state)
{
    (void)state;
    gate_bench_upload_head(&bench, &newer);
    assert_int_equal(bench.portillon.whitelist.upload.state, WHITELIST_RECEIVING);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    assert_int_equal(gate_bench_tap(&bench, NEWCOMER), REASON_UNKNOWN_CARD);
    gate_bench_install(&bench, &newer);
    assert_int_equal(gate_bench_tap(&bench, NEWCOMER), REASON_NONE);
    assert_int_equal(gate_bench_tap(&bench, STRANGER), REASON_UNKNOWN_CARD);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_LIST_INSTALLED), 2);
    restart();
    assert_int_equal(gate_bench_tap(&bench, NEWCOMER), REASON_NONE);
}

static void a_refused_list_is_logged_with_its_error(void **state)
{
    (void)state;
    struct sample_list forged = newer;
    uint8_t head[8192];
    uint32_t len = newer.header.head_len + WHITELIST_SIGNATURE_LEN;
    assert_true(len <= sizeof head);
    memcpy(head, newer.image, len);
    head[newer.header.head_len - 1] ^= 1; /* a block hash that was not signed */
    forged.image = head;
    gate_bench_upload_head(&bench, &forged);
    assert_int_equal(bench.portillon.whitelist.upload.state, WHITELIST_REFUSED);
    struct journal_record record = gate_bench_record(&bench, 0);
    assert_int_equal(record.code, JOURNAL_EVENT_LIST_REFUSED);
    assert_int_equal(record.ref, -ERR_SIGNATURE);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
}

static uint32_t bucket_address(int slot)
{
    struct whitelist *whitelist = &bench.portillon.whitelist;
    struct tag tag = sample_tag(PUPIL);
    return whitelist->slots[slot].base + WHITELIST_BLOCKS_OFFSET +
           whitelist_home_bucket(&tag, whitelist->slots[slot].header.bucket_count) * WHITELIST_BUCKET_LEN;
}

static void a_damaged_block_is_answered_from_its_twin_and_repaired(void **state)
{
    (void)state;
    nor_model_flip_bit(&bench.nor, bucket_address(bench.portillon.whitelist.running) + 9, 3);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    assert_true(bench.last_tap.from_replica);
    gate_bench_run_ms(&bench, 2000);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_BLOCK_REPAIRED), 1);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    assert_false(bench.last_tap.from_replica);
}

static void only_with_both_copies_gone_is_a_card_refused(void **state)
{
    (void)state;
    nor_model_flip_bit(&bench.nor, bucket_address(0) + 9, 3);
    nor_model_flip_bit(&bench.nor, bucket_address(1) + 9, 3);
    assert_string_equal(reason_name(gate_bench_tap(&bench, PUPIL)), "list_damaged");
    assert_int_equal(gate_bench_record(&bench, 0).code, REASON_LIST_DAMAGED);
}

static void an_upload_cut_short_by_a_restart_waits_for_its_blocks(void **state)
{
    (void)state;
    gate_bench_upload_head(&bench, &newer);
    assert_int_equal(bench.portillon.whitelist.upload.state, WHITELIST_RECEIVING);
    restart();
    gate_bench_run_ms(&bench, 5000);
    assert_string_equal(whitelist_upload_state_name(bench.portillon.whitelist.upload.state), "receiving");
}

static void an_upload_that_nobody_continues_is_forgotten_after_half_an_hour(void **state)
{
    (void)state;
    fake_timer_advance_ms(&bench.timer, 3600 * 1000); /* the gate was idle for a long time */
    gate_bench_run_ms(&bench, 2000);
    gate_bench_upload_head(&bench, &newer);
    gate_bench_run_ms(&bench, 2000);
    for (int minute = 0; minute < 29; minute++) {
        fake_timer_advance_ms(&bench.timer, 60000);
        gate_bench_run_ms(&bench, 2);
        assert_int_equal(bench.portillon.whitelist.upload.state, WHITELIST_RECEIVING);
    }
    fake_timer_advance_ms(&bench.timer, 120000);
    gate_bench_run_ms(&bench, 5000);
    assert_int_equal(bench.portillon.whitelist.upload.state, WHITELIST_IDLE);
    assert_true(bench.portillon.whitelist.replica.is_whole); /* the active list has its replica again */
}

static void an_upload_after_a_long_quiet_time_is_not_forgotten_while_it_begins(void **state)
{
    (void)state;
    restart();
    gate_bench_run_ms(&bench, 2000);
    bench.nor.erase_polls = 3000; /* a slow chip: the place of the manifest is still being erased */
    assert_int_equal(whitelist_upload_head(&bench.portillon.whitelist, 0, newer.image, 1024, false),
                     ERR_BUSY);
    gate_bench_run_ms(&bench, 2500);
    assert_int_equal(bench.portillon.whitelist.upload.state, WHITELIST_HEAD);
}

static void an_upload_is_forgotten_after_1800_seconds_and_not_before(void **state)
{
    (void)state;
    struct portillon *portillon = &bench.portillon;
    gate_bench_upload_head(&bench, &newer);
    gate_bench_run_ms(&bench, 2000);
    bench.timer.is_stopped = true;
    bench.timer.now_us = portillon->upload_moved_us + UINT64_C(1800000000);
    portillon->scrubbed_us = 0; /* it is looked at now */
    (void)portillon_serve_storage(portillon);
    assert_int_equal(portillon->whitelist.upload.state, WHITELIST_RECEIVING);
    bench.timer.now_us++;
    portillon->scrubbed_us = 0;
    (void)portillon_serve_storage(portillon);
    assert_int_equal(portillon->whitelist.upload.state, WHITELIST_IDLE);
}

static void what_is_done_each_second_is_done_each_second(void **state)
{
    (void)state;
    struct portillon *portillon = &bench.portillon;
    uint64_t scrubbed_us = portillon->scrubbed_us;
    bench.timer.is_stopped = true;
    bench.timer.now_us = scrubbed_us + 999999;
    (void)portillon_serve_storage(portillon);
    assert_int_equal(portillon->scrubbed_us, scrubbed_us);
    bench.timer.now_us++;
    (void)portillon_serve_storage(portillon);
    assert_int_equal(portillon->scrubbed_us, scrubbed_us + 1000000);
}

/* ---- the maintenance line ---- */

static void noise_on_the_line_holds_up_no_card(void **state)
{
    (void)state;
    uint32_t random = 7;
    for (int i = 0; i < 20; i++) {
        uint8_t noise[1500];
        for (size_t b = 0; b < sizeof noise; b++) {
            random = random * 1664525U + 1013904223U;
            noise[b] = (uint8_t)(random >> 24);
        }
        fake_serial_send(&bench.serial, noise, sizeof noise);
        assert_int_equal(gate_bench_tap(&bench, i % 2 ? STRANGER : PUPIL),
                         i % 2 ? REASON_UNKNOWN_CARD : REASON_NONE);
        gate_bench_run_ms(&bench, 6000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH_LIST(test) cmocka_unit_test_setup_teardown(test, bring_up, take_down)
        WITH_LIST(port_and_storage_take_turns),
        WITH_LIST(the_old_list_serves_until_the_new_one_is_whole),
        WITH_LIST(a_refused_list_is_logged_with_its_error),
        WITH_LIST(a_damaged_block_is_answered_from_its_twin_and_repaired),
        WITH_LIST(only_with_both_copies_gone_is_a_card_refused),
        WITH_LIST(an_upload_cut_short_by_a_restart_waits_for_its_blocks),
        WITH_LIST(an_upload_that_nobody_continues_is_forgotten_after_half_an_hour),
        WITH_LIST(an_upload_is_forgotten_after_1800_seconds_and_not_before),
        WITH_LIST(what_is_done_each_second_is_done_each_second),
        WITH_LIST(an_upload_after_a_long_quiet_time_is_not_forgotten_while_it_begins),
        WITH_LIST(noise_on_the_line_holds_up_no_card),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
