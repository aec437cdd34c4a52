/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/push_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/gate/gate_time.h"
#include "tools/portillon/gate/push_base.h"
#include "tools/portillon/list/list_loss.h"
#include "tools/portillon/store/office_register.h"

/* The name of a command is the same in each language. */
static const char command[] = N_("whitelist push");

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

/* Compares the list with the one that the gate runs: card by card if the office still has that, otherwise by
 * the number of cards. Returns ERR_OK or ERR_NO_SPACE. */
static int compare(const struct push_list *list, const struct list_open *before, struct list_loss *loss)
{
    static struct list_open after;
    const struct answer_whitelist *state = &list->push.state;
    uint32_t cards = list->list.header.card_count;
    *loss = (struct list_loss){.before = state->running.cards,
                               .left = state->running.cards > cards ? state->running.cards - cards : 0};
    if (before->data == NULL)
        return ERR_OK;
    after = (struct list_open){.data = list->data, .list = list->list};
    int error = list_file_tables(&after.list, &after.tables);
    return error == ERR_OK ? list_loss_compare(before, &after, loss) : error;
}

/* Returns true if the gate runs this list, or an upload of it was begun and so accepted. */
static bool is_known(const struct push_session *push)
{
    uint32_t version = push->list->header.version;
    return push->state.running.version >= version || push->state.upload.version == version;
}

/* Checks the list against the register of the site. Returns true if the push may go on. */
static bool is_new_enough(const struct push_list *list)
{
    const struct push_session *push = &list->push;
    struct people_counts counts;
    char made[GATE_TIME_LEN], read[GATE_TIME_LEN];
    uint32_t created = push->list->header.created_utc_s;
    if (push->gate->site == NULL ||
        office_register_count(push->gate->site, command, 0, created, &counts) != ERR_OK)
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
    return list_loss_ask(command, list->accepts_removals);
}

/* Asks the gate for the state of its list. What cannot be asked, the session tells. */
static void ask_state(struct push_session *push)
{
    struct link_answer answer;
    int result =
        link_request(push->link, &(struct link_request){.method = LINK_GET, .path = "whitelist"}, &answer);
    push->has_state = result == ERR_OK && answer.code == COAP_CONTENT &&
                      answer_whitelist_decode(&push->state, answer.data, answer.len) == ERR_OK;
}

/* Asks about a list that would take cards away from many. before is the one that the gate runs, without data
 * if the office does not have it. Returns COMMAND_OK, or another exit status after printing why not. */
static int check_loss(const struct push_list *list, const struct list_open *before)
{
    const struct push_session *push = &list->push;
    struct list_loss loss;
    if (!push->has_state || is_known(push))
        return COMMAND_OK;
    if (!is_new_enough(list))
        return COMMAND_FAILED;
    if (!push->state.has_running)
        return COMMAND_OK;
    if (compare(list, before, &loss) != ERR_OK)
        return command_fail("whitelist push: out of memory");
    return !list_loss_is_large(&loss) ||
                   list_loss_accept(command, &loss, gate_name(push->gate), list->accepts_removals)
               ? COMMAND_OK
               : COMMAND_FAILED;
}

/* --- reading and sending --- */

static int fail_read(const char *path, int error)
{
    if (error == ERR_NO_SPACE)
        return command_fail("whitelist push: %s: too long for a list", path);
    if (errno == ENOENT)
        return command_fail("whitelist push: %s: %s (portillon whitelist build makes it)", path,
                            translate_errno(errno));
    return command_fail("whitelist push: %s: %s", path, translate_errno(errno));
}

int push_list_read(struct push_list *list, const struct gate_options *gate, const char *path)
{
    size_t len;
    list->data = NULL;
    int result = file_read(path, LIST_FILE_MAX, &list->data, &len);
    if (result != ERR_OK)
        return fail_read(path, result);
    if (!check_list(&list->list, path, gate, list->data, len))
        return COMMAND_FAILED;
    list->push.list = &list->list;
    list->push.list_path = path;
    return COMMAND_OK;
}

int push_list_send(struct push_list *list, const struct gate_options *gate, struct link *link,
                   enum push_outcome *outcome)
{
    static struct list_open before; /* the list that the gate runs */
    struct push_session *push = &list->push;
    *push =
        (struct push_session){.gate = gate, .link = link, .list = &list->list, .list_path = push->list_path};
    *outcome = PUSH_FAILED;
    list_file_digest(&list->list, push->digest);
    ask_state(push);
    bool has_base = push->has_state && push_base_find(&before, gate, list->base_path, &push->state);
    int status = check_loss(list, &before);
    if (status == COMMAND_OK) {
        bool patches = has_base && push->state.running.has_digest && !list->sends_whole;
        push_patch_start(&push->patch, patches ? &before.list : NULL, &list->list);
        *outcome = push_session_run(push);
        status = *outcome == PUSH_INTERRUPTED ? INTERRUPT_STATUS
                 : *outcome == PUSH_FAILED    ? COMMAND_FAILED
                                              : COMMAND_OK;
    }
    list_open_free(&before);
    return status;
}

void push_list_free(struct push_list *list)
{
    free(list->data);
    list->data = NULL;
}
