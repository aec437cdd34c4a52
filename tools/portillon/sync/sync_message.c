/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/sync/sync_message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

bool sync_message_connect(int *parent, int *child)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    *parent = ends[0];
    *child = ends[1];
    return true;
}

static void send_message(int fd, const struct sync_message *message)
{
    ssize_t sent;
    do
        sent = send(fd, message, sizeof *message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
}

void sync_message_tell(int fd, int kind, const char *text)
{
    struct sync_message message = {.kind = kind};
    snprintf(message.text, sizeof message.text, "%s", text);
    send_message(fd, &message);
}

void sync_message_tell_progress(int fd, uint64_t done, uint64_t total)
{
    send_message(fd, &(struct sync_message){.kind = SYNC_PROGRESS, .done = done, .total = total});
}

void sync_message_tell_result(int fd, const struct sync_result *result)
{
    send_message(fd, &(struct sync_message){.kind = SYNC_RESULT, .result = *result});
}

int sync_message_take(int fd, struct sync_message *message)
{
    ssize_t got = recv(fd, message, sizeof *message, MSG_DONTWAIT);
    if (got == (ssize_t)sizeof *message)
        return 1;
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? 0 : -1;
}
