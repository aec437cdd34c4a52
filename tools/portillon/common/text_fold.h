/* Text as people mean it: header names and keywords compared without case, accents, spaces or punctuation. */
#ifndef TOOLS_PORTILLON_COMMON_TEXT_FOLD_H
#define TOOLS_PORTILLON_COMMON_TEXT_FOLD_H

#include <stdbool.h>
#include <stddef.h>

/* Folds UTF-8 into a-z and 0-9, cut off at size - 1, with its NUL: "N° de Carte" gives "ndecarte",
 * "Régime" gives "regime" composed or not. @returns its length. */
size_t text_fold(const char *text, size_t len, char *out, size_t size);

/* Whether the word is one of a NULL-ended table. */
bool text_is_one_of(const char *word, const char *const *words);

/* Copies text for showing in one line: line ends and tabs as one space, other control characters, and what is
 * not UTF-8, as '?', cut off with "..." at size - 1. */
void text_show(const char *text, size_t len, char *out, size_t size);

#endif
