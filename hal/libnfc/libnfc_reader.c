/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/libnfc/libnfc_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MS                1000u /* in microseconds */
#define SERVICE_US        (2000 * MS)
#define BACKOFF_MIN_MS    100u
#define BACKOFF_MAX_MS    2000u
#define CLOSE_WAIT_MS     500
#define MESSAGES_PER_POLL 32 /* limit for one poll, so that it returns even if the child sends without end */

static uint64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* ---- the process ---- */

static _Noreturn void become_helper(const struct libnfc_reader *r, int link)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    /* If link already has the number LIBNFC_LINK_FD, dup2 would keep its close-on-exec flag. */
    if (link == LIBNFC_LINK_FD ? fcntl(link, F_SETFD, 0) < 0 : dup2(link, LIBNFC_LINK_FD) < 0)
        _exit(127);
    int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    /* the child inherits no descriptor of the flash, of a key or of a serial port */
    close_range(LIBNFC_LINK_FD + 1, ~0u, 0);
    execl(r->helper_path, "portillon-reader", r->connstring, (char *)NULL);
    _exit(127);
}

static void enter_waiting(struct libnfc_reader *r, uint64_t start_us)
{
    r->state = LIBNFC_READER_WAITING;
    r->deadline_us = start_us;
}

static int enter_opening(struct libnfc_reader *r)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return ERR_IO;
    pid_t pid = fork();
    if (pid == 0)
        become_helper(r, pair[1]);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return ERR_IO;
    }
    r->state = LIBNFC_READER_OPENING;
    r->pid = pid;
    r->fd = pair[0];
    r->card = 0;
    r->ready_us = 0;
    r->deadline_us = monotonic_us() + LIBNFC_LINK_OPEN_MS * MS;
    return ERR_OK;
}

/* Kills the process, because a closed socket does not prove that it has ended or will end. */
static void enter_ending(struct libnfc_reader *r)
{
    kill(r->pid, SIGKILL);
    close(r->fd);
    r->fd = -1;
    r->card = 0;
    r->state = LIBNFC_READER_ENDING;
}

static uint64_t backoff_us(struct libnfc_reader *r, uint64_t now_us)
{
    if (r->ready_us != 0 && now_us - r->ready_us >= SERVICE_US)
        r->failures = 0;
    unsigned failures = r->failures++;
    if (failures == 0)
        return 0;
    unsigned delay_ms = failures > 5 ? BACKOFF_MAX_MS : BACKOFF_MIN_MS << (failures - 1);
    return (uint64_t)(delay_ms < BACKOFF_MAX_MS ? delay_ms : BACKOFF_MAX_MS) * MS;
}

static void describe_end(int status, char *text, size_t size)
{
    if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        snprintf(text, size, "reader process ended by signal %d (SIG%s)", WTERMSIG(status),
                 name ? name : "?");
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        snprintf(text, size, "reader process could not be started");
    } else {
        snprintf(text, size, "reader process ended with status %d", WEXITSTATUS(status));
    }
}

/* ---- reports ---- */

static int report_down(struct libnfc_reader *r, struct reader_report *report, const char *text)
{
    if (r->down)
        return 0;
    r->down = true;
    r->up = false;
    *report = (struct reader_report){.event = READER_DOWN};
    snprintf(report->text, sizeof report->text, "%s", text);
    return 1;
}

static int report_up(struct libnfc_reader *r, struct reader_report *report, const char *text)
{
    if (r->up)
        return 0;
    r->up = true;
    r->down = false;
    *report = (struct reader_report){.event = READER_UP};
    snprintf(report->text, sizeof report->text, "%s", text);
    return 1;
}

static int fail(struct libnfc_reader *r, struct reader_report *report, const char *text)
{
    enter_ending(r);
    return report_down(r, report, text);
}

static int fail_malformed(struct libnfc_reader *r, struct reader_report *report)
{
    return fail(r, report, "reader process sent nonsense");
}

static int reap(struct libnfc_reader *r, struct reader_report *report)
{
    int status = 0;
    pid_t reaped = waitpid(r->pid, &status, WNOHANG);
    if (reaped == 0)
        return 0;
    uint64_t now_us = monotonic_us();
    enter_waiting(r, now_us + backoff_us(r, now_us));
    r->pid = 0;
    char text[sizeof report->text] = "reader process ended";
    if (reaped > 0)
        describe_end(status, text, sizeof text);
    return report_down(r, report, text);
}

/* Returns the time that the child claims, or now if that time is implausible. The child uses the same clock
 * as the gate, but it is not trusted. */
static uint64_t plausible_us(uint64_t claimed_us, uint64_t now_us)
{
    return claimed_us <= now_us && now_us - claimed_us <= 1000 * MS ? claimed_us : now_us;
}

/* Handles one message and fills at most one report. Returns 1 (*report is filled), 0 (there is nothing to
 * report). */
static int take_message(struct libnfc_reader *r, const struct libnfc_link_message *message, uint64_t now_us,
                        struct reader_report *report)
{
    bool is_running = r->state == LIBNFC_READER_RUNNING;
    switch (message->kind) {
    case LIBNFC_LINK_READY:
        if (!is_running)
            r->ready_us = now_us;
        r->state = LIBNFC_READER_RUNNING;
        r->deadline_us = now_us + LIBNFC_LINK_SILENCE_MS * MS;
        return report_up(r, report, message->text);
    case LIBNFC_LINK_FAULT:
        return report_down(r, report, message->text);
    case LIBNFC_LINK_CARD:
        if (!is_running)
            return fail_malformed(r, report);
        r->card = message->card;
        *report = (struct reader_report){.event = READER_CARD,
                                         .target = message->target,
                                         .seen_us = plausible_us(message->time_us, now_us)};
        return 1;
    case LIBNFC_LINK_GONE:
        if (!is_running)
            return fail_malformed(r, report);
        r->card = r->card == message->card ? 0 : r->card;
        *report = (struct reader_report){.event = READER_GONE, .target = message->target};
        return 1;
    case LIBNFC_LINK_EMPTY:
        if (!is_running)
            return fail_malformed(r, report);
        r->card = 0;
        *report = (struct reader_report){.event = READER_EMPTY};
        return 1;
    case LIBNFC_LINK_BEAT:
    case LIBNFC_LINK_ANSWER: /* the answer to a request that timed out in the gate */
        return is_running ? 0 : fail_malformed(r, report);
    case LIBNFC_LINK_EXCHANGE:
        break;
    }
    return fail_malformed(r, report);
}

/* Reads one message without blocking. Returns ERR_OK, ERR_BUSY (none is waiting), ERR_IO (the process has
 * ended), ERR_FORMAT (the message is malformed). */
static int receive(struct libnfc_reader *r, struct libnfc_link_message *message, uint64_t now_us)
{
    uint8_t wire[LIBNFC_LINK_SIZE + 1]; /* one byte more, to detect a longer packet */
    ssize_t len = recv(r->fd, wire, sizeof wire, MSG_DONTWAIT);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return ERR_BUSY;
    if (len <= 0)
        return ERR_IO;
    int error = libnfc_link_decode(wire, (size_t)len, message);
    if (error == ERR_OK && r->state == LIBNFC_READER_RUNNING)
        r->deadline_us = now_us + LIBNFC_LINK_SILENCE_MS * MS;
    return error;
}

static int drain(struct libnfc_reader *r, struct reader_report *report)
{
    uint64_t now_us = monotonic_us();
    for (int i = 0; i < MESSAGES_PER_POLL; i++) {
        struct libnfc_link_message message;
        int error = receive(r, &message, now_us);
        if (error == ERR_BUSY)
            break;
        if (error == ERR_IO) {
            enter_ending(r);
            return reap(r, report);
        }
        if (error != ERR_OK)
            return fail_malformed(r, report);
        int told = take_message(r, &message, now_us, report);
        if (told || r->state == LIBNFC_READER_ENDING)
            return told;
    }
    if (now_us < r->deadline_us)
        return 0;
    return fail(r, report,
                r->state == LIBNFC_READER_RUNNING ? "no answer for 1 s" : "reader did not open within 4 s");
}

/* ---- hal/reader.h ---- */

static int poll_reader(void *ctx, struct reader_report *report)
{
    struct libnfc_reader *r = ctx;
    if (r->held_count > 0) {
        *report = r->held[0];
        memmove(r->held, r->held + 1, --r->held_count * sizeof r->held[0]);
        return 1;
    }
    switch (r->state) {
    case LIBNFC_READER_WAITING:
        if (monotonic_us() < r->deadline_us || enter_opening(r) == ERR_OK)
            return 0;
        enter_waiting(r, monotonic_us() + BACKOFF_MAX_MS * MS);
        return report_down(r, report, "reader process could not be started");
    case LIBNFC_READER_OPENING:
    case LIBNFC_READER_RUNNING:
        return drain(r, report);
    case LIBNFC_READER_ENDING:
        return reap(r, report);
    }
    return 0;
}

static int send_request(struct libnfc_reader *r, const uint8_t *tx, size_t tx_len)
{
    struct libnfc_link_message message = {.kind = LIBNFC_LINK_EXCHANGE,
                                          .card = r->card,
                                          .exchange = ++r->exchange,
                                          .time_us = monotonic_us(),
                                          .data_len = tx_len};
    uint8_t wire[LIBNFC_LINK_SIZE];
    memcpy(message.data, tx, tx_len);
    if (libnfc_link_encode(&message, wire) != ERR_OK)
        return ERR_ARGUMENT;
    ssize_t sent = send(r->fd, wire, sizeof wire, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == (ssize_t)sizeof wire ? ERR_OK : ERR_IO;
}

/* Waits for one message, until deadline_us at most. Returns the results of receive, and ERR_TIMEOUT. */
static int receive_until(struct libnfc_reader *r, uint64_t deadline_us, struct libnfc_link_message *message)
{
    uint64_t now_us = monotonic_us();
    if (now_us >= deadline_us)
        return ERR_TIMEOUT;
    struct pollfd readable = {.fd = r->fd, .events = POLLIN};
    struct timespec wait = {.tv_nsec = (long)(deadline_us - now_us) * 1000};
    if (ppoll(&readable, 1, &wait, NULL) <= 0)
        return ERR_BUSY;
    return receive(r, message, monotonic_us());
}

/* Keeps a report for the next poll. A child that sends more reports within 50 ms than the queue holds is
 * broken and is killed. */
static void keep_report(struct libnfc_reader *r, const struct reader_report *report)
{
    struct reader_report down;
    if (r->held_count < LIBNFC_READER_HELD_MAX)
        r->held[r->held_count++] = *report;
    else if (fail_malformed(r, &down))
        r->held[LIBNFC_READER_HELD_MAX - 1] = down;
}

static int await_answer(struct libnfc_reader *r, uint8_t *rx, size_t rx_size)
{
    uint64_t deadline_us = monotonic_us() + LIBNFC_LINK_EXCHANGE_MS * MS;
    for (;;) {
        struct libnfc_link_message message;
        int error = receive_until(r, deadline_us, &message);
        if (error == ERR_BUSY)
            continue;
        if (error == ERR_TIMEOUT)
            return ERR_TIMEOUT;
        struct reader_report report;
        if (error == ERR_IO) {
            enter_ending(r); /* poll reaps the process and reports how it ended */
            return ERR_IO;
        }
        if (error != ERR_OK) {
            if (fail_malformed(r, &report))
                keep_report(r, &report);
            return ERR_IO;
        }
        if (message.kind == LIBNFC_LINK_ANSWER && message.exchange == r->exchange) {
            if (message.result != ERR_OK)
                return message.result;
            if (message.data_len > rx_size)
                return ERR_NO_SPACE;
            memcpy(rx, message.data, message.data_len);
            return (int)message.data_len;
        }
        if (take_message(r, &message, monotonic_us(), &report))
            keep_report(r, &report);
        if (r->state != LIBNFC_READER_RUNNING)
            return ERR_IO;
    }
}

static int exchange_reader(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    struct libnfc_reader *r = ctx;
    if (tx_len == 0 || tx_len > LIBNFC_LINK_DATA_MAX)
        return ERR_ARGUMENT;
    if (r->state != LIBNFC_READER_RUNNING)
        return ERR_IO;
    if (r->card == 0)
        return ERR_NOT_FOUND;
    int error = send_request(r, tx, tx_len);
    return error == ERR_OK ? await_answer(r, rx, rx_size) : error;
}

/* ---- open and close ---- */

/* Writes where this program is: its folder, which ends with a slash, and its name. */
static int find_self(char *folder, size_t size, char name[NAME_MAX + 1])
{
    ssize_t len = readlink("/proc/self/exe", folder, size);
    if (len < 0)
        return ERR_IO;
    if ((size_t)len == size)
        return ERR_NO_SPACE; /* it may be cut */
    folder[len] = '\0';
    char *base = strrchr(folder, '/') + 1;
    snprintf(name, NAME_MAX + 1, "%s", base);
    *base = '\0';
    return ERR_OK;
}

int libnfc_reader_find_helper(char *path, size_t size)
{
    char folder[PATH_MAX], self[NAME_MAX + 1];
    int error = find_self(folder, sizeof folder, self);
    if (error != ERR_OK)
        return error;
    int len = snprintf(path, size, "%s../libexec/%s/portillon-reader", folder, self);
    if ((size_t)len >= size)
        return ERR_NO_SPACE;
    if (access(path, X_OK) < 0)
        snprintf(path, size, "%sportillon-reader", folder);
    return ERR_OK;
}

int libnfc_reader_open(struct libnfc_reader *r, const char *helper_path, const char *connstring)
{
    *r = (struct libnfc_reader){.reader = {.poll = poll_reader, .exchange = exchange_reader, .ctx = r},
                                .helper_path = helper_path,
                                .connstring = connstring,
                                .fd = -1};
    if (access(helper_path, X_OK) < 0)
        return ERR_NOT_FOUND;
    return enter_opening(r);
}

void libnfc_reader_close(struct libnfc_reader *r)
{
    if (r->state == LIBNFC_READER_OPENING || r->state == LIBNFC_READER_RUNNING)
        enter_ending(r);
    /* A killed process can exist for a while, until its serial line has sent all bytes. After 0.5 s the gate
     * stops waiting: init will reap the process. */
    for (int i = 0; r->pid > 0 && i < CLOSE_WAIT_MS && waitpid(r->pid, NULL, WNOHANG) == 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    *r = (struct libnfc_reader){.fd = -1};
}

int libnfc_reader_fd(const struct libnfc_reader *r)
{
    return r->fd;
}

int libnfc_reader_wait_ms(const struct libnfc_reader *r)
{
    if (r->held_count > 0)
        return 0;
    if (r->state == LIBNFC_READER_ENDING)
        /* SIGKILL takes effect in less time; there is no descriptor to wait for */
        return 1;
    uint64_t now_us = monotonic_us();
    if (now_us >= r->deadline_us)
        return 0;
    uint64_t wait_ms = (r->deadline_us - now_us) / MS + 1;
    return wait_ms < 1000 ? (int)wait_ms : 1000;
}
