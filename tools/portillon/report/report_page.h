/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a report as one HTML page in French, for a screen, a phone and paper: each table, with a plot beside
 * it. The page loads nothing and runs no script; a policy in it forbids both. The functions block on the
 * file.
 */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_PAGE_H
#define TOOLS_PORTILLON_REPORT_REPORT_PAGE_H

#include <stdio.h>

#include "tools/portillon/report/report_table.h"

/* Writes the page. */
void report_write_page(const struct report *report, FILE *out);

#endif
