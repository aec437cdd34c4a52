/* SPDX-License-Identifier: Apache-2.0 */
/* portillon clock set: sets the gate's clock from this computer's clock, or to a given time. */
#include <getopt.h>
#include <stdio.h>
#include <time.h>

#include "firmware/base/clock.h"
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/gate/gate_clock.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/gate_time.h"

static const struct command_option options[] = {
    GATE_OPTIONS,
    {"to", 0, N_("TIME"),
     N_("a time instead of this computer's: 2026-09-01T06:30:00Z,\n"
        "\"2026-09-01 08:30\" (local) or @SECONDS since 1970")},
    {"json", 'j', NULL, N_("print JSON")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("--port DEV --site DIR [--gate ID] [--to TIME] [--json]"),
    .details = N_("Sets the gate's clock, and says how far it was off before and after."),
    .options = options,
};

/* The labels take as many columns in each language. */
static void print_clock(const struct gate_clock *clock, const char *label)
{
    char when[GATE_TIME_LEN], drift[GATE_TIME_LEN];
    if (!gate_clock_shows_time(clock))
        printf(_("%s unset\n"), label);
    else
        printf("%s %s, %s\n", label, gate_time_local(clock->gate.time, when),
               gate_time_drift((int64_t)clock->gate.time - clock->now, drift));
}

static void write_clock(struct json_out *json, const char *key, const struct gate_clock *clock)
{
    bool shows_time = gate_clock_shows_time(clock);
    json_out_object(json, key);
    json_out_text(json, "clock", clock->gate.clock);
    if (shows_time)
        json_out_time(json, "time", clock->gate.time);
    else
        json_out_null(json, "time");
    json_out_int_or_null(json, "ahead_s", shows_time, (int64_t)clock->gate.time - clock->now);
    json_out_end(json);
}

static void print_json(const struct gate_clock *before, const struct gate_clock *now)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    write_clock(&json, "before", before);
    write_clock(&json, "now", now);
    json_out_end(&json);
}

/* ctx is the time to set; NULL: this computer's. */
static int set_clock(void *ctx, const struct gate_options *gate, struct link *link)
{
    struct gate_clock before, now;
    int status = gate_clock_read(gate, link, &before);
    if (status == COMMAND_OK && !gate->as_json)
        print_clock(&before, _("before:"));
    if (status == COMMAND_OK)
        status = gate_clock_set(gate, link, ctx);
    if (status == COMMAND_OK)
        status = gate_clock_read(gate, link, &now);
    if (status == COMMAND_OK && gate->as_json)
        print_json(&before, &now);
    else if (status == COMMAND_OK)
        print_clock(&now, _("now:   "));
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
