/* SPDX-License-Identifier: Apache-2.0 */
/* portillon card read: the number of a card that lies on the reader at the desk, and who has the card. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/desk/card_technology.h"
#include "tools/portillon/desk/desk_card.h"
#include "tools/portillon/desk/desk_pile.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/store/card_option.h"
#include "tools/portillon/store/person_option.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { READER, HELPER, PILE, COUNT, SITE, STORE, CSV, JSON };

static const struct command_option options[] = {
    {"reader", 'r', N_("NAME"), N_("connection string of libnfc, or auto (default): the first reader found")},
    {"reader-helper", 0, N_("PROGRAM"),
     N_("portillon-reader, which holds libnfc (default: beside this\nprogram)")},
    {"pile", 0, NULL, N_("one card after another, until Ctrl-C; a card that comes again is\nleft out")},
    {"count", 'n', N_("N"), N_("with --pile: end after this many cards")},
    {"site", 's', N_("DIR"),
     N_("the site folder, to say who has the card: its key turns\ncard numbers into tags")},
    {"store", 0, N_("FILE"), N_("with --site: the office's store (default: the register of\nthe site)")},
    {"csv", 0, NULL, N_("as CSV, with a line of headers")},
    {"json", 'j', NULL, N_("as JSON: an object for each card")},
    {0},
};

static const struct command_syntax syntax = {
    N_("[--reader NAME] [--pile [--count N]] [--site DIR [--store FILE]] [--csv | --json]"),
    N_("Reads the number of a card at the desk, in hexadecimal as the school's file has it, and its "
       "technology.\nA number that no list can have is told with the reason: a random one (08...), and one "
       "that many phones\nand blank cards show. The exit status is 1 if the only card is such a one."),
    options,
};

struct call {
    struct desk_pile pile;
    const char *site_folder, *store_path;
    char store[PATH_MAX];
    bool has_store;
    bool as_csv, as_json;
    struct site site;
};

/* What is known of one card. */
struct finding {
    char hex[DESK_CARD_HEX_SIZE];
    const char *technology;
    const char *kind; /* "random" or "shared", or "unusable" for another reason; NULL: a list can have it */
    char why[CARD_NUMBER_WHY_MAX]; /* "": a list can have it */
    bool was_looked_up, has_person;
    struct people_person person;
};

/* --- options --- */

static bool take_option(struct call *call, int option, const char *value)
{
    const char **const texts[] = {[READER] = &call->pile.reader,
                                  [HELPER] = &call->pile.helper,
                                  [SITE] = &call->site_folder,
                                  [STORE] = &call->store_path};
    switch (option) {
    case PILE:
        call->pile.is_pile = true;
        return true;
    case COUNT:
        return command_number(call->pile.command, "count", value, 1, DESK_PILE_MAX, &call->pile.count);
    case CSV:
        call->as_csv = true;
        return true;
    case JSON:
        call->as_json = true;
        return true;
    default:
        *texts[option] = value;
        return true;
    }
}

/* Reads the command line. Returns COMMAND_PARSE_DONE or the exit status. */
static int read_call(struct call *call, int argc, char **argv)
{
    const char *value;
    int option;
    *call = (struct call){.pile = {.command = argv[0], .reader = "auto"}};
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0)
        if (!take_option(call, option, value))
            return COMMAND_USAGE;
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (argc != optind)
        return command_misuse(argv[0], "%s: no operand is needed: the card is on the reader", argv[optind]);
    if (!desk_pile_check(&call->pile))
        return COMMAND_USAGE;
    if (call->as_csv && call->as_json)
        return command_misuse(argv[0], "--csv or --json, not both");
    if (call->site_folder == NULL)
        call->site_folder = defaults_get("PORTILLON_SITE");
    if (call->store_path != NULL && call->site_folder == NULL)
        return command_misuse(argv[0], "--store needs --site: its key turns the card's number into a tag");
    return COMMAND_PARSE_DONE;
}

/* --- one card --- */

static int look_up(const struct call *call, struct finding *finding)
{
    static const struct card_notation hex = {.base = CARD_NUMBER_HEX};
    struct card_option read;
    int error = card_option_read(call->pile.command, "card", finding->hex, &hex, &call->site, &read);
    if (error == ERR_OK)
        error = person_option_holder(call->pile.command, call->store, call->site.site_id, &read.tag,
                                     &finding->person);
    finding->was_looked_up = error == ERR_OK || error == ERR_NOT_FOUND;
    finding->has_person = error == ERR_OK;
    return finding->was_looked_up ? ERR_OK : error;
}

/* Returns ERR_OK, or an error after printing it. */
static int examine(const struct call *call, const struct reader_target *card, struct finding *finding)
{
    bool is_data = call->as_json || call->as_csv; /* then the reason is English */
    *finding = (struct finding){.technology = card_technology(card)};
    desk_card_number(card, finding->hex);
    if (is_data)
        translate_pause();
    finding->kind = desk_card_refusal(card, finding->why);
    if (is_data)
        translate_resume();
    return finding->kind == NULL && call->has_store ? look_up(call, finding) : ERR_OK;
}

/* --- what is printed --- */

static void say_text(const struct finding *finding)
{
    const char *number = finding->hex[0] != '\0' ? finding->hex : _("(no number)");
    char label[PERSON_OPTION_LABEL_SIZE];
    printf("%-*s  %s", utf8_width(number, 20), number, translate(finding->technology));
    if (finding->has_person)
        person_option_label(&finding->person, label);
    if (finding->was_looked_up)
        printf("  %s", finding->has_person ? label : _("nobody known"));
    if (finding->kind != NULL)
        printf(_("  REFUSED (%s): %s"), translate(finding->kind), finding->why);
    putchar('\n');
}

/* Prints one cell. The quotes are needed for a delimiter, a quote or a line end in it. */
static void say_cell(const char *text, char end)
{
    bool quoted = strpbrk(text, ";\"\r\n") != NULL;
    if (quoted)
        putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    if (quoted)
        putchar('"');
    putchar(end);
}

static void say_csv(const struct finding *finding)
{
    say_cell(finding->hex, ';');
    say_cell(finding->technology, ';');
    say_cell(finding->has_person ? finding->person.name : "", ';');
    say_cell(finding->has_person ? finding->person.class_name : "", ';');
    say_cell(finding->why, '\n');
}

static void say_json(const struct finding *finding)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text_or_null(&json, "card", finding->hex);
    json_out_text(&json, "technology", finding->technology);
    json_out_text_or_null(&json, "refused", finding->kind);
    if (finding->kind != NULL)
        json_out_text(&json, "because", finding->why);
    if (finding->was_looked_up) {
        json_out_text_or_null(&json, "person", finding->has_person ? finding->person.name : NULL);
        json_out_text_or_null(&json, "class", finding->has_person ? finding->person.class_name : NULL);
    }
    json_out_end(&json);
}

static void say_finding(const struct call *call, const struct finding *finding)
{
    if (call->as_json)
        say_json(finding);
    else if (call->as_csv)
        say_csv(finding);
    else
        say_text(finding);
    fflush(stdout); /* who reads a pipe sees each card at once */
}

/* --- the call --- */

struct reading {
    const struct call *call;
    bool has_headers;
    struct finding finding; /* the last card */
};

static int take_card(void *ctx, const struct reader *reader, const struct reader_target *card)
{
    struct reading *reading = ctx;
    (void)reader;
    if (reading->call->as_csv && !reading->has_headers)
        printf("Carte;Technologie;Personne;Classe;Remarque\n");
    reading->has_headers = true;
    int error = examine(reading->call, card, &reading->finding);
    if (error == ERR_OK)
        say_finding(reading->call, &reading->finding);
    return error;
}

static int open_and_read(const struct call *call)
{
    struct reading reading = {.call = call};
    int status = desk_pile_run(&call->pile, take_card, &reading);
    return status == COMMAND_OK && !call->pile.is_pile && reading.finding.kind != NULL ? COMMAND_FAILED
                                                                                       : status;
}

static int read_with_site(struct call *call)
{
    int status = COMMAND_FAILED;
    if (site_open(&call->site, call->pile.command, call->site_folder) != ERR_OK)
        return COMMAND_FAILED;
    int error = person_option_store(call->pile.command, call->site_folder, call->store_path, call->store);
    call->has_store = error == ERR_OK;
    if (error == ERR_OK || error == ERR_NOT_FOUND)
        status = open_and_read(call);
    site_close(&call->site);
    return status;
}

int cmd_card_read(int argc, char **argv)
{
    static struct call call;
    int status = read_call(&call, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    return call.site_folder != NULL ? read_with_site(&call) : open_and_read(&call);
}
