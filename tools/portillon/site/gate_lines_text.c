/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/gate_lines_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/crypto/identity.h"
#include "hal/linux/translate.h"

enum { LINE_SIZE = 64 };

struct entry {
    char id[IDENTITY_DEVICE_ID_MAX + 1];
    char value[GATE_LINES_VALUE_LEN];
};

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

int gate_lines_text_find(const struct gate_lines *lines, const char *text, const char *device_id,
                         struct gate_line *place)
{
    *place = (struct gate_line){0};
    for (const char *line = text; *line != '\0'; line = after(line)) {
        struct entry entry;
        int error = parse_line(lines, line, &entry);
        bool is_meant = error == ERR_OK && strcmp(entry.id, device_id) == 0;
        place->line_number++;
        if (error == ERR_OK && !is_meant)
            continue;
        if (error != ERR_OK || place->line != NULL) {
            place->why = error != ERR_OK ? translate(lines->wrong) : _("is a second line of the same gate");
            return ERR_FORMAT;
        }
        place->line = line;
        memcpy(place->value, entry.value, sizeof place->value);
    }
    return ERR_OK;
}

char *gate_lines_text_put(const struct gate_lines *lines, const char *text, const struct gate_line *place,
                          const char *device_id, const char *value, size_t *len)
{
    size_t size = strlen(lines->heading) + strlen(text) + LINE_SIZE;
    char *out = malloc(size);
    if (out == NULL)
        return NULL;
    const char *at = place->line != NULL ? place->line : text + strlen(text);
    const char *rest = place->line != NULL ? after(place->line) : at;
    bool ends = at == text || at[-1] == '\n';
    *len = (size_t)snprintf(out, size, "%s%.*s%s%s = %s\n%s", text[0] == '\0' ? lines->heading : "",
                            (int)(at - text), text, ends ? "" : "\n", device_id, value, rest);
    return out;
}
