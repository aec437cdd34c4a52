/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a sheet of an .ods workbook (OpenDocument 1.2 part 1): the values as the cells show them, dates as
 * 2026-09-01. Comments of cells are left out. The caller owns all memory. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_TABLE_ODS_H
#define TOOLS_PORTILLON_TABLE_ODS_H

#include "tools/portillon/table/zip_member.h"

/* Reads the sheet that wanted names (table_is_sheet), or the first one that is not hidden if it is NULL.
 * Returns ERR_OK, ERR_FORMAT or ERR_NO_SPACE. */
int ods_read(struct zip *archive, const char *wanted, struct table *table,
             struct table_fault *fault) MUST_USE;

#endif
