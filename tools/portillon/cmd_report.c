/* SPDX-License-Identifier: Apache-2.0 */
/* portillon report: counts what the store has, for the questions that are asked afterwards. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/private_out.h"
#include "tools/portillon/common/suggest.h"
#include "tools/portillon/report/meal_tally.h"
#include "tools/portillon/report/report_inside.h"
#include "tools/portillon/report/report_meals.h"
#include "tools/portillon/report/report_methods.h"
#include "tools/portillon/report/report_page.h"
#include "tools/portillon/report/report_passages.h"
#include "tools/portillon/report/report_rules.h"
#include "tools/portillon/report/report_text.h"
#include "tools/portillon/report/report_time.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_directions.h"
#include "tools/portillon/site/site_gates.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/office_register.h"
#include "tools/portillon/store/site_option.h"
#include "tools/portillon/store/store_schema.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAYS_BEFORE 6 /* without --from: the last seven days */
#define DAYS_MAX    4000

enum { STORE, SITE, FROM, TO, GATE, TABLE, CSV, JSON, HTML, OUTPUT };

static const struct command_option options[] = {
    {"store", 0, N_("FILE"), N_("the office's store (default: the register of the site)")},
    {"site", 's', N_("DIR"), N_("the site folder: time zone and hours of the services are in its site.conf")},
    {"from", 0, N_("DAY"),
     N_("the first day, 2026-11-23 or 23/11/2026 (default: six days before the last;\nqueue: "
        "the last day)")},
    {"to", 0, N_("DAY"), N_("the last day (default: today)")},
    {"gate", 'g', N_("ID"), N_("of this gate only")},
    {"table", 0, N_("NAME"), N_("only this table of the report")},
    {"csv", 0, NULL, N_("as CSV for a spreadsheet: UTF-8, semicolons, every cell in quotes")},
    {"json", 'j', NULL, N_("as JSON")},
    {"html", 0, N_("FILE"), N_("write one page, with plots, to look at or to print")},
    {"output", 'o', N_("FILE"), N_("write text, CSV or JSON to a file that nobody else can read")},
    {0},
};

static const struct command_syntax syntax = {
    N_("[--store FILE] [--site DIR] [--from DAY] [--to DAY] [--gate ID] [--csv | --json | --html FILE] "
       "WHAT"),
    N_("Counts what the office's store has. WHAT is one of:\n"
       "  passages  by day, hour, service, gate, and refusals by reason\n"
       "  meals     by service and profile, for the bursar; also days of which the passages are forgotten\n"
       "  doubles   cards that passed two gates of the canteen in one service, more often than allowed\n"
       "  queue     passages at the canteen in each five minutes of a service\n"
       "  inside    who is in the building now, by class, for an evacuation (pull the passages first)\n"
       "  gates     gates not reached lately, list versions, clocks, damaged blocks\n"
       "  methods   how cards are known: taps of the period, and cards of each category now\n"
       "  all       all of these, without names\n"
       "\n"
       "inside and doubles name people: that they were asked for is in the audit trail (portillon audit).\n"
       "SOURCE_DATE_EPOCH stands for the present time."),
    options,
};

enum what { PASSAGES, MEALS, DOUBLES, QUEUE, INSIDE, GATES, METHODS, ALL };
static const char *const whats[] = {"passages", "meals",   "doubles", "queue", "inside",
                                    "gates",    "methods", "all",     NULL};
static const char *const titles[] = {N_("Passages"),
                                     N_("Meals served"),
                                     N_("Double passages"),
                                     N_("Queue at the canteen"),
                                     N_("Present in the school"),
                                     N_("State of the gates"),
                                     N_("How cards are known"),
                                     N_("Report of the gates")};

struct call {
    const char *command;
    const char *texts[OUTPUT + 1]; /* of the options that have one */
    bool as_csv, as_json;
    enum what what;
    int64_t now_utc_s;
    int32_t today, first_day, last_day;
    char register_path[PATH_MAX];
    struct site_rules rules;
    struct store_db store;
    struct report report;
    char made[REPORT_TIME_SIZE], from[CIVIL_DATE_TEXT_SIZE], last[CIVIL_DATE_TEXT_SIZE];
};

/* --- the call --- */

static bool has_period(enum what what)
{
    return what != INSIDE && what != GATES;
}

static int read_what(struct call *call, int argc, char **argv)
{
    if (argc - optind != 1)
        return command_misuse(call->command,
                              "say what: passages, meals, doubles, queue, inside, gates, methods or all");
    for (int i = 0; whats[i] != NULL; i++)
        if (strcmp(whats[i], argv[optind]) == 0) {
            call->what = (enum what)i;
            return COMMAND_PARSE_DONE;
        }
    const char *near = suggest_nearest(argv[optind], whats);
    if (near == NULL)
        return command_misuse(call->command, "%s: no such report", argv[optind]);
    return command_misuse(call->command, "%s: no such report; did you mean %s?", argv[optind], near);
}

static int check_call(struct call *call)
{
    const char **texts = call->texts;
    if (texts[STORE] == NULL)
        texts[STORE] = defaults_get("PORTILLON_STORE");
    if (texts[SITE] == NULL)
        texts[SITE] = defaults_get("PORTILLON_SITE");
    if (call->as_csv + call->as_json + (texts[HTML] != NULL) > 1)
        return command_misuse(call->command, "--csv, --json and --html: one of them");
    if (texts[HTML] != NULL && texts[OUTPUT] != NULL)
        return command_misuse(call->command, "--html names the file already: no --output");
    if (!has_period(call->what) && (texts[FROM] != NULL || texts[TO] != NULL || texts[GATE] != NULL))
        return command_misuse(call->command, "%s: is of now and of all gates: no --from, --to, --gate",
                              whats[call->what]);
    if (texts[STORE] == NULL && texts[SITE] == NULL)
        return command_misuse(call->command, "--store FILE or --site DIR is needed");
    return COMMAND_PARSE_DONE;
}

static int read_call(struct call *call, int argc, char **argv)
{
    const char *value;
    int option;
    call->command = argv[0];
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0) {
        call->texts[option] = value;
        call->as_csv |= option == CSV;
        call->as_json |= option == JSON;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    int status = read_what(call, argc, argv);
    return status == COMMAND_PARSE_DONE ? check_call(call) : status;
}

static bool read_day(const struct call *call, int option, int32_t otherwise, int32_t *day)
{
    const char *why, *text = call->texts[option];
    *day = otherwise;
    if (text == NULL)
        return true;
    if (civil_date_parse(text, strlen(text), day, &why) == ERR_OK && *day >= 0 && *day < UINT16_MAX)
        return true;
    command_misuse(call->command, "--%s %s: is not a day: %s", options[option].name, text,
                   *day < 0 ? _("before the year 2000") : why);
    return false;
}

static int read_days(struct call *call)
{
    call->now_utc_s = time(NULL);
    const char *epoch = defaults_get("SOURCE_DATE_EPOCH");
    char *end = NULL;
    if (epoch != NULL)
        call->now_utc_s = strtoll(epoch, &end, 10);
    if (epoch != NULL && (*end != '\0' || call->now_utc_s < 0 || call->now_utc_s > UINT32_MAX))
        return command_fail("%s: SOURCE_DATE_EPOCH=%s: not seconds since 1970", call->command, epoch);
    call->today = time_zone_local(&call->rules.tables.zone, (uint32_t)call->now_utc_s).day;
    if (!read_day(call, TO, call->today, &call->last_day) ||
        !read_day(call, FROM, call->last_day - (call->what == QUEUE ? 0 : DAYS_BEFORE), &call->first_day))
        return COMMAND_USAGE;
    if (call->first_day > call->last_day || call->last_day - call->first_day >= DAYS_MAX)
        return command_misuse(call->command, "--from must be before --to, and by less than %d days",
                              DAYS_MAX);
    return COMMAND_OK;
}

/* --- the report --- */

static int fail_store(const struct call *call, int error)
{
    return command_fail("%s: %s: %s", call->command, call->texts[STORE],
                        error == ERR_NO_SPACE ? _("there is not enough memory for so many passages")
                                              : call->store.db.error);
}

static int load(struct call *call, struct report_data *data, int64_t from_utc_s, int64_t until_utc_s)
{
    const struct report_scope scope = {&call->rules.tables, from_utc_s, until_utc_s, call->texts[GATE]};
    return report_data_load(data, &call->store, &scope);
}

static int add_meals(struct call *call, const struct report_data *data)
{
    struct meal_tally tally = {0};
    int result = meal_tally_add(&tally, data);
    if (result == ERR_OK)
        result = meal_tally_read(&tally, &call->store, call->first_day, call->last_day, call->texts[GATE]);
    if (result == ERR_OK) {
        meal_tally_merge(&tally);
        report_meals_add(&call->report, &tally);
    }
    /* The tables have copies of the names. */
    meal_tally_free(&tally);
    return result;
}

/* Adds what is asked for of a span of days. */
static int add_period(struct call *call)
{
    struct report_data data;
    const struct time_zone *zone = &call->rules.tables.zone;
    bool is_all = call->what == ALL;
    int result = load(call, &data, report_day_start(zone, call->first_day),
                      report_day_start(zone, call->last_day + 1));
    if (result == ERR_OK && call->texts[GATE] != NULL && report_data_gate(&data, call->texts[GATE]) == NULL)
        command_note("%s: %s: the store has nothing of a gate %s", call->command, call->texts[STORE],
                     call->texts[GATE]);
    if (result == ERR_OK && (is_all || call->what == PASSAGES))
        report_passages_add(&call->report, &data, call->first_day, call->last_day);
    if (result == ERR_OK && (is_all || call->what == MEALS))
        result = add_meals(call, &data);
    if (result == ERR_OK && (is_all || call->what == DOUBLES))
        report_meals_add_doubles(&call->report, &data, !is_all);
    if (result == ERR_OK && (is_all || call->what == QUEUE))
        report_passages_add_queue(&call->report, &data);
    if (result == ERR_OK && (is_all || call->what == METHODS)) {
        report_methods_add_taps(&call->report, &data);
        result = report_methods_add_cards(&call->report, &call->store);
    }
    report_data_free(&data);
    return result;
}

/* Fills in the direction of the gates that `sync` has not visited, if the site folder has them. A damaged
 * file of directions is told, and leaves them unknown. Returns ERR_OK or ERR_NO_SPACE. */
static int fill_directions(const struct call *call, struct report_data *data)
{
    struct site site = {0};
    char path[PATH_MAX];
    int error = ERR_OK;
    if (call->texts[SITE] == NULL)
        return ERR_OK;
    snprintf(site.folder, sizeof site.folder, "%s", call->texts[SITE]);
    for (size_t i = 0; i < data->gate_count && error == ERR_OK; i++) {
        struct report_gate *gate = &data->gates[i];
        enum gate_direction direction;
        site_gate_path(&site, gate->device, path);
        if (gate->direction[0] == '\0' && access(path, F_OK) == 0 &&
            site_directions_get(site.folder, call->command, gate->device, &direction) == ERR_OK)
            error = report_data_set_direction(gate, gate_direction_name(direction));
    }
    return error;
}

/* Adds what is asked for of now. */
static int add_now(struct call *call)
{
    struct report_data data;
    int64_t today = report_day_start(&call->rules.tables.zone, call->today), newest = 0;
    bool is_all = call->what == ALL;
    int result = load(call, &data, today, call->now_utc_s + 1);
    if (result == ERR_OK)
        result = fill_directions(call, &data);
    if (result == ERR_OK)
        result =
            db_ask(&call->store.db,
                   &(struct db_question){.sql = "SELECT coalesce(max(version), 0) FROM lists WHERE site = $1",
                                         .text = call->store.site},
                   &newest);
    if (result == ERR_OK && (is_all || call->what == INSIDE))
        report_inside_add(&call->report, &data, today, !is_all);
    if (result == ERR_OK && (is_all || call->what == GATES))
        report_inside_add_gates(&call->report, &data, call->now_utc_s, newest);
    report_data_free(&data);
    return result;
}

static void fill_head(struct call *call)
{
    bool is_period = has_period(call->what);
    report_time_text(&call->rules.tables.zone, call->now_utc_s, call->made);
    civil_date_format(call->first_day, call->from);
    civil_date_format(call->last_day, call->last);
    call->report.head = (struct report_head){.name = whats[call->what],
                                             .title = titles[call->what],
                                             .site = call->rules.name,
                                             .gate = call->texts[GATE],
                                             .from = is_period ? call->from : NULL,
                                             .last = is_period ? call->last : NULL,
                                             .made = call->made,
                                             .time_zone = call->rules.time_zone};
}

/* Leaves only the table that was asked for. */
static int choose_table(struct call *call)
{
    struct report chosen = {.head = call->report.head};
    const char *name = call->texts[TABLE], *names[REPORT_TABLES_MAX + 1] = {NULL};
    int found = -1;
    for (int i = 0; i < call->report.table_count; i++) {
        names[i] = call->report.tables[i].layout->name;
        found = name != NULL && strcmp(names[i], name) == 0 ? i : found;
    }
    if (name == NULL)
        return COMMAND_OK;
    const char *near = suggest_nearest(name, names);
    if (found < 0 && near == NULL)
        return command_fail("%s: --table %s: %s has no such table", call->command, name, whats[call->what]);
    if (found < 0)
        return command_fail("%s: --table %s: %s has no such table; did you mean %s", call->command, name,
                            whats[call->what], near);
    chosen.tables[0] = call->report.tables[found];
    chosen.table_count = 1;
    call->report.tables[found] = call->report.tables[--call->report.table_count];
    report_free(&call->report);
    call->report = chosen;
    return COMMAND_OK;
}

/* --- out --- */

static int write_out(const struct call *call)
{
    struct private_out out;
    const char *path = call->texts[HTML] != NULL ? call->texts[HTML] : call->texts[OUTPUT];
    if (private_out_open(&out, call->command, path, _("this report")) != COMMAND_OK)
        return COMMAND_FAILED;
    if (call->texts[HTML] != NULL)
        report_write_page(&call->report, out.file);
    else
        report_write(&call->report,
                     call->as_json  ? REPORT_AS_JSON
                     : call->as_csv ? REPORT_AS_CSV
                                    : REPORT_AS_TEXT,
                     out.file);
    return private_out_close(&out);
}

/* Notes that people were looked up. */
static void note_look_up(const struct call *call)
{
    char detail[80];
    const struct report_table *last = &call->report.tables[call->report.table_count - 1];
    if (call->what != INSIDE && call->what != DOUBLES)
        return;
    snprintf(detail, sizeof detail, "%zu %s", report_row_count(last),
             report_row_count(last) == 1 ? "person" : "people");
    audit_note_beside(
        &call->store, call->command,
        &(struct audit_entry){call->what == INSIDE ? "report_inside" : "report_doubles", "site", detail});
}

static int make_report(struct call *call)
{
    int result = ERR_OK;
    int status = read_days(call);
    if (status != COMMAND_OK)
        return status;
    if (has_period(call->what))
        result = add_period(call);
    if (result == ERR_OK && (!has_period(call->what) || call->what == ALL))
        result = add_now(call);
    if (result == ERR_OK && !report_is_whole(&call->report))
        result = ERR_NO_SPACE;
    if (result != ERR_OK)
        return fail_store(call, result);
    fill_head(call);
    note_look_up(call);
    status = choose_table(call);
    return status == COMMAND_OK ? write_out(call) : status;
}

static int find_store(struct call *call)
{
    if (call->texts[STORE] != NULL)
        return ERR_OK;
    int error = office_register_read(call->texts[SITE], call->command, call->register_path);
    if (error == ERR_NOT_FOUND)
        command_fail("%s: %s has no register yet: --store FILE names the store", call->command,
                     call->texts[SITE]);
    call->texts[STORE] = call->register_path;
    return error;
}

static int report(struct call *call)
{
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    int status = COMMAND_FAILED;
    if (find_store(call) != ERR_OK ||
        site_option_read(call->command, call->texts[SITE], site_id, &given) != ERR_OK)
        return COMMAND_FAILED;
    if (store_schema_open_to_read(&call->store, call->texts[STORE], given) != ERR_OK)
        fail_store(call, ERR_IO);
    else if (report_rules_find(&call->rules, &call->store, call->command, call->texts[SITE]) == ERR_OK)
        status = make_report(call);
    report_free(&call->report);
    db_close(&call->store.db);
    return status;
}

int cmd_report(int argc, char **argv)
{
    static struct call call;
    int status = read_call(&call, argc, argv);
    return status == COMMAND_PARSE_DONE ? report(&call) : status;
}
