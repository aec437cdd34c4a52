/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/config_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '.';
}

static char *skip_blanks(char *text)
{
    while (is_blank(*text))
        text++;
    return text;
}

static void cut_blanks_at_end(char *text)
{
    size_t len = strlen(text);

    while (len > 0 && is_blank(text[len - 1]))
        text[--len] = '\0';
}

/* Ends the line where its comment begins. Returns false if a quote is not closed. */
static bool cut_comment(char *line)
{
    bool quoted = false;

    for (char *at = line; *at != '\0'; at++) {
        if (*at == '"')
            quoted = !quoted;
        if (*at == '#' && !quoted && (at == line || is_blank(at[-1]))) {
            *at = '\0';
            break;
        }
    }
    return !quoted;
}

/* Cuts the next line out of the text. Returns NULL if there is none. len is its length, with NUL bytes. */
static char *cut_line(struct config_file *file, size_t *len)
{
    char *line = file->next, *newline;

    if (line == NULL || line == file->end)
        return NULL;
    newline = memchr(line, '\n', (size_t)(file->end - line));
    file->next = newline != NULL ? newline + 1 : NULL;
    file->line++;
    if (newline == NULL)
        newline = file->end;
    *newline = '\0';
    if (newline > line && newline[-1] == '\r')
        *--newline = '\0';
    *len = (size_t)(newline - line);
    return line;
}

static bool is_text(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
            return false;
    return true;
}

static int wrong(char note[CONFIG_FILE_NOTE_LEN], const char *what, const char *detail)
{
    snprintf(note, CONFIG_FILE_NOTE_LEN, "%s%.200s", what, detail);
    return ERR_FORMAT;
}

/* Splits a line that is not empty. */
static int split(char *line, struct config_setting *setting, char note[CONFIG_FILE_NOTE_LEN])
{
    char *at = line;

    while (is_name_byte(*at))
        at++;
    char *name_end = at;
    at = skip_blanks(at);
    if (name_end == line || *at != '=')
        return wrong(note, _("a line is `option = value`, not "), line);
    *name_end = '\0';
    *setting = (struct config_setting){.name = line, .value = skip_blanks(at + 1)};
    if (setting->value[0] == '\0')
        return wrong(note, _("there is no value for "), setting->name);
    return 1;
}

int config_file_next(struct config_file *file, struct config_setting *setting,
                     char note[CONFIG_FILE_NOTE_LEN])
{
    char *line;
    size_t len;

    while ((line = cut_line(file, &len)) != NULL) {
        if (!is_text(line, len))
            return wrong(note, _("the line holds a byte that is no text"), "");
        if (!cut_comment(line))
            return wrong(note, _("a quote is not closed: "), line);
        line = skip_blanks(line);
        cut_blanks_at_end(line);
        if (line[0] != '\0')
            return split(line, setting, note);
    }
    return 0;
}

void config_file_start(struct config_file *file, char *text, size_t len)
{
    *file = (struct config_file){.next = text, .end = text + len};
    text[len] = '\0';
}

int config_file_read(struct config_file *file, const char *path, char *text, char note[CONFIG_FILE_NOTE_LEN])
{
    FILE *stream = fopen(path, "re");
    size_t len = stream != NULL ? fread(text, 1, CONFIG_FILE_MAX + 1, stream) : 0;

    if (stream == NULL || ferror(stream)) {
        snprintf(note, CONFIG_FILE_NOTE_LEN, _("%.200s: cannot read this file: %s"), path,
                 translate_errno(errno));
        if (stream != NULL)
            fclose(stream);
        return ERR_IO;
    }
    fclose(stream);
    if (len > CONFIG_FILE_MAX) {
        snprintf(note, CONFIG_FILE_NOTE_LEN, _("%.200s: a configuration has at most %d bytes"), path,
                 CONFIG_FILE_MAX);
        return ERR_NO_SPACE;
    }
    config_file_start(file, text, len);
    return ERR_OK;
}

char *config_file_unquote(char *value)
{
    size_t len = strlen(value);

    if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
        value[len - 1] = '\0';
        value++;
    }
    return value[0] != '\0' && strchr(value, '"') == NULL ? value : NULL;
}
