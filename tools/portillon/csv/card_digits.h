/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cleans a card number of what spreadsheets, web pages and databases put around and between its digits: marks
 * of text (="..." and '), blanks of any width, ".0" behind a whole number. The functions are pure.
 */
#ifndef TOOLS_PORTILLON_CSV_CARD_DIGITS_H
#define TOOLS_PORTILLON_CSV_CARD_DIGITS_H

#include <stdbool.h>
#include <stddef.h>

#define CARD_DIGITS_SIZE 96 /* more than any notation needs */

/* Copies the number in UTF-8 without marks; each blank inside it becomes a space. Adds a NUL. Returns the
 * length; text that does not fit is cut, and is too long for every notation. */
size_t card_digits_clean(const char *text, size_t len, char out[CARD_DIGITS_SIZE]);

/* Removes the spaces and a ".0", ",0" or ".00" behind the digits of a cleaned number. Returns true if only
 * decimal digits remain in out. */
bool card_digits_decimal(const char *clean, char out[CARD_DIGITS_SIZE]);

/* Returns true if a cleaned number has a decimal point with zeros behind it. */
bool card_digits_has_fraction(const char *clean);

/* Returns true if a spreadsheet was told that the cell is text ("=..." or '), so it has not rounded it. */
bool card_digits_is_marked(const char *text, size_t len);

#endif
