/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receives control commands, from connections to a unix socket or from standard input. Each line is run and
 * answered at once. The caller owns the struct. Nothing blocks, except writing to a client that does not read
 * its answer.
 */
#ifndef CARDSIM_CONSOLE_H
#define CARDSIM_CONSOLE_H

#include <poll.h>

#include "tools/cardsim/control.h"

enum { CARDSIM_CLIENTS_MAX = 16, CARDSIM_CONSOLE_FDS = CARDSIM_CLIENTS_MAX + 1, CARDSIM_STARTING_MS = 1000 };

struct cardsim_client {
    int in_fd; /* -1: free */
    int out_fd;
    bool is_overlong; /* the rest of a line that was too long is skipped */
    size_t len;
    char line[CARDSIM_LINE_MAX];
};

struct cardsim_console {
    const char *path; /* of the socket, or NULL */
    int listen_fd;
    struct cardsim_client clients[CARDSIM_CLIENTS_MAX];
};

/* Listens on the unix socket at path or, if path is NULL, reads standard input. Returns 0, or -1 after
 * printing one line on stderr. */
int cardsim_console_open(struct cardsim_console *console, const char *path);
/* Closes the connections and the socket. */
void cardsim_console_close(struct cardsim_console *console);
/* Fills fds for poll(). Returns how many of the CARDSIM_CONSOLE_FDS are used. */
nfds_t cardsim_console_poll_fds(const struct cardsim_console *console, struct pollfd *fds);
/* Runs the commands that arrived on the descriptors that poll() found ready. */
void cardsim_console_service(struct cardsim_console *console, const struct pollfd *fds, nfds_t count,
                             struct cardsim_control *control, uint64_t now_us);

/* Acts as the client: sends one command (words joined by blanks) or, without words, each line of standard
 * input, and prints the answers. It waits up to CARDSIM_STARTING_MS for a cardsim that is just starting, and
 * blocks until the answers have come. Returns the exit status: 0 all ok, 1 an answer was an error, 2 no
 * cardsim. */
int cardsim_console_ask(const char *path, char *const *words, int count);

#endif
