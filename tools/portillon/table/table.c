/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/common/utf8.h"

int table_fail(struct table_fault *fault, uint32_t row, int column, const char *format, ...)
{
    va_list arguments;
    fault->row = row;
    fault->column = column;
    va_start(arguments, format);
    vsnprintf(fault->why, sizeof fault->why, translate(format), arguments);
    va_end(arguments);
    return ERR_FORMAT;
}

/* Makes room for one more element. Returns the memory, moved or not, or NULL. */
static void *grow(void *memory, size_t used, size_t *capacity, size_t more, size_t size)
{
    size_t wanted = *capacity != 0 ? *capacity : 64;
    if (used + more <= *capacity)
        return memory;
    while (wanted < used + more)
        wanted *= 2;
    void *moved = realloc(memory, wanted * size);
    if (moved != NULL)
        *capacity = wanted;
    return moved;
}

static int add_text(struct table *table, const char *text, size_t len)
{
    char *room = grow(table->text, table->text_len, &table->text_capacity, len + 1, 1);
    if (room == NULL)
        return ERR_NO_SPACE;
    table->text = room;
    memcpy(room + table->text_len, text, len);
    room[table->text_len + len] = '\0';
    table->text_len += len + 1;
    return ERR_OK;
}

static int push_cell(struct table *table, struct table_cell cell)
{
    struct table_cell *room =
        grow(table->cells, table->cell_count, &table->cell_capacity, 1, sizeof *table->cells);
    if (room == NULL)
        return ERR_NO_SPACE;
    table->cells = room;
    room[table->cell_count++] = cell;
    return ERR_OK;
}

static int push_row(struct table *table, struct table_row row)
{
    struct table_row *room =
        grow(table->rows, table->row_count, &table->row_capacity, 1, sizeof *table->rows);
    if (room == NULL)
        return ERR_NO_SPACE;
    table->rows = room;
    room[table->row_count++] = row;
    return ERR_OK;
}

int table_begin_row(struct table *table, uint32_t number, struct table_fault *fault)
{
    uint32_t last = table->row_count != 0 ? table->rows[table->row_count - 1].number : 0;
    if (number <= last)
        return table_fail(fault, number, -1, "the rows are not in their order: the file is damaged");
    if (number > TABLE_ROWS_MAX)
        return table_fail(fault, number, -1, "the sheet has more than %d rows", TABLE_ROWS_MAX);
    table->open_row = number;
    table->open_first = table->cell_count;
    table->open_text = table->text_len;
    return ERR_OK;
}

static void trim(const char **text, size_t *len)
{
    size_t blank;
    while ((blank = utf8_blank_at_end(*text, *len)) != 0)
        *len -= blank;
    while ((blank = utf8_blank_at_start(*text, *len)) != 0) {
        *text += blank;
        *len -= blank;
    }
}

int table_add_cell(struct table *table, uint32_t column, const char *text, size_t len, bool inexact,
                   struct table_fault *fault)
{
    size_t placed = table->cell_count - table->open_first;
    int error = ERR_OK;
    trim(&text, &len);
    if (len == 0)
        return ERR_OK;
    if (column >= TABLE_COLUMNS_MAX)
        return table_fail(fault, table->open_row, -1, "has more than %d columns: is this the right file?",
                          TABLE_COLUMNS_MAX);
    if (column < placed)
        return table_fail(fault, table->open_row, (int)column,
                          "the cells are not in their order: the file is damaged");
    if (len + (table->text_len - table->open_text) > TABLE_CELL_MAX)
        return table_fail(fault, table->open_row, (int)column, "the row is longer than 64 KiB");
    if (table->text_len + len + 1 > TABLE_TEXT_MAX || table->cell_count + TABLE_COLUMNS_MAX > TABLE_CELLS_MAX)
        return table_fail(fault, table->open_row, (int)column,
                          "the sheet is too large (more than 256 MiB of text, or 16 million cells)");
    for (; placed < column && error == ERR_OK; placed++)
        error = push_cell(table, (struct table_cell){(uint32_t)table->text_len, 0, false});
    if (error == ERR_OK)
        error = push_cell(table, (struct table_cell){(uint32_t)table->text_len, (uint32_t)len, inexact});
    return error == ERR_OK ? add_text(table, text, len) : error;
}

int table_end_row(struct table *table)
{
    struct table_row row = {table->open_row, (uint32_t)table->open_first,
                            (uint32_t)(table->cell_count - table->open_first)};
    table->open_row = 0;
    return row.cell_count != 0 ? push_row(table, row) : ERR_OK;
}

int table_repeat_row(struct table *table, uint32_t number, uint32_t count, struct table_fault *fault)
{
    if (table->row_count == 0 || table->rows[table->row_count - 1].number != number)
        return ERR_OK;
    if (count > TABLE_ROWS_MAX - number)
        return table_fail(fault, number, -1, "the sheet has more than %d rows", TABLE_ROWS_MAX);
    int error = ERR_OK;
    for (uint32_t i = 1; i <= count && error == ERR_OK; i++) {
        struct table_row row = table->rows[table->row_count - 1];
        row.number = number + i; /* its cells are the same */
        error = push_row(table, row);
    }
    return error;
}

void table_add_other(struct table *table, const char *name)
{
    size_t used = strlen(table->others);
    char shown[TABLE_SHEET_SIZE];
    text_show(name, strlen(name), shown, sizeof shown);
    if (used + strlen(shown) + 8 > sizeof table->others)
        return;
    snprintf(table->others + used, sizeof table->others - used, "%s%s", used != 0 ? ", " : "", shown);
}

void table_column_letters(uint32_t column, char letters[4])
{
    char reversed[4];
    int count = 0;
    for (column++; column != 0 && count < 3; column = (column - 1) / 26)
        reversed[count++] = (char)('A' + (column - 1) % 26);
    for (int i = 0; i < count; i++)
        letters[i] = reversed[count - 1 - i];
    letters[count] = '\0';
}

bool table_is_sheet(const char *wanted, const char *name, uint32_t number)
{
    char left[TABLE_SHEET_SIZE], right[TABLE_SHEET_SIZE], digits[12];
    text_fold(wanted, strlen(wanted), left, sizeof left);
    text_fold(name, strlen(name), right, sizeof right);
    snprintf(digits, sizeof digits, "%u", (unsigned)number);
    return strcmp(wanted, name) == 0 || strcmp(wanted, digits) == 0 ||
           (left[0] != '\0' && strspn(left, "0123456789") != strlen(left) && strcmp(left, right) == 0);
}

void table_free(struct table *table)
{
    free(table->rows);
    free(table->cells);
    free(table->text);
    *table = (struct table){0};
}
