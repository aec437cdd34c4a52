/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes the text of a configuration (config_file.h) and keeps its comments and all other lines. The caller
 * owns the struct. No I/O.
 */
#ifndef BOARDS_LINUX_SETUP_SETUP_CONFIG_H
#define BOARDS_LINUX_SETUP_SETUP_CONFIG_H

#include "boards/linux/config_file.h"

struct setup_config {
    char text[CONFIG_FILE_MAX + 1];
};

/* Returns the value of an option as it stands in its line, in a static buffer; NULL: it has no line. */
const char *setup_config_get(struct setup_config *config, const char *name);

/* Sets an option. Its line gets the value; without one, the first line in which it is commented out; else a
 * line is added at the end. Returns ERR_OK, ERR_NO_SPACE (the text would be too long; it did not change). */
int setup_config_set(struct setup_config *config, const char *name, const char *value) MUST_USE;

/* The same for a value that is one text, such as a path: it gets quotes where it needs them. Also returns
 * ERR_ARGUMENT (the text has a quote in it or is empty). */
int setup_config_set_text(struct setup_config *config, const char *name, const char *value) MUST_USE;

/* Comments the line of an option out. Does nothing without one. Returns ERR_OK, ERR_NO_SPACE. */
int setup_config_drop(struct setup_config *config, const char *name) MUST_USE;

#endif
