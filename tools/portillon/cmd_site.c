/* SPDX-License-Identifier: Apache-2.0 */
/* portillon site init: makes the folder with a school's keys. portillon site check: prints its rules as they
 * were read. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/passphrase.h"
#include "tools/portillon/common/shell_line.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/site/site_rules_file.h"
#include "tools/portillon/site/site_rules_print.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { NAME, PASSPHRASE, PASSPHRASE_FILE, JSON };

static const struct command_option options[] = {
    {"name", 'n', N_("NAME"), N_("the school's name, for people (default: the folder's)")},
    {"passphrase", 'P', NULL, N_("put the signing key under a passphrase, asked for at the terminal")},
    {"passphrase-file", 0, N_("FILE"), N_("the same, from the first line of a file (-: stdin), for scripts")},
    {"json", 'j', NULL, N_("say what was made as JSON")},
    {0},
};

static const struct command_syntax syntax = {
    N_("DIR [--name NAME] [--passphrase]"),
    N_("Makes DIR (mode 0700) with a new signing key, its public key and a master secret from which every\n"
       "other key is derived. Keep it on a computer you trust, and a copy of it in a safe: without it no "
       "list\n"
       "can be signed and no gate added. An existing folder is left alone.\n"
       "\n"
       "With a passphrase, lists are signed only by who knows it: whitelist build asks for it. Nobody can\n"
       "find it again. The master secret, from which the keys of gates are made, is not under it."),
    options,
};

static void say(const struct site *site, bool as_json)
{
    if (as_json) {
        struct json_out json;
        json_out_start(&json, stdout);
        json_out_object(&json, NULL);
        json_out_text(&json, "folder", site->folder);
        json_out_text(&json, "name", site->name);
        json_out_hex(&json, "site_id", site->site_id, sizeof site->site_id);
        json_out_end(&json);
        return;
    }
    char id[2 * sizeof site->site_id + 1];
    for (size_t i = 0; i < sizeof site->site_id; i++)
        snprintf(id + 2 * i, 3, "%02x", site->site_id[i]);
    printf(_("%s: site \"%s\", id %s\n"), site->folder, site->name, id);
    printf(_("its rules are in %s/site.conf: read it, and say your hours there\n"), site->folder);
    const char *const words[] = {"identity",        site->folder, "--device", "nord-1", "--name",
                                 _("Portail nord"), "--zone",     "building", NULL};
    shell_line_print(_("next, for each gate, for example:\n  "), words);
}

/* Gets a new passphrase: typed twice, or from a file. Returns ERR_OK or an error after printing why. */
static int new_passphrase(const char *command, const char *file, char passphrase[PASSPHRASE_MAX])
{
    char again[PASSPHRASE_MAX];
    int error = file != NULL ? passphrase_read(command, file, passphrase)
                             : passphrase_ask(command, _("New passphrase of the signing key"), passphrase);
    if (error == ERR_OK && strlen(passphrase) < PASSPHRASE_LEAST) {
        command_fail("%s: the passphrase is too short: at least %d characters", command, PASSPHRASE_LEAST);
        error = ERR_FORMAT;
    }
    if (error != ERR_OK || file != NULL)
        return error;
    error = passphrase_ask(command, _("The same again"), again);
    if (error == ERR_OK && strcmp(passphrase, again) != 0) {
        command_fail("%s: the two passphrases differ", command);
        error = ERR_FORMAT;
    }
    crypto_wipe(again, sizeof again);
    return error;
}

int cmd_site_init(int argc, char **argv)
{
    char passphrase[PASSPHRASE_MAX];
    const char *value, *name = NULL, *passphrase_file = NULL;
    bool as_json = false, with_passphrase = false;
    struct site site;
    int option;

    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0) {
        if (option == NAME)
            name = value;
        else if (option == JSON)
            as_json = true;
        else
            with_passphrase = true;
        if (option == PASSPHRASE_FILE)
            passphrase_file = value;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (argc - optind != 1)
        return command_misuse(argv[0], "one folder is needed");
    const char *folder = argv[optind];
    if (name == NULL) {
        name = folder;
        for (const char *c = folder; *c != '\0'; c++)
            if (c[0] == '/' && c[1] != '\0' && c[1] != '/')
                name = c + 1;
    }
    int error = with_passphrase ? new_passphrase(argv[0], passphrase_file, passphrase) : ERR_OK;
    if (error == ERR_OK)
        error = site_create(folder, name, with_passphrase ? passphrase : NULL);
    crypto_wipe(passphrase, sizeof passphrase);
    if (error != ERR_OK || site_open(&site, argv[0], folder) != ERR_OK)
        return COMMAND_FAILED;
    say(&site, as_json);
    site_close(&site);
    return COMMAND_OK;
}

/* --- site check --- */

static const struct command_option check_options[] = {{"json", 'j', NULL, N_("print the rules as JSON")},
                                                      {0}};

static const struct command_syntax check_syntax = {
    N_("DIR|FILE [--json]"),
    N_("Reads the rules in DIR/site.conf (or FILE), and prints them as the gates will apply them: time "
       "zone,\n"
       "services, profiles with their hours, calendar. What is wrong is told with its line. Nothing is "
       "written.\n"
       "Gates learn of rules with the next list: portillon whitelist build, then push."),
    check_options,
};

int cmd_site_check(int argc, char **argv)
{
    static struct site_rules rules;
    const char *value;
    bool as_json = false;
    int option;

    while ((option = command_parse(&check_syntax, argc, argv, &value)) >= 0)
        as_json = true;
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    const char *path = defaults_site_operand(argc, argv, optind);
    if (path == NULL)
        return command_misuse(argv[0], "one site folder, or file of rules, is needed");
    if (site_rules_read(&rules, argv[0], path) != ERR_OK)
        return COMMAND_FAILED;
    if (as_json)
        site_rules_print_json(&rules, stdout);
    else
        site_rules_print(&rules, stdout);
    return COMMAND_OK;
}
