/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Draws the plot of a table as SVG: columns over time or bars by name, with the numbers of a row stacked
 * in one bar. Lengths across are in per cent of the width and lengths down in pixels, so the plot fits a
 * phone and its letters keep their size. Each part of a bar has its number in data-value. Blocks on the
 * file.
 */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_PLOT_H
#define TOOLS_PORTILLON_REPORT_REPORT_PLOT_H

#include <stdio.h>

#include "tools/portillon/report/report_table.h"

/* Draws the table's plot. Returns false, and writes nothing, if its layout has none or all numbers are 0. */
bool report_plot_write(const struct report_table *table, FILE *out);

/* Writes a text for HTML or SVG. */
void report_plot_escape(FILE *out, const char *text);
/* Writes a number with its thousands apart. */
void report_plot_number(int64_t number, char out[REPORT_WORDS_SIZE]);
/* Writes what a reader sees in a cell. */
void report_plot_cell(const struct report_table *table, size_t row, int column, char out[REPORT_WORDS_SIZE]);

#endif
