/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds and reads the line of a school's file that names the columns. Exports put titles above it ("Liste des
 * élèves", the date, an empty line), so each of the first few lines is tried as a header. The functions are
 * pure.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_HEADER_H
#define TOOLS_PORTILLON_CSV_CSV_HEADER_H

#include "tools/portillon/csv/csv_columns.h"
#include "tools/portillon/csv/csv_rows.h"
#include "tools/portillon/csv/csv_text.h"

#define CSV_HEADER_LINES_MAX 10 /* lines that are tried, blank ones not counted */

/* Reads a header whose cells are in the file's encoding. Returns the same results as csv_columns_read. */
int csv_header_read(struct csv_columns *columns, struct csv_text *text, const struct csv_cell *cells,
                    size_t count, const char *const by_hand[CSV_COLUMN_MAPPABLE],
                    char why[CSV_COLUMNS_WHY_MAX]) MUST_USE;

/* How well a row fits as a header. */
enum csv_header_likeness {
    CSV_HEADER_UNLIKE,
    CSV_HEADER_PART,  /* it names the card, the profile or two other columns */
    CSV_HEADER_WHOLE, /* it names all the columns that are needed */
};

/* Judges how well a row fits as a header. */
enum csv_header_likeness csv_header_judge(struct csv_text *text, const struct csv_cell *cells, size_t count,
                                          const char *const by_hand[CSV_COLUMN_MAPPABLE]);

/* Finds the header of a CSV file: the first line with all the columns that are needed; otherwise the first
 * line that names the card, the profile or two other columns; otherwise the first line. *lines_before
 * receives the number of lines above it. Returns where the header begins, in bytes from data. */
size_t csv_header_find(struct csv_text *text, const char *data, size_t len,
                       const char *const by_hand[CSV_COLUMN_MAPPABLE], uint32_t *lines_before);

#endif
