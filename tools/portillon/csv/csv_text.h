/* SPDX-License-Identifier: Apache-2.0 */
/* Converts the cells of a file to UTF-8 (with iconv). The caller owns all memory. Nothing blocks. */
#ifndef TOOLS_PORTILLON_CSV_CSV_TEXT_H
#define TOOLS_PORTILLON_CSV_CSV_TEXT_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>

#include "hal/error.h"
#include "tools/portillon/csv/csv_encoding.h"

struct csv_text {
    enum csv_encoding encoding;
    iconv_t converter; /* (iconv_t)-1 for UTF-8 */
};

/* Prepares the conversion. Returns ERR_OK or ERR_UNSUPPORTED (iconv does not support the encoding). */
int csv_text_open(struct csv_text *text, enum csv_encoding encoding) MUST_USE;

/* Returns true when the bytes are text in the encoding and contain no NUL. */
bool csv_text_is_valid(const struct csv_text *text, const char *bytes, size_t len);

/* Converts a cell to UTF-8, cut at size - 1 bytes, and adds a NUL. Returns the length. */
size_t csv_text_convert(struct csv_text *text, const char *bytes, size_t len, char *out, size_t size);

/* Returns the length of the blank that the bytes begin with, or end with: a space of any width, a character
 * without width, or a control character. Returns 0 if there is none. */
size_t csv_text_blank(const struct csv_text *text, const char *bytes, size_t len, bool at_end);

/* Releases the converter. */
void csv_text_close(struct csv_text *text);

#endif
