/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a sheet of an .xlsx workbook (ECMA-376 part 1, SpreadsheetML): the values as the cells show them,
 * results of formulas as they were stored. The caller owns all memory. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_TABLE_XLSX_H
#define TOOLS_PORTILLON_TABLE_XLSX_H

#include "tools/portillon/table/zip_member.h"

/* Reads the sheet that wanted names (table_is_sheet), or the first one that is not hidden if it is NULL.
 * Returns ERR_OK, ERR_FORMAT or ERR_NO_SPACE. */
int xlsx_read(struct zip *archive, const char *wanted, struct table *table,
              struct table_fault *fault) MUST_USE;

#endif
