/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests that cut a gate's power: their TAP, the processes they start, and what a flash file holds,
 * read here without the firmware's journal. Included by kill.c and cut.c; the caller stands in the folder of
 * gate.id, gate.flash, list.N (lists) and cards.N (how many cards list N has), and leaves there for its own
 * caller told.csv (seq, verdict and tag of each tap told of) and found.csv (seq and bytes of each record).
 */
#ifndef TESTS_E2E_FLASH_RECORDS_H
#define TESTS_E2E_FLASH_RECORDS_H

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "firmware/base/bytes.h"
#include "firmware/crypto/crypto.h"
#include "firmware/crypto/identity.h"

/* A record as firmware/journal/journal_record.h states it. */
enum { RECORD_LEN = 32, AT_KIND = 8, AT_CODE = 9, AT_TAG = 12, AT_REF = 20, AT_MAC = 24 };
enum { KIND_GRANTED = 0x0F, KIND_REFUSED = 0x55, KIND_EVENT = 0x66, EVENT_START = 1 };

#define RECORDS_MAX 500000

static uint8_t records[RECORDS_MAX][RECORD_LEN]; /* by seq */
static bool present[RECORDS_MAX];
static unsigned problems, tests;

__attribute__((format(printf, 1, 2))) static inline void problem(const char *format, ...)
{
    va_list arguments;
    if (++problems > 20)
        return;
    printf("# ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

__attribute__((format(printf, 1, 2))) static inline void report(const char *format, ...)
{
    static unsigned before;
    va_list arguments;
    printf("%sok %u - ", problems == before ? "" : "not ", ++tests);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
    before = problems;
}

static inline uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static inline unsigned below(unsigned limit)
{
    return (unsigned)random() % limit;
}

static inline pid_t spawn(const char *const argv[], const char *log)
{
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    return pid;
}

static inline bool has_ended(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* Kills the process, unless it has ended. Returns its wait status; -1: pid is no process. */
static inline int end_process(pid_t pid)
{
    int status = -1;
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    return status;
}

/* Returns a connection to the Unix socket; -1: nothing listens there. */
static inline int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Waits until the gate is up and asks it for its reports. Returns the connection; -1: the gate ended first,
 * or took more than limit_ms. */
static inline int watch_gate(pid_t gate, unsigned limit_ms)
{
    int fd = -1;
    for (uint64_t end = now_ms() + limit_ms; fd < 0 && now_ms() < end && !has_ended(gate); usleep(500))
        fd = connect_to("gate.sock");
    if (fd < 0 || send(fd, "watch\n", 6, MSG_NOSIGNAL) == 6)
        return fd;
    close(fd);
    return -1;
}

static inline uint32_t word_u32(const char *line, const char *name)
{
    const char *at = strstr(line, name);
    return at != NULL ? (uint32_t)strtoul(at + strlen(name), NULL, 10) : 0;
}

static inline uint32_t cards_of(uint32_t list)
{
    char path[32];
    unsigned cards = 0;
    snprintf(path, sizeof(path), "cards.%u", (unsigned)list);
    FILE *in = fopen(path, "r");
    if (in != NULL && fscanf(in, "%u", &cards) != 1)
        cards = 0;
    if (in != NULL)
        fclose(in);
    return cards;
}

/* Reads a whole file into memory that the caller frees; len 0 when it cannot. */
static inline uint8_t *read_file(const char *path, size_t *len)
{
    struct stat status;
    uint8_t *bytes = NULL;
    FILE *in = fopen(path, "r");
    *len = 0;
    if (in != NULL && fstat(fileno(in), &status) == 0 && (bytes = malloc((size_t)status.st_size + 1)) != NULL)
        *len = fread(bytes, 1, (size_t)status.st_size, in);
    if (in != NULL)
        fclose(in);
    return bytes;
}

/* True if a slot of the flash holds this list to the last byte (layout:
 * firmware/whitelist/whitelist_format.h). */
static inline bool list_is_whole(uint32_t list)
{
    enum { SECTOR = 4096, BLOCKS_AT = 65536, AT_HEAD_LEN = 40, SIGNATURE_LEN = 76 };
    char path[32];
    size_t file_len, flash_len;
    bool whole = false;
    snprintf(path, sizeof(path), "list.%u", (unsigned)list);
    uint8_t *file = read_file(path, &file_len), *flash = read_file("gate.flash", &flash_len);
    size_t head_len =
        file_len > AT_HEAD_LEN + 4 ? bytes_get_u32(file + AT_HEAD_LEN) + SIGNATURE_LEN : SIZE_MAX;
    for (size_t at = 0; head_len < file_len && !whole && at + BLOCKS_AT + file_len <= flash_len; at += SECTOR)
        whole = memcmp(flash + at, file, head_len) == 0 &&
                memcmp(flash + at + BLOCKS_AT, file + head_len, file_len - head_len) == 0;
    free(file);
    free(flash);
    return whole;
}

static inline void find_records(const struct identity *identity)
{
    static uint8_t buf[1 << 16];
    uint8_t mac[CRYPTO_MAC_LEN];
    crypto_mac key;
    size_t len;
    FILE *in = fopen("gate.flash", "r");

    if (in == NULL || crypto_mac_init(&key, identity->journal_key) != ERR_OK) {
        problem("cannot read gate.flash");
        return;
    }
    while ((len = fread(buf, 1, sizeof(buf), in)) > 0) {
        for (size_t at = 0; at + RECORD_LEN <= len; at += RECORD_LEN) {
            const uint8_t *record = buf + at;
            uint32_t seq = bytes_get_u32(record);
            if (seq >= RECORDS_MAX || crypto_mac_compute(&key, record, AT_MAC, mac) != ERR_OK ||
                memcmp(mac, record + AT_MAC, RECORD_LEN - AT_MAC) != 0)
                continue;
            /* Sector headers carry a MAC as well; their magic reads as a number no test reaches. */
            if (present[seq])
                problem("number %u stands twice in the journal", seq);
            present[seq] = true;
            memcpy(records[seq], record, RECORD_LEN);
        }
    }
    fclose(in);
    crypto_mac_free(&key);
}

static inline bool is_start(uint32_t seq)
{
    return present[seq] && records[seq][AT_KIND] == KIND_EVENT && records[seq][AT_CODE] == EVENT_START;
}

/* Granted records of the life that the gate counted as boots. */
static inline uint32_t grants_in(uint32_t boots)
{
    uint32_t grants = 0;
    bool inside = false;
    for (uint32_t seq = 0; seq < RECORDS_MAX; seq++) {
        if (is_start(seq))
            inside = bytes_get_u32(records[seq] + AT_REF) == boots;
        grants += inside && present[seq] && records[seq][AT_KIND] == KIND_GRANTED;
    }
    return grants;
}

static inline void write_told(FILE *told, uint32_t seq, bool granted, const uint8_t tag[8])
{
    fprintf(told, "%u,%s,", (unsigned)seq, granted ? "granted" : "refused");
    for (int at = 0; at < 8; at++)
        fprintf(told, "%02x", tag[at]);
    fprintf(told, "\n");
}

static inline void write_found(void)
{
    FILE *found = fopen("found.csv", "w");
    for (uint32_t seq = 0; found != NULL && seq < RECORDS_MAX; seq++) {
        if (!present[seq])
            continue;
        fprintf(found, "%u,", (unsigned)seq);
        for (int at = 0; at < RECORD_LEN; at++)
            fprintf(found, "%02X", records[seq][at]);
        fprintf(found, "\n");
    }
    if (found == NULL || fclose(found) != 0)
        problem("cannot write found.csv");
}

static inline bool load_identity(struct identity *identity)
{
    uint8_t block[IDENTITY_LEN_MAX];
    FILE *in = fopen("gate.id", "r");
    size_t len = in != NULL ? fread(block, 1, sizeof(block), in) : 0;
    bool ok = identity_decode(identity, block, len) == ERR_OK;
    if (in != NULL)
        fclose(in);
    return ok;
}

#endif
