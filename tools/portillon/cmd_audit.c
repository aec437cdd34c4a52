/* SPDX-License-Identifier: Apache-2.0 */
/* portillon audit: prints the audit trail. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/private_out.h"
#include "tools/portillon/report/report_rules.h"
#include "tools/portillon/report/report_text.h"
#include "tools/portillon/report/report_time.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/site_option.h"
#include "tools/portillon/store/store_schema.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { STORE, SITE, FROM, TO, CSV, JSON, OUTPUT };

static const struct command_option options[] = {
    {"store", 0, N_("FILE"), N_("the office's store")},
    {"site", 's', N_("DIR"), N_("the site, if the store has several; its site.conf has the time zone")},
    {"from", 0, N_("DAY"), N_("the first day, 2026-11-23 or 23/11/2026 (default: the oldest entry)")},
    {"to", 0, N_("DAY"), N_("the last day (default: today)")},
    {"csv", 0, NULL, N_("as CSV for a spreadsheet")},
    {"json", 'j', NULL, N_("as JSON")},
    {"output", 'o', N_("FILE"), N_("write to a file that nobody else can read")},
    {0},
};

static const struct command_syntax syntax = {
    N_("--store FILE [--site DIR] [--from DAY] [--to DAY] [--csv | --json]"),
    N_("Prints who looked up, opened, lent, blocked and erased what, oldest first. Who: the user of the "
       "computer,\n"
       "and the name in PORTILLON_NAME if it is set. An entry has the number of a person; the name beside it "
       "is looked\n"
       "up now, and is empty for somebody who was erased."),
    options,
};

/* What entries say, for people: whole cells, and those with a number, a name or a day in them. CSV and JSON
 * have them as they are stored. */
__attribute__((unused)) static const char *const stored_words[] = {
    N_("assign"),        N_("at all gates"), N_("block"),    N_("forget"),
    N_("lend"),          N_("look_up"),      N_("open"),     N_("person_erase"),
    N_("person_export"), N_("replay"),       N_("return"),   N_("report_doubles"),
    N_("report_inside"), N_("site"),         N_("turn_off"), N_("turn_on"),
};
static const char *const stored_phrases[] = {
    N_("person %s"), N_("profile %s"), N_("card %s"),   N_("gate %s"),   N_("taken from person %s"),
    N_("until %s"),  N_("%s person"),  N_("%s people"), N_("%s record"), N_("%s records"),
};

/* Writes the phrase if the cell is it, with one word in it. */
static bool write_phrase(const char *phrase, const char *cell, char out[REPORT_WORDS_SIZE])
{
    size_t before = strcspn(phrase, "%"), after = strlen(phrase) - before - 2, len = strlen(cell);
    char value[REPORT_WORDS_SIZE];
    if (len < before + after || memcmp(cell, phrase, before) != 0 ||
        strcmp(cell + len - after, phrase + before + 2) != 0)
        return false;
    snprintf(value, sizeof value, "%.*s", (int)(len - before - after), cell + before);
    if (strchr(value, ' ') != NULL)
        return false;
    snprintf(out, REPORT_WORDS_SIZE, translate(phrase), value);
    return true;
}

static void write_part(const char *cell, char out[REPORT_WORDS_SIZE])
{
    for (size_t i = 0; i < sizeof stored_phrases / sizeof stored_phrases[0]; i++)
        if (write_phrase(stored_phrases[i], cell, out))
            return;
    snprintf(out, REPORT_WORDS_SIZE, "%s", translate(cell));
}

/* Writes "3 records and 1 person", or what is no such pair. */
static void write_words(const char *cell, char out[REPORT_WORDS_SIZE])
{
    static const char between[] = " and ";
    char first[REPORT_WORDS_SIZE], left[REPORT_WORDS_SIZE], right[REPORT_WORDS_SIZE];
    const char *second = strstr(cell, between);
    if (second == NULL) {
        write_part(cell, out);
        return;
    }
    snprintf(first, sizeof first, "%.*s", (int)(second - cell), cell);
    write_part(first, left);
    write_part(second + sizeof between - 1, right);
    snprintf(out, REPORT_WORDS_SIZE, _("%s and %s"), left, right);
}

static const struct report_column columns[] = {
    {"time", N_("Date"), NULL},        {"who", N_("Who"), NULL},
    {"what", N_("What"), write_words}, {"subject", N_("About"), write_words},
    {"person", N_("Name"), NULL},      {"detail", N_("Detail"), write_words}};
static const struct report_layout layout = {
    .name = "entries", .title = N_("Audit trail"), .columns = columns, .column_count = 6, .group_by = -1};

struct call {
    const char *command, *output, *texts[CSV];
    bool as_csv, as_json;
    struct site_rules rules;
    struct store_db store;
    struct report report;
    int64_t from_utc_s, until_utc_s;
    char made[REPORT_TIME_SIZE];
};

static int add_entry(void *ctx, const struct audit_row *row)
{
    struct call *call = ctx;
    struct report_table *table = &call->report.tables[0];
    char text[REPORT_TIME_SIZE];
    report_text(table, report_time_text(&call->rules.tables.zone, row->at_utc_s, text));
    report_text(table, row->who);
    report_text(table, row->what);
    report_text(table, row->subject);
    report_text(table, row->person);
    report_text(table, row->detail);
    return ERR_OK;
}

static bool read_day(const struct call *call, int option, int32_t days_more, int64_t *utc_s)
{
    const char *why, *text = call->texts[option];
    int32_t day;
    if (text == NULL)
        return true;
    if (civil_date_parse(text, strlen(text), &day, &why) != ERR_OK) {
        command_misuse(call->command, "--%s %s: is not a day: %s", options[option].name, text, why);
        return false;
    }
    *utc_s = report_day_start(&call->rules.tables.zone, day + days_more);
    return true;
}

static int write_out(struct call *call)
{
    report_time_text(&call->rules.tables.zone, time(NULL), call->made);
    call->report.head = (struct report_head){.name = "audit",
                                             .title = layout.title,
                                             .site = call->rules.name,
                                             .made = call->made,
                                             .time_zone = call->rules.time_zone};
    struct private_out out;
    if (private_out_open(&out, call->command, call->output, _("names of people")) != COMMAND_OK)
        return COMMAND_FAILED;
    report_write(&call->report,
                 call->as_json  ? REPORT_AS_JSON
                 : call->as_csv ? REPORT_AS_CSV
                                : REPORT_AS_TEXT,
                 out.file);
    return private_out_close(&out);
}

static int print_trail(struct call *call)
{
    call->until_utc_s = INT64_MAX;
    if (!read_day(call, FROM, 0, &call->from_utc_s) || !read_day(call, TO, 1, &call->until_utc_s))
        return COMMAND_USAGE;
    report_add(&call->report, &layout);
    int result = audit_each(&call->store, call->from_utc_s, call->until_utc_s, add_entry, call);
    if (result != ERR_OK || !report_is_whole(&call->report))
        return command_fail("%s: %s: %s", call->command, call->texts[STORE],
                            result != ERR_OK ? call->store.db.error : _("out of memory"));
    return write_out(call);
}

static int audit(struct call *call)
{
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    int status = COMMAND_FAILED;
    if (site_option_read(call->command, call->texts[SITE], site_id, &given) != ERR_OK)
        return COMMAND_FAILED;
    if (store_schema_open_to_read(&call->store, call->texts[STORE], given) != ERR_OK)
        command_fail("%s: %s: %s", call->command, call->texts[STORE], call->store.db.error);
    else if (report_rules_find(&call->rules, &call->store, call->command, call->texts[SITE]) == ERR_OK)
        status = print_trail(call);
    report_free(&call->report);
    db_close(&call->store.db);
    return status;
}

int cmd_audit(int argc, char **argv)
{
    static struct call call;
    const char *value;
    int option;
    call.command = argv[0];
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0) {
        if (option < CSV)
            call.texts[option] = value;
        call.output = option == OUTPUT ? value : call.output;
        call.as_csv |= option == CSV;
        call.as_json |= option == JSON;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (call.texts[STORE] == NULL)
        call.texts[STORE] = defaults_get("PORTILLON_STORE");
    if (call.texts[SITE] == NULL)
        call.texts[SITE] = defaults_get("PORTILLON_SITE");
    if (call.texts[STORE] == NULL)
        return command_misuse(argv[0], "--store FILE is missing");
    if (argc != optind || (call.as_csv && call.as_json))
        return argc != optind ? command_misuse(argv[0], "%s: what is that?", argv[optind])
                              : command_misuse(argv[0], "--csv or --json, not both");
    return audit(&call);
}
