/* SPDX-License-Identifier: Apache-2.0 */
/* portillon person export, erase: what a person may ask of the school by law. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/private_out.h"
#include "tools/portillon/common/yes_no.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/people_store.h"
#include "tools/portillon/store/person_option.h"
#include "tools/portillon/store/person_record.h"
#include "tools/portillon/store/site_option.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

enum { STORE, SITE, CONFIRM, OUTPUT = CONFIRM };

#define STORE_OPTIONS                                                                                        \
    {"store", 0, N_("FILE"), N_("the office's store")},                                                      \
    {                                                                                                        \
        "site", 's', N_("DIR"), N_("the site, if the store has several")                                     \
    }

static const struct command_option export_options[] = {
    STORE_OPTIONS, {"output", 'o', N_("FILE"), N_("write to a file that nobody else can read")}, {0}};
static const struct command_option erase_options[] = {
    STORE_OPTIONS,
    {"confirm", 0, NULL, N_("do not ask")},
    {0},
};

static const struct command_syntax export_syntax = {
    N_("--store FILE [--site DIR] [-o FILE] NAME"),
    N_("Prints all that the store has of a person, as JSON: data, cards, loans and blocks, passages, and "
       "when they\n"
       "were looked up (not by whom).\n"
       "NAME is words of the name, and of the class if the name is not enough; or number=N, as a list of\n"
       "several people shows it."),
    export_options,
};
static const struct command_syntax erase_syntax = {
    N_("--store FILE [--site DIR] [--confirm] NAME"),
    N_("Takes a person out of the store: their data, who had which card, and the pseudonym out of each of "
       "their\n"
       "passages.\n"
       "What stays: the passages, as passages of nobody; counts of meals; blocked cards, which would open "
       "again\n"
       "otherwise, without name and number; the audit trail, which has only numbers.\n"
       "The school's file brings the person back at the next import: take them out there first.\n"
       "NAME is words of the name, and of the class if the name is not enough; or number=N, as a list of\n"
       "several people shows it."),
    erase_options,
};

struct call {
    const char *command, *store_path, *site, *name, *output;
    bool is_confirmed;
    struct people_store people;
};

/* Reads the command line. Returns COMMAND_PARSE_DONE or the exit status. */
static int read_call(struct call *call, const struct command_syntax *syntax, int argc, char **argv)
{
    const char *value;
    int option;
    call->command = argv[0];
    while ((option = command_parse(syntax, argc, argv, &value)) >= 0) {
        call->store_path = option == STORE ? value : call->store_path;
        call->site = option == SITE ? value : call->site;
        call->is_confirmed |= option == CONFIRM;
        call->output = option == OUTPUT ? value : call->output;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (call->store_path == NULL)
        call->store_path = defaults_get("PORTILLON_STORE");
    if (call->site == NULL)
        call->site = defaults_get("PORTILLON_SITE");
    if (call->store_path == NULL)
        return command_misuse(argv[0], "--store FILE is missing");
    if (argc - optind != 1)
        return command_misuse(argv[0], "the name of one person is needed, in quotes if it has spaces");
    call->name = argv[optind];
    return COMMAND_PARSE_DONE;
}

static int fail_store(const struct call *call)
{
    return command_fail("%s: %s: %s", call->command, call->store_path, people_store_error(&call->people));
}

/* --- export --- */

static int export_person(struct call *call)
{
    struct people_person person;
    struct json_out json;
    struct private_out out;
    char subject[AUDIT_SUBJECT_SIZE];
    if (person_option_find(&call->people, call->command, call->name, &person) != ERR_OK)
        return COMMAND_FAILED;
    audit_note_beside(&call->people.db, call->command,
                      &(struct audit_entry){"person_export", audit_person(person.id, subject), ""});
    if (private_out_open(&out, call->command, call->output, _("the data of a person")) != COMMAND_OK)
        return COMMAND_FAILED;
    json_out_start(&json, out.file);
    int result = person_record_write(&call->people.db, person.id, &json);
    int status = private_out_close(&out);
    return result == ERR_OK ? status : fail_store(call);
}

int cmd_person_export(int argc, char **argv)
{
    struct call call = {0};
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    int status = read_call(&call, &export_syntax, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    if (site_option_read(argv[0], call.site, site_id, &given) != ERR_OK)
        return COMMAND_FAILED;
    status = people_store_open_to_read(&call.people, call.store_path, given) == ERR_OK ? export_person(&call)
                                                                                       : fail_store(&call);
    people_store_close(&call.people);
    return status;
}

/* --- erase --- */

static bool is_agreed(const struct call *call, const struct people_person *person)
{
    char question[PEOPLE_STORE_NAME_SIZE + 200];
    if (call->is_confirmed)
        return true;
    if (!yes_no_can_ask()) {
        command_fail("%s: %s, %s: nothing was erased: there is no terminal to ask at, and no --confirm",
                     call->command, person->name, person->class_name);
        return false;
    }
    snprintf(question, sizeof question, _("Take %s, %s, out of the store? This cannot be undone."),
             person->name, person->class_name);
    if (yes_no_ask(question))
        return true;
    command_fail("%s: nothing was erased", call->command);
    return false;
}

/* Erases inside the transaction that is open. */
static void say_erased(const struct people_person *person, const struct person_erased *erased)
{
    printf(translate_count((uint64_t)erased->cards, "%s: erased, with %" PRId64 " card",
                           "%s: erased, with %" PRId64 " cards"),
           person->name, erased->cards);
    printf(translate_count((uint64_t)erased->loans, " and %" PRId64 " loan", " and %" PRId64 " loans"),
           erased->loans);
    printf(translate_count((uint64_t)erased->passages, "; %" PRId64 " passage is of nobody now",
                           "; %" PRId64 " passages are of nobody now"),
           erased->passages);
    printf(translate_count((uint64_t)erased->blocks, "; %" PRId64 " card stays blocked, without a name\n",
                           "; %" PRId64 " cards stay blocked, without a name\n"),
           erased->blocks);
}

static int erase_person(struct call *call)
{
    struct people_person person;
    struct person_erased erased = {0};
    char subject[AUDIT_SUBJECT_SIZE];
    if (person_option_find(&call->people, call->command, call->name, &person) != ERR_OK ||
        !is_agreed(call, &person))
        return COMMAND_FAILED;
    int result = people_store_begin(&call->people);
    if (result == ERR_OK)
        result = person_record_erase(&call->people, person.id, &erased);
    if (result == ERR_OK)
        result = audit_note(&call->people.db,
                            &(struct audit_entry){"person_erase", audit_person(person.id, subject), ""});
    if (result == ERR_OK)
        result = people_store_commit(&call->people);
    if (result != ERR_OK) {
        people_store_rollback(&call->people);
        return fail_store(call);
    }
    say_erased(&person, &erased);
    command_note("%s: the school's file brings them back at the next import, unless they were taken "
                 "out there",
                 call->command);
    return COMMAND_OK;
}

int cmd_person_erase(int argc, char **argv)
{
    struct call call = {0};
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    int status = read_call(&call, &erase_syntax, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    if (site_option_read(argv[0], call.site, site_id, &given) != ERR_OK)
        return COMMAND_FAILED;
    status = people_store_open_existing(&call.people, call.store_path, given) == ERR_OK ? erase_person(&call)
                                                                                        : fail_store(&call);
    people_store_close(&call.people);
    return status;
}
