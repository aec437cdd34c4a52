/*
 * Cuts the power of an emulated gate some hundreds of times, in the middle of taps, uploads and pulls, and
 * checks what it left behind.
 *
 * One life: qemu_gate starts, cards tap (cardsim), in two lives of three an upload or a pull runs; QEMU is
 * killed at a moment chosen at random, or just as a passage's record was programmed, or just as the relay
 * went on. qemu_gate --trace-flash tells what was programmed and what the relay did in the order in which the
 * guest did it, so each opening is held against the records programmed before it in that life, and against
 * the flash file; at the end, and at each start, against all that the file holds.
 *
 * usage: cut WORK CUTS SEED
 * WORK holds gate.id, gate.flash (with list 1 running), cards.sock (cardsim's), gate (starts qemu_gate), push
 * (uploads list $1), pull (fetches the passages), status (asks the gate, JSON to status.json), list.N and
 * cards.N. Prints TAP. Leaves told.csv (seq, verdict and tag of each passage opened) and found.csv (seq and
 * bytes of each record) for the caller.
 */
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/e2e/flash_records.h"

#define OPENINGS_MAX 100000
#define START_MS     10000
#define TAP_EVERY_MS 120

/* A record seen programmed, of a passage granted. */
struct grant {
    uint32_t address;
    uint8_t bytes[RECORD_LEN];
};

static struct grant opened[OPENINGS_MAX]; /* the relay went on for these */
static unsigned opened_count, grants_unopened, late_in_file, unfounded;

/* ---- one life ---- */

enum moment { AT_RANDOM, AT_RECORD, AT_RELAY, AT_START };

static struct {
    uint32_t number;
    enum moment moment;
    unsigned ordinal; /* of the record or opening that is the moment */
    struct grant grants[64];
    unsigned grant_count, rises;
    bool relay, is_over; /* the moment has come */
    uint64_t taps_from_ms, tapped_ms;
    int cards;
    char line[1024];
    size_t line_len;
} life;

static crypto_mac journal_key;

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

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

static void take_program(const char *line)
{
    struct grant grant;
    uint8_t mac[CRYPTO_MAC_LEN];
    char hex[2 * RECORD_LEN + 2];
    unsigned address;
    if (sscanf(line, "program %x %65s", &address, hex) != 2 || strlen(hex) != 2 * RECORD_LEN)
        return;
    grant.address = address;
    for (int i = 0; i < RECORD_LEN; i++) {
        unsigned byte = 0;
        sscanf(hex + 2 * i, "%2x", &byte);
        grant.bytes[i] = (uint8_t)byte;
    }
    if (grant.bytes[AT_KIND] != KIND_GRANTED || life.grant_count == 64 ||
        crypto_mac_compute(&journal_key, grant.bytes, AT_MAC, mac) != ERR_OK ||
        memcmp(mac, grant.bytes + AT_MAC, RECORD_LEN - AT_MAC) != 0)
        return;
    life.grants[life.grant_count++] = grant;
    life.is_over |= life.moment == AT_RECORD && life.grant_count >= life.ordinal;
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
    if (!file_holds(grant)) {
        late_in_file++;
        for (int ms = 0; ms < 200 && !file_holds(grant); ms++)
            usleep(1000);
        if (!file_holds(grant))
            unfounded++;
    }
    if (opened_count < OPENINGS_MAX)
        opened[opened_count++] = *grant;
    life.is_over |= life.moment == AT_RELAY && life.rises >= life.ordinal;
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

/* Two cards of ten tapped are listed: list.N has 04 and multiples of 7. */
static void tap_card(void)
{
    char line[64], answer[512];
    static uint32_t number;
    if (life.taps_from_ms == 0 || now_ms() < life.taps_from_ms || now_ms() - life.tapped_ms < TAP_EVERY_MS)
        return;
    life.tapped_ms = now_ms();
    number++;
    int len =
        snprintf(line, sizeof line, "tap %s%06X 60\n", number % 3 == 0 ? "05" : "04", number % 2000 * 7);
    if (send(life.cards, line, (size_t)len, MSG_NOSIGNAL) < 0)
        problem("life %u: cardsim is gone", life.number);
    while (recv(life.cards, answer, sizeof answer, MSG_DONTWAIT) > 0)
        ;
}

/* Reads what the gate tells until until_ms. @retval false it has ended. */
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

static bool is_done(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* Which list the gate says it runs; it must be the old one or the next, and whole. @retval its version, 0: no
 * answer. */
static uint32_t ask_list(int fd, uint32_t before)
{
    const char *const argv[] = {"./status", NULL};
    size_t len;
    pid_t pid = spawn(argv, "tool.log");
    for (uint64_t end = now_ms() + START_MS; now_ms() < end && !is_done(pid);)
        if (!watch(fd, now_ms() + 10))
            break;
    int status = 1;
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
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

/* @retval the list last known to run. */
static uint32_t live_once(uint32_t number, uint32_t list, unsigned counts[4])
{
    static const char *const gate_argv[] = {"./gate", NULL}, *const pull_argv[] = {"./pull", NULL};
    char next_list[16];
    const char *push_argv[] = {"./push", next_list, NULL};
    int cards = life.cards, fd = -1, status = 0;
    pid_t tool = 0;

    memset(&life, 0, sizeof life);
    life.number = number;
    life.cards = cards;
    life.moment = number % 8 == 7 ? AT_START : (enum moment)(number % 3);
    life.ordinal = 1 + below(3);
    unlink("gate.sock");
    pid_t gate = spawn(gate_argv, "gate.log");
    for (uint64_t end = now_ms() + START_MS; fd < 0 && now_ms() < end && !is_done(gate); usleep(500))
        fd = connect_to("gate.sock");
    if (fd < 0 || send(fd, "watch\n", 6, MSG_NOSIGNAL) != 6) {
        problem("life %u: qemu_gate did not come up", number);
        return list;
    }
    if (life.moment == AT_START) {
        counts[3]++;
        watch(fd, now_ms() + below(250));
    } else {
        enum moment moment = life.moment;
        life.moment = AT_RANDOM; /* not while it is asked */
        uint32_t running = ask_list(fd, list);
        list = running != 0 ? running : list;
        snprintf(next_list, sizeof next_list, "%u", (unsigned)list + 1);
        bool push = number % 4 != 1, pull = number % 4 == 1 && number % 8 != 1;
        if (push || pull)
            tool = spawn(push ? push_argv : pull_argv, "tool.log");
        counts[push ? 0 : pull ? 1 : 2]++;
        life.moment = moment;
        life.taps_from_ms = now_ms();
        watch(fd, now_ms() + (moment == AT_RANDOM ? below(1800) : 2500));
    }
    life.is_over = false;
    life.taps_from_ms = 0;
    (void)!send(fd, "cut\n", 4, MSG_NOSIGNAL);
    while (watch(fd, now_ms() + 2000) && !is_done(gate))
        ;
    kill(gate, SIGKILL);
    waitpid(gate, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        problem("life %u: QEMU ended by itself, wait status %d", number, status);
    close(fd);
    if (tool > 0) {
        kill(tool, SIGKILL);
        waitpid(tool, NULL, 0);
    }
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
    FILE *told = fopen("told.csv", "w"), *found = fopen("found.csv", "w");
    for (unsigned i = 0; told != NULL && i < opened_count; i++) {
        fprintf(told, "%u,granted,", (unsigned)bytes_get_u32(opened[i].bytes));
        for (int at = 0; at < 8; at++)
            fprintf(told, "%02x", opened[i].bytes[AT_TAG + at]);
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
    uint32_t cuts = argc == 4 ? (uint32_t)atoi(argv[2]) : 0, list = 1;
    unsigned counts[4] = {0}, records_count = 0;

    if (cuts == 0 || chdir(argv[1]) != 0 || !load_identity(&identity) ||
        crypto_mac_init(&journal_key, identity.journal_key) != ERR_OK ||
        (life.cards = connect_to("cards.sock")) < 0) {
        fprintf(stderr, "usage: cut WORK CUTS SEED (what WORK holds: cut.c)\n");
        return 2;
    }
    srandom((unsigned)atoi(argv[3]));
    signal(SIGPIPE, SIG_IGN);
    for (uint32_t number = 1; number <= cuts && problems < 20; number++)
        list = live_once(number, list, counts);
    report(
        "%u power cuts (%u during an upload, %u during a pull, %u while starting): the next life comes up, "
        "list old or new and whole (%u installed)",
        cuts, counts[0], counts[1], counts[3], list - 1);
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
