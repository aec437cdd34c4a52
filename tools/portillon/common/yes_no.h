/* SPDX-License-Identifier: Apache-2.0 */
/* Asks questions at a terminal that are answered with "yes" or "no", in English or French (answer_words.h).
 * Only one thread may ask. */
#ifndef TOOLS_PORTILLON_COMMON_YES_NO_H
#define TOOLS_PORTILLON_COMMON_YES_NO_H

#include <stdbool.h>

#include "hal/common/answer_words.h"

/* Asks, in the language of the user, until the answer is yes or no. Without a terminal it asks nothing.
 * Returns true for yes. False: no, no terminal, end of input or Ctrl-C. Blocks until there is an answer. */
bool yes_no_ask(const char *question);
/* Returns true if yes_no_ask can ask. */
bool yes_no_can_ask(void);

#endif
