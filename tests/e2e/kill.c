/* SPDX-License-Identifier: Apache-2.0 */
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
 */
#include <poll.h>

#include "firmware/access/verdict.h"
#include "tests/e2e/flash_records.h"

#define SEEN_MAX  500000
#define LIVES_MAX 5000
#define WATCH_MAX 4000000
#define START_MS  5000

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
static char watched[WATCH_MAX];

/* ---- one life ---- */

/* Lets the person through who was granted, if there is one: the arm turns every so often. */
static void turn_arm(int fd)
{
    static uint64_t last_ms;
    if (now_ms() - last_ms < 50)
        return;
    last_ms = now_ms();
    (void)!send(fd, "press rotation 0\n", 17, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Reads until until_ms or the end of the line. Returns true while the gate still answers. */
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

/* Runs and ends the gate once. Returns the version of the list last known to be active. */
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
    int fd = watch_gate(gate, START_MS);
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
    int status = end_process(gate);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        problem("life %u: the gate ended by itself, wait status %d", life, status);
    if (fd >= 0) {
        watch(fd, &len, now_ms() + 100);
        close(fd);
    }
    end_process(tool);
    return take_lines(life, list);
}

/* ---- what is in the flash file ---- */

static void check_tap(const struct seen *tap)
{
    if (tap->seq == 0) {
        if (tap->granted)
            problem("life %u: granted without a number", tap->life);
        return;
    }
    if (tap->seq >= RECORDS_MAX || !present[tap->seq]) {
        problem("life %u: passage %u is lost", tap->life, tap->seq);
        return;
    }
    const uint8_t *record = records[tap->seq];
    if (record[AT_KIND] != (tap->granted ? KIND_GRANTED : KIND_REFUSED) ||
        memcmp(record + AT_TAG, tap->tag, 8) != 0 ||
        (!tap->granted && strcmp(reason_name((enum reason)record[AT_CODE]), tap->reason) != 0))
        problem("life %u: number %u is not the passage that was told", tap->life, tap->seq);
}

static void write_findings(void)
{
    FILE *told = fopen("told.csv", "w");
    for (size_t i = 0; told != NULL && i < seen_count; i++)
        write_told(told, seen[i].seq, seen[i].granted, seen[i].tag);
    if (told == NULL || fclose(told) != 0)
        problem("cannot write told.csv");
    write_found();
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
