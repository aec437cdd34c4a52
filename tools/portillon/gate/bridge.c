/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/bridge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "firmware/maintenance/dtls_hello.h"
#include "hal/linux/translate.h"

#define REOPEN_MS 200
#define DRAIN_MS  300

int bridge_open(struct bridge *bridge, int serial_fd, const char *port, unsigned baud, uint16_t udp_port)
{
    memset(bridge, 0, sizeof *bridge);
    bridge->port = port;
    bridge->baud = baud;
    bridge->serial_fd = serial_fd;
    atomic_store(&bridge->line_up, true);
    frame_decoder_init(&bridge->decoder);
    bridge->udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bridge->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(udp_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    if (bridge->udp_fd < 0 || bridge->stop_fd < 0 ||
        bind(bridge->udp_fd, (const struct sockaddr *)&address, len) != 0 ||
        getsockname(bridge->udp_fd, (struct sockaddr *)&address, &len) != 0) {
        int result = errno == EADDRINUSE ? ERR_BUSY : ERR_IO;
        bridge->serial_fd = -1; /* still owned by the caller */
        bridge_close(bridge);
        return result;
    }
    bridge->udp_port = ntohs(address.sin_port);
    return ERR_OK;
}

void bridge_close(struct bridge *bridge)
{
    if (bridge->serial_fd >= 0)
        serial_port_close(bridge->serial_fd);
    if (bridge->udp_fd >= 0)
        close(bridge->udp_fd);
    if (bridge->stop_fd >= 0)
        close(bridge->stop_fd);
    bridge->serial_fd = bridge->udp_fd = bridge->stop_fd = -1;
}

void bridge_stop(struct bridge *bridge)
{
    uint64_t one = 1;
    ssize_t written = write(bridge->stop_fd, &one, sizeof one);
    (void)written; /* it can fail only if the bridge was stopped already */
}

struct bridge_counts bridge_get_counts(struct bridge *bridge)
{
    return (struct bridge_counts){
        .to_gate = atomic_load(&bridge->to_gate),
        .from_gate = atomic_load(&bridge->from_gate),
        .bytes_to_gate = atomic_load(&bridge->bytes_to_gate),
        .bad_frames = atomic_load(&bridge->bad_frames),
        .noise_bytes = atomic_load(&bridge->noise_bytes),
        .line_up = atomic_load(&bridge->line_up),
    };
}

static void tell(struct bridge *bridge, const char *text)
{
    if (bridge->on_event != NULL)
        bridge->on_event(bridge->event_ctx, text);
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void lose_line(struct bridge *bridge)
{
    serial_port_close(bridge->serial_fd);
    bridge->serial_fd = -1;
    bridge->out_len = bridge->out_sent = 0;
    frame_decoder_init(&bridge->decoder);
    atomic_store(&bridge->line_up, false);
    bridge->reopen_ms = now_ms() + REOPEN_MS;
    tell(bridge, bridge->port != NULL ? _("the line went away; waiting for it to come back")
                                      : _("the line went away"));
}

static void try_reopen(struct bridge *bridge)
{
    if (now_ms() < bridge->reopen_ms)
        return;
    bridge->reopen_ms = now_ms() + REOPEN_MS;
    if (serial_port_open(bridge->port, bridge->baud, &bridge->serial_fd, NULL) != ERR_OK) {
        bridge->serial_fd = -1;
        return;
    }
    atomic_store(&bridge->line_up, true);
    tell(bridge, _("the line is back"));
}

/* Writes to the line what is waiting. Returns false if the line is gone. */
static bool write_line(struct bridge *bridge)
{
    while (bridge->out_sent < bridge->out_len) {
        ssize_t sent =
            write(bridge->serial_fd, bridge->out + bridge->out_sent, bridge->out_len - bridge->out_sent);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        bridge->out_sent += (size_t)sent;
        atomic_fetch_add(&bridge->bytes_to_gate, (unsigned)sent);
    }
    bridge->out_len = bridge->out_sent = 0;
    return true;
}

static void deliver(struct bridge *bridge, const struct frame *frame)
{
    if (frame->channel != FRAME_CHANNEL_DTLS)
        return;
    atomic_fetch_add(&bridge->from_gate, 1);
    if (bridge->begins && !dtls_hello_is_verify(frame->payload, frame->len))
        return;
    bridge->begins = false;
    if (bridge->has_peer)
        sendto(bridge->udp_fd, frame->payload, frame->len, 0, (const struct sockaddr *)&bridge->peer,
               sizeof bridge->peer);
}

/* Reads all bytes of the line and delivers the frames. Returns false if the line is gone. */
static bool read_line(struct bridge *bridge)
{
    uint8_t bytes[4096];
    for (;;) {
        ssize_t got = read(bridge->serial_fd, bytes, sizeof bytes);
        if (got < 0)
            return errno == EAGAIN || errno == EINTR;
        if (got == 0)
            return true; /* VMIN 0: no bytes now; poll reports a hang-up */
        atomic_fetch_add(&bridge->noise_bytes, (unsigned)got);
        for (size_t at = 0; at < (size_t)got;) {
            struct frame frame;
            at += frame_decode(&bridge->decoder, bytes + at, (size_t)got - at, &frame);
            if (frame.payload != NULL)
                deliver(bridge, &frame);
        }
        atomic_store(&bridge->bad_frames, bridge->decoder.bad_count);
        if ((size_t)got < sizeof bytes)
            return true;
    }
}

/* Takes the next datagram, if there is one. The previous one must be sent. Returns false on a failure of
 * UDP. */
static bool read_udp(struct bridge *bridge)
{
    uint8_t datagram[FRAME_PAYLOAD_MAX + 1];
    struct sockaddr_in from = {0};
    socklen_t from_len = sizeof from;
    ssize_t len = recvfrom(bridge->udp_fd, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &from_len);
    if (len < 0) /* after our last datagram to a peer that left, the error is ECONNREFUSED */
        return errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED;
    if (!bridge->has_peer || from.sin_port != bridge->peer.sin_port) {
        char text[160];
        snprintf(text, sizeof text, _("a client on port %u"), (unsigned)ntohs(from.sin_port));
        bridge->peer = from;
        bridge->has_peer = true;
        tell(bridge, text);
    }
    if (bridge->serial_fd < 0 || (size_t)len > FRAME_PAYLOAD_MAX)
        return true;
    struct dtls_hello hello;
    bridge->begins = dtls_hello_parse(&hello, datagram, (size_t)len) && hello.cookie_len == 0;
    bridge->out_len =
        frame_encode(FRAME_CHANNEL_DTLS, datagram, (size_t)len, bridge->out, sizeof bridge->out);
    bridge->out_sent = 0;
    atomic_fetch_add(&bridge->to_gate, 1);
    return true;
}

/* Writes what waits for the line, then what clients have sent, as long as the line takes it. Returns false on
 * a failure of UDP; a line that is gone is lost. */
static bool carry_to_line(struct bridge *bridge)
{
    bool good = true;
    unsigned before;
    do {
        before = atomic_load(&bridge->to_gate);
        if (bridge->serial_fd >= 0 && !write_line(bridge))
            lose_line(bridge);
        good = bridge->out_len != 0 || read_udp(bridge);
    } while (good && bridge->out_len != 0 && atomic_load(&bridge->to_gate) != before);
    return good;
}

/* Does not wait for a line that accepts nothing. */
void bridge_drain(struct bridge *bridge)
{
    uint64_t end_ms = now_ms() + DRAIN_MS;
    int waiting = 0;
    while (bridge->serial_fd >= 0 && now_ms() < end_ms) {
        if (bridge->out_len == 0 && !read_udp(bridge))
            return;
        if (!write_line(bridge))
            return;
        if (bridge->out_len == 0 && (ioctl(bridge->serial_fd, TIOCOUTQ, &waiting) != 0 || waiting == 0))
            return;
        poll(NULL, 0, 2);
    }
}

static bool has_hung_up(const struct pollfd *line)
{
    return (line->revents & POLLHUP) != 0;
}

/* Reads what came on the line, or opens it again. */
static void tend_line(struct bridge *bridge, const struct pollfd *line)
{
    if (line->fd < 0)
        try_reopen(bridge);
    else if ((line->revents & (POLLERR | POLLNVAL)) != 0 ||
             (line->revents != 0 && (!read_line(bridge) || has_hung_up(line))))
        lose_line(bridge);
}

/* Waits for the first of the files. Returns false if they cannot be waited for. */
static bool wait_for_news(const struct bridge *bridge, struct pollfd fds[4], int other_fd, int wait_ms)
{
    bool line = bridge->serial_fd >= 0;
    fds[0] = (struct pollfd){.fd = bridge->stop_fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = bridge->out_len == 0 ? bridge->udp_fd : -1, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = bridge->serial_fd,
                             .events = (short)(POLLIN | (bridge->out_len != 0 ? POLLOUT : 0))};
    fds[3] = (struct pollfd){.fd = other_fd, .events = POLLIN};
    if (!line && (wait_ms < 0 || wait_ms > REOPEN_MS))
        wait_ms = REOPEN_MS;
    return poll(fds, 4, wait_ms) >= 0 || errno == EINTR;
}

int bridge_poll(struct bridge *bridge, int other_fd, int wait_ms)
{
    struct pollfd fds[4];
    if (!wait_for_news(bridge, fds, other_fd, wait_ms))
        return ERR_IO;
    if (fds[0].revents != 0)
        return ERR_OK;
    tend_line(bridge, &fds[2]);
    bool is_over = bridge->serial_fd < 0 && bridge->port == NULL;
    bool is_idle = fds[1].revents == 0 && bridge->out_len == 0;
    if (is_over || (!is_idle && !carry_to_line(bridge)) || (bridge->serial_fd < 0 && bridge->port == NULL))
        return ERR_IO;
    return BRIDGE_GOES_ON;
}

int bridge_run(struct bridge *bridge)
{
    int result;
    while ((result = bridge_poll(bridge, -1, -1)) == BRIDGE_GOES_ON)
        continue;
    if (result == ERR_OK)
        bridge_drain(bridge);
    return result;
}
