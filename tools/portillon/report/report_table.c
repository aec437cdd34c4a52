/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report_table *report_add(struct report *report, const struct report_layout *layout)
{
    assert(report->table_count < REPORT_TABLES_MAX);
    struct report_table *table = &report->tables[report->table_count++];
    *table = (struct report_table){.layout = layout};
    return table;
}

void report_free(struct report *report)
{
    for (int i = 0; i < report->table_count; i++) {
        for (size_t j = 0; j < report->tables[i].count; j++)
            free(report->tables[i].cells[j].text);
        free(report->tables[i].cells);
    }
    report->table_count = 0;
}

bool report_is_whole(const struct report *report)
{
    for (int i = 0; i < report->table_count; i++)
        if (report->tables[i].is_short)
            return false;
    return true;
}

bool report_table_is_shown(const struct report_table *table)
{
    return table->count > 0 || !table->layout->is_left_out_when_empty;
}

static void add(struct report_table *table, struct report_cell cell)
{
    if (table->count == table->capacity) {
        size_t capacity = 2 * table->capacity + 64;
        struct report_cell *cells = realloc(table->cells, capacity * sizeof *cells);
        if (cells == NULL) {
            table->is_short = true;
            free(cell.text);
            return;
        }
        table->cells = cells;
        table->capacity = capacity;
    }
    table->cells[table->count++] = cell;
}

void report_text(struct report_table *table, const char *text)
{
    struct report_cell cell = {.kind = REPORT_TEXT, .text = text != NULL ? strdup(text) : NULL};
    if (text == NULL) {
        report_none(table);
        return;
    }
    table->is_short |= cell.text == NULL;
    add(table, cell);
}

void report_number(struct report_table *table, int64_t number)
{
    add(table, (struct report_cell){.kind = REPORT_NUMBER, .number = number});
}

void report_none(struct report_table *table)
{
    add(table, (struct report_cell){.kind = REPORT_NONE});
}

size_t report_row_count(const struct report_table *table)
{
    return table->count / (size_t)table->layout->column_count;
}

const struct report_cell *report_cell_at(const struct report_table *table, size_t row, int column)
{
    return &table->cells[row * (size_t)table->layout->column_count + (size_t)column];
}

const char *report_cell_text(const struct report_cell *cell, char out[24])
{
    if (cell->kind == REPORT_TEXT && cell->text != NULL)
        return cell->text;
    out[0] = '\0';
    if (cell->kind == REPORT_NUMBER)
        snprintf(out, 24, "%" PRId64, cell->number);
    return out;
}

bool report_column_is_empty(const struct report_table *table, int column)
{
    for (size_t row = 0; row < report_row_count(table); row++)
        if (report_cell_at(table, row, column)->kind != REPORT_NONE)
            return false;
    return true;
}

bool report_column_is_number(const struct report_table *table, int column)
{
    for (size_t row = 0; row < report_row_count(table); row++)
        if (report_cell_at(table, row, column)->kind == REPORT_TEXT)
            return false;
    return report_row_count(table) > 0;
}

int64_t report_sum(const struct report_table *table, int column)
{
    int64_t sum = 0;
    for (size_t row = 0; row < report_row_count(table); row++)
        sum += report_cell_at(table, row, column)->number;
    return sum;
}
