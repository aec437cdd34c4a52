/* SPDX-License-Identifier: Apache-2.0 */
/* Makes zip archives in memory, for tests of what reads them. The caller frees the bytes. */
#ifndef TESTS_FAKES_MADE_ZIP_H
#define TESTS_FAKES_MADE_ZIP_H

#include <stdbool.h>
#include <stddef.h>

struct made_member {
    const char *name, *data;
    size_t len;
};

/* Makes an archive of count members, with a password or without (NULL). Aborts if that fails. */
char *made_zip(const struct made_member *members, size_t count, const char *password, size_t *len);

/* Makes an .xlsx workbook of one sheet, "Cards", from the XML of its rows, cell styles and shared strings. */
char *made_xlsx(const char *sheet, size_t sheet_len, const char *styles, const char *strings, size_t *len);

/* Makes an .ods workbook from its content.xml. */
char *made_ods(const char *content, size_t content_len, size_t *len);

#endif
