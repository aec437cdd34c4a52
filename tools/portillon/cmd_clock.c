/* SPDX-License-Identifier: Apache-2.0 */
/* portillon clock set: sets the gate's clock from this computer's clock, or to a given time. */
#include <getopt.h>
#include <stdio.h>
#include <time.h>

#include "firmware/base/clock.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/gate/gate_clock.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/gate_time.h"

static const struct command_option options[] = {
    GATE_OPTIONS,
    {"to", 0, "TIME",
     "a time instead of this computer's: 2026-09-01T06:30:00Z,\n"
     "\"2026-09-01 08:30\" (local) or @SECONDS since 1970"},
    {0},
};

static const struct command_syntax syntax = {
    .usage = "--port DEV --site DIR [--gate ID] [--to TIME]",
    .details = "Sets the gate's clock, and says how far it was off before and after.",
    .options = options,
};

/* Prints the time of the gate's clock. Returns COMMAND_OK, COMMAND_FAILED or INTERRUPT_STATUS. */
static int show(const struct gate_options *gate, struct link *link, const char *label)
{
    char when[GATE_TIME_LEN], drift[GATE_TIME_LEN];
    struct gate_clock clock;
    int status = gate_clock_read(gate, link, &clock);
    if (status != COMMAND_OK)
        return status;
    if (!gate_clock_shows_time(&clock))
        printf("%s unset\n", label);
    else
        printf("%s %s, %s\n", label, gate_time_local(clock.gate.time, when),
               gate_time_drift((int64_t)clock.gate.time - clock.now, drift));
    return COMMAND_OK;
}

/* ctx is the time to set; NULL: this computer's. */
static int set_clock(void *ctx, const struct gate_options *gate, struct link *link)
{
    int status = show(gate, link, "before:");
    if (status == COMMAND_OK)
        status = gate_clock_set(gate, link, ctx);
    if (status == COMMAND_OK)
        status = show(gate, link, "now:   ");
    return status;
}

int cmd_clock_set(int argc, char **argv)
{
    struct gate_options gate;
    const char *value;
    uint32_t to = 0;
    bool has_to = false;
    int index;

    gate_options_init(&gate, argv[0], ROLE_MAINTENANCE);
    while ((index = gate_options_parse(&gate, &syntax, argc, argv, &value)) >= 0) { /* --to */
        if (!gate_time_parse(value, &to))
            return command_misuse(argv[0], "--to %s: not a time (2026-09-01T06:30:00Z is one)", value);
        if (to < CLOCK_EARLIEST_UTC_S)
            return command_misuse(argv[0], "--to %s: no gate believes a time before 2024", value);
        has_to = true;
    }
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    if (!has_to && time(NULL) < (time_t)CLOCK_EARLIEST_UTC_S)
        return command_fail("%s: this computer's clock is wrong: set it, or say a time with --to", argv[0]);
    return gate_run(&gate, set_clock, has_to ? &to : NULL);
}
