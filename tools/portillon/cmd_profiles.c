/* SPDX-License-Identifier: Apache-2.0 */
/* portillon profiles: turns whole groups of people off at a gate, and on again. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/suggest.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/gate/answers_technician.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/gate_profiles.h"
#include "tools/portillon/site/profile_word.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules_file.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/site_option.h"
#include "tools/portillon/store/store_schema.h"
#include "tools/portillon/store/wishes.h"

enum { OPTION_ALL = GATE_OPTION_COUNT, OPTION_ALL_GATES, OPTION_STORE };

static const struct command_option options[] = {
    GATE_OPTIONS,
    {"all", 'a', NULL, N_("every profile that the gate has, instead of names")},
    {"all-gates", 0, NULL, N_("for all gates of the site: portillon sync brings it to each")},
    {"store", 'o', N_("FILE"), N_("with --all-gates: the store that remembers it")},
    {"json", 'j', NULL, N_("print JSON")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("[on|off NAME...|--all] --port DEV --site DIR [--gate ID] [--json]"),
    .details = N_(
        "Lists the profiles of the gate's list, on or off, after turning those named. A card whose profile\n"
        "is off is refused at once, whatever the list allows it; staff and fire release are as ever. It\n"
        "outlives power cuts and new lists, and each change is in the gate's journal. Each gate is told by\n"
        "itself: those not told go on as before. With --all-gates no gate is asked: the store remembers "
        "what\n"
        "is wished, portillon sync brings it to each gate once, when it reaches it, and portillon gates\n"
        "shows which do not have it yet.\n"
        "A name may also be a word of the school's files (DP), as site.conf has it.\n"
        "\n"
        "  portillon profiles                              what is on, what is off\n"
        "  portillon profiles off externe demi-pension     Vigipirate: pupils stay out\n"
        "  portillon profiles on --all                     everybody may pass again\n"
        "  portillon profiles off externe --all-gates      at every gate of the site"),
    .options = options,
};

struct request {
    enum { SHOW, TURN_ON, TURN_OFF } wish;
    bool all;
    bool all_gates;    /* --all-gates */
    const char *store; /* of that */
    char **names;
    int name_count;
};

/* Makes a NULL-ended table of the names, for suggest.h. */
static void list_names(const struct answer_profiles *profiles, const char *names[WHITELIST_PROFILES_MAX + 1])
{
    for (uint32_t i = 0; i < profiles->count; i++)
        names[i] = profiles->items[i].name;
    names[profiles->count] = NULL;
}

static int unknown_name(const char *name, const struct answer_profiles *profiles)
{
    char names[WHITELIST_PROFILES_MAX * (ANSWER_NAME_LEN + 2) + 1] = "";
    const char *known[WHITELIST_PROFILES_MAX + 1];
    list_names(profiles, known);
    for (uint32_t i = 0; i < profiles->count; i++) {
        strcat(names, i > 0 ? ", " : "");
        strcat(names, profiles->items[i].name);
    }
    const char *near = suggest_nearest(name, known);
    if (near == NULL)
        return command_misuse("profiles", "%s: the gate's list has no such profile; it has %s", name, names);
    return command_misuse("profiles", "%s: the gate's list has no such profile; did you mean %s? It has %s",
                          name, near, names);
}

/* Chooses the profiles to change, with the state that they will get. */
static int choose(const struct request *request, const struct gate_options *gate,
                  const struct answer_profiles *now, struct answer_profiles *chosen)
{
    bool on = request->wish == TURN_ON, wanted[WHITELIST_PROFILES_MAX] = {false};
    const char *known[WHITELIST_PROFILES_MAX + 1];
    list_names(now, known);
    for (int i = 0; i < request->name_count; i++) {
        int place = profile_word_find("profiles", gate->site, request->names[i], known);
        if (place < 0)
            return unknown_name(request->names[i], now);
        wanted[place] = true;
    }
    chosen->count = 0;
    for (uint32_t i = 0; i < now->count; i++) {
        if (!wanted[i] && !request->all)
            continue;
        chosen->items[chosen->count] = now->items[i];
        chosen->items[chosen->count++].on = on;
    }
    return COMMAND_OK;
}

/* Sends the change. Profiles that already have the wanted state are sent too, because after a failure only
 * the gate knows what is stored. */
static int turn(const struct request *request, const struct gate_options *gate, struct link *link,
                const struct answer_profiles *before)
{
    struct answer_profiles chosen;
    int status = choose(request, gate, before, &chosen);
    return status == COMMAND_OK ? gate_profiles_change(gate, link, &chosen) : status;
}

static bool was_on(const struct answer_profiles *before, const char *name)
{
    for (uint32_t i = 0; i < before->count; i++)
        if (strcmp(before->items[i].name, name) == 0)
            return before->items[i].on;
    return true;
}

/* Returns the state of a profile, and what it was before if it changed. */
static const char *state_text(bool was, bool on)
{
    if (was == on)
        return on ? _("on") : _("OFF");
    return on ? _("on (was off)") : _("OFF (was on)");
}

static void print_report(const struct request *request, const struct gate_options *gate,
                         const struct answer_profiles *before, const struct answer_profiles *now)
{
    int changed = 0, off = 0;
    for (uint32_t i = 0; i < now->count; i++) {
        const char *name = now->items[i].name;
        bool on = now->items[i].on, was = was_on(before, name);
        printf("%-*s  %s\n", utf8_width(name, WHITELIST_NAME_LEN), name, state_text(was, on));
        changed += on != was;
        off += !on;
    }
    if (request->wish == SHOW)
        return;
    if (changed == 0)
        command_note("profiles: nothing to change, it is so already");
    else if (off == 0)
        printf(_("%s: all groups may pass again\n"), gate_name(gate));
    else if (request->wish == TURN_ON)
        printf(translate_count((unsigned)changed, "%s: %d group turned on, %d of %u off now\n",
                               "%s: %d groups turned on, %d of %u off now\n"),
               gate_name(gate), changed, off, now->count);
    else
        printf(translate_count((unsigned)changed, "%s: %d group turned off, %d of %u off now\n",
                               "%s: %d groups turned off, %d of %u off now\n"),
               gate_name(gate), changed, off, now->count);
}

static void print_json(const struct answer_profiles *before, const struct answer_profiles *now)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_object(&json, "profiles");
    for (uint32_t i = 0; i < now->count; i++)
        json_out_bool(&json, now->items[i].name, now->items[i].on);
    json_out_end(&json);
    json_out_array(&json, "changed");
    for (uint32_t i = 0; i < now->count; i++)
        if (now->items[i].on != was_on(before, now->items[i].name))
            json_out_text(&json, NULL, now->items[i].name);
    json_out_end(&json);
    json_out_end(&json);
}

static int show_profiles(void *ctx, const struct gate_options *gate, struct link *link)
{
    const struct request *request = ctx;
    struct answer_profiles before = {.count = 0}, now;
    int status = gate_profiles_get(gate, link, &before);
    now = before;
    if (status == COMMAND_OK && request->wish != SHOW)
        status = turn(request, gate, link, &before);
    if (status == COMMAND_OK && request->wish != SHOW)
        status = gate_profiles_get(gate, link, &now);
    if (status == COMMAND_OK && gate->as_json)
        print_json(&before, &now);
    else if (status == COMMAND_OK)
        print_report(request, gate, &before, &now);
    return status;
}

/* --- for all gates --- */

static int unknown_in_rules(const char *name, const char *site, const struct site_rules *rules)
{
    char names[WHITELIST_PROFILES_MAX * (WHITELIST_NAME_LEN + 3)];
    site_rules_list_profiles(rules, names, sizeof names);
    return command_misuse("profiles", "%s: %s/site.conf has no such profile; it has %s", name, site, names);
}

/* Takes the profiles that were named, or all that the rules of the site have. */
static int collect_wishes(const struct request *request, const char *site, const struct site_rules *rules,
                          struct wishes *wishes)
{
    const char *known[WHITELIST_PROFILES_MAX + 1];
    int profile_count = rules->tables.profile_count,
        count = request->all ? profile_count : request->name_count;
    for (int i = 0; i < profile_count; i++)
        known[i] = rules->tables.profiles[i].name;
    known[profile_count] = NULL;
    wishes->count = 0;
    for (int i = 0; i < count && i < WISHES_MAX; i++) {
        int place = request->all ? i : profile_word_find("profiles", site, request->names[i], known);
        if (place < 0)
            return unknown_in_rules(request->names[i], site, rules);
        struct wish *wish = &wishes->items[wishes->count++];
        snprintf(wish->profile, sizeof wish->profile, "%s", known[place]);
        wish->on = request->wish == TURN_ON;
    }
    return COMMAND_OK;
}

static void print_wishes(const struct wishes *wishes, bool as_json)
{
    struct json_out json;
    if (!as_json) {
        for (int i = 0; i < wishes->count; i++)
            printf(wishes->items[i].on ? _("%s  on at all gates, as soon as portillon sync reaches them\n")
                                       : _("%s  OFF at all gates, as soon as portillon sync reaches them\n"),
                   wishes->items[i].profile);
        return;
    }
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_object(&json, "wished");
    for (int i = 0; i < wishes->count; i++)
        json_out_bool(&json, wishes->items[i].profile, wishes->items[i].on);
    json_out_end(&json);
    json_out_end(&json);
}

static int store_wishes(const struct request *request, const char *site, const struct wishes *wishes)
{
    struct store_db store;
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    char who[AUDIT_WHO_SIZE];
    if (site_option_read("profiles", site, site_id, &given) != ERR_OK)
        return COMMAND_FAILED;
    int result = store_schema_open(&store, request->store, given);
    if (result == ERR_OK)
        result = wishes_make(&store, wishes, audit_who(who), (int64_t)time(NULL));
    if (result != ERR_OK)
        command_fail("profiles: %s: %s", request->store, store.db.error);
    db_close(&store.db);
    return result == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

static int wish_for_all(const struct request *request, const struct gate_options *gate)
{
    static struct site_rules rules;
    struct wishes wishes;
    if (request->wish == SHOW)
        return command_misuse("profiles", "--all-gates: on or off? (portillon gates shows what is wished)");
    if (gate->site == NULL || request->store == NULL)
        return command_misuse("profiles", gate->site == NULL ? _("--all-gates: --site DIR is missing")
                                                             : _("--all-gates: --store FILE is missing"));
    if (site_rules_read(&rules, "profiles", gate->site) != ERR_OK)
        return COMMAND_FAILED;
    int status = collect_wishes(request, gate->site, &rules, &wishes);
    if (status == COMMAND_OK)
        status = store_wishes(request, gate->site, &wishes);
    if (status == COMMAND_OK)
        print_wishes(&wishes, gate->as_json);
    return status;
}

/* Finds out whether to turn profiles on or off. "profiles off NAME" arrives as the command "profiles off"; if
 * options precede it, "off" is an operand. */
static int take_wish(struct request *request, const char *command)
{
    const char *word = strchr(command, ' ');
    word = word != NULL ? word + 1 : "";
    if (word[0] == '\0' && request->name_count > 0) {
        word = *request->names++;
        request->name_count--;
    }
    if (word[0] == '\0' && request->all)
        return command_misuse("profiles", "--all: on or off?");
    if (word[0] == '\0')
        return COMMAND_OK;
    if (strcmp(word, "on") != 0 && strcmp(word, "off") != 0)
        return command_misuse("profiles", "%s: say on or off before the names", word);
    request->wish = strcmp(word, "on") == 0 ? TURN_ON : TURN_OFF;
    if (request->name_count == 0 && !request->all)
        return command_misuse("profiles", "%s: which? Say names, or --all", word);
    if (request->name_count > 0 && request->all)
        return command_misuse("profiles", "%s: --all or names, not both", request->names[0]);
    return COMMAND_OK;
}

int cmd_profiles(int argc, char **argv)
{
    struct gate_options gate;
    struct request request = {.wish = SHOW};
    const char *value;
    int index;

    const char *called = argv[0]; /* "profiles", "profiles on" or "profiles off" */
    argv[0] = (char *)"profiles";
    gate_options_init(&gate, argv[0], ROLE_TECHNICIAN);
    request.store = defaults_get("PORTILLON_STORE");
    while ((index = gate_options_parse(&gate, &syntax, argc, argv, &value)) >= 0) {
        request.all = request.all || index == OPTION_ALL;
        request.all_gates = request.all_gates || index == OPTION_ALL_GATES;
        request.store = index == OPTION_STORE ? value : request.store;
    }
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    request.names = argv + optind;
    request.name_count = argc - optind;
    int status = take_wish(&request, called);
    if (status != COMMAND_OK)
        return status;
    return request.all_gates ? wish_for_all(&request, &gate) : gate_run(&gate, show_profiles, &request);
}
