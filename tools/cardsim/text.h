/* SPDX-License-Identifier: Apache-2.0 */
/* Provides text functions for the control language and the cards file. Pure. The caller owns all memory. */
#ifndef CARDSIM_TEXT_H
#define CARDSIM_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Reads hexadecimal digits in pairs; ':' or '-' may separate the pairs. Returns the number of bytes stored in
 * out, or -1 when text is empty, has an odd number of digits, another character, or more than size bytes. */
int cardsim_text_hex(const char *text, uint8_t *out, size_t size);
/* Writes len bytes as upper-case hexadecimal with a final NUL. out has room for 2 * len + 1 bytes. Returns
 * out. */
char *cardsim_text_to_hex(const uint8_t *bytes, size_t len, char *out);
/* Splits line in place into words at blanks; '#' starts a comment. Returns the number of words, or max + 1 if
 * there are too many. */
size_t cardsim_text_split(char *line, char **words, size_t max);
/* Reads a decimal number from 0 to max. Returns it, or -1. */
long cardsim_text_number(const char *text, long max);

#endif
