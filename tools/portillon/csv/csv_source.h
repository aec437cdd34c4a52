/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hands out the rows of a school's file, whatever it is: CSV, a workbook, or a page with a table. What the
 * file is is found by its content. The caller owns the struct and the bytes, which must outlive it. Nothing
 * blocks except the callbacks.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_SOURCE_H
#define TOOLS_PORTILLON_CSV_CSV_SOURCE_H

#include "tools/portillon/csv/csv_bytes.h"
#include "tools/portillon/csv/csv_columns.h"
#include "tools/portillon/csv/csv_rows.h"
#include "tools/portillon/csv/csv_text.h"
#include "tools/portillon/table/table.h"
#include "tools/portillon/table/workbook.h"

struct csv_source {
    struct csv_text text;  /* the encoding of the cells */
    bool is_sheet;         /* rows and columns are numbered as a spreadsheet shows them */
    uint32_t lines_before; /* number of rows or lines above the header */
    struct csv_bytes bytes;
    struct workbook_file file;
    struct table table;
};

/* Opens a file. Of a register (source->file.kind is WORKBOOK_SIECLE) there are no rows. encoding is
 * CSV_ENCODING_DETECT or the one to use for CSV and pages; sheet is what --sheet names, or NULL. Returns
 * ERR_OK (call csv_source_close afterwards), ERR_FORMAT (fault says what is wrong and what to do),
 * ERR_NO_SPACE or ERR_UNSUPPORTED (iconv does not support the encoding). */
int csv_source_open(struct csv_source *source, const char *data, size_t len, enum csv_encoding encoding,
                    const char *sheet, struct table_fault *fault) MUST_USE;

/* Finds the header (csv_header.h), sets source->lines_before, and hands out the rows from the header on.
 * reader->text and reader->lines_before are set here. Returns the same results as csv_rows_read. */
int csv_source_read(struct csv_source *source, const char *const by_hand[CSV_COLUMN_MAPPABLE],
                    struct csv_rows_reader *reader, struct csv_rows_fault *fault) MUST_USE;

void csv_source_close(struct csv_source *source);

#endif
