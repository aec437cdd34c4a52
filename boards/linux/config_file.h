/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a configuration file: lines `name = value`, empty lines, and comments. A comment begins with # at the
 * start of a line or after a blank, outside quotes, and ends with the line.
 *
 * The caller owns the text, which is changed: names and values point into it. Reading the file blocks.
 */
#ifndef BOARDS_LINUX_CONFIG_FILE_H
#define BOARDS_LINUX_CONFIG_FILE_H

#include <stddef.h>

#include "hal/error.h"

#define CONFIG_FILE_MAX      65536 /* bytes of a file */
#define CONFIG_FILE_NOTE_LEN 320

struct config_file {
    char *next; /* the rest of the text; NULL: the file has ended */
    char *end;
    unsigned line; /* number of the line that was read last, from 1 */
};

struct config_setting {
    char *name;
    char *value; /* without the blanks around it; not empty */
};

/* Reads the file at path into text, of CONFIG_FILE_MAX + 1 bytes, and starts with its first line. On error,
 * note is one line without newline that names the path. Returns ERR_OK, ERR_IO, ERR_NO_SPACE (the file is
 * longer than CONFIG_FILE_MAX). */
int config_file_read(struct config_file *file, const char *path, char *text,
                     char note[CONFIG_FILE_NOTE_LEN]) MUST_USE;

/* Starts with the first line of text. text[len] must be writable. */
void config_file_start(struct config_file *file, char *text, size_t len);

/* Finds the next setting. On error, note says what is wrong with the line file->line. Returns 1 (setting is
 * filled in), 0 (the file has ended) or ERR_FORMAT. */
int config_file_next(struct config_file *file, struct config_setting *setting,
                     char note[CONFIG_FILE_NOTE_LEN]) MUST_USE;

/* Removes the quotes around a value that has them. Returns the value; NULL if a quote stands elsewhere or the
 * value is empty. */
char *config_file_unquote(char *value) MUST_USE;

#endif
