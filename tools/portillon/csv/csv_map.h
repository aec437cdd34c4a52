/*
 * How the files of one school are to be read, in a small file of its own: which column is what, how card
 * numbers and dates are written. Lines "word = value", remarks after #:
 *
 *   card = N° de carte          a role of csv_columns.h, and the header of its column
 *   uid = decimal10             notation of card numbers (card_number.h)
 *   uid_len = 7                 for decimal: bytes of a UID
 *   dates = day-first           or month-first; 2026-10-17 is always understood
 *   encoding = windows-1252     or utf-8; without it, what the file looks like
 *
 * The caller owns the struct, which must outlive the options it fills.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_MAP_H
#define TOOLS_PORTILLON_CSV_CSV_MAP_H

#include <stdio.h>

#include "tools/portillon/csv/csv_import.h"

struct csv_map {
    char headers[CSV_COLUMN_MAPPABLE][3 * CSV_COLUMNS_NAME_MAX];
};

/* Reads the text of a map into the options. path is for messages, errors go into the report.
 * @retval ERR_OK, ERR_FORMAT. */
int csv_map_parse(struct csv_map *map, struct csv_import_options *options, const char *path, const char *text,
                  size_t len, struct import_report *report) MUST_USE;

/* Writes options as a map that csv_map_parse reads. */
void csv_map_write(const struct csv_import_options *options, FILE *out);

/* "decimal10-reversed". */
const char *csv_map_notation(const struct card_notation *notation);

#endif
