/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/setup/setup_config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define BLANKS   " \t"
#define LINE_LEN 1024

/* Returns true if the line at `at` is `name = ...`. */
static bool is_line_of(const char *at, const char *name)
{
    size_t len = strlen(name);

    at += strspn(at, BLANKS);
    if (strncmp(at, name, len) != 0)
        return false;
    at += len;
    return at[strspn(at, BLANKS)] == '=';
}

static char *next_line(char *at)
{
    at += strcspn(at, "\n");
    return *at == '\n' ? at + 1 : at;
}

/* Returns the first line of this option, in use or commented out by a # before its name; NULL: none. */
static char *find_line(struct setup_config *config, const char *name, bool commented_out)
{
    for (char *at = config->text; *at != '\0'; at = next_line(at)) {
        bool is_commented_out = at[0] == '#' && strspn(at + 1, BLANKS) == 0;
        if (is_commented_out == commented_out && is_line_of(is_commented_out ? at + 1 : at, name))
            return at;
    }
    return NULL;
}

/* Puts `with` in place of len bytes. */
static int replace(struct setup_config *config, char *at, size_t len, const char *with)
{
    size_t with_len = strlen(with), rest = strlen(at + len) + 1;

    if ((size_t)(at - config->text) + with_len + rest > sizeof(config->text))
        return ERR_NO_SPACE;
    memmove(at + with_len, at + len, rest);
    memcpy(at, with, with_len);
    return ERR_OK;
}

const char *setup_config_get(struct setup_config *config, const char *name)
{
    static char line[LINE_LEN];
    char note[CONFIG_FILE_NOTE_LEN];
    const char *at = find_line(config, name, false);
    struct config_setting setting;
    struct config_file file;

    if (at == NULL || snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at) >= (int)sizeof(line))
        return NULL;
    config_file_start(&file, line, strlen(line));
    return config_file_next(&file, &setting, note) == 1 ? setting.value : NULL;
}

int setup_config_set(struct setup_config *config, const char *name, const char *value)
{
    char line[LINE_LEN];
    char *at = find_line(config, name, false);

    if (snprintf(line, sizeof(line), "%s = %s", name, value) >= (int)sizeof(line))
        return ERR_NO_SPACE;
    if (at == NULL)
        at = find_line(config, name, true);
    if (at != NULL)
        return replace(config, at, strcspn(at, "\r\n"), line);
    at = config->text + strlen(config->text);
    bool is_inside = at > config->text && at[-1] != '\n';
    if (snprintf(line, sizeof(line), "%s%s = %s\n", is_inside ? "\n" : "", name, value) >= (int)sizeof(line))
        return ERR_NO_SPACE;
    return replace(config, at, 0, line);
}

int setup_config_set_text(struct setup_config *config, const char *name, const char *value)
{
    char quoted[LINE_LEN];

    if (value[0] == '\0' || strchr(value, '"') != NULL)
        return ERR_ARGUMENT;
    if (strpbrk(value, BLANKS "#") == NULL)
        return setup_config_set(config, name, value);
    if (snprintf(quoted, sizeof(quoted), "\"%s\"", value) >= (int)sizeof(quoted))
        return ERR_NO_SPACE;
    return setup_config_set(config, name, quoted);
}

int setup_config_drop(struct setup_config *config, const char *name)
{
    char *at = find_line(config, name, false);

    return at != NULL ? replace(config, at, 0, "#") : ERR_OK;
}
