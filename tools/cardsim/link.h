/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds the serial line to the host program: a pseudo terminal, or a socket that listens or connects. One
 * host at a time. Reads, writes and cardsim_link_open never block. A refused connection is tried again by the
 * service call every CARDSIM_RETRY_MS. The caller owns the struct.
 */
#ifndef CARDSIM_LINK_H
#define CARDSIM_LINK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CARDSIM_LINK_FDS = 3, CARDSIM_RETRY_MS = 200 };

enum cardsim_link_mode { CARDSIM_LINK_PTY, CARDSIM_LINK_LISTEN, CARDSIM_LINK_CONNECT };

struct cardsim_link {
    enum cardsim_link_mode mode;
    /* the link's path, unix:PATH or tcp:HOST:PORT; the caller's, must outlive the link */
    const char *address;
    int data_fd; /* -1: no host */
    int listen_fd;
    int slave_fd; /* held open so that the master never sees a hang-up */
    int watch_fd; /* inotify: reports when a program closes the terminal */
    char slave_path[64];
};

/* Opens the line. Returns 0, or -1 after printing one line on stderr. */
int cardsim_link_open(struct cardsim_link *link, enum cardsim_link_mode mode, const char *address);
/* Closes the line and removes its files. */
void cardsim_link_close(struct cardsim_link *link);
/* Fills fds for poll(): for bytes to read if the caller has room for some, and for room to write if it has
 * output. Returns how many of the CARDSIM_LINK_FDS are used. */
nfds_t cardsim_link_poll_fds(const struct cardsim_link *link, struct pollfd *fds, bool has_room,
                             bool has_output);
/* Accepts, connects, and handles closing. It is called after every poll(). */
void cardsim_link_service(struct cardsim_link *link);
/* Returns true if the link needs service by time alone, every CARDSIM_RETRY_MS. */
bool cardsim_link_is_retrying(const struct cardsim_link *link);
/* Reads up to size bytes. Returns the number of bytes read; 0: none. */
size_t cardsim_link_read(struct cardsim_link *link, uint8_t *bytes, size_t size);
/* Writes bytes. Returns the number of bytes taken; without a host all bytes are taken and dropped. */
size_t cardsim_link_write(struct cardsim_link *link, const uint8_t *bytes, size_t len);

/* Opens a listening or connected stream socket for unix:PATH or tcp:HOST:PORT, non-blocking and closed on
 * exec. A stale unix socket is replaced. Returns the descriptor, or -1 with errno set (EADDRINUSE: another
 * program serves it; EINVAL: no such kind of address). */
int cardsim_socket_open(const char *address, bool listens);

#endif
