/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a CSV file in memory row by row, with the number of the line on which each row starts. libcsv splits
 * the rows. This module gives libcsv the delimiter and one line at a time, so that line numbers are exact and
 * that neither a line nor a missing quote can grow without limit. Cells are bytes; the caller handles the
 * encoding. A cell loses the blanks around it and the mark ="..." with which spreadsheets keep a text. The
 * caller owns the file's bytes. Nothing blocks except the callbacks.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_ROWS_H
#define TOOLS_PORTILLON_CSV_CSV_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "tools/portillon/csv/csv_text.h"

#define CSV_ROWS_LINE_MAX  65536 /* bytes of a row, with its line ends */
#define CSV_ROWS_CELLS_MAX 256

struct csv_cell {
    const char *text; /* NUL-terminated after len bytes; valid only during the callback */
    size_t len;
    bool marked;  /* a spreadsheet was told that it is text: ="..." or '0... */
    bool inexact; /* a number of a workbook, with more digits than that keeps */
};

/* Receives one row that is not blank. Returns ERR_OK to go on; any other value ends the reading with that
 * value. */
typedef int csv_rows_callback(void *ctx, uint32_t line, const struct csv_cell *cells, size_t cell_count);

/* Called from time to time with the number of bytes read. */
typedef void csv_rows_progress(void *ctx, size_t done);

struct csv_rows_reader {
    csv_rows_callback *on_row;
    csv_rows_progress *on_progress; /* may be NULL */
    const struct csv_text *text;    /* the encoding, by which blanks are known */
    uint32_t lines_before;          /* number of lines of the file above data */
    void *ctx;
};

/* An error of the file itself. */
struct csv_rows_fault {
    uint32_t line;
    size_t cell;     /* number of the cell, from 0 */
    const char *why; /* static text: what is wrong and what to do */
};

/* Reads all rows. The delimiter (; , or tab) is the one that occurs most often in the first row, or the one
 * that a line "sep=;" names. A carriage return may stand in a quoted cell, and more than one at a line end.
 * Returns ERR_OK, ERR_FORMAT (see fault), ERR_NO_SPACE (no memory) or the value
 * that on_row returned. */
int csv_rows_read(const char *data, size_t len, const struct csv_rows_reader *reader,
                  struct csv_rows_fault *fault) MUST_USE;

#endif
