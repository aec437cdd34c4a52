/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate: restarts, power cuts, damaged and missing flash, full journals, changes of the list. */
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
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/gate_bench.h"

#define NOVEMBER_2026 UINT32_C(1794787200)

#define PUPIL    "04a1b2c3d4e580"
#define NEWCOMER "04a1b2c3d4e780" /* in the second list only */
#define STRANGER "04deadbeef0080"

static struct gate_bench bench;
static struct sample_list list, newer;

static int make_lists(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {
        {.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = NEWCOMER, .profile = SAMPLE_DEMI_PENSION},
    };
    static struct fake_entropy entropy;
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    list = sample_list_make(7, cards, 1);
    newer = sample_list_make(8, cards, 2);
    return 0;
}

static int free_lists(void **state)
{
    (void)state;
    sample_list_free(&list);
    sample_list_free(&newer);
    return 0;
}

static int bring_up(void **state)
{
    (void)state;
    gate_bench_make(&bench, ZONE_BUILDING);
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    return portillon_set_clock(&bench.portillon, NOVEMBER_2026, ROLE_TECHNICIAN);
}

static int make_only(void **state)
{
    (void)state;
    gate_bench_make(&bench, ZONE_BUILDING);
    return 0;
}

/* Checks after every test that no opening for a card came before its record. */
static int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static bool relay(void)
{
    return bench.wires.outputs & GATE_RELAY;
}

static void restart(void)
{
    nor_model_power_on(&bench.nor);
    gate_bench_start_with_reader(&bench);
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
            (void)!whitelist_upload_block(whitelist, block, at,
                                          sent->image + head_len + block * WHITELIST_BLOCK_LEN + at, 1024);
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
    uint8_t kept[2] = {*nor_model_bytes(&bench.nor, at), *nor_model_bytes(&bench.nor, at + half)};
    *nor_model_bytes(&bench.nor, at) = *nor_model_bytes(&bench.nor, at + half) = 0;
    gate_bench_start_with_reader(&bench);
    assert_true(bench.portillon.storage_ok);
    assert_string_equal(reason_name(gate_bench_tap(&bench, PUPIL)), "no_list");
    assert_int_equal(gate_bench_record(&bench, 0).code, REASON_NO_LIST);
    gate_bench_run_ms(&bench, 3600000);
    assert_string_equal(reason_name(gate_bench_tap(&bench, PUPIL)), "no_list");
    *nor_model_bytes(&bench.nor, at) = kept[0];
    *nor_model_bytes(&bench.nor, at + half) = kept[1];
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

/* ---- lists ---- */

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
        WITH_LIST(a_power_cut_at_a_tap_never_leaves_an_opening_without_its_record),
        WITH_LIST(a_chip_that_takes_nothing_more_opens_for_nobody),
        WITH_LIST(a_chip_that_recovers_puts_the_gate_in_order_again),
        WITH_LIST(worn_out_sectors_are_passed_over_and_the_gate_opens),
        WITH_LIST(no_card_waits_for_an_erase),
        WITH_LIST(no_card_waits_for_an_erase_whatever_else_is_written),
        WITH_LIST(no_card_waits_for_an_erase_right_after_a_start),
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
