/* SPDX-License-Identifier: Apache-2.0 */
/* portillon whitelist push: installs a list on a gate, or continues what an earlier run started. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/common/plural.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/gate/gate_clock.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/gate_time.h"
#include "tools/portillon/gate/push_session.h"
#include "tools/portillon/list/list_file.h"
#include "tools/portillon/list/list_loss.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/store/office_register.h"

enum { OPTION_ACCEPT_REMOVALS = GATE_OPTION_COUNT };

static const struct command_option options[] = {
    GATE_OPTIONS,
    LIST_LOSS_OPTION,
    {"json", 'j', NULL, "print a summary as JSON"},
    {0},
};

static const struct command_syntax syntax = {
    .usage = "--port DEV --site DIR [--gate ID] [LIST]",
    .details =
        "Installs a signed list (default: DIR/" SITE_LIST_FILE ") on the gate. It goes on serving its old\n"
        "list until the new one is whole and verified. Ctrl-C is safe at any point: the same command\n"
        "resumes where it stopped. Blocks the gate has already are not sent.\n"
        "\n"
        "Exit status: 0 the list is running (also if it was before), 1 it is not, and why is said,\n"
        "2 wrong call, 130 interrupted.",
    .options = options,
};

/* Checks the list before it is sent. Without a site the signature is checked only by the gate. */
static bool check_list(struct list_file *list, const char *path, const struct gate_options *gate,
                       const uint8_t *data, size_t len)
{
    const char *why;
    uint32_t block;
    if (list_file_open(list, data, len, &why) != ERR_OK) {
        command_fail("whitelist push: %s: %s", path, why);
        return false;
    }
    if (list_file_check_blocks(list, &block) != ERR_OK) {
        command_fail("whitelist push: %s: block %u is damaged: take a fresh copy of the file", path, block);
        return false;
    }
    if (!gate->has_identity)
        return true;
    if (memcmp(list->header.site_id, gate->identity.site_id, IDENTITY_SITE_ID_LEN) != 0) {
        command_fail("whitelist push: %s: made for another site than %s", path, gate->site);
        return false;
    }
    if (list_file_check_signature(list, gate->identity.site_key) != ERR_OK) {
        command_fail("whitelist push: %s: not signed with the key of %s", path, gate->site);
        return false;
    }
    return true;
}

/* --- what the gate would lose --- */

struct job {
    struct push_session push;
    uint8_t *data; /* of the list */
    bool accepts_removals;
};

/* Reads a list of the site. Returns true if it is the one with this version. */
static bool open_version(struct list_open *open, const struct gate_options *gate, const char *path,
                         uint32_t version)
{
    const char *why;
    size_t len;
    *open = (struct list_open){0};
    if (file_read(path, LIST_FILE_MAX, &open->data, &len) != ERR_OK)
        return false;
    if (list_open_bytes(open, len, gate->identity.site_key, &why) == ERR_OK &&
        open->list.header.version == version)
        return true;
    list_open_free(open);
    return false;
}

/* Finds the list that the gate runs in the site folder. */
static bool find_running(struct list_open *open, const struct gate_options *gate, uint32_t version)
{
    static const char *const names[] = {SITE_LIST_BEFORE_FILE, SITE_LIST_FILE};
    char path[PATH_MAX];
    for (size_t i = 0; gate->has_identity && i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", gate->site, names[i]);
        if (open_version(open, gate, path, version))
            return true;
    }
    return false;
}

/* Compares the list with the one that the gate runs: card by card if the site folder still has that,
 * otherwise by the number of cards. Returns ERR_OK or ERR_NO_SPACE. */
static int compare(const struct job *job, const struct answer_whitelist *state, struct list_loss *loss)
{
    static struct list_open before, after;
    uint32_t cards = job->push.list->header.card_count;
    *loss = (struct list_loss){.before = state->running.cards,
                               .left = state->running.cards > cards ? state->running.cards - cards : 0};
    if (!find_running(&before, job->push.gate, state->running.version))
        return ERR_OK;
    after = (struct list_open){.data = job->data, .list = *job->push.list};
    int error = list_file_tables(&after.list, &after.tables);
    if (error == ERR_OK)
        error = list_loss_compare(&before, &after, loss);
    list_open_free(&before);
    return error;
}

/* Returns true if the gate runs this list, or an upload of it was begun and so accepted. */
static bool is_known(const struct push_session *push, const struct answer_whitelist *state)
{
    uint32_t version = push->list->header.version;
    return state->running.version >= version || state->upload.version == version;
}

/* Checks the list against the register of the site. Returns true if the push may go on. */
static bool is_new_enough(const struct job *job)
{
    const struct push_session *push = &job->push;
    struct people_counts counts;
    char made[GATE_TIME_LEN], read[GATE_TIME_LEN];
    uint32_t created = push->list->header.created_utc_s;
    if (push->gate->site == NULL ||
        office_register_count(push->gate->site, "whitelist push", 0, created, &counts) != ERR_OK)
        return true; /* what is wrong with the register is told, and is no reason to keep a list back */
    if (counts.newest_utc_s <= (int64_t)created && counts.noted_since > 0)
        command_note(
            "whitelist push: cards were lent or blocked after this list was made: build it again, or no "
            "gate knows of %" PRId64 " of them",
            counts.noted_since);
    if (counts.newest_utc_s <= (int64_t)created)
        return true;
    command_note(
        "whitelist push: %s was made on %s, and the people of the register are of %s: is this the newest "
        "list?",
        push->list_path, gate_time_local(created, made),
        gate_time_local((uint32_t)counts.newest_utc_s, read));
    return list_loss_ask("whitelist push", job->accepts_removals);
}

/* Asks about a list that would take cards away from many. Returns COMMAND_OK, or another exit status after
 * printing why not. */
static int check_loss(const struct job *job, struct link *link)
{
    struct link_answer answer;
    struct answer_whitelist state;
    struct list_loss loss;
    int result = link_request(link, &(struct link_request){.method = LINK_GET, .path = "whitelist"}, &answer);
    if (result != ERR_OK || answer.code != COAP_CONTENT ||
        answer_whitelist_decode(&state, answer.data, answer.len) != ERR_OK || is_known(&job->push, &state))
        return COMMAND_OK; /* the session tells what it makes of that */
    if (!is_new_enough(job))
        return COMMAND_FAILED;
    if (!state.has_running)
        return COMMAND_OK;
    if (compare(job, &state, &loss) != ERR_OK)
        return command_fail("whitelist push: out of memory");
    return !list_loss_is_large(&loss) ||
                   list_loss_accept("whitelist push", &loss, gate_name(job->push.gate), job->accepts_removals)
               ? COMMAND_OK
               : COMMAND_FAILED;
}

/* --- the push --- */

static void print_interrupted(const struct push_session *push)
{
    char old[48] = "the gate has no list yet", at[48] = "";
    if (push->state.has_running)
        snprintf(old, sizeof old, "the gate keeps its list, version %u", push->state.running.version);
    if (push->stored_blocks > 0 || push->resumed)
        snprintf(at, sizeof at, " at block %u of %u", push->have, push->list->header.block_count);
    command_note("whitelist push: interrupted%s: %s; the same command resumes", at, old);
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

static void print_summary(struct push_session *push, enum push_outcome outcome)
{
    const struct whitelist_header *header = &push->list->header;
    const char *name = gate_name(push->gate);
    if (outcome == PUSH_RAN_ALREADY) {
        printf("%s: version %u is already running, %u card%s\n", name, header->version, header->card_count,
               plural(header->card_count, "", "s"));
        return;
    }
    printf("%s: version %u is running, %u card%s\n", name, header->version, header->card_count,
           plural(header->card_count, "", "s"));
    printf("%u of %u block%s sent", push->stored_blocks, header->block_count,
           plural(header->block_count, "", "s"));
    if (push->stored_blocks < header->block_count)
        printf(" (the gate had the others%s)", push->resumed ? ", some from an earlier run" : "");
    printf("; %.1f KiB on the line, %.1f s", bridge_get_counts(&push->link->bridge).bytes_to_gate / 1024.0,
           seconds(push->total_us));
    if (push->stored_blocks > 0)
        printf(", blocks at %.1f KiB/s", payload_rate(push) / 1024);
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
            "whitelist push: the gate's clock is %s: hours, dates and meals of the list do not count "
            "until it is set (portillon clock set)",
            clock.gate.clock);
    else if (gate_clock_judge(&clock) == GATE_CLOCK_APART)
        command_note("whitelist push: the gate's clock is %s: which is right? (portillon clock set)",
                     gate_time_drift((int64_t)clock.gate.time - clock.now, drift));
}

static int push_list(void *ctx, const struct gate_options *gate, struct link *link)
{
    struct job *job = ctx;
    struct push_session *push = &job->push;
    const struct list_file *list = push->list;
    push->gate = gate;
    push->link = link;
    int status = check_loss(job, link);
    if (status != COMMAND_OK)
        return status;
    crypto_sha256(list->head, list->header.head_len + WHITELIST_SIGNATURE_LEN, push->digest);
    enum push_outcome outcome = push_session_run(push);
    if (outcome == PUSH_INTERRUPTED)
        print_interrupted(push);
    else if (outcome != PUSH_FAILED && gate->as_json)
        print_json(push, outcome);
    else if (outcome != PUSH_FAILED)
        print_summary(push, outcome);
    if (outcome == PUSH_INSTALLED || outcome == PUSH_RAN_ALREADY)
        look_at_clock(gate, link);
    return outcome == PUSH_INTERRUPTED ? INTERRUPT_STATUS
           : outcome == PUSH_FAILED    ? COMMAND_FAILED
                                       : COMMAND_OK;
}

int cmd_whitelist_push(int argc, char **argv)
{
    static struct job job; /* too large for the stack */
    struct gate_options gate;
    struct list_file list = {0};
    char default_path[PATH_MAX];
    const char *value, *path;
    uint8_t *data = NULL;
    size_t len;

    gate_options_init(&gate, argv[0], ROLE_MAINTENANCE);
    int parsed;
    while ((parsed = gate_options_parse(&gate, &syntax, argc, argv, &value)) == OPTION_ACCEPT_REMOVALS)
        job.accepts_removals = true;
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
    path = argc > optind ? argv[optind] : default_path;
    int result = file_read(path, LIST_FILE_MAX, &data, &len);
    if (result != ERR_OK)
        status = command_fail("whitelist push: %s: %s%s", path,
                              result == ERR_NO_SPACE ? "too long for a list" : strerror(errno),
                              errno == ENOENT ? " (portillon whitelist build makes it)" : "");
    else if (!check_list(&list, path, &gate, data, len))
        status = COMMAND_FAILED;
    if (status == COMMAND_OK) {
        job.push = (struct push_session){.list = &list, .list_path = path};
        job.data = data;
        status = gate_session(&gate, push_list, &job);
    }
    free(data);
    gate_options_close(&gate);
    return status;
}
