/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the known word that is nearest to a word the user wrote, for "did you mean". The functions are
 * pure. */
#ifndef TOOLS_PORTILLON_COMMON_SUGGEST_H
#define TOOLS_PORTILLON_COMMON_SUGGEST_H

/* Finds the word of a NULL-ended table that differs least from word. A missing, added or changed letter and
 * two swapped letters each count as one difference. Case and accents do not count. Returns NULL when no word
 * is near enough. */
const char *suggest_nearest(const char *word, const char *const *known);

/* Finds a word in a NULL-ended table: one that is identical, or the only one that is identical apart from
 * case, accents and punctuation. Returns its index, or -1 when there is none. */
int suggest_find(const char *word, const char *const *known);

/* Returns the number of differences between two folded words. Only the first 31 letters are compared. */
int suggest_distance(const char *a, const char *b);

#endif
