/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/cardsim/link.h"

static int open_control_socket(const char *path, bool listens)
{
    char address[256];
    if (snprintf(address, sizeof address, "unix:%s", path) >= (int)sizeof address) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return cardsim_socket_open(address, listens);
}

int cardsim_console_open(struct cardsim_console *console, const char *path)
{
    memset(console, 0, sizeof *console);
    console->path = path;
    console->listen_fd = -1;
    for (size_t i = 0; i < CARDSIM_CLIENTS_MAX; i++)
        console->clients[i].in_fd = -1;
    if (!path) {
        console->clients[0].in_fd = STDIN_FILENO;
        console->clients[0].out_fd = STDOUT_FILENO;
        return 0;
    }
    console->listen_fd = open_control_socket(path, true);
    if (console->listen_fd >= 0)
        return 0;
    fprintf(stderr, "cardsim: cannot listen on %s: %s\n", path, strerror(errno));
    return -1;
}

static void drop_client(struct cardsim_client *client)
{
    if (client->in_fd != STDIN_FILENO)
        close(client->in_fd);
    client->in_fd = -1;
}

void cardsim_console_close(struct cardsim_console *console)
{
    for (size_t i = 0; i < CARDSIM_CLIENTS_MAX; i++)
        if (console->clients[i].in_fd >= 0)
            drop_client(&console->clients[i]);
    if (console->listen_fd >= 0) {
        close(console->listen_fd);
        unlink(console->path);
    }
    console->listen_fd = -1;
}

nfds_t cardsim_console_poll_fds(const struct cardsim_console *console, struct pollfd *fds)
{
    nfds_t count = 0;
    if (console->listen_fd >= 0)
        fds[count++] = (struct pollfd){.fd = console->listen_fd, .events = POLLIN};
    for (size_t i = 0; i < CARDSIM_CLIENTS_MAX; i++)
        if (console->clients[i].in_fd >= 0)
            fds[count++] = (struct pollfd){.fd = console->clients[i].in_fd, .events = POLLIN};
    return count;
}

static void run_line(struct cardsim_client *client, struct cardsim_control *control, uint64_t now_us)
{
    static char answer[CARDSIM_ANSWER_MAX];
    client->line[client->len] = '\0';
    client->len = 0;
    if (client->is_overlong) {
        client->is_overlong = false;
        snprintf(answer, sizeof answer, "error the line is too long\n");
    } else {
        cardsim_control_run(control, client->line, now_us, answer);
    }
    size_t len = strlen(answer);
    if (client->out_fd == STDOUT_FILENO) {
        fwrite(answer, 1, len, stdout);
        fflush(stdout);
    } else if (send(client->out_fd, answer, len, MSG_NOSIGNAL) != (ssize_t)len) {
        drop_client(client);
    }
}

static void read_client(struct cardsim_client *client, struct cardsim_control *control, uint64_t now_us)
{
    char bytes[256];
    ssize_t got = read(client->in_fd, bytes, sizeof bytes);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            drop_client(client);
        return;
    }
    for (ssize_t i = 0; i < got && client->in_fd >= 0; i++) {
        if (bytes[i] == '\n')
            run_line(client, control, now_us);
        else if (client->len < sizeof client->line - 1)
            client->line[client->len++] = bytes[i];
        else
            client->is_overlong = true;
    }
}

static void accept_client(struct cardsim_console *console)
{
    int fd = accept(console->listen_fd, NULL, NULL);
    if (fd < 0)
        return;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    for (size_t i = 0; i < CARDSIM_CLIENTS_MAX; i++)
        if (console->clients[i].in_fd < 0) {
            console->clients[i] = (struct cardsim_client){.in_fd = fd, .out_fd = fd};
            return;
        }
    close(fd);
}

void cardsim_console_service(struct cardsim_console *console, const struct pollfd *fds, nfds_t count,
                             struct cardsim_control *control, uint64_t now_us)
{
    for (nfds_t n = 0; n < count; n++) {
        if (!(fds[n].revents & (POLLIN | POLLHUP | POLLERR)))
            continue;
        if (fds[n].fd == console->listen_fd)
            accept_client(console);
        for (size_t i = 0; i < CARDSIM_CLIENTS_MAX; i++)
            if (console->clients[i].in_fd == fds[n].fd)
                read_client(&console->clients[i], control, now_us);
    }
}

static int ask_line(FILE *stream, const char *line)
{
    static char answer[CARDSIM_ANSWER_MAX];
    fprintf(stream, "%s\n", line);
    fflush(stream);
    if (!fgets(answer, sizeof answer, stream)) {
        fprintf(stderr, "cardsim: no answer\n");
        return 2;
    }
    fputs(answer, stdout);
    fflush(stdout);
    return strncmp(answer, "ok", 2) == 0 ? 0 : 1;
}

int cardsim_console_ask(const char *path, char *const *words, int count)
{
    char line[CARDSIM_LINE_MAX] = "";
    int fd = open_control_socket(path, false);
    for (int waited_ms = 0; fd < 0 && waited_ms < CARDSIM_STARTING_MS; waited_ms += 20) {
        poll(NULL, 0, 20); /* cardsim may have just been started */
        fd = open_control_socket(path, false);
    }
    if (fd < 0) {
        fprintf(stderr, "cardsim: no cardsim at %s: %s\n", path, strerror(errno));
        return 2;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    FILE *stream = fdopen(fd, "r+");
    if (!stream)
        return 2;
    int status = 0;
    size_t len = 0;
    for (int i = 0; i < count && len < sizeof line; i++)
        len += (size_t)snprintf(line + len, sizeof line - len, "%s%s", i ? " " : "", words[i]);
    if (len >= sizeof line) {
        fprintf(stderr, "cardsim: the command is too long\n");
        fclose(stream);
        return 1;
    }
    if (count > 0)
        status = ask_line(stream, line);
    while (count == 0 && status < 2 && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        int one = line[strspn(line, " \t")] && line[0] != '#' ? ask_line(stream, line) : 0;
        status = one > status ? one : status;
    }
    fclose(stream);
    return status;
}
