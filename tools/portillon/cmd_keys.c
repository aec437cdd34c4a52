/* SPDX-License-Identifier: Apache-2.0 */
/* portillon keys: the keys with which gates authenticate cards, and which gates have them. */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/hex_text.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_epochs.h"
#include "tools/portillon/site/site_gates.h"

enum { OPTION_SET, OPTION_VERSION, OPTION_KEY_FILE, OPTION_JSON };

static const struct command_option list_options[] = {
    {"set", 0, NULL, NULL},
    {"version", 0, NULL, NULL},
    {"key-file", 0, NULL, NULL},
    {"json", 'j', NULL, N_("print JSON")},
    {0},
};

static const struct command_syntax list_syntax = {
    .usage = N_("DIR [--json]"),
    .details =
        N_("Lists the key sets of the site with the versions of their keys, and for each gate the epoch of\n"
           "its own keys and the card keys that its identity file lacks, or that it has still although\n"
           "they were removed. Prints no key. The file is what `keys apply` wrote last: what a gate runs\n"
           "with, portillon status says."),
    .options = list_options,
};

static const struct command_option change_options[] = {
    {"set", 's', N_("N"), N_("the key set, 1 to 255: key_set of an application in site.conf")},
    {"version", 'v', N_("N"), N_("the version of the key on the cards, 0 to 255")},
    {"key-file", 'k', N_("FILE"), N_("a file with the key, 32 hex digits, if others make the cards")},
    {0},
};

/* The same without a key. */
static const struct command_option remove_options[] = {
    {"set", 's', N_("N"), N_("the key set, 1 to 255: key_set of an application in site.conf")},
    {"version", 'v', N_("N"), N_("the version of the key on the cards, 0 to 255")},
    {0},
};

static const struct command_syntax add_syntax = {
    .usage = N_("DIR --set N [--version N] [--key-file FILE]"),
    .details =
        N_("Adds a key to a set: the next generation, with the version after the newest one (0 for the\n"
           "first) unless --version says another. Without --key-file the key is derived from the site's\n"
           "master secret. Cards with the keys of before stay good until `keys remove`.\n"
           "\n"
           "The gates have the key after `keys apply`, and after their new identity was flashed."),
    .options = change_options,
};

static const struct command_syntax remove_syntax = {
    .usage = N_("DIR --set N --version N"),
    .details = N_("Removes a key from a set. Cards with this version are refused by each gate that gets its\n"
                  "next identity. A key that is not derived cannot be had back."),
    .options = remove_options,
};

static const struct command_syntax apply_syntax = {
    .usage = N_("DIR [--json]"),
    .details =
        N_("Writes the card keys of the site into the identity file of each gate, and leaves all else in\n"
           "it as it is. Flash the identities that it names."),
    .options = list_options,
};

struct call {
    const char *command, *folder, *key_path;
    uint64_t set, version;
    bool has_set, has_version, as_json;
    struct site site;
};

/* ---- which gates lack what ---- */

static bool has_key(const struct identity_card_key *keys, int count, const struct identity_card_key *key)
{
    for (int i = 0; i < count; i++)
        if (keys[i].set == key->set && keys[i].version == key->version &&
            crypto_equal(keys[i].key, key->key, sizeof key->key))
            return true;
    return false;
}

/* Counts the keys of one side that the other side does not have. */
static int count_missing(const struct identity_card_key *have, int have_count,
                         const struct identity_card_key *wanted, int wanted_count)
{
    int missing = 0;
    for (int i = 0; i < wanted_count; i++)
        missing += !has_key(have, have_count, &wanted[i]);
    return missing;
}

struct gate_keys {
    unsigned epoch;
    int missing, removed; /* keys that its identity lacks, and that it has beyond those of the site */
};

static int look_at_gate(const struct call *call, const char *device, struct gate_keys *found)
{
    struct identity identity;
    const struct site_card_keys *keys = &call->site.card_keys;
    int error = site_gate_epoch(&call->site, call->command, device, &found->epoch);
    if (error == ERR_OK)
        error = site_read_gate(&call->site, call->command, device, &identity);
    if (error != ERR_OK)
        return error;
    found->missing = count_missing(identity.card_keys, identity.card_key_count, keys->keys, keys->count);
    found->removed = count_missing(keys->keys, keys->count, identity.card_keys, identity.card_key_count);
    crypto_wipe(&identity, sizeof identity);
    return ERR_OK;
}

/* ---- listing ---- */

static void print_keys(const struct site_card_keys *keys)
{
    if (keys->count == 0)
        printf("%s\n", _("card keys: none"));
    for (int i = 0; i < keys->count; i++)
        printf(keys->is_derived[i] ? _("card key: set %u, version %u, derived\n")
                                   : _("card key: set %u, version %u, of others\n"),
               keys->keys[i].set, keys->keys[i].version);
}

static void print_gate(const char *device, const struct gate_keys *gate)
{
    printf(_("%-*s  keys of epoch %u, "), IDENTITY_DEVICE_ID_MAX, device, gate->epoch);
    if (gate->missing == 0 && gate->removed == 0)
        printf("%s\n", _("its identity has these card keys"));
    else
        printf(_("OLD: its identity lacks %d and still has %d that were removed: keys apply, and flash it\n"),
               gate->missing, gate->removed);
}

static void write_keys(const struct site_card_keys *keys, struct json_out *json)
{
    json_out_array(json, "card_keys");
    for (int i = 0; i < keys->count; i++) {
        json_out_object(json, NULL);
        json_out_int(json, "set", keys->keys[i].set);
        json_out_int(json, "version", keys->keys[i].version);
        json_out_bool(json, "derived", keys->is_derived[i]);
        json_out_end(json);
    }
    json_out_end(json);
}

static void write_gate(const char *device, const struct gate_keys *gate, struct json_out *json)
{
    json_out_object(json, NULL);
    json_out_text(json, "device", device);
    json_out_int(json, "epoch", gate->epoch);
    json_out_int(json, "missing", gate->missing);
    json_out_int(json, "removed", gate->removed);
    json_out_end(json);
}

static int list_gates(const struct call *call, struct json_out *json)
{
    static char ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1];
    int count = site_list_gates(&call->site, ids), error = count < 0 ? count : ERR_OK;
    for (int i = 0; i < count && error == ERR_OK; i++) {
        struct gate_keys gate;
        error = look_at_gate(call, ids[i], &gate);
        if (error == ERR_OK && json != NULL)
            write_gate(ids[i], &gate, json);
        else if (error == ERR_OK)
            print_gate(ids[i], &gate);
    }
    return error;
}

static int list_keys(struct call *call)
{
    struct json_out json;
    if (!call->as_json) {
        print_keys(&call->site.card_keys);
        return list_gates(call, NULL);
    }
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    write_keys(&call->site.card_keys, &json);
    json_out_array(&json, "gates");
    int error = list_gates(call, &json);
    json_out_end(&json);
    json_out_end(&json);
    return error;
}

/* ---- changing ---- */

static int read_key(const struct call *call, uint8_t key[CRYPTO_KEY_LEN])
{
    uint8_t *text;
    size_t len, key_len = 0;
    if (file_read(call->key_path, 4096, &text, &len) != ERR_OK) {
        command_fail("%s: --key-file %s: cannot be read", call->command, call->key_path);
        return ERR_IO;
    }
    text[strcspn((const char *)text, "\r\n")] = '\0';
    int error = hex_text_parse((const char *)text, key, CRYPTO_KEY_LEN, &key_len);
    crypto_wipe(text, len);
    free(text);
    if (error == ERR_OK && key_len == CRYPTO_KEY_LEN)
        return ERR_OK;
    command_fail("%s: --key-file %s: its first line is not 32 hex digits", call->command, call->key_path);
    return ERR_FORMAT;
}

static void say_add_error(const struct call *call, int error)
{
    if (error == ERR_ARGUMENT)
        command_fail("%s: set %u has a key of version %u: keys remove takes it away", call->command,
                     (unsigned)call->set, (unsigned)call->version);
    else if (error == ERR_NO_SPACE)
        command_fail("%s: a gate holds %d card keys at most: remove one that no card has any more",
                     call->command, IDENTITY_CARD_KEYS_MAX);
    else
        command_fail("%s: the key could not be derived", call->command);
}

static int add_key(struct call *call)
{
    uint8_t key[CRYPTO_KEY_LEN];
    struct site_card_keys *keys = &call->site.card_keys;
    if (!call->has_version)
        call->version = (uint64_t)(site_card_keys_newest(keys, (uint8_t)call->set) + 1);
    if (call->version > UINT8_MAX) {
        command_fail("%s: set %u has version 255, which is the last: --version N names a free one",
                     call->command, (unsigned)call->set);
        return ERR_NO_SPACE;
    }
    int error = call->key_path != NULL ? read_key(call, key) : ERR_OK;
    if (error != ERR_OK)
        return error;
    error = site_card_keys_add(keys, call->site.master, (uint8_t)call->set, (uint8_t)call->version,
                               call->key_path != NULL ? key : NULL);
    crypto_wipe(key, sizeof key);
    if (error != ERR_OK)
        say_add_error(call, error);
    return error;
}

static int remove_key(struct call *call)
{
    int error = site_card_keys_remove(&call->site.card_keys, (uint8_t)call->set, (uint8_t)call->version);
    if (error != ERR_OK)
        command_fail("%s: set %u has no key of version %u: portillon keys lists them", call->command,
                     (unsigned)call->set, (unsigned)call->version);
    return error;
}

static void say_written(const char *device, const char *path, struct json_out *json)
{
    if (json == NULL) {
        printf(_("%s: flash it to the gate %s\n"), path, device);
        return;
    }
    json_out_object(json, NULL);
    json_out_text(json, "device", device);
    json_out_text(json, "file", path);
    json_out_end(json);
}

/* Writes the card keys into the identity of a gate, if it does not have them. Returns 1 if it was written, 0
 * if it had them, or an error. */
static int apply_to(const struct call *call, const char *device, struct json_out *json)
{
    struct identity identity;
    struct gate_keys gate;
    uint8_t block[IDENTITY_LEN_MAX];
    char path[PATH_MAX];
    int error = look_at_gate(call, device, &gate);
    if (error != ERR_OK || (gate.missing == 0 && gate.removed == 0))
        return error;
    error = site_read_gate(&call->site, call->command, device, &identity);
    if (error != ERR_OK)
        return error;
    identity.card_key_count = call->site.card_keys.count;
    memcpy(identity.card_keys, call->site.card_keys.keys, sizeof identity.card_keys);
    size_t len = identity_encode(&identity, block);
    site_gate_path(&call->site, device, path);
    error = file_write_atomic(path, block, len, 0600);
    if (error != ERR_OK)
        command_fail("%s: %s: cannot be written", call->command, path);
    else
        say_written(device, path, json);
    crypto_wipe(&identity, sizeof identity);
    crypto_wipe(block, sizeof block);
    return error == ERR_OK ? 1 : error;
}

/* Writes those of all gates. Returns how many were written, or an error. */
static int apply_to_all(const struct call *call, struct json_out *json)
{
    static char ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1];
    int count = site_list_gates(&call->site, ids), written = 0, result = count < 0 ? count : 0;
    for (int i = 0; i < count && result >= 0; i++) {
        result = apply_to(call, ids[i], json);
        written += result > 0;
    }
    return result < 0 ? result : written;
}

static int apply_keys(struct call *call)
{
    struct json_out json;
    if (!call->as_json) {
        int written = apply_to_all(call, NULL);
        if (written == 0)
            printf("%s\n", _("every gate's identity has these card keys"));
        return written < 0 ? written : ERR_OK;
    }
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_array(&json, "written");
    int written = apply_to_all(call, &json);
    json_out_end(&json);
    json_out_end(&json);
    return written < 0 ? written : ERR_OK;
}

/* Makes a change while no other program makes one, and keeps it. */
static int change_keys(struct call *call, int (*change)(struct call *call))
{
    int lock = site_epochs_lock(call->site.folder, call->command);
    if (lock < 0)
        return lock;
    int error = change(call);
    if (error == ERR_OK)
        error = site_card_keys_write(call->site.folder, call->command, &call->site.card_keys);
    site_epochs_unlock(lock);
    return error;
}

/* ---- calls ---- */

/* Reads the options and the folder. Returns COMMAND_OK, or the exit status; *done: only help was wanted. */
static int read_call(struct call *call, const struct command_syntax *syntax, int argc, char **argv,
                     bool *done)
{
    const char *value;
    int option;
    call->command = argv[0];
    while ((option = command_parse(syntax, argc, argv, &value)) >= 0) {
        bool is_good = true;
        if (option == OPTION_JSON)
            call->as_json = true;
        else if (option == OPTION_SET)
            is_good = call->has_set = command_number(call->command, "set", value, 1, UINT8_MAX, &call->set);
        else if (option == OPTION_VERSION)
            is_good = call->has_version =
                command_number(call->command, "version", value, 0, UINT8_MAX, &call->version);
        else
            call->key_path = value;
        if (!is_good)
            return COMMAND_USAGE;
    }
    *done = option != COMMAND_PARSE_DONE;
    if (*done)
        return command_parse_status(option);
    call->folder = defaults_site_operand(argc, argv, optind);
    return call->folder == NULL ? command_misuse(call->command, "one site folder is needed") : COMMAND_OK;
}

static int run(struct call *call, int (*work)(struct call *call))
{
    if (site_open(&call->site, call->command, call->folder) != ERR_OK)
        return COMMAND_FAILED;
    int error = work(call);
    site_close(&call->site);
    return error == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

static int change_added(struct call *call)
{
    return change_keys(call, add_key);
}

static int change_removed(struct call *call)
{
    return change_keys(call, remove_key);
}

int cmd_keys(int argc, char **argv)
{
    static struct call call;
    bool done;
    int status = read_call(&call, &list_syntax, argc, argv, &done);
    return done || status != COMMAND_OK ? status : run(&call, list_keys);
}

int cmd_keys_add(int argc, char **argv)
{
    static struct call call;
    bool done;
    int status = read_call(&call, &add_syntax, argc, argv, &done);
    if (done || status != COMMAND_OK)
        return status;
    if (!call.has_set)
        return command_misuse(argv[0], "--set N is missing");
    status = run(&call, change_added);
    if (status == COMMAND_OK)
        printf(_("set %u has a key of version %u: keys apply, then flash each gate\n"), (unsigned)call.set,
               (unsigned)call.version);
    return status;
}

int cmd_keys_remove(int argc, char **argv)
{
    static struct call call;
    bool done;
    int status = read_call(&call, &remove_syntax, argc, argv, &done);
    if (done || status != COMMAND_OK)
        return status;
    if (!call.has_set || !call.has_version)
        return command_misuse(argv[0],
                              call.has_set ? N_("--version N is missing") : N_("--set N is missing"));
    return run(&call, change_removed);
}

int cmd_keys_apply(int argc, char **argv)
{
    static struct call call;
    bool done;
    int status = read_call(&call, &apply_syntax, argc, argv, &done);
    return done || status != COMMAND_OK ? status : run(&call, apply_keys);
}
