/* SPDX-License-Identifier: Apache-2.0 */
/* cardsim: a virtual PN532 with cards, on a pseudo terminal or a socket. See README.md. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "firmware/base/version.h"
#include "hal/linux/process_memory.h"
#include "tools/cardsim/chip.h"
#include "tools/cardsim/console.h"
#include "tools/cardsim/control.h"
#include "tools/cardsim/link.h"
#include "tools/cardsim/pace.h"
#include "tools/cardsim/text.h"
#include "tools/cardsim/trace.h"

enum { CARDS_FILE_MAX = 1 << 20 };

static volatile sig_atomic_t stopping;

struct options {
    enum cardsim_link_mode mode;
    const char *address;
    const char *scanner;
    const char *control;
    const char *cards;
    uint32_t baud; /* 0: the line takes no time */
    uint64_t seed;
    bool is_instant;
    bool traces;
};

static void print_help(void)
{
    puts(
        "usage: cardsim --pty PATH | --listen ADDRESS | --connect ADDRESS [option]...\n"
        "       cardsim ctl SOCKET [COMMAND...]\n"
        "\n"
        "A virtual PN532 NFC reader (HSU protocol) and the cards on it, for software that drives a real "
        "one.\n"
        "\n"
        "the serial line\n"
        "  --pty PATH          make a pseudo terminal and link PATH to it; for libnfc,\n"
        "                      LIBNFC_DEFAULT_DEVICE=pn532_uart:PATH:115200\n"
        "  --listen ADDRESS    serve the same bytes on unix:PATH or tcp:127.0.0.1:PORT, one client at a "
        "time\n"
        "  --connect ADDRESS   the other way round, for QEMU's -serial unix:PATH,server; tries until it is "
        "there\n"
        "  --baud RATE         bytes take their time on the line, ten bits each, both ways; else none\n"
        "\n"
        "the scanner\n"
        "  --scanner ADDRESS   a scanner of QR codes (text, then CR) on a second line: the PATH of a pseudo\n"
        "                      terminal, unix:PATH or tcp:127.0.0.1:PORT\n"
        "\n"
        "cards and control\n"
        "  --cards FILE        cards to know, none of them in the field yet: NAME KIND UID "
        "[OPTION=VALUE]...\n"
        "  --control SOCKET    take commands on a unix socket; without it they come from standard input\n"
        "  --instant           answer at once, without the few milliseconds radio takes\n"
        "  --seed NUMBER       make random UIDs and challenges repeat\n"
        "  --trace             print every frame on standard error\n"
        "  --version, --help\n"
        "\n"
        "ctl sends one command to a running cardsim (or every line of its standard input) and prints the "
        "answer;\n"
        "it exits 0 if all went well, 1 if an answer was an error, 2 if there is no cardsim.\n"
        "\n"
        "commands\n"
        "  put CARD            lay a card in the field; CARD is the NAME or UID of one already known, or "
        "defines\n"
        "                      one: UID, KIND UID [OPTION=VALUE]..., NAME KIND UID [OPTION=VALUE]...\n"
        "  take CARD|all       take it out\n"
        "  tap CARD [MS]       put it, and take it after MS milliseconds (300)\n"
        "  list                the cards known\n"
        "  show CARD [NAME]    what a card stores, or the content of one file (AID:NUMBER), block or page\n"
        "  scan TEXT           let the scanner read a code; scan-bytes HEX sends bytes as they are\n"
        "  fault KIND [COUNT|forever] [MS]\n"
        "                      spoil the next COUNT answers (1)\n"
        "  status, help");
    puts("\nkinds of card");
    for (size_t i = 0; cardsim_kinds[i]; i++)
        printf("  %-19s %s\n", cardsim_kinds[i]->name, cardsim_kinds[i]->summary);
    puts("  Every kind also takes atqa=4 hex digits, sak=2 and, for ISO 14443-4, ats=hex with its length "
         "byte.");
    puts("\nkinds of fault");
    for (int i = 0; i < CARDSIM_FAULT_COUNT; i++)
        printf("  %-19s %s\n", cardsim_fault_name((enum cardsim_fault)i),
               cardsim_fault_summary((enum cardsim_fault)i));
    puts("\nexample\n"
         "  cardsim --pty /tmp/reader --control /tmp/reader.ctl &\n"
         "  cardsim ctl /tmp/reader.ctl put 04A1B2C3D4E580\n"
         "  LIBNFC_DEFAULT_DEVICE=pn532_uart:/tmp/reader:115200 nfc-list");
}

static bool take_number(const char *option, const char *text, long low, long high, long *number)
{
    *number = cardsim_text_number(text, high);
    if (*number >= low)
        return true;
    fprintf(stderr, "cardsim: %s takes a number from %ld to %ld, not '%s'\n", option, low, high, text);
    return false;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
    enum { PTY = 256, LISTEN, CONNECT, SCANNER, CONTROL, CARDS, BAUD, INSTANT, SEED, TRACE, VERSION, HELP };
    static const struct option known[] = {{"pty", required_argument, NULL, PTY},
                                          {"listen", required_argument, NULL, LISTEN},
                                          {"connect", required_argument, NULL, CONNECT},
                                          {"scanner", required_argument, NULL, SCANNER},
                                          {"control", required_argument, NULL, CONTROL},
                                          {"cards", required_argument, NULL, CARDS},
                                          {"baud", required_argument, NULL, BAUD},
                                          {"instant", no_argument, NULL, INSTANT},
                                          {"seed", required_argument, NULL, SEED},
                                          {"trace", no_argument, NULL, TRACE},
                                          {"version", no_argument, NULL, VERSION},
                                          {"help", no_argument, NULL, HELP},
                                          {NULL, 0, NULL, 0}};
    unsigned lines = 0;
    long number;
    for (int option; (option = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
        switch (option) {
        case PTY:
        case LISTEN:
        case CONNECT:
            options->mode = option == PTY      ? CARDSIM_LINK_PTY
                            : option == LISTEN ? CARDSIM_LINK_LISTEN
                                               : CARDSIM_LINK_CONNECT;
            options->address = optarg;
            lines++;
            break;
        case SCANNER:
            options->scanner = optarg;
            break;
        case CONTROL:
            options->control = optarg;
            break;
        case CARDS:
            options->cards = optarg;
            break;
        case INSTANT:
            options->is_instant = true;
            break;
        case BAUD:
            if (!take_number("--baud", optarg, CARDSIM_BAUD_MIN, CARDSIM_BAUD_MAX, &number))
                return false;
            options->baud = (uint32_t)number;
            break;
        case SEED:
            if (!take_number("--seed", optarg, 0, 1000000000, &number))
                return false;
            options->seed = (uint64_t)number * 2654435761u + 1;
            break;
        case TRACE:
            options->traces = true;
            break;
        case VERSION:
            printf("cardsim %s\n", portillon_version);
            exit(0);
        case 'h':
        case HELP:
            print_help();
            exit(0);
        default:
            fprintf(stderr, "try: cardsim --help\n");
            return false;
        }
    }
    if (optind < argc)
        fprintf(stderr, "cardsim: what is '%s'? (try: cardsim --help)\n", argv[optind]);
    else if (lines != 1)
        fprintf(stderr, "cardsim: give one of --pty, --listen and --connect (try: cardsim --help)\n");
    return optind == argc && lines == 1;
}

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static bool load_cards(struct cardsim_field *field, const char *path)
{
    static char text[CARDS_FILE_MAX + 1];
    char problem[CARDSIM_PROBLEM_MAX];
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "cardsim: %s: %s\n", path, strerror(errno));
        return false;
    }
    size_t len = fread(text, 1, sizeof text, file);
    bool failed = ferror(file);
    fclose(file);
    if (failed || len > CARDS_FILE_MAX || memchr(text, '\0', len)) {
        fprintf(stderr, "cardsim: %s: %s\n", path, failed ? "cannot be read" : "is not a cards file");
        return false;
    }
    text[len] = '\0';
    unsigned line = cardsim_control_load(field, text, problem);
    if (line)
        fprintf(stderr, "cardsim: %s:%u: %s\n", path, line, problem);
    return line == 0;
}

static void stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
}

/* Blocks the signals except while poll() waits, so that none is missed between a check and the wait. */
static void catch_signals(sigset_t *while_polling)
{
    struct sigaction action = {.sa_handler = stop};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGHUP);
    sigprocmask(SIG_BLOCK, &blocked, while_polling);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void wait_for_work(struct pollfd *fds, nfds_t count, uint64_t due_us, const sigset_t *mask)
{
    struct timespec timeout;
    uint64_t now = now_us(), left = due_us <= now ? 0 : due_us - now;
    timeout.tv_sec = (time_t)(left / 1000000u);
    timeout.tv_nsec = (long)(left % 1000000u) * 1000;
    if (ppoll(fds, count, due_us == UINT64_MAX ? NULL : &timeout, mask) < 0)
        for (nfds_t i = 0; i < count; i++)
            fds[i].revents = 0;
}

/* The serial lines and the control socket of a running cardsim. */
struct lines {
    struct cardsim_link reader, scanner;
    struct cardsim_pace to_chip, to_host; /* of the reader's line */
    struct cardsim_console console;
};

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Passes on what the chip sent. Returns true if bytes have arrived that the host does not take yet. */
static bool send_to_host(struct lines *lines, struct cardsim_chip *chip, uint64_t now)
{
    cardsim_chip_consume(chip, cardsim_pace_send(&lines->to_host, chip->output, chip->output_len, now));
    size_t arrived = cardsim_pace_arrived(&lines->to_host, now);
    size_t sent = arrived > 0 ? cardsim_link_write(&lines->reader, lines->to_host.bytes, arrived) : 0;
    cardsim_pace_consume(&lines->to_host, sent);
    return sent < arrived;
}

static void receive_from_host(struct lines *lines, struct cardsim_chip *chip, uint64_t now)
{
    uint8_t bytes[512];
    size_t room = cardsim_pace_room(&lines->to_chip);
    if (room > sizeof bytes)
        room = sizeof bytes;
    if (room > 0)
        (void)cardsim_pace_send(&lines->to_chip, bytes, cardsim_link_read(&lines->reader, bytes, room), now);
    size_t arrived = cardsim_pace_arrived(&lines->to_chip, now);
    cardsim_chip_receive(chip, lines->to_chip.bytes, arrived, now);
    cardsim_pace_consume(&lines->to_chip, arrived);
}

static void send_scanned(struct lines *lines, struct cardsim_scanner *scanner)
{
    if (scanner->output_len)
        cardsim_scanner_consume(scanner,
                                cardsim_link_write(&lines->scanner, scanner->output, scanner->output_len));
}

static void serve_scanner(struct cardsim_link *link)
{
    uint8_t ignored[64];
    while (cardsim_link_read(link, ignored, sizeof ignored) > 0)
        continue;
    cardsim_link_service(link);
}

static void serve(struct cardsim_chip *chip, struct cardsim_scanner *scanner, struct lines *lines)
{
    struct cardsim_control control = {.field = chip->field, .chip = chip, .scanner = scanner};
    sigset_t mask;
    catch_signals(&mask);
    while (!stopping) {
        struct pollfd fds[2 * CARDSIM_LINK_FDS + CARDSIM_CONSOLE_FDS];
        uint64_t now = now_us();
        uint64_t due = cardsim_field_expire(chip->field, now);
        cardsim_chip_poll(chip, now);
        due = earlier(due, cardsim_chip_due_us(chip));
        bool is_blocked = send_to_host(lines, chip, now);
        due = earlier(due, cardsim_pace_due_us(&lines->to_host, now));
        due = earlier(due, cardsim_pace_due_us(&lines->to_chip, now));
        send_scanned(lines, scanner);
        if (cardsim_link_is_retrying(&lines->reader))
            due = earlier(due, now + 1000u * CARDSIM_RETRY_MS);
        nfds_t count =
            cardsim_link_poll_fds(&lines->reader, fds, cardsim_pace_room(&lines->to_chip) > 0, is_blocked);
        if (scanner->is_fitted)
            count += cardsim_link_poll_fds(&lines->scanner, fds + count, true, scanner->output_len > 0);
        nfds_t console_count = cardsim_console_poll_fds(&lines->console, fds + count);
        wait_for_work(fds, count + console_count, due, &mask);
        now = now_us();
        (void)cardsim_field_expire(chip->field, now);
        cardsim_console_service(&lines->console, fds + count, console_count, &control, now);
        receive_from_host(lines, chip, now);
        cardsim_link_service(&lines->reader);
        if (scanner->is_fitted)
            serve_scanner(&lines->scanner);
    }
}

/* Opens the lines. Returns false after printing one line on stderr and closing what was open. */
static bool open_lines(struct lines *lines, const struct options *options)
{
    bool is_socket = options->scanner && strchr(options->scanner, ':');
    if (cardsim_link_open(&lines->reader, options->mode, options->address) != 0)
        goto close_reader;
    if (options->scanner &&
        cardsim_link_open(&lines->scanner, is_socket ? CARDSIM_LINK_LISTEN : CARDSIM_LINK_PTY,
                          options->scanner) != 0)
        goto close_scanner;
    if (cardsim_console_open(&lines->console, options->control) == 0)
        return true;
    cardsim_console_close(&lines->console);
close_scanner:
    if (options->scanner)
        cardsim_link_close(&lines->scanner);
close_reader:
    cardsim_link_close(&lines->reader);
    return false;
}

static void close_lines(struct lines *lines, const struct options *options)
{
    cardsim_console_close(&lines->console);
    if (options->scanner)
        cardsim_link_close(&lines->scanner);
    cardsim_link_close(&lines->reader);
}

static void say_ready(const struct options *options)
{
    if (options->scanner)
        printf("scanner: %s\n", options->scanner);
    if (options->mode == CARDSIM_LINK_PTY)
        printf("ready: LIBNFC_DEFAULT_DEVICE=pn532_uart:%s:115200\n", options->address);
    else
        printf("ready: %s\n", options->address);
    fflush(stdout);
}

static int run_ctl(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[2], "--help") != 0)
        return cardsim_console_ask(argv[2], argv + 3, argc - 3);
    fprintf(argc >= 3 ? stdout : stderr, "usage: cardsim ctl SOCKET [COMMAND...]   (see cardsim --help)\n");
    return argc >= 3 ? 0 : 2;
}

int main(int argc, char **argv)
{
    static struct cardsim_field field;
    static struct cardsim_chip chip;
    static struct cardsim_scanner scanner;
    static struct lines lines;
    struct options options = {.seed = 0};
    process_memory_protect("cardsim");
    if (argc >= 2 && strcmp(argv[1], "ctl") == 0)
        return run_ctl(argc, argv);
    if (!parse_options(argc, argv, &options))
        return 2;
    if (options.seed == 0 && getrandom(&options.seed, sizeof options.seed, 0) != sizeof options.seed)
        options.seed = now_us();
    cardsim_field_init(&field, options.seed);
    cardsim_chip_init(&chip, &field);
    chip.is_instant = options.is_instant;
    scanner.is_fitted = options.scanner != NULL;
    cardsim_pace_init(&lines.to_chip, options.baud);
    cardsim_pace_init(&lines.to_host, options.baud);
    if (options.traces)
        chip.trace = cardsim_trace_start();
    if (options.cards && !load_cards(&field, options.cards))
        return 1;
    if (!open_lines(&lines, &options))
        return 1;
    say_ready(&options);
    serve(&chip, &scanner, &lines);
    close_lines(&lines, &options);
    return 0;
}
