/* SPDX-License-Identifier: Apache-2.0 */
/* portillon replay: what other rules, or another list, would have answered to the stored taps. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/step_times.h"
#include "tools/portillon/replay/replay_report.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules_file.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/store_schema.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_S     86400
#define YEAR_2000 946684800

enum { STORE, SITE, FROM, TO, RULES, LIST, CSV, VERBOSE, JSON };

static const struct command_option options[] = {
    {"store", 0, N_("FILE"), N_("the office's store")},
    {"site", 's', N_("DIR"), N_("the site folder")},
    {"from", 'f', N_("DATE"), N_("the first day, as 2026-11-23 or 23/11/2026")},
    {"to", 't', N_("DATE"), N_("the last day (default: today)")},
    {"rules", 'r', N_("FILE"), N_("other rules: a site.conf, or a folder with one")},
    {"list", 'l', N_("LIST"), N_("another list, with its cards and, without --rules, its rules")},
    {"csv", 'c', NULL, N_("one row for each pupil and change of the outcome, for a spreadsheet")},
    {"verbose", 'v', NULL, N_("say how long each step took")},
    {"json", 'j', NULL, N_("as JSON")},
    {0},
};

static const struct command_syntax syntax = {
    N_("--store FILE --site DIR --from DATE [--to DATE] [--rules site.conf] [--list LIST]"),
    N_("Runs the stored taps of all gates through the policy of a gate again, with other rules or another "
       "list,\n"
       "and names each pupil whose outcome would change, by the rule. Nothing is changed. With --rules, the\n"
       "cards keep the profile, the days of meals and the dates of the list that was in force: words of the\n"
       "school's files (called = ...) act at the next build. Without --rules and --list it compares what "
       "the\n"
       "gates logged with the lists that were in force. Groups that were turned off at a gate stay off."),
    options,
};

struct call {
    const char *command;
    const char *store_path, *site_folder, *from, *to, *rules_path, *list_path;
    bool as_csv, as_json;
    struct site site;
    struct store_db store;
    struct list_open list;
    uint16_t first_day, last_day;
    struct step_times times;
};

static struct site_rules site_rules, other_rules;

static void take_option(struct call *call, int option, const char *value)
{
    const char **const texts[] = {
        [STORE] = &call->store_path, [SITE] = &call->site_folder, [FROM] = &call->from, [TO] = &call->to,
        [RULES] = &call->rules_path, [LIST] = &call->list_path};
    if (option == CSV)
        call->as_csv = true;
    else if (option == VERBOSE)
        call->times.shown = true;
    else if (option == JSON)
        call->as_json = true;
    else
        *texts[option] = value;
}

/* --- the days --- */

/* Returns the second at which a day begins in the local time. */
static int64_t day_begin_s(const struct time_zone *zone, uint16_t day)
{
    int64_t local_s = YEAR_2000 + (int64_t)day * DAY_S;
    int64_t utc_s = local_s - time_zone_offset_s(zone, (uint32_t)local_s);
    return local_s - time_zone_offset_s(zone, (uint32_t)utc_s);
}

static int read_day(const struct call *call, const char *option, const char *text, uint16_t *day)
{
    const char *why;
    int32_t number;
    if (text == NULL) {
        *day = time_zone_local(&site_rules.tables.zone, (uint32_t)time(NULL)).day;
        return ERR_OK;
    }
    int error = civil_date_parse(text, strlen(text), &number, &why);
    if (error == ERR_OK && (number < 0 || number >= UINT16_MAX)) {
        why = _("is not a day of this century");
        error = ERR_FORMAT;
    }
    if (error != ERR_OK)
        command_fail("%s: --%s %s: %s", call->command, option, text, why);
    *day = (uint16_t)number;
    return error;
}

static int read_days(struct call *call)
{
    int error = read_day(call, "from", call->from, &call->first_day);
    if (error == ERR_OK)
        error = read_day(call, "to", call->to, &call->last_day);
    if (error == ERR_OK && call->last_day < call->first_day) {
        command_fail("%s: --from is after --to", call->command);
        return ERR_ARGUMENT;
    }
    return error;
}

/* --- the work --- */

static int open_store(struct call *call)
{
    int error = store_schema_open_to_read(&call->store, call->store_path, call->site.site_id);
    if (error != ERR_OK)
        command_fail("%s: %s: %s", call->command, call->store_path, call->store.db.error);
    return error;
}

static int open_rules(struct call *call)
{
    int error = site_rules_read(&site_rules, call->command, call->site_folder);
    if (error == ERR_OK && call->rules_path != NULL)
        error = site_rules_read(&other_rules, call->command, call->rules_path);
    if (error == ERR_OK && call->list_path != NULL)
        error = list_open(&call->list, call->command, call->list_path, call->site.public_key);
    return error == ERR_OK ? read_days(call) : error;
}

static void report(const struct call *call, const struct replay *replay, const struct replay_pupils *pupils)
{
    const struct replay_report report = {.replay = replay,
                                         .pupils = pupils,
                                         .zone = &site_rules.tables.zone,
                                         .store = call->store_path,
                                         .rules = call->rules_path,
                                         .list = call->list_path,
                                         .first_day = call->first_day,
                                         .last_day = call->last_day};
    if (call->as_json)
        replay_report_json(&report, stdout);
    else if (call->as_csv)
        replay_report_csv(&report, stdout);
    else
        replay_report_text(&report, stdout);
}

/* Adds to the audit trail that people were named. */
static void note_look_up(const struct call *call, const struct replay_pupils *pupils)
{
    char detail[40];
    snprintf(detail, sizeof detail, "%zu %s", pupils->people, pupils->people == 1 ? "person" : "people");
    if (pupils->people != 0)
        audit_note_beside(&call->store, call->command, &(struct audit_entry){"replay", "site", detail});
}

static int replay_taps(struct call *call)
{
    const struct time_zone *zone = &site_rules.tables.zone;
    struct replay_job job = {.store = &call->store,
                             .key = call->site.public_key,
                             .list = call->list_path != NULL ? &call->list : NULL,
                             .tables = call->rules_path != NULL ? &other_rules.tables : NULL,
                             .from_utc_s = day_begin_s(zone, call->first_day),
                             .to_utc_s = day_begin_s(zone, (uint16_t)(call->last_day + 1))};
    struct replay replay;
    struct replay_pupils pupils = {0};
    int error = replay_run(&job, &replay);
    step_times_end(&call->times, _("replaying"));
    if (error == ERR_OK && replay.gate_count == 0)
        command_note("%s: %s: has no records of this site from these days", call->command, call->store_path);
    if (error == ERR_OK)
        error = replay_pupils_find(&pupils, &replay, &call->store);
    step_times_end(&call->times, _("naming"));
    if (error == ERR_OK) {
        note_look_up(call, &pupils);
        report(call, &replay, &pupils);
    } else {
        command_fail("%s: %s: %s", call->command, call->store_path,
                     error == ERR_NO_SPACE ? _("out of memory") : call->store.db.error);
    }
    replay_pupils_free(&pupils);
    replay_free(&replay);
    return error;
}

static int run(struct call *call)
{
    if (site_open(&call->site, call->command, call->site_folder) != ERR_OK)
        return COMMAND_FAILED;
    int error = open_rules(call);
    if (error == ERR_OK)
        error = open_store(call);
    step_times_end(&call->times, _("opening"));
    if (error == ERR_OK)
        error = replay_taps(call);
    db_close(&call->store.db);
    list_open_free(&call->list);
    site_close(&call->site);
    step_times_finish(&call->times);
    return error == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

int cmd_replay(int argc, char **argv)
{
    static struct call call;
    const char *value;
    int option;
    call.command = argv[0];
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0)
        take_option(&call, option, value);
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (call.store_path == NULL)
        call.store_path = defaults_get("PORTILLON_STORE");
    if (call.site_folder == NULL)
        call.site_folder = defaults_get("PORTILLON_SITE");
    if (argc != optind)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    if (call.store_path == NULL || call.site_folder == NULL || call.from == NULL)
        return command_misuse(argv[0], "--store, --site and --from are needed");
    if (call.as_csv && call.as_json)
        return command_misuse(argv[0], "--csv and --json exclude each other");
    step_times_start(&call.times, call.times.shown);
    return run(&call);
}
