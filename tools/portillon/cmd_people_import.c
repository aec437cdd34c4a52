/* SPDX-License-Identifier: Apache-2.0 */
/* portillon people import, cards import: brings the school's files into the register of a site. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/shell_line.h"
#include "tools/portillon/common/yes_no.h"
#include "tools/portillon/csv/school_files.h"
#include "tools/portillon/list/list_loss.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules_file.h"
#include "tools/portillon/store/change_report.h"
#include "tools/portillon/store/office_merge.h"
#include "tools/portillon/store/office_register.h"
#include "tools/portillon/store/register_import.h"
#include "tools/portillon/store/register_list.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    SITE,
    STORE,
    APPLY,
    ALL,
    ON,
    JSON,
    FILES, /* the options of school_files.h */
    PART = FILES + SCHOOL_FILES_OPTION_COUNT,
    REMOVALS,
};

#define COMMON_OPTIONS                                                                                       \
    {"site", 's', N_("DIR"), N_("the site folder: its key turns card numbers into tags")},                   \
        {"store", 0, N_("FILE"),                                                                             \
         N_("the office's store, which is the register (a file, or postgresql://...)")},                     \
        {"apply", 0, NULL, N_("make the changes without asking")},                                           \
        {"all", 'a', NULL, N_("list everybody, not only the first names of each kind of change")},           \
        {"on", 0, N_("DATE"), N_("who has left is judged on this day (default: today)")},                    \
        {"json", 'j', NULL, N_("as JSON, with everybody")}, SCHOOL_FILES_OPTIONS

static const struct command_option people_options[] = {
    COMMON_OPTIONS,
    {"part", 0, NULL, N_("the files are a part of the school (the staff, a class): nobody leaves")},
    {"accept-removals", 0, NULL, N_("go on although more than a tenth of the people leave")},
    {0},
};
static const struct command_option cards_options[] = {COMMON_OPTIONS, {0}};

static const struct command_syntax people_syntax = {
    N_("FILE... --site DIR --store FILE [--part]"),
    N_("Brings the people of the school into the register: ElevesSansAdresses.xml of SIECLE, in its zip or "
       "not, or\n"
       "CSV, workbooks and pages with a table, with columns as for whitelist build; the card may be missing. "
       "The\n"
       "files together are the whole school: whoever is in none of them has left. People are known by the "
       "id\n"
       "(INE), otherwise by name and class; who changed class is found again by card, or by a name that "
       "nobody\n"
       "else has. Shows what would change, asks, and makes all changes\n"
       "or none. Without a terminal it needs --apply. The list then comes from portillon whitelist build\n"
       "DIR --store FILE."),
    people_options,
};
static const struct command_syntax cards_syntax = {
    N_("FILE... --site DIR --store FILE"),
    N_("Gives people of the register their cards: a file with a column for the card and INE, or Nom and "
       "Prénom (and\n"
       "Classe). Another card that an earlier file gave the same person ends; cards given at the desk stay.\n"
       "A row with a profile of its own may be of somebody new. Shows what would change, asks, and makes all "
       "changes\n"
       "or none. Without a terminal it needs --apply. The list then comes from portillon whitelist build\n"
       "DIR --store FILE."),
    cards_options,
};

struct call {
    const char *command;
    const char *site_folder, *store_path;
    bool applies, shows_all, accepts_removals, as_json, is_part;
    int status; /* of a call that cannot continue */
    uint16_t today;
    struct school_files files;
    struct site site;
    struct people_store store;
    struct people_snapshot before, after;
    struct register_list_counts counts;
    int64_t moved;
};

static struct site_rules rules;

/* --- options --- */

static bool take_day(struct call *call, const char *value)
{
    const char *why;
    int32_t day;
    bool good = civil_date_parse(value, strlen(value), &day, &why) == ERR_OK;
    if (!good)
        command_misuse(call->command, "--on %s: %s", value, why);
    else if (day < 0 || day >= WHITELIST_NO_LAST_DAY)
        command_misuse(call->command, "--on %s: not a day from 2000 to 2179", value);
    call->today = (uint16_t)day;
    return good && day >= 0 && day < WHITELIST_NO_LAST_DAY;
}

static bool take_flag(struct call *call, int option)
{
    bool *const flags[] = {[APPLY] = &call->applies,
                           [ALL] = &call->shows_all,
                           [REMOVALS] = &call->accepts_removals,
                           [JSON] = &call->as_json,
                           [PART] = &call->is_part};
    *flags[option] = true;
    return true;
}

static bool take_option(struct call *call, int option, const char *value)
{
    switch (option) {
    case SITE:
        call->site_folder = value;
        return true;
    case STORE:
        call->store_path = value;
        return true;
    case ON:
        return take_day(call, value);
    case APPLY:
    case ALL:
    case REMOVALS:
    case JSON:
    case PART:
        return take_flag(call, option);
    default:
        call->status = school_files_take(&call->files, (enum school_files_option)(option - FILES), value);
        return call->status == COMMAND_OK;
    }
}

static bool take_files(struct call *call, int argc, char **argv)
{
    for (int i = optind; i < argc; i++)
        if (!school_files_add(&call->files, argv[i]))
            return false;
    if (argc == optind)
        command_misuse(call->command, "a file of the school is needed");
    return argc != optind;
}

/* Reads the command line. Returns COMMAND_PARSE_DONE or the exit status. */
static int read_call(struct call *call, const struct command_syntax *syntax, int argc, char **argv)
{
    const char *value;
    struct tm local;
    time_t now = time(NULL);
    int option;
    localtime_r(&now, &local);
    call->command = call->files.command = argv[0];
    call->today = (uint16_t)civil_date_day(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
    while ((option = command_parse(syntax, argc, argv, &value)) >= 0) {
        call->status = COMMAND_USAGE;
        if (!take_option(call, option, value))
            return call->status;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (!take_files(call, argc, argv))
        return COMMAND_USAGE;
    if (call->site_folder == NULL)
        call->site_folder = defaults_get("PORTILLON_SITE");
    if (call->store_path == NULL)
        call->store_path = defaults_get("PORTILLON_STORE");
    return call->site_folder != NULL && call->store_path != NULL
               ? COMMAND_PARSE_DONE
               : command_misuse(argv[0], "--site and --store are needed");
}

/* --- the work, inside a transaction --- */

static int fail_store(const struct call *call, int error)
{
    if (error == ERR_IO || error == ERR_BUSY)
        command_fail("%s: %s: %s", call->command, call->store_path, people_store_error(&call->store));
    else if (error == ERR_NO_SPACE)
        command_fail("%s: out of memory", call->command);
    return error;
}

/* Returns the time under which people are stored. Two imports in one second must not share it: the second one
 * waits for the next. It must not be in the future either, or a list that is built at once would look older
 * than the people in it. */
static int choose_time(struct call *call, int64_t *utc_s)
{
    static const struct timespec moment = {.tv_nsec = 20000000};
    struct people_counts counts;
    int error = people_store_count(&call->store, call->today, 0, &counts);
    while ((*utc_s = time(NULL)) == counts.newest_utc_s && error == ERR_OK)
        nanosleep(&moment, NULL);
    return error;
}

static int take_rows(struct call *call, struct register_import *intake)
{
    int error = choose_time(call, &intake->utc_s);
    if (error == ERR_OK)
        error = register_import_begin(intake);
    if (error == ERR_OK && call->is_part)
        error = register_import_join(intake, call->store_path);
    if (error == ERR_OK)
        error = school_files_import(&call->files, intake->import);
    if (error == ERR_OK && intake->people == 0 && intake->import->report.error_count == 0)
        import_report_error(&intake->import->report, call->files.files[0].name, 0,
                            call->is_part ? _("is of nobody in the register, and names nobody new")
                                          : _("names nobody: a column Nom, or INE, is needed"));
    return error;
}

/* Checks that the register gives the same list as the files, and what the office has noted about cards. */
static int check_register(struct call *call, struct csv_import *import)
{
    struct office_merge_counts ignored;
    int error = import->report.error_count == 0
                    ? register_list_compare(&call->store, call->store_path, import, &call->counts)
                    : ERR_OK;
    if (error == ERR_OK)
        csv_import_finish(import);
    return error == ERR_OK && import->report.error_count == 0
               ? office_merge(&call->store, call->store_path, import, call->today, &ignored)
               : error;
}

static int import_all(struct call *call, struct csv_import *import)
{
    struct register_import intake = {.store = &call->store, .import = import, .whole = !call->is_part};
    call->files.options.on_person = register_import_person;
    call->files.options.person_ctx = &intake;
    int error = people_snapshot_take(&call->before, &call->store);
    if (error == ERR_OK)
        error = take_rows(call, &intake);
    if (error == ERR_OK)
        error = register_import_end(&intake, &call->moved);
    register_import_free(&intake);
    if (error == ERR_OK)
        error = check_register(call, import);
    return error == ERR_OK ? people_snapshot_take(&call->after, &call->store) : error;
}

/* Makes the changes in a transaction, which stays open, and takes snapshots of before and after. Prints each
 * error, and notes if they are wanted. */
static int make_changes(struct call *call, bool shows_notes)
{
    static struct csv_import import;
    csv_import_init(&import, &call->files.options, call->site.tag_key);
    people_snapshot_free(&call->before);
    people_snapshot_free(&call->after);
    if (shows_notes)
        school_files_load(&call->files, &import.report);
    int error = people_store_begin(&call->store);
    if (error == ERR_OK)
        error = import_all(call, &import);
    fail_store(call, error);
    if (shows_notes || import.report.error_count != 0)
        import_report_print(&import.report);
    if (error == ERR_OK && import.report.error_count != 0) {
        command_fail(translate_count(import.report.error_count, "%s: %" PRIu64 " error: nothing was changed",
                                     "%s: %" PRIu64 " errors: nothing was changed"),
                     call->command, import.report.error_count);
        error = ERR_FORMAT;
    }
    csv_import_free(&import);
    return error;
}

/* --- the answer --- */

static void say_text(const struct call *call)
{
    change_report_text(&call->before, &call->after, call->shows_all);
    if (change_report_count(&call->before, &call->after) == 0)
        printf(_("nothing changes\n"));
    printf(translate_count(call->after.present,
                           "%s: %zu person in the school, %" PRIu32 " of them without a card\n",
                           "%s: %zu people in the school, %" PRIu32 " of them without a card\n"),
           call->store_path, call->after.present, call->counts.without_card);
}

static void say_json(const struct call *call, bool applied)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_bool(&json, "applied", applied);
    json_out_int(&json, "people", (int64_t)call->after.present);
    json_out_int(&json, "people_before", (int64_t)call->before.present);
    json_out_int(&json, "without_card", call->counts.without_card);
    json_out_int(&json, "found_in_another_class", call->moved);
    change_report_json(&call->before, &call->after, &json);
    json_out_end(&json);
}

/* Returns false, and says why, if too many would leave. */
static bool may_leave(const struct call *call)
{
    const struct list_loss loss = {
        .before = (uint32_t)call->before.present,
        .left = (uint32_t)people_change_each(&call->before, &call->after, PEOPLE_CHANGE_LEAVES, NULL, NULL)};
    if (call->accepts_removals || !list_loss_is_large(&loss))
        return true;
    command_fail(
        translate_count(loss.before,
                        "%s: %" PRIu32 " of %" PRIu32
                        " person would leave: is a file missing, or is it not the whole school (--part)? If "
                        "this is meant: --accept-removals. Nothing was changed",
                        "%s: %" PRIu32 " of %" PRIu32
                        " people would leave: is a file missing, or is it not the whole school (--part)? If "
                        "this is meant: --accept-removals. Nothing was changed"),
        call->command, loss.left, loss.before);
    return false;
}

/* Returns true if the changes that were shown are to be made. */
static bool is_wanted(const struct call *call)
{
    if (call->applies)
        return true;
    if (!call->as_json && yes_no_ask(_("Make these changes?")))
        return true;
    command_fail(yes_no_can_ask() && !call->as_json
                     ? _("%s: nothing was changed")
                     : _("%s: nothing was changed (--apply makes the changes)"),
                 call->command);
    return false;
}

/* Makes the changes again, because nobody else's work should wait for an answer, and commits them if they are
 * those that were shown. */
static int apply(struct call *call)
{
    size_t shown = change_report_count(&call->before, &call->after);
    int error = make_changes(call, false);
    if (error == ERR_OK && change_report_count(&call->before, &call->after) != shown) {
        command_fail("%s: %s was changed by others meanwhile: nothing was changed, look again", call->command,
                     call->store_path);
        error = ERR_BUSY;
    } else if (error == ERR_OK) {
        error = fail_store(call, people_store_commit(&call->store));
    }
    if (error != ERR_OK)
        people_store_rollback(&call->store);
    return error == ERR_OK ? office_register_note(&call->site, call->command, call->store_path) : error;
}

/* Without a card no list can be made. */
static void say_next(const struct call *call, bool changes)
{
    const char *const build[] = {"whitelist", "build", call->site_folder, "--store", call->store_path, NULL};
    const char *const give[] = {"card",    "assign",         "--pile", "--site", call->site_folder,
                                "--store", call->store_path, NULL};
    bool has_cards = call->counts.without_card < call->after.present;
    shell_line_print(changes ? _("done; next:\n  ") : _("next:\n  "), has_cards ? build : give);
    if (!has_cards)
        command_note("%s: nobody has a card yet: portillon cards import takes a file of cards",
                     call->command);
}

static int show_and_apply(struct call *call)
{
    int error = make_changes(call, true);
    people_store_rollback(&call->store);
    if (error != ERR_OK)
        return COMMAND_FAILED;
    if (!call->as_json)
        say_text(call);
    bool changes = change_report_count(&call->before, &call->after) != 0;
    bool refused = changes && (!may_leave(call) || !is_wanted(call));
    bool failed = refused || apply(call) != ERR_OK;
    if (call->as_json)
        say_json(call, changes && !failed);
    else if (!failed)
        say_next(call, changes);
    return failed ? COMMAND_FAILED : COMMAND_OK;
}

static int import_into_store(struct call *call)
{
    int status = COMMAND_FAILED;
    bool was_there = people_store_is_there(call->store_path);
    int error = people_store_open(&call->store, call->store_path, call->site.site_id);
    if (error != ERR_OK)
        command_fail("%s: %s: %s", call->command, call->store_path, people_store_error(&call->store));
    else
        status = show_and_apply(call);
    school_files_free(&call->files);
    people_snapshot_free(&call->before);
    people_snapshot_free(&call->after);
    people_store_close(&call->store);
    if (status != COMMAND_OK && !was_there && !db_is_url(call->store_path))
        unlink(call->store_path); /* nothing was brought in: no empty store under a misspelt name */
    return status;
}

static int run(struct call *call, const struct command_syntax *syntax, int argc, char **argv)
{
    int status = read_call(call, syntax, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    call->files.options.rules = &rules;
    call->files.options.people_only = true;
    call->files.options.skips_strangers = call->is_part;
    call->files.options.today = call->today;
    if (site_open(&call->site, argv[0], call->site_folder) != ERR_OK)
        return COMMAND_FAILED;
    status = site_rules_read(&rules, argv[0], call->site_folder) == ERR_OK &&
                     office_register_check(&call->site, argv[0], call->store_path, call->today) == ERR_OK
                 ? import_into_store(call)
                 : COMMAND_FAILED;
    site_close(&call->site);
    return status;
}

int cmd_people_import(int argc, char **argv)
{
    static struct call call;
    return run(&call, &people_syntax, argc, argv);
}

int cmd_cards_import(int argc, char **argv)
{
    static struct call call;
    call.is_part = true;
    return run(&call, &cards_syntax, argc, argv);
}
