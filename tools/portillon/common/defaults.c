/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/defaults.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/error.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/suggest.h"

#define FILE_MAX_LEN 65536

enum { WORD_COUNT = 5 };

static const char *const words[WORD_COUNT + 1] = {"site", "gate", "port", "store", "name", NULL};
static const char *const variables[WORD_COUNT] = {"PORTILLON_SITE", "PORTILLON_GATE", "PORTILLON_PORT",
                                                  "PORTILLON_STORE", "PORTILLON_NAME"};
static char values[WORD_COUNT][PATH_MAX]; /* "": none */

struct reading {
    char path[PATH_MAX];
    unsigned line;
    unsigned line_of[WORD_COUNT]; /* where each word stands; 0: nowhere */
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void complain(struct reading *reading, const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    command_fail("%s:%u: %s", reading->path, reading->line, what);
    reading->failed = true;
}

/* Cuts blanks off both ends. Returns the first character that is left. */
static char *trim(char *text)
{
    static const char blanks[] = " \t\r";
    text += strspn(text, blanks);
    size_t len = strlen(text);
    while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
        text[--len] = '\0';
    return text;
}

/* Cuts a remark: "#" at the start, or behind a blank, so that a path may have one. */
static void cut_remark(char *line)
{
    for (char *c = line; *c != '\0'; c++)
        if (*c == '#' && (c == line || c[-1] == ' ' || c[-1] == '\t')) {
            *c = '\0';
            return;
        }
}

static int find_word(const char *word)
{
    for (int i = 0; i < WORD_COUNT; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

/* Stores a value. A path counts from the root or from the user's folder: a command may run anywhere. */
static void take_value(struct reading *reading, int word, const char *value)
{
    const char *home = getenv("HOME");
    bool is_path = strcmp(words[word], "gate") != 0 && strcmp(words[word], "name") != 0,
         at_home = strncmp(value, "~/", 2) == 0;
    if (is_path && value[0] != '/' && strstr(value, "://") == NULL && !(at_home && home != NULL)) {
        complain(reading, _("'%.200s' is no full path: begin it with / or ~/"), value);
        return;
    }
    int len = snprintf(values[word], PATH_MAX, "%s%s", at_home && is_path ? home : "",
                       at_home && is_path ? value + 1 : value);
    if (len >= PATH_MAX)
        complain(reading, _("the value of '%s' is too long"), words[word]);
}

static void take_line(struct reading *reading, char *line)
{
    cut_remark(line);
    char *key = trim(line);
    if (key[0] == '\0')
        return;
    char *equals = strchr(key, '=');
    if (equals == NULL) {
        complain(reading, _("'%.200s' is no line such as: site = /srv/lycee"), key);
        return;
    }
    *equals = '\0';
    key = trim(key);
    char *value = trim(equals + 1);
    int word = find_word(key);
    const char *near = word < 0 ? suggest_nearest(key, words) : NULL;
    if (near != NULL) {
        complain(reading,
                 _("'%.200s' is no word known here: did you mean '%s'? there are site, gate, port, store and "
                   "name"),
                 key, near);
    } else if (word < 0) {
        complain(reading, _("'%.200s' is no word known here: there are site, gate, port, store and name"),
                 key);
    } else if (value[0] == '\0') {
        complain(reading, _("'%s' has no value"), key);
    } else if (reading->line_of[word] != 0) {
        complain(reading, _("'%s' stands there twice"), key);
    } else {
        reading->line_of[word] = reading->line;
        take_value(reading, word, value);
    }
}

/* Finds the file. Returns false if the environment names no place for it. */
static bool find_file(char path[PATH_MAX])
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int len = -1;
    if (config != NULL && config[0] == '/') /* another one is ignored: XDG Base Directory Specification */
        len = snprintf(path, PATH_MAX, "%s/portillon/config", config);
    else if (home != NULL && home[0] == '/')
        len = snprintf(path, PATH_MAX, "%s/.config/portillon/config", home);
    return len >= 0 && len < PATH_MAX;
}

static void take_text(struct reading *reading, char *text)
{
    char *line = text, *end;
    do {
        end = strchr(line, '\n');
        if (end != NULL)
            *end = '\0';
        reading->line++;
        take_line(reading, line);
        line = end != NULL ? end + 1 : NULL;
    } while (line != NULL);
}

int defaults_read(void)
{
    static struct reading reading;
    uint8_t *data;
    size_t len;
    if (!find_file(reading.path))
        return COMMAND_OK;
    int error = file_read(reading.path, FILE_MAX_LEN, &data, &len);
    if (error == ERR_IO && (errno == ENOENT || errno == ENOTDIR))
        return COMMAND_OK;
    if (error != ERR_OK)
        return command_fail("%s: %s", reading.path,
                            error == ERR_IO ? translate_errno(errno) : _("is too long"));
    if (memchr(data, '\0', len) != NULL)
        reading.failed = command_fail("%s: is no text", reading.path) != COMMAND_OK;
    else
        take_text(&reading, (char *)data);
    free(data);
    return reading.failed ? COMMAND_FAILED : COMMAND_OK;
}

const char *defaults_get(const char *variable)
{
    const char *value = getenv(variable);
    if (value != NULL && value[0] != '\0')
        return value;
    for (int i = 0; i < WORD_COUNT; i++)
        if (strcmp(variables[i], variable) == 0 && values[i][0] != '\0')
            return values[i];
    return NULL;
}

const char *defaults_site_operand(int argc, char **argv, int first)
{
    if (argc - first > 1)
        return NULL;
    return argc > first ? argv[first] : defaults_get("PORTILLON_SITE");
}
