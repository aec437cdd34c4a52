/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the quotes of a CSV text byte by byte, in the way libcsv reads them. Pure. */
#ifndef TOOLS_PORTILLON_CSV_CSV_QUOTES_H
#define TOOLS_PORTILLON_CSV_CSV_QUOTES_H

#include <stdbool.h>

enum csv_quotes {
    CSV_QUOTES_START,  /* at the start of a cell */
    CSV_QUOTES_NONE,   /* in a cell without quotes */
    CSV_QUOTES_INSIDE, /* in a quoted cell: delimiters and line ends are part of it */
    CSV_QUOTES_CLOSED, /* behind a quote that ends the cell, or is the first of two */
};

/* Returns the state after a byte. delimiter is '\0' when it is not known yet: then ; , and tab all count. */
enum csv_quotes csv_quotes_next(enum csv_quotes state, char byte, char delimiter);

#endif
