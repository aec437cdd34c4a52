/* SPDX-License-Identifier: Apache-2.0 */
/* portillon identity: makes the block that a technician flashes beside the firmware. portillon identity key:
 * prints the key of a role. */
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/secret_file.h"
#include "tools/portillon/site/site.h"

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
    uint8_t block[IDENTITY_LEN];
    identity_encode(identity, block);
    int error = file_write_atomic(path, block, sizeof block, 0600);
    if (error != ERR_OK)
        command_fail("%s: %s: cannot be written: %s", command, path, strerror(errno));
    crypto_wipe(block, sizeof block);
    return error;
}

static void say(const struct identity *identity, const char *path, bool as_json)
{
    if (!as_json) {
        printf("%s: gate %s \"%s\", zone %s\n", path, identity->device_id, identity->name,
               zone_name(identity->zone));
        return;
    }
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "file", path);
    json_out_text(&json, "device", identity->device_id);
    json_out_text(&json, "name", identity->name);
    json_out_text(&json, "zone", zone_name(identity->zone));
    json_out_hex(&json, "site_id", identity->site_id, sizeof identity->site_id);
    json_out_end(&json);
}

enum { ID_DEVICE, ID_NAME, ID_ZONE, ID_OUTPUT, ID_JSON };

static const struct command_option identity_options[] = {
    {"device", 'd', "ID", "the gate's id: 1 to 15 of A-Z a-z 0-9 . _ -"},
    {"name", 'n', "NAME", "its name for people, at most 31 bytes (\"Portail nord\")"},
    {"zone", 'z', "ZONE", "what it guards: building or canteen"},
    {"output", 'o', "FILE", "write the block here as well"},
    {"json", 'j', NULL, "say what was made as JSON"},
    {0},
};

static const struct command_syntax identity_syntax = {
    "DIR --device ID --name NAME --zone building|canteen [-o FILE]",
    "Writes DIR/gates/ID.identity (264 bytes, secret): what makes a device this gate of this site.\n"
    "Called again for the same device it makes the same keys, so a gate can be flashed anew, renamed or\n"
    "moved to the other zone; only its random seed is fresh each time.",
    identity_options,
};

/* Makes the identity and writes it to its file. */
static int make_identity(const char *command, const struct site *site, const char *device, const char *name,
                         enum zone zone, const char *output, bool as_json)
{
    struct identity identity;
    char file[IDENTITY_DEVICE_ID_MAX + 32], path[PATH_MAX];

    if (site_derive_identity(site, device, name, zone, &identity) != ERR_OK)
        return command_fail("%s: %s: keys could not be derived", command, device);
    snprintf(file, sizeof file, "gates/%s.identity", device);
    site_path(site, file, path);
    int error = write_block(command, &identity, path);
    if (error == ERR_OK && output != NULL)
        error = write_block(command, &identity, output);
    if (error == ERR_OK)
        say(&identity, path, as_json);
    crypto_wipe(&identity, sizeof identity);
    return error == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

int cmd_identity(int argc, char **argv)
{
    const char *value, *device = NULL, *name = NULL, *zone_text = NULL, *output = NULL;
    bool as_json = false;
    enum zone zone;
    struct site site;
    int option;

    while ((option = command_parse(&identity_syntax, argc, argv, &value)) >= 0) {
        if (option == ID_DEVICE)
            device = value;
        else if (option == ID_NAME)
            name = value;
        else if (option == ID_ZONE)
            zone_text = value;
        else if (option == ID_OUTPUT)
            output = value;
        else
            as_json = true;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (argc - optind != 1)
        return command_misuse(argv[0], "one site folder is needed");
    if (device == NULL || name == NULL || zone_text == NULL)
        return command_misuse(argv[0], "%s is missing",
                              device == NULL ? "--device ID"
                              : name == NULL ? "--name NAME"
                                             : "--zone ZONE");
    if (!site_device_id_is_good(device))
        return command_misuse(argv[0],
                              "--device %s: not 1 to %d of A-Z a-z 0-9 . _ -, a letter or digit first",
                              device, IDENTITY_DEVICE_ID_MAX);
    if (!site_name_is_good(name, IDENTITY_NAME_MAX))
        return command_misuse(argv[0], "--name %s: not 1 to %d bytes of UTF-8 on one line", name,
                              IDENTITY_NAME_MAX);
    if (parse_zone(zone_text, &zone) != ERR_OK)
        return command_misuse(argv[0], "--zone %s: not building or canteen", zone_text);
    if (site_open(&site, argv[0], argv[optind]) != ERR_OK)
        return COMMAND_FAILED;
    int status = make_identity(argv[0], &site, device, name, zone, output, as_json);
    site_close(&site);
    return status;
}

enum { KEY_DEVICE, KEY_ROLE, KEY_OUTPUT };

static const struct command_option key_options[] = {
    {"device", 'd', "ID", "a gate that portillon identity registered"},
    {"role", 'r', "ROLE", "maintenance or technician"},
    {"output", 'o', "FILE", "write the key here, for --key-file: a new file with mode 0600"},
    {0},
};

static const struct command_syntax key_syntax = {
    "DIR --device ID --role maintenance|technician [-o FILE]",
    "Prints the pre-shared key of that role on that gate, and nothing else. It is a secret: keep it in a\n"
    "file (-o, then --key-file FILE), and out of command lines, which everybody on the computer can read.",
    key_options,
};

/* Writes a line with the key to the file or, if that is NULL, to stdout. Returns the exit status. */
static int give_key(const char *command, const char *psk, const char *output)
{
    char line[IDENTITY_PSK_LEN + 2];
    int status = COMMAND_OK;
    snprintf(line, sizeof line, "%s\n", psk);
    if (output == NULL) {
        secret_file_check_stdout(command, "the key");
        fputs(line, stdout);
    } else if (secret_file_write_new(output, line, strlen(line)) != ERR_OK) {
        status = command_fail("%s: %s: %s", command, output, strerror(errno));
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
    if (argc - optind != 1)
        return command_misuse(argv[0], "one site folder is needed");
    if (device == NULL || role_text == NULL)
        return command_misuse(argv[0], "%s is missing", device == NULL ? "--device ID" : "--role ROLE");
    enum role role = role_from_name((const uint8_t *)role_text, strlen(role_text));
    if (role == ROLE_NONE)
        return command_misuse(argv[0], "--role %s: not maintenance or technician", role_text);
    if (site_open(&site, argv[0], argv[optind]) != ERR_OK)
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
