/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/qemu_gate/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/qemu_gate/report.h"

enum { REQUEST_MAX = 64 };

struct client {
    int fd;
    bool is_watching;
    char request[REQUEST_MAX]; /* the line that is being received */
    size_t len;
};

static int listener;
static struct client clients[CONTROL_CLIENTS_MAX];
static int client_count, polled_count;
static unsigned driven;

void control_open(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 4) != 0)
        fail(path, strerror(errno));
}

static void format_outputs(char *text, size_t size)
{
    snprintf(text, size, "relay=%u green=%u red=%u amber=%u buzzer=%u", driven & 1, driven >> 1 & 1,
             driven >> 2 & 1, driven >> 3 & 1, driven >> 4 & 1);
}

static void send_line(int index, const char *line)
{
    if (send(clients[index].fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        shutdown(clients[index].fd, SHUT_RDWR); /* the next read closes it */
}

void control_tell(const char *line)
{
    for (int i = 0; i < client_count; i++)
        if (clients[i].is_watching)
            send_line(i, line);
}

void control_set_outputs(unsigned outputs)
{
    char state[128], text[256];
    driven = outputs;
    format_outputs(state, sizeof state);
    snprintf(text, sizeof text, "outputs %llu %s\n", (unsigned long long)now_us(), state);
    control_tell(text);
}

int control_prepare(struct pollfd *ready)
{
    ready[0] = (struct pollfd){listener, POLLIN, 0};
    for (int i = 0; i < client_count; i++)
        ready[1 + i] = (struct pollfd){clients[i].fd, POLLIN, 0};
    polled_count = client_count;
    return 1 + client_count;
}

static void drop_client(int index)
{
    close(clients[index].fd);
    client_count--;
    clients[index] = clients[client_count];
}

/* Runs one request. Returns true when it is a power cut. */
static bool take_request(int index, const char *request)
{
    char state[128], answer[192];
    if (strcmp(request, "cut") == 0)
        return true;
    bool watch = strcmp(request, "watch") == 0;
    clients[index].is_watching |= watch;
    format_outputs(state, sizeof state);
    if (watch || strcmp(request, "get") == 0)
        snprintf(answer, sizeof answer, "ok %s\n", state);
    else
        snprintf(answer, sizeof answer, "error this gate is emulated and has no inputs: get, watch or cut\n");
    send_line(index, answer);
    return false;
}

/* Reads requests. The socket may deliver several lines at once, or parts of a line. Returns true when a power
 * cut was requested. */
static bool serve_client(int index)
{
    struct client *client = &clients[index];
    bool cut = false;
    ssize_t count = read(client->fd, client->request + client->len, sizeof client->request - client->len);
    if (count <= 0) {
        drop_client(index);
        return false;
    }
    client->len += (size_t)count;
    for (char *end; (end = memchr(client->request, '\n', client->len)) != NULL;) {
        *end = 0;
        cut |= take_request(index, client->request);
        client->len -= (size_t)(end + 1 - client->request);
        memmove(client->request, end + 1, client->len);
    }
    if (client->len == sizeof client->request)
        client->len = 0; /* no valid request is so long */
    return cut;
}

bool control_serve(const struct pollfd *ready)
{
    bool cut = false;
    for (int i = polled_count - 1; i >= 0; i--)
        if (ready[1 + i].revents)
            cut |= serve_client(i);
    if (ready[0].revents && client_count < CONTROL_CLIENTS_MAX) {
        clients[client_count] = (struct client){.fd = accept(listener, NULL, NULL)};
        client_count += clients[client_count].fd >= 0;
    }
    return cut;
}
