/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes from a client of the gate's control socket: each answer is a line that says ok or error, or what
 * the client watches, and nothing but the four inputs ever moves. A first byte with its top bit set means
 * that the client reads nothing before the end.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "boards/linux/gate_socket.h"

#define PIECE  200
#define INPUTS (uint32_t)(GATE_ROTATION | GATE_FIRE | GATE_TAMPER | GATE_BUTTON)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gate_socket gate;

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void check_line(const char *line)
{
    demand(strncmp(line, "ok", 2) == 0 || strncmp(line, "error ", 6) == 0 ||
           strncmp(line, "outputs ", 8) == 0 || strncmp(line, "state ", 6) == 0);
}

/* Whole lines; half a one at the end if the gate hung up in it. */
static void read_answers(int fd)
{
    static char text[1 << 20]; /* more than a socket holds */
    ssize_t len = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
    text[len > 0 ? len : 0] = '\0';
    demand(len <= 0 || strlen(text) == (size_t)len);
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        check_line(line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int ends[2];
    if (size == 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0)
        return 0;
    bool deaf = data[0] & 0x80;
    gate_socket_init(&gate);
    gate.listener = socket(AF_UNIX, SOCK_STREAM, 0); /* at which nobody arrives */
    gate.clients[0].fd = ends[1];
    for (size_t at = 1; at < size; at += PIECE) {
        size_t len = size - at < PIECE ? size - at : PIECE;
        demand(send(ends[0], data + at, len, MSG_NOSIGNAL) == (ssize_t)len || gate.clients[0].fd < 0);
        gate_socket_serve(&gate);
        gate.io.set_outputs(gate.io.ctx, (uint32_t)at);
        demand((gate.io.get_inputs(gate.io.ctx) & ~INPUTS) == 0);
        if (!deaf)
            read_answers(ends[0]);
        if (gate.clients[0].fd < 0)
            break;
    }
    shutdown(ends[0], SHUT_WR);
    gate_socket_serve(&gate);
    gate_socket_close(&gate);
    read_answers(ends[0]);
    close(ends[0]);
    return 0;
}
