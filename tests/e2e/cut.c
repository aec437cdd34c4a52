/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts the power of an emulated gate some hundreds of times, in the middle of taps, uploads and pulls, and
 * checks what it left behind.
 *
 * One life: qemu_gate starts, is asked which list it runs, an upload or (seldom) a pull begins, and cards tap
 * (cardsim); the power is cut at a moment chosen at random, or just as a passage's record was programmed, or
 * just as the relay went on, or just as a list's commit record was programmed; one life in eight ends while
 * it starts. qemu_gate --trace-flash tells what was programmed and what the relay did in the order in which
 * the guest did it, so each opening is held against the records programmed before it in that life, and
 * against the flash file; at the end, and at each start, against all that the file holds.
 *
 * usage: cut WORK CUTS SEED
 * WORK holds gate.id, gate.flash (with list 1 running), cards.sock (cardsim's), gate (starts qemu_gate), push
 * (uploads list $1), pull (fetches the passages), status (asks the gate, JSON to status.json), list.N and
 * cards.N. Prints TAP.
 */
#include <limits.h>
#include <poll.h>

#include "tests/e2e/flash_records.h"

#define OPENINGS_MAX 100000
#define START_MS     30000 /* a busy host takes its time */
#define GRANTS_MAX   64    /* of one life */
#define PAGE_LEN     256
#define LATE_MS      10000 /* QEMU hands to the flash file what was programmed within that */
#define TAP_EVERY_MS 120
#define TAPS_MS      500   /* the first card comes by then */
#define RANDOM_MS    1000  /* a life that ends at random lasts so long at most, */
#define LIFE_MS      2500  /* any other, should its moment not come, */
#define COMMIT_MS    20000 /* but for a commit: an upload comes before it */
#define CARDS_MIN    700   /* cards that every list has: kill.sh */

/* A record seen programmed, of a passage granted. */
struct grant {
    uint32_t address;
    uint8_t bytes[RECORD_LEN];
};

static struct grant opened[OPENINGS_MAX]; /* the relay went on for these */
static unsigned opened_count, grants_unopened, late_in_file, unfounded;

/* ---- one life ---- */

enum moment { AT_RANDOM, AT_RECORD, AT_RELAY, AT_COMMIT, AT_START };

static struct {
    uint32_t number;
    enum moment moment;
    struct grant grants[GRANTS_MAX];
    unsigned grant_count, rises;
    bool relay, is_over; /* the moment has come */
    uint64_t taps_from_ms, tapped_ms;
    int cards;
    char line[1024];
    size_t line_len;
} life;

/* Lives that were cut amid these. */
struct counts {
    unsigned pushes, pulls, starts, commits;
};

static crypto_mac journal_key;

static bool file_holds(const struct grant *grant)
{
    uint8_t bytes[RECORD_LEN] = {0};
    int fd = open("gate.flash", O_RDONLY);
    bool holds = fd >= 0 && pread(fd, bytes, RECORD_LEN, grant->address) == RECORD_LEN &&
                 memcmp(bytes, grant->bytes, RECORD_LEN) == 0;
    if (fd >= 0)
        close(fd);
    return holds;
}

/* Reads hexadecimal text into bytes. Returns their number. */
static size_t read_hex(const char *hex, uint8_t *bytes, size_t size)
{
    size_t len = 0;
    for (unsigned byte; len < size && sscanf(hex + 2 * len, "%2x", &byte) == 1; len++)
        bytes[len] = (uint8_t)byte;
    return len;
}

static void take_record(uint32_t address, const uint8_t *bytes)
{
    uint8_t mac[CRYPTO_MAC_LEN];
    if (bytes[AT_KIND] != KIND_GRANTED || life.grant_count == GRANTS_MAX ||
        crypto_mac_compute(&journal_key, bytes, AT_MAC, mac) != ERR_OK ||
        memcmp(mac, bytes + AT_MAC, RECORD_LEN - AT_MAC) != 0)
        return;
    struct grant *grant = &life.grants[life.grant_count++];
    grant->address = address;
    memcpy(grant->bytes, bytes, RECORD_LEN);
    life.is_over |= life.moment == AT_RECORD;
}

/* Programs one behind the other in the flash come as one line, if nothing else came between. */
static void take_program(const char *line)
{
    uint8_t bytes[PAGE_LEN];
    unsigned address;
    int at = 0;
    if (sscanf(line, "program %x %n", &address, &at) != 1 || at == 0)
        return;
    size_t len = read_hex(line + at, bytes, sizeof bytes);
    for (size_t done = 0; done + RECORD_LEN <= len; done += RECORD_LEN)
        take_record(address + (uint32_t)done, bytes + done);
    /* A list becomes the running one by a record that begins so (firmware/whitelist/whitelist_slot.c). */
    life.is_over |= life.moment == AT_COMMIT && len == RECORD_LEN && memcmp(bytes, "PTWC", 4) == 0;
}

static void take_opening(void)
{
    life.rises++;
    if (life.rises > life.grant_count) {
        printf("# life %u: opening %u, with %u records programmed\n", life.number, life.rises,
               life.grant_count);
        unfounded++;
        return;
    }
    /* The guest has its record; QEMU hands the bytes to the file on another thread. */
    const struct grant *grant = &life.grants[life.rises - 1];
    late_in_file += !file_holds(grant);
    for (uint64_t end = now_ms() + LATE_MS; !file_holds(grant); usleep(1000)) {
        if (now_ms() < end)
            continue;
        printf("# life %u: the record of opening %u is not in the file\n", life.number, life.rises);
        unfounded++;
        break;
    }
    if (opened_count < OPENINGS_MAX)
        opened[opened_count++] = *grant;
    life.is_over |= life.moment == AT_RELAY;
}

static void take_line(const char *line)
{
    if (strncmp(line, "program ", 8) == 0)
        take_program(line);
    if (strncmp(line, "outputs ", 8) == 0) {
        bool on = strstr(line, " relay=1") != NULL;
        if (on && !life.relay)
            take_opening();
        life.relay = on;
    }
}

/* Two cards of three are listed: list.N has 04 and multiples of 7. */
static void tap_card(void)
{
    char line[64], answer[512];
    static uint32_t number;
    if (life.taps_from_ms == 0 || now_ms() < life.taps_from_ms || now_ms() - life.tapped_ms < TAP_EVERY_MS)
        return;
    life.tapped_ms = now_ms();
    number++;
    int len =
        snprintf(line, sizeof line, "tap %s%06X 60\n", number % 3 == 0 ? "05" : "04", number % CARDS_MIN * 7);
    if (send(life.cards, line, (size_t)len, MSG_NOSIGNAL) < 0)
        problem("life %u: cardsim is gone", life.number);
    while (recv(life.cards, answer, sizeof answer, MSG_DONTWAIT) > 0)
        ;
}

/* Reads what the gate prints, until until_ms. Returns false when the gate has ended. */
static bool watch(int fd, uint64_t until_ms)
{
    while (now_ms() < until_ms && !life.is_over) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        tap_card();
        if (poll(&ready, 1, 5) <= 0)
            continue;
        ssize_t count = recv(fd, life.line + life.line_len, sizeof life.line - 1 - life.line_len, 0);
        if (count <= 0)
            return false;
        life.line_len += (size_t)count;
        life.line[life.line_len] = 0;
        char *line = life.line;
        for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = 0;
            take_line(line);
        }
        life.line_len = strlen(line);
        memmove(life.line, line, life.line_len + 1);
        if (life.line_len == sizeof life.line - 1)
            life.line_len = 0;
    }
    return true;
}

/* Asks the gate for its active list, which must be the old one or the next, and whole. Returns its version;
 * 0: no answer. */
static uint32_t ask_list(int fd, uint32_t before)
{
    const char *const argv[] = {"./status", NULL};
    size_t len;
    pid_t pid = spawn(argv, "tool.log");
    for (uint64_t end = now_ms() + START_MS; now_ms() < end && !has_ended(pid);)
        if (!watch(fd, now_ms() + 10))
            break;
    int status = end_process(pid);
    char *text = (char *)read_file("status.json", &len);
    uint32_t version = 0, cards = 0;
    if (status == 0 && text != NULL) {
        text[len] = 0;
        const char *list = strstr(text, "\"list\"");
        version = list != NULL ? word_u32(list, "\"version\":") : 0;
        cards = list != NULL ? word_u32(list, "\"cards\":") : 0;
    }
    free(text);
    if (status != 0)
        problem("life %u: the gate did not answer", life.number);
    else if (version != before && version != before + 1)
        problem("life %u: list %u runs, after %u", life.number, version, before);
    else if (cards != cards_of(version) || !list_is_whole(version))
        problem("life %u: list %u is not whole", life.number, version);
    return version;
}

/* What it did until the end of a power cut is told, if late. */
static void cut_power(int fd, pid_t gate)
{
    life.is_over = false;
    life.moment = AT_RANDOM;
    life.taps_from_ms = 0;
    (void)!send(fd, "cut\n", 4, MSG_NOSIGNAL);
    uint64_t end_ms = now_ms() + START_MS;
    while (watch(fd, now_ms() + 100) && now_ms() < end_ms && !has_ended(gate))
        ;
    for (; now_ms() < end_ms && !has_ended(gate); usleep(500)) /* its socket closes a moment before */
        ;
    int status = end_process(gate);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        problem("life %u: QEMU ended by itself, wait status %d", life.number, status);
    close(fd);
}

/* Returns the process that runs beside the taps; 0: none. */
static pid_t start_beside(uint32_t list, struct counts *counts)
{
    char next_list[16];
    const char *const pull_argv[] = {"./pull", NULL}, *const push_argv[] = {"./push", next_list, NULL};
    unsigned chance = life.moment == AT_COMMIT ? UINT_MAX : below(8);
    snprintf(next_list, sizeof next_list, "%u", (unsigned)list + 1);
    if (chance == 0)
        return 0;
    counts->pulls += chance == 1;
    counts->pushes += chance != 1;
    return spawn(chance == 1 ? pull_argv : push_argv, "tool.log");
}

/* Returns the version of the list last known to be active. */
static uint32_t live_once(uint32_t number, uint32_t list, struct counts *counts)
{
    static const char *const gate_argv[] = {"./gate", NULL};
    enum moment moment = number % 8 == 7 ? AT_START : (enum moment)(number % 4);
    int cards = life.cards;
    pid_t tool = 0;

    memset(&life, 0, sizeof life);
    life.number = number;
    life.cards = cards;
    unlink("gate.sock");
    pid_t gate = spawn(gate_argv, "gate.log");
    int fd = watch_gate(gate, START_MS);
    if (fd < 0) {
        problem("life %u: qemu_gate did not come up", number);
        end_process(gate);
        return list;
    }
    if (moment == AT_START) {
        counts->starts++;
        watch(fd, now_ms() + below(250));
    } else {
        uint32_t running = ask_list(fd, list);
        list = running != 0 ? running : list;
        life.moment = moment; /* not while it was asked */
        tool = start_beside(list, counts);
        life.taps_from_ms = now_ms() + below(TAPS_MS);
        watch(fd, now_ms() + (moment == AT_RANDOM   ? below(RANDOM_MS)
                              : moment == AT_COMMIT ? COMMIT_MS
                                                    : LIFE_MS));
        counts->commits += moment == AT_COMMIT && life.is_over;
    }
    cut_power(fd, gate);
    end_process(tool);
    grants_unopened += life.grant_count - life.rises;
    return list;
}

/* ---- afterwards ---- */

static void check_openings(void)
{
    for (unsigned i = 0; i < opened_count; i++) {
        uint32_t seq = bytes_get_u32(opened[i].bytes);
        if (seq >= RECORDS_MAX || !present[seq] || memcmp(records[seq], opened[i].bytes, RECORD_LEN) != 0)
            problem("passage %u, opened for, is lost", (unsigned)seq);
    }
}

static void write_findings(void)
{
    FILE *told = fopen("told.csv", "w");
    for (unsigned i = 0; told != NULL && i < opened_count; i++)
        write_told(told, bytes_get_u32(opened[i].bytes), true, opened[i].bytes + AT_TAG);
    if (told == NULL || fclose(told) != 0)
        problem("cannot write told.csv");
    write_found();
}

int main(int argc, char **argv)
{
    struct identity identity;
    uint32_t cuts = argc == 4 ? (uint32_t)atoi(argv[2]) : 0, list = 1;
    unsigned records_count = 0;
    struct counts counts = {0};

    if (cuts == 0 || chdir(argv[1]) != 0 || !load_identity(&identity) ||
        crypto_mac_init(&journal_key, identity.journal_key) != ERR_OK ||
        (life.cards = connect_to("cards.sock")) < 0) {
        fprintf(stderr, "usage: cut WORK CUTS SEED (what WORK holds: cut.c)\n");
        return 2;
    }
    srandom((unsigned)atoi(argv[3]));
    signal(SIGPIPE, SIG_IGN);
    for (uint32_t number = 1; number <= cuts && problems < 20; number++)
        list = live_once(number, list, &counts);
    if (cuts >= 20 && list == 1)
        problem("no list was ever installed");
    report("%u power cuts (%u during an upload, %u just as a list was committed, %u during a pull, %u while "
           "starting): the next life comes up, list old or new and whole (%u installed)",
           cuts, counts.pushes, counts.commits, counts.pulls, counts.starts, list - 1);
    if (unfounded > 0)
        problem("%u openings without a record", unfounded);
    if (opened_count < cuts / 4)
        problem("the relay was seen to go on only %u times", opened_count);
    report("the relay went on %u times, each time after its record was programmed, and with it in the flash "
           "file "
           "(%u times within milliseconds; %u records were cut off from their opening)",
           opened_count, late_in_file, grants_unopened);
    find_records(&identity);
    check_openings();
    for (uint32_t seq = 0; seq < RECORDS_MAX; seq++)
        records_count += present[seq];
    report("every passage opened for is in the flash (%u records)", records_count);
    write_findings();
    crypto_mac_free(&journal_key);
    return problems != 0;
}
