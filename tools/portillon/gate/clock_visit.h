/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confirms or sets a gate's clock on a routine visit, if that is safe (gate_clock.h), and tells what was
 * wrong with it. The caller owns the struct. Blocks as link_request does.
 */
#ifndef TOOLS_PORTILLON_GATE_CLOCK_VISIT_H
#define TOOLS_PORTILLON_GATE_CLOCK_VISIT_H

#include <stdbool.h>

#include "tools/portillon/gate/gate_clock.h"

enum clock_outcome { CLOCK_LEFT, CLOCK_CONFIRMED, CLOCK_TOO_FAR, CLOCK_NO_COMPUTER };

struct clock_visit {
    bool asked; /* the gate told its time */
    struct gate_clock before;
    enum clock_outcome outcome;
};

/* Confirms or sets the gate's clock. If the gate does not let its clock be set, this is printed and the visit
 * goes on. Returns COMMAND_OK, or COMMAND_FAILED or INTERRUPT_STATUS after printing that the line failed. */
int clock_visit(const struct gate_options *gate, struct link *link, struct clock_visit *visit);

#endif
