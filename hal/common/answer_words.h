/* SPDX-License-Identifier: Apache-2.0 */
/* Understands what people type as an answer, in English and French: "yes", "oui", or the first letter alone.
 * Case, and spaces around it, do not matter. No state; nothing blocks. */
#ifndef HAL_COMMON_ANSWER_WORDS_H
#define HAL_COMMON_ANSWER_WORDS_H

#include <stdbool.h>

enum yes_no { YES_NO_NEITHER, YES_NO_NO, YES_NO_YES };

/* Returns true if the line is this word, or its first letter alone. */
bool answer_words_match(const char *line, const char *word);
/* Returns what the whole line says. */
enum yes_no answer_words_yes_no(const char *line);

#endif
