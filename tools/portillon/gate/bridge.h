/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connects a gate's serial line with CoAP clients: frames of channel 1 become UDP datagrams on 127.0.0.1, and
 * the reverse. The bridge holds no key. DTLS runs between client and gate, and the bridge only recognises the
 * start of a handshake. It listens on the loopback address only.
 *
 * The bridge serves one peer at a time: frames from the gate go to the client that sent the last datagram. A
 * client that starts a handshake receives nothing before the gate's HelloVerifyRequest. An earlier message
 * belongs to a previous client, which may have been killed during its handshake, and OpenSSL would keep and
 * use its stale ServerHello. When the line goes away (unplugged, the gate restarts), the bridge opens it
 * again as soon as it is back. Datagrams sent in between are dropped, as on a line that nobody reads.
 *
 * The caller owns the struct. bridge_run blocks its thread until bridge_stop, which any thread or signal
 * handler may call. Any thread may call bridge_get_counts. link.h carries a piece at a time instead, in its
 * own thread: while it is busy, the kernel keeps what comes on the line (64 KiB), and the gate sends no more
 * than was asked for.
 */
#ifndef TOOLS_PORTILLON_GATE_BRIDGE_H
#define TOOLS_PORTILLON_GATE_BRIDGE_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "firmware/maintenance/frame.h"
#include "hal/error.h"
#include "tools/portillon/gate/serial_port.h"

struct bridge_counts {
    unsigned to_gate, from_gate; /* frames of channel 1 */
    unsigned bytes_to_gate;      /* on the line, with framing */
    unsigned bad_frames;         /* damaged frames, or noise */
    unsigned noise_bytes;        /* all bytes read so far, whether or not they were frames */
    bool line_up;
};

struct bridge {
    const char *port; /* path to open again; NULL: never */
    unsigned baud;
    int serial_fd; /* -1: the line is away */
    int udp_fd;
    int stop_fd;        /* eventfd */
    uint64_t reopen_ms; /* when a lost line is tried again */
    uint16_t udp_port;
    struct sockaddr_in peer;
    bool has_peer;
    bool begins; /* the peer's last datagram was a hello without a cookie, not yet answered */
    struct frame_decoder decoder;
    uint8_t out[FRAME_ENCODED_MAX(FRAME_PAYLOAD_MAX)];
    size_t out_len, out_sent;
    atomic_uint to_gate, from_gate, bytes_to_gate, bad_frames, noise_bytes;
    atomic_bool line_up;
    /* Called from bridge_poll for changes that the user should see; may be NULL. */
    void (*on_event)(void *ctx, const char *text);
    void *event_ctx;
};

/* Listens on 127.0.0.1:udp_port for the line that is open as serial_fd. With udp_port 0 it takes a free port
 * and stores it in bridge->udp_port. After ERR_OK the bridge closes serial_fd in the end; after an error the
 * caller does. port and baud are used to open the line again. Returns ERR_OK, ERR_BUSY (the UDP port is in
 * use) or ERR_IO. */
int bridge_open(struct bridge *bridge, int serial_fd, const char *port, unsigned baud,
                uint16_t udp_port) MUST_USE;

/* The result of bridge_poll when neither bridge_stop was called nor anything failed. */
#define BRIDGE_GOES_ON 1

/* Carries the frames and datagrams that are there. If there are none, it waits for one, or until other_fd (-1:
 * none) can be read, at most wait_ms milliseconds (-1: without end). Returns BRIDGE_GOES_ON, ERR_OK (bridge_stop was called) or ERR_IO (as
 * bridge_run). */
int bridge_poll(struct bridge *bridge, int other_fd, int wait_ms) MUST_USE;

/* Lets a last message (the close alert of DTLS) reach the line, for at most 300 ms. */
void bridge_drain(struct bridge *bridge);

/* Carries frames and datagrams until bridge_stop. Returns ERR_OK (stopped) or ERR_IO (the line went away and
 * there is no path to open it again, or UDP failed). */
int bridge_run(struct bridge *bridge);

/* Ends bridge_run, which first waits up to 300 ms until the sent data has reached the line. Safe in a signal
 * handler. */
void bridge_stop(struct bridge *bridge);

/* Returns the counts so far. Safe in any thread. */
struct bridge_counts bridge_get_counts(struct bridge *bridge);

/* Closes the line and the sockets. It must not be called while bridge_run runs. */
void bridge_close(struct bridge *bridge);

#endif
