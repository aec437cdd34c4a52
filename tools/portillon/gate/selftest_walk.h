/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the checks of a gate's board for `portillon selftest`: it asks the gate, and the user in front of it.
 * Questions go to stderr, answers come from stdin. It blocks as long as the user takes; Ctrl-C ends it. The
 * caller owns the struct and the link, which stays open.
 */
#ifndef TOOLS_PORTILLON_GATE_SELFTEST_WALK_H
#define TOOLS_PORTILLON_GATE_SELFTEST_WALK_H

#include <stdbool.h>

#include "tools/portillon/gate/answers_technician.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/link.h"

#define WALK_STEPS_MAX  16
#define WALK_DETAIL_LEN 192

enum walk_result { WALK_PASSED, WALK_FAILED, WALK_SKIPPED };

struct walk_step {
    const char *name; /* a message */
    enum walk_result result;
    char detail[WALK_DETAIL_LEN];  /* what was found, or why the step was skipped */
    char english[WALK_DETAIL_LEN]; /* the same in English, for JSON */
};

struct walk {
    const struct gate_options *gate;
    struct link *link;
    bool ask;         /* a user is in front of the gate */
    unsigned input_s; /* how long to wait for an input, in seconds */
    struct walk_step steps[WALK_STEPS_MAX];
    int step_count;
    /* COMMAND_OK; otherwise the line or the gate failed, the reason was printed, and the steps are
     * incomplete */
    int status;
    /* internal */
    bool person_gone;
    struct answer_status about;
    struct answer_selftest first, now;
    /* when each was requested and answered; the gate read its clock in between */
    uint64_t first_asked_us, first_answered_us, now_asked_us, now_answered_us;
};

/* Runs all steps. Returns COMMAND_OK (the steps hold the results), COMMAND_FAILED or INTERRUPT_STATUS. */
int walk_run(struct walk *walk);

/* Returns the name of a result, for JSON: "passed", "failed", "skipped". */
const char *walk_result_name(enum walk_result result);
/* The same in the language of the user. */
const char *walk_result_text(enum walk_result result);
/* Returns the number of steps with this result. */
int walk_count(const struct walk *walk, enum walk_result result);

#endif
