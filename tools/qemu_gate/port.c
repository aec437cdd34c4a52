/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/qemu_gate/port.h"

/* The emulated UART accepts bytes without limit and has no flow control. A cable delivers them no faster than
 * its baud rate. A byte is therefore read from either end only when the line has time for it, and the writer
 * at that end is slowed down. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "tools/qemu_gate/report.h"

enum {
    BITS_A_BYTE = 10,  /* start bit, eight data bits, stop bit */
    AHEAD_US = 1000,   /* a byte is passed on at most this long before the line would have delivered it */
    BEHIND_US = 10000, /* a guest's clock that stood still is compensated up to this time */
    CHUNK_MAX = 4096,
};

struct direction {
    int from, to;
    uint64_t free_us; /* when the line has carried all bytes passed on */
    uint8_t bytes[CHUNK_MAX];
    size_t len, done; /* bytes read, and those of them that the other end took */
};

static struct direction to_guest, to_host;
static unsigned line_baud;
static const volatile int64_t *guest_ns; /* NULL: the line keeps the host's time */

/* Returns the time that the line keeps. */
static uint64_t line_us(void)
{
    return guest_ns != NULL ? BEHIND_US + (uint64_t)*guest_ns / 1000 : now_us();
}

static uint64_t carried_until(const struct direction *direction, uint64_t now)
{
    uint64_t earliest = guest_ns != NULL ? now - BEHIND_US : now;
    return direction->free_us > earliest ? direction->free_us : earliest;
}

static int open_pty(const char *link, int *slave)
{
    struct termios raw;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        fail("pty", strerror(errno));
    *slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    tcgetattr(*slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(*slave, TCSANOW, &raw);
    unlink(link);
    if (symlink(ptsname(master), link) != 0)
        fail(link, strerror(errno));
    return master;
}

void port_open(const char *link, int line, unsigned baud)
{
    static int slave; /* stays open, so that clients may come and go */
    int master = open_pty(link, &slave);
    fcntl(master, F_SETFL, O_NONBLOCK);
    fcntl(line, F_SETFL, O_NONBLOCK);
    line_baud = baud;
    to_guest = (struct direction){.from = master, .to = line};
    to_host = (struct direction){.from = line, .to = master};
}

/* Returns the number of bytes that the line has time for now. */
static size_t room(const struct direction *direction, uint64_t now)
{
    if (line_baud == 0)
        return CHUNK_MAX;
    uint64_t from = carried_until(direction, now), until = now + AHEAD_US;
    size_t most = from >= until ? 0 : (size_t)((until - from) * line_baud / BITS_A_BYTE / 1000000);
    return most > CHUNK_MAX ? CHUNK_MAX : most;
}

/* Returns what one direction waits for, and shortens *wait_us if needed. */
static struct pollfd prepare(const struct direction *direction, uint64_t now, int64_t *wait_us)
{
    struct pollfd ready = {.fd = -1};
    int64_t pause_us = -1;
    if (direction->len > direction->done) {
        pause_us = AHEAD_US; /* the guest is busy: try again */
    } else if (room(direction, now) > 0) {
        ready = (struct pollfd){direction->from, POLLIN, 0};
    } else {
        pause_us = AHEAD_US / 2;
    }
    if (pause_us >= 0 && (*wait_us < 0 || pause_us < *wait_us))
        *wait_us = pause_us;
    return ready;
}

int64_t port_prepare(struct pollfd *ready)
{
    int64_t wait_us = -1;
    uint64_t now = line_us();
    ready[0] = prepare(&to_guest, now, &wait_us);
    ready[1] = prepare(&to_host, now, &wait_us);
    return wait_us;
}

static bool take(struct direction *direction, uint64_t now)
{
    ssize_t count = read(direction->from, direction->bytes, room(direction, now));
    if (count <= 0)
        return count < 0 && (errno == EAGAIN || errno == EINTR);
    direction->len = (size_t)count;
    direction->done = 0;
    if (line_baud != 0)
        direction->free_us =
            carried_until(direction, now) + (uint64_t)count * BITS_A_BYTE * 1000000 / line_baud;
    return true;
}

/* Writes bytes to the other end. Bytes for the guest wait until it takes them. Bytes for the host are lost
 * when nobody takes them, as on an unplugged cable. */
static void give(struct direction *direction)
{
    while (direction->done < direction->len) {
        ssize_t count =
            write(direction->to, direction->bytes + direction->done, direction->len - direction->done);
        if (count <= 0 && direction == &to_guest)
            return;
        if (count <= 0)
            count = (ssize_t)(direction->len - direction->done);
        direction->done += (size_t)count;
    }
}

void port_keep_guest_time(const char *clock)
{
    int fd = open(clock, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *guest_ns) != 0)
        fail(clock, strerror(errno));
    void *memory = mmap(NULL, sizeof *guest_ns, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (memory == MAP_FAILED)
        fail(clock, strerror(errno));
    guest_ns = memory;
}

bool port_serve(const struct pollfd *ready)
{
    uint64_t now = line_us();
    bool alive = true;
    if (ready[0].fd >= 0 && ready[0].revents & POLLIN)
        (void)take(&to_guest, now); /* the slave end is held open here, so it cannot close */
    if (ready[1].fd >= 0 && ready[1].revents)
        alive = take(&to_host, now);
    give(&to_guest);
    give(&to_host);
    return alive;
}
