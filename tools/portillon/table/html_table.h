/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the table of an HTML page in UTF-8, as school software writes it under names such as export.xls. Of
 * several tables the largest one is read, or the one that --sheet numbers, counted from 1 in the order of the
 * page. Rows are numbered in the table. Tags that are left open are tolerated, as in browsers. The caller
 * owns all memory. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_TABLE_HTML_TABLE_H
#define TOOLS_PORTILLON_TABLE_HTML_TABLE_H

#include "tools/portillon/table/table.h"

/* Returns true if the bytes begin as a page and have a table in them. */
bool html_has_table(const char *data, size_t len);

/* Reads the table. Returns ERR_OK, ERR_FORMAT or ERR_NO_SPACE. */
int html_table_read(const char *data, size_t len, const char *wanted, struct table *table,
                    struct table_fault *fault) MUST_USE;

#endif
