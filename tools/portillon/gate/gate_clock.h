/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares a gate's clock with this computer's, and sets it.
 *
 * A clock that nobody sets counts as stale after a while, so the routine visits (passages pull) confirm the
 * clock by themselves. They must not change a right clock: a computer with a dead battery can show any time.
 * When the two clocks are far apart, the user decides (clock set). The caller owns the structs. The functions
 * with a link block as link_request does.
 */
#ifndef TOOLS_PORTILLON_GATE_GATE_CLOCK_H
#define TOOLS_PORTILLON_GATE_GATE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/portillon/gate/answers.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/link.h"

#define GATE_CLOCK_APART_S 300        /* beyond this difference either clock may be wrong */
#define GATE_CLOCK_CLOSE_S 3          /* up to this difference the clock is neither reported nor set */
#define GATE_CLOCK_FRESH_S (6 * 3600) /* the gate stores the time of the last setting no more precisely */

struct gate_clock {
    struct answer_time gate;
    int64_t now; /* time of this computer when the gate answered */
};

enum gate_clock_advice {
    GATE_CLOCK_FINE,    /* right, and set not long ago */
    GATE_CLOCK_SET_IT,  /* unset, stale, a little off, or not set for some hours */
    GATE_CLOCK_APART,   /* too far from this computer's clock; which of them is right is not known */
    GATE_CLOCK_NO_TIME, /* this computer's clock shows an impossible time */
};

/* Judges the gate's clock. Pure. A clock that continued after a power cut is behind by the time without
 * power, and never ahead. Returns a value of enum gate_clock_advice. */
enum gate_clock_advice gate_clock_judge(const struct gate_clock *clock);
/* Returns how far the gate's clock was ahead of this computer's. */
int64_t gate_clock_ahead_s(const struct gate_clock *clock);
/* Returns true if the gate's clock shows a time. */
bool gate_clock_shows_time(const struct gate_clock *clock);
/* Returns true if the gate trusts its clock. Otherwise hours, dates and meals do not count. */
bool gate_clock_is_sure(const struct gate_clock *clock);

/* Reads the gate's clock. Returns COMMAND_OK, or COMMAND_FAILED or INTERRUPT_STATUS after printing why. */
int gate_clock_read(const struct gate_options *gate, struct link *link, struct gate_clock *clock);
/* Sets the gate's clock to a time or, with NULL, to this computer's time. In the second case it waits for the
 * start of a second. Returns the same results. */
int gate_clock_set(const struct gate_options *gate, struct link *link, const uint32_t *to_utc_s);

#endif
