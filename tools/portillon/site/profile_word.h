/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the profile that a word of the user means: its name in a list, or what the school's files call it
 * ("DP"), as site.conf says. The functions block on the file system. */
#ifndef TOOLS_PORTILLON_SITE_PROFILE_WORD_H
#define TOOLS_PORTILLON_SITE_PROFILE_WORD_H

/* Finds a word among the names of a list's profiles (known, NULL-ended). The words of site.conf are read from
 * site_folder only if no name fits; errors in it are printed. NULL: the words that site init writes. A word
 * that stands for some days of meals (DP4) is not the whole profile, so it is not found. Returns the index in
 * known, or -1. */
int profile_word_find(const char *command, const char *site_folder, const char *word,
                      const char *const *known);

#endif
