/* SPDX-License-Identifier: Apache-2.0 */
/* portillon card write: makes a blank DESFire card a card of the school, at the desk. */
#include "firmware/whitelist/card_application.h"
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/csv_out.h"
#include "tools/portillon/common/hex_text.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/desk/desfire_writer.h"
#include "tools/portillon/desk/desk_card.h"
#include "tools/portillon/desk/desk_pile.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules_file.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TRIES 3 /* of a card that did not answer in time, or lost its session, and is still there */

enum { READER, HELPER, ID, PILE, COUNT, CSV, JSON };

static const struct command_option options[] = {
    {"reader", 'r', N_("NAME"), N_("connection string of libnfc, or auto (default): the first reader found")},
    {"reader-helper", 0, N_("PROGRAM"),
     N_("portillon-reader, which holds libnfc (default: beside this\nprogram)")},
    {"id", 'i', N_("HEX"), N_("the identifier, in hexadecimal (default: a random one)")},
    {"pile", 0, NULL, N_("one card after another, until Ctrl-C; a card that comes again is\nleft out")},
    {"count", 'n', N_("N"), N_("with --pile: end after this many cards")},
    {"csv", 0, NULL, N_("as CSV: a line of headers, and a row for each card")},
    {"json", 'j', NULL, N_("as JSON: an object for each card")},
    {0},
};

static const struct command_syntax syntax = {
    N_("DIR [--reader NAME] [--id HEX | --pile [--count N]] [--csv | --json]"),
    N_("Makes a blank DESFire card (EV1, EV2, EV3) a card of the site: the first application of site.conf,\n"
       "its file with an identifier, and the newest key of its set; then proves the card as a gate does, "
       "and\n"
       "prints number and identifier. A card that was made before is told and left as it is; one that left\n"
       "half way is finished. A card with an application of others under that AID, or whose master key is\n"
       "not the AES key of zeros (a new card has a DES key), is refused untouched. The master key of the\n"
       "card stays as it is."),
    options,
};

struct call {
    struct desk_pile pile;
    const char *folder, *id;
    bool as_csv, as_json, has_headers;
    bool has_failed; /* a card of the pile */
    struct site site;
    struct site_rules rules;
    struct card_keys keys;
    struct desfire_application application;
    struct desfire_plan plan;
};

/* --- options --- */

static bool take_option(struct call *call, int option, const char *value)
{
    switch (option) {
    case READER:
        call->pile.reader = value;
        return true;
    case HELPER:
        call->pile.helper = value;
        return true;
    case ID:
        call->id = value;
        return true;
    case PILE:
        call->pile.is_pile = true;
        return true;
    case COUNT:
        return command_number(call->pile.command, "count", value, 1, DESK_PILE_MAX, &call->pile.count);
    case CSV:
        call->as_csv = true;
        return true;
    default:
        call->as_json = true;
        return true;
    }
}

/* Reads the command line. Returns COMMAND_PARSE_DONE or the exit status. */
static int read_call(struct call *call, int argc, char **argv)
{
    const char *value;
    int option;
    *call = (struct call){.pile = {.command = argv[0], .reader = "auto"}};
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0)
        if (!take_option(call, option, value))
            return COMMAND_USAGE;
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (argc != optind + 1)
        return command_misuse(argv[0], "one operand is needed, the site folder");
    call->folder = argv[optind];
    if (!desk_pile_check(&call->pile))
        return COMMAND_USAGE;
    if (call->as_csv && call->as_json)
        return command_misuse(argv[0], "--csv or --json, not both");
    if (call->id != NULL && call->pile.is_pile)
        return command_misuse(argv[0], "--id is for one card: each card of a pile has another identifier");
    return COMMAND_PARSE_DONE;
}

/* --- what is to be written --- */

static const struct desfire_key *newest_key(const struct desfire_key_set *set)
{
    const struct desfire_key *newest = set->generations;
    for (int i = 1; i < set->count; i++)
        if (set->generations[i].version > newest->version)
            newest = &set->generations[i];
    return newest;
}

/* Takes the identifier of --id. Returns true, or prints the misuse. */
static bool take_id(struct call *call)
{
    struct credential credential;
    size_t len;
    if (call->id == NULL)
        return true;
    bool is_good = hex_text_parse(call->id, call->plan.id, sizeof call->plan.id, &len) == ERR_OK &&
                   len == call->application.len &&
                   credential_from_desfire(&credential, call->application.aid, call->plan.id, len) == ERR_OK;
    if (!is_good)
        command_misuse(
            call->pile.command,
            "--id %s: here it is %u bytes in hexadecimal (length in site.conf), and not all 00 or FF",
            call->id, call->application.len);
    return is_good;
}

/* Makes the plan from site.conf and the keys of the site. Returns COMMAND_OK or the exit status. */
static int make_plan(struct call *call)
{
    const char *command = call->pile.command;
    const struct whitelist_application *listed = &call->rules.tables.applications[0];
    if (call->rules.tables.application_count == 0)
        return command_fail("%s: %s: site.conf has no [application]: it says what to write on cards", command,
                            call->folder);
    card_keys_take(&call->keys, call->site.card_keys.keys, call->site.card_keys.count);
    call->application = card_application_make(&call->keys, listed);
    if (call->application.key.count == 0)
        return command_fail("%s: %s: key set %u has no key: portillon keys add %s --set %u makes one",
                            command, call->folder, listed->key_set, call->folder, listed->key_set);
    if (listed->uid_key_set != 0 || desfire_writer_check(&call->application) != ERR_OK)
        return command_fail("%s: %s: the application %s has a uid_key_set, for cards with a random UID: such "
                            "cards cannot be written here",
                            command, call->folder, call->rules.applications[0]);
    call->plan.application = &call->application;
    call->plan.key = newest_key(&call->application.key);
    return take_id(call) ? COMMAND_OK : COMMAND_USAGE;
}

/* --- one card --- */

static uint64_t monotonic_us(void *ctx)
{
    struct timespec now;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static const struct timer timer = {.monotonic_us = monotonic_us};

static const char *why_not(enum desfire_writer_result result)
{
    switch (result) {
    case DESFIRE_WRITER_MADE:
    case DESFIRE_WRITER_FOUND:
        break;
    case DESFIRE_WRITER_NO_DESFIRE:
        return N_("it is no DESFire card, or has a random UID; nothing was changed");
    case DESFIRE_WRITER_OLD:
        return N_("it is an EV1, which knows only authentication = ev1, and site.conf says ev2; nothing was "
                  "changed");
    case DESFIRE_WRITER_MASTER_KEY:
        return N_("its master key is not the AES key of zeros (a new card has a DES key: change that first); "
                  "nothing was changed");
    case DESFIRE_WRITER_NOT_OURS:
        return N_(
            "it has an application with this AID that was not made here, or with a key that the site has "
            "not; nothing was changed");
    case DESFIRE_WRITER_REFUSED:
        return N_("it refused to make the application: it is full, or of a kind that has none");
    case DESFIRE_WRITER_HALF_MADE:
        return N_("it is HALF MADE, no gate knows it: put it on the reader again to finish it");
    case DESFIRE_WRITER_LEFT:
        return N_("it left, or did not answer; nothing was changed");
    case DESFIRE_WRITER_UNPROVEN:
        return N_("all was written, but it does not prove itself as gates ask for it");
    case DESFIRE_WRITER_FAILED:
        return N_("the crypto library failed");
    }
    return "";
}

static void say_json(const struct call *call, const char *number, const char *id, bool is_new)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "card", number);
    json_out_text(&json, "desfire", id);
    json_out_text(&json, "application", call->rules.applications[0]);
    json_out_bool(&json, "new", is_new);
    json_out_end(&json);
}

static void say_csv(struct call *call, const char *number, const char *id)
{
    if (!call->has_headers) {
        csv_out_start(stdout);
        csv_out_print((const char *const[]){"Carte", "desfire", NULL});
    }
    call->has_headers = true;
    csv_out_print((const char *const[]){number, id, NULL});
}

static void say_card(struct call *call, const char *number, const uint8_t *bytes, bool is_new)
{
    char id[2 * CREDENTIAL_ID_MAX + 1];
    for (size_t i = 0; i < call->application.len; i++)
        snprintf(id + 2 * i, 3, "%02X", bytes[i]);
    if (call->as_json)
        say_json(call, number, id, is_new);
    else if (call->as_csv)
        say_csv(call, number, id);
    else
        printf("%s  %s  %s  %s\n", number, call->rules.applications[0], id,
               is_new ? _("written and proven") : _("was written before: left as it is"));
    fflush(stdout); /* who reads a pipe sees each card at once */
}

/* A card that was made before keeps its identifier, whatever --id says. */
static void check_id(struct call *call, const char *number, const struct desfire_written *written)
{
    if (call->id == NULL || memcmp(written->id, call->plan.id, call->application.len) == 0)
        return;
    command_note("%s: %s: it holds another identifier than --id, and keeps it", call->pile.command, number);
    call->has_failed = true;
}

static bool is_torn(enum desfire_writer_result result)
{
    return result == DESFIRE_WRITER_LEFT || result == DESFIRE_WRITER_HALF_MADE;
}

/* Says why a card was not made. In a pile, one that left is asked for again. */
static int say_failure(struct call *call, const char *number, enum desfire_writer_result result,
                       const struct desfire_written *written)
{
    command_note("%s: %s: %s", call->pile.command, number, translate(why_not(result)));
    if (result == DESFIRE_WRITER_REFUSED || (result == DESFIRE_WRITER_HALF_MADE && written->status != 0))
        command_note("%s: %s: the card answered command %02X with status %02X", call->pile.command, number,
                     written->command, written->status);
    if (is_torn(result) && call->pile.is_pile)
        return ERR_BUSY;
    call->has_failed = true;
    return ERR_OK;
}

/* A card that was half made stays so when it has left. */
static enum desfire_writer_result write_card(const struct call *call, const struct reader *reader,
                                             const struct reader_target *card,
                                             struct desfire_written *written)
{
    enum desfire_writer_result result = DESFIRE_WRITER_LEFT;
    bool is_half_made = false;
    for (int i = 0; i < TRIES && is_torn(result); i++) {
        result = desfire_writer_make(reader, &timer, card, &call->plan, written);
        is_half_made = is_half_made || result == DESFIRE_WRITER_HALF_MADE;
    }
    return is_torn(result) && is_half_made ? DESFIRE_WRITER_HALF_MADE : result;
}

static int take_card(void *ctx, const struct reader *reader, const struct reader_target *card)
{
    struct call *call = ctx;
    struct desfire_written written;
    char number[DESK_CARD_HEX_SIZE];
    desk_card_number(card, number);
    if (call->id == NULL && crypto_random(call->plan.id, call->application.len) != ERR_OK) {
        command_fail("%s: there are no random numbers", call->pile.command);
        return ERR_CRYPTO;
    }
    enum desfire_writer_result result = write_card(call, reader, card, &written);
    if (result != DESFIRE_WRITER_MADE && result != DESFIRE_WRITER_FOUND)
        return say_failure(call, number, result, &written);
    say_card(call, number, written.id, result == DESFIRE_WRITER_MADE);
    check_id(call, number, &written);
    return ERR_OK;
}

/* --- the call --- */

static int write_cards(struct call *call)
{
    if (site_rules_read(&call->rules, call->pile.command, call->folder) != ERR_OK)
        return COMMAND_FAILED;
    int status = make_plan(call);
    if (status == COMMAND_OK)
        status = desk_pile_run(&call->pile, take_card, call);
    return status == COMMAND_OK && call->has_failed ? COMMAND_FAILED : status;
}

int cmd_card_write(int argc, char **argv)
{
    static struct call call;
    int status = read_call(&call, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    if (site_open(&call.site, call.pile.command, call.folder) != ERR_OK)
        return COMMAND_FAILED;
    status = write_cards(&call);
    crypto_wipe(&call.keys, sizeof call.keys);
    site_close(&call.site);
    return status;
}
