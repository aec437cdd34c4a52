/* Which encoding a file is in, and its cells as UTF-8 (iconv does the converting). */
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
    CSV_ENCODING_UTF16, /* detected, not read */
};

struct csv_text {
    enum csv_encoding encoding;
    iconv_t converter; /* (iconv_t)-1 unless Windows-1252 */
};

/* Tells the encoding of a whole file: a byte order mark decides (*skip is its length); else UTF-8 when it is
 * that, or when it is so more often than not; else Windows-1252. */
enum csv_encoding csv_text_detect(const char *data, size_t len, size_t *skip);

/* @retval ERR_OK, ERR_UNSUPPORTED (iconv lacks it). */
int csv_text_open(struct csv_text *text, enum csv_encoding encoding) MUST_USE;

/* Whether bytes are text in the encoding, without a NUL among them. */
bool csv_text_is_valid(const struct csv_text *text, const char *bytes, size_t len);

/* Converts to UTF-8, cut off at size - 1, with its NUL. @returns the length. */
size_t csv_text_convert(struct csv_text *text, const char *bytes, size_t len, char *out, size_t size);

/* What stands around cells besides spaces, for csv_rows_reader: no-break spaces, marks of no width. */
const char *const *csv_text_blanks(const struct csv_text *text);

/* What a file is that is no text at all, and what to do; NULL: nothing speaks against it. */
const char *csv_text_foreign(const char *data, size_t len);

void csv_text_close(struct csv_text *text);

#endif
