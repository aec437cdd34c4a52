/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records past the retention period are erased, and no others, with power cuts, worn sectors and a chip
 * that returns wrong data. CUTS=all in the environment: more tears, more second cuts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/clock.h"
#include "firmware/journal/journal.h"
#include "firmware/portillon_clock.h"
#include "firmware/portillon_control.h"
#include "tests/fakes/gate_bench.h"
#include "tests/fakes/journal_twin.h"
#include "tests/fakes/nor_model.h"

enum {
    SECTORS = 6,
    SECTOR = 4096,
    PLACES = 127,
    NOW = 1800000000,
    DAY = 86400,
    BOUND = NOW - 90 * DAY,
    OLD = BOUND - 10 * DAY,
    YOUNG = NOW - DAY,
};

static const uint8_t key[CRYPTO_KEY_LEN] = "journal test key";
static struct nor_model origin, nor;
static struct journal journal;
static struct journal_twin twin, before;
static uint32_t made;

static void mount(struct nor_model *chip)
{
    assert_int_equal(journal_mount(&journal, &chip->flash, 0, SECTORS * SECTOR, key, twin.acked), ERR_OK);
    journal.stamp = (struct journal_record){.utc_s = NOW, .flags = CLOCK_SET, .zone = 1};
}

static void remount(void)
{
    uint32_t bound = journal.forget_before_s;
    journal_unmount(&journal);
    mount(&nor);
    journal.forget_before_s = bound;
}

static int set_up(void **state)
{
    (void)state;
    nor_model_init(&nor, SECTORS * SECTOR, SECTOR);
    nor.erase_polls = 1;
    journal_twin_clear(&twin);
    made = 0;
    mount(&nor);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    journal_unmount(&journal);
    nor_model_free(&nor);
    return 0;
}

static void poll_until_idle(void)
{
    for (int i = 0; i < 20000; i++)
        if (journal_poll(&journal) == ERR_OK) {
            assert_int_equal(journal_poll(&journal), ERR_OK); /* idle is idle */
            return;
        }
    fail_msg("still busy");
}

static int append_record(struct journal_record record)
{
    uint32_t seq = 0;
    int result = journal_append(&journal, &record, &seq);
    journal_twin_appended(&twin, result, &record, seq);
    return result;
}

/* Appends a passage with this time and this quality of the clock. */
static int append_one(uint32_t utc_s, enum clock_quality quality)
{
    struct journal_record record = journal_twin_make(++made);
    record.utc_s = utc_s;
    record.flags = (uint8_t)quality;
    return append_record(record);
}

static void append(uint32_t count, uint32_t utc_s)
{
    for (uint32_t i = 0; i < count; i++) {
        poll_until_idle();
        assert_int_equal(append_one(utc_s, CLOCK_SET), ERR_OK);
    }
}

static void acknowledge(uint32_t seq)
{
    twin.acked = seq;
    assert_int_equal(journal_acknowledge(&journal, seq), ERR_OK);
}

static void forget(void)
{
    journal.forget_before_s = BOUND;
    poll_until_idle();
}

/* Returns the count of records with this time that can still be found anywhere on the chip. */
static uint32_t traces_of(const struct nor_model *chip, uint32_t utc_s)
{
    uint32_t count = 0;
    for (uint32_t at = 0; at < SECTORS * SECTOR; at += JOURNAL_RECORD_LEN) {
        const uint8_t *bytes = chip->bytes + at + 4;
        count += bytes[0] == (uint8_t)utc_s && bytes[1] == (uint8_t)(utc_s >> 8) &&
                 bytes[2] == (uint8_t)(utc_s >> 16) && bytes[3] == (uint8_t)(utc_s >> 24);
    }
    return count;
}

static void check(void)
{
    if (!journal_twin_check(&twin, &journal))
        fail_msg("%s: number %u", twin.complaint, (unsigned)twin.complaint_seq);
}

static void acknowledged_passages_past_their_time_go_without_a_tap(void **state)
{
    (void)state;
    append(2 * PLACES + 40, OLD);
    acknowledge(twin.last_given);
    assert_int_equal(traces_of(&nor, OLD), 2 * PLACES + 40);
    forget();
    assert_int_equal(traces_of(&nor, OLD), 0);
    assert_int_equal(journal_pending_count(&journal), 0);
    check();
}

static void numbers_go_on_above_what_was_forgotten(void **state)
{
    (void)state;
    append(PLACES + 3, OLD);
    uint32_t last = twin.last_given;
    acknowledge(last);
    forget();
    remount();
    poll_until_idle();
    append(1, NOW);
    assert_true(twin.last_given > last);
    remount();
    check();
    assert_int_equal(journal_pending_count(&journal), 1);
}

static void what_is_not_acknowledged_stays(void **state)
{
    (void)state;
    append(2 * PLACES, OLD);
    forget();
    assert_int_equal(traces_of(&nor, OLD), 2 * PLACES);
    acknowledge(PLACES - 1); /* all of the first sector but one record */
    forget();
    assert_int_equal(traces_of(&nor, OLD), 2 * PLACES);
    acknowledge(PLACES);
    forget();
    assert_int_equal(traces_of(&nor, OLD), PLACES);
    check();
}

static void the_head_stays_while_its_last_record_is_not_acknowledged(void **state)
{
    (void)state;
    append(20, OLD);
    acknowledge(19);
    forget();
    assert_int_equal(traces_of(&nor, OLD), 20);
    acknowledge(20);
    forget();
    assert_int_equal(traces_of(&nor, OLD), 0);
}

static void younger_sectors_stay(void **state)
{
    (void)state;
    append(PLACES, OLD);
    append(PLACES, YOUNG);
    append(10, NOW);
    acknowledge(twin.last_given);
    forget();
    assert_int_equal(traces_of(&nor, OLD), 0);
    assert_int_equal(traces_of(&nor, YOUNG), PLACES);
    assert_int_equal(journal.tail_seq, PLACES + 1);
    assert_int_equal(journal.forget.count, 1);
}

static void no_passage_outlives_its_time_for_a_younger_one_in_its_sector(void **state)
{
    (void)state;
    append(1, OLD);
    append(PLACES - 1, YOUNG);
    append(1, YOUNG);
    acknowledge(twin.last_given);
    forget();
    assert_int_equal(traces_of(&nor, OLD), 0);
    assert_int_equal(traces_of(&nor, YOUNG), 1);
}

static void nothing_goes_while_the_clock_is_not_sure(void **state)
{
    (void)state;
    append(2 * PLACES, OLD);
    acknowledge(twin.last_given);
    journal.forget_before_s = 0;
    poll_until_idle();
    assert_int_equal(traces_of(&nor, OLD), 2 * PLACES);
}

static void a_record_without_a_date_goes_with_the_first_dated_one_after_it(void **state)
{
    (void)state;
    poll_until_idle();
    for (int i = 0; i < PLACES; i++) {
        assert_int_equal(append_one(77, CLOCK_UNSET), ERR_OK);
        poll_until_idle();
    }
    acknowledge(twin.last_given);
    forget();
    assert_int_equal(traces_of(&nor, 77), PLACES);
    append(1, YOUNG);
    acknowledge(twin.last_given);
    forget();
    assert_int_equal(traces_of(&nor, 77), PLACES);
    journal.stamp.utc_s = YOUNG + 91 * DAY;
    journal.forget_before_s = YOUNG + DAY;
    poll_until_idle();
    assert_int_equal(traces_of(&nor, 77), 0);
}

static void setting_the_clock_dates_what_came_before(void **state)
{
    (void)state;
    poll_until_idle();
    assert_int_equal(append_one(77, CLOCK_UNSET), ERR_OK);
    assert_int_equal(append_record((struct journal_record){
                         .kind = JOURNAL_EVENT, .code = JOURNAL_EVENT_CLOCK_SET, .utc_s = 80, .ref = OLD}),
                     ERR_OK);
    acknowledge(twin.last_given);
    forget();
    assert_int_equal(traces_of(&nor, 77), 0);
}

static void a_clock_that_once_ran_ahead_keeps_nothing(void **state)
{
    (void)state;
    append(PLACES, NOW + 3650u * DAY);
    append(PLACES, OLD);
    acknowledge(twin.last_given);
    forget();
    assert_int_equal(traces_of(&nor, NOW + 3650u * DAY), 0);
    assert_int_equal(traces_of(&nor, OLD), 0);
}

static void a_forged_old_record_dates_nothing(void **state)
{
    (void)state;
    append(PLACES, YOUNG);
    append(1, YOUNG);
    acknowledge(twin.last_given);
    uint8_t *first = nor_model_bytes(&nor, JOURNAL_RECORD_LEN);
    memset(first + 4, 1, 4);
    forget();
    assert_int_equal(traces_of(&nor, YOUNG), PLACES);
}

static void a_bound_that_moves_on_takes_more(void **state)
{
    (void)state;
    append(PLACES, OLD);
    append(PLACES, YOUNG);
    acknowledge(twin.last_given);
    forget();
    journal.forget_before_s += DAY;
    journal.stamp.utc_s += DAY;
    poll_until_idle();
    assert_int_equal(traces_of(&nor, YOUNG), PLACES);
    journal.forget_before_s += 90 * DAY;
    journal.stamp.utc_s += 90 * DAY;
    poll_until_idle();
    assert_int_equal(traces_of(&nor, YOUNG), 0);
}

/* The tail is dated again once an hour, not at each poll. */
static void the_tail_is_looked_at_once_an_hour(void **state)
{
    (void)state;
    append(PLACES + 1, YOUNG);
    acknowledge(twin.last_given);
    forget();
    uint64_t reads = nor.counts.reads;
    journal.forget_before_s = BOUND + 3599;
    acknowledge(twin.acked); /* the office says again what it said */
    poll_until_idle();
    assert_int_equal(nor.counts.reads, reads);
    journal.forget_before_s = BOUND + 3600;
    poll_until_idle();
    assert_true(nor.counts.reads > reads);
}

static void no_tap_waits_for_it(void **state)
{
    (void)state;
    append(2 * PLACES + 1, OLD);
    acknowledge(twin.last_given);
    journal.forget_before_s = BOUND;
    nor.erase_polls = 5;
    uint32_t appended = 0;
    for (int i = 0; i < 400; i++) {
        (void)journal_poll(&journal);
        uint64_t started_ns = nor.counts.time_ns;
        if (i % 3 == 0) {
            assert_int_equal(append_one(NOW, CLOCK_SET), ERR_OK);
            assert_true(nor.counts.time_ns - started_ns <= 150000);
            appended++;
        }
    }
    check();
    assert_int_equal(journal_pending_count(&journal), appended);
    assert_true(journal.forget.count >= 2);
}

static void while_another_erase_runs_there_is_work_left(void **state)
{
    (void)state;
    append(PLACES + 1, OLD);
    acknowledge(twin.last_given);
    append(1, NOW);
    poll_until_idle();
    nor.stay_busy = true;
    journal.forget_before_s = BOUND;
    for (int i = 0; i < 200; i++)
        assert_int_equal(journal_poll(&journal), ERR_BUSY);
    assert_int_equal(traces_of(&nor, OLD), PLACES + 1);
    nor.stay_busy = false;
    poll_until_idle();
    assert_int_equal(traces_of(&nor, OLD), 1);
    check();
}

static void a_sector_that_will_not_erase_is_written_over(void **state)
{
    (void)state;
    append(3 * PLACES, OLD);
    acknowledge(twin.last_given);
    nor_model_wear_out(&nor, SECTOR, true, false);
    forget();
    assert_int_equal(traces_of(&nor, OLD), 0);
    remount();
    poll_until_idle();
    append(5 * PLACES, NOW);
    check();
}

static int do_nothing(void *ctx, uint32_t addr)
{
    (void)ctx;
    (void)addr;
    return ERR_OK;
}

/* The chip says that it erased, and did not. */
static void a_sector_whose_erase_did_nothing_is_written_over_to_its_ends(void **state)
{
    (void)state;
    uint8_t after[SECTOR];
    append(PLACES, OLD);
    append(PLACES, YOUNG);
    acknowledge(twin.last_given);
    memcpy(after, nor_model_bytes(&nor, SECTOR), SECTOR);
    struct flash idle = nor.flash;
    idle.erase_start = do_nothing;
    journal.flash = &idle;
    forget();
    journal.flash = &nor.flash;
    for (uint32_t i = 0; i < SECTOR; i++)
        assert_int_equal(*nor_model_bytes(&nor, i), 0);
    assert_memory_equal(nor_model_bytes(&nor, SECTOR), after, SECTOR);
    check();
}

static int refuse_read(void *ctx, uint32_t addr, void *buf, size_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    return ERR_IO;
}

static void a_sector_that_does_not_read_after_its_erase_is_written_over(void **state)
{
    (void)state;
    append(PLACES + 1, OLD);
    acknowledge(PLACES);
    struct flash idle = nor.flash;
    idle.erase_start = do_nothing;
    journal.flash = &idle;
    journal.forget_before_s = BOUND;
    while (journal.forget.stage != JOURNAL_FORGET_CHECKING)
        assert_int_equal(journal_poll(&journal), ERR_BUSY);
    idle.read = refuse_read;
    assert_int_equal(journal_poll(&journal), ERR_BUSY);
    idle.read = nor.flash.read;
    poll_until_idle();
    journal.flash = &nor.flash;
    assert_int_equal(traces_of(&nor, OLD), 1);
    check();
}

/* A sector of 64 KiB is checked in several polls. The chip says that it erased, and left the end. */
static void what_an_erase_left_at_the_end_of_a_large_sector_is_written_over(void **state)
{
    (void)state;
    enum { LARGE = 65536, LARGE_PLACES = LARGE / JOURNAL_RECORD_LEN - 1 };
    static const uint32_t ends[] = {4096, LARGE - JOURNAL_RECORD_LEN};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct nor_model large;
        nor_model_init(&large, 3 * LARGE, LARGE);
        journal_unmount(&journal);
        assert_int_equal(journal_mount(&journal, &large.flash, 0, 3 * LARGE, key, 0), ERR_OK);
        journal.stamp = (struct journal_record){.utc_s = NOW, .flags = CLOCK_SET, .zone = 1};
        journal_twin_clear(&twin);
        append(LARGE_PLACES, OLD);
        acknowledge(twin.last_given);
        append(1, YOUNG);
        struct flash idle = large.flash;
        idle.erase_start = do_nothing;
        journal.flash = &idle;
        journal.forget_before_s = BOUND;
        while (journal.forget.stage != JOURNAL_FORGET_CHECKING)
            assert_int_equal(journal_poll(&journal), ERR_BUSY);
        memset(nor_model_bytes(&large, 0), 0xFF, ends[i]);
        poll_until_idle();
        for (uint32_t at = 0; at < LARGE; at++)
            assert_int_equal(*nor_model_bytes(&large, at), 0);
        check();
        nor_model_free(&large);
    }
    mount(&nor); /* for tear_down */
}

/* The first look at the places above the acknowledged number finds them blank by mistake. */
static void one_wrong_reading_does_not_erase_what_is_not_acknowledged(void **state)
{
    (void)state;
    append(PLACES + 1, OLD);
    acknowledge(PLACES - 1);
    journal.forget_before_s = BOUND;
    while (journal.forget.stage != JOURNAL_FORGET_CONFIRMING)
        assert_int_equal(journal_poll(&journal), ERR_BUSY);
    nor_model_lie(&nor, 0, 1, 0xFF);
    while (journal.forget.stage == JOURNAL_FORGET_CONFIRMING)
        assert_int_equal(journal_poll(&journal), ERR_BUSY);
    assert_int_equal(journal.forget.stage, JOURNAL_FORGET_CONFIRMING_AGAIN);
    poll_until_idle();
    assert_int_equal(traces_of(&nor, OLD), PLACES + 1);
    check();
}

static void what_a_cut_erase_left_goes_after_the_next_start(void **state)
{
    (void)state;
    append(2 * PLACES, OLD);
    acknowledge(twin.last_given);
    append(5, NOW);
    memset(nor_model_bytes(&nor, 0), 0xFF, 10 * JOURNAL_RECORD_LEN); /* the header, and some records */
    remount();
    assert_int_equal(journal.tail_seq, PLACES + 1);
    assert_int_not_equal(traces_of(&nor, OLD), 0);
    nor.stay_busy = true; /* another module's erase is waited for */
    journal.forget_before_s = BOUND;
    for (int i = 0; i < 100; i++)
        assert_int_equal(journal_poll(&journal), ERR_BUSY);
    nor.stay_busy = false;
    forget();
    assert_int_equal(traces_of(&nor, OLD), 0);
    check();
}

static void a_chip_that_lies_at_start_up_loses_nothing(void **state)
{
    (void)state;
    append(3 * PLACES + 9, OLD);
    acknowledge(PLACES);
    for (uint32_t first = 0; first < 40; first++)
        for (uint32_t count = 1; count < 30; count += 4) {
            nor_model_lie(&nor, first, count, 0xFF);
            remount();
            nor_model_lie(&nor, 0, 0, 0); /* it has recovered before the first poll */
            forget();
            remount();
            poll_until_idle();
            check();
        }
}

/* ---- power cuts ---- */

static bool exhaustive(void)
{
    const char *cuts = getenv("CUTS");
    return cuts != NULL && strcmp(cuts, "all") == 0;
}

/* Polls a few times between taps and acknowledges sometimes. Sectors are erased, also that of the head. */
static void live(const struct nor_model *chip, int taps)
{
    journal.forget_before_s = BOUND;
    for (int i = 0; i < taps + 1 && !chip->dead; i++) {
        for (int poll = 0; poll < 60; poll++)
            (void)journal_poll(&journal);
        if (i < taps)
            (void)!append_one(OLD, CLOCK_SET);
        if (i % 3 == 1 && twin.last_given > twin.acked)
            (void)!journal_acknowledge(&journal, twin.acked = twin.last_given);
    }
}

static void power_on_and_check(uint64_t cut, uint32_t tear, uint64_t second)
{
    journal_unmount(&journal);
    nor_model_power_on(&nor);
    mount(&nor);
    assert_int_equal(nor.counts.unit_violations, 0);
    if (!journal_twin_check(&twin, &journal))
        fail_msg("cut %u.%u, then %u: %s: number %u", (unsigned)cut, (unsigned)tear, (unsigned)second,
                 twin.complaint, (unsigned)twin.complaint_seq);
}

static void cut(uint64_t first, uint32_t tear, uint64_t second)
{
    nor_model_copy(&nor, &origin);
    twin = before;
    made = 100000;
    mount(&nor);
    nor_model_cut(&nor, first, tear);
    live(&nor, 7);
    power_on_and_check(first, tear, second);
    if (second != 0) {
        nor_model_cut(&nor, second, tear + 1);
        live(&nor, 3);
        power_on_and_check(first, tear, second);
    }
    live(&nor, 2);
    power_on_and_check(first, tear, second);
    twin.acked = twin.last_given;
    assert_int_equal(journal_acknowledge(&journal, twin.acked), ERR_OK);
    forget();
    assert_int_equal(traces_of(&nor, OLD), 0);
    check();
    journal_unmount(&journal);
}

static void cuts_after(uint32_t already)
{
    while (twin.last_given < already) {
        append(1, OLD);
        acknowledge(twin.last_given);
    }
    journal_unmount(&journal);
    nor_model_init(&origin, SECTORS * SECTOR, SECTOR);
    nor_model_copy(&origin, &nor);
    before = twin;
    uint64_t operations = nor.counts.operations;
    cut(0, 0, 0);
    operations = nor.counts.operations - operations;
    assert_true(operations > 20);
    uint32_t tears = exhaustive() ? 200 : 6;
    for (uint64_t first = 1; first <= operations; first++)
        for (uint32_t tear = 0; tear < tears; tear++) {
            cut(first, tear, (first * 7 + tear) % operations);
            for (uint64_t second = 1; exhaustive() && tear < 8 && second <= operations; second++)
                cut(first, tear, second);
        }
    mount(&nor);
    nor_model_free(&origin);
}

static void cut_while_sectors_go(void **state)
{
    (void)state;
    cuts_after(2 * PLACES + 5);
}

static void cut_while_the_head_goes(void **state)
{
    (void)state;
    cuts_after(30);
}

static void cut_on_a_ring_gone_round(void **state)
{
    (void)state;
    cuts_after((SECTORS + 2) * PLACES - 4);
}

/* ---- the whole gate ---- */

static void a_gate_forgets_only_by_a_clock_that_was_set(void **state)
{
    (void)state;
    static struct gate_bench bench;
    gate_bench_make(&bench, ZONE_BUILDING);
    gate_bench_start_with_reader(&bench);
    assert_int_equal(gate_bench_tap(&bench, "04000099"), REASON_NO_LIST);
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(portillon_set_clock(&bench.portillon, NOW, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(gate_bench_tap(&bench, "04000099"), REASON_NO_LIST);
    uint32_t last = bench.portillon.journal.head_seq - 1;
    assert_int_equal(gate_bench_acknowledge(&bench, last), ERR_OK);
    fake_timer_advance_ms(&bench.timer, (uint64_t)89 * DAY * 1000);
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(bench.portillon.journal.tail_seq, 1);
    fake_timer_advance_ms(&bench.timer, (uint64_t)2 * DAY * 1000);
    bench.portillon.clock.quality = CLOCK_STALE;
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(bench.portillon.journal.tail_seq, 1);
    bench.portillon.clock.quality = CLOCK_SET;
    gate_bench_run_ms(&bench, 100);
    assert_true(bench.portillon.journal.tail_seq > last);
    gate_bench_free(&bench);
}

static void a_clock_set_in_one_jump_erases_nothing(void **state)
{
    (void)state;
    static struct gate_bench bench;
    gate_bench_make(&bench, ZONE_BUILDING);
    gate_bench_start_with_reader(&bench);
    gate_bench_set_clock(&bench, NOW);
    assert_int_equal(gate_bench_tap(&bench, "04000099"), REASON_NO_LIST);
    gate_bench_run_ms(&bench, 1100);
    assert_int_equal(gate_bench_acknowledge(&bench, bench.portillon.journal.head_seq - 1), ERR_OK);
    gate_bench_set_clock(&bench, NOW + UINT32_C(900000000));
    assert_int_equal(gate_bench_acknowledge(&bench, bench.portillon.journal.head_seq - 1), ERR_OK);
    for (int hours = 0; hours < 7 * 24; hours++) {
        fake_timer_advance_ms(&bench.timer, 3600 * 1000);
        gate_bench_run_ms(&bench, 1100);
    }
    assert_int_equal(bench.portillon.journal.tail_seq, 1);
    gate_bench_start(&bench); /* nor does a restart help */
    gate_bench_set_clock(&bench, NOW + UINT32_C(900000000));
    gate_bench_run_ms(&bench, 3000);
    assert_int_equal(bench.portillon.journal.tail_seq, 1);
    gate_bench_free(&bench);
}

int main(void)
{
#define RETENTION_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        RETENTION_TEST(acknowledged_passages_past_their_time_go_without_a_tap),
        RETENTION_TEST(numbers_go_on_above_what_was_forgotten),
        RETENTION_TEST(what_is_not_acknowledged_stays),
        RETENTION_TEST(the_head_stays_while_its_last_record_is_not_acknowledged),
        RETENTION_TEST(younger_sectors_stay),
        RETENTION_TEST(no_passage_outlives_its_time_for_a_younger_one_in_its_sector),
        RETENTION_TEST(nothing_goes_while_the_clock_is_not_sure),
        RETENTION_TEST(a_record_without_a_date_goes_with_the_first_dated_one_after_it),
        RETENTION_TEST(setting_the_clock_dates_what_came_before),
        RETENTION_TEST(a_clock_that_once_ran_ahead_keeps_nothing),
        RETENTION_TEST(a_forged_old_record_dates_nothing),
        RETENTION_TEST(a_bound_that_moves_on_takes_more),
        RETENTION_TEST(the_tail_is_looked_at_once_an_hour),
        RETENTION_TEST(no_tap_waits_for_it),
        RETENTION_TEST(while_another_erase_runs_there_is_work_left),
        RETENTION_TEST(a_sector_that_will_not_erase_is_written_over),
        RETENTION_TEST(a_sector_whose_erase_did_nothing_is_written_over_to_its_ends),
        RETENTION_TEST(a_sector_that_does_not_read_after_its_erase_is_written_over),
        RETENTION_TEST(what_an_erase_left_at_the_end_of_a_large_sector_is_written_over),
        RETENTION_TEST(one_wrong_reading_does_not_erase_what_is_not_acknowledged),
        RETENTION_TEST(what_a_cut_erase_left_goes_after_the_next_start),
        RETENTION_TEST(a_chip_that_lies_at_start_up_loses_nothing),
        RETENTION_TEST(cut_while_sectors_go),
        RETENTION_TEST(cut_while_the_head_goes),
        RETENTION_TEST(cut_on_a_ring_gone_round),
        cmocka_unit_test(a_gate_forgets_only_by_a_clock_that_was_set),
        cmocka_unit_test(a_clock_set_in_one_jump_erases_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
