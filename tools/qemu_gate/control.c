#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/qemu_gate/qemu_gate.h"

static int listener, clients[CONTROL_CLIENTS_MAX];
static bool watching[CONTROL_CLIENTS_MAX];
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
    if (send(clients[index], line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        shutdown(clients[index], SHUT_RDWR); /* its next reading drops it */
}

void control_tell(const char *line)
{
    for (int i = 0; i < client_count; i++)
        if (watching[i])
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
        ready[1 + i] = (struct pollfd){clients[i], POLLIN, 0};
    polled_count = client_count;
    return 1 + client_count;
}

static void drop_client(int index)
{
    close(clients[index]);
    client_count--;
    clients[index] = clients[client_count];
    watching[index] = watching[client_count];
}

/* @retval true a power cut was asked for. */
static bool serve_client(int index)
{
    char request[256], state[128], answer[192];
    ssize_t count = read(clients[index], request, sizeof request - 1);
    if (count <= 0) {
        drop_client(index);
        return false;
    }
    request[count] = 0;
    if (strncmp(request, "cut", 3) == 0)
        return true;
    format_outputs(state, sizeof state);
    bool watch = strncmp(request, "watch", 5) == 0;
    watching[index] |= watch;
    if (watch || strncmp(request, "get", 3) == 0)
        snprintf(answer, sizeof answer, "ok %s\n", state);
    else
        snprintf(answer, sizeof answer, "error this gate is emulated and has no inputs: get, watch or cut\n");
    send_line(index, answer);
    return false;
}

bool control_serve(const struct pollfd *ready)
{
    bool cut = false;
    for (int i = polled_count - 1; i >= 0; i--)
        if (ready[1 + i].revents)
            cut |= serve_client(i);
    if (ready[0].revents && client_count < CONTROL_CLIENTS_MAX) {
        watching[client_count] = false;
        clients[client_count++] = accept(listener, NULL, NULL);
    }
    return cut;
}
