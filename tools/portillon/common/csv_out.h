/* SPDX-License-Identifier: Apache-2.0 */
/* Writes CSV as a French spreadsheet opens it: UTF-8 with its mark, semicolons, every cell in quotes. The
 * caller owns the file. The functions block on it. */
#ifndef TOOLS_PORTILLON_COMMON_CSV_OUT_H
#define TOOLS_PORTILLON_COMMON_CSV_OUT_H

#include <stdio.h>

/* Writes the mark. */
void csv_out_start(FILE *out);
/* Writes a row of texts, up to a NULL. A text that a spreadsheet would take for a formula begins with an
 * apostrophe. */
void csv_out_row(FILE *out, const char *const cells[]);
/* Writes a row to stdout, whose lines have no CR (printable.h). */
void csv_out_print(const char *const cells[]);

#endif
