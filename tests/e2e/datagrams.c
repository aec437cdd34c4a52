/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what arrives at a Unix datagram socket, which it makes at PATH: each datagram is a line, after the
 * milliseconds since the start; a newline within it is shown as |. For the protocols of systemd.
 *
 * usage: datagrams PATH
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static unsigned long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long)now.tv_sec * 1000 + (unsigned long)now.tv_nsec / 1000000;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    unlink(path);
    return bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

int main(int argc, char **argv)
{
    const unsigned long start_ms = now_ms();
    int fd = argc == 2 ? listen_at(argv[1]) : -1;
    char text[8192];
    ssize_t len;

    if (fd < 0)
        return 1;
    while ((len = recv(fd, text, sizeof(text) - 1, 0)) >= 0) {
        text[len] = '\0';
        for (char *at = text; (at = strchr(at, '\n')) != NULL;)
            *at = '|';
        printf("%lu %s\n", now_ms() - start_ms, text);
        fflush(stdout);
    }
    return 1;
}
