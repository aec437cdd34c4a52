/* "Did you mean": the known word nearest to what was written. Pure. */
#ifndef TOOLS_PORTILLON_COMMON_SUGGEST_H
#define TOOLS_PORTILLON_COMMON_SUGGEST_H

/* The word of a NULL-ended table that differs least: by letters missing, added, changed or swapped, case and
 * accents aside. NULL when none is near enough to be meant. */
const char *suggest_nearest(const char *word, const char *const *known);

/* The known word that was meant beyond doubt: written the same, or but for case, accents and punctuation, where
 * that is one word alone. @retval its place in the NULL-ended table; -1: none. */
int suggest_find(const char *word, const char *const *known);

/* The distance itself, of folded words; words longer than 31 letters are cut off. */
int suggest_distance(const char *a, const char *b);

#endif
