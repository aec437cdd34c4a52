/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds the rows of one sheet of a workbook, or of one table of a page, as UTF-8 text. The readers of the
 * formats fill it, in the order of rows and columns. Rows and columns are numbered as the spreadsheet shows
 * them. The caller owns the struct and sets it to zero first; table_free frees its memory. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_TABLE_TABLE_H
#define TOOLS_PORTILLON_TABLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define TABLE_COLUMNS_MAX 256
#define TABLE_ROWS_MAX    1048576 /* as many as spreadsheets have */
#define TABLE_CELL_MAX    65536   /* bytes of a cell, and of a row */
#define TABLE_CELLS_MAX   ((size_t)16 << 20)
#define TABLE_TEXT_MAX    ((size_t)256 << 20)
#define TABLE_SHEET_SIZE  128
#define TABLE_WHY_MAX     320

struct table_cell {
    uint32_t at, len; /* its text, from table->text; a NUL follows */
    bool inexact;     /* a number with more digits than a spreadsheet keeps */
};

struct table_row {
    uint32_t number;     /* as the spreadsheet shows it, from 1 */
    uint32_t first_cell; /* number of its first cell, which is that of column A */
    uint32_t cell_count;
};

struct table {
    char sheet[TABLE_SHEET_SIZE];      /* its name, cut; "" if it has none */
    char others[4 * TABLE_SHEET_SIZE]; /* the names of the other sheets, in one line; "" if there is none */
    uint32_t hidden_rows;              /* rows that a filter or a person has hidden; they are read too */
    struct table_row *rows;            /* without empty rows */
    struct table_cell *cells;
    char *text;
    size_t row_count, row_capacity, cell_count, cell_capacity, text_len, text_capacity;
    uint32_t open_row;            /* number of the row that is being filled; 0 if none */
    size_t open_first, open_text; /* where its cells and its text begin */
};

/* What is wrong with a file, and where. */
struct table_fault {
    uint32_t row;            /* row or line; 0: the file as a whole */
    int column;              /* from 0; -1: not known */
    char why[TABLE_WHY_MAX]; /* what is wrong and what to do */
};

/* Sets the fault. Returns ERR_FORMAT. */
int table_fail(struct table_fault *fault, uint32_t row, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Begins a row; its number must be above that of the row before. Returns ERR_OK or ERR_FORMAT. */
int table_begin_row(struct table *table, uint32_t number, struct table_fault *fault) MUST_USE;

/* Adds a cell of the open row; its column, from 0, must be above that of the cell before. Blanks around the
 * text are left out, and an empty cell is not stored. Returns ERR_OK, ERR_FORMAT or ERR_NO_SPACE (no
 * memory). */
int table_add_cell(struct table *table, uint32_t column, const char *text, size_t len, bool inexact,
                   struct table_fault *fault) MUST_USE;

/* Ends the open row. A row without cells is dropped. Returns ERR_OK or ERR_NO_SPACE. */
int table_end_row(struct table *table) MUST_USE;

/* Repeats the last row count times, if it is the row with this number; does nothing if it was empty. Returns
 * ERR_OK, ERR_FORMAT or ERR_NO_SPACE. */
int table_repeat_row(struct table *table, uint32_t number, uint32_t count,
                     struct table_fault *fault) MUST_USE;

/* Adds a name to table->others. */
void table_add_other(struct table *table, const char *name);

/* Writes the letters of a column, from 0: "A", "AB". */
void table_column_letters(uint32_t column, char letters[4]);

/* Returns true if --sheet names this sheet: by its name, whatever the case, or by its number from 1. */
bool table_is_sheet(const char *wanted, const char *name, uint32_t number);

void table_free(struct table *table);

#endif
