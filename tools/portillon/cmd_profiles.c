/* SPDX-License-Identifier: Apache-2.0 */
/* portillon profiles: turns whole groups of people off at a gate, and on again. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/suggest.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/gate/answers_technician.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/gate_profiles.h"

static const struct command_option options[] = {
    GATE_OPTIONS,
    {"all", 'a', NULL, "every profile that the gate has, instead of names"},
    {"json", 'j', NULL, "print JSON"},
    {0},
};

static const struct command_syntax syntax = {
    .usage = "[on|off NAME...|--all] --port DEV --site DIR [--gate ID] [--json]",
    .details =
        "Lists the profiles of the gate's list, on or off, after turning those named. A card whose profile\n"
        "is off is refused at once, whatever the list allows it; staff and fire release are as ever. It\n"
        "outlives power cuts and new lists, and each change is in the gate's journal. Each gate is told by\n"
        "itself: those not told go on as before.\n"
        "\n"
        "  portillon profiles                              what is on, what is off\n"
        "  portillon profiles off externe demi-pension     Vigipirate: pupils stay out\n"
        "  portillon profiles on --all                     everybody may pass again",
    .options = options,
};

struct request {
    enum { SHOW, TURN_ON, TURN_OFF } wish;
    bool all;
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
    return command_misuse("profiles", "%s: the gate's list has no such profile; %s%s%s has %s", name,
                          near != NULL ? "did you mean " : "", near != NULL ? near : "",
                          near != NULL ? "? It" : "it", names);
}

/* Chooses the profiles to change, with the state that they will get. */
static int choose(const struct request *request, const struct answer_profiles *now,
                  struct answer_profiles *chosen)
{
    bool on = request->wish == TURN_ON, wanted[WHITELIST_PROFILES_MAX] = {false};
    const char *known[WHITELIST_PROFILES_MAX + 1];
    list_names(now, known);
    for (int i = 0; i < request->name_count; i++) {
        int place = suggest_find(request->names[i], known);
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
    int status = choose(request, before, &chosen);
    return status == COMMAND_OK ? gate_profiles_change(gate, link, &chosen) : status;
}

/* Returns the number of columns that a name takes on a terminal. */
static int width(const char *name)
{
    int columns = 0;
    uint32_t code_point;
    for (size_t len = strlen(name), step; len > 0; name += step, len -= step, columns++) {
        step = utf8_decode(name, len, &code_point);
        step = step != 0 ? step : 1;
    }
    return columns;
}

static bool was_on(const struct answer_profiles *before, const char *name)
{
    for (uint32_t i = 0; i < before->count; i++)
        if (strcmp(before->items[i].name, name) == 0)
            return before->items[i].on;
    return true;
}

static void print_report(const struct request *request, const struct gate_options *gate,
                         const struct answer_profiles *before, const struct answer_profiles *now)
{
    int changed = 0, off = 0;
    for (uint32_t i = 0; i < now->count; i++) {
        const char *name = now->items[i].name;
        bool on = now->items[i].on, was = was_on(before, name);
        printf("%s%*s  %s%s\n", name, WHITELIST_NAME_LEN - width(name), "", on ? "on" : "OFF",
               on == was ? ""
               : on      ? " (was off)"
                         : " (was on)");
        changed += on != was;
        off += !on;
    }
    if (request->wish == SHOW)
        return;
    if (changed == 0)
        command_note("profiles: nothing to change, it is so already");
    else if (off == 0)
        printf("%s: all groups may pass again\n", gate_name(gate));
    else
        printf("%s: %d group%s turned %s, %d of %u off now\n", gate_name(gate), changed,
               changed == 1 ? "" : "s", request->wish == TURN_ON ? "on" : "off", off, now->count);
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
    while ((index = gate_options_parse(&gate, &syntax, argc, argv, &value)) >= 0)
        request.all = true; /* --all */
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    request.names = argv + optind;
    request.name_count = argc - optind;
    int status = take_wish(&request, called);
    return status == COMMAND_OK ? gate_run(&gate, show_profiles, &request) : status;
}
