/* SPDX-License-Identifier: Apache-2.0 */
/* portillon open: opens a gate by hand for one person. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/gate/answers_technician.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/office_register.h"
#include "tools/portillon/store/store_schema.h"

static const struct command_option options[] = {
    GATE_OPTIONS,
    {"json", 'j', NULL, N_("print JSON")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("--port DEV --site DIR [--gate ID] [--json]"),
    .details =
        N_("Opens the gate for one person, as the lodge's button does, also without a reader or a list.\n"
           "It is in the gate's journal first, as manual_opening with who asked (ref 1 the button, 2 the\n"
           "technician): what cannot be logged is not opened. The audit trail of the site's register, or of "
           "the\n"
           "store in PORTILLON_STORE, notes it with the name of who typed this (portillon audit).\n"
           "\n"
           "Exit status: 0 it opens, or is open; 1 it does not, and why is said; 2 wrong call."),
    .options = options,
};

static int refused(const struct gate_options *gate, const struct link_answer *answer)
{
    if (gate_is_busy(answer))
        return command_fail(
            "open: as many people are waiting to pass as may: try again when they are through");
    if (answer->code == COAP_TOO_LARGE)
        return command_fail("open: not opened: the gate's journal is full, and its settings let nobody pass "
                            "unlogged (refuse_when_full): pull the passages");
    if (answer->code == COAP_SERVER_ERROR || answer->code == COAP_UNAVAILABLE)
        return command_fail("open: not opened, the gate is out of order: its memory chip does not take the "
                            "record, and nothing opens unlogged (portillon status tells more)");
    return gate_refused(gate, _("opening"), answer);
}

static void print_report(const struct gate_options *gate, const struct answer_opening *opening)
{
    const char *name = gate_name(gate);
    if (opening->seq == 0)
        printf(_("%s: open for all, the fire panel released it: nothing to open\n"), name);
    else if (opening->ahead > 0)
        printf(_("%s: somebody is passing; it opens for one more after %u (record %u of its journal)\n"),
               name, opening->ahead, opening->seq);
    else
        printf(strcmp(opening->state, "open") == 0
                   ? _("%s: open for one person (record %u of its journal)\n")
                   : _("%s: opens in a moment for one person (record %u of its journal)\n"),
               name, opening->seq);
}

static void print_json(const struct answer_opening *opening)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "state", opening->state);
    json_out_int(&json, "ahead", opening->ahead);
    json_out_int_or_null(&json, "seq", opening->seq != 0, opening->seq);
    json_out_end(&json);
}

/* Adds to the audit trail of the site's register, if there is one. The gate's own journal has the opening. */
static void note_opening(const struct gate_options *gate)
{
    char path[PATH_MAX], subject[AUDIT_SUBJECT_SIZE];
    struct store_db store = {0};
    const char *where = defaults_get("PORTILLON_STORE");
    if (where == NULL && gate->site != NULL &&
        office_register_read(gate->site, gate->command, path) == ERR_OK)
        where = path;
    if (where == NULL || !gate->has_identity)
        return;
    snprintf(subject, sizeof subject, "gate %s", gate->identity.device_id);
    if (store_schema_open_to_read(&store, where, gate->identity.site_id) == ERR_OK)
        audit_note_beside(&store, gate->command, &(struct audit_entry){"open", subject, ""});
    else
        command_note("%s: %s: that the gate was opened could not be noted: %s", gate->command, where,
                     store.db.error);
    db_close(&store.db);
}

static int open_gate(void *ctx, const struct gate_options *gate, struct link *link)
{
    struct answer_opening opening;
    struct link_answer answer;
    (void)ctx;
    int result = link_request(link, &(struct link_request){.method = LINK_POST, .path = "open"}, &answer);
    if (result != ERR_OK)
        return gate_fail(gate, link, result);
    if (answer.code != COAP_CHANGED)
        return refused(gate, &answer);
    if (answer_opening_decode(&opening, answer.data, answer.len) != ERR_OK)
        return command_fail("open: opened, but the gate's answer makes no sense: another firmware?");
    note_opening(gate);
    if (gate->as_json)
        print_json(&opening);
    else
        print_report(gate, &opening);
    return COMMAND_OK;
}

int cmd_open(int argc, char **argv)
{
    struct gate_options gate;
    const char *value;

    gate_options_init(&gate, argv[0], ROLE_TECHNICIAN);
    int parsed = gate_options_parse(&gate, &syntax, argc, argv, &value);
    if (parsed != COMMAND_PARSE_DONE)
        return command_parse_status(parsed);
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    return gate_run(&gate, open_gate, NULL);
}
