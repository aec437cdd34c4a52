/* SPDX-License-Identifier: Apache-2.0 */
/* portillon card assign: gives people of the register their cards, one by one or as a pile. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/person.h"
#include "tools/portillon/common/shell_line.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/desk/desk_card.h"
#include "tools/portillon/desk/desk_reader.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/store/card_assign.h"
#include "tools/portillon/store/card_option.h"
#include "tools/portillon/store/office_register.h"
#include "tools/portillon/store/people_list.h"
#include "tools/portillon/store/person_option.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAMES_MAX ((size_t)4 << 20)
#define LINE_SIZE 128
#define TYPED_MS  1000
#define CARDS_MAX 16

enum { SITE, STORE, PERSON, CARD, UID, READER, HELPER, PILE, NAMES, CLASS, TAKE, JSON };

static const struct command_option options[] = {
    {"site", 's', N_("DIR"), N_("the site folder: its key turns card numbers into tags")},
    {"store", 0, N_("FILE"), N_("the office's store, which is the register")},
    {"person", 'p', N_("NAME"), N_("who: words of the name, and the class if the name is not enough")},
    {"card", 'c', N_("UID"), N_("the card's number")},
    {"uid", 'u', N_("NOTATION"), N_("how card numbers are written (default: hex; as for whitelist build)")},
    {"reader", 'r', N_("NAME"),
     N_("the reader at the desk: a connection string of libnfc, auto (default), or none:\n"
        "numbers are typed, by hand or by a reader that types")},
    {"reader-helper", 0, N_("PROGRAM"),
     N_("portillon-reader, which holds libnfc (default: beside this\nprogram)")},
    {"pile", 0, NULL, N_("everybody who has no card, in the order of class and name, one card each")},
    {"names", 0, N_("FILE"),
     N_("a pile in the order of this file: a name (and class) a line; - for standard input")},
    {"class", 0, N_("CLASS"), N_("of a pile: only this class")},
    {"take", 0, NULL, N_("also a card that somebody else has")},
    {"json", 'j', NULL, N_("as JSON: an object for each card")},
    {0},
};

static const struct command_syntax syntax = {
    N_("--site DIR --store FILE (--person NAME [UID] | --pile | --names FILE) [--reader NAME]"),
    N_("Gives a card to a person of the register: its number is typed, or the card is put on the reader. "
       "With "
       "a\n"
       "pile, the screen says whose card comes next; Enter leaves the person out. Each card is a line, and "
       "rings\n"
       "the bell, twice if it was not taken: a number that no gate takes, a card that is lost or lent, or "
       "one\n"
       "that somebody else has (unless --take). Each card is stored at once."),
    options,
};

struct call {
    const char *command;
    const char *site_folder, *store_path, *text, *card, *reader, *helper, *names, *class_name;
    bool is_pile, takes, as_json;
    struct card_notation notation;
    struct site site;
    struct people_store store;
    struct desk_reader desk;
    bool has_desk, may_type;
    struct people_person *people; /* who get a card, in this order */
    size_t count, capacity;
    unsigned given, left_out, unknown;
};

/* --- options --- */

static bool take_option(struct call *call, int option, const char *value)
{
    const char **const texts[] = {
        [SITE] = &call->site_folder, [STORE] = &call->store_path, [PERSON] = &call->text,
        [CARD] = &call->card,        [READER] = &call->reader,    [HELPER] = &call->helper,
        [NAMES] = &call->names,      [CLASS] = &call->class_name};
    switch (option) {
    case UID:
        return card_option_notation(call->command, value, &call->notation);
    case PILE:
        call->is_pile = true;
        return true;
    case TAKE:
        call->takes = true;
        return true;
    case JSON:
        call->as_json = true;
        return true;
    default:
        *texts[option] = value;
        return true;
    }
}

static int check_call(struct call *call)
{
    if (call->site_folder == NULL || call->store_path == NULL)
        return command_misuse(call->command, "--site and --store are needed");
    if ((call->text != NULL) == (call->is_pile || call->names != NULL))
        return command_misuse(call->command, "either --person, or a pile (--pile, or --names)");
    if (call->card != NULL && call->text == NULL)
        return command_misuse(call->command, "a card's number needs --person");
    if (call->class_name != NULL && (!call->is_pile || call->names != NULL))
        return command_misuse(call->command, "--class is for --pile");
    return COMMAND_PARSE_DONE;
}

/* Reads the command line. Returns COMMAND_PARSE_DONE or the exit status. */
static int read_call(struct call *call, int argc, char **argv)
{
    const char *value;
    int option;
    *call = (struct call){.command = argv[0], .reader = "auto"};
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0)
        if (!take_option(call, option, value))
            return COMMAND_USAGE;
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (argc - optind > 1 || (argc - optind == 1 && call->card != NULL))
        return command_misuse(argv[0], "one card is needed, not several");
    if (argc - optind == 1)
        call->card = argv[optind];
    if (call->site_folder == NULL)
        call->site_folder = defaults_get("PORTILLON_SITE");
    if (call->store_path == NULL)
        call->store_path = defaults_get("PORTILLON_STORE");
    return check_call(call);
}

static int fail_store(const struct call *call, int error)
{
    command_fail("%s: %s: %s", call->command, call->store_path,
                 error == ERR_NO_SPACE ? _("out of memory") : people_store_error(&call->store));
    return error;
}

/* --- who --- */

static int add_person(struct call *call, const struct people_person *person)
{
    if (call->count == call->capacity) {
        size_t capacity = call->capacity != 0 ? 2 * call->capacity : 256;
        struct people_person *more = realloc(call->people, capacity * sizeof *more);
        if (more == NULL)
            return ERR_NO_SPACE;
        call->people = more;
        call->capacity = capacity;
    }
    call->people[call->count++] = *person;
    return ERR_OK;
}

static bool is_in_class(const struct call *call, const struct people_person *person)
{
    char wanted[64], class_name[64];
    if (call->class_name == NULL)
        return true;
    text_fold(call->class_name, strlen(call->class_name), wanted, sizeof wanted);
    text_fold(person->class_name, strlen(person->class_name), class_name, sizeof class_name);
    return strcmp(wanted, class_name) == 0;
}

static int take_waiting(void *ctx, const struct people_person *person)
{
    struct call *call = ctx;
    return !person->left && is_in_class(call, person) ? add_person(call, person) : ERR_OK;
}

/* Counts the cards of a person, without lent ones. Returns the number or an error. */
static int count_own_cards(struct call *call, const struct people_person *person)
{
    struct tag tags[CARDS_MAX];
    struct people_holding holding;
    int own = 0, count = people_store_cards_of(&call->store, person->id, tags, CARDS_MAX);
    for (int i = 0; i < count; i++) {
        int error = people_store_holding(&call->store, &tags[i], &holding);
        if (error != ERR_OK)
            return error;
        own += holding.given != PEOPLE_GIVEN_LENT;
    }
    return count < 0 ? count : own;
}

/* Leaves out those who have a card. */
static int keep_cardless(struct call *call)
{
    size_t kept = 0;
    for (size_t i = 0; i < call->count; i++) {
        int cards = count_own_cards(call, &call->people[i]);
        if (cards < 0)
            return cards;
        if (cards == 0)
            call->people[kept++] = call->people[i];
    }
    call->count = kept;
    return ERR_OK;
}

static int find_pile(struct call *call)
{
    int error = people_list_people(&call->store, take_waiting, call);
    if (error == ERR_OK && call->count == 0 && call->class_name != NULL) {
        command_fail("%s: --class %s: nobody is in this class", call->command, call->class_name);
        return ERR_NOT_FOUND;
    }
    if (error == ERR_OK)
        error = keep_cardless(call);
    if (error != ERR_OK)
        return fail_store(call, error);
    if (call->count == 0 && call->class_name != NULL)
        command_note("%s: nobody of %s waits for a card", call->command, call->class_name);
    else if (call->count == 0)
        command_note("%s: nobody waits for a card", call->command);
    return ERR_OK;
}

/* Adds the person that a text names. Whom it does not find is told and counted. */
static int find_one(struct call *call, const char *text)
{
    struct people_person person;
    int error = person_option_find(&call->store, call->command, text, &person);
    if (error == ERR_OK && person.left) {
        command_fail("%s: %s: has left the school", call->command, person.name);
        error = ERR_NOT_FOUND;
    }
    call->unknown += error == ERR_NOT_FOUND;
    if (error == ERR_OK && add_person(call, &person) != ERR_OK)
        return fail_store(call, ERR_NO_SPACE);
    return error == ERR_NOT_FOUND ? ERR_OK : error;
}

static int find_names(struct call *call)
{
    uint8_t *text;
    size_t len;
    bool from_stdin = strcmp(call->names, "-") == 0;
    int error = file_read(from_stdin ? "/dev/stdin" : call->names, NAMES_MAX, &text, &len);
    if (error != ERR_OK) {
        command_fail("%s: --names %s: %s", call->command, call->names,
                     error == ERR_IO ? translate_errno(errno) : _("is larger than 4 MiB"));
        return error;
    }
    char *rest = (char *)text, *line;
    while (error == ERR_OK && (line = strsep(&rest, "\r\n")) != NULL)
        if (line[strspn(line, " \t;,")] != '\0')
            error = find_one(call, line);
    free(text);
    return error;
}

static int find_people(struct call *call)
{
    if (call->text != NULL)
        return find_one(call, call->text);
    return call->names != NULL ? find_names(call) : find_pile(call);
}

/* --- one card --- */

static void ring(const struct call *call, int times)
{
    for (; times > 0 && (call->is_pile || call->names != NULL || call->has_desk); times--)
        fputc('\a', stderr);
    fflush(stderr);
}

static const char *const outcomes[] = {[CARD_ASSIGN_GIVEN] = "given",
                                       [CARD_ASSIGN_OWN] = "own",
                                       [CARD_ASSIGN_HELD] = "held",
                                       [CARD_ASSIGN_LENT] = "lent",
                                       [CARD_ASSIGN_BLOCKED] = "blocked"};

static void say_json(const struct people_person *person, const char *hex,
                     const struct card_assign_result *result)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "person", person->name);
    json_out_text(&json, "class", person->class_name);
    json_out_text(&json, "card", hex);
    json_out_text(&json, "outcome", outcomes[result->outcome]);
    json_out_text_or_null(&json, "holder", result->has_holder ? result->holder.name : NULL);
    json_out_int(&json, "other_cards", result->other_cards);
    json_out_end(&json);
}

/* Says why a card was not given. */
static void say_refused(const struct call *call, const char *hex, const struct card_assign_result *result)
{
    char holder[PERSON_OPTION_LABEL_SIZE];
    const char *why = N_("%s: %s: the office has blocked it (%s): not taken (portillon card return)");
    snprintf(holder, sizeof holder, "%s", _("nobody known"));
    if (result->has_holder)
        person_option_label(&result->holder, holder);
    if (result->outcome == CARD_ASSIGN_LENT)
        why = N_("%s: %s: the office has lent it (%s): not taken (portillon card return)");
    else if (result->outcome == CARD_ASSIGN_HELD)
        why = result->holder.left ? N_("%s: %s: %s (who left) has it: not taken (--take takes it)")
                                  : N_("%s: %s: %s has it: not taken (--take takes it)");
    command_fail(why, call->command, hex, holder);
}

static void say_given(const struct call *call, const struct people_person *person, const char *hex,
                      const struct card_assign_result *result)
{
    char label[PERSON_OPTION_LABEL_SIZE];
    person_option_label(person, label);
    printf(result->outcome == CARD_ASSIGN_OWN ? _("%s: %s (has it already)\n") : "%s: %s\n", label, hex);
    if (result->outcome == CARD_ASSIGN_GIVEN && result->has_holder)
        command_note("%s: %s: taken from %s", call->command, hex, result->holder.name);
    if (result->other_cards > 0)
        command_note(translate_count((uint64_t)result->other_cards,
                                     "%s: %s also has %d other card (portillon card block, if lost)",
                                     "%s: %s also has %d other cards (portillon card block, if lost)"),
                     call->command, label, result->other_cards);
}

/* Gives the card with this number. Returns ERR_OK, ERR_FORBIDDEN (not taken; told) or another printed
 * error. */
static int give(struct call *call, const struct people_person *person, const char *number,
                const struct card_notation *notation)
{
    struct card_option card;
    struct card_assign_result result;
    int error = card_option_read(call->command, "card", number, notation, &call->site, &card);
    if (error != ERR_OK) {
        ring(call, 2);
        return error == ERR_FORMAT ? ERR_FORBIDDEN : error;
    }
    error = card_assign(&call->store, &card.tag, person, call->takes, time(NULL), &result);
    if (error != ERR_OK)
        return fail_store(call, error);
    bool is_theirs = result.outcome <= CARD_ASSIGN_OWN;
    if (!is_theirs)
        say_refused(call, card.hex, &result);
    if (call->as_json)
        say_json(person, card.hex, &result);
    else if (is_theirs)
        say_given(call, person, card.hex, &result);
    fflush(stdout);
    ring(call, is_theirs ? 1 : 2);
    call->given += result.outcome == CARD_ASSIGN_GIVEN;
    return is_theirs ? ERR_OK : ERR_FORBIDDEN;
}

static int give_tapped(struct call *call, const struct people_person *person,
                       const struct reader_target *target)
{
    static const struct card_notation hex_notation = {.base = CARD_NUMBER_HEX};
    char hex[DESK_CARD_HEX_SIZE], why[CARD_NUMBER_WHY_MAX];
    const char *refusal = desk_card_refusal(target, why);
    desk_card_number(target, hex);
    if (refusal == NULL)
        return give(call, person, hex, &hex_notation);
    command_fail("%s: %s: %s: %s", call->command, hex[0] != '\0' ? hex : _("(no number)"), translate(refusal),
                 why);
    ring(call, 2);
    return ERR_FORBIDDEN;
}

/* --- taps and typed lines --- */

/* Takes a line: a card's number, or nothing to leave the person out. Returns ERR_OK (done with this person),
 * ERR_FORBIDDEN, ERR_TIMEOUT (no line), ERR_NOT_FOUND (no more lines, and no reader) or another error. */
static int take_typed(struct call *call, const struct people_person *person)
{
    char line[LINE_SIZE];
    if (!call->may_type)
        return ERR_TIMEOUT;
    enum person_wait wait = person_wait_line(line, sizeof line, call->has_desk ? 0 : TYPED_MS);
    call->may_type = wait != PERSON_GONE;
    if (wait == PERSON_NOTHING || (wait == PERSON_GONE && call->has_desk))
        return ERR_TIMEOUT;
    if (wait == PERSON_GONE)
        return ERR_NOT_FOUND;
    line[strcspn(line, "\r")] = '\0';
    if (line[strspn(line, " \t")] != '\0')
        return give(call, person, line, &call->notation);
    call->left_out++;
    return ERR_OK;
}

static int take_tap(struct call *call, const struct people_person *person)
{
    struct reader_target target;
    int error = call->has_desk ? desk_reader_poll(&call->desk, &target) : ERR_TIMEOUT;
    return error == ERR_OK ? give_tapped(call, person, &target) : error;
}

static void ask_for_card(const struct call *call, const struct people_person *person)
{
    char label[PERSON_OPTION_LABEL_SIZE];
    person_option_label(person, label);
    command_note(call->may_type ? N_("%s: %s: the card, please (Enter: leave out)")
                                : N_("%s: %s: the card, please"),
                 call->command, label);
}

/* Waits until the person has a card, or is left out. Returns ERR_OK, or an error that ends the work. */
static int serve(struct call *call, const struct people_person *person)
{
    int error = ERR_TIMEOUT;
    ask_for_card(call, person);
    while ((error == ERR_TIMEOUT || error == ERR_FORBIDDEN) && !interrupt_wanted()) {
        error = take_typed(call, person);
        if (error == ERR_TIMEOUT)
            error = take_tap(call, person);
    }
    return interrupt_wanted() ? ERR_BUSY : error;
}

static void say_counts(const struct call *call)
{
    char given[96], left_out[96];
    snprintf(given, sizeof given, translate_count(call->given, "%u card given", "%u cards given"),
             call->given);
    snprintf(left_out, sizeof left_out, translate_count(call->left_out, "%u left out", "%u left out"),
             call->left_out);
    command_note("%s: %s, %s", call->command, given, left_out);
}

static int serve_all(struct call *call)
{
    int error = ERR_OK;
    call->may_type = call->names == NULL || strcmp(call->names, "-") != 0;
    for (size_t i = 0; i < call->count && error == ERR_OK; i++)
        error = serve(call, &call->people[i]);
    if (call->text == NULL)
        say_counts(call);
    if (interrupt_wanted())
        return call->text == NULL ? COMMAND_OK : INTERRUPT_STATUS;
    bool ends_early = error == ERR_NOT_FOUND && !call->has_desk && call->text == NULL; /* no more lines */
    return (error == ERR_OK || ends_early) && call->unknown == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static int open_and_serve(struct call *call)
{
    interrupt_catch();
    if (strcmp(call->reader, "none") == 0)
        return serve_all(call);
    int error = desk_reader_open(&call->desk, call->command, call->reader, call->helper);
    call->has_desk = error == ERR_OK;
    int status = error == ERR_OK ? serve_all(call) : error == ERR_ARGUMENT ? COMMAND_USAGE : COMMAND_FAILED;
    desk_reader_close(&call->desk);
    return status;
}

/* --- the command --- */

static int assign(struct call *call)
{
    if (find_people(call) != ERR_OK)
        return COMMAND_FAILED;
    if (call->count == 0)
        return call->unknown != 0 ? COMMAND_FAILED : COMMAND_OK;
    if (call->card == NULL)
        return open_and_serve(call);
    return give(call, &call->people[0], call->card, &call->notation) == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

/* Notes the store as the site's register if the site has none yet. */
static int note_register(const struct call *call)
{
    char path[PATH_MAX];
    int error = office_register_read(call->site.folder, call->command, path);
    return error == ERR_NOT_FOUND ? office_register_note(&call->site, call->command, call->store_path)
                                  : error;
}

static void say_next(const struct call *call)
{
    const char *const words[] = {"whitelist", "build", call->site_folder, "--store", call->store_path, NULL};
    if (call->given != 0 && !call->as_json)
        shell_line_print(_("no gate knows yet; next:\n  "), words);
}

static int assign_in_store(struct call *call)
{
    int status = COMMAND_FAILED;
    int error = people_store_open_existing(&call->store, call->store_path, call->site.site_id);
    if (error == ERR_OK)
        status = assign(call);
    else
        fail_store(call, error);
    if (call->given != 0 && note_register(call) != ERR_OK)
        status = COMMAND_FAILED;
    say_next(call);
    free(call->people);
    people_store_close(&call->store);
    return status;
}

int cmd_card_assign(int argc, char **argv)
{
    static struct call call;
    int status = read_call(&call, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    if (site_open(&call.site, argv[0], call.site_folder) != ERR_OK)
        return COMMAND_FAILED;
    status = assign_in_store(&call);
    site_close(&call.site);
    return status;
}
