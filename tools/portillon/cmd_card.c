/* SPDX-License-Identifier: Apache-2.0 */
/* portillon card lend, block, return, list: the cards that the office lends and blocks between two files of
 * the school. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/shell_line.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/card_option.h"
#include "tools/portillon/store/office_register.h"
#include "tools/portillon/store/people_store.h"
#include "tools/portillon/store/person_option.h"
#include "tools/portillon/store/site_option.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define CARDS_MAX 16
#define DAYS_MAX  366

enum { SITE, STORE, PERSON, CARD, DAYS, LOST, UID, JSON };

/* clang-format off */
#define SITE_OPTION   {"site", 's', N_("DIR"), N_("the site folder: its key turns card numbers into tags")}
#define STORE_OPTION  \
    {"store", 0, N_("FILE"), N_("the office's store, as for whitelist build and passages pull")}
#define PERSON_OPTION \
    {"person", 'p', N_("NAME"), N_("who: words of the name, and the class if that is not enough")}
#define CARD_OPTION   {"card", 'c', N_("UID"), N_("the card")}
#define UID_OPTION    {"uid", 'u', N_("NOTATION"), N_("how card numbers are written (default: hex)")}
#define JSON_OPTION   {"json", 'j', NULL, N_("say what was done as JSON")}
#define NO_OPTION     {"", 0, NULL, NULL} /* in the place of one that the command does not have */

/* The options of each command, in the order of the enum. */
static const struct command_option lend_options[] = {
    SITE_OPTION, STORE_OPTION, PERSON_OPTION, CARD_OPTION,
    {"days", 'd', N_("N"), N_("how many days the card is good for, today included (default 1)")},
    {"lost", 0, N_("UID|all"),
     N_("block the lost card in the same step: its number, or all that the\nperson has")},
    UID_OPTION, JSON_OPTION, {0},
};
static const struct command_option note_options[] = { /* block and return */
    SITE_OPTION, STORE_OPTION, PERSON_OPTION, CARD_OPTION, NO_OPTION, NO_OPTION, UID_OPTION, JSON_OPTION, {0},
};
static const struct command_option list_options[] = {
    {"site", 's', N_("DIR"), N_("the site, if the store has several")}, STORE_OPTION,
    NO_OPTION, NO_OPTION, NO_OPTION, NO_OPTION, NO_OPTION,
    {"json", 'j', NULL, N_("as JSON")}, {0},
};
/* clang-format on */

static const struct command_syntax lend_syntax = {
    N_("--site DIR --store FILE --person NAME --card UID [--days N] [--lost UID|all]"),
    N_("Gives a card to somebody for some days: a pupil who has no Pass'Région yet, forgot it or lost it. "
       "The "
       "card\n"
       "has the rights of that person, and passages with it show their name. Who is who comes from the "
       "register\n"
       "(portillon people import).\n"
       "Gates learn of it with the next list: portillon whitelist build DIR --store FILE, then push."),
    lend_options,
};
static const struct command_syntax block_syntax = {
    N_("--site DIR --store FILE UID | --person NAME"),
    N_("Blocks a lost or stolen card, whatever the school's file says of it.\n"
       "Gates learn of it with the next list: portillon whitelist build DIR --store FILE, then push."),
    note_options,
};
static const struct command_syntax return_syntax = {
    N_("--site DIR --store FILE UID | --person NAME"),
    N_("A lent card is back, or a blocked one was found: the office's note of it ends. With --person: all "
       "notes of\n"
       "this person.\n"
       "Gates learn of it with the next list: portillon whitelist build DIR --store FILE, then push."),
    note_options,
};
static const struct command_syntax list_syntax = {
    N_("--store FILE [--site DIR]"),
    N_("The cards that the office has lent or blocked, and who has them."),
    list_options,
};

struct call {
    const char *command;
    const char *site_folder, *store_path, *person, *card, *lost;
    uint64_t days;
    bool as_json;
    struct card_notation notation;
    struct site site;
    struct people_store people;
    int64_t now_utc_s;
    uint16_t today;
};

/* --- options --- */

static bool take_option(struct call *call, int option, const char *value)
{
    switch (option) {
    case SITE:
        call->site_folder = value;
        return true;
    case STORE:
        call->store_path = value;
        return true;
    case PERSON:
        call->person = value;
        return true;
    case CARD:
        call->card = value;
        return true;
    case DAYS:
        return command_number(call->command, "days", value, 1, DAYS_MAX, &call->days);
    case LOST:
        call->lost = value;
        return true;
    case UID:
        return card_option_notation(call->command, value, &call->notation);
    default:
        call->as_json = true;
        return true;
    }
}

/* Reads the command line. Returns COMMAND_PARSE_DONE or the exit status. */
static int read_call(struct call *call, const struct command_syntax *syntax, int argc, char **argv)
{
    const char *value;
    int option;
    *call = (struct call){.command = argv[0], .days = 1};
    while ((option = command_parse(syntax, argc, argv, &value)) >= 0)
        if (!take_option(call, option, value))
            return COMMAND_USAGE;
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (argc - optind > 1 || (argc - optind == 1 && call->card != NULL))
        return command_misuse(argv[0], "one card is needed, not several");
    if (argc - optind == 1)
        call->card = argv[optind];
    if (call->store_path == NULL)
        call->store_path = defaults_get("PORTILLON_STORE");
    if (call->site_folder == NULL)
        call->site_folder = defaults_get("PORTILLON_SITE");
    if (call->store_path == NULL)
        return command_misuse(argv[0], "--store is needed");
    return COMMAND_PARSE_DONE;
}

static int fail_store(const struct call *call)
{
    return command_fail("%s: %s: %s", call->command, call->store_path, people_store_error(&call->people));
}

static void note_time(struct call *call)
{
    struct tm local;
    time_t now = time(NULL);
    call->now_utc_s = now;
    localtime_r(&now, &local);
    call->today = (uint16_t)civil_date_day(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}

static bool open_all(struct call *call)
{
    note_time(call);
    if (site_open(&call->site, call->command, call->site_folder) != ERR_OK)
        return false;
    if (people_store_open_existing(&call->people, call->store_path, call->site.site_id) == ERR_OK &&
        people_store_begin(&call->people) == ERR_OK)
        return true;
    fail_store(call);
    people_store_close(&call->people);
    site_close(&call->site);
    return false;
}

/* Notes the store as the site's register if the site has none yet: the lists are to have its cards. */
static bool note_register(const struct call *call)
{
    char path[PATH_MAX];
    if (call->site_folder == NULL)
        return true;
    int error = office_register_read(call->site.folder, call->command, path);
    if (error == ERR_NOT_FOUND)
        error = office_register_note(&call->site, call->command, call->store_path);
    return error == ERR_OK;
}

static void say_next(const struct call *call)
{
    const char *const words[] = {"whitelist", "build", call->site_folder, "--store", call->store_path, NULL};
    command_note("%s: no gate knows yet: build a list, and push it", call->command);
    shell_line_print(_("next:\n  "), words);
}

static int close_all(struct call *call, int status)
{
    if (status != COMMAND_OK)
        people_store_rollback(&call->people);
    else if (people_store_commit(&call->people) != ERR_OK)
        status = fail_store(call);
    else if (!note_register(call))
        status = COMMAND_FAILED;
    /* the user must not believe that the gates already know of the block */
    else if (call->site_folder != NULL && !call->as_json)
        say_next(call);
    people_store_close(&call->people);
    site_close(&call->site);
    return status;
}

/* --- people --- */

static bool find_person(struct call *call, struct people_person *person)
{
    return person_option_find(&call->people, call->command, call->person, person) == ERR_OK;
}

/* Adds to the audit trail, in the same transaction. */
static bool note(struct call *call, const char *what, const struct people_card *card, const char *detail)
{
    char subject[AUDIT_SUBJECT_SIZE];
    const char *about =
        card->has_person ? audit_person(card->person.id, subject) : audit_card(&card->tag, subject);
    if (audit_note(&call->people.db, &(struct audit_entry){what, about, detail}) == ERR_OK)
        return true;
    fail_store(call);
    return false;
}

static void name_holder(const struct people_card *card, char out[PERSON_OPTION_LABEL_SIZE])
{
    if (card->has_person)
        person_option_label(&card->person, out);
    else
        snprintf(out, PERSON_OPTION_LABEL_SIZE, "%s", _("nobody known"));
}

/* --- blocking --- */

static bool block(struct call *call, struct people_card *card)
{
    char holder[PERSON_OPTION_LABEL_SIZE];
    card->lent = false;
    card->noted_utc_s = call->now_utc_s;
    int result = people_store_holder(&call->people, &card->tag, &card->person);
    card->has_person = result == ERR_OK;
    if (result == ERR_OK || result == ERR_NOT_FOUND)
        result = people_store_note_card(&call->people, card);
    if (result != ERR_OK) {
        fail_store(call);
        return false;
    }
    if (!note(call, "block", card, ""))
        return false;
    name_holder(card, holder);
    if (!call->as_json)
        printf(_("%s: blocked (%s)\n"), card->card[0] != '\0' ? card->card : _("a card"), holder);
    return true;
}

static bool block_by_number(struct call *call, const char *option, const char *text)
{
    struct card_option read;
    struct people_card card = {0};
    if (card_option_read(call->command, option, text, &call->notation, &call->site, &read) != ERR_OK)
        return false;
    card.tag = read.tag;
    snprintf(card.card, sizeof card.card, "%s", read.hex);
    return block(call, &card);
}

/* Blocks all cards of a person except the one that is lent in their place. */
static bool block_all_of(struct call *call, const struct people_person *person, const struct tag *but)
{
    struct tag tags[CARDS_MAX];
    int blocked = 0, count = people_store_cards_of(&call->people, person->id, tags, CARDS_MAX);
    if (count < 0) {
        fail_store(call);
        return false;
    }
    for (int i = 0; i < count; i++) {
        struct people_card card = {.tag = tags[i]};
        if (but != NULL && memcmp(but->bytes, tags[i].bytes, TAG_LEN) == 0)
            continue;
        if (!block(call, &card))
            return false;
        blocked++;
    }
    if (blocked == 0)
        command_note("%s: %s has no card that could be blocked", call->command, person->name);
    return true;
}

/* --- lending --- */

static bool may_be_lent(struct call *call, const struct card_option *card, const struct people_person *person)
{
    struct people_person holder;
    int result = people_store_holder(&call->people, &card->tag, &holder);
    if (result == ERR_NOT_FOUND || (result == ERR_OK && holder.id == person->id))
        return true;
    if (result != ERR_OK)
        fail_store(call);
    else
        command_fail(
            "%s: --card %s: %s has it: end that first, with portillon card return or in the school's file",
            call->command, card->hex, holder.name);
    return false;
}

static void say_lent(const struct call *call, const struct people_card *card)
{
    char last[CIVIL_DATE_TEXT_SIZE], label[PERSON_OPTION_LABEL_SIZE];
    struct json_out json;
    if (!call->as_json) {
        civil_date_text(card->last_day, last);
        person_option_label(&card->person, label);
        printf(_("%s: lent to %s (%s) until %s\n"), card->card, label, card->person.profile, last);
        return;
    }
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "card", card->card);
    json_out_text(&json, "person", card->person.name);
    json_out_text(&json, "class", card->person.class_name);
    civil_date_format(card->last_day, last);
    json_out_text(&json, "until", last);
    json_out_end(&json);
}

static bool lend(struct call *call)
{
    struct card_option read;
    char until[sizeof "until " + CIVIL_DATE_TEXT_SIZE] = "until ";
    struct people_card card = {.lent = true, .has_person = true, .noted_utc_s = call->now_utc_s};
    if (!find_person(call, &card.person) ||
        card_option_read(call->command, "card", call->card, &call->notation, &call->site, &read) != ERR_OK ||
        !may_be_lent(call, &read, &card.person))
        return false;
    card.tag = read.tag;
    snprintf(card.card, sizeof card.card, "%s", read.hex);
    card.first_day = call->today;
    card.last_day = (uint16_t)(call->today + call->days - 1);
    if (call->lost != NULL && strcmp(call->lost, "all") == 0 && !block_all_of(call, &card.person, &card.tag))
        return false;
    if (call->lost != NULL && strcmp(call->lost, "all") != 0 && !block_by_number(call, "lost", call->lost))
        return false;
    if (people_store_note_card(&call->people, &card) != ERR_OK) {
        fail_store(call);
        return false;
    }
    civil_date_format(card.last_day, until + strlen(until));
    if (!note(call, "lend", &card, until))
        return false;
    say_lent(call, &card);
    return true;
}

int cmd_card_lend(int argc, char **argv)
{
    struct call call;
    int status = read_call(&call, &lend_syntax, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    if (call.site_folder == NULL || call.person == NULL || call.card == NULL)
        return command_misuse(argv[0], "--site, --person and --card are needed");
    if (!open_all(&call))
        return COMMAND_FAILED;
    return close_all(&call, lend(&call) ? COMMAND_OK : COMMAND_FAILED);
}

int cmd_card_block(int argc, char **argv)
{
    struct call call;
    struct people_person person;
    int status = read_call(&call, &block_syntax, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    if (call.site_folder == NULL || (call.card == NULL) == (call.person == NULL))
        return command_misuse(argv[0], "--site, and a card or --person, are needed");
    if (!open_all(&call))
        return COMMAND_FAILED;
    bool done = call.card != NULL ? block_by_number(&call, "card", call.card)
                                  : find_person(&call, &person) && block_all_of(&call, &person, NULL);
    return close_all(&call, done ? COMMAND_OK : COMMAND_FAILED);
}

/* --- return --- */

static int give_back(struct call *call)
{
    struct card_option card;
    if (card_option_read(call->command, "card", call->card, &call->notation, &call->site, &card) != ERR_OK)
        return COMMAND_FAILED;
    struct people_card dropped = {.tag = card.tag};
    dropped.has_person = people_store_holder(&call->people, &card.tag, &dropped.person) == ERR_OK;
    int result = people_store_drop_card(&call->people, &card.tag, call->now_utc_s);
    if (result < 0)
        return fail_store(call);
    if (result == 0)
        return command_fail("%s: %s: the office has neither lent nor blocked this card (portillon card list)",
                            call->command, card.hex);
    if (!note(call, "return", &dropped, ""))
        return COMMAND_FAILED;
    if (!call->as_json)
        printf(_("%s: no longer lent or blocked by the office; from now on the register says what it may\n"),
               card.hex);
    return COMMAND_OK;
}

/* The notes of one person, collected before they are deleted. */
struct notes_of {
    int64_t person;
    struct people_card cards[CARDS_MAX];
    int count;
};

static int collect_note(void *ctx, const struct people_card *card)
{
    struct notes_of *notes = ctx;
    if (card->has_person && card->person.id == notes->person && notes->count < CARDS_MAX)
        notes->cards[notes->count++] = *card;
    return ERR_OK;
}

static int give_back_all(struct call *call)
{
    static struct notes_of notes;
    struct people_person person;
    if (!find_person(call, &person))
        return COMMAND_FAILED;
    notes = (struct notes_of){.person = person.id};
    int result = people_store_each_card(&call->people, collect_note, &notes);
    for (int i = 0; result >= 0 && i < notes.count; i++) {
        result = people_store_drop_card(&call->people, &notes.cards[i].tag, call->now_utc_s);
        if (result >= 0 && !note(call, "return", &notes.cards[i], ""))
            return COMMAND_FAILED;
        if (result >= 0 && !call->as_json)
            printf(notes.cards[i].lent ? _("%s: no longer lent (%s)\n") : _("%s: no longer blocked (%s)\n"),
                   notes.cards[i].card[0] != '\0' ? notes.cards[i].card : _("a card"), person.name);
    }
    if (result < 0)
        return fail_store(call);
    return notes.count > 0
               ? COMMAND_OK
               : command_fail("%s: --person %s: the office has neither lent nor blocked a card of %s",
                              call->command, call->person, person.name);
}

int cmd_card_return(int argc, char **argv)
{
    struct call call;
    int status = read_call(&call, &return_syntax, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    if (call.site_folder == NULL || (call.card == NULL) == (call.person == NULL))
        return command_misuse(argv[0], "--site, and a card or --person, are needed");
    if (!open_all(&call))
        return COMMAND_FAILED;
    return close_all(&call, call.card != NULL ? give_back(&call) : give_back_all(&call));
}

/* --- listing --- */

static int list_text(void *ctx, const struct people_card *card)
{
    const struct call *call = ctx;
    const char *number = card->card[0] != '\0' || card->lent ? card->card : _("(number not known)");
    char holder[PERSON_OPTION_LABEL_SIZE], last[CIVIL_DATE_TEXT_SIZE];
    name_holder(card, holder);
    civil_date_text(card->last_day, last);
    printf("%-*s ", utf8_width(number, 20), number);
    if (!card->lent)
        printf(_("blocked: %s\n"), holder);
    else if (card->last_day < call->today)
        printf(_("lent until %s (over): %s\n"), last, holder);
    else
        printf(_("lent until %s: %s\n"), last, holder);
    return ERR_OK;
}

static int list_json(void *ctx, const struct people_card *card)
{
    struct json_out *json = ctx;
    char last[CIVIL_DATE_TEXT_SIZE];
    civil_date_format(card->last_day, last);
    json_out_object(json, NULL);
    json_out_hex(json, "tag", card->tag.bytes, TAG_LEN);
    json_out_text(json, "card", card->card);
    json_out_text(json, "state", card->lent ? "lent" : "blocked");
    json_out_text(json, "person", card->has_person ? card->person.name : "");
    json_out_text(json, "class", card->has_person ? card->person.class_name : "");
    if (card->lent)
        json_out_text(json, "until", last);
    json_out_time(json, "noted", (uint64_t)card->noted_utc_s);
    json_out_end(json);
    return ERR_OK;
}

static int close_list(struct call *call, int result)
{
    int status = result == ERR_OK ? COMMAND_OK : fail_store(call);
    people_store_close(&call->people);
    return status;
}

int cmd_card_list(int argc, char **argv)
{
    struct call call;
    struct json_out json;
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    int status = read_call(&call, &list_syntax, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    note_time(&call);
    if (site_option_read(argv[0], call.site_folder, site_id, &given) != ERR_OK)
        return COMMAND_FAILED;
    int result = people_store_open_to_read(&call.people, call.store_path, given);
    if (result != ERR_OK)
        return close_list(&call, result);
    if (call.as_json) {
        json_out_start(&json, stdout);
        json_out_array(&json, NULL);
    }
    result = call.as_json ? people_store_each_card(&call.people, list_json, &json)
                          : people_store_each_card(&call.people, list_text, &call);
    if (call.as_json)
        json_out_end(&json);
    return close_list(&call, result);
}
