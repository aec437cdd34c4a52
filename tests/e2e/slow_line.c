/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A serial cable for tests: joins a gate's pty to a pty of its own, at the pace of a real line, with delay
 * and damage on demand.
 *
 *   slow_line GATE LINK BAUD [DELAY_MS [DAMAGE]]
 *
 * LINK becomes a symbolic link to the new pty. Bytes pass at BAUD/10 a second each way, DELAY_MS later (as a
 * USB adapter holds them back); of every DAMAGE bytes, on average, one is changed. When the gate restarts,
 * its pty goes away; the line is connected again when it is back. The gate's pty is locked as portillon locks
 * a port, because two readers would each get a part of the bytes: a tool that opens it as well finds it in
 * use. SIGTERM ends the program. It then prints how many bytes passed each way, and for how long the line was
 * busy.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CHUNK  64
#define QUEUE  4096  /* chunks on their way */
#define NAP_US 50000 /* a busy host may let this program sleep so long; the line does not */

struct chunk {
    uint64_t due_us;
    uint8_t bytes[CHUNK];
    size_t len, sent;
};

struct direction {
    struct chunk queue[QUEUE];
    unsigned first, count;
    uint64_t free_us; /* when the line can take the next byte */
    bool more;        /* bytes were left waiting when the last were taken */
    uint64_t byte_count, busy_us;
};

static volatile sig_atomic_t ended;
static uint64_t byte_us_x1000, delay_us;
static unsigned damage;

static void on_end(int signal_number)
{
    (void)signal_number;
    ended = 1;
}

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void make_raw(int fd)
{
    struct termios settings;
    if (tcgetattr(fd, &settings) == 0) {
        cfmakeraw(&settings);
        tcsetattr(fd, TCSANOW, &settings);
    }
}

/* Returns true if the link is the one that led to the pty opened last. A gate that was killed leaves it
 * behind, and the number of its pty may be another gate's by now. */
static bool is_same_link(const struct stat *link, const struct stat *last)
{
    return S_ISLNK(link->st_mode) && link->st_ino == last->st_ino && link->st_dev == last->st_dev &&
           link->st_ctim.tv_sec == last->st_ctim.tv_sec && link->st_ctim.tv_nsec == last->st_ctim.tv_nsec;
}

/* Returns the gate's pty, locked, or -1 while it is not there or another program has it. */
static int open_gate(const char *path)
{
    static struct stat last;
    struct stat link;
    if (lstat(path, &link) != 0 || is_same_link(&link, &last))
        return -1;
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return -1;
    }
    make_raw(fd);
    last = link;
    return fd;
}

static void damage_some(struct chunk *chunk)
{
    for (size_t i = 0; i < chunk->len && damage > 0; i++) {
        if ((unsigned)random() % damage == 0)
            chunk->bytes[i] ^= (uint8_t)(1 << random() % 8);
    }
}

/* Takes the bytes of about a millisecond, so that the writer is slowed to the pace of the line. Returns false
 * when there was no room, or nothing to take. */
static bool take(struct direction *d, int from, uint64_t now)
{
    if (d->free_us > now + 1000 || d->count == QUEUE)
        return false;
    struct chunk *chunk = &d->queue[(d->first + d->count) % QUEUE];
    size_t most = (size_t)(1000000 / byte_us_x1000);
    most = most < 1 ? 1 : most > CHUNK ? CHUNK : most;
    ssize_t got = read(from, chunk->bytes, most);
    bool waited = d->more && now < d->free_us + NAP_US;
    d->more = got == (ssize_t)most;
    if (got <= 0)
        return false;
    chunk->len = (size_t)got;
    chunk->sent = 0;
    uint64_t took_us = (uint64_t)got * byte_us_x1000 / 1000;
    d->free_us = (waited || d->free_us > now ? d->free_us : now) + took_us;
    chunk->due_us = d->free_us + delay_us;
    d->byte_count += (uint64_t)got;
    d->busy_us += took_us;
    d->count++;
    damage_some(chunk);
    return true;
}

static void give(struct direction *d, int to, uint64_t now)
{
    while (d->count > 0 && d->queue[d->first].due_us <= now) {
        struct chunk *chunk = &d->queue[d->first];
        if (to >= 0) { /* nobody there: lost, as on a real cable */
            ssize_t sent = write(to, chunk->bytes + chunk->sent, chunk->len - chunk->sent);
            if (sent > 0)
                chunk->sent += (size_t)sent;
            if (chunk->sent < chunk->len)
                return;
        }
        d->first = (d->first + 1) % QUEUE;
        d->count--;
    }
}

int main(int argc, char **argv)
{
    static struct direction to_gate, from_gate;
    int master, slave, gate;
    char name[128];
    if (argc < 4) {
        fprintf(stderr, "usage: slow_line GATE LINK BAUD [DELAY_MS [DAMAGE]]\n");
        return 2;
    }
    byte_us_x1000 = UINT64_C(10000000000) / strtoul(argv[3], NULL, 10);
    delay_us = argc > 4 ? strtoul(argv[4], NULL, 10) * 1000 : 0;
    damage = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 0;
    srandom(1);
    if (openpty(&master, &slave, name, NULL, NULL) != 0)
        return 1;
    make_raw(slave); /* and kept open, so that the tool may come and go */
    fcntl(master, F_SETFL, O_NONBLOCK);
    gate = open_gate(argv[1]); /* before LINK is there: the first bytes written to it arrive */
    unlink(argv[2]);
    if (symlink(name, argv[2]) != 0)
        return 1;
    signal(SIGTERM, on_end);
    signal(SIGPIPE, SIG_IGN);
    while (!ended) {
        uint64_t now = now_us();
        if (gate < 0)
            gate = open_gate(argv[1]);
        struct pollfd fds[] = {{.fd = master, .events = POLLIN}, {.fd = gate, .events = POLLIN}};
        bool idle = to_gate.count + from_gate.count == 0;
        if (poll(fds, 2, idle ? (gate < 0 ? 50 : 100) : 0) < 0 && errno != EINTR)
            return 1;
        if (gate >= 0 && (fds[1].revents & (POLLHUP | POLLERR)) != 0) {
            close(gate);
            gate = -1;
        }
        now = now_us();
        while (take(&to_gate, master, now))
            ;
        while (gate >= 0 && take(&from_gate, gate, now))
            ;
        give(&to_gate, gate, now);
        give(&from_gate, master, now);
        if (!idle) {
            struct timespec pause = {.tv_nsec = 200000};
            nanosleep(&pause, NULL);
        }
    }
    printf("%llu bytes to the gate, line busy %.3f s; %llu bytes back\n",
           (unsigned long long)to_gate.byte_count, (double)to_gate.busy_us / 1e6,
           (unsigned long long)from_gate.byte_count);
    return 0;
}
