/* SPDX-License-Identifier: Apache-2.0 */
/* Understands "yes" and "no" as people type them, in English and French, and asks questions at a terminal.
 * Only one thread may ask. */
#ifndef TOOLS_PORTILLON_COMMON_YES_NO_H
#define TOOLS_PORTILLON_COMMON_YES_NO_H

#include <stdbool.h>
#include <stddef.h>

enum yes_no { YES_NO_NEITHER, YES_NO_NO, YES_NO_YES };

/* Returns true if the line is this word, or its first letter alone. Case, and spaces around it, do not
 * matter. */
bool yes_no_is_word(const char *line, const char *word);
/* Returns what the whole line says. */
enum yes_no yes_no_read(const char *line);

/* Asks, in the language of the user, until the answer is yes or no. Without a terminal it asks nothing.
 * Returns true for yes. False: no, no terminal, end of input or Ctrl-C. Blocks until there is an answer. */
bool yes_no_ask(const char *question);
/* Returns true if yes_no_ask can ask. */
bool yes_no_can_ask(void);

#endif
