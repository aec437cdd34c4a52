/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes text from outside fit for a terminal: names and messages of gates, lists and files. A terminal obeys
 * control characters, and characters that change the direction of text show other words than are there.
 *
 * Replaced by '?', each: the controls of ASCII and DEL, those from U+0080 to U+009F, as bytes and as UTF-8,
 * the marks that change the direction of text, the separators of lines and paragraphs, and bytes that are no
 * UTF-8.
 */
#ifndef TOOLS_PORTILLON_COMMON_PRINTABLE_H
#define TOOLS_PORTILLON_COMMON_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns true if the code point may be sent to a terminal. */
bool printable_is(uint32_t code_point);

/* Replaces in place what is not printable, line ends too. The text does not become longer. */
void printable_text(char *text);

/* Copies text to out, which has room for len bytes, and replaces what is not printable. Line ends and tabs
 * stay. A character that may continue after len is left out. out may be text. Sets *used to the bytes that
 * were taken. Returns the bytes that were written. */
size_t printable_copy_lines(char *out, const char *text, size_t len, size_t *used);

/* Makes everything that this program prints on stdout from now on pass printable_copy_lines. Call it once,
 * before anything is printed. */
void printable_guard_stdout(void);

#endif
