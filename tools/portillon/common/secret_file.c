/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/portillon/common/command.h"

static bool is_shared(const struct stat *info)
{
    return S_ISREG(info->st_mode) && (info->st_mode & 077) != 0;
}

void secret_file_check(const char *command, const char *path, const char *what)
{
    struct stat info;
    if (stat(path, &info) == 0 && is_shared(&info))
        command_note("%s: %s: others on this computer can read %s: chmod 600 it", command, path, what);
}

void secret_file_check_stdout(const char *command, const char *what)
{
    struct stat info;
    if (fstat(STDOUT_FILENO, &info) == 0 && is_shared(&info))
        command_note("%s: others on this computer can read the file with %s: chmod 600 it, or use -o FILE",
                     command, what);
}

int secret_file_write_new(const char *path, const void *data, size_t len)
{
    const uint8_t *from = data;
    int why = 0, fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return ERR_IO;
    for (size_t done = 0; done < len && why == 0;) {
        ssize_t written = write(fd, from + done, len - done);
        if (written > 0)
            done += (size_t)written;
        else if (written == 0 || errno != EINTR)
            why = written == 0 ? ENOSPC : errno;
    }
    if (why == 0 && fsync(fd) != 0 && errno != EINVAL)
        why = errno;
    if (close(fd) != 0 && why == 0)
        why = errno;
    if (why == 0)
        return ERR_OK;
    unlink(path);
    errno = why;
    return ERR_IO;
}
