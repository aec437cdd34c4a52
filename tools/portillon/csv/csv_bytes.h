/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prepares the bytes of a school's file for reading: recognises files that are not CSV, finds the encoding,
 * and leaves out what editors and old systems put around the text. The caller owns the bytes of the file.
 * Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_BYTES_H
#define TOOLS_PORTILLON_CSV_CSV_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include "hal/error.h"
#include "tools/portillon/csv/csv_encoding.h"

struct csv_bytes {
    const char *data; /* without byte order mark and end mark; its lines end in \n or \r\n */
    size_t len;
    enum csv_encoding encoding;
    bool cut_off; /* the last line has no line end */
    char *copy;   /* the bytes, where they had to be changed; otherwise NULL */
};

/* Prepares the bytes. encoding is CSV_ENCODING_DETECT or the one to use. Returns ERR_OK (call csv_bytes_free
 * afterwards), ERR_FORMAT (*why says what kind of file it is and what to do) or ERR_NO_SPACE (no memory). */
int csv_bytes_prepare(struct csv_bytes *bytes, const char *data, size_t len, enum csv_encoding encoding,
                      const char **why) MUST_USE;

/* Frees the memory of the copy. */
void csv_bytes_free(struct csv_bytes *bytes);

#endif
