/* portillon open: opens a gate by hand for one person. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/gate/answers_technician.h"
#include "tools/portillon/gate/gate_options.h"

enum { OPTION_JSON = GATE_OPTION_COUNT };

static const struct command_option options[] = {
    GATE_OPTIONS,
    {"json", 'j', NULL, "print JSON"},
    {0},
};

static const struct command_syntax syntax = {
    .usage = "--port DEV --site DIR [--gate ID] [--json]",
    .details =
        "Opens the gate for one person, as the lodge's button does, also without a reader or a list.\n"
        "It is in the gate's journal first, as manual_opening with who asked (ref 1 the button, 2 the\n"
        "technician): what cannot be logged is not opened.\n"
        "\n"
        "Exit status: 0 it opens, or is open; 1 it does not, and why is said; 2 wrong call.",
    .options = options,
};

static int refused(const struct gate_options *gate, const struct link_answer *answer)
{
    if (gate_is_busy(answer))
        return command_fail(
            "open: as many people are waiting to pass as may: try again when they are through");
    if (answer->code == 413)
        return command_fail("open: not opened: the gate's journal is full, and its settings let nobody pass "
                            "unlogged (refuse_when_full): pull the passages");
    if (answer->code == 500 || answer->code == 503)
        return command_fail("open: not opened, the gate is out of order: its memory chip does not take the "
                            "record, and nothing opens unlogged (portillon status tells more)");
    return gate_refused(gate, "opening", answer);
}

static void print_report(const struct gate_options *gate, const struct answer_opening *opening)
{
    const char *name = gate_name(gate);
    if (opening->seq == 0)
        printf("%s: open for all, the fire panel released it: nothing to open\n", name);
    else if (opening->ahead > 0)
        printf("%s: somebody is passing; it opens for one more after %u (record %u of its journal)\n", name,
               opening->ahead, opening->seq);
    else
        printf("%s: %s for one person (record %u of its journal)\n", name,
               strcmp(opening->state, "open") == 0 ? "open" : "opens in a moment", opening->seq);
}

static void print_json(const struct answer_opening *opening)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "state", opening->state);
    json_out_int(&json, "ahead", opening->ahead);
    if (opening->seq != 0)
        json_out_int(&json, "seq", opening->seq);
    else
        json_out_null(&json, "seq");
    json_out_end(&json);
}

static int run(const struct gate_options *gate, bool as_json)
{
    struct answer_opening opening;
    struct link_answer answer;
    struct link link;
    int status = gate_options_connect(gate, &link);
    if (status == COMMAND_OK) {
        int result =
            link_request(&link, &(struct link_request){.method = LINK_POST, .path = "open"}, &answer);
        if (result != ERR_OK)
            status = gate_fail(gate, &link, result);
        else if (answer.code != 204)
            status = refused(gate, &answer);
        else if (answer_opening_decode(&opening, answer.data, answer.len) != ERR_OK)
            status = command_fail("open: opened, but the gate's answer makes no sense: another firmware?");
        else if (as_json)
            print_json(&opening);
        else
            print_report(gate, &opening);
    }
    link_close(&link);
    return status;
}

int cmd_open(int argc, char **argv)
{
    struct gate_options gate;
    const char *value;
    bool as_json = false;
    int index;

    gate_options_init(&gate, argv[0]);
    gate.role = ROLE_TECHNICIAN;
    while ((index = command_parse(&syntax, argc, argv, &value)) >= 0) {
        if (index == OPTION_JSON)
            as_json = true;
        else if (gate_options_take(&gate, index, value) != COMMAND_OK)
            return COMMAND_USAGE;
    }
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    int status = gate_options_finish(&gate, false);
    if (status != COMMAND_OK)
        return status;
    interrupt_catch();
    status = run(&gate, as_json);
    gate_options_close(&gate);
    return status;
}
