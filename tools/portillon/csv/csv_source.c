/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_source.h"

#include <stdlib.h>
#include <string.h>

#include "tools/portillon/csv/csv_header.h"
#include "tools/portillon/table/html_table.h"

#define PROGRESS_ROWS 1024

/* --- pages --- */

/* Reads a page whose bytes are in the encoding of source->text. */
static int read_page(struct csv_source *source, const char *data, size_t len, const char *sheet,
                     struct table_fault *fault)
{
    if (!csv_text_is_valid(&source->text, data, len))
        return table_fail(fault, 0, -1, "has bytes that are not %s: say --encoding",
                          csv_encoding_label(source->text.encoding));
    if (source->text.encoding == CSV_ENCODING_UTF8)
        return html_table_read(data, len, sheet, &source->table, fault);
    size_t size = 3 * len + 1; /* no character of these encodings needs more bytes in UTF-8 */
    char *utf8 = malloc(size);
    if (utf8 == NULL)
        return ERR_NO_SPACE;
    size_t utf8_len = csv_text_convert(&source->text, data, len, utf8, size);
    int error = html_table_read(utf8, utf8_len, sheet, &source->table, fault);
    free(utf8);
    return error;
}

static int open_page(struct csv_source *source, enum csv_encoding encoding, const char *sheet,
                     struct table_fault *fault)
{
    size_t skip;
    enum csv_encoding found = csv_encoding_detect(source->file.data, source->file.len, &skip);
    if (found == CSV_ENCODING_UTF16)
        return table_fail(fault, 0, -1, "is in UTF-16: save it as .xlsx or \"CSV UTF-8\"");
    int error = csv_text_open(&source->text, encoding != CSV_ENCODING_DETECT ? encoding : found);
    if (error == ERR_OK)
        error = read_page(source, source->file.data + skip, source->file.len - skip, sheet, fault);
    csv_text_close(&source->text);
    return error;
}

/* --- opening --- */

static int open_csv(struct csv_source *source, enum csv_encoding encoding, struct table_fault *fault)
{
    const char *why;
    int error = csv_bytes_prepare(&source->bytes, source->file.data, source->file.len, encoding, &why);
    if (error == ERR_FORMAT)
        return table_fail(fault, 0, -1, "%s", why);
    return error == ERR_OK ? csv_text_open(&source->text, source->bytes.encoding) : error;
}

static int open_kind(struct csv_source *source, enum csv_encoding encoding, const char *sheet,
                     struct table_fault *fault)
{
    int error;
    switch (source->file.kind) {
    case WORKBOOK_NONE:
        return open_csv(source, encoding, fault);
    case WORKBOOK_HTML:
        error = open_page(source, encoding, sheet, fault);
        break;
    case WORKBOOK_SIECLE: /* csv_register.c reads it */
        return ERR_OK;
    case WORKBOOK_XLSX:
    case WORKBOOK_ODS:
    default: /* the kinds are these */
        error = workbook_read(&source->file, sheet, &source->table, fault);
    }
    source->is_sheet = true;
    return error == ERR_OK ? csv_text_open(&source->text, CSV_ENCODING_UTF8) : error;
}

int csv_source_open(struct csv_source *source, const char *data, size_t len, enum csv_encoding encoding,
                    const char *sheet, struct table_fault *fault)
{
    *source = (struct csv_source){.text = {CSV_ENCODING_UTF8, (iconv_t)-1}};
    int error = workbook_open(&source->file, data, len, fault);
    if (error == ERR_OK)
        error = open_kind(source, encoding, sheet, fault);
    if (error != ERR_OK)
        csv_source_close(source);
    return error;
}

void csv_source_close(struct csv_source *source)
{
    csv_text_close(&source->text);
    csv_bytes_free(&source->bytes);
    table_free(&source->table);
    workbook_close(&source->file);
}

/* --- reading --- */

static size_t take_cells(const struct table *table, size_t row, struct csv_cell cells[CSV_ROWS_CELLS_MAX])
{
    const struct table_row *from = &table->rows[row];
    for (uint32_t i = 0; i < from->cell_count; i++) {
        const struct table_cell *cell = &table->cells[from->first_cell + i];
        cells[i] = (struct csv_cell){
            .text = cell->len != 0 ? table->text + cell->at : "", .len = cell->len, .inexact = cell->inexact};
    }
    return from->cell_count;
}

/* Finds the row of the header, as csv_header_find does. */
static size_t find_header(struct csv_source *source, const char *const by_hand[CSV_COLUMN_MAPPABLE])
{
    struct csv_cell cells[CSV_ROWS_CELLS_MAX];
    enum csv_header_likeness best_likeness = CSV_HEADER_UNLIKE;
    size_t best = 0;
    for (size_t i = 0; i < source->table.row_count && i < CSV_HEADER_LINES_MAX; i++) {
        size_t count = take_cells(&source->table, i, cells);
        enum csv_header_likeness likeness = csv_header_judge(&source->text, cells, count, by_hand);
        if (likeness > best_likeness) {
            best = i;
            best_likeness = likeness;
        }
    }
    return best;
}

static int read_table(struct csv_source *source, size_t header, const struct csv_rows_reader *reader)
{
    struct csv_cell cells[CSV_ROWS_CELLS_MAX];
    int error = ERR_OK;
    for (size_t i = header; i < source->table.row_count && error == ERR_OK; i++) {
        const struct table_row *row = &source->table.rows[i];
        size_t count = take_cells(&source->table, i, cells);
        if (i % PROGRESS_ROWS == 0 && reader->on_progress != NULL)
            reader->on_progress(reader->ctx, source->file.len / source->table.row_count * i);
        error = reader->on_row(reader->ctx, row->number, cells, count);
    }
    return error;
}

int csv_source_read(struct csv_source *source, const char *const by_hand[CSV_COLUMN_MAPPABLE],
                    struct csv_rows_reader *reader, struct csv_rows_fault *fault)
{
    const struct csv_bytes *bytes = &source->bytes;
    *fault = (struct csv_rows_fault){0};
    reader->text = &source->text;
    if (source->is_sheet) {
        size_t header = find_header(source, by_hand);
        source->lines_before = header != 0 ? source->table.rows[header].number - 1 : 0;
        return read_table(source, header, reader);
    }
    size_t header = csv_header_find(&source->text, bytes->data, bytes->len, by_hand, &reader->lines_before);
    source->lines_before = reader->lines_before;
    return csv_rows_read(bytes->data + header, bytes->len - header, reader, fault);
}
