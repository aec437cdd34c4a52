/*
 * The line of a school's file that names the columns. Exports put titles above it ("Liste des élèves", the date,
 * an empty line), so it is the first of the first few lines that can be read as one. Pure.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_HEADER_H
#define TOOLS_PORTILLON_CSV_CSV_HEADER_H

#include "tools/portillon/csv/csv_columns.h"
#include "tools/portillon/csv/csv_rows.h"
#include "tools/portillon/csv/csv_text.h"

#define CSV_HEADER_LINES_MAX 10 /* lines that are not blank, looked at */

/* Takes the cells of a header in the file's encoding. @retval as csv_columns_read. */
int csv_header_read(struct csv_columns *columns, struct csv_text *text, const struct csv_cell *cells,
                    size_t count, const char *const by_hand[CSV_COLUMN_MAPPABLE],
                    char why[CSV_COLUMNS_WHY_MAX]) MUST_USE;

/* The first line with all the columns that are needed; else the first that names the card, the profile, or two
 * other columns; else the first. *lines_before counts the lines above it. @returns where it begins, bytes into data. */
size_t csv_header_find(struct csv_text *text, const char *data, size_t len,
                       const char *const by_hand[CSV_COLUMN_MAPPABLE], uint32_t *lines_before);

#endif
