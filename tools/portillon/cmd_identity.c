/* SPDX-License-Identifier: Apache-2.0 */
/* portillon identity: makes the block that a technician flashes beside the firmware. portillon identity key:
 * prints the key of a role. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/gate_word.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/secret_file.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_directions.h"
#include "tools/portillon/site/site_epochs.h"
#include "tools/portillon/site/site_gates.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static int parse_zone(const char *text, enum zone *zone)
{
    for (int z = ZONE_BUILDING; z <= ZONE_CANTEEN; z++)
        if (strcmp(text, zone_name((enum zone)z)) == 0) {
            *zone = (enum zone)z;
            return ERR_OK;
        }
    return ERR_ARGUMENT;
}

static int write_block(const char *command, const struct identity *identity, const char *path)
{
    uint8_t block[IDENTITY_LEN_MAX];
    size_t len = identity_encode(identity, block);
    int error = file_write_atomic(path, block, len, 0600);
    if (error != ERR_OK)
        command_fail("%s: %s: cannot be written: %s", command, path, translate_errno(errno));
    crypto_wipe(block, sizeof block);
    return error;
}

struct call {
    const char *command, *device, *name, *zone_text, *direction_text, *output;
    enum zone zone;                /* of zone_text */
    enum gate_direction direction; /* of direction_text */
    bool renews, as_json;
};

static void say(const struct call *call, const struct identity *identity, enum gate_direction direction,
                unsigned epoch, const char *path)
{
    if (!call->as_json) {
        printf(_("%s: gate %s \"%s\", zone %s, direction %s, keys of epoch %u\n"), path, identity->device_id,
               identity->name, gate_word(zone_name(identity->zone)),
               gate_word(gate_direction_name(direction)), epoch);
        return;
    }
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "file", path);
    json_out_text(&json, "device", identity->device_id);
    json_out_text(&json, "name", identity->name);
    json_out_text(&json, "zone", zone_name(identity->zone));
    json_out_text(&json, "direction", gate_direction_name(direction));
    json_out_hex(&json, "site_id", identity->site_id, sizeof identity->site_id);
    json_out_int(&json, "epoch", epoch);
    json_out_end(&json);
}

/* Says what is left to do after the keys of a gate were renewed. */
static void say_next(const struct call *call, const struct site *site, unsigned epoch)
{
    command_note("%s: %s: the keys of epoch %u are refused from now on, by every command", call->command,
                 call->device, epoch - 1);
    command_note("%s: flash the new identity to the gate. Until then it serves cards as before, and --epoch "
                 "%u still reaches it. Fetch its passages first: with new keys it cannot read what it stored "
                 "with the old ones. Afterwards push the list, set clock and settings, and turn off again "
                 "what was off",
                 call->command, epoch - 1);
    command_note("%s: if the gate was stolen, do not use --epoch: what a thief's gate says may be invented. "
                 "He still has the pseudonym key, which all gates of %s share: SECURITY.md says what it "
                 "gives away",
                 call->command, site->folder);
}

enum { ID_DEVICE, ID_NAME, ID_ZONE, ID_DIRECTION, ID_RENEW, ID_OUTPUT, ID_JSON };

static const struct command_option identity_options[] = {
    {"device", 'd', N_("ID"), N_("the gate's id: 1 to 15 of A-Z a-z 0-9 . _ -")},
    {"name", 'n', N_("NAME"), N_("its name for people, at most 31 bytes (\"Portail nord\")")},
    {"zone", 'z', N_("ZONE"), N_("what it guards: building or canteen")},
    {"direction", 0, N_("WAY"),
     N_("which way people go through it: in, out or both (as long as nothing is said)")},
    {"renew", 0, NULL, N_("give the gate new keys, and refuse the keys of before: it was stolen")},
    {"output", 'o', N_("FILE"), N_("write the block here as well")},
    {"json", 'j', NULL, N_("say what was made as JSON")},
    {0},
};

static const struct command_syntax identity_syntax = {
    N_("DIR --device ID --name NAME --zone building|canteen [-o FILE]"),
    N_("Writes DIR/gates/ID.identity (264 bytes, secret): what makes a device this gate of this site.\n"
       "Called again for the same device it makes the same keys, so a gate can be flashed anew, renamed or\n"
       "moved to the other zone; only its random seed is fresh each time. --name and --zone may be left out\n"
       "for a gate that has them.\n"
       "\n"
       "DIR/directions has the direction of each gate for which it was given. The gate does not need it.\n"
       "\n"
       "A gate that is dead gets the same identity on another board. For a gate that was stolen, or whose\n"
       "keys somebody may have, --renew makes other keys. DIR/epochs remembers how often."),
    identity_options,
};

/* Reads the identity that the gate has. All is 0 if it has none that can be used, which is an error only for
 * a renewal. An identity of a later epoch than the site knows is an error too. Prints the error. */
static int read_before(const struct call *call, const struct site *site, unsigned epoch,
                       struct identity *before)
{
    unsigned found;
    int error = site_peek_gate(site, call->device, before);
    if (error == ERR_OK && (site_find_epoch(site, before, &found) != ERR_OK || found <= epoch))
        return ERR_OK;
    if (error == ERR_OK || call->renews)
        return site_read_gate(site, call->command, call->device, before); /* says what is wrong */
    *before = (struct identity){0};
    return ERR_OK;
}

/* Keeps the direction that was given, or reads the one that the gate has. */
static int settle_direction(const struct call *call, const struct site *site, enum gate_direction *direction)
{
    *direction = call->direction;
    return call->direction_text != NULL
               ? site_directions_set(site->folder, call->command, call->device, call->direction)
               : site_directions_get(site->folder, call->command, call->device, direction);
}

/* Makes the identity with the keys of an epoch, and writes it to its file. Returns an exit status. */
static int make_identity(const struct call *call, const struct site *site, unsigned epoch, const char *name,
                         enum zone zone, enum gate_direction direction)
{
    struct identity identity;
    char path[PATH_MAX];

    if (site_derive_identity(site, call->device, epoch, name, zone, &identity) != ERR_OK)
        return command_fail("%s: %s: keys could not be derived", call->command, call->device);
    site_gate_path(site, call->device, path);
    int error = write_block(call->command, &identity, path);
    if (error == ERR_OK && call->output != NULL)
        error = write_block(call->command, &identity, call->output);
    if (error == ERR_OK)
        say(call, &identity, direction, epoch, path);
    crypto_wipe(&identity, sizeof identity);
    return error == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

/* Says what changes of a gate that is registered already: a zone or a name that was typed wrongly is
 * noticed. */
static void say_changes(const struct call *call, const struct identity *before, const char *name,
                        enum zone zone)
{
    if (before->name[0] == '\0')
        return;
    if (zone != before->zone)
        command_note(
            "%s: %s: MOVED from zone %s to zone %s. Flash the new identity, and build and push the list",
            call->command, call->device, gate_word(zone_name(before->zone)), gate_word(zone_name(zone)));
    if (strcmp(name, before->name) != 0)
        command_note("%s: %s: renamed from \"%s\" to \"%s\"", call->command, call->device, before->name,
                     name);
}

/* Raises the epoch of the gate. It is on the disk before the new keys are: if the renewal is cut short, the
 * old keys are refused all the same. Returns an exit status. */
static int raise_epoch(const struct call *call, const struct site *site, unsigned *epoch)
{
    if (*epoch == SITE_EPOCHS_MAX)
        return command_fail("%s: %s: its keys were renewed %u times, which is all there is: give the gate "
                            "another id",
                            call->command, call->device, *epoch);
    ++*epoch;
    return site_epochs_set(site->folder, call->command, call->device, *epoch) == ERR_OK ? COMMAND_OK
                                                                                        : COMMAND_FAILED;
}

/* Makes the identity as the call asks, while no other program makes one. */
static int make_locked(const struct call *call, const struct site *site)
{
    struct identity before = {0};
    unsigned epoch;
    int error = site_gate_epoch(site, call->command, call->device, &epoch);
    if (error == ERR_OK)
        error = read_before(call, site, epoch, &before);
    const char *name = call->name != NULL ? call->name : before.name;
    enum zone zone = call->zone_text != NULL ? call->zone : before.zone;
    enum gate_direction direction = GATE_BOTH_WAYS;
    int status = COMMAND_OK;
    if (error != ERR_OK)
        status = COMMAND_FAILED;
    else if (name[0] == '\0')
        status = command_misuse(call->command, "--name NAME is missing");
    else if (zone == 0)
        status = command_misuse(call->command, "--zone ZONE is missing");
    else if (settle_direction(call, site, &direction) != ERR_OK)
        status = COMMAND_FAILED;
    else if (call->renews)
        status = raise_epoch(call, site, &epoch);
    if (status == COMMAND_OK) {
        say_changes(call, &before, name, zone);
        status = make_identity(call, site, epoch, name, zone, direction);
        if (call->renews)
            say_next(call, site, epoch);
    }
    crypto_wipe(&before, sizeof before);
    return status;
}

static int make_in(const struct call *call, const char *folder)
{
    struct site site;
    if (site_open(&site, call->command, folder) != ERR_OK)
        return COMMAND_FAILED;
    int lock = site_epochs_lock(site.folder, call->command);
    int status = lock >= 0 ? make_locked(call, &site) : COMMAND_FAILED;
    if (lock >= 0)
        site_epochs_unlock(lock);
    site_close(&site);
    return status;
}

/* Checks what was given. Returns COMMAND_OK, or COMMAND_USAGE after printing the error. */
static int check_call(struct call *call)
{
    if (call->device == NULL)
        return command_misuse(call->command, "--device ID is missing");
    if (!site_device_id_is_good(call->device))
        return command_misuse(call->command,
                              "--device %s: not 1 to %d of A-Z a-z 0-9 . _ -, a letter or digit first",
                              call->device, IDENTITY_DEVICE_ID_MAX);
    if (call->name != NULL && !site_name_is_good(call->name, IDENTITY_NAME_MAX))
        return command_misuse(call->command, "--name %s: not 1 to %d bytes of UTF-8 on one line", call->name,
                              IDENTITY_NAME_MAX);
    if (call->zone_text != NULL && parse_zone(call->zone_text, &call->zone) != ERR_OK)
        return command_misuse(call->command, "--zone %s: not building or canteen", call->zone_text);
    if (call->direction_text != NULL && gate_direction_find(call->direction_text, &call->direction) != ERR_OK)
        return command_misuse(call->command, "--direction %s: not in, out or both", call->direction_text);
    return COMMAND_OK;
}

int cmd_identity(int argc, char **argv)
{
    struct call call = {.command = argv[0]};
    const char *value;
    int option;

    while ((option = command_parse(&identity_syntax, argc, argv, &value)) >= 0) {
        if (option == ID_DEVICE)
            call.device = value;
        else if (option == ID_NAME)
            call.name = value;
        else if (option == ID_ZONE)
            call.zone_text = value;
        else if (option == ID_DIRECTION)
            call.direction_text = value;
        else if (option == ID_RENEW)
            call.renews = true;
        else if (option == ID_OUTPUT)
            call.output = value;
        else
            call.as_json = true;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    const char *folder = defaults_site_operand(argc, argv, optind);
    if (folder == NULL)
        return command_misuse(argv[0], "one site folder is needed");
    int status = check_call(&call);
    return status == COMMAND_OK ? make_in(&call, folder) : status;
}

enum { KEY_DEVICE, KEY_ROLE, KEY_OUTPUT };

static const struct command_option key_options[] = {
    {"device", 'd', N_("ID"), N_("a gate that portillon identity registered")},
    {"role", 'r', N_("ROLE"), N_("maintenance or technician")},
    {"output", 'o', N_("FILE"), N_("write the key here, for --key-file: a new file with mode 0600")},
    {0},
};

static const struct command_syntax key_syntax = {
    N_("DIR --device ID --role maintenance|technician [-o FILE]"),
    N_("Prints the pre-shared key of that role on that gate, and nothing else. It is a secret: keep it in a\n"
       "file (-o, then --key-file FILE), and out of command lines, which everybody on the computer can "
       "read."),
    key_options,
};

/* Writes a line with the key to the file or, if that is NULL, to stdout. Returns the exit status. */
static int give_key(const char *command, const char *psk, const char *output)
{
    char line[IDENTITY_PSK_LEN + 2];
    int status = COMMAND_OK;
    snprintf(line, sizeof line, "%s\n", psk);
    if (output == NULL) {
        secret_file_check_stdout(command, _("the key"));
        fputs(line, stdout);
    } else if (secret_file_write_new(output, line, strlen(line)) != ERR_OK) {
        status = command_fail("%s: %s: %s", command, output, translate_errno(errno));
    }
    crypto_wipe(line, sizeof line);
    return status;
}

int cmd_identity_key(int argc, char **argv)
{
    const char *value, *device = NULL, *role_text = NULL, *output = NULL;
    struct site site;
    struct identity identity;
    char psk[IDENTITY_PSK_LEN + 1];
    int option;

    while ((option = command_parse(&key_syntax, argc, argv, &value)) >= 0) {
        if (option == KEY_DEVICE)
            device = value;
        else if (option == KEY_ROLE)
            role_text = value;
        else
            output = value;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    const char *folder = defaults_site_operand(argc, argv, optind);
    if (folder == NULL)
        return command_misuse(argv[0], "one site folder is needed");
    if (device == NULL || role_text == NULL)
        return command_misuse(argv[0],
                              device == NULL ? N_("--device ID is missing") : N_("--role ROLE is missing"));
    enum role role = role_from_name((const uint8_t *)role_text, strlen(role_text));
    if (role == ROLE_NONE)
        return command_misuse(argv[0], "--role %s: not maintenance or technician", role_text);
    if (site_open(&site, argv[0], folder) != ERR_OK)
        return COMMAND_FAILED;
    int error = site_read_gate(&site, argv[0], device, &identity);
    site_close(&site);
    if (error != ERR_OK || identity_psk(&identity, role, psk) != ERR_OK)
        return COMMAND_FAILED;
    int status = give_key(argv[0], psk, output);
    crypto_wipe(psk, sizeof psk);
    crypto_wipe(&identity, sizeof identity);
    return status;
}
