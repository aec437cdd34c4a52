/* SPDX-License-Identifier: Apache-2.0 */
/* Detects the encoding of a file and converts its cells to UTF-8 (with iconv). The caller owns all memory.
 * Nothing blocks. */
#ifndef TOOLS_PORTILLON_CSV_CSV_TEXT_H
#define TOOLS_PORTILLON_CSV_CSV_TEXT_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>

#include "hal/error.h"

enum csv_encoding {
    CSV_ENCODING_DETECT,
    CSV_ENCODING_UTF8,
    CSV_ENCODING_WINDOWS_1252,
    CSV_ENCODING_UTF16, /* detected, but cannot be read */
};

struct csv_text {
    enum csv_encoding encoding;
    iconv_t converter; /* (iconv_t)-1 unless the encoding is Windows-1252 */
};

/* Detects the encoding of a whole file. A byte order mark decides, and *skip is its length. Otherwise the
 * encoding is UTF-8 when the file has at least twice as many valid UTF-8 characters beyond ASCII as invalid
 * bytes, else Windows-1252. Returns the encoding. */
enum csv_encoding csv_text_detect(const char *data, size_t len, size_t *skip);

/* Prepares the conversion. Returns ERR_OK or ERR_UNSUPPORTED (iconv does not support the encoding). */
int csv_text_open(struct csv_text *text, enum csv_encoding encoding) MUST_USE;

/* Returns true when the bytes are text in the encoding and contain no NUL. */
bool csv_text_is_valid(const struct csv_text *text, const char *bytes, size_t len);

/* Converts a cell to UTF-8, cut at size - 1 bytes, and adds a NUL. Returns the length. */
size_t csv_text_convert(struct csv_text *text, const char *bytes, size_t len, char *out, size_t size);

/* Returns the texts, besides spaces, that can surround a cell: no-break spaces and marks without width. They
 * are for csv_rows_reader. */
const char *const *csv_text_blanks(const struct csv_text *text);

/* Recognises a file that is not text. Returns static text that says what the file is and what to do, or NULL
 * when the file may be text. */
const char *csv_text_foreign(const char *data, size_t len);

/* Releases the converter. */
void csv_text_close(struct csv_text *text);

#endif
