/*
 * The serial line to the host program: a pseudo terminal, or a socket that listens or connects. One host at a
 * time. Reads and writes never block; cardsim_link_open does not either (a refused connection is tried again
 * every CARDSIM_RETRY_MS by the service call).
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
    const char *address; /* the link's path, unix:PATH or tcp:HOST:PORT; the caller keeps it */
    int data_fd;         /* -1: no host */
    int listen_fd;
    int slave_fd; /* held open so that the master never sees a hang-up */
    int watch_fd; /* inotify: tells when a program closes the terminal */
    char slave_path[64];
};

/* Opens the line. Returns 0, or -1 with one line on stderr. */
int cardsim_link_open(struct cardsim_link *link, enum cardsim_link_mode mode, const char *address);
/* Closes it and removes what it put into the file system. */
void cardsim_link_close(struct cardsim_link *link);
/* What to poll() for; returns how many of the CARDSIM_LINK_FDS are in use. */
nfds_t cardsim_link_poll_fds(const struct cardsim_link *link, struct pollfd *fds, bool has_output);
/* Accepts, connects, and notices closing. Call after every poll(). */
void cardsim_link_service(struct cardsim_link *link);
/* Whether the link needs service by time alone, every CARDSIM_RETRY_MS. */
bool cardsim_link_is_retrying(const struct cardsim_link *link);
/* Returns the bytes read, 0: none. */
size_t cardsim_link_read(struct cardsim_link *link, uint8_t *bytes, size_t size);
/* Returns the bytes taken; all of them when no host is there to hear. */
size_t cardsim_link_write(struct cardsim_link *link, const uint8_t *bytes, size_t len);

/* Opens a listening or connected stream socket for unix:PATH or tcp:HOST:PORT, non-blocking and closed on
 * exec. A stale unix socket is replaced. Returns the descriptor, or -1 with errno set (EADDRINUSE: someone
 * serves it; EINVAL: no such kind of address). */
int cardsim_socket_open(const char *address, bool listens);

#endif
