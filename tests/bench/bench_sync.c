/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synchronises 200 gates of 5,000 records each, as `portillon sync` does it: the records are in flash files
 * that the firmware wrote, portillond serves each file, and every record comes over DTLS and CoAP. The gates
 * run 20 at a time, since each is a process. The store is a file, or the server that PORTILLON_TEST_SERVER
 * names. A second sync must move nothing.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/fakes/gate_bench.h"
#include "tests/fakes/test_store.h"
#include "tools/portillon/common/file_io.h"

enum { GATES = 200, WAVE = 20, RECORDS = 5000, CHIP_SIZE = 2 << 20, SECTOR_SIZE = 4096 };

static struct gate_bench bench;
static char store_path[TEST_STORE_PATH_SIZE], program_folder[4096];
static pid_t running[WAVE];

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "bench_sync: failed: %s\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
    char command[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    must(system(command) == 0, command);
}

/* Writes the flash file of a gate whose journal has been filled by a day of passages. */
static void fill(unsigned number)
{
    char path[64];
    uint8_t *block;
    size_t len;
    uint32_t seq = 0;
    gate_bench_make(&bench, ZONE_CANTEEN);
    nor_model_free(&bench.nor);
    nor_model_init(&bench.nor, CHIP_SIZE, SECTOR_SIZE);
    snprintf(path, sizeof path, "site/gates/gate-%03u.identity", number);
    must(file_read(path, 65536, &block, &len) == ERR_OK &&
             identity_decode(&bench.identity, block, len) == ERR_OK,
         path);
    free(block);
    gate_bench_start(&bench);
    for (uint32_t i = 0; seq < RECORDS; i++) {
        struct journal_record record = {.utc_s = 1795000000 + 5 * i,
                                        .kind = i % 2 == 0 ? JOURNAL_GRANTED : JOURNAL_CLOSED,
                                        .code = i % 2 == 0 ? 0 : JOURNAL_PASSED,
                                        .zone = ZONE_CANTEEN,
                                        .flags = CLOCK_SET,
                                        .tag = {{(uint8_t)i, (uint8_t)(i >> 8), (uint8_t)number}},
                                        .ref = i % 2 == 0 ? 0 : seq};
        int result = journal_append(&bench.portillon.journal, &record, &seq);
        if (result == ERR_BUSY || i % 64 == 0)
            gate_bench_run_ms(&bench, 200); /* sectors are erased ahead */
        must(result == ERR_OK || result == ERR_BUSY, "journal_append");
    }
    gate_bench_run_ms(&bench, 1000);
    snprintf(path, sizeof path, "gate-%03u.img", number);
    must(file_write_atomic(path, bench.nor.bytes, CHIP_SIZE, 0644) == ERR_OK, path);
    gate_bench_free(&bench);
}

static void start(unsigned first)
{
    for (unsigned i = 0; i < WAVE; i++) {
        char identity[64], flash[64], line[64], program[4200];
        snprintf(identity, sizeof identity, "site/gates/gate-%03u.identity", first + i);
        snprintf(flash, sizeof flash, "gate-%03u.img", first + i);
        snprintf(line, sizeof line, "gate-%03u.tty", first + i);
        snprintf(program, sizeof program, "%s/portillond", program_folder);
        running[i] = fork();
        if (running[i] == 0) {
            must(freopen("gates.log", "a", stderr) != NULL && freopen("/dev/null", "w", stdout) != NULL,
                 "log");
            execl(program, program, "--identity", identity, "--flash", flash, "--anchor", "none", "--pty",
                  line, "--reader", "none", (char *)NULL);
            _exit(127);
        }
        for (int tries = 0; access(line, F_OK) != 0; tries++, usleep(20000))
            must(tries < 500, line);
    }
}

static void stop(void)
{
    for (unsigned i = 0; i < WAVE; i++)
        kill(running[i], SIGTERM);
    while (wait(NULL) > 0)
        continue;
}

/* Says where the gates of this wave are, and that the others are not there. */
static void write_ports(unsigned first)
{
    FILE *ports = fopen("site/ports", "w");
    must(ports != NULL, "site/ports");
    for (unsigned i = 0; i < GATES; i++)
        if (i >= first && i < first + WAVE)
            fprintf(ports, "gate-%03u gate-%03u.tty\n", i, i);
        else
            fprintf(ports, "gate-%03u -\n", i);
    must(fclose(ports) == 0, "site/ports");
}

/* What the tool has used so far: the gates are not counted before they end. */
static struct rusage tool_usage(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return usage;
}

static double seconds(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static double sync_wave(void)
{
    double start_s = now_s();
    run("'%s/portillon' sync --site site --store '%s' >sync.log 2>&1 || { tail -n 30 sync.log >&2; false; }",
        program_folder, store_path);
    return now_s() - start_s;
}

/* Returns how many records of passages the store has. */
static long count(void)
{
    return atol(
        test_store_ask(store_path, "SELECT count(*) FROM journal WHERE kind IN ('granted', 'closed')"));
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/bench_sync.XXXXXX";
    const char *end = strstr(argv[0], "/bench/");
    (void)argc;
    must(end != NULL && getcwd(program_folder, sizeof program_folder / 2) != NULL, "where the programs are");
    snprintf(program_folder + strlen(program_folder), 2000, "/%.*s", (int)(end - argv[0]), argv[0]);
    if (argv[0][0] == '/')
        snprintf(program_folder, sizeof program_folder, "%.*s", (int)(end - argv[0]), argv[0]);
    must(mkdtemp(folder) != NULL && chdir(folder) == 0, folder);
    run("'%s/portillon' site init site >/dev/null && printf 'UID;Profil\\n04000001;interne\\n' >cards.csv",
        program_folder);
    for (unsigned i = 0; i < GATES; i++) {
        run("'%s/portillon' identity site --device gate-%03u --name 'Gate %u' --zone canteen >/dev/null",
            program_folder, i, i);
        fill(i);
    }
    run("'%s/portillon' whitelist build site --csv cards.csv >/dev/null 2>&1", program_folder);
    test_store_new(store_path);
    double first_s = 0, second_s = 0, cpu_s = 0, waits = 0;
    for (unsigned first = 0; first < GATES; first += WAVE) {
        write_ports(first);
        start(first);
        struct rusage before = tool_usage();
        first_s += sync_wave();
        struct rusage after = tool_usage();
        cpu_s += seconds(&after) - seconds(&before);
        waits += (double)(after.ru_nvcsw - before.ru_nvcsw);
        long stored = count();
        second_s += sync_wave();
        must(count() == stored, "a second sync moves nothing");
        stop();
    }
    must(count() >= GATES * (RECORDS - 10), "all records are there");
    printf(
        "%s: %d gates of %d records, %d at a time, each with clock, list and status: %.0f records a second; "
        "a second sync: %.0f ms a gate\n",
        test_store_is_server() ? "PostgreSQL" : "SQLite", GATES, RECORDS, WAVE,
        (double)GATES * RECORDS / first_s, second_s * 1000 / GATES);
    printf("the tool: %.2f us of CPU and %.3f waits a record\n", cpu_s * 1e6 / (GATES * RECORDS),
           waits / (GATES * RECORDS));
    test_store_delete(store_path);
    run("rm -rf '%s'", folder);
    return 0;
}
