/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a report for a terminal, as CSV and as JSON. The functions block on the file. */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_TEXT_H
#define TOOLS_PORTILLON_REPORT_REPORT_TEXT_H

#include <stdio.h>

#include "tools/portillon/report/report_table.h"

/* Writes aligned columns. */
void report_write_text(const struct report *report, FILE *out);

/* Writes the tables as a French spreadsheet opens them: UTF-8 with its mark, semicolons, every cell in quotes;
 * an empty line between two tables. A text that a spreadsheet would take for a formula begins with an
 * apostrophe. */
void report_write_csv(const struct report *report, FILE *out);

/* Writes one object: the head, and each table as an array of objects under its name. */
void report_write_json(const struct report *report, FILE *out);

#endif
