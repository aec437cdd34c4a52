/* SPDX-License-Identifier: Apache-2.0 */
/* Compares and shows text. Header names and keywords are compared without case, accents, spaces and
 * punctuation. The functions are pure. */
#ifndef TOOLS_PORTILLON_COMMON_TEXT_FOLD_H
#define TOOLS_PORTILLON_COMMON_TEXT_FOLD_H

#include <stdbool.h>
#include <stddef.h>

/* Folds UTF-8 text into the characters a-z and 0-9, cut at size - 1 bytes, and adds a NUL. "N° de Carte"
 * gives "ndecarte". "Régime" gives "regime", whether or not its accents are composed. Returns the length. */
size_t text_fold(const char *text, size_t len, char *out, size_t size);

/* Returns true when word is in a NULL-ended table. */
bool text_is_one_of(const char *word, const char *const *words);

/* Copies text so that it can be shown on one line. Line ends and tabs become one space. Other control
 * characters, and bytes that are not UTF-8, become '?'. Text that is too long is cut and ends with "..."
 * within size bytes. */
void text_show(const char *text, size_t len, char *out, size_t size);

#endif
