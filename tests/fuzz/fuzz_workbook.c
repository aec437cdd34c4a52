/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a workbook: no crash, and rows that keep the limits. The first byte picks which part of a
 * workbook the others are, so that the parts are reached through the compression. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/made_zip.h"
#include "tests/fuzz/table_check.h"
#include "tools/portillon/table/workbook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char styles[] =
    "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
static const char strings[] = "<sst><si><t>one</t></si><si><t>two</t></si></sst>";
static const char sheet[] = "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c s=\"1\"><v>46266.5</v></c>"
                            "</row></sheetData></worksheet>";

/* Returns an archive, which the caller frees. */
static char *archive_of(uint8_t kind, const char *text, size_t size, size_t *len)
{
    const struct made_member one = {"list.xml", text, size};
    char *copy, *archive;
    switch (kind % 5) {
    case 0:
        return made_xlsx(text, size, styles, strings, len);
    case 1:
        return made_ods(text, size, len);
    case 2:
        return made_zip(&one, 1, NULL, len);
    default: /* parts that are texts here */
        copy = malloc(size + 1);
        memcpy(copy, text, size);
        copy[size] = '\0';
        archive = kind % 5 == 3 ? made_xlsx(sheet, sizeof sheet - 1, copy, strings, len)
                                : made_xlsx(sheet, sizeof sheet - 1, styles, copy, len);
        free(copy);
        return archive;
    }
}

static void read_all(const char *data, size_t len)
{
    struct workbook_file file;
    struct table table = {0};
    struct table_fault fault;
    int error = workbook_open(&file, data, len, &fault);
    if (error == ERR_OK && (file.kind == WORKBOOK_XLSX || file.kind == WORKBOOK_ODS))
        error = workbook_read(&file, NULL, &table, &fault);
    table_check(error, &table, &fault);
    workbook_close(&file);
    table_free(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t len;
    if (size == 0)
        return 0;
    if (data[0] == 'P') { /* a whole archive */
        read_all((const char *)data, size);
        return 0;
    }
    char *archive = archive_of(data[0], (const char *)data + 1, size - 1, &len);
    read_all(archive, len);
    free(archive);
    return 0;
}
