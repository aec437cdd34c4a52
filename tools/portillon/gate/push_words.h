/* SPDX-License-Identifier: Apache-2.0 */
/* Says in the language of the user what a gate answers to a list by one word. Pure. */
#ifndef TOOLS_PORTILLON_GATE_PUSH_WORDS_H
#define TOOLS_PORTILLON_GATE_PUSH_WORDS_H

/* Returns why a list was refused. word is the gate's, and the result if it is not known. */
const char *push_words_refusal(const char *word);
/* Returns why a list cannot be sent as its changes. word as above. */
const char *push_words_patch(const char *word);

#endif
