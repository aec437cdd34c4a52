/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns rows of cells into cards. It does not know where the rows come from: csv_import.c hands it the rows
 * of a CSV file. The cells are in the encoding of import->text, which whoever hands in the rows has opened.
 * It belongs to csv_import. The caller owns all memory. Nothing blocks except on_person.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_CARDS_H
#define TOOLS_PORTILLON_CSV_CSV_CARDS_H

#include "tools/portillon/csv/csv_import_state.h"

/* Begins a file, of which there may be CSV_IMPORT_FILES_MAX. name must outlive the import. */
void csv_cards_begin(struct csv_import *import, const char *name);

/* Takes one row; the first of a file is its header. ctx is the import. Errors of the content go into the
 * report. Returns ERR_OK, ERR_ARGUMENT (the header has an error, so the other rows cannot be read),
 * ERR_NO_SPACE, ERR_CRYPTO or the value with which on_person ended the import. */
int csv_cards_row(void *ctx, uint32_t line, const struct csv_cell *cells, size_t cell_count) MUST_USE;

/* Ends a file whose rows were all handed in: reports what only all of them show. */
void csv_cards_end(struct csv_import *import);

#endif
