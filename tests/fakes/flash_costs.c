/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/flash_costs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/storage/layout.h"
#include "firmware/storage/store.h"
#include "tests/fakes/gate_bench.h"
#include "tests/fakes/list_gate.h"

enum {
    CHIP_LEN = 16 << 20,
    SLOT_LEN = 5 << 20,
    SCHOOL = 2000, /* cards of the list that a gate gets */
    REGION = 20000,
    LOOKUPS = 1000,
    RECORDS = 1000,
    MEAL = 300, /* passages of it before the tap that is counted */
};

#define MONDAY_1200 UINT32_C(1794826800) /* TZ=Europe/Paris date -d '2026-11-16 12:00' +%s */

static struct {
    uint32_t sector_size;
    flash_costs_told told;
    void *ctx;
} run;

static const uint8_t key[CRYPTO_KEY_LEN] = "flash costs key";

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "flash costs: %s\n", what);
    abort();
}

static struct nor_model_counts difference(const struct nor_model_counts *before,
                                          const struct nor_model_counts *after)
{
    struct nor_model_counts d = {
        .operations = after->operations - before->operations,
        .reads = after->reads - before->reads,
        .read_bytes = after->read_bytes - before->read_bytes,
        .programs = after->programs - before->programs,
        .programmed_bytes = after->programmed_bytes - before->programmed_bytes,
        .erases = after->erases - before->erases,
        .line_ns = after->line_ns - before->line_ns,
        .time_ns = after->time_ns - before->time_ns,
    };
    for (int sheet = 0; sheet < NOR_SHEETS; sheet++) {
        d.program_ns[sheet] = after->program_ns[sheet] - before->program_ns[sheet];
        d.erase_ns[sheet] = after->erase_ns[sheet] - before->erase_ns[sheet];
    }
    return d;
}

/* Reports what was counted since `before`. */
static void tell(const char *name, const struct nor_model_counts *before,
                 const struct nor_model_counts *after)
{
    struct flash_cost cost = {
        .sector_size = run.sector_size, .name = name, .counts = difference(before, after)};
    run.told(run.ctx, &cost);
}

/* ---- a gate ---- */

static struct gate_bench bench;
static struct nor_model_counts at_verdict; /* of the last tap */

static void note_verdict(void *ctx, const struct tap_result *result)
{
    struct gate_bench *gate = ctx;
    at_verdict = gate->nor.counts;
    gate->last_tap = *result;
    gate->taps_told++;
}

static const char *uid_of(uint32_t card)
{
    static char uid[15];
    snprintf(uid, sizeof uid, "04%06X%06X", (unsigned)(card * 7919 % 0xFFFFFF), (unsigned)card);
    return uid;
}

/* A list of a school with one service: SCHOOL cards from `from` on, of which `blocked` is blocked
 * (UINT32_MAX: none). */
static struct sample_list make_school(uint32_t version, uint32_t from, uint32_t blocked)
{
    struct whitelist_tables tables = {.service_count = 1};
    struct sample_card *cards = calloc(SCHOOL, sizeof *cards);
    char(*uids)[15] = calloc(SCHOOL, sizeof *uids);
    must(cards != NULL && uids != NULL, "memory");
    strcpy(tables.services[0].name, "dejeuner");
    for (int day = 0; day < 7; day++)
        tables.services[0].spans[day] = (struct whitelist_span){690, 810};
    for (uint32_t i = 0; i < SCHOOL; i++) {
        strcpy(uids[i], uid_of(from + i));
        cards[i] = (struct sample_card){.uid_hex = uids[i],
                                        .profile = SAMPLE_DEMI_PENSION,
                                        .flags = from + i == blocked ? WHITELIST_RULE_BLOCKED : 0};
    }
    struct sample_list list = sample_list_make_ruled(version, cards, SCHOOL, &tables);
    free(uids);
    free(cards);
    return list;
}

static void make_gate(enum zone zone)
{
    gate_bench_make(&bench, zone);
    nor_model_free(&bench.nor);
    nor_model_init(&bench.nor, CHIP_LEN, run.sector_size);
    bench.timer.has_rtc = true;
    bench.wires.on_relay = NULL; /* it reads the journal */
    bench.hardware.on_tap = note_verdict;
    gate_bench_start_with_reader(&bench);
    gate_bench_set_clock(&bench, MONDAY_1200);
}

/* Starts to count what the gate does. */
static struct nor_model_counts begin(void)
{
    memset(bench.longest_wait_ns, 0, sizeof bench.longest_wait_ns);
    return bench.nor.counts;
}

static void tell_gate(const char *name, const struct nor_model_counts *before,
                      const struct nor_model_counts *after)
{
    struct flash_cost cost = {
        .sector_size = run.sector_size, .name = name, .counts = difference(before, after)};
    memcpy(cost.longest_wait_ns, bench.longest_wait_ns, sizeof cost.longest_wait_ns);
    run.told(run.ctx, &cost);
}

/* From the report of a card to the relay or the refusal. */
static void count_tap(const char *name, uint32_t card, enum reason expected)
{
    struct nor_model_counts before = begin();
    must(gate_bench_tap(&bench, uid_of(card)) == expected, name);
    tell_gate(name, &before, &at_verdict);
    gate_bench_turn_arm(&bench);
}

static void count_start(const char *name)
{
    struct nor_model_counts before = begin();
    gate_bench_start(&bench);
    must(bench.portillon.storage_ok && whitelist_active(&bench.portillon.whitelist) != NULL, name);
    tell_gate(name, &before, &bench.nor.counts);
}

static void count_install(const char *name, const struct sample_list *list)
{
    struct nor_model_counts before = begin();
    gate_bench_install(&bench, list);
    gate_bench_run_ms(&bench, 100);
    tell_gate(name, &before, &bench.nor.counts);
}

/* Until nothing is left to do for the journal: the oldest sector is given up for new records. */
static void count_drop(const char *name)
{
    struct journal *kept = &bench.portillon.journal;
    struct journal_record record = {.kind = JOURNAL_GRANTED, .utc_s = MONDAY_1200, .zone = 1};
    uint32_t seq, tail = journal_tail_seq(kept);
    while (journal_fullness_percent(kept) < 100)
        if (journal_append(kept, &record, &seq) == ERR_BUSY)
            (void)!journal_poll(kept);
    struct nor_model_counts before = begin();
    while (journal_tail_seq(kept) == tail) {
        if (journal_append(kept, &record, &seq) == ERR_BUSY)
            gate_bench_run_ms(&bench, 1);
    }
    gate_bench_run_ms(&bench, 100);
    tell_gate(name, &before, &bench.nor.counts);
}

static void eat(uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        must(gate_bench_tap(&bench, uid_of(i)) == REASON_NONE, "a meal");
        gate_bench_turn_arm(&bench);
    }
}

static void cost_building(const struct sample_list lists[3])
{
    make_gate(ZONE_BUILDING);
    count_install("upload, 9 blocks, 2000 cards, both copies", &lists[0]);
    count_install("upload, 1 card of 2000 changed, both copies", &lists[1]);
    count_install("upload, 9 blocks over an old list, both copies", &lists[2]);
    count_tap("tap, building, granted", SCHOOL + 1, REASON_NONE);
    count_tap("tap, building, not listed", 1, REASON_UNKNOWN_CARD);
    gate_bench_start_with_reader(&bench); /* what a used gate has in its store is there */
    gate_bench_run_ms(&bench, 100);
    count_start("start, building, 2000 cards");
    count_drop("journal full, nothing fetched: the first sector given up");
    gate_bench_free(&bench);
}

static void cost_canteen(const struct sample_list lists[3])
{
    make_gate(ZONE_CANTEEN);
    gate_bench_install(&bench, &lists[0]);
    count_tap("tap, canteen, first of a meal", 1, REASON_NONE);
    eat(2, MEAL);
    count_tap("tap, canteen, after 300 passages", MEAL + 2, REASON_NONE);
    count_tap("tap, canteen, already passed", 1, REASON_ALREADY_PASSED);
    count_start("start, canteen, amid a meal of 300");
    gate_bench_run_ms(&bench, 100);
    count_install("upload, 1 card of 2000 changed, amid a meal of 300", &lists[1]);
    gate_bench_fill_meals(&bench, MONDAY_1200 + 60);
    gate_bench_run_ms(&bench, 100);
    count_tap("tap, canteen, the table of meals full", MEAL + 3, REASON_NONE);
    gate_bench_free(&bench);
}

/* ---- the list ---- */

static void count_lookups(const char *name, struct list_gate *gate, bool listed)
{
    struct nor_model_counts before = gate->nor.counts;
    for (uint32_t i = 0; i < LOOKUPS; i++) {
        struct tag tag = list_maker_tag(i * 7919 % REGION + (listed ? 0 : REGION));
        struct whitelist_answer answer;
        must(whitelist_lookup(&gate->list, &tag, &answer) == (listed ? ERR_OK : ERR_NOT_FOUND), name);
    }
    tell(name, &before, &gate->nor.counts);
}

static void cost_list(const struct list_maker *maker, const struct list_made *first,
                      const struct list_made *second)
{
    static struct list_gate gate;
    list_gate_init(&gate, maker, SLOT_LEN, run.sector_size);
    struct nor_model_counts before = gate.nor.counts;
    must(list_gate_upload(&gate, first) == 1, "upload");
    tell("upload, 88 blocks, 20000 cards, until active", &before, &gate.nor.counts);
    before = gate.nor.counts;
    (void)list_gate_poll(&gate);
    must(list_gate_is_twinned(&gate, first), "replica");
    tell("its replica", &before, &gate.nor.counts);
    before = gate.nor.counts;
    must(list_gate_upload(&gate, second) == 1, "upload of the change");
    tell("upload, 1 card of 20000 changed, until active", &before, &gate.nor.counts);
    before = gate.nor.counts;
    (void)list_gate_poll(&gate);
    tell("its replica, after the change", &before, &gate.nor.counts);
    count_lookups("1000 look-ups of listed cards", &gate, true);
    count_lookups("1000 look-ups of others", &gate, false);
    before = gate.nor.counts;
    must(list_gate_restart(&gate) == ERR_OK, "mount");
    tell("mount of a list, 20000 cards", &before, &gate.nor.counts);
    list_gate_free(&gate);
}

/* ---- the journal ---- */

static struct journal journal;
static struct nor_model nor;
static struct layout layout;

static void mount_journal(uint32_t acked)
{
    must(journal_mount(&journal, &nor.flash, layout.journal_base, layout.journal_len, key, acked) == ERR_OK,
         "mount of the journal");
}

static void poll_journal(void)
{
    while (journal_poll(&journal) == ERR_BUSY)
        ;
}

/* Appends, with idle work between. */
static void append(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct journal_record record = {
            .kind = JOURNAL_GRANTED, .utc_s = MONDAY_1200 + i, .flags = 1, .zone = 1};
        uint32_t seq;
        record.tag = list_maker_tag(i % 100);
        poll_journal();
        must(journal_append(&journal, &record, &seq) == ERR_OK, "append");
    }
    poll_journal();
}

static void count_append(const char *name, uint32_t count)
{
    struct nor_model_counts before = nor.counts;
    append(count);
    tell(name, &before, &nor.counts);
}

static void count_mount(const char *name, uint32_t acked)
{
    journal_unmount(&journal);
    struct nor_model_counts before = nor.counts;
    mount_journal(acked);
    tell(name, &before, &nor.counts);
    poll_journal();
}

static void cost_journal(void)
{
    nor_model_init(&nor, CHIP_LEN, run.sector_size);
    must(layout_plan(&layout, &nor.geometry) == ERR_OK, "layout");
    uint32_t places = run.sector_size / JOURNAL_RECORD_LEN - 1;
    uint32_t room = layout.journal_len / run.sector_size * places;
    mount_journal(0);
    poll_journal();
    count_mount("mount of an empty journal", 0);
    append(10);
    count_append("journal, 1 record", 1);
    count_append("journal, 1000 records and the idle work between", RECORDS);
    append(room / 2);
    count_mount("mount of a journal, half full", 0);
    append(room / 2 - 2 * places);
    count_mount("mount of a journal, nearly full, nothing fetched", 0);
    while (journal_fullness_percent(&journal) < 100)
        append(1);
    count_append("journal, full, nothing fetched: a sector of records", places);
    must(journal_acknowledge(&journal, journal_head_seq(&journal) - 1) == ERR_OK, "acknowledge");
    append(room);
    count_mount("mount of a journal, full, fetched", journal_acked_seq(&journal));
    journal_unmount(&journal);
    nor_model_free(&nor);
}

/* ---- the store ---- */

static struct store store;

static void mount_store(const char *name)
{
    struct nor_model_counts before = nor.counts;
    must(store_mount(&store, &nor.flash, 0, key) == ERR_OK, "mount of the store");
    if (name != NULL)
        tell(name, &before, &nor.counts);
}

static void poll_store(void)
{
    while (store_poll(&store) == ERR_BUSY)
        ;
}

static void put(uint32_t value)
{
    must(store_set_u32(&store, STORE_BOOT_COUNT, value) == ERR_OK, "a value");
}

static void cost_store(void)
{
    nor_model_init(&nor, CHIP_LEN, run.sector_size);
    mount_store(NULL);
    poll_store();
    put(1);
    struct nor_model_counts before = nor.counts;
    put(2);
    tell("store, 1 value", &before, &nor.counts);
    store_unmount(&store);
    mount_store("mount of a store, nearly empty");
    uint32_t generation = store.generation, value = 2;
    uint32_t places = run.sector_size / STORE_RECORD_LEN;
    uint32_t most = (places < STORE_USED_MOST ? places : STORE_USED_MOST) * 3 / 4;
    while (store.used + 1 < most) {
        put(++value);
        poll_store();
    }
    must(store.generation == generation, "a store that has not moved");
    store_unmount(&store);
    mount_store("mount of a store, three quarters full");
    poll_store();
    before = nor.counts;
    while (store.generation == generation) {
        put(++value);
        poll_store();
    }
    tell("store, the last values and the move to the other sector", &before, &nor.counts);
    store_unmount(&store);
    nor_model_free(&nor);
}

/* ---- all of them ---- */

/* Made before the first gate starts: that gives mbedtls a gate's memory, which is too small to make lists. */
struct lists {
    struct list_maker maker;
    struct list_made region[2];
    struct sample_list school[3];
};

static void make_lists(struct lists *lists)
{
    list_maker_init(&lists->maker);
    list_maker_make(&lists->maker, &lists->region[0], 1, REGION, UINT32_MAX);
    list_maker_make(&lists->maker, &lists->region[1], 2, REGION, REGION / 2);
    lists->school[0] = make_school(7, 0, UINT32_MAX);
    lists->school[1] = make_school(8, 0, 3);
    lists->school[2] = make_school(9, SCHOOL, UINT32_MAX);
}

static void free_lists(struct lists *lists)
{
    for (int i = 0; i < 2; i++)
        list_maker_free(&lists->region[i]);
    for (int i = 0; i < 3; i++)
        sample_list_free(&lists->school[i]);
}

void flash_costs_measure(flash_costs_told told, void *ctx)
{
    static const uint32_t sector_sizes[] = {4096, 65536};
    static struct lists lists;
    run.told = told;
    run.ctx = ctx;
    make_lists(&lists);
    for (int i = 0; i < 2; i++) {
        run.sector_size = sector_sizes[i];
        cost_store();
        cost_journal();
        cost_list(&lists.maker, &lists.region[0], &lists.region[1]);
        cost_building(lists.school);
        cost_canteen(lists.school);
    }
    free_lists(&lists);
}
