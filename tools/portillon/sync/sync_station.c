/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/sync/sync_station.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/progress.h"
#include "tools/portillon/gate/link.h"
#include "tools/portillon/sync/sync_child.h"

#define POLL_MS       100
#define DRAW_EVERY_US 100000
#define RESTART_US    2000000

/* --- the lines on a terminal --- */

static int name_width(const struct sync_station *station)
{
    int width = 0;
    for (int i = 0; i < station->count; i++) {
        int len = (int)strlen(station->gates[i].place->device);
        width = len > width ? len : width;
    }
    return width;
}

static void erase(struct sync_station *station)
{
    if (station->drawn > 0)
        fprintf(stderr, "\033[%dA\r\033[J", station->drawn);
    station->drawn = 0;
}

/* Returns how many bytes of a text fit into a number of columns. */
static int fitting(const char *text, int width)
{
    int len = 0;
    for (; text[len] != '\0' && width > 0; width--)
        do
            len++;
        while (((unsigned char)text[len] & 0xC0) == 0x80);
    return len;
}

static void draw(struct sync_station *station, bool now)
{
    char line[SYNC_LINE_SIZE];
    uint64_t now_us = link_now_us();
    if (!station->is_terminal || (!now && now_us - station->drawn_us < DRAW_EVERY_US))
        return;
    erase(station);
    int width = name_width(station), room = (int)progress_columns() - width - 3;
    for (int i = 0; i < station->count; i++) {
        const struct sync_gate *gate = &station->gates[i];
        if (gate->pid == 0 && gate->has_result)
            sync_gate_describe(gate, line);
        else
            sync_gate_describe_step(gate, line);
        fprintf(stderr, "%-*s  %.*s\n", width, gate->place->device, fitting(line, room), line);
    }
    station->drawn = station->count;
    station->drawn_us = now_us;
}

/* --- messages --- */

static void say(struct sync_station *station, const struct sync_gate *gate, const char *text)
{
    erase(station);
    fprintf(stderr, "portillon: %s: %s\n", gate->place->device, text);
}

/* A line of the log of --watch. */
static void tell_news(struct sync_station *station, struct sync_gate *gate)
{
    char line[SYNC_LINE_SIZE];
    if (!station->job->watches || station->is_ending || !sync_gate_news(gate, link_now_us(), line))
        return;
    erase(station);
    printf("%-*s  %s\n", name_width(station), gate->place->device, line);
    fflush(stdout);
}

static void end_process(struct sync_station *station, struct sync_gate *gate)
{
    int status = 0;
    close(gate->fd);
    gate->fd = -1;
    while (waitpid(gate->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    sync_gate_end(gate, status);
    gate->restart_us = link_now_us() + RESTART_US;
    tell_news(station, gate);
}

static void take_messages(struct sync_station *station, struct sync_gate *gate)
{
    static struct sync_message message;
    int got;
    while ((got = sync_message_take(gate->fd, &message)) > 0) {
        bool is_result = sync_gate_take(gate, &message);
        if (message.kind == SYNC_NOTE || message.kind == SYNC_FAILURE)
            say(station, gate, message.text);
        if (is_result)
            tell_news(station, gate);
    }
    if (got < 0)
        end_process(station, gate);
}

/* --- processes --- */

static void start_process(struct sync_station *station, struct sync_gate *gate)
{
    pid_t pid = sync_child_start(station->job, gate->place, &gate->fd);
    if (pid > 0) {
        gate->pid = pid;
        return;
    }
    gate->fd = -1;
    gate->has_result = true;
    gate->result.status = COMMAND_FAILED;
    gate->restart_us = link_now_us() + RESTART_US;
    snprintf(gate->failure, sizeof gate->failure, _("no process can be started for it: %s"),
             translate_errno(errno));
}

static void start_processes(struct sync_station *station)
{
    uint64_t now_us = link_now_us();
    for (int i = 0; i < station->count; i++) {
        struct sync_gate *gate = &station->gates[i];
        if (gate->pid == 0 && now_us >= gate->restart_us)
            start_process(station, gate);
    }
}

static void end_processes(struct sync_station *station)
{
    if (station->is_ending || !interrupt_wanted())
        return;
    station->is_ending = true;
    for (int i = 0; i < station->count; i++)
        if (station->gates[i].pid > 0)
            kill(station->gates[i].pid, SIGTERM);
}

/* Waits for messages of any gate, and takes them. Returns the number of processes that go on. */
static int wait_for_messages(struct sync_station *station)
{
    struct pollfd fds[SITE_GATES_MAX];
    int running = 0;
    for (int i = 0; i < station->count; i++)
        fds[i] = (struct pollfd){.fd = station->gates[i].fd, .events = POLLIN};
    if (poll(fds, (nfds_t)station->count, POLL_MS) < 0)
        return station->count; /* interrupted */
    for (int i = 0; i < station->count; i++) {
        if (station->gates[i].fd >= 0 && fds[i].revents != 0)
            take_messages(station, &station->gates[i]);
        running += station->gates[i].pid > 0;
    }
    return running;
}

void sync_station_start(struct sync_station *station, const struct sync_job *job,
                        const struct sync_plan *plan)
{
    memset(station, 0, sizeof *station);
    station->job = job;
    station->is_terminal = isatty(STDERR_FILENO);
    for (int i = 0; i < plan->count; i++)
        if (!plan->places[i].is_left_out)
            station->gates[station->count++] = (struct sync_gate){.place = &plan->places[i], .fd = -1};
}

static void print_results(struct sync_station *station)
{
    char line[SYNC_LINE_SIZE];
    erase(station);
    for (int i = 0; station->prints_lines && i < station->count; i++) {
        sync_gate_describe(&station->gates[i], line);
        printf("%-*s  %s\n", name_width(station), station->gates[i].place->device, line);
    }
}

int sync_station_run(struct sync_station *station)
{
    int well = 0;
    interrupt_catch();
    start_processes(station);
    while (wait_for_messages(station) > 0 || (station->job->watches && !station->is_ending)) {
        end_processes(station);
        if (station->job->watches && !station->is_ending)
            start_processes(station);
        draw(station, false);
    }
    print_results(station);
    for (int i = 0; i < station->count; i++)
        well += sync_gate_is_well(&station->gates[i]);
    if (interrupt_wanted())
        return INTERRUPT_STATUS;
    return well == station->count ? COMMAND_OK : COMMAND_FAILED;
}
