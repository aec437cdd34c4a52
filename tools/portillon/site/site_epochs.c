/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_epochs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/site/epochs_text.h"

enum { FILE_MAX = 65536 };

/* Reads the file into memory that the caller frees; an absent file is an empty text. */
static int read_text(const char *path, const char *command, char **text)
{
    uint8_t *data;
    size_t len;
    int error = file_read(path, FILE_MAX, &data, &len);
    if (error == ERR_IO && errno == ENOENT) {
        *text = strdup("");
        if (*text != NULL)
            return ERR_OK;
    }
    if (error != ERR_OK) {
        command_fail("%s: %s: %s", command, path, error == ERR_IO ? strerror(errno) : "is too long");
        return error;
    }
    *text = (char *)data;
    if (strlen(*text) == len)
        return ERR_OK;
    command_fail("%s: %s: holds zero bytes, so it is damaged: take it from a backup", command, path);
    free(*text);
    return ERR_FORMAT;
}

static int find(const char *text, const char *path, const char *command, const char *device_id,
                struct epochs_place *place)
{
    int error = epochs_text_find(text, device_id, place);
    if (error != ERR_OK)
        command_fail("%s: %s: line %u: %s", command, path, place->line_number, place->why);
    return error;
}

static void path_of(const char *folder, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/" SITE_EPOCHS_FILE, folder);
}

int site_epochs_get(const char *folder, const char *command, const char *device_id, unsigned *epoch)
{
    char path[PATH_MAX], *text;
    struct epochs_place place;
    path_of(folder, path);
    int error = read_text(path, command, &text);
    if (error != ERR_OK)
        return error;
    error = find(text, path, command, device_id, &place);
    *epoch = place.epoch;
    free(text);
    return error;
}

/* Writes a text that read_text accepts. Returns ERR_OK, ERR_IO or ERR_NO_SPACE, with errno. */
static int write_text(const char *path, const char *text, size_t len)
{
    errno = text == NULL ? ENOMEM : EFBIG;
    if (text == NULL || len > FILE_MAX)
        return text == NULL ? ERR_IO : ERR_NO_SPACE;
    return file_write_atomic(path, text, len, 0644);
}

int site_epochs_set(const char *folder, const char *command, const char *device_id, unsigned epoch)
{
    char path[PATH_MAX], *text;
    struct epochs_place place;
    size_t len = 0;
    path_of(folder, path);
    int error = read_text(path, command, &text);
    if (error != ERR_OK)
        return error;
    error = find(text, path, command, device_id, &place);
    if (error == ERR_OK) {
        char *out = epochs_text_put(text, &place, device_id, epoch, &len);
        error = write_text(path, out, len);
        if (error != ERR_OK)
            command_fail("%s: %s: cannot be written: %s", command, path, strerror(errno));
        free(out);
    }
    free(text);
    return error;
}

int site_epochs_lock(const char *folder, const char *command)
{
    int result, fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        command_fail("%s: %s: %s", command, folder, strerror(errno));
        return ERR_IO;
    }
    while ((result = flock(fd, LOCK_EX)) != 0 && errno == EINTR)
        continue;
    if (result == 0)
        return fd;
    command_fail("%s: %s: cannot be locked: %s", command, folder, strerror(errno));
    close(fd);
    return ERR_IO;
}

void site_epochs_unlock(int lock)
{
    close(lock);
}
