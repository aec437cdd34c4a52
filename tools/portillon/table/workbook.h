/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds out what kind of file the bytes are, and reads workbooks and pages with tables. Parts: xlsx.h, ods.h,
 * html_table.h. The caller owns all memory. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_TABLE_WORKBOOK_H
#define TOOLS_PORTILLON_TABLE_WORKBOOK_H

#include "tools/portillon/table/table.h"

enum workbook_kind {
    WORKBOOK_NONE,   /* text, or nothing that this module knows */
    WORKBOOK_XLSX,   /* Office Open XML, of Excel */
    WORKBOOK_ODS,    /* OpenDocument, of LibreOffice */
    WORKBOOK_HTML,   /* a page with a table; it may be named .xls */
    WORKBOOK_SIECLE, /* the register of pupils: siecle.h */
};

/* A file, taken out of its zip archive if it came in one. */
struct workbook_file {
    enum workbook_kind kind;
    const char *data;
    size_t len;
    char *unpacked; /* the bytes, when they came in an archive; otherwise NULL */
};

/* Tells what the bytes are, by what stands in them. A zip archive that holds one file stands for that file.
 * Returns ERR_OK (call workbook_close afterwards), ERR_FORMAT (fault says what it is and what to do: another
 * kind of office file, damaged, with a password) or ERR_NO_SPACE. */
int workbook_open(struct workbook_file *file, const char *data, size_t len,
                  struct table_fault *fault) MUST_USE;

/* Reads a sheet of an XLSX or ODS file: the one that --sheet names, by name or number, or the first if wanted
 * is NULL. Returns ERR_OK, ERR_FORMAT or ERR_NO_SPACE. */
int workbook_read(const struct workbook_file *file, const char *wanted, struct table *table,
                  struct table_fault *fault) MUST_USE;

void workbook_close(struct workbook_file *file);

#endif
