/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report as the commands fill it and the writers (report_text, report_csv, report_json, report_html) show
 * it: a head, and tables of texts and numbers. Column names are words for machines; titles and words are
 * messages (hal/linux/translate.h) for people, on a terminal and on the page that the school prints.
 *
 * The caller owns the structs; report_free frees the cells. Cells are added row by row. When memory runs out
 * the report remembers it, and report_is_whole says so. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_TABLE_H
#define TOOLS_PORTILLON_REPORT_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORT_TABLES_MAX 20
#define REPORT_WORDS_SIZE 160

/* Writes the text of a cell in the words of a reader. */
typedef void report_words(const char *cell, char out[REPORT_WORDS_SIZE]);

struct report_column {
    const char *name;    /* "refused" */
    const char *title;   /* "Refused", a message */
    report_words *words; /* NULL: as it is, or a number */
};

enum report_plot {
    REPORT_PLOT_NONE,
    REPORT_PLOT_COLUMNS, /* over time, left to right */
    REPORT_PLOT_BARS,    /* by name, one below the other */
};

/* How a table looks; constant. */
struct report_layout {
    const char *name;  /* "by_day" */
    const char *title; /* "Passages by day", a message */
    const char *about; /* one sentence, a message; may be NULL */
    const struct report_column *columns;
    int column_count;
    enum report_plot plot;
    int plot_label;              /* the column that names a bar */
    int plot_first, plot_count;  /* the columns that are stacked in it */
    bool is_left_out_when_empty; /* nothing is shown then */
    int group_by;                /* the page has a table for each value of this column; -1: one table */
    bool has_boxes;              /* the page has a box to tick in each row */
};

struct report_cell {
    enum { REPORT_NONE, REPORT_TEXT, REPORT_NUMBER } kind;
    char *text;
    int64_t number;
};

struct report_table {
    const struct report_layout *layout;
    struct report_cell *cells;
    size_t count, capacity; /* of cells */
    bool is_short;          /* memory ran out */
};

/* The head of a report. Texts are the caller's. */
struct report_head {
    const char *name;        /* "passages" */
    const char *title;       /* "Passages", a message */
    const char *site;        /* the school's name; "" */
    const char *gate;        /* NULL: all */
    const char *from, *last; /* days, "2026-11-23"; NULL: the report is of a moment */
    const char *made;        /* local time, "2026-11-23 12:10:05" */
    const char *time_zone;   /* "Europe/Paris" */
};

struct report {
    struct report_head head;
    struct report_table tables[REPORT_TABLES_MAX];
    int table_count;
};

/* Adds a table. Returns it. */
struct report_table *report_add(struct report *report, const struct report_layout *layout);
/* Frees the cells of all tables. */
void report_free(struct report *report);
/* Returns false if memory ran out. */
bool report_is_whole(const struct report *report);
/* Returns true if the table is to be shown. */
bool report_table_is_shown(const struct report_table *table);

/* Add the next cell. A NULL text is no value. */
void report_text(struct report_table *table, const char *text);
void report_number(struct report_table *table, int64_t number);
void report_none(struct report_table *table);

/* Returns the number of whole rows. */
size_t report_row_count(const struct report_table *table);
/* Returns a cell. */
const struct report_cell *report_cell_at(const struct report_table *table, size_t row, int column);
/* Writes a cell as text: a number in digits, "" for no value. Returns the text, which may be out. */
const char *report_cell_text(const struct report_cell *cell, char out[24]);
/* Returns true if a column has no value in any row. */
bool report_column_is_empty(const struct report_table *table, int column);
/* Returns true if a column has numbers, and no texts. */
bool report_column_is_number(const struct report_table *table, int column);
/* Returns the sum of a column of numbers. */
int64_t report_sum(const struct report_table *table, int column);

#endif
