/*
 * The walk over a gate's board that `portillon selftest` makes: asks the gate, and the person in front of it.
 * Questions go to stderr, answers come from stdin. Blocks for as long as the person takes; Ctrl-C ends it.
 * The caller owns the struct and the link, which stays open.
 */
#ifndef TOOLS_PORTILLON_GATE_SELFTEST_WALK_H
#define TOOLS_PORTILLON_GATE_SELFTEST_WALK_H

#include <stdbool.h>

#include "tools/portillon/gate/answers_technician.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/link.h"

#define WALK_STEPS_MAX  16
#define WALK_DETAIL_LEN 160

enum walk_result { WALK_PASSED, WALK_FAILED, WALK_SKIPPED };

struct walk_step {
    const char *name;
    enum walk_result result;
    char detail[WALK_DETAIL_LEN]; /* what was seen, or why not */
};

struct walk {
    const struct gate_options *gate;
    struct link *link;
    bool ask;         /* a person stands in front of the gate */
    unsigned input_s; /* how long an input is waited for */
    struct walk_step steps[WALK_STEPS_MAX];
    int step_count;
    int status; /* COMMAND_OK; else the line or the gate failed, and was said: the rest is moot */
    /* private */
    bool person_gone;
    struct answer_status about;
    struct answer_selftest first, now;
    /* when each was asked for, and answered: the gate looked at its clock in between */
    uint64_t first_asked_us, first_answered_us, now_asked_us, now_answered_us;
};

/* Makes the walk. @returns COMMAND_OK (the steps tell), COMMAND_FAILED, INTERRUPT_STATUS. */
int walk_run(struct walk *walk);

/* "passed", "failed", "skipped". */
const char *walk_result_name(enum walk_result result);
int walk_count(const struct walk *walk, enum walk_result result);

#endif
