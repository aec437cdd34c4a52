/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a page with a table: no crash, and rows that keep the limits. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/table_check.h"
#include "tools/portillon/table/html_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct table table = {0};
    struct table_fault fault = {0, -1, ""};
    (void)html_has_table((const char *)data, size);
    int error = html_table_read((const char *)data, size, NULL, &table, &fault);
    table_check(error, &table, &fault);
    table_free(&table);
    return 0;
}
