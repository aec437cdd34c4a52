/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/gate_socket.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "boards/linux/gate_names.h"
#include "boards/linux/host_timer.h"
#include "hal/linux/translate.h"

#define PRESSES_MAX    100
#define PRESS_MS_MAX   10000
#define READS_PER_TURN 4 /* per client, so that a client that never stops writing delays no tap */

static const char help_text[] =
    "ok get | inputs NAME=0|1... | press NAME [MS] | watch | help; inputs: rotation fire tamper button";

/* ---- clients ---- */

static void hang_up(struct gate_socket_client *client)
{
    close(client->fd);
    *client = (struct gate_socket_client){.fd = -1};
}

static void flush(struct gate_socket_client *client)
{
    while (client->backlog_len > 0) {
        ssize_t count = send(client->fd, client->backlog, client->backlog_len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return;
        if (count <= 0) {
            hang_up(client);
            return;
        }
        client->backlog_len -= (size_t)count;
        memmove(client->backlog, client->backlog + count, client->backlog_len);
    }
}

static void say(struct gate_socket_client *client, const char *text)
{
    size_t len = strlen(text);

    if (client->fd < 0)
        return;
    if (client->backlog_len + len + 1 > sizeof(client->backlog)) {
        hang_up(client);
        return;
    }
    memcpy(client->backlog + client->backlog_len, text, len);
    client->backlog[client->backlog_len + len] = '\n';
    client->backlog_len += len + 1;
    flush(client);
}

__attribute__((format(printf, 2, 3))) static void tell_watchers(struct gate_socket *gate_socket,
                                                                const char *format, ...)
{
    char text[GATE_SOCKET_LINE_LEN + 64];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < GATE_SOCKET_CLIENTS; i++)
        if (gate_socket->clients[i].fd >= 0 && gate_socket->clients[i].watching)
            say(&gate_socket->clients[i], text);
}

/* ---- inputs and outputs ---- */

static void outputs_text(uint32_t outputs, char text[GATE_SOCKET_LINE_LEN])
{
    size_t len = 0;

    for (size_t i = 0; i < GATE_OUTPUTS; i++)
        len += (size_t)snprintf(text + len, GATE_SOCKET_LINE_LEN - len, "%s%s=%d", i > 0 ? " " : "",
                                gate_output_names[i].name, (outputs & gate_output_names[i].bit) != 0);
}

static void inputs_text(const struct gate_socket *gate_socket, char text[GATE_SOCKET_LINE_LEN])
{
    size_t len = 0;

    for (size_t i = 0; i < GATE_INPUTS; i++) {
        bool on = (gate_socket->levels & gate_input_names[i].bit) != 0 || gate_socket->presses[i].on;
        len += (size_t)snprintf(text + len, GATE_SOCKET_LINE_LEN - len, "%s%s=%d", i > 0 ? " " : "",
                                gate_input_names[i].name, on);
    }
}

static void set_outputs(void *ctx, uint32_t outputs)
{
    struct gate_socket *gate_socket = ctx;
    char text[GATE_SOCKET_LINE_LEN];

    if (gate_socket->wires != NULL)
        gate_socket->wires->set_outputs(gate_socket->wires->ctx, outputs);
    if (outputs == gate_socket->outputs)
        return;
    gate_socket->outputs = outputs;
    outputs_text(outputs, text);
    tell_watchers(gate_socket, "outputs %llu %s", (unsigned long long)host_monotonic_us(), text);
}

/* Reads a button once and continues its presses. Returns true if it is on. */
static bool read_press(struct gate_socket_press *press)
{
    if (press->waiting == 0)
        return false;
    if (!press->on) {
        press->on = true;
        press->until_us = host_monotonic_us() + (uint64_t)press->hold_ms * 1000;
        return true;
    }
    if (host_monotonic_us() < press->until_us)
        return true;
    press->on = false;
    press->waiting--;
    return false;
}

static uint32_t get_inputs(void *ctx)
{
    struct gate_socket *gate_socket = ctx;

    if (gate_socket->wires != NULL)
        return gate_socket->levels = gate_socket->wires->get_inputs(gate_socket->wires->ctx);
    uint32_t inputs = gate_socket->levels;

    for (size_t i = 0; i < GATE_INPUTS; i++)
        if (read_press(&gate_socket->presses[i]))
            inputs |= gate_input_names[i].bit;
    return inputs;
}

/* ---- commands ---- */

static int input_index(const char *name)
{
    for (int i = 0; i < GATE_INPUTS; i++)
        if (strcmp(name, gate_input_names[i].name) == 0)
            return i;
    return -1;
}

static void command_get(struct gate_socket *gate_socket, struct gate_socket_client *client)
{
    char outputs[GATE_SOCKET_LINE_LEN], inputs[GATE_SOCKET_LINE_LEN];
    char text[3 * GATE_SOCKET_LINE_LEN + 16];

    outputs_text(gate_socket->outputs, outputs);
    inputs_text(gate_socket, inputs);
    snprintf(text, sizeof(text), "ok %s %s %s", outputs, inputs, gate_socket->state);
    say(client, text);
}

/* Sets the inputs of all NAME=0|1 words, or of none if one word is wrong. */
static void command_inputs(struct gate_socket *gate_socket, struct gate_socket_client *client, char *rest)
{
    uint32_t levels = gate_socket->levels;
    char text[GATE_SOCKET_LINE_LEN + 16] = "ok ";
    char *save = NULL;

    for (char *word = strtok_r(rest, " \t", &save); word != NULL; word = strtok_r(NULL, " \t", &save)) {
        char *value = strchr(word, '=');
        if (value != NULL)
            *value++ = '\0';
        int index = input_index(word);
        if (index < 0 || value == NULL || (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)) {
            say(client, "error inputs takes NAME=0 or NAME=1; inputs: rotation fire tamper button");
            return;
        }
        if (value[0] == '1')
            levels |= gate_input_names[index].bit;
        else
            levels &= ~gate_input_names[index].bit;
    }
    gate_socket->levels = levels;
    inputs_text(gate_socket, text + 3);
    say(client, text);
}

static void command_press(struct gate_socket *gate_socket, struct gate_socket_client *client, char *rest)
{
    char *save = NULL, *end = NULL;
    char *name = strtok_r(rest, " \t", &save);
    char *duration = strtok_r(NULL, " \t", &save);
    int index = name != NULL ? input_index(name) : -1;
    unsigned long hold_ms = duration != NULL ? strtoul(duration, &end, 10) : GATE_SOCKET_PRESS_MS;

    if (index < 0 || (duration != NULL && (*end != '\0' || end == duration)) || hold_ms > PRESS_MS_MAX) {
        say(client, "error press takes NAME [MS]; inputs: rotation fire tamper button; MS: 0 to 10000");
        return;
    }
    struct gate_socket_press *press = &gate_socket->presses[index];
    if ((gate_socket->levels & gate_input_names[index].bit) != 0 || press->waiting >= PRESSES_MAX) {
        say(client, press->waiting >= PRESSES_MAX ? "error too many presses are waiting"
                                                  : "error this input is held on: inputs NAME=0 first");
        return;
    }
    press->hold_ms = (uint32_t)hold_ms;
    press->waiting++;
    say(client, "ok");
}

static void obey(struct gate_socket *gate_socket, struct gate_socket_client *client)
{
    char *line = client->line + strspn(client->line, " \t");
    char *rest = line + strcspn(line, " \t");

    if (*rest != '\0')
        *rest++ = '\0';
    if (line[0] == '\0')
        return;
    if (strcmp(line, "get") == 0)
        command_get(gate_socket, client);
    else if (gate_socket->wires != NULL && (strcmp(line, "inputs") == 0 || strcmp(line, "press") == 0))
        say(client, "error the inputs of this gate are wires (gpio.*)");
    else if (strcmp(line, "inputs") == 0)
        command_inputs(gate_socket, client, rest);
    else if (strcmp(line, "press") == 0)
        command_press(gate_socket, client, rest);
    else if (strcmp(line, "help") == 0)
        say(client, help_text);
    else if (strcmp(line, "watch") == 0) {
        client->watching = true;
        command_get(gate_socket, client);
    } else
        say(client, "error unknown command; try help");
}

static void take_bytes(struct gate_socket *gate_socket, struct gate_socket_client *client, const char *bytes,
                       size_t len)
{
    for (size_t i = 0; i < len && client->fd >= 0; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\0') {
            client->line[client->line_len] = '\0';
            if (client->line_len > 0 && client->line[client->line_len - 1] == '\r')
                client->line[client->line_len - 1] = '\0';
            client->line_len = 0;
            obey(gate_socket, client);
        } else if (client->line_len < sizeof(client->line) - 1) {
            client->line[client->line_len++] = bytes[i];
        } else {
            say(client, "error line too long");
            if (client->fd >= 0)
                hang_up(client);
        }
    }
}

static void serve_client(struct gate_socket *gate_socket, struct gate_socket_client *client)
{
    char bytes[512];

    for (int reads = 0; reads < READS_PER_TURN && client->fd >= 0 && !client->ended; reads++) {
        ssize_t count = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            break;
        if (count < 0) {
            hang_up(client);
            return;
        }
        if (count == 0) { /* a last line without newline also counts: echo -n get | socat ... */
            client->ended = true;
            if (client->line_len > 0)
                take_bytes(gate_socket, client, "\n", 1);
        }
        take_bytes(gate_socket, client, bytes, (size_t)count);
    }
    if (client->fd >= 0)
        flush(client);
    /* A client that only shut down its sending half may still read. poll(2) reports when it has left. */
    struct pollfd gone = {.fd = client->fd};
    if (client->fd >= 0 && client->ended && client->backlog_len == 0 &&
        (!client->watching || (poll(&gone, 1, 0) > 0 && (gone.revents & (POLLHUP | POLLERR)) != 0)))
        hang_up(client);
}

static void take_in(struct gate_socket *gate_socket)
{
    int fd = accept4(gate_socket->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return;
    for (size_t i = 0; i < GATE_SOCKET_CLIENTS; i++) {
        if (gate_socket->clients[i].fd < 0) {
            gate_socket->clients[i].fd = fd;
            return;
        }
    }
    static const char full[] = "error too many clients\n";
    (void)!send(fd, full, sizeof(full) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
}

/* ---- socket ---- */

void gate_socket_init(struct gate_socket *gate_socket)
{
    *gate_socket = (struct gate_socket){
        .io = {.set_outputs = set_outputs, .get_inputs = get_inputs, .ctx = gate_socket},
        .listener = -1,
    };
    for (size_t i = 0; i < GATE_SOCKET_CLIENTS; i++)
        gate_socket->clients[i].fd = -1;
}

/* Removes a socket at which no gate listens. */
static int clear_path(const struct sockaddr_un *address, char note[GATE_SOCKET_NOTE_LEN])
{
    struct stat status;

    if (lstat(address->sun_path, &status) != 0)
        return ERR_OK; /* nothing there; bind reports any other error */
    if (!S_ISSOCK(status.st_mode)) {
        snprintf(note, GATE_SOCKET_NOTE_LEN, _("%s: is in the way of the control socket"), address->sun_path);
        return ERR_ARGUMENT;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answered = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
    if (fd >= 0)
        close(fd);
    if (answered) {
        snprintf(note, GATE_SOCKET_NOTE_LEN, _("%s: another gate listens at this control socket"),
                 address->sun_path);
        return ERR_BUSY;
    }
    unlink(address->sun_path);
    return ERR_OK;
}

int gate_socket_listen(struct gate_socket *gate_socket, const char *path, char note[GATE_SOCKET_NOTE_LEN])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t path_size = strlen(path) + 1;

    if (path_size > sizeof(address.sun_path)) {
        snprintf(note, GATE_SOCKET_NOTE_LEN, _("%.120s…: the path of a socket has at most %zu bytes"), path,
                 sizeof(address.sun_path) - 1);
        return ERR_ARGUMENT;
    }
    memcpy(address.sun_path, path, path_size);
    int error = clear_path(&address, note);
    if (error != ERR_OK)
        return error;

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    mode_t mask = umask(0177); /* only the user who runs the gate may use the fire input */
    bool bound = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    umask(mask);
    if (!bound || listen(fd, GATE_SOCKET_CLIENTS) != 0) {
        snprintf(note, GATE_SOCKET_NOTE_LEN, _("%s: cannot make the control socket: %s"), path,
                 translate_errno(errno));
        if (bound)
            unlink(path);
        if (fd >= 0)
            close(fd);
        return ERR_IO;
    }
    memcpy(gate_socket->path, path, path_size);
    gate_socket->listener = fd;
    return ERR_OK;
}

int gate_socket_poll_fds(const struct gate_socket *gate_socket, struct pollfd fds[GATE_SOCKET_CLIENTS + 1])
{
    int count = 0;

    if (gate_socket->listener < 0)
        return 0;
    fds[count++] = (struct pollfd){.fd = gate_socket->listener, .events = POLLIN};
    for (size_t i = 0; i < GATE_SOCKET_CLIENTS; i++) {
        const struct gate_socket_client *client = &gate_socket->clients[i];
        int events = (client->ended ? 0 : POLLIN) | (client->backlog_len > 0 ? POLLOUT : 0);
        if (client->fd >= 0)
            fds[count++] = (struct pollfd){.fd = client->fd, .events = (short)events};
    }
    return count;
}

void gate_socket_serve(struct gate_socket *gate_socket)
{
    if (gate_socket->listener < 0)
        return;
    take_in(gate_socket);
    for (size_t i = 0; i < GATE_SOCKET_CLIENTS; i++)
        if (gate_socket->clients[i].fd >= 0)
            serve_client(gate_socket, &gate_socket->clients[i]);
}

/* Returns the microseconds between two times, or "-" if one of them is not known. */
static const char *delay_text(char text[24], uint64_t from_us, uint64_t to_us)
{
    if (from_us == 0 || to_us < from_us)
        return "-";
    snprintf(text, 24, "%llu", (unsigned long long)(to_us - from_us));
    return text;
}

void gate_socket_tell_tap(struct gate_socket *gate_socket, const struct tap_result *result, const char *zone)
{
    bool granted = verdict_is_grant(result->verdict);
    uint32_t seq = result->repeated_seq != 0 ? result->repeated_seq : result->seq;
    char tag[2 * TAG_LEN + 1], decide_us[24], relay_us[24];

    for (size_t i = 0; i < TAG_LEN; i++)
        snprintf(tag + 2 * i, 3, "%02x", result->tag.bytes[i]);
    tell_watchers(
        gate_socket, "tap %s reason=%s seq=%u zone=%s tag=%s twin=%d seen_us=%llu decide_us=%s relay_us=%s",
        granted                     ? "granted"
        : result->repeated_seq != 0 ? "repeated"
                                    : "refused",
        granted ? "-" : reason_name(result->verdict.reason), (unsigned)seq, zone, tag, result->from_replica,
        (unsigned long long)result->seen_us, delay_text(decide_us, result->seen_us, result->decided_us),
        granted ? delay_text(relay_us, result->seen_us, result->relay_us) : "-");
}

void gate_socket_tell_state(struct gate_socket *gate_socket, const char *words)
{
    if (strncmp(gate_socket->state, words, sizeof(gate_socket->state) - 1) == 0)
        return;
    snprintf(gate_socket->state, sizeof(gate_socket->state), "%s", words);
    tell_watchers(gate_socket, "state %llu %s", (unsigned long long)host_monotonic_us(), gate_socket->state);
}

void gate_socket_close(struct gate_socket *gate_socket)
{
    set_outputs(gate_socket, 0);
    for (size_t i = 0; i < GATE_SOCKET_CLIENTS; i++)
        if (gate_socket->clients[i].fd >= 0)
            hang_up(&gate_socket->clients[i]);
    if (gate_socket->listener >= 0) {
        close(gate_socket->listener);
        unlink(gate_socket->path);
    }
    gate_socket_init(gate_socket);
}
