/* SPDX-License-Identifier: Apache-2.0 */
/* portillon sync: keeps all gates of a site current, all at once. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/gate/serial_port.h"
#include "tools/portillon/list/list_loss.h"
#include "tools/portillon/store/site_option.h"
#include "tools/portillon/store/store_schema.h"
#include "tools/portillon/sync/sync_lock.h"
#include "tools/portillon/sync/sync_station.h"

enum {
    OPTION_SITE,
    OPTION_STORE,
    OPTION_PORT,
    OPTION_WATCH,
    OPTION_EVERY,
    OPTION_BAUD,
    OPTION_TIMEOUT,
    OPTION_NO_CLOCK,
    OPTION_JSON,
    OPTION_ACCEPT_REMOVALS,
};

static const struct command_option options[] = {
    {"site", 's', N_("DIR"), N_("the site folder: its gates are the ones that are visited")},
    {"store", 'o', N_("FILE"), N_("the store, or the URL of a PostgreSQL server (postgresql://...)")},
    {"port", 'p', N_("GATE=DEV"),
     N_("the line of a gate: a device, or udp:HOST:PORT. May be given for each gate")},
    {"watch", 'w', NULL, N_("stay, and follow the gates until Ctrl-C")},
    {"every", 0, N_("SECONDS"), N_("with --watch: how often each gate is asked (default 2)")},
    {"baud", 'b', N_("RATE"), N_("bits a second on the lines (default 115200)")},
    {"timeout", 't', N_("SECONDS"), N_("how long to wait for an answer (default 5)")},
    {"no-clock", 0, NULL, N_("leave the gates' clocks alone")},
    {"json", 'j', NULL, N_("print the results as JSON")},
    LIST_LOSS_OPTION,
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("--site DIR --store FILE [--port GATE=DEV]... [--watch]"),
    .details =
        N_("Visits all gates of the site at the same time. Each gate gets the time, the newest list\n"
           "(DIR/whitelist.list) and the groups turned off or on for all gates (profiles --all-gates); its\n"
           "passages are stored and then acknowledged. A gate that fails holds no other up. What is\n"
           "interrupted goes on with the same command; nothing is stored twice.\n"
           "\n"
           "The line of a gate is the one of --port, else the one in DIR/ports (a line \"GATE DEV\"\n"
           "each, DEV \"-\": this gate is left out), else /dev/portillon-GATE. udp:HOST:PORT is a gate\n"
           "behind a serial server that passes the bytes of the line as UDP datagrams, both ways.\n"
           "\n"
           "With --watch it stays: passages are stored as they happen, a new list is sent as soon as it is\n"
           "built, each gate of the canteen is told who ate at the others, and a gate that was unplugged is\n"
           "taken up again when it is back.\n"
           "\n"
           "Exit status: 0 all is well, 1 something is not with some gate, and what to do is said, 2 wrong\n"
           "call, 130 interrupted (also the end of --watch)."),
    .options = options,
};

struct call {
    struct sync_job job;
    struct sync_plan plan;
    const char *ports[SITE_GATES_MAX];
    int port_count;
    bool as_json;
};

/* Takes one option. Returns false after printing the error. */
static bool take_option(struct call *call, int index, const char *value)
{
    struct sync_job *job = &call->job;
    switch (index) {
    case OPTION_SITE:
        job->site = value;
        return true;
    case OPTION_STORE:
        job->store = value;
        return true;
    case OPTION_PORT:
        if (call->port_count < SITE_GATES_MAX)
            call->ports[call->port_count++] = value;
        return true;
    case OPTION_WATCH:
        job->watches = true;
        return true;
    case OPTION_EVERY:
        return command_number(job->command, "every", value, 1, 3600, &job->every_s);
    case OPTION_BAUD:
        return command_number(job->command, "baud", value, 9600, 3000000, &job->baud);
    case OPTION_TIMEOUT:
        return command_number(job->command, "timeout", value, 1, 3600, &job->timeout_s);
    case OPTION_NO_CLOCK:
        job->sets_clock = false;
        return true;
    case OPTION_JSON:
        call->as_json = true;
        return true;
    default:
        job->accepts_removals = true;
        return true;
    }
}

/* Finds the gates and their lines. */
static int make_plan(struct call *call)
{
    const struct sync_job *job = &call->job;
    int status = sync_plan_start(&call->plan, job->command, job->site);
    if (status == COMMAND_OK)
        status = sync_plan_take_file(&call->plan, job->command, job->site);
    for (int i = 0; i < call->port_count && status == COMMAND_OK; i++)
        status = sync_plan_take_option(&call->plan, job->command, call->ports[i]);
    return status == COMMAND_OK ? sync_plan_check(&call->plan, job->command) : status;
}

/* Makes the store, or brings it up to date, before the gates' processes use it. */
static int check_store(const struct sync_job *job)
{
    struct store_db store;
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    if (site_option_read(job->command, job->site, site_id, &given) != ERR_OK)
        return COMMAND_FAILED;
    int result = store_schema_open(&store, job->store, given);
    if (result != ERR_OK)
        command_fail("%s: %s: %s; no gate was visited", job->command, job->store, store.db.error);
    db_close(&store.db);
    return result == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

static void print_json(const struct sync_station *station)
{
    struct json_out json;
    int failed = 0;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_array(&json, "gates");
    for (int i = 0; i < station->count; i++) {
        sync_gate_put(&station->gates[i], &json);
        failed += !sync_gate_is_well(&station->gates[i]);
    }
    json_out_end(&json);
    json_out_int(&json, "failed", failed);
    json_out_end(&json);
}

static void print_summary(const struct sync_station *station)
{
    int well = 0;
    unsigned records = 0;
    for (int i = 0; i < station->count; i++) {
        well += sync_gate_is_well(&station->gates[i]);
        records += station->gates[i].passages;
    }
    if (station->job->watches) {
        printf(translate_count(records, "ended: %u new record was stored\n",
                               "ended: %u new records were stored\n"),
               records);
        return;
    }
    printf(translate_count((unsigned)station->count, "%d of %d gate up to date", "%d of %d gates up to date"),
           well, station->count);
    printf(translate_count(records, ", %u new record\n", ", %u new records\n"), records);
}

static int visit_gates(struct call *call)
{
    static struct sync_station station;
    sync_station_start(&station, &call->job, &call->plan);
    station.prints_lines = !call->as_json && !call->job.watches;
    if (station.count == 0)
        return command_fail("%s: every gate is left out in %s/%s", call->job.command, call->job.site,
                            SYNC_PORTS_FILE);
    int status = sync_station_run(&station);
    if (call->as_json)
        print_json(&station);
    else
        print_summary(&station);
    return status;
}

int cmd_sync(int argc, char **argv)
{
    static struct call call;
    struct sync_job *job = &call.job;
    const char *value;
    int index;
    *job = (struct sync_job){.command = argv[0],
                             .baud = SERIAL_PORT_DEFAULT_BAUD,
                             .timeout_s = 5,
                             .every_s = 2,
                             .sets_clock = true};
    while ((index = command_parse(&syntax, argc, argv, &value)) >= 0)
        if (!take_option(&call, index, value))
            return COMMAND_USAGE;
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    job->site = job->site != NULL ? job->site : defaults_get("PORTILLON_SITE");
    job->store = job->store != NULL ? job->store : defaults_get("PORTILLON_STORE");
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    if (job->site == NULL || job->store == NULL)
        return command_misuse(argv[0],
                              job->site == NULL ? _("--site DIR is missing") : _("--store FILE is missing"));
    if (job->watches && call.as_json)
        return command_misuse(argv[0], "--watch has no end that --json could tell of: one of them");
    int status = make_plan(&call);
    if (status == COMMAND_OK)
        status = sync_lock_take(argv[0], job->site);
    if (status == COMMAND_OK)
        status = check_store(job);
    return status == COMMAND_OK ? visit_gates(&call) : status;
}
