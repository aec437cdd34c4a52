/*
 * One row of a school's file: what its cells mean for the list. Part of csv_import, split off for size; only
 * csv_import.c includes it. Whatever is wrong goes into the import's report, and marks the row as bad.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_ROW_H
#define TOOLS_PORTILLON_CSV_CSV_ROW_H

#include <stdbool.h>

#include "tools/portillon/csv/csv_import_state.h"

/* A row being read. */
struct csv_row {
    uint32_t line;
    const struct csv_cell *cells;
    size_t cell_count;
    bool bad;
};

/* Reports what is wrong with a cell, naming its column and showing its text. */
void csv_row_complain(struct csv_import *import, struct csv_row *row, size_t column, const char *why);

/* Profile, days of meals, dates, passages, blocked and temporary. */
void csv_row_rule(struct csv_import *import, struct csv_row *row, struct whitelist_rule *rule);

/* Who the holder is, as UTF-8; person->text has the bytes. */
void csv_row_person(struct csv_import *import, const struct csv_row *row, struct csv_person *person);

#endif
