/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate: restarts, missing and failing chips, full journals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/portillon_clock.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_log.h"
#include "firmware/portillon_storage.h"
#include "tests/fakes/gate_bench.h"
#include "tests/fakes/storage_bench.h"

static bool relay(void)
{
    return bench.wires.outputs & GATE_RELAY;
}

/* ---- restarts ---- */

static void a_restart_is_counted_and_logged(void **state)
{
    (void)state;
    for (uint32_t boot = 2; boot < 6; boot++) {
        gate_bench_start(&bench);
        struct journal_record record = gate_bench_record(&bench, 0);
        assert_int_equal(bench.portillon.boot_count, boot);
        assert_int_equal(record.kind, JOURNAL_EVENT);
        assert_int_equal(record.code, JOURNAL_EVENT_START);
        assert_int_equal(record.ref, boot);
    }
}

static void how_the_run_before_ended_is_told_after_the_start(void **state)
{
    (void)state;
    static const struct {
        enum reset_cause cause;
        uint8_t event; /* 0: none */
    } cases[] = {{RESET_POWER, 0},
                 {RESET_REQUEST, 0},
                 {RESET_WATCHDOG, JOURNAL_EVENT_WATCHDOG},
                 {RESET_FAULT, JOURNAL_EVENT_FAULT},
                 {RESET_PANIC, JOURNAL_EVENT_PANIC}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reset_report report = {.cause = cases[i].cause, .program_counter = 0x08001234};
        bench.hardware.reset = &report;
        gate_bench_start(&bench);
        struct journal_record record = gate_bench_record(&bench, 0);
        assert_int_equal(record.code, cases[i].event ? cases[i].event : JOURNAL_EVENT_START);
        if (cases[i].event != 0)
            assert_int_equal(record.ref, 0x08001234);
    }
}

static void settings_list_and_journal_survive_a_restart(void **state)
{
    (void)state;
    struct settings settings = bench.portillon.settings;
    settings.open_ms = 1500;
    settings.buzzer_on = false;
    settings.refuse_when_full = true;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
    struct journal_record record = gate_bench_record(&bench, 0);
    assert_int_equal(record.code, JOURNAL_EVENT_SET_OPEN_MS);
    assert_int_equal(record.ref, 1500);
    gate_bench_tap(&bench, PUPIL);
    uint32_t seq = bench.last_tap.seq;
    assert_int_equal(gate_bench_acknowledge(&bench, seq - 1), ERR_OK);

    restart();
    assert_int_equal(bench.portillon.settings.open_ms, 1500);
    assert_false(bench.portillon.settings.buzzer_on);
    assert_int_equal(bench.portillon.journal.full_policy, JOURNAL_REFUSE);
    assert_int_equal(bench.portillon.journal.acked_seq, seq - 1);
    assert_int_equal(journal_read(&bench.portillon.journal, seq, &record), ERR_OK);
    assert_int_equal(record.kind, JOURNAL_GRANTED);
    assert_false(relay()); /* a restart does not open the gate */
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    assert_true(bench.last_tap.seq > seq);
}

static void settings_out_of_bounds_change_nothing(void **state)
{
    (void)state;
    struct settings settings = bench.portillon.settings;
    settings.open_ms = 499;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_ARGUMENT);
    assert_int_equal(bench.portillon.settings.open_ms, 5000);
    restart();
    assert_int_equal(bench.portillon.settings.open_ms, 5000);
}

static void setting_the_clock_is_logged_with_the_time_before(void **state)
{
    (void)state;
    assert_int_equal(portillon_set_clock(&bench.portillon, NOVEMBER_2026 + 86400, ROLE_TECHNICIAN), ERR_OK);
    struct journal_record record = gate_bench_record(&bench, 0);
    assert_int_equal(record.code, JOURNAL_EVENT_CLOCK_SET);
    assert_int_equal(record.ref, NOVEMBER_2026 + 86400);
    assert_in_range(record.utc_s, NOVEMBER_2026, NOVEMBER_2026 + 10);
    assert_int_equal(portillon_set_clock(&bench.portillon, 1000000, ROLE_TECHNICIAN), ERR_ARGUMENT);
    gate_bench_tap(&bench, PUPIL);
    assert_in_range(gate_bench_record(&bench, 0).utc_s, NOVEMBER_2026 + 86400, NOVEMBER_2026 + 86410);
}

/* After a smaller change the meals are not counted again; after the smallest the event may be left out. */
static void a_change_of_the_clock_counts_from_two_seconds_and_from_61_on(void **state)
{
    (void)state;
    struct portillon *portillon = &bench.portillon;
    bench.timer.is_stopped = true;
    uint32_t now_s = clock_utc_s(&portillon->clock);
    static const struct {
        uint32_t moved_s;
        bool written, recounted;
    } cases[] = {{0, false, false}, {1, false, false}, {2, true, false}, {60, true, false}, {61, true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int n = 0; n < 20; n++) { /* so often that it is left out */
            assert_int_equal(portillon_set_clock(portillon, now_s, ROLE_TECHNICIAN), ERR_OK);
            portillon_log_event(portillon, JOURNAL_EVENT_SETTINGS, 0);
        }
        uint32_t head = journal_head_seq(&portillon->journal);
        portillon->rights.recounted_seq = 0;
        now_s += cases[i].moved_s;
        assert_int_equal(portillon_set_clock(portillon, now_s, ROLE_TECHNICIAN), ERR_OK);
        assert_int_equal(journal_head_seq(&portillon->journal) - head, cases[i].written);
        assert_int_equal(portillon->rights.recounted_seq != 0, cases[i].recounted);
    }
}

/* A time is stored to six hours, so that the store does not wear. */
static void the_confirmed_time_is_stored_every_six_hours(void **state)
{
    (void)state;
    struct portillon *portillon = &bench.portillon;
    bench.timer.is_stopped = true;
    uint32_t kept_s = store_get_u32(&portillon->store, STORE_CLOCK_CONFIRMED);
    assert_int_not_equal(kept_s, 0);
    assert_int_equal(portillon_set_clock(portillon, kept_s + 6 * 3600 - 1, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(store_get_u32(&portillon->store, STORE_CLOCK_CONFIRMED), kept_s);
    assert_int_equal(portillon_set_clock(portillon, kept_s + 6 * 3600, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(store_get_u32(&portillon->store, STORE_CLOCK_CONFIRMED), kept_s + 6 * 3600);
    assert_int_equal(portillon_set_clock(portillon, kept_s + 1, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(store_get_u32(&portillon->store, STORE_CLOCK_CONFIRMED), kept_s + 6 * 3600);
    assert_int_equal(portillon_set_clock(portillon, kept_s, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(store_get_u32(&portillon->store, STORE_CLOCK_CONFIRMED), kept_s);
}

static void only_numbers_given_out_can_be_acknowledged(void **state)
{
    (void)state;
    uint32_t head = bench.portillon.journal.head_seq;
    assert_int_equal(gate_bench_acknowledge(&bench, head), ERR_ARGUMENT);
    assert_int_equal(gate_bench_acknowledge(&bench, UINT32_MAX), ERR_ARGUMENT);
    assert_int_equal(gate_bench_acknowledge(&bench, head - 1), ERR_OK);
    assert_int_equal(gate_bench_acknowledge(&bench, 1), ERR_OK); /* known already */
    assert_int_equal(bench.portillon.journal.acked_seq, head - 1);
}

static void crash_often(uint32_t times)
{
    static const struct reset_report crash = {.cause = RESET_FAULT, .program_counter = 0x08001234};
    bench.hardware.reset = &crash;
    for (uint32_t i = 0; i < times; i++)
        gate_bench_start_with_reader(&bench);
}

static void a_gate_that_crashes_at_each_start_keeps_its_passages(void **state)
{
    (void)state;
    bench.timer.has_rtc = true;
    gate_bench_set_clock(&bench, NOVEMBER_2026);
    gate_bench_tap(&bench, PUPIL);
    uint32_t head = bench.portillon.journal.head_seq, boots = bench.portillon.boot_count;
    crash_often(300);
    assert_int_equal(bench.portillon.journal.head_seq, head + 32);
    assert_int_equal(gate_bench_record(&bench, 31).code, JOURNAL_EVENT_START);
    /* An hour later it logs again, as often as in the first hour. */
    fake_timer_advance_ms(&bench.timer, 3600 * 1000);
    crash_often(1);
    assert_int_equal(gate_bench_record(&bench, 2).ref, boots + 301);
    crash_often(100);
    assert_int_equal(bench.portillon.journal.head_seq, head + 64);
    /* After a card the next start is logged. Its boot count tells how many there were. */
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    uint32_t tap = bench.last_tap.seq;
    crash_often(1);
    assert_int_equal(bench.portillon.journal.head_seq, tap + 4);
    assert_int_equal(gate_bench_record(&bench, 2).code, JOURNAL_EVENT_START);
    assert_int_equal(gate_bench_record(&bench, 2).ref, boots + 402);
    assert_int_equal(gate_bench_record(&bench, 1).code, JOURNAL_EVENT_FAULT);
    assert_int_equal(bench.portillon.lost_record_count, 0);
}

static void a_crash_loop_without_a_clock_is_not_told_for_ever(void **state)
{
    (void)state;
    gate_bench_start_with_reader(&bench); /* new and never set up: no list, no clock, no passage */
    crash_often(300);
    assert_true(bench.portillon.journal.head_seq <= 35);
}

/* ---- missing and foreign flash ---- */

static void without_a_chip_the_gate_comes_up_out_of_order_and_refuses(void **state)
{
    (void)state;
    static const struct flash_geometry none = {.size = 0};
    bench.nor.flash.geometry = &none;
    gate_bench_start_with_reader(&bench);
    gate_bench_run_ms(&bench, 3000);
    assert_false(bench.portillon.storage_ok);
    assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
    assert_string_equal(reason_name(gate_bench_tap(&bench, PUPIL)), "no_list");
    assert_int_equal(bench.wires.relay_rises, 0);
    assert_int_equal(bench.nor.counts.programs, 0);
    struct settings settings = settings_default();
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_IO);
    assert_int_equal(gate_bench_acknowledge(&bench, 1), ERR_IO);
    assert_int_equal(portillon_set_clock(&bench.portillon, NOVEMBER_2026, ROLE_TECHNICIAN), ERR_OK);
    bench.wires.inputs = GATE_FIRE; /* fire needs no storage */
    gate_bench_run_ms(&bench, 2);
    assert_true(relay());
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 200);
    assert_false(relay());
    /* It can be managed: Enter on a terminal gets an answer. */
    fake_serial_send(&bench.serial, "\r", 1);
    gate_bench_run_ms(&bench, 3000);
    assert_true(bench.serial.written_len > 0);
}

static void a_chip_that_answers_nothing_is_as_good_as_missing(void **state)
{
    (void)state;
    nor_model_cut(&bench.nor, 1, NOR_TEAR_NOTHING);
    assert_int_equal(bench.nor.flash.program(bench.nor.flash.ctx, 0, "", 1), ERR_IO);
    gate_bench_start_with_reader(&bench);
    assert_false(bench.portillon.storage_ok);
    assert_string_equal(reason_name(gate_bench_tap(&bench, PUPIL)), "no_list");
    assert_int_equal(bench.wires.relay_rises, 0);
}

static void a_chip_full_of_random_bytes_is_taken_into_use(void **state)
{
    (void)state;
    nor_model_scramble(&bench.nor, 0, 1 << 20, 4711);
    gate_bench_start_with_reader(&bench);
    assert_true(bench.portillon.storage_ok);
    assert_int_equal(bench.portillon.boot_count, 1);
    assert_string_equal(reason_name(gate_bench_tap(&bench, PUPIL)), "no_list");
    assert_int_equal(gate_bench_record(&bench, 0).code, REASON_NO_LIST);
    assert_int_equal(bench.wires.relay_rises, 0);
    gate_bench_install(&bench, &list);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    restart();
    assert_int_equal(bench.portillon.boot_count, 2);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
}

/* ---- a chip that fails for a while ---- */

static void check_it_is_all_there(uint32_t boots)
{
    assert_true(bench.portillon.storage_ok);
    assert_int_equal(bench.portillon.boot_count, boots);
    assert_int_equal(bench.portillon.settings.open_ms, 4321);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_START), (int)boots);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_LIST_INSTALLED), 1);
}

static void choose_settings(void)
{
    struct settings settings = settings_default();
    settings.open_ms = 4321;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
}

static void a_chip_that_answers_late_is_taken_into_use_then(void **state)
{
    (void)state;
    choose_settings();
    bench.nor.dead = true;
    gate_bench_start_with_reader(&bench);
    for (int minute = 0; minute < 5; minute++) {
        assert_false(bench.portillon.storage_ok);
        assert_string_equal(reason_name(gate_bench_tap(&bench, PUPIL)), "no_list");
        assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
        gate_bench_run_ms(&bench, 60000);
    }
    uint64_t reads = bench.nor.counts.reads;
    bench.nor.dead = false;
    gate_bench_run_ms(&bench, 65000);
    assert_int_not_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
    assert_true(bench.nor.counts.reads > reads);
    check_it_is_all_there(2);
    assert_int_equal(bench.portillon.settings.open_ms, 4321);
    size_t now, most;
    crypto_pool_usage(&now, &most);
    restart();
    check_it_is_all_there(3);
    size_t now_again;
    crypto_pool_usage(&now_again, &most);
    assert_int_equal(now, now_again); /* the attempts leak no memory */
}

static void a_chip_that_does_not_answer_is_tried_after_1_second_to_64(void **state)
{
    (void)state;
    static const uint32_t pauses_s[] = {1, 2, 4, 8, 16, 32, 64, 64};
    struct portillon *portillon = &bench.portillon;
    bench.nor.dead = true;
    gate_bench_start_with_reader(&bench);
    for (size_t i = 0; i < sizeof pauses_s / sizeof pauses_s[0]; i++) {
        uint64_t tried_us = portillon->storage_tried_us, pause_us = pauses_s[i] * UINT64_C(1000000);
        bench.timer.now_us = tried_us + pause_us - 1;
        (void)portillon_serve_storage(portillon);
        assert_int_equal(portillon->storage_tried_us, tried_us);
        bench.timer.now_us = tried_us + pause_us;
        (void)portillon_serve_storage(portillon);
        assert_true(portillon->storage_tried_us > tried_us);
        /* Each attempt lasts for 50 ms. */
        assert_in_range(portillon->storage_tried_us - tried_us - pause_us, 50000, 52000);
    }
}

/* More attempts would take 50 ms. */
static void a_chip_that_answers_well_is_mounted_once(void **state)
{
    (void)state;
    for (int starts = 0; starts < 3; starts++) {
        uint64_t before_us = bench.timer.now_us;
        gate_bench_start(&bench);
        assert_in_range(bench.timer.now_us - before_us, 1, 20000);
    }
}

static void one_reading_that_fails_at_start_delays_nobody(void **state)
{
    (void)state;
    choose_settings();
    restart();
    for (uint32_t n = 1; n < 400; n += 3) {
        bench.nor.fail_read = n;
        gate_bench_start(&bench);
        bench.nor.fail_read = 0;
        assert_true(bench.portillon.storage_ok);
        fake_reader_up(&bench.reader);
        gate_bench_run_ms(&bench, 5);
        assert_int_equal(bench.portillon.settings.open_ms, 4321);
        assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    }
}

/* A gate with data must not be taken for a new, empty one. */
static void nonsense_read_at_start_costs_nothing(void **state)
{
    (void)state;
    static const uint8_t lies[] = {0x00, 0xFF};
    uint32_t boots = 1;
    choose_settings();
    for (uint32_t reads = 1; reads < 2000; reads = reads * 3 / 2 + 1) {
        for (int lie = 0; lie < 2; lie++) {
            nor_model_lie(&bench.nor, 0, reads, lies[lie]);
            gate_bench_start_with_reader(&bench);
            nor_model_lie(&bench.nor, 0, 0, 0);
            check_it_is_all_there(++boots);
        }
    }
    assert_int_equal(bench.nor.counts.unit_violations, 0);
}

static void a_list_that_cannot_be_read_stops_no_record_and_is_found_again(void **state)
{
    (void)state;
    choose_settings();
    gate_bench_start(&bench);
    uint32_t at = bench.portillon.layout.whitelist_base, half = bench.portillon.layout.whitelist_len / 2;
    uint8_t kept[2][64]; /* more than the checks of a manifest can correct */
    for (uint32_t slot = 0; slot < 2; slot++) {
        memcpy(kept[slot], nor_model_bytes(&bench.nor, at + slot * half), sizeof kept[slot]);
        memset(nor_model_bytes(&bench.nor, at + slot * half), 0, sizeof kept[slot]);
    }
    gate_bench_start_with_reader(&bench);
    assert_true(bench.portillon.storage_ok);
    assert_string_equal(reason_name(gate_bench_tap(&bench, PUPIL)), "no_list");
    assert_int_equal(gate_bench_record(&bench, 0).code, REASON_NO_LIST);
    gate_bench_run_ms(&bench, 3600000);
    assert_string_equal(reason_name(gate_bench_tap(&bench, PUPIL)), "no_list");
    for (uint32_t slot = 0; slot < 2; slot++)
        memcpy(nor_model_bytes(&bench.nor, at + slot * half), kept[slot], sizeof kept[slot]);
    gate_bench_run_ms(&bench, 70000);
    assert_int_equal(bench.portillon.boot_count, 3);
    check_it_is_all_there(3);
}

/* ---- a full journal ---- */

static void fill_journal(void)
{
    while (journal_pending_count(&bench.portillon.journal) < 46 * 127) {
        portillon_log_event(&bench.portillon, JOURNAL_EVENT_SETTINGS, 0);
        gate_bench_run_ms(&bench, 1);
    }
}

static void a_full_journal_keeps_opening_and_tells_the_gap(void **state)
{
    (void)state;
    gate_bench_tap(&bench, PUPIL);
    gate_bench_run_ms(&bench, 6000);
    fill_journal();
    assert_int_equal(gate_bench_count(&bench, JOURNAL_GAP, 0), 0);
    for (int i = 0; i < 400; i++) {
        assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
        bench.wires.inputs = GATE_ROTATION;
        gate_bench_run_ms(&bench, 2);
        bench.wires.inputs = 0;
        gate_bench_run_ms(&bench, 320);
    }
    assert_int_equal(bench.portillon.lost_record_count, 0);
    assert_true(gate_bench_count(&bench, JOURNAL_GAP, 0) > 0);
    /* The dropped passage is counted in the gap record, which contains its number. */
    struct journal *journal = &bench.portillon.journal;
    struct journal_record record;
    uint32_t passages = 0;
    for (uint32_t seq = journal->tail_seq; seq < journal->head_seq; seq++) {
        if (journal_read(journal, seq, &record) == ERR_OK && record.kind == JOURNAL_GAP) {
            passages += record.ref;
            assert_in_range(record.utc_s, NOVEMBER_2026, NOVEMBER_2026 + 86400);
            assert_int_equal(record.zone, ZONE_BUILDING);
        }
    }
    assert_int_equal(passages, 1);
}

static void a_full_journal_refuses_where_the_site_wants_it(void **state)
{
    (void)state;
    struct settings settings = bench.portillon.settings;
    settings.refuse_when_full = true;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
    enum reason reason = REASON_NONE;
    fill_journal();
    for (int i = 0; i < 400 && reason == REASON_NONE; i++) {
        int rises = bench.wires.relay_rises;
        reason = gate_bench_tap(&bench, PUPIL);
        assert_int_equal(bench.wires.relay_rises, rises + (reason == REASON_NONE));
        bench.wires.inputs = GATE_ROTATION;
        gate_bench_run_ms(&bench, 2);
        bench.wires.inputs = 0;
        gate_bench_run_ms(&bench, 320);
    }
    assert_string_equal(reason_name(reason), "journal_failed");
    assert_int_equal(gate_bench_count(&bench, JOURNAL_GAP, 0), 0);
    assert_int_equal(bench.portillon.gate.state,
                     GATE_OUT_OF_ORDER); /* the gate shows it before the next card */
    /* The office fetches the records, and the gate opens again. */
    assert_int_equal(gate_bench_acknowledge(&bench, bench.portillon.journal.head_seq - 1), ERR_OK);
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(bench.portillon.gate.state, GATE_IDLE);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
}

static void wipe_journal(uint32_t first_sector, uint32_t last_sector)
{
    uint32_t base = bench.portillon.layout.journal_base;
    memset(nor_model_bytes(&bench.nor, base + first_sector * 4096), 0xFF,
           (last_sector - first_sector + 1) * 4096);
}

static void a_journal_whose_end_was_cut_off_says_so_and_counts_on(void **state)
{
    (void)state;
    while (bench.portillon.journal.head_seq < 8 * 127 + 100) {
        assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
        gate_bench_turn_arm(&bench);
    }
    assert_int_equal(gate_bench_acknowledge(&bench, 3 * 127 + 5), ERR_OK);
    uint32_t last_given = bench.portillon.journal.head_seq - 1;
    wipe_journal(5, 10);
    restart();
    struct journal_record record = gate_bench_record(&bench, 0);
    for (uint32_t back = 1; record.code != JOURNAL_EVENT_JOURNAL_CUT; back++)
        record = gate_bench_record(&bench, back);
    assert_true(record.seq > last_given);
    assert_in_range(record.ref, last_given - 5 * 127 - 31, last_given - 5 * 127);
    assert_int_equal(bytes_get_u32(record.detail.bytes), 5 * 127 + 1);
    assert_int_equal(bytes_get_u32(record.detail.bytes + 4), 5 * 127 + record.ref);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    assert_true(bench.last_tap.seq > last_given);
    assert_int_equal(journal_read(&bench.portillon.journal, 5 * 127, &record), ERR_OK);
    restart();
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_JOURNAL_CUT), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH_LIST(test) cmocka_unit_test_setup_teardown(test, bring_up, take_down)
#define UNSTARTED(test) cmocka_unit_test_setup_teardown(test, make_only, take_down)
        WITH_LIST(a_restart_is_counted_and_logged),
        WITH_LIST(how_the_run_before_ended_is_told_after_the_start),
        WITH_LIST(settings_list_and_journal_survive_a_restart),
        WITH_LIST(settings_out_of_bounds_change_nothing),
        WITH_LIST(setting_the_clock_is_logged_with_the_time_before),
        WITH_LIST(a_change_of_the_clock_counts_from_two_seconds_and_from_61_on),
        WITH_LIST(the_confirmed_time_is_stored_every_six_hours),
        WITH_LIST(only_numbers_given_out_can_be_acknowledged),
        WITH_LIST(a_gate_that_crashes_at_each_start_keeps_its_passages),
        UNSTARTED(a_crash_loop_without_a_clock_is_not_told_for_ever),
        UNSTARTED(without_a_chip_the_gate_comes_up_out_of_order_and_refuses),
        UNSTARTED(a_chip_that_answers_nothing_is_as_good_as_missing),
        UNSTARTED(a_chip_full_of_random_bytes_is_taken_into_use),
        WITH_LIST(a_chip_that_answers_late_is_taken_into_use_then),
        WITH_LIST(a_chip_that_does_not_answer_is_tried_after_1_second_to_64),
        WITH_LIST(a_chip_that_answers_well_is_mounted_once),
        WITH_LIST(one_reading_that_fails_at_start_delays_nobody),
        WITH_LIST(nonsense_read_at_start_costs_nothing),
        WITH_LIST(a_list_that_cannot_be_read_stops_no_record_and_is_found_again),
        WITH_LIST(a_full_journal_keeps_opening_and_tells_the_gap),
        WITH_LIST(a_full_journal_refuses_where_the_site_wants_it),
        WITH_LIST(a_journal_whose_end_was_cut_off_says_so_and_counts_on),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
