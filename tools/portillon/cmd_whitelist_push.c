/* SPDX-License-Identifier: Apache-2.0 */
/* portillon whitelist push: installs a list on a gate, or continues what an earlier run started. */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "firmware/base/clock.h"
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/gate/gate_clock.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/gate_time.h"
#include "tools/portillon/gate/push_list.h"
#include "tools/portillon/list/list_loss.h"
#include "tools/portillon/site/site.h"

enum { OPTION_ACCEPT_REMOVALS = GATE_OPTION_COUNT, OPTION_WHOLE, OPTION_BASE };

static const struct command_option options[] = {
    GATE_OPTIONS,
    LIST_LOSS_OPTION,
    {"whole", 0, NULL, N_("send whole blocks, and not only what changed in the list that the gate runs")},
    {"base", 0, N_("LIST"),
     N_("a file that may be the list that the gate runs, if neither the site folder nor the\n"
        "register has that")},
    {"json", 'j', NULL, N_("print a summary as JSON")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("--port DEV --site DIR [--gate ID] [LIST]"),
    .details =
        N_("Installs a signed list (default: DIR/whitelist.list) on the gate. It goes on serving its old\n"
           "list until the new one is whole and verified. Ctrl-C is safe at any point: the same command\n"
           "resumes where it stopped. Blocks the gate has already are not sent. If the site folder or the\n"
           "register has the list that the gate runs, only what changed in it is sent, unless --whole.\n"
           "\n"
           "Exit status: 0 the list is running (also if it was before), 1 it is not, and why is said,\n"
           "2 wrong call, 130 interrupted."),
    .options = options,
};

static void print_interrupted(const struct push_session *push)
{
    char now[120];
    if (push->state.has_running)
        snprintf(now, sizeof now, _("the gate keeps its list, version %u"), push->state.running.version);
    else
        snprintf(now, sizeof now, "%s", _("the gate has no list yet"));
    if (push->stored_blocks > 0 || push->resumed)
        command_note("whitelist push: interrupted at block %u of %u: %s; the same command resumes",
                     push->have, push->list->header.block_count, now);
    else
        command_note("whitelist push: interrupted: %s; the same command resumes", now);
}

static double seconds(uint64_t us)
{
    return (double)us / 1e6;
}

static double payload_rate(const struct push_session *push)
{
    return push->sending_us > 0
               ? (double)push->stored_blocks * WHITELIST_BLOCK_LEN / seconds(push->sending_us)
               : 0;
}

/* Tells in what form the list was sent: as changes, in whole blocks, or both. */
static void print_sent(const struct push_session *push)
{
    uint32_t whole = push->stored_blocks - push->patched_blocks, blocks = push->list->header.block_count;
    if (push->patched_blocks == 0) {
        printf(translate_count(blocks, "%u of %u block sent", "%u of %u blocks sent"), whole, blocks);
        return;
    }
    printf(translate_count(blocks, "only the changes sent, in %u of %u block",
                           "only the changes sent, in %u of %u blocks"),
           push->patched_blocks, blocks);
    if (whole > 0)
        printf(translate_count(whole, ", and %u whole block", ", and %u whole blocks"), whole);
}

static void print_summary(struct push_session *push, enum push_outcome outcome)
{
    const struct whitelist_header *header = &push->list->header;
    const char *name = gate_name(push->gate);
    if (outcome == PUSH_RAN_ALREADY) {
        printf(translate_count(header->card_count, "%s: version %u is already running, %u card\n",
                               "%s: version %u is already running, %u cards\n"),
               name, header->version, header->card_count);
        return;
    }
    printf(translate_count(header->card_count, "%s: version %u is running, %u card\n",
                           "%s: version %u is running, %u cards\n"),
           name, header->version, header->card_count);
    print_sent(push);
    if (push->stored_blocks < header->block_count)
        fputs(push->resumed ? _(" (the gate had the others, some from an earlier run)")
                            : _(" (the gate had the others)"),
              stdout);
    printf(_("; %.1f KiB on the line, %.1f s"), bridge_get_counts(&push->link->bridge).bytes_to_gate / 1024.0,
           seconds(push->total_us));
    if (push->stored_blocks > push->patched_blocks)
        printf(_(", blocks at %.1f KiB/s"), payload_rate(push) / 1024);
    printf("\n");
}

static void print_json(struct push_session *push, enum push_outcome outcome)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_int(&json, "version", push->list->header.version);
    json_out_int(&json, "cards", push->list->header.card_count);
    json_out_bool(&json, "ran_already", outcome == PUSH_RAN_ALREADY);
    json_out_bool(&json, "resumed", push->resumed);
    json_out_int(&json, "blocks", push->list->header.block_count);
    json_out_int(&json, "blocks_sent", push->stored_blocks);
    json_out_int(&json, "blocks_changed", push->patched_blocks);
    json_out_int(&json, "pieces_repeated", push->repeated_pieces);
    json_out_int(&json, "line_bytes", bridge_get_counts(&push->link->bridge).bytes_to_gate);
    json_out_decimal(&json, "seconds", seconds(push->total_us));
    json_out_decimal(&json, "sending_seconds", seconds(push->sending_us));
    json_out_decimal(&json, "block_bytes_per_second", payload_rate(push));
    json_out_end(&json);
}

/* Warns if the gate does not know the time. Anyone may carry a list, so a push sets no clock, but the hours,
 * dates and meals of the list count only with a known time. */
static void look_at_clock(const struct gate_options *gate, struct link *link)
{
    char drift[GATE_TIME_LEN];
    struct gate_clock clock;
    if (gate_clock_read(gate, link, &clock) != COMMAND_OK)
        return;
    if (!gate_clock_is_sure(&clock))
        command_note(
            strcmp(clock.gate.clock, clock_quality_name(CLOCK_UNSET)) == 0
                ? _("whitelist push: the gate's clock is unset: hours, dates and meals of the list do "
                    "not count until it is set (portillon clock set)")
                : _("whitelist push: the gate's clock is stale: hours, dates and meals of the list do "
                    "not count until it is set (portillon clock set)"));
    else if (gate_clock_judge(&clock) == GATE_CLOCK_APART)
        command_note("whitelist push: the gate's clock is %s: which is right? (portillon clock set)",
                     gate_time_drift((int64_t)clock.gate.time - clock.now, drift));
}

static int send_list(void *ctx, const struct gate_options *gate, struct link *link)
{
    struct push_list *list = ctx;
    enum push_outcome outcome;
    int status = push_list_send(list, gate, link, &outcome);
    if (status == INTERRUPT_STATUS)
        print_interrupted(&list->push);
    else if (status == COMMAND_OK && gate->as_json)
        print_json(&list->push, outcome);
    else if (status == COMMAND_OK)
        print_summary(&list->push, outcome);
    if (status == COMMAND_OK)
        look_at_clock(gate, link);
    return status;
}

static void take_option(struct push_list *list, int option, const char *value)
{
    list->accepts_removals = list->accepts_removals || option == OPTION_ACCEPT_REMOVALS;
    list->sends_whole = list->sends_whole || option == OPTION_WHOLE;
    list->base_path = option == OPTION_BASE ? value : list->base_path;
}

int cmd_whitelist_push(int argc, char **argv)
{
    static struct push_list list; /* too large for the stack */
    struct gate_options gate;
    char default_path[PATH_MAX];
    const char *value;

    gate_options_init(&gate, argv[0], ROLE_MAINTENANCE);
    int parsed;
    while ((parsed = gate_options_parse(&gate, &syntax, argc, argv, &value)) >= OPTION_ACCEPT_REMOVALS)
        take_option(&list, parsed, value);
    if (parsed != COMMAND_PARSE_DONE)
        return command_parse_status(parsed);
    if (argc - optind > 1)
        return command_misuse(argv[0], "%s: one list is enough", argv[optind + 1]);
    if (argc == optind && gate.site == NULL)
        return command_misuse(argv[0], "which list?");
    int status = gate_options_finish(&gate, false);
    if (status != COMMAND_OK)
        return status;
    snprintf(default_path, sizeof default_path, "%s/" SITE_LIST_FILE, gate.site != NULL ? gate.site : "");
    status = push_list_read(&list, &gate, argc > optind ? argv[optind] : default_path);
    if (status == COMMAND_OK)
        status = gate_session(&gate, send_list, &list);
    push_list_free(&list);
    gate_options_close(&gate);
    return status;
}
