/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes UTF-8 (RFC 3629), one code point at a time, recognises characters that nobody sees, and measures
 * texts. Pure. */
#ifndef TOOLS_PORTILLON_COMMON_UTF8_H
#define TOOLS_PORTILLON_COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the code point that starts at text. Returns its length in bytes, 1 to 4, or 0 when the bytes are not
 * UTF-8 or are cut off at len. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code_point);

/* Returns true for spaces of any width, characters without width, marks of text direction, and control
 * characters other than NUL. Spreadsheets and web pages put them around cells. */
bool utf8_is_blank(uint32_t code_point);

/* Returns the length of the blank that the text begins with, or ends with. Returns 0 if there is none. */
size_t utf8_blank_at_start(const char *text, size_t len);
size_t utf8_blank_at_end(const char *text, size_t len);

/* Returns how many columns the text takes on a terminal. A combining mark takes none, any other character
 * one, and so does a byte that is not UTF-8. */
size_t utf8_columns(const char *text);

/* Returns the width with which "%-*s" or "%*s" of printf, which counts bytes, fills so many columns with the
 * text: printf("%-*s|", utf8_width(text, 20), text). */
int utf8_width(const char *text, int columns);

/* Returns how many bytes of the text fit into so many columns, for "%.*s" of printf. No character is cut. */
int utf8_cut(const char *text, size_t columns);

#endif
