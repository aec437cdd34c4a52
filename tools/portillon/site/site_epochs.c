/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_epochs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "firmware/crypto/identity.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"

enum { FILE_MAX = 65536, LINE_SIZE = 64 };

static const char heading[] =
    "# The gates whose keys were renewed (portillon identity --renew), and the epoch of their keys. A gate\n"
    "# that is not here has epoch 0. Keep this file: without it the keys of before count again.\n";

struct entry {
    char id[IDENTITY_DEVICE_ID_MAX + 1];
    unsigned epoch;
};

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

/* Returns the end of a line: its newline, or the end of the text. */
static const char *end_of(const char *line)
{
    return line + strcspn(line, "\n");
}

/* Returns the start of the next line, or the end of the text. */
static const char *after(const char *line)
{
    const char *end = end_of(line);
    return end + (*end == '\n');
}

/* Reads a line. A line without an entry gives an empty id. Returns ERR_OK or ERR_FORMAT. */
static int parse_line(const char *line, struct entry *entry)
{
    char copy[LINE_SIZE], rest[2];
    *entry = (struct entry){0};
    line += strspn(line, " \t\r");
    if (*line == '\0' || *line == '#' || *line == '\n')
        return ERR_OK;
    size_t len = strcspn(line, "#\n");
    if (len >= sizeof copy)
        return ERR_FORMAT;
    memcpy(copy, line, len);
    copy[len] = '\0';
    bool good = sscanf(copy, "%15[A-Za-z0-9._-] = %5u %1s", entry->id, &entry->epoch, rest) == 2;
    return good && entry->epoch <= SITE_EPOCHS_MAX ? ERR_OK : ERR_FORMAT;
}

/* Checks every line, and finds the one of a gate: *found is its start, or NULL. */
static int find(const char *text, const char *path, const char *command, const char *device_id,
                const char **found, unsigned *epoch)
{
    unsigned number = 1;
    *found = NULL;
    *epoch = 0;
    for (const char *line = text; *line != '\0'; line = after(line), number++) {
        struct entry entry;
        int error = parse_line(line, &entry);
        bool is_meant = error == ERR_OK && strcmp(entry.id, device_id) == 0;
        if (error == ERR_OK && !is_meant)
            continue;
        if (error != ERR_OK || *found != NULL) {
            command_fail("%s: %s: line %u: %s", command, path, number,
                         error != ERR_OK ? "is not 'ID = NUMBER' with a number up to 999"
                                         : "is a second line of the same gate");
            return ERR_FORMAT;
        }
        *found = line;
        *epoch = entry.epoch;
    }
    return ERR_OK;
}

static void path_of(const char *folder, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/" SITE_EPOCHS_FILE, folder);
}

int site_epochs_get(const char *folder, const char *command, const char *device_id, unsigned *epoch)
{
    char path[PATH_MAX], *text;
    const char *found;
    path_of(folder, path);
    int error = read_text(path, command, &text);
    if (error != ERR_OK)
        return error;
    error = find(text, path, command, device_id, &found, epoch);
    free(text);
    return error;
}

/* Writes the text without the line at found, and with the new line in its place or at the end. A text that
 * read_text would refuse is not written. Returns ERR_OK, ERR_IO or ERR_NO_SPACE, with errno. */
static int write_text(const char *path, const char *text, const char *found, const char *line)
{
    size_t size = sizeof heading + strlen(text) + LINE_SIZE, len = 0;
    char *out = malloc(size);
    if (out == NULL) {
        errno = ENOMEM;
        return ERR_IO;
    }
    const char *at = found != NULL ? found : text + strlen(text);
    const char *rest = found != NULL ? after(found) : at;
    bool ends = at == text || at[-1] == '\n';
    len = (size_t)snprintf(out, size, "%s%.*s%s%s%s", text[0] == '\0' ? heading : "", (int)(at - text), text,
                           ends ? "" : "\n", line, rest);
    errno = EFBIG;
    int error = len > FILE_MAX ? ERR_NO_SPACE : file_write_atomic(path, out, len, 0644);
    free(out);
    return error;
}

int site_epochs_set(const char *folder, const char *command, const char *device_id, unsigned epoch)
{
    char path[PATH_MAX], line[LINE_SIZE], *text;
    const char *found;
    unsigned before;
    path_of(folder, path);
    int error = read_text(path, command, &text);
    if (error != ERR_OK)
        return error;
    error = find(text, path, command, device_id, &found, &before);
    if (error == ERR_OK) {
        snprintf(line, sizeof line, "%s = %u\n", device_id, epoch);
        error = write_text(path, text, found, line);
        if (error != ERR_OK)
            command_fail("%s: %s: cannot be written: %s", command, path, strerror(errno));
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
