/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, data, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return ERR_IO;
        data += written;
        len -= (size_t)written;
    }
    return ERR_OK;
}

/* Syncs the folder of path: a rename is permanent only when the folder is on disk. */
static void sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        strcpy(folder, ".");
    else
        slash[slash == folder ? 1 : 0] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd); /* some file systems cannot sync a folder; the rename has happened all the same */
    close(fd);
}

int file_write_atomic(const char *path, const void *data, size_t len, mode_t mode)
{
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary) {
        errno = ENAMETOOLONG;
        return ERR_IO;
    }
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    int error = write_all(fd, data, len);
    if (error == ERR_OK && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
        error = ERR_IO;
    int why = errno;
    if (close(fd) != 0 && error == ERR_OK) {
        why = errno;
        error = ERR_IO;
    }
    if (error == ERR_OK && rename(temporary, path) != 0) {
        why = errno;
        error = ERR_IO;
    }
    if (error == ERR_OK) {
        sync_folder_of(path);
        return ERR_OK;
    }
    unlink(temporary);
    errno = why;
    return error;
}

int file_read(const char *path, size_t max, uint8_t **data, size_t *len)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return ERR_IO;
    size_t size = 65536, used = 0;
    int error = ERR_OK;
    struct stat info = {0};
    if (fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode)) {
        fclose(file);
        errno = EISDIR;
        return ERR_IO;
    }
    if (info.st_size > 0 && (uintmax_t)info.st_size < max)
        size = (size_t)info.st_size + 2; /* one byte to detect the end of the file, one for the final 0 */
    uint8_t *buffer = malloc(size);
    while (buffer != NULL) {
        size_t got = fread(buffer + used, 1, size - 1 - used, file);
        used += got;
        if (used > max)
            error = ERR_NO_SPACE;
        else if (ferror(file))
            error = ERR_IO;
        if (got == 0 || error != ERR_OK)
            break;
        if (used == size - 1) {
            uint8_t *larger = realloc(buffer, size *= 2);
            if (larger == NULL)
                free(buffer);
            buffer = larger;
        }
    }
    if (buffer == NULL) {
        errno = ENOMEM;
        error = ERR_IO;
    }
    int why = errno;
    fclose(file);
    if (error != ERR_OK) {
        free(buffer);
        errno = why;
        return error;
    }
    buffer[used] = 0;
    *data = buffer;
    *len = used;
    return ERR_OK;
}
