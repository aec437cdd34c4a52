/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads and writes a map: a small file that says how the files of one school are read, that is, the role of
 * each column and the notation of card numbers and dates. Its lines are "word = value"; a comment follows #:
 *
 *   card = N° de carte          a role of csv_columns.h, and the header of its column
 *   uid = decimal10             notation of card numbers (card_number.h)
 *   uid_len = 7                 for decimal: bytes of a UID
 *   dates = day-first           or month-first; 2026-10-17 is always understood
 *   ignored = Etat              a column of no concern to access; up to four lines
 *   sheet = 2                   the sheet of a workbook, by name or number
 *   encoding = windows-1252     or another of csv_encoding.h; without it, the encoding is detected
 *
 * The caller owns struct csv_map, which must outlive the options it fills. Only csv_map_write blocks, on its
 * file.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_MAP_H
#define TOOLS_PORTILLON_CSV_CSV_MAP_H

#include <stdio.h>

#include "tools/portillon/csv/csv_import.h"

struct csv_map {
    char sheet[TABLE_SHEET_SIZE];
    char headers[CSV_COLUMN_MAPPABLE][3 * CSV_COLUMNS_NAME_MAX];
};

/* Reads the text of a map into the options. path is used only in messages. Errors go into the report. Returns
 * ERR_OK or ERR_FORMAT. */
int csv_map_parse(struct csv_map *map, struct csv_import_options *options, const char *path, const char *text,
                  size_t len, struct import_report *report) MUST_USE;

/* Writes the options as a map that csv_map_parse can read. */
void csv_map_write(const struct csv_import_options *options, FILE *out);

/* Returns the name of a notation: "decimal10-reversed". */
const char *csv_map_notation(const struct card_notation *notation);

#endif
