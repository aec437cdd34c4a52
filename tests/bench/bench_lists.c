/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a lookup and a changed card cost, counted on a model of a W25Q128JV in sectors of 4 KiB, beside, on
 * the same model: cdb (a file made by Debian's libcdb; the reads are those of its format: pointer, slots,
 * record), a binary search over sorted entries of tag and rule (10 bytes), and SQLite (peer_sqlite.h says
 * how). Times are the chip's alone.
 */
#include <cdb.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#include "firmware/base/bytes.h"
#include "tests/bench/peer_sqlite.h"
#include "tests/bench/table.h"
#include "tests/fakes/list_gate.h"

enum {
    SECTOR = 4096,
    SLOT_LEN = 5 << 20,
    CHIP_LEN = 16 << 20,
    LOOKUPS = 20000,
    ENTRY_LEN = TAG_LEN + 2,
    STACK_LEN = 65536,
};

struct cost {
    double reads, bytes, us;
    uint64_t worst_reads, worst_bytes;
};

struct lookup { /* one way to find a tag; found answers whether it is there */
    bool (*found)(void *ctx, const struct tag *tag);
    void *ctx;
    struct nor_model *nor;
};

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench_lists: %s\n", what);
    exit(1);
}

/* Looks up cards spread over the list, or as many that are not in it. */
static struct cost measure(const struct lookup *way, uint32_t cards, bool hits)
{
    struct cost cost = {0};
    uint64_t ns = way->nor->counts.time_ns;
    for (uint32_t i = 0; i < LOOKUPS; i++) {
        struct nor_model_counts before = way->nor->counts;
        struct tag tag = list_maker_tag((uint32_t)((uint64_t)i * 7919 % cards) + (hits ? 0 : 10000000));
        must(way->found(way->ctx, &tag) == hits, "a lookup answered wrongly");
        uint64_t reads = way->nor->counts.reads - before.reads,
                 bytes = way->nor->counts.read_bytes - before.read_bytes;
        cost.reads += (double)reads / LOOKUPS;
        cost.bytes += (double)bytes / LOOKUPS;
        cost.worst_reads = reads > cost.worst_reads ? reads : cost.worst_reads;
        cost.worst_bytes = bytes > cost.worst_bytes ? bytes : cost.worst_bytes;
    }
    cost.us = (double)(way->nor->counts.time_ns - ns) / 1e3 / LOOKUPS;
    return cost;
}

/* ---- ours ---- */

static bool ours_found(void *ctx, const struct tag *tag)
{
    struct whitelist_answer answer;
    return whitelist_lookup(ctx, tag, &answer) == ERR_OK;
}

/* ---- the sorted array ---- */

struct sorted {
    struct nor_model *nor;
    uint32_t count;
};

static int by_tag(const void *a, const void *b)
{
    return memcmp(a, b, TAG_LEN);
}

static void sorted_make(struct sorted *sorted, struct nor_model *nor, uint32_t cards)
{
    uint8_t *entries = nor_model_bytes(nor, 0);
    for (uint32_t n = 0; n < cards; n++) {
        struct tag tag = list_maker_tag(n);
        memcpy(entries + n * ENTRY_LEN, tag.bytes, TAG_LEN);
    }
    qsort(entries, cards, ENTRY_LEN, by_tag);
    *sorted = (struct sorted){nor, cards};
}

static bool sorted_found(void *ctx, const struct tag *tag)
{
    const struct sorted *sorted = ctx;
    uint32_t low = 0, high = sorted->count;
    uint8_t entry[ENTRY_LEN];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        must(sorted->nor->flash.read(sorted->nor, middle * ENTRY_LEN, entry, sizeof entry) == ERR_OK, "read");
        int order = memcmp(tag->bytes, entry, TAG_LEN);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* ---- cdb ---- */

static void cdb_make_file(struct nor_model *nor, uint32_t cards)
{
    char path[] = "/tmp/bench_lists.XXXXXX";
    int fd = mkstemp(path);
    struct cdb_make make;
    struct stat state;
    must(fd >= 0 && cdb_make_start(&make, fd) == 0, "cdb_make_start");
    for (uint32_t n = 0; n < cards; n++) {
        struct tag tag = list_maker_tag(n);
        must(cdb_make_add(&make, tag.bytes, TAG_LEN, "\1", 2) == 0, "cdb_make_add");
    }
    must(cdb_make_finish(&make) == 0 && fstat(fd, &state) == 0 && state.st_size <= CHIP_LEN,
         "cdb_make_finish");
    must(pread(fd, nor_model_bytes(nor, 0), (size_t)state.st_size, 0) == state.st_size, "cdb file");
    close(fd);
    unlink(path);
}

static void cdb_read_pair(struct nor_model *nor, uint32_t addr, uint32_t *a, uint32_t *b)
{
    uint8_t bytes[8];
    must(nor->flash.read(nor, addr, bytes, sizeof bytes) == ERR_OK, "read");
    *a = bytes_get_u32(bytes);
    *b = bytes_get_u32(bytes + 4);
}

/* Follows the format: a pointer to a table of slots, slots until an empty one, then key and value. */
static bool cdb_found(void *ctx, const struct tag *tag)
{
    struct nor_model *nor = ctx;
    uint32_t hash = cdb_hash(tag->bytes, TAG_LEN), table, slots, slot_hash, at, key_len, value_len;
    cdb_read_pair(nor, hash % 256 * 8, &table, &slots);
    for (uint32_t i = 0; i < slots; i++) {
        cdb_read_pair(nor, table + (hash / 256 + i) % slots * 8, &slot_hash, &at);
        if (at == 0)
            return false;
        if (slot_hash != hash)
            continue;
        uint8_t key_value[ENTRY_LEN];
        cdb_read_pair(nor, at, &key_len, &value_len);
        must(nor->flash.read(nor, at + 8, key_value, sizeof key_value) == ERR_OK, "read");
        if (key_len == TAG_LEN && memcmp(key_value, tag->bytes, TAG_LEN) == 0)
            return true;
    }
    return false;
}

/* ---- SQLite ---- */

static sqlite3_stmt *sqlite_make(struct nor_model *nor, uint32_t cards)
{
    sqlite3_stmt *insert, *find;
    peer_sqlite_register(nor);
    sqlite3 *db =
        peer_sqlite_open("PRAGMA page_size=1024; PRAGMA journal_mode=OFF; PRAGMA locking_mode=EXCLUSIVE;"
                         "CREATE TABLE cards (tag BLOB PRIMARY KEY, rule INTEGER) WITHOUT ROWID");
    struct sorted sorted;
    static struct nor_model array;
    nor_model_init(&array, CHIP_LEN, SECTOR);
    sorted_make(&sorted, &array, cards);
    peer_sqlite_run(db, "BEGIN");
    peer_sqlite_must(db, sqlite3_prepare_v2(db, "INSERT INTO cards VALUES (?1, 1)", -1, &insert, NULL) ==
                             SQLITE_OK);
    for (uint32_t n = 0; n < cards; n++) {
        sqlite3_bind_blob(insert, 1, nor_model_bytes(&array, n * ENTRY_LEN), TAG_LEN, SQLITE_STATIC);
        peer_sqlite_must(db, sqlite3_step(insert) == SQLITE_DONE);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    peer_sqlite_run(db, "COMMIT; PRAGMA cache_size=-16; PRAGMA shrink_memory");
    nor_model_free(&array);
    peer_sqlite_must(db, sqlite3_prepare_v2(db, "SELECT rule FROM cards WHERE tag = ?1", -1, &find, NULL) ==
                             SQLITE_OK);
    return find;
}

static bool sqlite_found(void *ctx, const struct tag *tag)
{
    sqlite3_stmt *find = ctx;
    sqlite3_bind_blob(find, 1, tag->bytes, TAG_LEN, SQLITE_STATIC);
    bool found = sqlite3_step(find) == SQLITE_ROW;
    sqlite3_reset(find);
    return found;
}

/* ---- RAM ---- */

static ucontext_t here, there;
static struct whitelist *stack_list;
static struct tag stack_tag;

static void look_up_on_own_stack(void)
{
    if (stack_list != NULL)
        (void)ours_found(stack_list, &stack_tag);
}

/* Stack a lookup takes on this host, less what an empty call takes. */
static long stack_used(struct whitelist *list)
{
    static uint8_t stack[STACK_LEN];
    long used[2];
    stack_tag = list_maker_tag(1);
    for (int i = 0; i < 2; i++) {
        memset(stack, 0xA5, sizeof stack);
        stack_list = i == 0 ? NULL : list;
        must(getcontext(&there) == 0, "getcontext");
        there.uc_stack.ss_sp = stack;
        there.uc_stack.ss_size = sizeof stack;
        there.uc_link = &here;
        makecontext(&there, look_up_on_own_stack, 0);
        must(swapcontext(&here, &there) == 0, "swapcontext");
        long untouched = 0;
        while (stack[untouched] == 0xA5)
            untouched++;
        used[i] = STACK_LEN - untouched;
    }
    return used[1] - used[0];
}

/* ---- the tables ---- */

static void bench_lookup(const struct list_maker *maker, uint32_t cards)
{
    static struct list_gate gate;
    static struct nor_model nor[3];
    struct list_made made;
    struct sorted sorted;
    char title[80];
    list_maker_make(maker, &made, 1, cards, UINT32_MAX);
    list_gate_init(&gate, maker, SLOT_LEN, SECTOR);
    must(list_gate_upload(&gate, &made) == 1, "upload");
    (void)list_gate_poll(&gate);
    for (int i = 0; i < 3; i++)
        nor_model_init(&nor[i], CHIP_LEN, SECTOR);
    sorted_make(&sorted, &nor[0], cards);
    cdb_make_file(&nor[1], cards);
    sqlite3_stmt *find = sqlite_make(&nor[2], cards);
    sqlite3 *db = sqlite3_db_handle(find);
    const struct lookup ways[] = {{ours_found, &gate.list, &gate.nor},
                                  {sorted_found, &sorted, &nor[0]},
                                  {cdb_found, &nor[1], &nor[1]},
                                  {sqlite_found, find, &nor[2]}};
    static const char *const names[] = {"", "binary search", "cdb",
                                        "SQLite, pages of 1 KiB, 16 KiB of them cached"};
    for (int hits = 1; hits >= 0; hits--) {
        struct cost costs[4];
        for (int i = 0; i < 4; i++)
            costs[i] = measure(&ways[i], cards, hits);
        snprintf(title, sizeof title, "Lookup among %u cards, %s", (unsigned)cards,
                 hits ? "a card that is listed" : "a card that is not");
        table_title(title);
        table_ours("reads, mean", costs[0].reads, "", TABLE_AT_MOST, 1.1);
        for (int i = 1; i < 4; i++)
            table_peer(names[i], costs[i].reads);
        table_ours("reads, worst", (double)costs[0].worst_reads, "", TABLE_AT_MOST, 2);
        table_ours("bytes read, mean", costs[0].bytes, "", TABLE_NO_AIM, 0);
        for (int i = 1; i < 4; i++)
            table_peer(names[i], costs[i].bytes);
        table_ours("bytes read, worst", (double)costs[0].worst_bytes, "", TABLE_AT_MOST, 160);
        table_ours("flash time, mean", costs[0].us, "us", TABLE_AT_MOST, hits ? 20 : 15);
        for (int i = 1; i < 4; i++)
            table_peer(names[i], costs[i].us);
    }
    if (cards == 250000) {
        table_title("RAM of a lookup");
        table_keep(false); /* it depends on the processor */
        table_ours("stack on this host, the check's AES included", (double)stack_used(&gate.list), "bytes",
                   TABLE_AT_MOST, 1024);
        table_keep(true);
        table_ours("tables of rules, profiles, services, calendar",
                   (double)(sizeof gate.list.rules + sizeof gate.list.tables), "bytes", TABLE_NO_AIM, 0);
    }
    sqlite3_finalize(find);
    sqlite3_close(db);
    for (int i = 0; i < 3; i++)
        nor_model_free(&nor[i]);
    list_gate_free(&gate);
    list_maker_free(&made);
}

static void bench_change(const struct list_maker *maker, uint32_t cards)
{
    static struct list_gate gate;
    struct list_made before, after;
    list_maker_make(maker, &before, 1, cards, UINT32_MAX);
    list_maker_make(maker, &after, 2, cards, cards / 2);
    list_gate_init(&gate, maker, SLOT_LEN, SECTOR);
    must(list_gate_upload(&gate, &before) == 1, "upload");
    (void)list_gate_poll(&gate);
    struct nor_model_counts counts = gate.nor.counts;
    gate.blocks_sent = 0;
    must(list_gate_upload(&gate, &after) == 1, "upload of the change");
    double bytes = (double)(gate.nor.counts.programmed_bytes - counts.programmed_bytes);
    double s = (double)(gate.nor.counts.time_ns - counts.time_ns) / 1e9;
    double array_bytes = (double)cards * ENTRY_LEN;
    table_title("One card blocked among 100,000, until the new list rules");
    table_ours("blocks of 4 KiB sent", gate.blocks_sent, "", TABLE_NO_AIM, 0);
    table_ours("bytes programmed", bytes, "", TABLE_NO_AIM, 0);
    table_peer("a sorted array written anew beside the old", array_bytes);
    table_ours("flash time", s, "s", TABLE_AT_MOST, 1);
    table_peer("a sorted array written anew: erases and programs",
               array_bytes / 4096 * 0.045 + array_bytes / 256 * (0.0004 + 260 * 160e-9));
    list_gate_free(&gate);
    list_maker_free(&before);
    list_maker_free(&after);
}

int main(void)
{
    static const uint32_t sizes[] = {300, 10000, 100000, 250000};
    struct list_maker maker;
    list_maker_init(&maker);
    table_keep(true);
    for (int i = 0; i < 4; i++)
        bench_lookup(&maker, sizes[i]);
    bench_change(&maker, 100000);
    printf("\n%d aims missed\n", table_missed());
    return table_missed() != 0;
}
