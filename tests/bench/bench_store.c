/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the office's store takes the records of many gates: a file, and a server if PORTILLON_TEST_SERVER
 * names one (tests/bench/store.sh starts one). Each gate sends its records in batches, each of which is on
 * the disk before the next begins, as in a pull. Beside it, in the same run, the program of the database
 * loads the same rows from a CSV file: sqlite3 .import and psql \copy.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "firmware/base/clock.h"
#include "tests/fakes/test_store.h"
#include "tools/portillon/store/passage_store.h"

enum { GATES = 200, RECORDS = 5000, BATCH = 1000 };
enum { SITES = 300, SITE_GATES = 10, DAY_RECORDS = 800 }; /* a region */

#define MUST(condition) ((condition) ? (void)0 : give_up(#condition))

static crypto_mac mac;
static uint8_t raw[RECORDS][JOURNAL_RECORD_LEN];
static struct journal_record records[RECORDS];

static void give_up(const char *condition)
{
    fprintf(stderr, "bench_store: failed: %s\n", condition);
    exit(1);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* CPU time of this program, or of the programs that it called. */
static double cpu_s(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static long memory_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* A day of a gate: passages with their closings, and refusals. */
static void make_records(void)
{
    for (uint32_t i = 0; i < RECORDS; i++) {
        bool closes = i % 3 == 1;
        records[i] = (struct journal_record){.seq = i + 1,
                                             .utc_s = 1795000000 + 5 * i,
                                             .kind = closes       ? JOURNAL_CLOSED
                                                     : i % 3 == 0 ? JOURNAL_GRANTED
                                                                  : JOURNAL_REFUSED,
                                             .code = closes       ? JOURNAL_PASSED
                                                     : i % 3 == 2 ? 1
                                                                  : 0,
                                             .zone = ZONE_CANTEEN,
                                             .flags = CLOCK_SET,
                                             .ref = closes ? i : 0};
        for (unsigned j = 0; j < TAG_LEN && !closes; j++)
            records[i].tag.bytes[j] = (uint8_t)(i * 31 + j * 17);
        MUST(journal_record_encode(&records[i], &mac, raw[i]) == ERR_OK);
    }
}

/* Stores the first count records of the day for a gate of a site. */
static void store_gate(const char *path, unsigned site, unsigned number, uint32_t count)
{
    static struct passage_store store;
    char name[16];
    snprintf(name, sizeof name, "gate-%03u", number);
    struct identity gate = test_store_gate(name);
    gate.site_id[6] = (uint8_t)(site >> 8);
    gate.site_id[7] = (uint8_t)site;
    MUST(passage_store_open(&store, path, &gate) == ERR_OK);
    for (uint32_t i = 0; i < count; i++) {
        if (i % BATCH == 0)
            MUST(passage_store_begin(&store) == ERR_OK);
        MUST(passage_store_add(&store, &records[i], raw[i]) >= 0);
        if (i % BATCH == BATCH - 1 || i + 1 == count)
            MUST(passage_store_commit(&store, i + 1) == ERR_OK);
    }
    passage_store_close(&store);
}

static double store_all(const char *path)
{
    double start = now_s();
    for (unsigned number = 0; number < GATES; number++)
        store_gate(path, 1, number, RECORDS);
    return now_s() - start;
}

static double time_command(const char *format, const char *path)
{
    char command[2048];
    snprintf(command, sizeof command, format, path, path);
    double start = now_s();
    MUST(system(command) == 0);
    return now_s() - start;
}

static const char file_peer[] = /* the same table with the same indexes, in one transaction */
    "rm -f peer.db; sqlite3 %1$s '.schema journal' >peer.sql && sqlite3 -csv %1$s 'SELECT * FROM journal' "
    ">rows.csv &&"
    " sqlite3 peer.db <peer.sql";
static const char file_peer_load[] =
    "sqlite3 peer.db 'PRAGMA synchronous = FULL' '.import --csv rows.csv journal'";
static const char server_peer[] =
    "psql -qX -d '%1$s' -c '\\copy (SELECT * FROM journal) to rows.csv csv' -c 'CREATE TABLE peer (LIKE "
    "journal INCLUDING "
    "ALL)"
    " PARTITION BY RANGE (month)' -c 'CREATE TABLE peer_all PARTITION OF peer DEFAULT'";
static const char server_peer_load[] = "psql -qX -d '%1$s' -c '\\copy peer from rows.csv csv'";

static const char server_size[] =
    "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('journal')";

static void bench(const char *what, const char *peer, const char *prepare_peer, const char *load_peer)
{
    static char path[TEST_STORE_PATH_SIZE];
    struct stat info = {0};
    const double rows = (double)GATES * RECORDS;
    test_store_new(path);
    double cpu = cpu_s(RUSAGE_SELF), first = store_all(path);
    cpu = cpu_s(RUSAGE_SELF) - cpu;
    double again = store_all(path);
    MUST(strcmp(test_store_ask(path, "SELECT count(*) FROM journal"), "1000000") == 0);
    (void)time_command(prepare_peer, path);
    double peer_cpu = cpu_s(RUSAGE_CHILDREN), by_peer = time_command(load_peer, path);
    peer_cpu = cpu_s(RUSAGE_CHILDREN) - peer_cpu;
    printf("%-10s %d gates of %d records: %.0f records a second; %s: %.0f, ratio %.2f\n", what, GATES,
           RECORDS, rows / first, peer, rows / by_peer, by_peer / first);
    printf("%-10s in CPU time of the client: %.0f records a second; %s: %.0f, ratio %.2f\n", "", rows / cpu,
           peer, rows / peer_cpu, peer_cpu / cpu);
    printf("%-10s a second time, all records known: %.0f records a second\n", "", rows / again);
    double bytes = test_store_is_server()   ? atof(test_store_ask(path, server_size))
                   : stat(path, &info) == 0 ? (double)info.st_size
                                            : 0;
    printf("%-10s %.0f bytes a record\n", "", bytes / rows);
    printf("%-10s memory %ld KiB at most\n", "", memory_kib());
    test_store_delete(path);
}

/* A day of all gates of a region, one after another, and what one school asks of it. */
static void bench_region(void)
{
    static char path[TEST_STORE_PATH_SIZE];
    const double rows = (double)SITES * SITE_GATES * DAY_RECORDS;
    test_store_new(path);
    double start = now_s();
    for (unsigned number = 0; number < SITES * SITE_GATES; number++)
        store_gate(path, number / SITE_GATES, number, DAY_RECORDS);
    double stored = now_s();
    long passages =
        atol(test_store_ask(path, "SELECT count(*) FROM passages WHERE site = '517e000000000007'"));
    double asked = now_s();
    MUST(passages > SITE_GATES * DAY_RECORDS / 2);
    printf("a region   %d sites, %d gates, %.0f records in %.0f s: %.0f a second; %.0f bytes a record;\n"
           "           the passages of one site's day are counted in %.0f ms\n",
           SITES, SITES * SITE_GATES, rows, stored - start, rows / (stored - start),
           atof(test_store_ask(path, server_size)) / rows, (asked - stored) * 1000);
    test_store_delete(path);
}

int main(void)
{
    static const uint8_t key[CRYPTO_KEY_LEN] = "a journal key...";
    char folder[] = "/tmp/bench_store.XXXXXX";
    if (crypto_mac_init(&mac, key) != ERR_OK || mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    make_records();
    if (test_store_is_server())
        bench("PostgreSQL", "psql \\copy", server_peer, server_peer_load);
    if (test_store_is_server())
        bench_region();
    else
        bench("SQLite", "sqlite3 .import", file_peer, file_peer_load);
    crypto_mac_free(&mac);
    return system("rm -rf \"$PWD\"") != 0;
}
