/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/csv_out.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "tools/portillon/common/utf8.h"

void csv_out_start(FILE *out)
{
    fputs("\xEF\xBB\xBF", out);
}

/* What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection"), also in full width. */
static bool may_be_formula(const char *text)
{
    static const uint32_t first[] = {'=', '+', '-', '@', '\t', '\r', '\n', 0xFF1D, 0xFF0B, 0xFF0D, 0xFF20};
    uint32_t code_point = 0;
    if (utf8_decode(text, strlen(text), &code_point) == 0)
        return false;
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        if (code_point == first[i])
            return true;
    return false;
}

static void write_cell(FILE *out, const char *text)
{
    fputs(may_be_formula(text) ? "\"'" : "\"", out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_row(FILE *out, const char *const cells[], const char *end)
{
    for (int i = 0; cells[i] != NULL; i++) {
        if (i > 0)
            fputc(';', out);
        write_cell(out, cells[i]);
    }
    fputs(end, out);
}

void csv_out_row(FILE *out, const char *const cells[])
{
    write_row(out, cells, "\r\n");
}

void csv_out_print(const char *const cells[])
{
    write_row(stdout, cells, "\n");
}
