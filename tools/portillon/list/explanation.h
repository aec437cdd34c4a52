/* The steps of the gate's own policy (firmware/access/policy.h), each with what in the list and in the moment led to
 * it. */
#ifndef TOOLS_PORTILLON_LIST_EXPLANATION_H
#define TOOLS_PORTILLON_LIST_EXPLANATION_H

#include <stdbool.h>
#include <stddef.h>

#include "firmware/access/policy.h"

#define EXPLANATION_SIZE 640

/* Why a step passed or not, in words: "profile externe passes the building mon-fri 07:00-19:00; it is tue
 * 20:05". */
void explanation_of_step(const struct policy_question *question, enum policy_step step, bool passed,
                         char out[EXPLANATION_SIZE]);

/* What the person at the gate can be told: "no meal on this day". */
const char *explanation_of_reason(enum reason reason);

#endif
