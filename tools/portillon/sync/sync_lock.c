/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/sync/sync_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"

#define OWNER_SIZE 128 /* the file holds "PROCESS HOST" */

static int fail_locked(const char *command, const char *folder, int fd)
{
    char owner[OWNER_SIZE] = "", host[OWNER_SIZE];
    int process;
    ssize_t got = read(fd, owner, sizeof owner - 1);
    owner[got > 0 ? got : 0] = '\0';
    close(fd);
    if (sscanf(owner, "%d %64s", &process, host) == 2)
        return command_fail("%s: %s: another portillon sync keeps these gates current, process %d on %s: end "
                            "that one first, or leave the work to it",
                            command, folder, process, host);
    return command_fail("%s: %s: another portillon sync keeps these gates current: end that one first, or "
                        "leave the work to it",
                        command, folder);
}

static void write_owner(int fd)
{
    char host[HOST_NAME_MAX + 1] = "", owner[OWNER_SIZE];
    gethostname(host, sizeof host - 1);
    int len = snprintf(owner, sizeof owner, "%d %.64s\n", (int)getpid(), host);
    if (ftruncate(fd, 0) == 0 && write(fd, owner, (size_t)len) != len)
        owner[0] = '\0'; /* the lock holds without a name too */
}

int sync_lock_take(const char *command, const char *folder)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/" SYNC_LOCK_FILE, folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644); /* stays open until the process ends */
    if (fd < 0) {
        command_note("%s: %s: %s: a second portillon sync at the same time would not be noticed", command,
                     path, translate_errno(errno));
        return COMMAND_OK;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return fail_locked(command, folder, fd);
    write_owner(fd);
    return COMMAND_OK;
}
