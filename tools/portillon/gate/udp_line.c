/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/udp_line.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hal/linux/translate.h"

#define PREFIX    "udp:"
#define HOST_SIZE 254
#define PORT_SIZE 6

bool udp_line_is(const char *path)
{
    return strncmp(path, PREFIX, strlen(PREFIX)) == 0;
}

/* Splits "udp:HOST:PORT" at its last colon. */
static bool split(const char *path, char host[HOST_SIZE], char port[PORT_SIZE])
{
    const char *from = path + strlen(PREFIX), *colon = strrchr(from, ':');
    size_t host_len = colon != NULL ? (size_t)(colon - from) : 0;
    if (host_len >= 2 && from[0] == '[' && from[host_len - 1] == ']') {
        from++;
        host_len -= 2;
    }
    if (host_len == 0 || host_len >= HOST_SIZE)
        return false;
    size_t port_len = strlen(colon + 1);
    if (port_len == 0 || port_len >= PORT_SIZE || strspn(colon + 1, "0123456789") != port_len)
        return false;
    memcpy(host, from, host_len);
    host[host_len] = '\0';
    memcpy(port, colon + 1, port_len + 1);
    return true;
}

/* Opens a socket for the first address that takes one. Returns it, or -1. */
static int open_first(const struct addrinfo *addresses)
{
    int fd = -1;
    for (const struct addrinfo *address = addresses; address != NULL && fd < 0; address = address->ai_next) {
        fd = socket(address->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, address->ai_addr, address->ai_addrlen) == 0)
            continue;
        close(fd);
        fd = -1;
    }
    return fd;
}

/* What the C library says of a host that is not found; its own catalogue is often not installed. */
__attribute__((unused)) static const char *const resolver_texts[] = {
    N_("Name or service not known"),
    N_("Temporary failure in name resolution"),
    N_("No address associated with hostname"),
};

static int fail(int error, char *message, size_t size, const char *path, const char *why)
{
    if (message != NULL)
        snprintf(message, size, "%s: %s", path, why);
    return error;
}

int udp_line_open(const char *path, int *fd, char *message, size_t size)
{
    char host[HOST_SIZE], port[PORT_SIZE];
    struct addrinfo *addresses, wanted = {.ai_socktype = SOCK_DGRAM};
    if (!split(path, host, port))
        return fail(ERR_ARGUMENT, message, size, path, _("not of the form udp:HOST:PORT"));
    int found = getaddrinfo(host, port, &wanted, &addresses);
    if (found != 0)
        return fail(ERR_NOT_FOUND, message, size, path, translate(gai_strerror(found)));
    *fd = open_first(addresses);
    int error_number = errno;
    freeaddrinfo(addresses);
    return *fd >= 0 ? ERR_OK : fail(ERR_IO, message, size, path, translate_errno(error_number));
}
