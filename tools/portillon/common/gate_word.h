/* SPDX-License-Identifier: Apache-2.0 */
/* Shows the words of the gates' protocol in the language of the user. Data keeps the word itself. */
#ifndef TOOLS_PORTILLON_COMMON_GATE_WORD_H
#define TOOLS_PORTILLON_COMMON_GATE_WORD_H

/* Returns the word of a zone, of a direction or of a gate's state (zone_name, gate_direction_name,
 * gate_state_name) as people read it. Any other word stays as it is. */
const char *gate_word(const char *word);

#endif
