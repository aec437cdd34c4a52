/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every table that was read, and for every fault. */
#ifndef TESTS_FUZZ_TABLE_CHECK_H
#define TESTS_FUZZ_TABLE_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "tools/portillon/table/table.h"

static inline void table_check(int error, const struct table *table, const struct table_fault *fault)
{
    if (error == ERR_FORMAT && fault->why[0] == '\0')
        abort();
    if (table->row_count > TABLE_ROWS_MAX || table->text_len > TABLE_TEXT_MAX)
        abort();
    for (size_t i = 0; i < table->row_count; i++) {
        const struct table_row *row = &table->rows[i];
        if (row->cell_count == 0 || row->cell_count > TABLE_COLUMNS_MAX ||
            row->first_cell + row->cell_count > table->cell_count || (i > 0 && row->number <= row[-1].number))
            abort();
        for (uint32_t j = 0; j < row->cell_count; j++) {
            const struct table_cell *cell = &table->cells[row->first_cell + j];
            if (cell->len != 0 && (cell->at + cell->len >= table->text_len || cell->len > TABLE_CELL_MAX ||
                                   table->text[cell->at + cell->len] != '\0'))
                abort();
        }
    }
}

#endif
