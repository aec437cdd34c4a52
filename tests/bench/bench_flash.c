/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a passage, a start and a full chip cost, counted on a model of a W25Q128JV in sectors of 4 KiB, beside
 * SQLite under the same count (peer_sqlite.h says how). Times are the chip's alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/journal/journal.h"
#include "firmware/storage/layout.h"
#include "hal/spi_nor/spi_nor.h"
#include "tests/bench/peer_sqlite.h"
#include "tests/bench/table.h"
#include "tests/fakes/gate_bench.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/spi_nor_chip.h"
#include "tools/portillon/list/list_builder.h"

#define CHIP_LEN (16u << 20)

enum { SECTOR = 4096, SQLITE_INSERTS = 20000, CARDS_AIM = 250000 };

static struct gate_bench bench;
static struct layout layout;
static struct journal journal;

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench_flash: %s\n", what);
    exit(1);
}

static void mount_journal(uint32_t acked)
{
    must(journal_mount(&journal, &bench.nor.flash, layout.journal_base, layout.journal_len,
                       bench.identity.journal_key, acked) == ERR_OK,
         "mount");
}

static struct journal_record passage(uint32_t n)
{
    struct journal_record record = {.kind = JOURNAL_GRANTED, .utc_s = 1800000000 + n, .flags = 1, .zone = 1};
    record.tag = list_maker_tag(n % 1000);
    return record;
}

struct append_cost {
    uint64_t ns, worst_ns, erases, records;
};

/* Appends, with idle time between; adds up what the appends alone took. */
static void append(uint32_t count, struct append_cost *cost)
{
    for (uint32_t i = 0; i < count; i++) {
        struct journal_record record = passage(i);
        uint32_t seq;
        while (journal_poll(&journal) == ERR_BUSY)
            ;
        struct nor_model_counts before = bench.nor.counts;
        must(journal_append(&journal, &record, &seq) == ERR_OK, "append");
        uint64_t ns = bench.nor.counts.time_ns - before.time_ns;
        cost->ns += ns;
        cost->worst_ns = ns > cost->worst_ns ? ns : cost->worst_ns;
        cost->erases += bench.nor.counts.erases - before.erases;
        cost->records++;
    }
}

struct insert_cost {
    double bytes, mean_ms, worst_ms;
};

static struct insert_cost sqlite_inserts(const char *mode)
{
    static struct nor_model nor;
    char setup[256];
    nor_model_init(&nor, CHIP_LEN, SECTOR);
    peer_sqlite_register(&nor);
    snprintf(setup, sizeof setup,
             "PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=1024; PRAGMA journal_mode=%s;"
             "PRAGMA synchronous=FULL; CREATE TABLE passages (seq INTEGER PRIMARY KEY, utc_s INTEGER, kind "
             "INTEGER, zone INTEGER, tag BLOB, ref INTEGER)",
             mode);
    sqlite3 *db = peer_sqlite_open(setup);
    sqlite3_stmt *insert;
    peer_sqlite_must(db, sqlite3_prepare_v2(db, "INSERT INTO passages VALUES (NULL, ?1, 15, 1, ?2, 0)", -1,
                                            &insert, NULL) == SQLITE_OK);
    uint64_t bytes = nor.counts.programmed_bytes, ns = nor.counts.time_ns, worst_ns = 0;
    for (uint32_t i = 0; i < SQLITE_INSERTS; i++) {
        struct journal_record record = passage(i);
        uint64_t before_ns = nor.counts.time_ns;
        sqlite3_bind_int64(insert, 1, record.utc_s);
        sqlite3_bind_blob(insert, 2, record.tag.bytes, TAG_LEN, SQLITE_STATIC);
        peer_sqlite_must(db, sqlite3_step(insert) == SQLITE_DONE);
        sqlite3_reset(insert);
        uint64_t took_ns = nor.counts.time_ns - before_ns;
        worst_ns = took_ns > worst_ns ? took_ns : worst_ns;
    }
    bytes = nor.counts.programmed_bytes - bytes;
    ns = nor.counts.time_ns - ns;
    sqlite3_finalize(insert);
    sqlite3_close(db);
    nor_model_free(&nor);
    return (struct insert_cost){(double)bytes / SQLITE_INSERTS, (double)ns / 1e6 / SQLITE_INSERTS,
                                (double)worst_ns / 1e6};
}

/* The most of a hundred appends through the driver, command by command, on the pins of a W25Q128JV: while
 * it is idle, or while it erases for the lists and has to be suspended for each access. */
static double worst_on_pins_ms(bool erasing)
{
    static struct spi_nor_chip chip;
    static struct spi_nor nor;
    struct fake_timer timer;
    uint64_t worst_us = 0;
    fake_timer_init(&timer, 1000000);
    spi_nor_chip_init(&chip, SPI_NOR_CHIP_W25Q128, &timer);
    must(spi_nor_init(&nor, &chip.spi, &timer.timer) == ERR_OK, "driver");
    must(journal_mount(&journal, &nor.flash, layout.journal_base, layout.journal_len,
                       bench.identity.journal_key, 0) == ERR_OK,
         "mount on pins");
    while (journal_poll(&journal) == ERR_BUSY)
        fake_timer_advance_ms(&timer, 1);
    for (uint32_t i = 0; i < 100; i++) {
        struct journal_record record = passage(i);
        uint32_t seq;
        if (erasing && nor.flash.erase_poll(nor.flash.ctx) == ERR_OK)
            must(nor.flash.erase_start(nor.flash.ctx, layout.whitelist_base) == ERR_OK, "erase");
        uint64_t before_us = timer.now_us;
        must(journal_append(&journal, &record, &seq) == ERR_OK, "append on pins");
        worst_us = timer.now_us - before_us > worst_us ? timer.now_us - before_us : worst_us;
        timer.now_us += 700; /* at every phase of an erase */
    }
    journal_unmount(&journal);
    spi_nor_chip_free(&chip);
    return (double)worst_us / 1000;
}

static void bench_append(void)
{
    struct append_cost first = {0}, cost = {0};
    uint32_t lap = layout.journal_len / SECTOR * (SECTOR / JOURNAL_RECORD_LEN - 1);
    mount_journal(0);
    append(lap, &first);
    struct nor_model_counts before = bench.nor.counts;
    for (int pulls = 0; pulls < 10; pulls++) { /* a second lap, acknowledged as it would be */
        must(journal_acknowledge(&journal, journal.head_seq - 1) == ERR_OK, "acknowledge");
        append(lap / 10, &cost);
    }
    double bytes = (double)(bench.nor.counts.programmed_bytes - before.programmed_bytes);
    struct insert_cost wal = sqlite_inserts("WAL"), rollback = sqlite_inserts("TRUNCATE");
    table_title("A passage made durable (the second lap of a full ring; SQLite: one durable insert)");
    table_ours("bytes programmed, headers included", bytes / (double)cost.records, "", TABLE_AT_MOST, 32.32);
    table_peer("SQLite, write-ahead log", wal.bytes);
    table_peer("SQLite, rollback journal", rollback.bytes);
    table_ours("flash time on the path of the tap, mean", (double)cost.ns / 1e6 / (double)cost.records, "ms",
               TABLE_NO_AIM, 0);
    table_peer("SQLite, write-ahead log", wal.mean_ms);
    table_peer("SQLite, rollback journal", rollback.mean_ms);
    table_ours("flash time on the path of the tap, worst", (double)cost.worst_ns / 1e6, "ms", TABLE_AT_MOST,
               0.15);
    table_peer("SQLite, write-ahead log (a checkpoint)", wal.worst_ms);
    table_peer("SQLite, rollback journal", rollback.worst_ms);
    table_ours("erases on the path of the tap", (double)cost.erases, "", TABLE_AT_MOST, 0);
    journal_unmount(&journal);
    table_ours("the worst with every command on a chip's pins", worst_on_pins_ms(false), "ms", TABLE_AT_MOST,
               0.15);
    table_ours("... while it erases for the lists, suspended", worst_on_pins_ms(true), "ms", TABLE_NO_AIM, 0);
}

static void bench_wear(void)
{
    uint32_t most = 0, least = UINT32_MAX, sectors = layout.journal_len / SECTOR;
    uint64_t erases = 0;
    for (uint32_t i = 0; i < sectors; i++) {
        uint32_t wear = nor_model_wear(&bench.nor, layout.journal_base + i * SECTOR);
        most = wear > most ? wear : most;
        least = wear < least ? wear : least;
        erases += wear;
    }
    double per_erase = (double)(SECTOR / JOURNAL_RECORD_LEN - 1);
    table_title("Wear of the journal (spread measured after two laps)");
    table_ours("erases of the most worn sector less those of the least", most - least, "", TABLE_AT_MOST, 1);
    table_ours("records until a sector reaches 100,000 erases", per_erase * sectors * 100000 / 1e9, "1e9",
               TABLE_NO_AIM, 0);
    table_ours("the same where retention empties every sector first", per_erase * sectors * 50000 / 1e9,
               "1e9", TABLE_NO_AIM, 0);
    must(erases > 0, "no erase was counted");
}

/* The most cards that the builder's geometry fits in a slot. */
static uint32_t card_capacity(void)
{
    uint32_t blocks = (layout.whitelist_len / 2 - WHITELIST_BLOCKS_OFFSET) / WHITELIST_BLOCK_LEN;
    uint32_t low = 1, high = 2000000;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (list_builder_block_count(middle) <= blocks)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void bench_capacity(void)
{
    uint32_t kept = (layout.journal_len / SECTOR - 2) * (SECTOR / JOURNAL_RECORD_LEN - 1);
    table_title("A chip of 16 MiB holds");
    table_ours("cards, each twice", card_capacity(), "", TABLE_AT_LEAST, CARDS_AIM);
    table_peer("the commercial reference", 240000);
    table_ours("passages beside them, a record each (no sensor)", kept, "", TABLE_AT_LEAST, 150000);
    table_ours("... two records each (a sensor tells the end)", kept / 2, "", TABLE_NO_AIM, 0);
}

static void bench_mount(void)
{
    uint64_t worst_reads = 0, worst_ns = 0;
    struct append_cost cost = {0};
    mount_journal(0);
    uint32_t acked = journal.acked_seq;
    for (int i = 0; i < 2000; i++) { /* at ends everywhere in the ring, and in a sector */
        append((uint32_t)(i % 5 ? i % 127 : 300), &cost);
        if (i % 3 == 0)
            acked = journal.head_seq - 1 - (uint32_t)i % 2;
        (void)!journal_acknowledge(&journal, acked);
        journal_unmount(&journal);
        struct nor_model_counts before = bench.nor.counts;
        mount_journal(acked);
        uint64_t reads = bench.nor.counts.reads - before.reads,
                 ns = bench.nor.counts.time_ns - before.time_ns;
        worst_reads = reads > worst_reads ? reads : worst_reads;
        worst_ns = ns > worst_ns ? ns : worst_ns;
    }
    table_title("A start");
    table_ours("reads to find the ends of a full journal, worst of 2,000", (double)worst_reads, "",
               TABLE_AT_MOST, 40);
    table_ours("flash time of that, worst", (double)worst_ns / 1e6, "ms", TABLE_AT_MOST, 1);
    journal_unmount(&journal);
}

/* Starts in rings that retention emptied from the tail, further and further. */
static void bench_mount_after_retention(void)
{
    struct nor_model used;
    struct append_cost cost = {0};
    uint64_t worst_reads = 0;
    nor_model_init(&used, CHIP_LEN, SECTOR);
    nor_model_copy(&used, &bench.nor);
    mount_journal(0);
    for (uint32_t kept = layout.journal_len / SECTOR - 10;; kept -= 50) {
        (void)!journal_acknowledge(&journal, journal.head_seq - 1 - kept * 127);
        journal.stamp.utc_s = journal.forget_before_s = 2000000000;
        append(3, &cost);
        journal_unmount(&journal);
        struct nor_model_counts before = bench.nor.counts;
        mount_journal(journal.acked_seq);
        uint64_t reads = bench.nor.counts.reads - before.reads;
        worst_reads = reads > worst_reads ? reads : worst_reads;
        if (kept < 50)
            break;
    }
    table_ours("reads, worst of 25 rings that retention has half emptied", (double)worst_reads, "",
               TABLE_NO_AIM, 0);
    journal_unmount(&journal);
    nor_model_copy(&bench.nor, &used);
    nor_model_free(&used);
}

/* Leaves a list of 250,000 cards in both slots. */
static void install_list(const struct list_maker *maker)
{
    static struct list_gate gate;
    struct list_made made;
    list_maker_make(maker, &made, 1, CARDS_AIM, UINT32_MAX);
    list_gate_init(&gate, maker, layout.whitelist_len / 2, SECTOR);
    must(list_gate_upload(&gate, &made) == 1, "upload");
    (void)list_gate_poll(&gate);
    must(list_gate_is_twinned(&gate, &made), "twin");
    memcpy(nor_model_bytes(&bench.nor, layout.whitelist_base), gate.nor.bytes, layout.whitelist_len);
    list_gate_free(&gate);
    list_maker_free(&made);
}

/* The longest meal that a gate reads back, and more: passages, each with its end, under a clock that was set.
 */
static uint32_t fill_with_a_meal(void)
{
    const uint32_t began = 1900000000;
    mount_journal(0);
    for (uint32_t i = 0; i < SERVICE_COUNT_UNDATED; i++) {
        struct journal_record record = passage(i / 2);
        uint32_t seq;
        record.utc_s = began + i / 10;
        record.flags |= 1 << JOURNAL_SERVICE_SHIFT;
        if (i % 2 == 1) {
            record.kind = JOURNAL_CLOSED;
            record.code = JOURNAL_PASSED;
            record.ref = journal.head_seq - 1;
        }
        while (journal_poll(&journal) == ERR_BUSY)
            ;
        must(journal_append(&journal, &record, &seq) == ERR_OK, "append");
    }
    journal_unmount(&journal);
    return began + SERVICE_COUNT_UNDATED / 10;
}

static void start_and_tell(const char *what, const char *time_of_it)
{
    gate_bench_start(&bench); /* a first start, to write what a used gate has in its store */
    struct nor_model_counts before = bench.nor.counts;
    gate_bench_start(&bench);
    must(bench.portillon.storage_ok && bench.portillon.whitelist.running >= 0, "start");
    table_ours(what, (double)(bench.nor.counts.reads - before.reads), "", TABLE_NO_AIM, 0);
    table_ours(time_of_it, (double)(bench.nor.counts.time_ns - before.time_ns) / 1e6, "ms", TABLE_AT_MOST,
               100);
}

static void bench_boot(const struct list_maker *maker)
{
    install_list(maker);
    start_and_tell("reads until taps are served, 250,000 cards", "flash time until taps are served");
    bench.identity.zone = ZONE_CANTEEN;
    bench.timer.has_rtc = true;
    must(bench.timer.timer.rtc_write(&bench.timer, fill_with_a_meal()) == ERR_OK, "clock");
    start_and_tell("the same in a canteen, amid a meal of 4,000 passages",
                   "flash time in a canteen, amid a meal of 4,000");
    must(bench.portillon.rights.meals.taken == SERVICE_COUNT_MOST, "meal");
}

int main(void)
{
    struct list_maker maker;
    gate_bench_make(&bench, ZONE_BUILDING);
    nor_model_free(&bench.nor);
    nor_model_init(&bench.nor, CHIP_LEN, SECTOR);
    list_maker_init(&maker);
    memcpy(maker.identity.journal_key, bench.identity.journal_key, CRYPTO_KEY_LEN);
    bench.identity = maker.identity;
    must(layout_plan(&layout, &bench.nor.geometry) == ERR_OK, "layout");
    table_keep(true);
    bench_append();
    bench_wear();
    bench_mount();
    bench_mount_after_retention();
    bench_boot(&maker);
    bench_capacity();
    printf("\n%d aims missed\n", table_missed());
    return table_missed() != 0;
}
