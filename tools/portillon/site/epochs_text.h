/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of the file `epochs` of a site folder: a line is "ID = NUMBER"; after a # comes a comment. A gate
 * without a line has epoch 0. The caller owns the texts, which end with a zero byte. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_SITE_EPOCHS_TEXT_H
#define TOOLS_PORTILLON_SITE_EPOCHS_TEXT_H

#include <stddef.h>

#include "hal/error.h"

#define SITE_EPOCHS_MAX 999

struct epochs_place {
    const char *line; /* start of the gate's line; NULL: it has none */
    unsigned epoch;
    unsigned line_number; /* after an error, the line and what is wrong with it */
    const char *why;
};

/* Checks every line, and finds the one of a gate. Returns ERR_OK, or ERR_FORMAT for a bad line or a second
 * one of the gate. */
int epochs_text_find(const char *text, const char *device_id, struct epochs_place *place) MUST_USE;

/* Returns the text with the epoch of a gate at its place, or at the end; all else stays as it is. An empty
 * text gets a heading. The caller frees the result. Returns NULL without memory. */
char *epochs_text_put(const char *text, const struct epochs_place *place, const char *device_id,
                      unsigned epoch, size_t *len) MUST_USE;

#endif
