/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the number of a spreadsheet cell as text, with the digits that the cell shows: an integer with all
 * its digits, whatever way it is stored ("1.23E+14", "82643729.0"), zeros in front where the format has them
 * ("00000000"), and a date as 2026-09-01. The functions are pure.
 */
#ifndef TOOLS_PORTILLON_TABLE_NUMBER_TEXT_H
#define TOOLS_PORTILLON_TABLE_NUMBER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define NUMBER_TEXT_SIZE   128
#define NUMBER_FORMAT_SIZE 96
#define NUMBER_DIGITS_MAX  15 /* digits of an integer that every spreadsheet keeps */

/* Returns true if the format code shows a date or a time ("dd/mm/yyyy", "[$-40C]d mmm yyyy", "[h]:mm"). */
bool number_format_is_date(const char *format);

/* Returns the format code behind one of the numbers that a workbook has no text for (0 to 49), or NULL. */
const char *number_format_builtin(unsigned id);

/* Writes the stored text of a number as the format shows it. from_1904 tells which day dates count from. A
 * text that is no number is copied, cut. *inexact is set when an integer has more digits than a spreadsheet
 * keeps. */
void number_text(const char *stored, const char *format, bool from_1904, char out[NUMBER_TEXT_SIZE],
                 bool *inexact);

#endif
