/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of a gate's policy to one question with each step that led to it, as `portillon explain` prints
 * it. The caller owns the struct. The functions that write block on the file. */
#ifndef TOOLS_PORTILLON_LIST_EXPLANATION_WALK_H
#define TOOLS_PORTILLON_LIST_EXPLANATION_WALK_H

#include <stdio.h>

#include "firmware/access/policy.h"
#include "tools/portillon/common/json_out.h"

#define EXPLANATION_STEPS_MAX 16

struct explanation_walk {
    struct policy_question question;
    bool is_listed; /* the card is in the list, so the question has its rule */
    struct verdict verdict;
    struct {
        enum policy_step step;
        bool passed;
    } steps[EXPLANATION_STEPS_MAX];
    int step_count;
};

/* Asks the policy. question must be complete; of a card that is not in the list, its rule is ignored. */
void explanation_walk_take(struct explanation_walk *walk, const struct policy_question *question,
                           bool is_listed);
/* Writes what the list says, the steps and the answer, a line each. */
void explanation_walk_text(const struct explanation_walk *walk, FILE *out);
/* Writes the same as members of the open object: rule, verdict, reason, steps. */
void explanation_walk_json(const struct explanation_walk *walk, struct json_out *json);

#endif
