/* SPDX-License-Identifier: Apache-2.0 */
/* Leads what libsystemd sends to the system's journal to the socket JOURNAL_SOCKET, by LD_PRELOAD
 * (service.sh). */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    ssize_t (*real)(int, const struct msghdr *, int) =
        (ssize_t(*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
    const struct sockaddr_un *to = message->msg_name;
    struct sockaddr_un here = {.sun_family = AF_UNIX};
    struct msghdr changed = *message;

    if (to == NULL || to->sun_family != AF_UNIX || strcmp(to->sun_path, "/run/systemd/journal/socket") != 0)
        return real(fd, message, flags);
    snprintf(here.sun_path, sizeof(here.sun_path), "%s", getenv("JOURNAL_SOCKET"));
    changed.msg_name = &here;
    changed.msg_namelen = sizeof(here);
    return real(fd, &changed, flags);
}
