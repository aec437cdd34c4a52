/* SPDX-License-Identifier: Apache-2.0 */
/* portillon: keys, lists and maintenance of the gates of a site. This file only finds the command. */
#include "firmware/base/version.h"
#include "hal/linux/process_memory.h"
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/printable.h"
#include "tools/portillon/common/suggest.h"

#include <stdio.h>
#include <string.h>

struct command {
    const char *name; /* one or two words */
    int (*run)(int argc, char **argv);
    const char *summary;
};

static const struct command commands[] = {
    {"site init", cmd_site_init, N_("make the folder that holds a school's keys")},
    {"site check", cmd_site_check, N_("check a school's rules, and print them as the gates apply them")},
    {"identity", cmd_identity, N_("make the identity block of a gate, and register the gate")},
    {"identity key", cmd_identity_key, N_("give a gate's key for a role, for --key-file")},
    {"keys", cmd_keys, N_("list the keys of cards, and which gates have them")},
    {"keys add", cmd_keys_add, N_("add a key of cards: the next generation, or one that others made")},
    {"keys remove", cmd_keys_remove, N_("remove a key that no card has any more")},
    {"keys apply", cmd_keys_apply, N_("write the keys of cards into the identities of the gates")},
    {"whitelist build", cmd_whitelist_build, N_("make the signed list, from the register or from files")},
    {"whitelist show", cmd_whitelist_show, N_("check a list and say what is in it")},
    {"whitelist diff", cmd_whitelist_diff, N_("say who came, left and changed between two lists")},
    {"explain", cmd_explain, N_("say what a gate answers to a card at a given time, and why")},
    {"card read", cmd_card_read, N_("read the number of a card at the desk, and say who has it")},
    {"card survey", cmd_card_survey, N_("say what a card at the desk is, and how gates could know it")},
    {"card write", cmd_card_write, N_("make a blank DESFire card a card of the site")},
    {"replay", cmd_replay, N_("say for whom other rules would have changed what the gates answered")},
    {"people import", cmd_people_import, N_("bring the people of the school's files into the register")},
    {"cards import", cmd_cards_import, N_("give the people of the register the cards of a file")},
    {"card assign", cmd_card_assign, N_("give people of the register their cards, typed or with a reader")},
    {"card lend", cmd_card_lend, N_("give somebody a card for some days, and block the lost one")},
    {"card block", cmd_card_block, N_("block a lost or stolen card, whatever the school's file says")},
    {"card return", cmd_card_return, N_("end a loan or a block")},
    {"card list", cmd_card_list, N_("the cards that the office has lent or blocked")},
    {"whitelist push", cmd_whitelist_push, N_("install a list on a gate, or resume doing so")},
    {"status", cmd_status, N_("ask a gate how it is")},
    {"clock set", cmd_clock_set, N_("set a gate's clock from this computer")},
    {"sync", cmd_sync, N_("keep all gates current at once: clock, list, groups, passages")},
    {"gates", cmd_gates, N_("say what the office last saw of each gate, and what is wished of them")},
    {"passages pull", cmd_passages_pull, N_("fetch the passages of a gate into a database")},
    {"journal check", cmd_journal_check, N_("say what the flash chip of a dead gate holds")},
    {"store forget", cmd_store_forget, N_("delete old passages from the office's store, as the law asks")},
    {"report", cmd_report, N_("passages, meals, the queue, who is inside, how the gates are")},
    {"person export", cmd_person_export, N_("all that the store has of a person, as JSON")},
    {"person erase", cmd_person_erase, N_("take a person out of the store")},
    {"audit", cmd_audit, N_("who looked up, opened, lent, blocked and erased what")},
    {"settings", cmd_settings, N_("show or change what a technician may change on a gate")},
    {"profiles", cmd_profiles, N_("list a gate's groups of people, which are on and which are off")},
    {"profiles off", cmd_profiles, N_("turn groups away at a gate, whatever the list says (Vigipirate)")},
    {"profiles on", cmd_profiles, N_("let them pass again")},
    {"open", cmd_open, N_("open a gate for one person, by hand")},
    {"selftest", cmd_selftest, N_("walk a gate's board: reader, memory, clock, lights, relay, inputs")},
    {"bridge", cmd_bridge, N_("let any CoAP client reach a gate, on a local UDP port")},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void print_help(FILE *out)
{
    fprintf(out, _("usage: portillon COMMAND [ARGUMENT...]\n\n"));
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-16s %s\n", commands[i].name, translate(commands[i].summary));
    fprintf(out, "  %-16s %s\n  %-16s %s\n", "help", _("this list"), "--version", _("the version"));
    fprintf(out, _("\nportillon COMMAND --help tells more about a command.\n"));
}

/* Returns how many of the first words of argv name the command; 0 if they do not. */
static int words_matching(const struct command *command, int argc, char **argv)
{
    const char *space = strchr(command->name, ' ');
    size_t first_len = space != NULL ? (size_t)(space - command->name) : strlen(command->name);

    if (argc < 1 || strlen(argv[0]) != first_len || memcmp(argv[0], command->name, first_len) != 0)
        return 0;
    if (space == NULL)
        return 1;
    return argc > 1 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

/* Returns the command whose name, or one word of it, is nearest to a word; NULL if none is near. */
static const char *nearest_command(const char *word)
{
    const char *words[2 * COMMAND_COUNT + 1];
    static char firsts[COMMAND_COUNT][32];
    size_t count = 0;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const char *space = strchr(commands[i].name, ' ');
        snprintf(firsts[i], sizeof firsts[i], "%.*s", (int)strcspn(commands[i].name, " "), commands[i].name);
        words[count++] = firsts[i];
        if (space != NULL)
            words[count++] = space + 1;
    }
    words[count] = NULL;
    const char *near = suggest_nearest(word, words);
    for (size_t i = 0; i < COMMAND_COUNT && near != NULL; i++) {
        const char *space = strchr(commands[i].name, ' ');
        if (strcmp(firsts[i], near) == 0)
            return near; /* if it needs a second word, the next message says so */
        if (space != NULL && strcmp(space + 1, near) == 0)
            return commands[i].name;
    }
    return NULL;
}

/* Lists the commands whose first of two words is this one. */
static void commands_with_word(const char *word, char *out, size_t size)
{
    size_t len = strlen(word), used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strncmp(commands[i].name, word, len) == 0 && commands[i].name[len] == ' ' && used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", commands[i].name);
}

static int unknown_command(int argc, char **argv)
{
    char known[512];
    const char *near = nearest_command(argv[0]);

    commands_with_word(argv[0], known, sizeof known);
    fprintf(stderr, "portillon: %s%s%s: ", argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
    if (known[0] != '\0' && argc > 1)
        fprintf(stderr, _("no such command; there is %s\n"), known);
    else if (known[0] != '\0')
        fprintf(stderr, _("which one? There is %s\n"), known);
    else if (near != NULL)
        fprintf(stderr, _("no such command; did you mean %s?\n"), near);
    else
        fprintf(stderr, _("no such command (portillon help lists them)\n"));
    return COMMAND_USAGE;
}

/* Returns true if --help is among the arguments: it is printed also if the file of defaults is wrong. */
static bool asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    const struct command *found = NULL;
    int found_words = 0;

    translate_start("portillon");
    process_memory_protect("portillon");
    printable_guard_stdout();
    if (argc < 2) {
        print_help(stderr);
        return COMMAND_USAGE;
    }
    bool help_first = strcmp(argv[1], "help") == 0;
    if ((help_first && argc == 2) || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return COMMAND_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("portillon %s\n%s\n", portillon_version, portillon_sources);
        return COMMAND_OK;
    }
    int skip = help_first ? 2 : 1;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        int words = words_matching(&commands[i], argc - skip, argv + skip);
        if (words > found_words) {
            found = &commands[i];
            found_words = words;
        }
    }
    if (found == NULL)
        return unknown_command(argc - skip, argv + skip);
    if (help_first)
        return found->run(2, (char *[]){(char *)found->name, "--help", NULL});
    if (!asks_help(argc, argv) && defaults_read() != COMMAND_OK)
        return COMMAND_FAILED;
    argv += skip + found_words - 1;
    argv[0] = (char *)found->name;
    return found->run(argc - skip - found_words + 1, argv);
}
