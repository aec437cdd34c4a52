/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/gate_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/portillon_clock.h"
#include "firmware/portillon_control.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"

#define CHIP_SIZE   (1U << 20)
#define SECTOR_SIZE 4096
#define PIECE_LEN   1024
#define PATIENCE_MS 10000

static void must(bool true_hopefully, const char *what)
{
    if (true_hopefully)
        return;
    fprintf(stderr, "gate bench: %s\n", what);
    abort();
}

static void take_tap_result(void *ctx, const struct tap_result *result)
{
    struct gate_bench *bench = ctx;
    bench->last_tap = *result;
    bench->taps_told++;
}

/* Returns true if an opening by the button is in the journal, not long before now. It may then stand for the
 * others of that minute, which are counted. */
static bool button_was_logged(struct gate_bench *bench)
{
    struct journal *journal = &bench->portillon.journal;
    struct journal_record record;
    for (uint32_t seq = journal_head_seq(journal) - 1; seq >= journal_tail_seq(journal); seq--)
        if (journal_read(journal, seq, &record) == ERR_OK && record.kind == JOURNAL_EVENT &&
            record.code == JOURNAL_EVENT_MANUAL_OPENING && record.ref == JOURNAL_OPENED_BY_BUTTON)
            return clock_utc_s(&bench->portillon.clock) - record.utc_s <= 90;
    return false;
}

/* Reads the flash at the moment when the relay is energised. */
static void check_opening(void *ctx)
{
    struct gate_bench *bench = ctx;
    const struct gate *gate = &bench->portillon.gate;
    struct journal_record record;
    if (gate->state == GATE_RELEASED)
        return;
    if (bench->portillon.selftest.output & GATE_RELAY) {
        record = gate_bench_record(bench, 0);
        bench->unrecorded_openings +=
            record.kind != JOURNAL_EVENT || record.code != JOURNAL_EVENT_TEST_OPENING;
        return;
    }
    if (gate->queue_count > 0 && gate->queue[0] == 0) {
        bench->unrecorded_openings += !button_was_logged(bench);
        return;
    }
    if (gate->queue_count == 0 || gate->queue[0] <= bench->opened_seq ||
        journal_read(&bench->portillon.journal, gate->queue[0], &record) != ERR_OK ||
        (record.kind != JOURNAL_GRANTED &&
         (record.kind != JOURNAL_EVENT || record.code != JOURNAL_EVENT_MANUAL_OPENING)))
        bench->unrecorded_openings++;
    else
        bench->opened_seq = record.seq;
}

void gate_bench_make(struct gate_bench *bench, enum zone zone)
{
    memset(bench, 0, sizeof *bench);
    bench->identity = sample_identity(zone);
    fake_reader_init(&bench->reader);
    fake_gate_io_init(&bench->wires);
    bench->wires.on_relay = check_opening;
    bench->wires.on_relay_ctx = bench;
    fake_timer_init(&bench->timer, UINT64_C(36000) * 1000000); /* a host that has been up for ten hours */
    fake_serial_init(&bench->serial);
    fake_entropy_init(&bench->entropy);
    nor_model_init(&bench->nor, CHIP_SIZE, SECTOR_SIZE);
    bench->hardware = (struct portillon_hardware){
        .reader = &bench->reader.reader,
        .flash = &bench->nor.flash,
        .gate_io = &bench->wires.gate_io,
        .timer = &bench->timer.timer,
        .entropy = &bench->entropy.entropy,
        .maintenance = &bench->serial.serial,
        .on_tap = take_tap_result,
        .on_tap_ctx = bench,
    };
}

void gate_bench_free(struct gate_bench *bench)
{
    nor_model_free(&bench->nor);
}

void gate_bench_start(struct gate_bench *bench)
{
    bench->wires.outputs = 0; /* without power the relay is off */
    must(portillon_init(&bench->portillon, &bench->hardware, &bench->identity) == ERR_OK, "start");
}

void gate_bench_start_with_reader(struct gate_bench *bench)
{
    gate_bench_start(bench);
    fake_reader_up(&bench->reader);
    gate_bench_run_ms(bench, 5);
}

static void note_wait(struct gate_bench *bench, const struct nor_model_counts *before)
{
    const struct nor_model_counts *after = &bench->nor.counts;
    for (int sheet = 0; sheet < NOR_SHEETS; sheet++) {
        uint64_t ns = after->line_ns - before->line_ns + after->program_ns[sheet] - before->program_ns[sheet];
        if (ns > bench->longest_wait_ns[sheet])
            bench->longest_wait_ns[sheet] = ns;
    }
}

void gate_bench_run_ms(struct gate_bench *bench, unsigned ms)
{
    uint64_t end_us = bench->timer.now_us + UINT64_C(1000) * ms;
    while (bench->timer.now_us < end_us) {
        struct nor_model_counts before = bench->nor.counts;
        (void)portillon_poll(&bench->portillon);
        note_wait(bench, &before);
        fake_timer_advance_ms(&bench->timer, 1);
    }
}

static void wait_while(struct gate_bench *bench, enum whitelist_upload_state state)
{
    for (int ms = 0; bench->portillon.whitelist.upload.state == state; ms++) {
        must(ms < PATIENCE_MS, whitelist_upload_state_name(state));
        gate_bench_run_ms(bench, 1);
    }
}

void gate_bench_upload_head(struct gate_bench *bench, const struct sample_list *list)
{
    struct whitelist *whitelist = &bench->portillon.whitelist;
    uint32_t whole = list->header.head_len + WHITELIST_SIGNATURE_LEN;
    for (uint32_t done = 0; done < whole;) {
        uint32_t count = whole - done < PIECE_LEN ? whole - done : PIECE_LEN;
        int result = whitelist_upload_head(whitelist, done, list->image + done, count, done + count == whole);
        must(result == ERR_OK || result == ERR_BUSY, error_name(result));
        if (result == ERR_OK)
            done += count;
        gate_bench_run_ms(bench, 1);
    }
    wait_while(bench, WHITELIST_VERIFYING);
    wait_while(bench, WHITELIST_PREPARING);
}

void gate_bench_install(struct gate_bench *bench, const struct sample_list *list)
{
    struct whitelist *whitelist = &bench->portillon.whitelist;
    const uint8_t *blocks = list->image + list->header.head_len + WHITELIST_SIGNATURE_LEN;
    uint32_t first = 0;
    gate_bench_upload_head(bench, list);
    while (whitelist_wanted(whitelist, &first) > 0) {
        for (uint32_t offset = 0; offset < WHITELIST_BLOCK_LEN; offset += PIECE_LEN) {
            struct nor_model_counts before = bench->nor.counts; /* it is a part of a turn, too */
            int result =
                list_gate_send_piece(whitelist, first, offset, blocks + first * WHITELIST_BLOCK_LEN + offset);
            must(result >= ERR_OK, error_name(result));
            note_wait(bench, &before);
        }
        gate_bench_run_ms(bench, 1);
    }
    wait_while(bench, WHITELIST_RECEIVING);
    must(whitelist->upload.state == WHITELIST_DONE, "install");
    for (int ms = 0; !whitelist->replica.is_whole; ms++) {
        must(ms < PATIENCE_MS, "twin");
        gate_bench_run_ms(bench, 1);
    }
}

enum reason gate_bench_tap(struct gate_bench *bench, const char *uid_hex)
{
    int told = bench->taps_told;
    fake_reader_card(&bench->reader, uid_hex);
    fake_reader_empty(&bench->reader);
    for (int ms = 0; bench->taps_told == told || bench->reader.count > 0; ms++) {
        must(ms < PATIENCE_MS, "no answer to a tap");
        gate_bench_run_ms(bench, 1);
    }
    bool granted = verdict_is_grant(bench->last_tap.verdict);
    must(granted == (bench->last_tap.verdict.reason == REASON_NONE), "a denial without a reason");
    return bench->last_tap.verdict.reason;
}

void gate_bench_set_clock(struct gate_bench *bench, uint32_t utc_s)
{
    must(portillon_set_clock(&bench->portillon, utc_s, ROLE_TECHNICIAN) == ERR_OK, "set the clock");
}

int gate_bench_acknowledge(struct gate_bench *bench, uint32_t seq)
{
    uint8_t raw[JOURNAL_RECORD_LEN] = {0};
    int read = journal_read_raw(&bench->portillon.journal, seq, raw);
    (void)read; /* a record that is not there has no MAC that would be right */
    return portillon_acknowledge(&bench->portillon, seq, raw + JOURNAL_RECORD_MAC_AT);
}

void gate_bench_wait_until(struct gate_bench *bench, uint32_t utc_s)
{
    uint32_t now_s = clock_utc_s(&bench->portillon.clock);
    must(now_s <= utc_s, "wait for a time that is past");
    fake_timer_advance_ms(&bench->timer, (uint64_t)(utc_s - now_s) * 1000);
    gate_bench_run_ms(bench, 1100);
}

void gate_bench_turn_arm(struct gate_bench *bench)
{
    bench->wires.inputs |= GATE_ROTATION;
    gate_bench_run_ms(bench, 50);
    bench->wires.inputs &= ~(uint32_t)GATE_ROTATION;
    gate_bench_run_ms(bench, 400); /* closed again, and ready for the next card */
}

struct journal_record gate_bench_record(struct gate_bench *bench, uint32_t back)
{
    struct journal_record record;
    uint32_t seq = bench->portillon.journal.head_seq - 1 - back;
    must(journal_read(&bench->portillon.journal, seq, &record) == ERR_OK, "no such record");
    return record;
}

int gate_bench_count(struct gate_bench *bench, enum journal_kind kind, uint8_t code)
{
    struct journal *journal = &bench->portillon.journal;
    struct journal_record record;
    int count = 0;
    for (uint32_t seq = journal->tail_seq; seq < journal->head_seq; seq++)
        count += journal_read(journal, seq, &record) == ERR_OK && record.kind == kind && record.code == code;
    return count;
}

void gate_bench_fill_meals(struct gate_bench *bench, uint32_t utc_s)
{
    struct journal_record record = {
        .utc_s = utc_s, .kind = JOURNAL_GRANTED, .flags = CLOCK_SET | 1 << JOURNAL_SERVICE_SHIFT};
    uint8_t digest[CRYPTO_HASH_LEN];
    service_count_finish(&bench->portillon.rights.meals);
    int result = journal_append(&bench->portillon.journal, &record, &record.seq);
    must(result == ERR_OK, error_name(result));
    for (uint32_t i = 0; !service_count_is_full(&bench->portillon.rights.meals); i++) {
        struct tag tag;
        crypto_sha256(&i, sizeof i, digest);
        memcpy(tag.bytes, digest, TAG_LEN);
        result = service_count_add(&bench->portillon.rights.meals, &tag, record.seq);
        must(result == ERR_OK, error_name(result));
    }
}
