/*
 * Kills a gate some hundreds of times, in the middle of taps and of uploads, and checks what it left behind.
 *
 * One life of the gate: start it, watch its control socket, let cards tap (tap_source) and, in two lives of
 * three, an upload or a pull run; end it by SIGKILL at a moment chosen at random, or (in one life of three)
 * let it tear a flash operation half-way (portillond --die-after). What the watcher read is then held against
 * the flash file, whose records are found and checked here without the firmware's journal.
 *
 * usage: kill WORK CUTS SEED
 * WORK holds gate.id, gate.flash (with list 1 running), gate (starts portillond; gets more options),
 * push (uploads list $1), pull (fetches the passages), list.N, and cards.N (the
 * number of cards in list N).
 * Prints TAP; the upload and the taps go on from life to life, and so do the lists: 1, 2, 3, ...
 * Leaves told.csv (seq, verdict, tag of each tap) and found.csv (seq and bytes of each record) for the
 * caller.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

#include "firmware/bytes.h"
#include "firmware/crypto.h"
#include "firmware/identity.h"
#include "firmware/verdict.h"

/* A record as firmware/journal_record.h states it. */
enum { RECORD_LEN = 32, AT_KIND = 8, AT_CODE = 9, AT_TAG = 12, AT_REF = 20, AT_MAC = 24 };
enum { KIND_GRANTED = 0x0F, KIND_REFUSED = 0x55, KIND_EVENT = 0x66, EVENT_START = 1 };

#define RECORDS_MAX 500000
#define SEEN_MAX    500000
#define LIVES_MAX   5000
#define WATCH_MAX   4000000
#define START_MS    5000

/* A tap the watcher was told of. */
struct seen {
    uint32_t life, seq;
    bool granted;
    char reason[24];
    uint8_t tag[8];
};

struct life {
    uint32_t boots;                    /* the gate's own count; 0: it died before it answered */
    uint32_t rises;                    /* times the relay was seen to go on */
    uint32_t list;                     /* running at its start */
    bool torn;                         /* it was to die in a flash operation, and did */
    enum { ALONE, PUSH, PULL } beside; /* what runs beside the taps */
};

static struct seen seen[SEEN_MAX];
static size_t seen_count;
static struct life lives[LIVES_MAX];
static uint8_t records[RECORDS_MAX][RECORD_LEN]; /* by seq */
static bool present[RECORDS_MAX];
static char watched[WATCH_MAX];
static unsigned problems, tests;

__attribute__((format(printf, 1, 2))) static void problem(const char *format, ...)
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

__attribute__((format(printf, 1, 2))) static void report(const char *format, ...)
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

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static unsigned below(unsigned limit)
{
    return (unsigned)random() % limit;
}

/* ---- one life ---- */

static pid_t spawn(const char *const argv[], const char *log)
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

static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* Connects to the gate's socket and asks to watch. @retval the socket, -1 when the gate died first. */
static int start_watching(pid_t gate)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "gate.sock"};
    for (uint64_t end = now_ms() + START_MS; now_ms() < end && !has_ended(gate); usleep(500)) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
            send(fd, "watch\n", 6, MSG_NOSIGNAL) == 6)
            return fd;
        close(fd);
    }
    return -1;
}

/* Lets the person through who was granted, if there is one: the arm turns every so often. */
static void turn_arm(int fd)
{
    static uint64_t last_ms;
    if (now_ms() - last_ms < 50)
        return;
    last_ms = now_ms();
    (void)!send(fd, "press rotation 0\n", 17, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Reads on until until_ms, or the line ends. @retval true while the gate still speaks. */
static bool watch(int fd, size_t *len, uint64_t until_ms)
{
    for (;;) {
        uint64_t now = now_ms();
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        uint64_t left_ms = until_ms > now ? until_ms - now : 0;
        turn_arm(fd);
        if (poll(&ready, 1, left_ms < 50 ? (int)left_ms : 50) <= 0) {
            if (left_ms < 50)
                return true;
            continue;
        }
        ssize_t count = recv(fd, watched + *len, WATCH_MAX - 1 - *len, 0);
        if (count <= 0)
            return false;
        *len += (size_t)count;
        watched[*len] = '\0';
    }
}

static uint32_t word_u32(const char *line, const char *name)
{
    const char *at = strstr(line, name);
    return at != NULL ? (uint32_t)strtoul(at + strlen(name), NULL, 10) : 0;
}

static void take_tap(uint32_t life, const char *line)
{
    struct seen *tap = &seen[seen_count];
    char verdict[10], tag[20];
    if (seen_count == SEEN_MAX || sscanf(line, "tap %9s reason=%23s seq=%u zone=%*s tag=%19s", verdict,
                                         tap->reason, &tap->seq, tag) != 4)
        return;
    tap->life = life;
    tap->granted = strcmp(verdict, "granted") == 0;
    for (int i = 0; i < 8; i++) {
        unsigned byte = 0;
        sscanf(tag + 2 * i, "%2x", &byte);
        tap->tag[i] = (uint8_t)byte;
    }
    seen_count++;
}

/* What the watcher read in one life: whole lines only, the last may be cut off. */
static uint32_t take_lines(uint32_t life, uint32_t list)
{
    bool relay = false;
    char *end;
    for (char *line = watched; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        if (strncmp(line, "tap ", 4) == 0)
            take_tap(life, line);
        if (strncmp(line, "state ", 6) == 0)
            list = word_u32(line, " list=");
        if (strncmp(line, "outputs ", 8) == 0) {
            bool on = strstr(line, " relay=1") != NULL;
            lives[life].rises += on && !relay;
            relay = on;
        }
    }
    return list;
}

static uint32_t cards_of(uint32_t list)
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
static uint8_t *read_file(const char *path, size_t *len)
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

/* True if a slot of the flash holds this list to the last byte (layout: firmware/whitelist_format.h). */
static bool list_is_whole(uint32_t list)
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

/* The first line: the list must be the old one or the one that was being brought, and whole. */
static void check_start(uint32_t life, uint32_t list_before)
{
    lives[life].list = word_u32(watched, " list=");
    lives[life].boots = word_u32(watched, " boots=");
    if (lives[life].list != list_before && lives[life].list != list_before + 1)
        problem("life %u: list %u runs, after %u", life, lives[life].list, list_before);
    if (word_u32(watched, " cards=") != cards_of(lives[life].list))
        problem("life %u: list %u has another number of cards", life, lives[life].list);
    if (!list_is_whole(lives[life].list))
        problem("life %u: list %u runs, but no slot holds all of it", life, lives[life].list);
    if (strstr(watched, " storage=ok") == NULL)
        problem("life %u: storage is not ok: %s", life, watched);
}

/* Runs and ends the gate once. @retval the list last known to run. */
static uint32_t live_once(uint32_t life, uint32_t list_before)
{
    char die_after[16], next_list[16];
    struct life *now = &lives[life];
    size_t len = 0;
    pid_t tool = 0;
    uint64_t end_ms = UINT64_MAX;

    bool tear = life % 3 == 0;
    now->beside = life % 3 == 1 ? ALONE : life % 8 < 6 ? PUSH : PULL;
    unlink("go");
    snprintf(die_after, sizeof(die_after), "%u", 1 + below(now->beside == PUSH ? 120 : 20));
    snprintf(next_list, sizeof(next_list), "%u", (unsigned)list_before + 1);
    /* At a real chip's pace an upload lasts long enough to be hit anywhere; at full speed there are more
     * taps. */
    const char *timing = life / 3 % 2 == 0 ? "real" : "none";
    const char *plain_argv[] = {"./gate", "--flash-timing", timing, NULL};
    const char *torn_argv[] = {"./gate", "--flash-timing", timing, "--die-after", die_after, NULL};
    const char *push_argv[] = {"./push", next_list, NULL}, *pull_argv[] = {"./pull", NULL};

    pid_t gate = spawn(tear ? torn_argv : plain_argv, "gate.log");
    int fd = start_watching(gate);
    watched[0] = '\0';
    uint32_t list = list_before;
    if (fd >= 0) {
        end_ms = now_ms() + START_MS;
        while (strchr(watched, '\n') == NULL && now_ms() < end_ms && watch(fd, &len, now_ms() + 1))
            ;
        if (strncmp(watched, "ok ", 3) == 0) {
            check_start(life, list_before);
            list = now->list;
        }
        close(open("go", O_CREAT | O_WRONLY, 0600));
        if (now->beside != ALONE)
            tool = spawn(now->beside == PUSH ? push_argv : pull_argv, "tool.log");
        /* A torn life ends by itself; one that has fewer operations than die_after is killed all the same. */
        unsigned lasts_ms = now->beside != ALONE ? below(600) : below(4) == 0 ? below(400) : below(20);
        end_ms = now_ms() + (tear ? 1000 : lasts_ms);
        watch(fd, &len, end_ms);
    }
    for (int ms = 0; tear && now_ms() < end_ms && ms < 50 && !has_ended(gate); ms++)
        usleep(1000); /* its socket closes a moment before it can be waited for */
    now->torn = has_ended(gate);
    kill(gate, SIGKILL);
    int status = 0;
    waitpid(gate, &status, 0);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        problem("life %u: the gate ended by itself, wait status %d", life, status);
    if (fd >= 0) {
        watch(fd, &len, now_ms() + 100);
        close(fd);
    }
    if (tool > 0) {
        kill(tool, SIGKILL);
        waitpid(tool, NULL, 0);
    }
    return take_lines(life, list);
}

/* ---- what is in the flash file ---- */

static void find_records(const struct identity *identity)
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

static bool is_start(uint32_t seq)
{
    return present[seq] && records[seq][AT_KIND] == KIND_EVENT && records[seq][AT_CODE] == EVENT_START;
}

/* Granted records of the life that the gate counted as boots. */
static uint32_t grants_in(uint32_t boots)
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

static void check_tap(const struct seen *tap)
{
    const uint8_t *record = records[tap->seq];
    if (tap->seq == 0) {
        if (tap->granted)
            problem("life %u: granted without a number", tap->life);
    } else if (tap->seq >= RECORDS_MAX || !present[tap->seq]) {
        problem("life %u: passage %u is lost", tap->life, tap->seq);
    } else if (record[AT_KIND] != (tap->granted ? KIND_GRANTED : KIND_REFUSED) ||
               memcmp(record + AT_TAG, tap->tag, 8) != 0 ||
               (!tap->granted && strcmp(reason_name((enum reason)record[AT_CODE]), tap->reason) != 0)) {
        problem("life %u: number %u is not the passage that was told", tap->life, tap->seq);
    }
}

static bool load_identity(struct identity *identity)
{
    uint8_t block[IDENTITY_LEN];
    FILE *in = fopen("gate.id", "r");
    bool ok = in != NULL && fread(block, 1, sizeof(block), in) == sizeof(block) &&
              identity_decode(identity, block, sizeof(block)) == ERR_OK;
    if (in != NULL)
        fclose(in);
    return ok;
}

static void write_findings(void)
{
    FILE *told = fopen("told.csv", "w"), *found = fopen("found.csv", "w");
    for (size_t i = 0; told != NULL && i < seen_count; i++) {
        fprintf(told, "%u,%s,", (unsigned)seen[i].seq, seen[i].granted ? "granted" : "refused");
        for (int at = 0; at < 8; at++)
            fprintf(told, "%02x", seen[i].tag[at]);
        fprintf(told, "\n");
    }
    for (uint32_t seq = 0; found != NULL && seq < RECORDS_MAX; seq++) {
        if (!present[seq])
            continue;
        fprintf(found, "%u,", (unsigned)seq);
        for (int at = 0; at < RECORD_LEN; at++)
            fprintf(found, "%02X", records[seq][at]);
        fprintf(found, "\n");
    }
    if (told == NULL || fclose(told) != 0 || found == NULL || fclose(found) != 0)
        problem("cannot write told.csv and found.csv");
}

int main(int argc, char **argv)
{
    struct identity identity;
    uint32_t cuts = argc == 4 ? (uint32_t)atoi(argv[2]) : 0;
    uint32_t list = 1, answered = 0, torn = 0, pushes = 0, pulls = 0, rises = 0, grants = 0,
             records_count = 0;

    if (cuts == 0 || cuts >= LIVES_MAX || chdir(argv[1]) != 0 || !load_identity(&identity)) {
        fprintf(stderr, "usage: kill WORK CUTS SEED (WORK with gate.id, gate, push; see kill.c)\n");
        return 2;
    }
    srandom((unsigned)atoi(argv[3]));
    signal(SIGPIPE, SIG_IGN);
    for (uint32_t life = 1; life <= cuts; life++) {
        list = live_once(life, list);
        answered += lives[life].boots != 0;
        torn += lives[life].torn;
        pushes += lives[life].beside == PUSH;
        pulls += lives[life].beside == PULL;
        rises += lives[life].rises;
    }
    if (torn > (cuts + 2) / 3)
        problem("%u lives ended by themselves, and not for --die-after", torn - cuts / 3);
    if (answered < cuts / 2)
        problem("only %u lives came up before they died", answered);
    report(
        "%u lives ended by a kill (%u tearing a flash operation, %u during an upload, %u during a pull): the "
        "next comes up, list old or new and whole (%u installed)",
        cuts, torn, pushes, pulls, list - 1);

    find_records(&identity);
    for (uint32_t seq = 0; seq < RECORDS_MAX; seq++)
        records_count += present[seq];
    for (size_t i = 0; i < seen_count; i++) {
        check_tap(&seen[i]);
        grants += seen[i].granted;
    }
    if (grants < answered)
        problem("only %u passages were seen granted", grants);
    report("%zu taps were told of, %u granted: each has its record (%u records in the flash)", seen_count,
           grants, records_count);

    for (uint32_t life = 1; life <= cuts; life++)
        if (lives[life].boots != 0 && lives[life].rises > grants_in(lives[life].boots))
            problem("life %u: the relay went on %u times, for %u passages", life, lives[life].rises,
                    grants_in(lives[life].boots));
    if (rises < answered / 2)
        problem("the relay was seen to go on only %u times", rises);
    report("the relay went on %u times, never without its record", rises);
    write_findings();
    return problems != 0;
}
