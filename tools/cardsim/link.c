/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "tools/cardsim/text.h"

static int set_up_fd(int fd)
{
    if (fd >= 0) {
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
}

static int connect_or_bind(int fd, const struct sockaddr *address, socklen_t len, bool listens)
{
    int done = listens ? bind(fd, address, len) : connect(fd, address, len);
    return done == 0 && listens ? listen(fd, 8) : done;
}

static int give_up(int fd)
{
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int open_unix(const char *path, bool listens)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect_or_bind(fd, (struct sockaddr *)&address, sizeof address, listens) == 0)
        return fd;
    if (!listens || errno != EADDRINUSE)
        return give_up(fd);
    int probe = open_unix(path, false); /* Was it left by a process that died? */
    if (probe >= 0) {
        close(probe);
        errno = EADDRINUSE;
        return give_up(fd);
    }
    if (errno == ECONNREFUSED && unlink(path) == 0 &&
        connect_or_bind(fd, (struct sockaddr *)&address, sizeof address, listens) == 0)
        return fd;
    errno = EADDRINUSE;
    return give_up(fd);
}

static int open_tcp(const char *host_port, bool listens)
{
    char host[256];
    const char *colon = strrchr(host_port, ':');
    if (!colon || (size_t)(colon - host_port) >= sizeof host || cardsim_text_number(colon + 1, 65535) < 1) {
        errno = EINVAL;
        return -1;
    }
    memcpy(host, host_port, (size_t)(colon - host_port));
    host[colon - host_port] = '\0';
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = listens ? AI_PASSIVE : 0};
    if (getaddrinfo(*host ? host : "127.0.0.1", colon + 1, &hints, &found) != 0) {
        errno = EINVAL;
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (connect_or_bind(fd, found->ai_addr, found->ai_addrlen, listens) != 0)
            fd = give_up(fd);
    }
    freeaddrinfo(found);
    return fd;
}

int cardsim_socket_open(const char *address, bool listens)
{
    if (strncmp(address, "unix:", 5) == 0)
        return set_up_fd(open_unix(address + 5, listens));
    if (strncmp(address, "tcp:", 4) == 0)
        return set_up_fd(open_tcp(address + 4, listens));
    errno = EINVAL;
    return -1;
}

/* Sets raw mode and removes all settings of the last program, as on a line that was just plugged in. libnfc
 * marks a port in use with a flag of the terminal, and a crashed program leaves it set. */
static void make_raw(int slave_fd)
{
    struct termios settings;
    tcflush(slave_fd, TCIOFLUSH);
    memset(&settings, 0, sizeof settings);
    cfmakeraw(&settings);
    settings.c_cflag |= CREAD | CLOCAL;
    settings.c_cc[VMIN] = 1;
    cfsetspeed(&settings, B115200);
    tcsetattr(slave_fd, TCSANOW, &settings);
}

static int complain(const char *what, const char *name)
{
    fprintf(stderr, "cardsim: %s %s: %s\n", what, name,
            errno == EINVAL ? "an address is unix:PATH or tcp:HOST:PORT" : strerror(errno));
    return -1;
}

static int make_symlink(const struct cardsim_link *link)
{
    struct stat there;
    if (lstat(link->address, &there) == 0) {
        if (!S_ISLNK(there.st_mode)) {
            errno = EEXIST;
            return complain("will not replace", link->address);
        }
        unlink(link->address);
    }
    return symlink(link->slave_path, link->address) == 0 ? 0
                                                         : complain("cannot make the link", link->address);
}

static int open_pty(struct cardsim_link *link)
{
    link->data_fd = set_up_fd(posix_openpt(O_RDWR | O_NOCTTY));
    if (link->data_fd < 0 || grantpt(link->data_fd) != 0 || unlockpt(link->data_fd) != 0 ||
        ptsname_r(link->data_fd, link->slave_path, sizeof link->slave_path) != 0)
        return complain("cannot make a pseudo terminal for", link->address);
    link->slave_fd = open(link->slave_path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (link->slave_fd < 0)
        return complain("cannot open", link->slave_path);
    make_raw(link->slave_fd);
    link->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (link->watch_fd >= 0)
        inotify_add_watch(link->watch_fd, link->slave_path, IN_CLOSE);
    return make_symlink(link);
}

int cardsim_link_open(struct cardsim_link *link, enum cardsim_link_mode mode, const char *address)
{
    *link = (struct cardsim_link){
        .mode = mode, .address = address, .data_fd = -1, .listen_fd = -1, .slave_fd = -1, .watch_fd = -1};
    switch (mode) {
    case CARDSIM_LINK_PTY:
        return open_pty(link);
    case CARDSIM_LINK_LISTEN:
        link->listen_fd = cardsim_socket_open(address, true);
        return link->listen_fd >= 0 ? 0 : complain("cannot listen on", address);
    case CARDSIM_LINK_CONNECT:
        link->data_fd = cardsim_socket_open(address, false);
        return link->data_fd >= 0 || errno != EINVAL ? 0 : complain("cannot connect to", address);
    }
    return -1;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void cardsim_link_close(struct cardsim_link *link)
{
    char target[sizeof link->slave_path + 1];
    if (link->mode == CARDSIM_LINK_PTY && link->slave_path[0]) {
        ssize_t len = readlink(link->address, target, sizeof target - 1);
        target[len > 0 ? len : 0] = '\0';
        if (strcmp(target, link->slave_path) == 0) /* another cardsim may have taken the name */
            unlink(link->address);
    }
    if (link->listen_fd >= 0 && strncmp(link->address, "unix:", 5) == 0)
        unlink(link->address + 5);
    close_fd(&link->data_fd);
    close_fd(&link->listen_fd);
    close_fd(&link->slave_fd);
    close_fd(&link->watch_fd);
}

nfds_t cardsim_link_poll_fds(const struct cardsim_link *link, struct pollfd *fds, bool has_room,
                             bool has_output)
{
    nfds_t count = 0;
    short events = (short)((has_room ? POLLIN : 0) | (has_output ? POLLOUT : 0));
    if (link->data_fd >= 0)
        fds[count++] = (struct pollfd){.fd = link->data_fd, .events = events};
    if (link->listen_fd >= 0 && link->data_fd < 0)
        fds[count++] = (struct pollfd){.fd = link->listen_fd, .events = POLLIN};
    if (link->watch_fd >= 0)
        fds[count++] = (struct pollfd){.fd = link->watch_fd, .events = POLLIN};
    return count;
}

static bool drain_watch(const struct cardsim_link *link)
{
    char events[1024];
    bool any = false;
    while (link->watch_fd >= 0 && read(link->watch_fd, events, sizeof events) > 0)
        any = true;
    return any;
}

/* Renews the terminal after a program closed it. The master reports that it was the last program only while
 * our own end is closed. Our closing makes an inotify event too; it is read before the check, so that no
 * other event is missed. */
static void renew_pty(struct cardsim_link *link)
{
    close_fd(&link->slave_fd);
    (void)drain_watch(link);
    struct pollfd master = {.fd = link->data_fd};
    bool is_alone = poll(&master, 1, 0) > 0 && master.revents & POLLHUP;
    link->slave_fd = open(link->slave_path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (is_alone && link->slave_fd >= 0)
        make_raw(link->slave_fd);
}

void cardsim_link_service(struct cardsim_link *link)
{
    const int on = 1;
    switch (link->mode) {
    case CARDSIM_LINK_PTY:
        if (drain_watch(link))
            renew_pty(link);
        return;
    case CARDSIM_LINK_LISTEN:
        if (link->data_fd < 0)
            link->data_fd = set_up_fd(accept(link->listen_fd, NULL, NULL));
        break;
    case CARDSIM_LINK_CONNECT:
        if (link->data_fd < 0)
            link->data_fd = cardsim_socket_open(link->address, false);
        break;
    }
    if (link->data_fd >= 0)
        setsockopt(link->data_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool cardsim_link_is_retrying(const struct cardsim_link *link)
{
    return link->mode == CARDSIM_LINK_CONNECT && link->data_fd < 0;
}

size_t cardsim_link_read(struct cardsim_link *link, uint8_t *bytes, size_t size)
{
    if (link->data_fd < 0)
        return 0;
    ssize_t got = read(link->data_fd, bytes, size);
    bool is_over = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    if (is_over && link->mode != CARDSIM_LINK_PTY)
        close_fd(&link->data_fd);
    return got > 0 ? (size_t)got : 0;
}

size_t cardsim_link_write(struct cardsim_link *link, const uint8_t *bytes, size_t len)
{
    if (link->data_fd < 0)
        return len;
    ssize_t sent = link->mode == CARDSIM_LINK_PTY ? write(link->data_fd, bytes, len)
                                                  : send(link->data_fd, bytes, len, MSG_NOSIGNAL);
    if (sent >= 0)
        return (size_t)sent;
    return errno == EAGAIN || errno == EINTR ? 0 : len;
}
