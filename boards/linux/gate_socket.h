/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated turnstile (hal/gate_io.h): lights, relay and sensors on a Unix socket, for tests, for the
 * demonstration, and to watch a gate at work. The protocol is lines of text, for several clients;
 * boards/linux/README.md describes it.
 *
 * A change of outputs is written to the watching clients before set_outputs returns. They thus read the
 * changes in the order in which the firmware made them, and lose none if the gate is killed right after.
 *
 * With wires the turnstile is a real one: outputs go there first, inputs come from there, and a client can
 * only watch.
 *
 * The caller owns the struct (about 150 KiB) and does not move it while its io is used. Nothing blocks:
 * a client that does not read its answers is disconnected.
 */
#ifndef BOARDS_LINUX_GATE_SOCKET_H
#define BOARDS_LINUX_GATE_SOCKET_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "boards/linux/gate_names.h"
#include "firmware/access/tap.h"
#include "hal/gate_io.h"

#define GATE_SOCKET_CLIENTS     8
#define GATE_SOCKET_PATH_LEN    108 /* sun_path, unix(7) */
#define GATE_SOCKET_LINE_LEN    256
#define GATE_SOCKET_BACKLOG_LEN 16384
#define GATE_SOCKET_NOTE_LEN    320
#define GATE_SOCKET_PRESS_MS    30

struct gate_socket_client {
    int fd; /* -1: free */
    bool watching;
    bool ended; /* the client sends nothing more */
    size_t line_len;
    char line[GATE_SOCKET_LINE_LEN];
    size_t backlog_len; /* bytes that the socket did not accept yet */
    char backlog[GATE_SOCKET_BACKLOG_LEN];
};

/* A simulated press of a button: on for a while and at least one reading, then off for at least one
 * reading. */
struct gate_socket_press {
    unsigned waiting; /* presses to do, the present one included */
    bool on;
    uint32_t hold_ms;
    uint64_t until_us;
};

struct gate_socket {
    struct gate_io io;           /* hand this to the firmware */
    const struct gate_io *wires; /* NULL: simulated; set it after gate_socket_init */
    int listener;                /* -1: no socket; outputs have no effect, inputs stay off */
    char path[GATE_SOCKET_PATH_LEN];
    uint32_t outputs;
    uint32_t levels; /* inputs held on */
    struct gate_socket_press presses[GATE_INPUTS];
    char state[GATE_SOCKET_LINE_LEN]; /* the state of the gate as key=value words */
    struct gate_socket_client clients[GATE_SOCKET_CLIENTS];
};

/* Initialises the simulation without a socket. It can be used, but nobody can watch it. */
void gate_socket_init(struct gate_socket *gate_socket);

/* Listens at path, with mode 0600. A socket that a dead gate left there is replaced. On error, note is
 * one line without newline that names the path. Returns ERR_OK, ERR_ARGUMENT (the path is too long, or
 * is no socket), ERR_BUSY (another gate listens there), ERR_IO. */
int gate_socket_listen(struct gate_socket *gate_socket, const char *path,
                       char note[GATE_SOCKET_NOTE_LEN]) MUST_USE;

/* Fills in the descriptors to wait for. Returns their count, at most GATE_SOCKET_CLIENTS + 1. */
int gate_socket_poll_fds(const struct gate_socket *gate_socket, struct pollfd fds[GATE_SOCKET_CLIENTS + 1]);

/* Accepts clients, and reads and answers their lines. */
void gate_socket_serve(struct gate_socket *gate_socket);

/* Sends a tap to the watching clients. zone is the name of the zone. */
void gate_socket_tell_tap(struct gate_socket *gate_socket, const struct tap_result *result, const char *zone);

/* Sets the words of the `get` and `state` lines, and sends them to the watching clients if they changed. */
void gate_socket_tell_state(struct gate_socket *gate_socket, const char *words);

/* Turns all outputs off, disconnects the clients, and removes the socket. */
void gate_socket_close(struct gate_socket *gate_socket);

#endif
