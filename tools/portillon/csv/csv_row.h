/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interprets the cells of one row of a school's file for the list. It belongs to csv_import, and only
 * csv_cards.c and csv_marks.c include it. Each error goes into the report of the import and marks the row as
 * bad. The caller owns all memory. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_ROW_H
#define TOOLS_PORTILLON_CSV_CSV_ROW_H

#include <stdbool.h>

#include "tools/portillon/csv/csv_import_state.h"

/* The current row. */
struct csv_row {
    uint32_t line;
    const struct csv_cell *cells;
    size_t cell_count;
    bool bad;
    bool repeated;       /* it says the same as an earlier row */
    struct pupil *pupil; /* its holder in the register; NULL if there is none */
    bool left;           /* the holder has left the school */
    bool stranger;       /* the register does not know the holder; such a row is left out */
};

#define CSV_ROW_COLUMN_SIZE (CSV_COLUMNS_NAME_MAX + 8)

/* Writes how messages call a column: by its header, and in a sheet also by its letter: "C (Carte)". */
void csv_row_column(const struct csv_import *import, size_t column, char out[CSV_ROW_COLUMN_SIZE]);

/* Returns "row" in a sheet, otherwise "line", in the language of the user. */
const char *csv_row_word(const struct csv_import *import);

/* Reports an error in a cell, with the name of the column and the text of the cell. why is translated. */
void csv_row_complain(struct csv_import *import, struct csv_row *row, size_t column, const char *why);

/* Returns true if the row says a profile. */
bool csv_row_has_profile(struct csv_import *import, const struct csv_row *row);

/* Reads profile and days of meals. The file must have a column with the profile. */
void csv_row_profile(struct csv_import *import, struct csv_row *row, struct whitelist_rule *rule);

/* Reads dates and passages; what the row does not say stays as it is. The marks are csv_marks.h's. */
void csv_row_bounds(struct csv_import *import, struct csv_row *row, struct whitelist_rule *rule);

/* Notes hashes of the holder in the origin, so that a row that repeats another can be told. */
void csv_row_identify(struct csv_import *import, const struct csv_row *row, struct card_origin *origin);

/* Reads the holder as UTF-8. The bytes are stored in person->text. */
void csv_row_person(struct csv_import *import, const struct csv_row *row, struct csv_person *person);

/* Sets the pointers of a person to person->text. */
void csv_row_point_at_texts(struct csv_person *person);

#endif
