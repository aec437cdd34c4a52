/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads and writes a file of the site folder that has a value for some gates (its text: gate_lines_text.h). A
 * gate without a line, and a site without the file, has no value.
 *
 * The caller owns all memory. The functions block on the file system. They print each error on stderr, so the
 * caller only returns the failure. command is the name used in messages.
 */
#ifndef TOOLS_PORTILLON_SITE_GATE_LINES_H
#define TOOLS_PORTILLON_SITE_GATE_LINES_H

#include "tools/portillon/site/gate_lines_text.h"

/* Reads the value of a gate; "": it has none. Every line of the file is checked. Returns ERR_OK, ERR_IO,
 * ERR_NO_SPACE (the file is too long) or ERR_FORMAT. */
int gate_lines_get(const struct gate_lines *lines, const char *folder, const char *command,
                   const char *device_id, char value[GATE_LINES_VALUE_LEN]) MUST_USE;

/* Writes the value of a gate durably; the other lines stay as they are. The caller holds the lock of the
 * folder (site_epochs_lock). Returns ERR_OK, or an error of gate_lines_get. */
int gate_lines_set(const struct gate_lines *lines, const char *folder, const char *command,
                   const char *device_id, const char *value) MUST_USE;

#endif
