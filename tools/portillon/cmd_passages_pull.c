/* SPDX-License-Identifier: Apache-2.0 */
/* portillon passages pull: pulls a gate's records into a database. */
#include <getopt.h>
#include <stdio.h>

#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/gate/clock_visit.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/pull_report.h"
#include "tools/portillon/gate/pull_session.h"

#define STATUS_ODD 3 /* the records were pulled, but something did not fit */

enum { OPTION_STORE = GATE_OPTION_COUNT };

static const struct command_option options[] = {
    GATE_OPTIONS_OF_SITE,
    {"store", 'o', N_("FILE"), N_("the SQLite file, made if it is not there; any number of gates")},
    {"no-clock", 0, NULL, N_("leave the gate's clock alone")},
    {"json", 'j', NULL, N_("print a summary as JSON")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("--port DEV --site DIR [--gate ID] --store FILE"),
    .details = N_(
        "Fetches the records this store does not have yet, checks each with the gate's journal key, and\n"
        "acknowledges what is safely stored; the gate may erase that later. Run it again at any time,\n"
        "after any interruption: nothing is stored twice or lost. The tables are described in\n"
        "tools/portillon/README.md; sqlite3 FILE 'select * from passages' shows them.\n"
        "\n"
        "The site folder is needed, because the journal key is in it; the key file of a role is not enough.\n"
        "\n"
        "It also confirms the gate's clock from this computer's, which it otherwise stops trusting after\n"
        "clock_days; not when the two are more than five minutes apart: then it says so, and you decide\n"
        "(portillon clock set).\n"
        "\n"
        "Exit status: 0 pulled, 1 not, and why is said, 2 wrong call, 3 pulled, but some records\n"
        "were forged, unreadable, missing or in conflict, or the gate has another journal than before\n"
        "(table anomalies), 130 interrupted."),
    .options = options,
};

static void put_clock(struct json_out *json, const struct clock_visit *visit)
{
    static const char *const words[] = {"left", "set", "too_far", "computer_wrong"};
    if (!visit->asked) {
        json_out_null(json, "clock");
        return;
    }
    json_out_object(json, "clock");
    json_out_text(json, "was", visit->before.gate.clock);
    json_out_int_or_null(json, "drift_s", gate_clock_shows_time(&visit->before),
                         gate_clock_ahead_s(&visit->before));
    json_out_text(json, "outcome", words[visit->outcome]);
    json_out_end(json);
}

static void print_summary(const struct pull_session *pull)
{
    const struct pull_counts *counts = &pull->counts;
    printf(translate_count(counts->stored, "%s: %u new record", "%s: %u new records"),
           pull->gate->identity.name, counts->stored);
    printf(_(": %u granted, %u refused"), counts->granted, counts->refused);
    printf(translate_count(counts->closed, ", %u closing", ", %u closings"), counts->closed);
    printf(translate_count(counts->events, ", %u event", ", %u events"), counts->events);
    if (pull->covered > 0)
        printf(_("; stored and acknowledged up to number %u"), pull->covered);
    printf("\n");
}

static void print_json(const struct pull_session *pull, const struct clock_visit *visit)
{
    const struct pull_counts *counts = &pull->counts;
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "device", pull->gate->identity.device_id);
    json_out_int(&json, "new", counts->stored);
    json_out_int(&json, "granted", counts->granted);
    json_out_int(&json, "refused", counts->refused);
    json_out_int(&json, "closed", counts->closed);
    json_out_int(&json, "events", counts->events);
    json_out_int(&json, "forged", counts->forged);
    json_out_int(&json, "unreadable", counts->unreadable);
    json_out_int(&json, "corrected", counts->corrected);
    json_out_int(&json, "missing", counts->missing);
    json_out_int(&json, "conflicts", counts->conflicts);
    json_out_int(&json, "dropped_by_gate", counts->dropped);
    json_out_bool(&json, "dropped_more", counts->uncounted > 0);
    json_out_int(&json, "covered", pull->covered);
    json_out_int(&json, "acknowledged", pull->acknowledged);
    json_out_int(&json, "tail", pull->tail);
    json_out_int(&json, "head", pull->head);
    json_out_int(&json, "run", pull->memory.run);
    json_out_bool(&json, "other_journal", pull->journal != PULL_JOURNAL_KNOWN);
    put_clock(&json, visit);
    json_out_decimal(&json, "seconds", (double)pull->total_us / 1e6);
    json_out_end(&json);
}

struct job {
    struct pull_session pull;
    struct clock_visit visit;
    bool with_clock;
};

static int pull_records(void *ctx, const struct gate_options *gate, struct link *link)
{
    struct job *job = ctx;
    struct pull_session *pull = &job->pull;
    pull->link = link;
    int status = job->with_clock ? clock_visit(gate, link, &job->visit) : COMMAND_OK;
    if (status != COMMAND_OK)
        return status;
    status = pull_session_run(pull);
    pull_report_note(pull);
    if (status == COMMAND_OK && gate->as_json)
        print_json(pull, &job->visit);
    else if (status == COMMAND_OK)
        print_summary(pull);
    else if (pull->counts.stored > 0)
        command_note(translate_count(pull->counts.stored,
                                     "passages pull: %u new record is stored; the same command goes on",
                                     "passages pull: %u new records are stored; the same command goes on"),
                     pull->counts.stored);
    return status == COMMAND_OK && pull_report_is_odd(pull) ? STATUS_ODD : status;
}

static int pull_into(const struct gate_options *gate, const char *path, bool with_clock)
{
    struct passage_store store;
    crypto_mac mac;
    struct job job = {.pull = {.gate = gate, .store = &store, .store_path = path, .mac = &mac},
                      .with_clock = with_clock};

    if (passage_store_open(&store, path, &gate->identity) != ERR_OK) {
        command_fail("passages pull: %s: %s", path, passage_store_error(&store));
        passage_store_close(&store);
        return COMMAND_FAILED;
    }
    if (crypto_mac_init(&mac, gate->identity.journal_key) != ERR_OK) {
        passage_store_close(&store);
        return command_fail("passages pull: the crypto library failed");
    }
    int status = gate_session(gate, pull_records, &job);
    crypto_mac_free(&mac);
    passage_store_close(&store);
    return status;
}

int cmd_passages_pull(int argc, char **argv)
{
    struct gate_options gate;
    const char *value, *path = NULL;
    bool with_clock = true;
    int index;

    gate_options_init(&gate, argv[0], ROLE_MAINTENANCE);
    while ((index = gate_options_parse(&gate, &syntax, argc, argv, &value)) >= 0) {
        if (index == OPTION_STORE)
            path = value;
        else
            with_clock = false;
    }
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    if (path == NULL)
        path = defaults_get("PORTILLON_STORE");
    if (path == NULL)
        return command_misuse(argv[0], "where to? --store FILE is missing");
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    int status = gate_options_finish(&gate, true);
    if (status == COMMAND_OK)
        status = pull_into(&gate, path, with_clock);
    gate_options_close(&gate);
    return status;
}
