/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/gate_lines.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"

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
        command_fail("%s: %s: %s", command, path,
                     error == ERR_IO ? translate_errno(errno) : _("is too long"));
        return error;
    }
    *text = (char *)data;
    if (strlen(*text) == len)
        return ERR_OK;
    command_fail("%s: %s: holds zero bytes, so it is damaged: take it from a backup", command, path);
    free(*text);
    return ERR_FORMAT;
}

/* Reads the file, and finds the line of a gate in it. The caller frees *text after ERR_OK. */
static int read_and_find(const struct gate_lines *lines, const char *path, const char *command,
                         const char *device_id, char **text, struct gate_line *place)
{
    int error = read_text(path, command, text);
    if (error != ERR_OK)
        return error;
    error = gate_lines_text_find(lines, *text, device_id, place);
    if (error == ERR_OK)
        return ERR_OK;
    command_fail("%s: %s: line %u: %s", command, path, place->line_number, place->why);
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
    struct gate_line place;
    path_of(lines, folder, path);
    int error = read_and_find(lines, path, command, device_id, &text, &place);
    if (error != ERR_OK)
        return error;
    memcpy(value, place.value, GATE_LINES_VALUE_LEN);
    free(text);
    return ERR_OK;
}

/* Writes a text that read_text accepts. Returns ERR_OK, ERR_IO or ERR_NO_SPACE, with errno. */
static int write_text(const char *path, const char *text, size_t len)
{
    errno = text == NULL ? ENOMEM : EFBIG;
    if (text == NULL || len > FILE_MAX)
        return text == NULL ? ERR_IO : ERR_NO_SPACE;
    return file_write_atomic(path, text, len, 0644);
}

int gate_lines_set(const struct gate_lines *lines, const char *folder, const char *command,
                   const char *device_id, const char *value)
{
    char path[PATH_MAX], *text;
    struct gate_line place;
    size_t len = 0;
    path_of(lines, folder, path);
    int error = read_and_find(lines, path, command, device_id, &text, &place);
    if (error != ERR_OK)
        return error;
    char *out = gate_lines_text_put(lines, text, &place, device_id, value, &len);
    error = write_text(path, out, len);
    if (error != ERR_OK)
        command_fail("%s: %s: cannot be written: %s", command, path, translate_errno(errno));
    free(out);
    free(text);
    return error;
}
