/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps which way people go through each gate in the file `directions` of a site folder (gate_lines.h). Only
 * the office needs it, to tell who is in the building; the gate itself does not know it. A gate without a
 * line, and a site without the file, is for both ways.
 *
 * The caller owns all memory. The functions block on the file system. They print each error on stderr, so the
 * caller only returns the failure. command is the name used in messages.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_DIRECTIONS_H
#define TOOLS_PORTILLON_SITE_SITE_DIRECTIONS_H

#include "hal/error.h"

#define SITE_DIRECTIONS_FILE "directions"

enum gate_direction {
    GATE_BOTH_WAYS,
    GATE_WAY_IN,
    GATE_WAY_OUT,
};

/* Returns "both", "in" or "out". */
const char *gate_direction_name(enum gate_direction direction);
/* Finds the direction with this name. Returns ERR_OK or ERR_NOT_FOUND. */
int gate_direction_find(const char *name, enum gate_direction *direction) MUST_USE;

/* Reads the direction of a gate. Every line of the file is checked. Returns ERR_OK or an error of
 * gate_lines_get. */
int site_directions_get(const char *folder, const char *command, const char *device_id,
                        enum gate_direction *direction) MUST_USE;
/* Writes the direction of a gate durably; the other lines stay as they are. The caller holds the lock
 * (site_epochs_lock). Returns ERR_OK or an error of gate_lines_set. */
int site_directions_set(const char *folder, const char *command, const char *device_id,
                        enum gate_direction direction) MUST_USE;

#endif
