/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/gate_lines.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/crypto/identity.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"

enum { FILE_MAX = 65536, LINE_SIZE = 64 };

struct entry {
    char id[IDENTITY_DEVICE_ID_MAX + 1];
    char value[GATE_LINES_VALUE_LEN];
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
static int parse_line(const struct gate_lines *lines, const char *line, struct entry *entry)
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
    bool good = sscanf(copy, "%15[A-Za-z0-9._-] = %15s %1s", entry->id, entry->value, rest) == 2;
    return good && lines->is_good(entry->value) ? ERR_OK : ERR_FORMAT;
}

/* Checks every line, and finds the one of a gate: *found is its start, or NULL. */
static int find(const struct gate_lines *lines, const char *text, const char *path, const char *command,
                const char *device_id, const char **found, char value[GATE_LINES_VALUE_LEN])
{
    unsigned number = 1;
    *found = NULL;
    value[0] = '\0';
    for (const char *line = text; *line != '\0'; line = after(line), number++) {
        struct entry entry;
        int error = parse_line(lines, line, &entry);
        bool is_meant = error == ERR_OK && strcmp(entry.id, device_id) == 0;
        if (error == ERR_OK && !is_meant)
            continue;
        if (error != ERR_OK) {
            command_fail("%s: %s: line %u: is not %s", command, path, number, lines->wanted);
            return ERR_FORMAT;
        }
        if (*found != NULL) {
            command_fail("%s: %s: line %u: is a second line of the same gate", command, path, number);
            return ERR_FORMAT;
        }
        *found = line;
        strcpy(value, entry.value);
    }
    return ERR_OK;
}

/* Reads the file, and finds the line of a gate in it. The caller frees *text after ERR_OK. */
static int read_and_find(const struct gate_lines *lines, const char *path, const char *command,
                         const char *device_id, char **text, const char **found,
                         char value[GATE_LINES_VALUE_LEN])
{
    int error = read_text(path, command, text);
    if (error != ERR_OK)
        return error;
    error = find(lines, *text, path, command, device_id, found, value);
    if (error != ERR_OK)
        free(*text);
    return error;
}

static void path_of(const struct gate_lines *lines, const char *folder, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", folder, lines->file);
}

int gate_lines_get(const struct gate_lines *lines, const char *folder, const char *command,
                   const char *device_id, char value[GATE_LINES_VALUE_LEN])
{
    char path[PATH_MAX], *text;
    const char *found;
    path_of(lines, folder, path);
    int error = read_and_find(lines, path, command, device_id, &text, &found, value);
    if (error == ERR_OK)
        free(text);
    return error;
}

/* Writes the text without the line at found, and with the new line in its place or at the end. */
static int write_text(const char *heading, const char *path, const char *text, const char *found,
                      const char *line)
{
    size_t size = strlen(heading) + strlen(text) + LINE_SIZE + 1, len = 0;
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
    int error = file_write_atomic(path, out, len, 0644);
    free(out);
    return error;
}

int gate_lines_set(const struct gate_lines *lines, const char *folder, const char *command,
                   const char *device_id, const char *value)
{
    char path[PATH_MAX], line[LINE_SIZE], before[GATE_LINES_VALUE_LEN], *text;
    const char *found;
    path_of(lines, folder, path);
    int error = read_and_find(lines, path, command, device_id, &text, &found, before);
    if (error != ERR_OK)
        return error;
    snprintf(line, sizeof line, "%s = %s\n", device_id, value);
    error = write_text(lines->heading, path, text, found, line);
    if (error != ERR_OK)
        command_fail("%s: %s: cannot be written: %s", command, path, strerror(errno));
    free(text);
    return error;
}
