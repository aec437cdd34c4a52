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

static void lose_line(struct bridge *bridge)
{
    serial_port_close(bridge->serial_fd);
    bridge->serial_fd = -1;
    bridge->out_len = bridge->out_sent = 0;
    frame_decoder_init(&bridge->decoder);
    atomic_store(&bridge->line_up, false);
    tell(bridge, bridge->port != NULL ? _("the line went away; waiting for it to come back")
                                      : _("the line went away"));
}

static void try_reopen(struct bridge *bridge)
{
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

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Lets a last message (the close alert of DTLS) reach the line. It does not wait for a line that accepts
 * nothing. */
static void drain(struct bridge *bridge)
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

int bridge_run(struct bridge *bridge)
{
    for (;;) {
        bool line = bridge->serial_fd >= 0;
        struct pollfd fds[3] = {
            {.fd = bridge->stop_fd, .events = POLLIN},
            {.fd = bridge->out_len == 0 ? bridge->udp_fd : -1, .events = POLLIN},
            {.fd = bridge->serial_fd, .events = (short)(POLLIN | (bridge->out_len != 0 ? POLLOUT : 0))},
        };
        if (poll(fds, 3, line ? -1 : REOPEN_MS) < 0 && errno != EINTR)
            return ERR_IO;
        if (fds[0].revents != 0) {
            drain(bridge);
            return ERR_OK;
        }
        if (!line) {
            try_reopen(bridge);
        } else if ((fds[2].revents & (POLLERR | POLLNVAL)) != 0 || !read_line(bridge) ||
                   (fds[2].revents & POLLHUP) != 0) {
            lose_line(bridge);
            if (bridge->port == NULL)
                return ERR_IO;
        }
        if ((fds[1].revents & (POLLIN | POLLERR)) != 0 && bridge->out_len == 0 && !read_udp(bridge))
            return ERR_IO;
        if (bridge->serial_fd >= 0 && !write_line(bridge)) {
            lose_line(bridge);
            if (bridge->port == NULL)
                return ERR_IO;
        }
    }
}
