/* SPDX-License-Identifier: Apache-2.0 */
/* portillon settings: shows and changes what a technician may change on a gate. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "firmware/storage/settings.h"
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/gate/answers_technician.h"
#include "tools/portillon/gate/gate_options.h"

enum { VALUE_SIZE = 12 };

static const struct command_option options[] = {
    GATE_OPTIONS,
    {"set", 0, N_("NAME=VALUE"), N_("change one; may be given several times: all change, or none")},
    {"confirm", 0, NULL,
     N_("the settings are as they should be, after the memory chip was exchanged; or: this\n"
        "gate may use the memory chip of another one, whose records are given up")},
    {"json", 'j', NULL, N_("print JSON")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("--port DEV --site DIR [--gate ID] [--set NAME=VALUE]... [--confirm] [--json]"),
    .details =
        N_("Shows the gate's settings, after changing those named. They take effect at once, outlive a\n"
           "power cut, and each change is in the gate's journal. Values are numbers, or yes and no.\n"
           "\n"
           "  rotation_fitted   a sensor tells when somebody went through (yes)\n"
           "  buzzer_on         it sounds (yes)\n"
           "  refuse_when_full  nobody is let in, by card or by the lodge's button, whose passage cannot be\n"
           "                    kept; otherwise the oldest passages nobody fetched make room (no)\n"
           "  open_ms           how long the gate waits for somebody to go through, 500 to 30000 (5000)\n"
           "  retention_days    how long fetched passages stay in the gate, 1 to 92 (90)\n"
           "  clock_days        after so many days without being set the clock counts as stale, and hours\n"
           "                    and meals no longer matter; 0 to 366, 0: never (30)"),
    .options = options,
};

/* The units of the table of settings, which are shown translated. */
__attribute__((unused)) static const char *const units[] = {N_("ms"), N_("days")};

/* Returns what this program knows of a setting; NULL for one of a newer firmware. The gate decides. */
static const struct setting *find_known(const char *name)
{
    for (int id = 0; id < SETTINGS_COUNT; id++)
        if (strcmp(settings_table[id].name, name) == 0)
            return &settings_table[id];
    return NULL;
}

struct request {
    const char *changes[ANSWER_SETTINGS_MAX]; /* "name=value" as given */
    uint32_t change_count;
    bool confirm;
};

static int unknown_name(const char *name, const struct answer_settings *now)
{
    char names[ANSWER_SETTINGS_MAX * (ANSWER_SETTING_LEN + 2) + 1] = "";
    for (uint32_t i = 0; i < now->count; i++) {
        strcat(names, i > 0 ? ", " : "");
        strcat(names, now->items[i].name);
    }
    return command_misuse("settings", "--set %s: the gate has no such setting; it has %s", name, names);
}

static bool read_flag(const char *text, uint32_t *value)
{
    static const char *const words[][2] = {
        {"no", "yes"}, {"non", "oui"}, {"off", "on"}, {"false", "true"}, {"0", "1"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        for (uint32_t flag = 0; flag < 2; flag++) {
            if (strcmp(text, words[i][flag]) == 0) {
                *value = flag;
                return true;
            }
        }
    }
    return false;
}

static int read_number(const struct answer_setting *setting, const char *text, uint32_t *value)
{
    uint64_t least = 0, most = UINT32_MAX, number;
    char option[ANSWER_SETTING_LEN + 8];
    const struct setting *known = find_known(setting->name);
    if (known != NULL) {
        least = known->least;
        most = known->most;
    }
    snprintf(option, sizeof option, "set %s", setting->name);
    if (!command_number("settings", option, text, least, most, &number))
        return COMMAND_USAGE;
    *value = (uint32_t)number;
    return COMMAND_OK;
}

/* Reads "name=value" for a setting that the gate has. Returns COMMAND_OK, or COMMAND_USAGE after printing the
 * error. */
static int read_change(const char *text, const struct answer_settings *now, struct answer_setting *change)
{
    const char *equals = strchr(text, '=');
    char name[ANSWER_SETTING_LEN];
    if (equals == NULL)
        return command_misuse("settings", "--set %s: NAME=VALUE is wanted", text);
    snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    const struct answer_setting *found = answer_settings_find(now, name);
    if (found == NULL)
        return unknown_name(name, now);
    *change = *found;
    if (!found->is_flag)
        return read_number(found, equals + 1, &change->value);
    if (!read_flag(equals + 1, &change->value))
        return command_misuse("settings", "--set %s: it is yes or no", text);
    return COMMAND_OK;
}

static int get(const struct gate_options *gate, struct link *link, struct answer_settings *settings)
{
    struct link_answer answer;
    int status = gate_get(gate, link, "settings", _("reading its settings"), &answer);
    if (status != COMMAND_OK)
        return status;
    if (answer_settings_decode(settings, answer.data, answer.len) != ERR_OK)
        return command_fail("settings: the gate's answer makes no sense: a newer firmware?");
    return COMMAND_OK;
}

/* Sends the settings that differ. Returns COMMAND_OK, COMMAND_USAGE, COMMAND_FAILED or INTERRUPT_STATUS. */
static int change(const struct request *request, const struct gate_options *gate, struct link *link,
                  const struct answer_settings *now)
{
    struct answer_settings changes = {.count = 0};
    struct link_answer answer;
    uint8_t payload[1024];
    for (uint32_t i = 0; i < request->change_count; i++) {
        struct answer_setting item;
        int status = read_change(request->changes[i], now, &item);
        if (status != COMMAND_OK)
            return status;
        if (answer_settings_find(&changes, item.name) != NULL)
            return command_misuse("settings", "--set %s: it is given twice", item.name);
        changes.items[changes.count++] = item;
    }
    for (uint32_t i = 0; i < changes.count;) {
        if (answer_settings_find(now, changes.items[i].name)->value == changes.items[i].value)
            changes.items[i] = changes.items[--changes.count];
        else
            i++;
    }
    if (request->confirm)
        changes.items[changes.count++] =
            (struct answer_setting){.name = "confirm", .is_flag = true, .value = 1};
    if (changes.count == 0) {
        command_note("settings: nothing to change, it is so already");
        return COMMAND_OK;
    }
    int len = answer_settings_encode(&changes, payload, sizeof payload);
    if (len < 0)
        return command_fail("settings: %s", error_name(len));
    int status = gate_change(gate, link, "settings", payload, (size_t)len, &answer);
    if (status != COMMAND_OK)
        return status;
    return answer.code == COAP_CHANGED ? COMMAND_OK : gate_refused(gate, _("changing its settings"), &answer);
}

/* Returns the value of a setting as a word, or as a number written to text. */
static const char *value_text(const struct answer_setting *setting, char text[VALUE_SIZE])
{
    if (setting->is_flag)
        return setting->value != 0 ? _("yes") : _("no");
    snprintf(text, VALUE_SIZE, "%u", setting->value);
    return text;
}

static void print_report(const struct answer_settings *before, const struct answer_settings *now)
{
    char text[VALUE_SIZE];
    for (uint32_t i = 0; i < now->count; i++) {
        const struct answer_setting *was = answer_settings_find(before, now->items[i].name);
        printf("%-18s%s", now->items[i].name, value_text(&now->items[i], text));
        const struct setting *known = find_known(now->items[i].name);
        if (known != NULL && known->unit != NULL)
            printf(" %s", translate(known->unit));
        if (was != NULL && was->value != now->items[i].value)
            printf(_(" (was %s)"), value_text(was, text));
        printf("\n");
    }
}

static void print_json(const struct answer_settings *now)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    for (uint32_t i = 0; i < now->count; i++) {
        if (now->items[i].is_flag)
            json_out_bool(&json, now->items[i].name, now->items[i].value != 0);
        else
            json_out_int(&json, now->items[i].name, now->items[i].value);
    }
    json_out_end(&json);
}

static int show_settings(void *ctx, const struct gate_options *gate, struct link *link)
{
    const struct request *request = ctx;
    struct answer_settings before = {.count = 0}, now;
    int status = get(gate, link, &before);
    now = before;
    bool changes = request->change_count > 0 || request->confirm;
    if (status == COMMAND_OK && changes)
        status = change(request, gate, link, &before);
    if (status == COMMAND_OK && changes)
        status = get(gate, link, &now);
    if (status == COMMAND_OK && gate->as_json)
        print_json(&now);
    else if (status == COMMAND_OK)
        print_report(&before, &now);
    return status;
}

int cmd_settings(int argc, char **argv)
{
    struct gate_options gate;
    struct request request = {.change_count = 0};
    const char *value;
    int index;

    gate_options_init(&gate, argv[0], ROLE_TECHNICIAN);
    while ((index = gate_options_parse(&gate, &syntax, argc, argv, &value)) >= 0) {
        if (strcmp(options[index].name, "confirm") == 0) {
            request.confirm = true;
            continue;
        }
        if (request.change_count == ANSWER_SETTINGS_MAX)
            return command_misuse(argv[0], "--set %s: that is too many", value);
        request.changes[request.change_count++] = value;
    }
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that? (--set NAME=VALUE changes a setting)",
                              argv[optind]);
    return gate_run(&gate, show_settings, &request);
}
