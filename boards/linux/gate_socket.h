/*
 * hal/gate_io.h without a gate: lights, relay and sensors simulated over a Unix socket, for tests, for the
 * demonstration, and for watching a gate at work. Lines of text, several clients; the protocol is in
 * boards/linux/README.md.
 *
 * A change of outputs is written to the watching clients before set_outputs returns, so what they read is in
 * the order in which the firmware did it, and stands even if the gate is killed right after.
 *
 * The caller owns the struct (about 150 KiB) and keeps it where it is while its io is used. Nothing blocks: a
 * client that does not read what it asked for is cut off.
 */
#ifndef BOARDS_LINUX_GATE_SOCKET_H
#define BOARDS_LINUX_GATE_SOCKET_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/tap.h"
#include "hal/gate_io.h"

#define GATE_SOCKET_CLIENTS     8
#define GATE_SOCKET_PATH_LEN    108 /* sun_path, unix(7) */
#define GATE_SOCKET_LINE_LEN    256
#define GATE_SOCKET_BACKLOG_LEN 16384
#define GATE_SOCKET_NOTE_LEN    320
#define GATE_SOCKET_INPUTS      4
#define GATE_SOCKET_PRESS_MS    30

struct gate_socket_client {
    int fd; /* -1: free */
    bool watching;
    bool ended; /* it will send no more */
    size_t line_len;
    char line[GATE_SOCKET_LINE_LEN];
    size_t backlog_len; /* what the socket would not take yet */
    char backlog[GATE_SOCKET_BACKLOG_LEN];
};

/* A button that was pressed: on for a while and at least one reading, then off for at least one reading. */
struct gate_socket_press {
    unsigned waiting; /* presses still to come, the present one included */
    bool on;
    uint32_t hold_ms;
    uint64_t until_us;
};

struct gate_socket {
    struct gate_io io; /* hand this to the firmware */
    int listener;      /* -1: no socket; outputs go nowhere, inputs stay off */
    char path[GATE_SOCKET_PATH_LEN];
    uint32_t outputs;
    uint32_t levels; /* inputs held on */
    struct gate_socket_press presses[GATE_SOCKET_INPUTS];
    char state[GATE_SOCKET_LINE_LEN]; /* key=value words about the gate as a whole */
    struct gate_socket_client clients[GATE_SOCKET_CLIENTS];
};

/* Makes the simulation without a socket: harmless to use, visible to nobody. */
void gate_socket_init(struct gate_socket *gate_socket);

/* Listens at path, with mode 0600. A socket left there by a gate that died is replaced.
 * note: with an error, one line without newline that names the path.
 * @retval ERR_OK, ERR_ARGUMENT (path too long, or something else is there), ERR_BUSY (a gate listens there),
 * ERR_IO. */
int gate_socket_listen(struct gate_socket *gate_socket, const char *path,
                       char note[GATE_SOCKET_NOTE_LEN]) MUST_USE;

/* Fills in what to wait for. @retval count of fds used, at most GATE_SOCKET_CLIENTS + 1. */
int gate_socket_poll_fds(const struct gate_socket *gate_socket, struct pollfd fds[GATE_SOCKET_CLIENTS + 1]);

/* Takes in clients, reads and answers their lines. */
void gate_socket_serve(struct gate_socket *gate_socket);

/* Tells watching clients of a tap. zone: its name. */
void gate_socket_tell_tap(struct gate_socket *gate_socket, const struct tap_result *result, const char *zone);

/* Sets the words that `get` and `state` lines show; tells watching clients if they changed. */
void gate_socket_tell_state(struct gate_socket *gate_socket, const char *words);

/* Turns all outputs off, hangs up, and removes the socket. */
void gate_socket_close(struct gate_socket *gate_socket);

#endif
