/* SPDX-License-Identifier: Apache-2.0 */
/* portillon explain: the gate's answer to a card at a given time, with each rule that led to it. */
#include "firmware/access/policy.h"
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/gate_word.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/local_moment.h"
#include "tools/portillon/list/explanation_walk.h"
#include "tools/portillon/list/list_open.h"
#include "tools/portillon/replay/passage_explain.h"
#include "tools/portillon/site/profile_word.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_gates.h"
#include "tools/portillon/store/card_option.h"
#include "tools/portillon/store/person_option.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define CARDS_MAX      16
#define CARD_NAME_SIZE (PERSON_OPTION_LABEL_SIZE + 64)

enum { SITE, LIST, CARD, PERSON, UID, GATE, ZONE, AT, USED, CLOCK, OFF, PEOPLE, PASSAGE, STORE, JSON };

static const struct command_option options[] = {
    {"site", 's', N_("DIR"), N_("the site folder")},
    {"list", 'l', N_("LIST"), N_("the list the gate has (default: DIR/whitelist.list)")},
    {"card", 'c', N_("UID"), N_("the card")},
    {"person", 0, N_("NAME"), N_("instead of a card: all cards of this person, found as by card block")},
    {"uid", 'u', N_("NOTATION"), N_("how its number is written (default: hex; as for whitelist build)")},
    {"gate", 'g', N_("ID"), N_("the gate, of those registered in DIR")},
    {"zone", 'z', N_("ZONE"), N_("instead of a gate: building or canteen")},
    {"at", 'a', N_("TIME"), N_("local time, \"2026-11-23 12:10\" (default: now)")},
    {"used", 0, N_("N"), N_("how often the card passed in the meal under way (default 0)")},
    {"clock", 0, N_("QUALITY"), N_("of the gate's clock: set (default), unset or stale")},
    {"off", 0, N_("PROFILE"), N_("a profile turned off as a whole; may be given several times")},
    {"people", 'p', N_("FILE"),
     N_("the office's store, to show the person's name (default: the\nregister of the site)")},
    {"passage", 0, N_("DEVICE:SEQ"),
     N_("instead of a card: a passage or refusal of the store, such as self-1:1234")},
    {"store", 0, N_("FILE"), N_("with --passage: the office's store")},
    {"json", 'j', NULL, N_("as JSON")},
    {0},
};

static const struct command_syntax syntax = {
    N_("--site DIR (--card UID | --person NAME) (--gate ID | --zone ZONE) [--list LIST] [--at TIME]\n"
       "       portillon explain --passage DEVICE:SEQ --store FILE [--site DIR]"),
    N_("Asks the very code that decides in a gate, with the list the gate has, and prints its answer and "
       "each "
       "step that\n"
       "led to it, the deciding one last. Nothing is sent to a gate. With --passage it explains what a gate\n"
       "answered, from the list and the rules that were in force there, and says whether they agree."),
    options,
};

struct call {
    const char *command;
    const char *site_folder, *list_path, *card, *person, *gate, *zone, *at, *people_path;
    const char *passage, *store_path;
    const char *off[WHITELIST_PROFILES_MAX];
    int off_count;
    uint64_t used;
    bool as_json;
    struct card_notation notation;
    struct site site;
    struct list_open list;
    struct card_option read; /* its number is empty if only the tag is known */
    char people[PATH_MAX];
    bool has_people;
    char who[PERSON_OPTION_LABEL_SIZE];
    struct json_out json;
    struct policy_question question;
};

static bool take_clock(struct call *call, const char *value)
{
    static const enum clock_quality qualities[] = {CLOCK_SET, CLOCK_UNSET, CLOCK_STALE};
    for (int i = 0; i < 3; i++)
        if (strcmp(clock_quality_name(qualities[i]), value) == 0) {
            call->question.clock = qualities[i];
            return true;
        }
    command_misuse(call->command, "--clock %s: not set, unset or stale", value);
    return false;
}

static bool take_option(struct call *call, int option, const char *value)
{
    const char **const texts[] = {[SITE] = &call->site_folder,
                                  [LIST] = &call->list_path,
                                  [CARD] = &call->card,
                                  [PERSON] = &call->person,
                                  [GATE] = &call->gate,
                                  [ZONE] = &call->zone,
                                  [AT] = &call->at,
                                  [PEOPLE] = &call->people_path,
                                  [PASSAGE] = &call->passage,
                                  [STORE] = &call->store_path};
    switch (option) {
    case UID:
        return card_option_notation(call->command, value, &call->notation);
    case USED:
        return command_number(call->command, "used", value, 0, 254, &call->used);
    case CLOCK:
        return take_clock(call, value);
    case OFF:
        if (call->off_count < WHITELIST_PROFILES_MAX)
            call->off[call->off_count++] = value;
        return true;
    case JSON:
        call->as_json = true;
        return true;
    default:
        *texts[option] = value;
        return true;
    }
}

/* --- the question --- */

static int find_zone(struct call *call)
{
    struct identity identity;
    if (call->gate == NULL) {
        bool canteen = strcmp(call->zone, "canteen") == 0;
        call->question.zone = canteen ? ZONE_CANTEEN : ZONE_BUILDING;
        if (!canteen && strcmp(call->zone, "building") != 0) {
            command_misuse(call->command, "--zone %s: not building or canteen", call->zone);
            return ERR_ARGUMENT;
        }
        return ERR_OK;
    }
    int error = site_read_gate(&call->site, call->command, call->gate, &identity);
    if (error == ERR_OK)
        call->question.zone = identity.zone;
    crypto_wipe(&identity, sizeof identity);
    return error;
}

static int find_moment(struct call *call)
{
    const char *why;
    const struct time_zone *zone = &call->list.tables.zone;
    if (call->at == NULL) {
        call->question.now = time_zone_local(zone, (uint32_t)time(NULL));
        return ERR_OK;
    }
    int error = local_moment_parse(zone, call->at, &call->question.now, &why);
    if (error != ERR_OK)
        command_fail("%s: --at %s: %s", call->command, call->at, why);
    return error;
}

static int find_profiles_off(struct call *call)
{
    const char *names[WHITELIST_PROFILES_MAX + 1] = {NULL};
    for (int i = 0; i < call->list.tables.profile_count; i++)
        names[i] = call->list.tables.profiles[i].name;
    for (int i = 0; i < call->off_count; i++) {
        int found = profile_word_find(call->command, call->site.folder, call->off[i], names);
        if (found < 0) {
            command_fail("%s: --off %s: the list has no such profile (portillon whitelist show names them)",
                         call->command, call->off[i]);
            return ERR_NOT_FOUND;
        }
        call->question.profiles_off |= UINT32_C(1) << found;
    }
    return ERR_OK;
}

/* Finds the store with the names. A card is explained without one; a person is not. */
static int find_people(struct call *call)
{
    int error = person_option_store(call->command, call->site_folder, call->people_path, call->people);
    call->has_people = error == ERR_OK;
    if (error != ERR_NOT_FOUND || call->person == NULL)
        return error == ERR_NOT_FOUND ? ERR_OK : error;
    command_fail("%s: --person %s: the store that knows people is needed: --people FILE", call->command,
                 call->person);
    return error;
}

static int find_holder(struct call *call)
{
    struct people_person person;
    if (!call->has_people)
        return ERR_OK;
    int error =
        person_option_holder(call->command, call->people, call->site.site_id, &call->read.tag, &person);
    if (error == ERR_OK)
        person_option_label(&person, call->who);
    return error == ERR_NOT_FOUND ? ERR_OK : error;
}

/* --- the answer --- */

/* Names the card by its number, or by its tag, and who has it. */
static void name_card(const struct call *call, char out[CARD_NAME_SIZE])
{
    char tag[2 * TAG_LEN + 1] = "";
    for (size_t i = 0; i < TAG_LEN; i++)
        snprintf(tag + 2 * i, 3, "%02x", call->read.tag.bytes[i]);
    if (call->read.hex[0] != '\0')
        snprintf(out, CARD_NAME_SIZE, "%s", call->read.hex);
    else
        snprintf(out, CARD_NAME_SIZE, _("card %s"), tag);
    size_t len = strlen(out);
    if (call->who[0] != '\0')
        snprintf(out + len, CARD_NAME_SIZE - len, " (%s)", call->who);
}

static const char *clock_text(enum clock_quality quality)
{
    switch (quality) {
    case CLOCK_SET:
        return _("clock set");
    case CLOCK_UNSET:
        return _("clock unset");
    case CLOCK_STALE:
        return _("clock stale");
    }
    return "?";
}

static void say_text(const struct call *call, const struct explanation_walk *walk)
{
    char moment[LOCAL_MOMENT_SIZE], card[CARD_NAME_SIZE];
    const char *zone = gate_word(zone_name(call->question.zone)), *clock = clock_text(call->question.clock);
    local_moment_text(&call->question.now, moment);
    name_card(call, card);
    if (call->gate != NULL)
        printf(_("%s at %s, %s, %s, %s\n"), card, call->gate, zone, moment, clock);
    else
        printf(_("%s at %s, %s, %s\n"), card, zone, moment, clock);
    explanation_walk_text(walk, stdout);
}

static void say_json(struct call *call, const struct explanation_walk *walk)
{
    struct json_out *json = &call->json;
    char moment[64];
    json_out_object(json, NULL);
    json_out_text_or_null(json, "card", call->read.hex);
    json_out_hex(json, "tag", call->read.tag.bytes, TAG_LEN);
    if (call->who[0] != '\0')
        json_out_text(json, "person", call->who);
    json_out_text(json, "zone", zone_name(call->question.zone));
    local_moment_format(&call->question.now, moment, sizeof moment);
    json_out_text(json, "at", moment + 4); /* without the weekday */
    json_out_text(json, "clock", clock_quality_name(call->question.clock));
    explanation_walk_json(walk, json);
    json_out_end(json);
}

static void answer(struct call *call)
{
    static struct explanation_walk walk;
    struct whitelist_profile profile;
    bool listed = list_file_find(&call->list.list, &call->read.tag, &call->question.rule, &profile) == ERR_OK;
    /* a card that is only named is taken for a genuine one */
    call->question.method =
        whitelist_rule_fingerprint(&call->question.rule) != 0 ? CREDENTIAL_UID_PLUS : CREDENTIAL_UID;
    explanation_walk_take(&walk, &call->question, listed);
    if (call->as_json)
        say_json(call, &walk);
    else
        say_text(call, &walk);
}

static int answer_card(struct call *call)
{
    if (card_option_read(call->command, "card", call->card, &call->notation, &call->site, &call->read) !=
            ERR_OK ||
        find_holder(call) != ERR_OK)
        return COMMAND_FAILED;
    answer(call);
    return COMMAND_OK;
}

/* The store knows the tag of each card of a person, not its number. */
static int answer_person(struct call *call)
{
    struct tag tags[CARDS_MAX];
    struct people_person person;
    int count = person_option_cards(call->command, call->people, call->site.site_id, call->person, &person,
                                    tags, CARDS_MAX);
    if (count < 0)
        return COMMAND_FAILED;
    person_option_label(&person, call->who);
    if (count == 0)
        return command_fail("%s: %s has no card", call->command, call->who);
    if (call->as_json)
        json_out_array(&call->json, NULL);
    for (int i = 0; i < count; i++) {
        call->read = (struct card_option){.tag = tags[i]};
        if (i > 0 && !call->as_json)
            putchar('\n');
        answer(call);
    }
    if (call->as_json)
        json_out_end(&call->json);
    return COMMAND_OK;
}

static int explain(struct call *call)
{
    char path[PATH_MAX];
    int status = COMMAND_FAILED;
    site_path(&call->site, SITE_LIST_FILE, path);
    if (find_zone(call) != ERR_OK || find_people(call) != ERR_OK ||
        list_open(&call->list, call->command, call->list_path != NULL ? call->list_path : path,
                  call->site.public_key) != ERR_OK)
        return status;
    call->question.tables = &call->list.tables;
    call->question.used = (uint8_t)call->used;
    json_out_start(&call->json, stdout);
    if (find_moment(call) == ERR_OK && find_profiles_off(call) == ERR_OK)
        status = call->card != NULL ? answer_card(call) : answer_person(call);
    list_open_free(&call->list);
    return status;
}

static int explain_stored(struct call *call)
{
    if (call->store_path == NULL)
        call->store_path = defaults_get("PORTILLON_STORE");
    if (call->site_folder == NULL)
        call->site_folder = defaults_get("PORTILLON_SITE");
    if (call->store_path == NULL || call->card != NULL || call->gate != NULL || call->zone != NULL ||
        call->at != NULL)
        return command_misuse(call->command,
                              "--passage needs --store, and goes without --card, --gate, --zone "
                              "and --at");
    int error = passage_explain(&(struct passage_explain){.command = call->command,
                                                          .passage = call->passage,
                                                          .store_path = call->store_path,
                                                          .site_folder = call->site_folder,
                                                          .as_json = call->as_json});
    return error == ERR_OK ? COMMAND_OK : error == ERR_ARGUMENT ? COMMAND_USAGE : COMMAND_FAILED;
}

int cmd_explain(int argc, char **argv)
{
    static struct call call;
    const char *value;
    int option;
    call.command = argv[0];
    call.question.clock = CLOCK_SET;
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0)
        if (!take_option(&call, option, value))
            return COMMAND_USAGE;
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (argc == optind && call.passage != NULL)
        return explain_stored(&call);
    if (call.site_folder == NULL)
        call.site_folder = defaults_get("PORTILLON_SITE");
    if (call.gate == NULL && call.zone == NULL)
        call.gate = defaults_get("PORTILLON_GATE");
    if (argc != optind || call.site_folder == NULL || (call.card == NULL) == (call.person == NULL) ||
        (call.gate == NULL) == (call.zone == NULL))
        return command_misuse(argv[0], "--site, --card or --person, and --gate or --zone, are needed");
    if (site_open(&call.site, argv[0], call.site_folder) != ERR_OK)
        return COMMAND_FAILED;
    int status = explain(&call);
    site_close(&call.site);
    return status;
}
