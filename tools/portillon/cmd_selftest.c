/* SPDX-License-Identifier: Apache-2.0 */
/* portillon selftest: checks the gate's board step by step, and prints a table of the results. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/selftest_walk.h"

enum { OPTION_NO_QUESTIONS = GATE_OPTION_COUNT };
enum { NAME_COLUMNS = 14, RESULT_COLUMNS = 8 };

static const struct command_option options[] = {
    GATE_OPTIONS,
    {"no-questions", 'n', NULL, N_("nobody is in front of the gate: skip lights, buzzer, relay and inputs")},
    {"input-time", 'i', N_("SECONDS"), N_("how long to wait for each input (default 30)")},
    {"json", 'j', NULL, N_("print JSON")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("--port DEV --site DIR [--gate ID] [--no-questions] [--json]"),
    .details = N_(
        "Walks a gate's board: the reader and its version; the memory chip, where a sector kept for this is\n"
        "erased, written and read back; the clocks; then each light, the buzzer, the relay and each input,\n"
        "with you in front of the gate. Cards are served meanwhile. The relay opens the gate for a second,\n"
        "which is in its journal as test_opening.\n"
        "Exit status: 0 nothing failed, 1 something did (or the gate was not reached)."),
    .options = options,
};

static void print_table(const struct walk *walk)
{
    for (int i = 0; i < walk->step_count; i++) {
        const char *name = translate(walk->steps[i].name);
        const char *result = walk_result_text(walk->steps[i].result);
        printf("%-*s %-*s %s\n", utf8_width(name, NAME_COLUMNS), name, utf8_width(result, RESULT_COLUMNS),
               result, walk->steps[i].detail);
    }
    printf(_("%d passed, %d failed, %d skipped\n"), walk_count(walk, WALK_PASSED),
           walk_count(walk, WALK_FAILED), walk_count(walk, WALK_SKIPPED));
}

static void print_json(const struct walk *walk)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "device", walk->about.device);
    json_out_int(&json, "passed", walk_count(walk, WALK_PASSED));
    json_out_int(&json, "failed", walk_count(walk, WALK_FAILED));
    json_out_int(&json, "skipped", walk_count(walk, WALK_SKIPPED));
    json_out_array(&json, "steps");
    for (int i = 0; i < walk->step_count; i++) {
        json_out_object(&json, NULL);
        json_out_text(&json, "name", walk->steps[i].name);
        json_out_text(&json, "result", walk_result_name(walk->steps[i].result));
        json_out_text(&json, "detail", walk->steps[i].english);
        json_out_end(&json);
    }
    json_out_end(&json);
    json_out_end(&json);
}

static int walk_board(void *ctx, const struct gate_options *gate, struct link *link)
{
    struct walk *walk = ctx;
    walk->gate = gate;
    walk->link = link;
    int status = walk_run(walk);
    if (walk->step_count > 0 && gate->as_json && status == COMMAND_OK)
        print_json(walk);
    else if (walk->step_count > 0 && !gate->as_json)
        print_table(walk); /* also the steps before the line failed */
    if (status == COMMAND_OK && walk_count(walk, WALK_FAILED) > 0)
        return COMMAND_FAILED;
    return status;
}

int cmd_selftest(int argc, char **argv)
{
    static struct walk walk;
    struct gate_options gate;
    const char *value;
    uint64_t input_s = 30;
    int index;

    gate_options_init(&gate, argv[0], ROLE_TECHNICIAN);
    walk = (struct walk){.ask = true};
    while ((index = gate_options_parse(&gate, &syntax, argc, argv, &value)) >= 0) {
        if (index == OPTION_NO_QUESTIONS)
            walk.ask = false;
        else if (!command_number(argv[0], "input-time", value, 1, 3600, &input_s))
            return COMMAND_USAGE;
    }
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    walk.input_s = (unsigned)input_s;
    return gate_run(&gate, walk_board, &walk);
}
