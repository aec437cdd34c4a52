/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the taps of the demonstration: it puts cards on the virtual readers, reads the result of each tap
 * from the gates' control sockets, prints it, and compares the passages pulled into the store with the
 * results.
 *
 *   demo table TAPS RESULTS GATE...     makes the taps of the file TAPS; RESULTS gets one line a tap
 *   demo keys CARDS RESULTS GATE...     on a terminal: a key taps a card
 *   demo watch SECONDS RESULTS GATE...  only shows the gates' reports (real reader); 0: until Ctrl-C
 *   demo probe HELPER READER            prints the name of a real reader, or at once why there is none
 *   demo enrol SECONDS HELPER READER    prints the UID of the card put on a real reader
 *   demo verify RESULTS STORE           checks that every tap of RESULTS is in the SQLite store
 *
 * GATE is NAME:CONTROL-SOCKET[:CARDSIM-SOCKET].
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "hal/libnfc/libnfc_reader.h"
#include "tools/demo/lights.h"
#include "tools/demo/verify.h"

enum {
    GATES_MAX = 4,
    CARDS_MAX = 26,
    ANSWER_MS = 3000,  /* a gate that does not answer within this time has failed */
    HOLD_MS = 1500,    /* how long a held card stays */
    QUIET_MS = 500,    /* longer than a light that blinks is dark; also the reader sees an empty field */
    CLOSING_MS = 8000, /* an open gate closes by itself in less */
    PROBE_S = 6,       /* a reader that opens does so in less */
    INPUT_MS = 200,    /* an input has changed the lights */
    BEEP_MS = 700,     /* the sound of a granted card has ended */
};

struct gate {
    char name[32];
    int control, cardsim; /* sockets; cardsim is -1 with a real reader */
    char input[4096];     /* bytes of control, not yet split into lines */
    size_t input_len;
    bool emulated;        /* the gate reports only its outputs, and has no inputs */
    struct lights lights; /* what the tap in progress shows */
};

struct tap {
    char verdict[32];
    unsigned long seq;
    double card_ms;   /* from card in the field to relay (or verdict); negative: not known */
    double reader_ms; /* from identity read to relay (or verdict) */
    bool relay;
};

static struct gate gates[GATES_MAX];
static double slowest_ms; /* of the gates' decisions; 0: none was reported */
static int gate_count;
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void sleep_ms(int ms)
{
    poll(NULL, 0, ms);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        fprintf(stderr, "demo: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    return fd;
}

static void say(int fd, const char *line)
{
    char text[256];
    int len = snprintf(text, sizeof text, "%s\n", line);
    if (write(fd, text, (size_t)len) != len) {
        fprintf(stderr, "demo: a gate or reader closed its socket\n");
        exit(1);
    }
}

/* Reads one line from a gate. Returns false when none came in time. */
static bool next_line(struct gate *gate, char *line, size_t size, int timeout_ms)
{
    uint64_t until = now_us() + (uint64_t)timeout_ms * 1000;
    for (;;) {
        char *end = memchr(gate->input, '\n', gate->input_len);
        if (end) {
            size_t len = (size_t)(end - gate->input);
            snprintf(line, size, "%.*s", (int)len, gate->input);
            gate->input_len -= len + 1;
            memmove(gate->input, end + 1, gate->input_len);
            return true;
        }
        uint64_t now = now_us();
        struct pollfd ready = {.fd = gate->control, .events = POLLIN};
        if (now >= until || interrupted || gate->input_len == sizeof gate->input ||
            poll(&ready, 1, (int)((until - now + 999) / 1000)) <= 0)
            return false;
        ssize_t count =
            read(gate->control, gate->input + gate->input_len, sizeof gate->input - gate->input_len);
        if (count <= 0) {
            fprintf(stderr, "demo: gate %s stopped\n", gate->name);
            exit(1);
        }
        gate->input_len += (size_t)count;
    }
}

static double field_number(const char *line, const char *name)
{
    const char *at = strstr(line, name);
    return at && at[strlen(name)] != '-' ? strtod(at + strlen(name), NULL) : -1;
}

static bool parse_tap(const char *line, struct tap *tap)
{
    char reason[32];
    if (sscanf(line, "tap %31s reason=%31s", tap->verdict, reason) != 2)
        return false;
    tap->relay = strcmp(tap->verdict, "granted") == 0;
    if (strcmp(tap->verdict, "refused") == 0)
        snprintf(tap->verdict, sizeof tap->verdict, "%s", reason);
    tap->seq = (unsigned long)field_number(line, " seq=");
    tap->reader_ms = field_number(line, tap->relay ? " relay_us=" : " decide_us=") / 1000;
    double seen_us = field_number(line, " seen_us=");
    /* absolute time; the caller subtracts the time the card was put */
    tap->card_ms = seen_us / 1000 + tap->reader_ms;
    return true;
}

/* Takes a line that is about lights. Returns true if it is a tap: a gate on an emulated chip reports no taps,
 * so that a tap is the relay or the red light going on. The reason of a refusal is in its journal. */
static bool take_outputs(struct gate *gate, const char *line, struct tap *tap)
{
    bool was_open = lights_is_on(&gate->lights, LIGHTS_RELAY),
         was_red = lights_is_on(&gate->lights, LIGHTS_RED);
    if (!lights_take_line(&gate->lights, line) || !gate->emulated)
        return false;
    bool opens = lights_is_on(&gate->lights, LIGHTS_RELAY) && !was_open;
    if (!opens && (!lights_is_on(&gate->lights, LIGHTS_RED) || was_red))
        return false;
    *tap = (struct tap){.relay = opens, .card_ms = (double)gate->lights.at_us / 1000, .reader_ms = -1};
    snprintf(tap->verdict, sizeof tap->verdict, "%s", opens ? "granted" : "refused");
    return true;
}

static bool take_line(struct gate *gate, const char *line, struct tap *tap)
{
    return take_outputs(gate, line, tap) || parse_tap(line, tap);
}

static bool wait_for_tap(struct gate *gate, struct tap *tap, int timeout_ms)
{
    char line[512];
    while (next_line(gate, line, sizeof line, timeout_ms))
        if (take_line(gate, line, tap))
            return true;
    return false;
}

static void drain(struct gate *gate)
{
    struct tap ignored;
    while (wait_for_tap(gate, &ignored, 0))
        ;
}

static void cardsim_say(struct gate *gate, const char *verb, const char *card)
{
    char line[128], answer[256];
    snprintf(line, sizeof line, "%s %s", verb, card);
    say(gate->cardsim, line);
    struct pollfd ready = {.fd = gate->cardsim, .events = POLLIN};
    ssize_t count = poll(&ready, 1, ANSWER_MS) > 0 ? read(gate->cardsim, answer, sizeof answer - 1) : 0;
    answer[count > 0 ? count : 0] = 0;
    if (strncmp(answer, "ok", 2) != 0) {
        fprintf(stderr, "demo: the virtual reader of %s answered '%s' to '%s'\n", gate->name, answer, line);
        exit(1);
    }
}

/* Puts a card on a reader and waits for the verdict. */
static bool tap_card(struct gate *gate, const char *card, struct tap *tap)
{
    drain(gate);
    lights_begin(&gate->lights);
    uint64_t put_us = now_us();
    cardsim_say(gate, "put", card);
    if (!wait_for_tap(gate, tap, ANSWER_MS))
        return false;
    tap->card_ms -= (double)put_us / 1000;
    return true;
}

/* Waits until the lights have said what they say: nothing changes, and all is as it was before the tap. */
static void wait_for_lights(struct gate *gate, int limit_ms)
{
    char line[512];
    uint64_t until = now_us() + (uint64_t)limit_ms * 1000;
    struct tap ignored;
    while (now_us() < until &&
           (next_line(gate, line, sizeof line, QUIET_MS) || !lights_are_back(&gate->lights)))
        (void)take_line(gate, line, &ignored);
}

/* Takes the card from the reader. pass: its holder goes through the gate. An emulated gate has no sensor to
 * trigger and closes by itself. */
static void take_card(struct gate *gate, const char *card, const struct tap *tap, bool pass)
{
    if (tap->relay && pass && !gate->emulated)
        say(gate->control, "press rotation");
    cardsim_say(gate, "take", card);
    wait_for_lights(gate, tap->relay && !pass ? BEEP_MS : CLOSING_MS);
}

static void print_heading(void)
{
    printf("  %-10s %-9s %-14s %9s  %s\n", "card", "gate", "answer", "after", "lights and sound");
}

/* Prints the first part of the line of a tap. The second part follows when the lights have been seen. */
static void print_tap(const char *card, const char *gate, const struct tap *tap)
{
    if (tap->reader_ms > slowest_ms)
        slowest_ms = tap->reader_ms;
    printf("  %-10s %-9s %-14s %6.1f ms  ", card, gate, tap->relay ? "OPEN" : tap->verdict, tap->card_ms);
    fflush(stdout);
}

static void print_lights(const struct gate *gate, const char *note)
{
    char text[LIGHTS_TEXT_SIZE];
    lights_describe(&gate->lights, text);
    printf(*note != '\0' ? "%-22s  %s\n" : "%s%s\n", text, note);
}

/* Notes a tap for `demo verify`. A tap that the gate calls repeated is in no journal. */
static void record_tap(FILE *results, const char *gate, const struct tap *tap)
{
    if (strcmp(tap->verdict, "repeated") == 0)
        return;
    fprintf(results, "%s %lu %s\n", gate, tap->seq, tap->verdict);
    fflush(results);
}

static struct gate *find_gate(const char *name)
{
    for (int i = 0; i < gate_count; i++)
        if (strcmp(gates[i].name, name) == 0)
            return &gates[i];
    return NULL;
}

static void open_gates(int argc, char **argv)
{
    for (int i = 0; i < argc && gate_count < GATES_MAX; i++) {
        struct gate *gate = &gates[gate_count++];
        char *control = strchr(argv[i], ':'), *cardsim = control ? strchr(control + 1, ':') : NULL;
        if (!control) {
            fprintf(stderr, "demo: '%s' is not NAME:CONTROL[:CARDSIM]\n", argv[i]);
            exit(2);
        }
        *control++ = 0;
        if (cardsim)
            *cardsim++ = 0;
        snprintf(gate->name, sizeof gate->name, "%s", argv[i]);
        gate->control = connect_to(control);
        gate->cardsim = cardsim ? connect_to(cardsim) : -1;
        say(gate->control, "watch");
        char line[512];
        if (!next_line(gate, line, sizeof line, ANSWER_MS)) {
            fprintf(stderr, "demo: gate %s says nothing\n", gate->name);
            exit(1);
        }
        gate->emulated = strstr(line, "gate=") == NULL;
        (void)lights_take_line(&gate->lights, line);
    }
}

/* --- demo table --- */

/* Returns true if the answer is the one that the table names. An emulated gate says only whether it opened:
 * then the result gets the table's word, and `demo verify` compares that with the journal. */
static bool check_answer(const struct gate *gate, struct tap *tap, const char *expected)
{
    if (gate->emulated && tap->relay == (strcmp(expected, "granted") == 0))
        snprintf(tap->verdict, sizeof tap->verdict, "%s", expected);
    return strcmp(tap->verdict, expected) == 0;
}

static bool run_row(FILE *results, const char *card, struct gate *gate, const char *action,
                    const char *expected, const char *note)
{
    struct tap tap = {0}, again;
    if (!tap_card(gate, card, &tap)) {
        printf("  %-10s %-9s no answer in %d ms\n", card, gate->name, ANSWER_MS);
        take_card(gate, card, &tap, false);
        return false;
    }
    print_tap(card, gate->name, &tap);
    bool right = check_answer(gate, &tap, expected);
    record_tap(results, gate->name, &tap);
    bool twice = strcmp(action, "hold") == 0 && wait_for_tap(gate, &again, HOLD_MS);
    take_card(gate, card, &tap, true);
    print_lights(gate, note);
    if (!right)
        printf("    WRONG: the table says %s\n", expected);
    if (twice) {
        printf("    WRONG: the card stayed on the reader and was taken for a second one\n");
        record_tap(results, gate->name, &again);
    }
    return right && !twice;
}

static int run_table(const char *path, FILE *results)
{
    char line[256];
    int rows = 0, right = 0;
    FILE *table = fopen(path, "r");
    if (!table) {
        fprintf(stderr, "demo: %s: %s\n", path, strerror(errno));
        return 1;
    }
    print_heading();
    while (fgets(line, sizeof line, table)) {
        char card[32], name[32], action[16], expected[32];
        int note = 0;
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#' || line[0] == 0)
            continue;
        struct gate *gate = NULL;
        if (sscanf(line, "%31s %31s %15s %31s %n", card, name, action, expected, &note) != 4 ||
            !(gate = find_gate(name))) {
            fprintf(stderr, "demo: %s: cannot read '%s'\n", path, line);
            fclose(table);
            return 1;
        }
        rows++;
        right += run_row(results, card, gate, action, expected, line + note);
    }
    fclose(table);
    printf("%d of %d taps got the answer that the table names\n", right, rows);
    if (slowest_ms > 0)
        printf(
            "\"after\" is from the card in the field to the answer. Of it a gate took at most %.1f ms, the "
            "reader the rest.\n",
            slowest_ms);
    return rows > 0 && right == rows ? 0 : 1;
}

/* --- demo keys --- */

static struct termios terminal_before;

static void restore_terminal(void)
{
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
}

enum { CTRL_C = 3, CTRL_D = 4 };

/* Reads keys as they are typed. Ctrl-C is a key too: as a signal it would also end make and the gates, before
 * the passages are fetched. */
static void take_terminal(void)
{
    struct termios raw;
    if (tcgetattr(STDIN_FILENO, &terminal_before) != 0)
        return;
    atexit(restore_terminal);
    raw = terminal_before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static bool is_stop(char key)
{
    return key == '0' || key == CTRL_C || key == CTRL_D;
}

static int load_cards(const char *path, char names[CARDS_MAX][32])
{
    char line[256];
    int count = 0;
    FILE *cards = fopen(path, "r");
    while (cards && count < CARDS_MAX && fgets(line, sizeof line, cards))
        if (line[0] != '#' && sscanf(line, "%31s", names[count]) == 1)
            count++;
    if (cards)
        fclose(cards);
    return count;
}

/* Prints the keys. Letters tap cards; digits and signs are the other keys. */
static void show_keys(char names[CARDS_MAX][32], int count, const struct gate *gate)
{
    printf("\nYour turn: a letter taps a card at the gate \"%s\".\n", gate->name);
    for (int i = 0; i < count; i++)
        printf("  %c %-12s%s", 'a' + i, names[i], i % 5 == 4 || i == count - 1 ? "\n" : "");
    printf("  1 the other gate%s\n  ? this list   0 or Ctrl-C: fetch the passages and end\n\n",
           gate->emulated ? "" : "   2 fire alarm on or off   3 people let in pass, or stand still");
    fflush(stdout);
}

struct session {
    char names[CARDS_MAX][32];
    int count, at; /* cards; the gate in use */
    bool fire[GATES_MAX], stands_still;
    FILE *results;
};

static void tap_by_key(const struct session *session, const char *card)
{
    struct gate *gate = &gates[session->at];
    struct tap tap = {0};
    if (tap_card(gate, card, &tap)) {
        record_tap(session->results, gate->name, &tap);
        print_tap(card, gate->name, &tap);
        take_card(gate, card, &tap, !session->stands_still && !session->fire[session->at]);
        print_lights(gate, session->fire[session->at] ? "fire alarm: open all the same" : "");
    } else {
        printf("  %s: no answer: is the gate still open for somebody, or out of order?\n", card);
        take_card(gate, card, &tap, false);
    }
}

static void change_gate(struct session *session)
{
    session->at = (session->at + 1) % gate_count;
    printf("  now at the gate: %s\n", gates[session->at].name);
}

static void change_fire(struct session *session)
{
    struct gate *gate = &gates[session->at];
    bool *fire = &session->fire[session->at];
    *fire = !*fire;
    say(gate->control, *fire ? "inputs fire=1" : "inputs fire=0");
    sleep_ms(INPUT_MS);
    printf("  %s: fire alarm %s\n", gate->name,
           *fire ? "on: the gate is open for everybody" : "off: the gate is locked again");
}

static void change_passing(struct session *session)
{
    session->stands_still = !session->stands_still;
    printf("  from now on, %s\n",
           session->stands_still ? "nobody passes: the gate closes after 5 s" : "whoever is let in passes");
}

static void obey_key(struct session *session, char key)
{
    bool has_inputs = !gates[session->at].emulated;
    if (key >= 'a' && key < 'a' + session->count)
        tap_by_key(session, session->names[key - 'a']);
    else if (key == '1')
        change_gate(session);
    else if (key == '2' && has_inputs)
        change_fire(session);
    else if (key == '3' && has_inputs)
        change_passing(session);
    else
        show_keys(session->names, session->count, &gates[session->at]);
    fflush(stdout);
}

static int run_keys(const char *path, FILE *results)
{
    static struct session session;
    char key;
    session.results = results;
    session.count = load_cards(path, session.names);
    take_terminal();
    show_keys(session.names, session.count, &gates[session.at]);
    while (!interrupted && read(STDIN_FILENO, &key, 1) == 1 && !is_stop(key))
        obey_key(&session, key);
    return 0;
}

/* --- demo watch --- */

/* Returns true once the user typed that it is enough. */
static bool is_stopped(void)
{
    struct pollfd typed = {.fd = STDIN_FILENO, .events = POLLIN};
    char key;
    return isatty(STDIN_FILENO) && poll(&typed, 1, 0) == 1 &&
           (read(STDIN_FILENO, &key, 1) != 1 || is_stop(key));
}

/* Ends the line of a tap that waits for its lights. */
static void end_line(struct gate **shown)
{
    if (*shown == NULL)
        return;
    print_lights(*shown, "");
    fflush(stdout);
    lights_begin(&(*shown)->lights);
    *shown = NULL;
}

/* Prints a tap that a real reader saw. Its time counts from the moment when the reader knew the card. */
static void show_real_tap(struct gate *gate, struct tap *tap, FILE *results)
{
    record_tap(results, gate->name, tap);
    tap->card_ms = tap->reader_ms;
    print_tap("a card", gate->name, tap);
}

/* Takes one line of a gate. *shown is the gate whose lights are still to be printed. */
static void watch_line(struct gate *gate, struct gate **shown, FILE *results)
{
    char line[512];
    struct tap tap;
    if (!next_line(gate, line, sizeof line, QUIET_MS)) {
        end_line(shown);
        lights_begin(&gate->lights);
        return;
    }
    if (take_line(gate, line, &tap)) {
        end_line(shown);
        show_real_tap(gate, &tap, results);
        *shown = gate;
    } else if (strstr(line, "reader=down")) {
        end_line(shown);
        printf("  %-9s the reader does not answer\n", gate->name);
    }
}

static int run_watch(int seconds, FILE *results)
{
    struct gate *shown = NULL;
    take_terminal();
    uint64_t until = now_us() + (uint64_t)seconds * 1000000;
    printf("Tap cards on the reader%s.\n", seconds == 0 ? "; 0 or Ctrl-C ends" : "");
    print_heading();
    fflush(stdout);
    while (!interrupted && !is_stopped() && (seconds == 0 || now_us() < until))
        for (int i = 0; i < gate_count; i++)
            watch_line(&gates[i], &shown, results);
    end_line(&shown);
    return 0;
}

/* --- demo probe, demo enrol --- */

/* Polls a real reader until it reports this event. Prints why the reader is down; with or_down that ends it.
 * Returns false if the event did not come in time. */
static bool await_event(const struct reader *reader, enum reader_event event, bool or_down, int seconds,
                        struct reader_report *report)
{
    uint64_t until = now_us() + (uint64_t)seconds * 1000000;
    while (!interrupted && now_us() < until) {
        int result = reader->poll(reader->ctx, report);
        if (result > 0 && report->event == event)
            return true;
        if (result > 0 && report->event == READER_DOWN) {
            fprintf(stderr, "demo: %s\n", report->text);
            if (or_down)
                return false;
        }
        if (result <= 0)
            sleep_ms(10);
    }
    return false;
}

static void print_event(const struct reader_report *report)
{
    for (int i = 0; report->event == READER_CARD && i < report->target.uid_len; i++)
        printf("%02X", report->target.uid[i]);
    printf("%s\n", report->event == READER_UP ? report->text : "");
}

/* Opens a real reader, and prints the event that is awaited. */
static int print_next(enum reader_event event, int seconds, const char *helper, const char *connection)
{
    static struct libnfc_reader reader;
    struct reader_report report;
    if (libnfc_reader_open(&reader, helper, connection) != ERR_OK) {
        fprintf(stderr, "demo: %s: cannot be run\n", helper);
        return 1;
    }
    bool came = await_event(&reader.reader, event, event == READER_UP, seconds, &report);
    if (came)
        print_event(&report);
    libnfc_reader_close(&reader);
    return came ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 4 && strcmp(argv[1], "verify") == 0)
        return verify_taps(argv[2], argv[3]);
    if (argc == 5 && strcmp(argv[1], "enrol") == 0)
        return print_next(READER_CARD, atoi(argv[2]), argv[3], argv[4]);
    if (argc == 4 && strcmp(argv[1], "probe") == 0)
        return print_next(READER_UP, PROBE_S, argv[2], argv[3]);
    if (argc < 5) {
        fprintf(stderr, "usage: demo table|keys|watch WHAT RESULTS NAME:CONTROL[:CARDSIM]...; the others are "
                        "in demo.c\n");
        return 2;
    }
    FILE *results = fopen(argv[3], "a");
    if (!results) {
        fprintf(stderr, "demo: %s: %s\n", argv[3], strerror(errno));
        return 1;
    }
    open_gates(argc - 4, argv + 4);
    int status = 2;
    if (strcmp(argv[1], "table") == 0)
        status = run_table(argv[2], results);
    else if (strcmp(argv[1], "keys") == 0)
        status = run_keys(argv[2], results);
    else if (strcmp(argv[1], "watch") == 0)
        status = run_watch(atoi(argv[2]), results);
    fclose(results);
    return status;
}
