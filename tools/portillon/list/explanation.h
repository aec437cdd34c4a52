/* SPDX-License-Identifier: Apache-2.0 */
/* Explains each step of the gate's policy (firmware/access/policy.h): the data of the list and the moment
 * that decided it, in the language of the user. The functions write only into what they are given. */
#ifndef TOOLS_PORTILLON_LIST_EXPLANATION_H
#define TOOLS_PORTILLON_LIST_EXPLANATION_H

#include <stdbool.h>
#include <stddef.h>

#include "firmware/access/policy.h"

#define EXPLANATION_SIZE 640

/* Writes in words why a step passed or failed: "profile externe passes the building mon-fri 07:00-19:00; it
 * is tue 20:05". */
void explanation_of_step(const struct policy_question *question, enum policy_step step, bool passed,
                         char out[EXPLANATION_SIZE]);

/* Returns the text that the staff can tell the cardholder at the gate: "no meal on this day". */
const char *explanation_of_reason(enum reason reason);

#endif
