/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the epoch of each gate's keys in the file `epochs` of a site folder (gate_lines.h). A gate without a
 * line, and a site without the file, has epoch 0.
 *
 * The caller owns all memory. The functions block on the file system. They print each error on stderr, so the
 * caller only returns the failure. command is the name used in messages.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_EPOCHS_H
#define TOOLS_PORTILLON_SITE_SITE_EPOCHS_H

#include "hal/error.h"
#include "tools/portillon/site/gate_lines_text.h"

#define SITE_EPOCHS_FILE "epochs"
#define SITE_EPOCHS_MAX  999

/* What is said of the file. */
extern const struct gate_lines site_epochs_lines;

/* Reads the epoch of a gate. Every line of the file is checked. Returns ERR_OK, ERR_IO, ERR_NO_SPACE (the
 * file is too long) or ERR_FORMAT. */
int site_epochs_get(const char *folder, const char *command, const char *device_id, unsigned *epoch) MUST_USE;

/* Writes the epoch of a gate, 1 to SITE_EPOCHS_MAX, durably; the other lines stay as they are. The caller
 * holds the lock. Returns ERR_OK, or an error of site_epochs_get; after an error the file is as before. */
int site_epochs_set(const char *folder, const char *command, const char *device_id, unsigned epoch) MUST_USE;

/* Locks the folder against other programs that make identities, and waits for them. Returns a handle for
 * site_epochs_unlock, or ERR_IO. */
int site_epochs_lock(const char *folder, const char *command) MUST_USE;
/* Ends the lock. */
void site_epochs_unlock(int lock);

#endif
