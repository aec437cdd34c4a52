/*
 * A gate's clock beside this computer's: looked at, judged, set.
 *
 * The routine visits (passages pull) confirm it without being asked, for a clock that nobody sets counts as
 * stale after a while. They must not spoil one that is right: a computer with a dead battery shows any time.
 * So where the two are far apart a person decides (clock set). The functions with a link block as
 * link_request does.
 */
#ifndef TOOLS_PORTILLON_GATE_GATE_CLOCK_H
#define TOOLS_PORTILLON_GATE_GATE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/portillon/gate/answers.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/link.h"

#define GATE_CLOCK_APART_S 300        /* further apart than that, either may be wrong */
#define GATE_CLOCK_CLOSE_S 3          /* not worth a word, nor a setting */
#define GATE_CLOCK_FRESH_S (6 * 3600) /* the gate itself remembers no finer when it was set */

struct gate_clock {
    struct answer_time gate;
    int64_t now; /* of this computer, when the gate answered */
};

enum gate_clock_advice {
    GATE_CLOCK_FINE,    /* right, and set not long ago */
    GATE_CLOCK_SET_IT,  /* unset, stale, a little off, or not set for some hours */
    GATE_CLOCK_APART,   /* too far from this computer's: which of them is right? */
    GATE_CLOCK_NO_TIME, /* this computer's shows no time that can be */
};

/* Pure. A clock that went on from a power cut is behind by the time without power, and never ahead. */
enum gate_clock_advice gate_clock_judge(const struct gate_clock *clock);
/* Whether the gate's clock shows a time at all. */
bool gate_clock_shows_time(const struct gate_clock *clock);
/* Whether the gate trusts it: else hours, dates and meals do not count. */
bool gate_clock_is_sure(const struct gate_clock *clock);

/* Asks the gate. @returns COMMAND_OK; COMMAND_FAILED or INTERRUPT_STATUS after saying why. */
int gate_clock_read(const struct gate_options *gate, struct link *link, struct gate_clock *clock);
/* Sets it: to a time, or, with NULL, to this computer's at the turn of a second, which it waits for.
 * @returns the same. */
int gate_clock_set(const struct gate_options *gate, struct link *link, const uint32_t *to_utc_s);

#endif
