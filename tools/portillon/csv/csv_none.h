/* SPDX-License-Identifier: Apache-2.0 */
/* Recognises the ways in which databases and people write that a cell has no value. Pure. */
#ifndef TOOLS_PORTILLON_CSV_CSV_NONE_H
#define TOOLS_PORTILLON_CSV_CSV_NONE_H

#include <stdbool.h>
#include <stddef.h>

/* Returns true for an empty text, "NULL", "\N", "N/A", "néant", "-" and so on, in UTF-8. */
bool csv_none_is(const char *text, size_t len);

/* Returns true for a text of zeros and the signs of dates: "0", "0000-00-00", "00/00/0000 00:00:00". */
bool csv_none_is_zero(const char *text, size_t len);

#endif
