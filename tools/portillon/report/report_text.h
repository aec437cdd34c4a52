/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a report for a terminal, as CSV and as JSON. The functions block on the file. */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_TEXT_H
#define TOOLS_PORTILLON_REPORT_REPORT_TEXT_H

#include <stdio.h>

#include "tools/portillon/report/report_table.h"

enum report_format {
    /* Aligned columns. */
    REPORT_AS_TEXT,
    /* As a French spreadsheet opens them: UTF-8 with its mark, semicolons, every cell in quotes; an empty
     * line between two tables. A text that a spreadsheet would take for a formula gets an apostrophe. */
    REPORT_AS_CSV,
    /* One object: the head, and each table as an array of objects under its name. */
    REPORT_AS_JSON,
};

/* Writes the report. */
void report_write(const struct report *report, enum report_format format, FILE *out);

#endif
