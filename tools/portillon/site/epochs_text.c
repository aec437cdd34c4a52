/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/epochs_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/crypto/identity.h"

enum { LINE_SIZE = 64 };

static const char heading[] =
    "# The gates whose keys were renewed (portillon identity --renew), and the epoch of their keys. A gate\n"
    "# that is not here has epoch 0. Keep this file: without it the keys of before count again.\n";

struct entry {
    char id[IDENTITY_DEVICE_ID_MAX + 1];
    unsigned epoch;
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

int epochs_text_find(const char *text, const char *device_id, struct epochs_place *place)
{
    *place = (struct epochs_place){0};
    for (const char *line = text; *line != '\0'; line = after(line)) {
        struct entry entry;
        int error = parse_line(line, &entry);
        bool is_meant = error == ERR_OK && strcmp(entry.id, device_id) == 0;
        place->line_number++;
        if (error == ERR_OK && !is_meant)
            continue;
        if (error != ERR_OK || place->line != NULL) {
            place->why = error != ERR_OK ? "is not 'ID = NUMBER' with a number up to 999"
                                         : "is a second line of the same gate";
            return ERR_FORMAT;
        }
        place->line = line;
        place->epoch = entry.epoch;
    }
    return ERR_OK;
}

char *epochs_text_put(const char *text, const struct epochs_place *place, const char *device_id,
                      unsigned epoch, size_t *len)
{
    size_t size = sizeof heading + strlen(text) + LINE_SIZE;
    char *out = malloc(size);
    if (out == NULL)
        return NULL;
    const char *at = place->line != NULL ? place->line : text + strlen(text);
    const char *rest = place->line != NULL ? after(place->line) : at;
    bool ends = at == text || at[-1] == '\n';
    *len = (size_t)snprintf(out, size, "%s%.*s%s%s = %u\n%s", text[0] == '\0' ? heading : "",
                            (int)(at - text), text, ends ? "" : "\n", device_id, epoch, rest);
    return out;
}
