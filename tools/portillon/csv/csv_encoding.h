/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the encoding of a school's file from its bytes. A file that is not UTF-8 may be in one of four
 * encodings that give each byte a meaning. Which one fits is told by the letters of French names: accents
 * between letters, and capitals where capitals stand. The functions are pure.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_ENCODING_H
#define TOOLS_PORTILLON_CSV_CSV_ENCODING_H

#include <stddef.h>

#include "hal/error.h"

enum csv_encoding {
    CSV_ENCODING_DETECT,
    CSV_ENCODING_UTF8,
    CSV_ENCODING_WINDOWS_1252,
    CSV_ENCODING_CP850,       /* MS-DOS in Western Europe */
    CSV_ENCODING_MACROMAN,    /* Mac OS before X, and Excel for Mac */
    CSV_ENCODING_ISO_8859_15, /* as Windows-1252, but with Œ and œ where that has fractions */
    CSV_ENCODING_UTF16,       /* detected, but cannot be read */
};

/* Returns the name that --encoding takes and iconv knows: "utf-8", "windows-1252", "cp850", "macintosh",
 * "iso-8859-15". Returns NULL for the other values. */
const char *csv_encoding_name(enum csv_encoding encoding);

/* Returns what people call the encoding: "CP850 (MS-DOS)". */
const char *csv_encoding_label(enum csv_encoding encoding);

/* All these names in one line, for messages. */
extern const char csv_encoding_names[];

/* Finds an encoding by its name or another usual one ("utf8", "cp1252", "macroman", "latin9"), whatever the
 * case. Returns a value of enum csv_encoding or ERR_NOT_FOUND. */
int csv_encoding_find(const char *name) MUST_USE;

/* Detects the encoding of a whole file. A byte order mark decides, and *skip is its length. Otherwise the
 * encoding is UTF-8 when the file has at least twice as many valid UTF-8 characters beyond ASCII as invalid
 * bytes. Otherwise it is Windows-1252, unless another of the four fits clearly better. */
enum csv_encoding csv_encoding_detect(const char *data, size_t len, size_t *skip);

#endif
