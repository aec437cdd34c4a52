/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/clock_visit.h"

#include <stdlib.h>

#include "tools/portillon/gate/gate_time.h"

/* Prints what was wrong with the clock that was just set; prints nothing if it was right. */
static void note_set(const struct gate_options *gate, const struct gate_clock *before)
{
    char drift[GATE_TIME_LEN];
    if (!gate_clock_shows_time(before))
        command_note("%s: the gate's clock was unset; it is set now", gate->command);
    else if (!gate_clock_is_sure(before))
        command_note("%s: the gate was not sure of its clock (%s); it is set now", gate->command,
                     gate_time_drift(gate_clock_ahead_s(before), drift));
    else if (llabs(gate_clock_ahead_s(before)) > GATE_CLOCK_CLOSE_S)
        command_note("%s: the gate's clock was %s; it is set now", gate->command,
                     gate_time_drift(gate_clock_ahead_s(before), drift));
}

static void note_left(const struct gate_options *gate, const struct gate_clock *clock,
                      enum gate_clock_advice advice)
{
    char here[GATE_TIME_LEN], there[GATE_TIME_LEN];
    if (advice == GATE_CLOCK_NO_TIME)
        command_note("%s: this computer's clock shows %s: the gate's was left as it is", gate->command,
                     gate_time_local((uint32_t)clock->now, here));
    else
        command_note("%s: the gate's clock shows %s, this computer's %s: it was left as it is. If this "
                     "computer is right, portillon clock set puts the gate right",
                     gate->command, gate_time_local(clock->gate.time, there),
                     gate_time_local((uint32_t)clock->now, here));
}

/* The clock comes before the records are fetched, so that the record about it comes with them. */
int clock_visit(const struct gate_options *gate, struct link *link, struct clock_visit *visit)
{
    int status = gate_clock_read(gate, link, &visit->before);
    if (status != COMMAND_OK)
        return link->answered ? COMMAND_OK : status;
    visit->asked = true;
    enum gate_clock_advice advice = gate_clock_judge(&visit->before);
    switch (advice) {
    case GATE_CLOCK_FINE:
        return COMMAND_OK;
    case GATE_CLOCK_SET_IT:
        status = gate_clock_set(gate, link, NULL);
        if (status != COMMAND_OK)
            return link->answered ? COMMAND_OK : status;
        visit->outcome = CLOCK_CONFIRMED;
        note_set(gate, &visit->before);
        return COMMAND_OK;
    case GATE_CLOCK_APART:
    case GATE_CLOCK_NO_TIME:
        visit->outcome = advice == GATE_CLOCK_APART ? CLOCK_TOO_FAR : CLOCK_NO_COMPUTER;
        note_left(gate, &visit->before, advice);
        return COMMAND_OK;
    }
    return COMMAND_OK;
}
