/*
 * The bridge between a gate's serial line and CoAP clients: frames of channel 1 become UDP datagrams on
 * 127.0.0.1, and the other way round. It holds no key, and all it understands of what it carries is how a
 * handshake begins; DTLS runs between client and gate. Only loopback is ever listened on.
 *
 * One peer at a time: answers go to whoever sent the last datagram. A client that begins a handshake gets
 * nothing before the gate's HelloVerifyRequest: what comes earlier was meant for a client before it, killed
 * perhaps half-way, and OpenSSL would keep a stale ServerHello and use it. Where the line goes away
 * (unplugged, the gate restarts), it is opened again as soon as it is back; what was sent meanwhile is
 * dropped, as a line with nobody at its end would.
 *
 * The caller owns the struct. bridge_run blocks its thread until bridge_stop, which any thread or signal
 * handler may call; bridge_get_counts may be called from any thread. The tool runs it in a thread of its own,
 * so that the line is read at all times, whatever the tool is busy with.
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
    unsigned bytes_to_gate;      /* on the line, frames and all */
    unsigned bad_frames;         /* came damaged, or were noise */
    unsigned noise_bytes;        /* read so far, whatever they were */
    bool line_up;
};

struct bridge {
    const char *port; /* path to open again; NULL: never */
    unsigned baud;
    int serial_fd; /* -1: the line is away */
    int udp_fd;
    int stop_fd; /* eventfd */
    uint16_t udp_port;
    struct sockaddr_in peer;
    bool has_peer;
    bool begins; /* the peer's last datagram was a hello without a cookie, not yet answered */
    struct frame_decoder decoder;
    uint8_t out[FRAME_ENCODED_MAX(FRAME_PAYLOAD_MAX)];
    size_t out_len, out_sent;
    atomic_uint to_gate, from_gate, bytes_to_gate, bad_frames, noise_bytes;
    atomic_bool line_up;
    /* Told of changes worth a line to the person, from bridge_run's thread; may be NULL. */
    void (*on_event)(void *ctx, const char *text);
    void *event_ctx;
};

/* Listens on 127.0.0.1:udp_port (0: any free one, then in bridge->udp_port) for the line open as serial_fd,
 * which the bridge closes in the end. port and baud: to open it again.
 * @retval ERR_OK, ERR_BUSY (UDP port in use), ERR_IO. */
int bridge_open(struct bridge *bridge, int serial_fd, const char *port, unsigned baud,
                uint16_t udp_port) MUST_USE;

/* @retval ERR_OK (stopped), ERR_IO (the line went away and there is no path to open it again, or UDP failed).
 */
int bridge_run(struct bridge *bridge);

/* Ends bridge_run, after up to 300 ms to let what was sent reach the line. Safe in a signal handler. */
void bridge_stop(struct bridge *bridge);

struct bridge_counts bridge_get_counts(struct bridge *bridge);

/* Not while bridge_run runs. */
void bridge_close(struct bridge *bridge);

#endif
