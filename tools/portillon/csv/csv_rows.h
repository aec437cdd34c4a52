/*
 * A CSV file in memory, row by row, with the number of the line each row starts on. libcsv takes the rows
 * apart; this module tells it the delimiter and gives it one line at a time, so that line numbers are exact
 * and neither a line nor a forgotten quote can grow without bound. Cells are bytes: encoding is the caller's.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_ROWS_H
#define TOOLS_PORTILLON_CSV_CSV_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define CSV_ROWS_LINE_MAX  65536 /* bytes of a row, its line ends included */
#define CSV_ROWS_CELLS_MAX 256

struct csv_cell {
    const char *text; /* NUL-terminated after len bytes; gone when the callback returns */
    size_t len;
};

/* One row that is not blank. Returning other than ERR_OK ends the reading with that value. */
typedef int csv_rows_callback(void *ctx, uint32_t line, const struct csv_cell *cells, size_t cell_count);

/* Called now and then with the count of bytes read. */
typedef void csv_rows_progress(void *ctx, size_t done);

struct csv_rows_reader {
    csv_rows_callback *on_row;
    csv_rows_progress *on_progress; /* may be NULL */
    const char *const *blanks;      /* what else than spaces a cell sheds at both ends; NULL after the last */
    uint32_t lines_before;          /* of the file, above what is read */
    void *ctx;
};

/* What is wrong with the file itself. */
struct csv_rows_fault {
    uint32_t line;
    size_t cell;     /* number of the cell, from 0 */
    const char *why; /* static text: what it is and what to do */
};

/* Reads all rows. The delimiter (; , or tab) is the one the first line has most of, or what a line "sep=;"
 * says. @retval ERR_OK, ERR_FORMAT (see fault), ERR_NO_SPACE (no memory), or what on_row returned. */
int csv_rows_read(const char *data, size_t len, const struct csv_rows_reader *reader,
                  struct csv_rows_fault *fault) MUST_USE;

#endif
