/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/qemu_gate/qemu.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tools/qemu_gate/board.h"
#include "tools/qemu_gate/options.h"

enum {
    ARGUMENTS_MAX = 48,
    TEXTS_MAX = 16,
    ICOUNT_SHIFT = 3, /* 8 ns an instruction: 125 MIPS, the most that a Cortex-M3 of 142 MHz reaches */
};

static const char *arguments[ARGUMENTS_MAX];
static char texts[TEXTS_MAX][4300];
static int argument_count, text_count;

static void add(const char *word)
{
    arguments[argument_count++] = word;
}

__attribute__((format(printf, 1, 2))) static void add_text(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(texts[text_count], sizeof texts[0], format, list);
    va_end(list);
    add(texts[text_count++]);
}

static void add_serial_lines(const struct options *options, const struct board *board, int maintenance)
{
    for (int i = 0; i < 2; i++) {
        add("-serial");
        if (strcmp(board->serial[i], "maintenance") == 0)
            add("chardev:maintenance");
        else if (strcmp(board->serial[i], "reader") == 0 && options->cardsim)
            add("chardev:reader");
        else
            add("null"); /* with "none" the UART itself would be missing, and an access to it a fault */
    }
    add("-chardev");
    add_text("socket,id=maintenance,fd=%d", maintenance);
    if (options->cardsim) {
        add("-chardev");
        add_text("socket,id=reader,path=%s,reconnect=1", options->cardsim);
    }
}

static void build_command(const struct options *options, const struct board *board, int maintenance, int log)
{
    add("qemu-system-arm");
    add("-M");
    add(board->machine);
    add("-display");
    add("none");
    add("-monitor");
    add("none");
    add("-kernel");
    add_text("%s/%s", options->build, board->image);
    add("-device");
    add_text("loader,file=%s,addr=%s,force-raw=on", options->identity, board->identity_address);
    if (strcmp(board->flash, "mtd") == 0) {
        add("-drive");
        add_text("file=%s,if=mtd,format=raw", options->flash);
    }
    add_serial_lines(options, board, maintenance);
    add("-d");
    add(options->trace_flash ? "unimp,trace:m25p80_page_program,trace:m25p80_flash_erase" : "unimp");
    add("-D");
    add_text("/proc/self/fd/%d", log);
    if (options->icount) {
        add("-icount");
        add_text("shift=%d,sleep=on", ICOUNT_SHIFT);
    }
    if (options->plugin) {
        add("-plugin");
        add(options->plugin);
    }
    if (options->gdb) {
        add("-gdb");
        add_text("unix:%s,server=on,wait=off", options->gdb);
    }
    add(NULL);
}

pid_t qemu_start(const struct options *options, const struct board *board, int maintenance, int log)
{
    build_command(options, board, maintenance, log);
    pid_t parent = getpid(), pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    execvp(arguments[0], (char **)(uintptr_t)arguments);
    fprintf(stderr, "qemu_gate: qemu-system-arm: %s (make BOARD=... test installs it)\n", strerror(errno));
    _exit(1);
}
