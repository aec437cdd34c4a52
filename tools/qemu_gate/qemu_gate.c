/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a board's image in QEMU, with the same ports as portillond; see README.md. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hal/linux/process_memory.h"
#include "tools/qemu_gate/board.h"
#include "tools/qemu_gate/control.h"
#include "tools/qemu_gate/options.h"
#include "tools/qemu_gate/port.h"
#include "tools/qemu_gate/qemu.h"
#include "tools/qemu_gate/qemu_log.h"
#include "tools/qemu_gate/report.h"

enum { BAUD_DEFAULT = 115200, END_MS = 5000 };

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static int wait_for_events(struct pollfd *ready, int count, int64_t wait_us)
{
    struct timespec wait = {wait_us / 1000000, wait_us % 1000000 * 1000};
    return ppoll(ready, (nfds_t)count, wait_us < 0 ? NULL : &wait, NULL);
}

/* Runs until QEMU ends, a signal comes or a power cut is requested. Returns true if QEMU ended by itself. */
static bool turn(int log)
{
    enum { AT_LOG, AT_PORT, AT_CONTROL = AT_PORT + 2 };
    while (!stopped) {
        struct pollfd ready[AT_CONTROL + 1 + CONTROL_CLIENTS_MAX] = {{log, POLLIN, 0}};
        int64_t wait_us = port_prepare(ready + AT_PORT);
        int count = AT_CONTROL + control_prepare(ready + AT_CONTROL);
        if (wait_for_events(ready, count, wait_us) < 0)
            continue;
        if (control_serve(ready + AT_CONTROL))
            return false;
        if (ready[AT_LOG].revents && !qemu_log_serve(log))
            return true;
        if (!port_serve(ready + AT_PORT))
            return true;
    }
    return false;
}

/* Stops the guest between two instructions, without notice to it. SIGTERM is used because QEMU then writes to
 * the flash file what the guest has programmed (which it does on its own thread); a real chip would have kept
 * it. The rest of the log is still read. */
static void end_qemu(pid_t qemu, int log)
{
    uint64_t end_us = now_us() + END_MS * UINT64_C(1000);
    struct pollfd ready = {log, POLLIN, 0};
    int status;
    kill(qemu, SIGTERM);
    for (bool more = true; more && now_us() < end_us;)
        more = wait_for_events(&ready, 1, 100000) <= 0 || qemu_log_serve(log);
    kill(qemu, SIGKILL); /* in case QEMU hangs */
    while (qemu_log_serve(log))
        ;
    waitpid(qemu, &status, 0);
}

static int run(const struct options *options, const struct board *board)
{
    int line[2], log[2];
    qemu_log_open(board->outputs, options->log);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, line) != 0 || pipe(log) != 0)
        fail("socket", strerror(errno));
    fcntl(line[0], F_SETFD, FD_CLOEXEC);
    fcntl(log[0], F_SETFD, FD_CLOEXEC);
    port_open(options->pty, line[0], options->baud);
    if (options->clock)
        port_keep_guest_time(options->clock);
    control_open(options->control); /* last, so that when the socket exists the port exists too */
    pid_t qemu = qemu_start(options, board, line[1], log[1]);
    close(line[1]);
    close(log[1]);
    bool ended = turn(log[0]);
    end_qemu(qemu, log[0]);
    unlink(options->pty);
    unlink(options->control);
    if (ended)
        fprintf(stderr, "qemu_gate: QEMU ended by itself\n");
    return ended ? 1 : 0;
}

static const char usage[] =
    "usage: qemu_gate --board DIR --build DIR --identity FILE --flash FILE "
    "[--create-flash] --pty LINK --control SOCKET\n"
    "                 [--cardsim SOCKET] [--baud RATE|0] [--log FILE] [--trace-flash]\n"
    "                 [--icount] [--gdb SOCKET] [--plugin FILE[,ARGUMENT=VALUE]] [--clock FILE]\n"
    "\n"
    "Runs a board's firmware in QEMU as a gate: tools/qemu_gate/README.md.\n";

static void refuse_usage(void)
{
    fputs(usage, stderr);
    exit(2);
}

static unsigned read_baud(const char *text)
{
    char *end;
    unsigned long baud = strtoul(text, &end, 10);
    if (*end != 0 || baud > 10000000)
        refuse_usage();
    return (unsigned)baud;
}

static void read_options(struct options *options, int argc, char **argv)
{
    static const struct option known[] = {{"board", required_argument, NULL, 'b'},
                                          {"build", required_argument, NULL, 'B'},
                                          {"identity", required_argument, NULL, 'i'},
                                          {"flash", required_argument, NULL, 'f'},
                                          {"create-flash", no_argument, NULL, 'c'},
                                          {"cardsim", required_argument, NULL, 's'},
                                          {"pty", required_argument, NULL, 'p'},
                                          {"control", required_argument, NULL, 'C'},
                                          {"baud", required_argument, NULL, 'r'},
                                          {"log", required_argument, NULL, 'l'},
                                          {"trace-flash", no_argument, NULL, 't'},
                                          {"icount", no_argument, NULL, 'n'},
                                          {"plugin", required_argument, NULL, 'P'},
                                          {"clock", required_argument, NULL, 'k'},
                                          {"gdb", required_argument, NULL, 'g'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'b':
            options->board = optarg;
            break;
        case 'B':
            options->build = optarg;
            break;
        case 'i':
            options->identity = optarg;
            break;
        case 'f':
            options->flash = optarg;
            break;
        case 'c':
            options->create_flash = true;
            break;
        case 's':
            options->cardsim = optarg;
            break;
        case 'p':
            options->pty = optarg;
            break;
        case 'C':
            options->control = optarg;
            break;
        case 'r':
            options->baud = read_baud(optarg);
            break;
        case 'l':
            options->log = optarg;
            break;
        case 't':
            options->trace_flash = true;
            break;
        case 'n':
            options->icount = true;
            break;
        case 'P':
            options->plugin = optarg;
            break;
        case 'k':
            options->clock = optarg;
            break;
        case 'g':
            options->gdb = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            refuse_usage();
        }
    }
    if (!options->board || !options->build || !options->identity || !options->flash || !options->pty ||
        !options->control)
        refuse_usage();
    if (access(options->identity, R_OK) != 0)
        fail(options->identity, strerror(errno));
}

int main(int argc, char **argv)
{
    static struct board board;
    struct options options = {.baud = BAUD_DEFAULT};
    struct sigaction action = {.sa_handler = on_signal};
    process_memory_protect(
        "qemu_gate"); /* QEMU, which it starts, has the identity of the gate in its memory */
    read_options(&options, argc, argv);
    board_read(&board, options.board);
    if (strcmp(board.flash, "mtd") == 0)
        board_open_flash(&options);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return run(&options, &board);
}
