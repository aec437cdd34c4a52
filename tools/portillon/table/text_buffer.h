/* SPDX-License-Identifier: Apache-2.0 */
/* Collects the text of a cell, which comes in pieces, up to a limit. The caller owns the struct, sets it to
 * zero first, and frees text. Nothing blocks. */
#ifndef TOOLS_PORTILLON_TABLE_TEXT_BUFFER_H
#define TOOLS_PORTILLON_TABLE_TEXT_BUFFER_H

#include <stddef.h>

#include "hal/error.h"

struct text_buffer {
    char *text; /* with a NUL behind it; NULL before the first piece */
    size_t len, capacity;
};

/* Adds a piece; what is beyond max bytes is cut. Returns ERR_OK or ERR_NO_SPACE (no memory). */
int text_buffer_add(struct text_buffer *buffer, const char *text, size_t len, size_t max) MUST_USE;

/* Returns the text, "" if there is none. */
const char *text_buffer_get(const struct text_buffer *buffer);

#endif
