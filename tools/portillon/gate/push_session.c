/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/push_session.h"

#include <stdio.h>
#include <string.h>

#include "firmware/maintenance/maintenance.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/gate/push_words.h"

#define LOST_MAX_US       60000000 /* how long to wait for a gate that stopped answering */
#define BUSY_MAX_US       60000000 /* how long the gate may be too busy to take the manifest */
#define FUTILE_WAITS      12  /* number of timeouts for which the gate may answer without storing a block */
#define ASK_AGAIN_MS      100 /* between requests, while the gate works by itself */
#define WAIT_MS           50  /* the first wait for what the gate does by itself; it doubles */
#define WAIT_DOUBLES      4
#define STATE_US          2000000 /* between questions for the state meanwhile: its answer is long */
#define HEADS_MAX         8 /* manifests sent in one run; beyond it, another computer sends another list */
#define PATCHED_HEADS_MAX 4 /* of these, sent as changes */

enum step {
    STEP_AGAIN,  /* ask the gate for its state */
    STEP_LOST,   /* the gate stopped answering */
    STEP_DONE,   /* the list is running */
    STEP_FAILED, /* the reason was printed */
    STEP_INTERRUPTED,
};

/* Says what the gate decides by while the upload is not complete. */
static const char *list_meanwhile(const struct push_session *push)
{
    return push->state.has_running ? _("the gate goes on with the list it has")
                                   : _("the gate has no list yet");
}

/* --- requests --- */

static enum step after_failure(struct push_session *push, int error)
{
    if (interrupt_wanted())
        return STEP_INTERRUPTED;
    if (error == ERR_TIMEOUT || error == ERR_FORBIDDEN || error == ERR_IO)
        return STEP_LOST; /* a gate that restarts ends the session, or stops answering */
    gate_fail(push->gate, push->link, error);
    return STEP_FAILED;
}

static bool request(struct push_session *push, const struct link_request *asked, struct link_answer *answer,
                    enum step *step)
{
    int result = link_request(push->link, asked, answer);
    if (result == ERR_OK)
        return true;
    *step = after_failure(push, result);
    return false;
}

static enum step refuse(const char *what, const struct push_session *push, const struct link_answer *answer)
{
    if (strcmp(answer->diagnostic, MAINTENANCE_NO_STORAGE) == 0)
        command_fail("whitelist push: the gate has no storage: its memory chip does not answer");
    else
        gate_refused(push->gate, what, answer);
    return STEP_FAILED;
}

static bool ask_state(struct push_session *push, enum step *step)
{
    struct link_answer answer;
    push->asked_us = link_now_us();
    if (push->has_state) {
        push->has_state = false;
        return true;
    }
    if (!request(push, &(struct link_request){.method = LINK_GET, .path = "whitelist"}, &answer, step))
        return false;
    if (answer.code != COAP_CONTENT) {
        *step = refuse(N_("reading about its list"), push, &answer);
        return false;
    }
    if (answer_whitelist_decode(&push->state, answer.data, answer.len) != ERR_OK) {
        command_fail("whitelist push: the gate's answer to /whitelist makes no sense: a newer firmware?");
        *step = STEP_FAILED;
        return false;
    }
    return true;
}

static bool is_running(const struct push_session *push)
{
    const struct whitelist_header *ours = &push->list->header;
    if (!push->state.has_running || push->state.running.version != ours->version)
        return false;
    if (push->state.running.has_digest)
        return memcmp(push->state.running.digest, push->digest, ANSWER_DIGEST_LEN) == 0;
    return push->state.running.cards == ours->card_count && push->state.running.blocks == ours->block_count &&
           push->state.running.created == ours->created_utc_s;
}

static bool is_ours_under_way(const struct push_session *push)
{
    return push->state.upload.has_digest &&
           memcmp(push->state.upload.digest, push->digest, ANSWER_DIGEST_LEN) == 0;
}

static enum step fail_refused(struct push_session *push, const char *word)
{
    if (push->state.upload.is_worn && strcmp(word, error_name(ERR_WORN)) == 0) {
        command_fail("whitelist push: the gate's memory chip is worn at 0x%08x and does not take %s: %s; "
                     "have the chip replaced",
                     push->state.upload.worn, push->list_path, list_meanwhile(push));
        return STEP_FAILED;
    }
    command_fail("whitelist push: the gate refused %s: %s", push->list_path, push_words_refusal(word));
    return STEP_FAILED;
}

/* --- the manifest --- */

/* Gives up differences for the rest of this upload, and says so. word is the gate's for the reason. */
static enum step give_up_patches(struct push_session *push, const char *word)
{
    push_patch_give_up(&push->patch);
    command_note("whitelist push: the list is sent in whole blocks, not as changes: %s",
                 push_words_patch(word));
    return STEP_AGAIN;
}

struct head_piece {
    struct link_request request;
    uint32_t end; /* of what it makes of the manifest */
    uint8_t patch[LIST_PATCH_MAX];
};

/* Makes the piece of the manifest from `at` on. */
static void make_head_piece(const struct push_session *push, uint32_t at, struct head_piece *piece)
{
    uint32_t left = push->list->header.head_len + WHITELIST_SIGNATURE_LEN - at;
    piece->request = (struct link_request){.method = LINK_PUT, .octets = true};
    piece->end = at;
    if (push->patch.is_on) {
        piece->request.path = "whitelist/patch/head";
        piece->request.payload = piece->patch;
        piece->request.payload_len = list_patch_head(&push->patch.patch, &piece->end, piece->patch);
        return;
    }
    piece->request.path = "whitelist/head";
    piece->request.payload = push->list->head + at;
    piece->request.payload_len = left < LINK_BLOCK_LEN ? left : LINK_BLOCK_LEN;
    piece->request.block1 = true;
    piece->request.block = at / LINK_BLOCK_LEN;
    piece->request.more = left > LINK_BLOCK_LEN;
    piece->end += (uint32_t)piece->request.payload_len;
}

/* Decides what to do after a piece was not taken, for another reason than that the gate is busy. */
static enum step judge_head(struct push_session *push, const struct link_answer *answer)
{
    if (link_answer_is(answer, COAP_SERVER_ERROR, ERR_WORN))
        return STEP_AGAIN; /* its state has the address */
    if (answer->code == COAP_INCOMPLETE)
        return STEP_AGAIN; /* an answer was lost, or another upload interfered: start again */
    if (push->patch.is_on && push_patch_is_refused(answer))
        return give_up_patches(push, answer->diagnostic);
    if (answer->code == COAP_BAD_REQUEST)
        return fail_refused(push, answer->diagnostic);
    if (answer->code == COAP_TOO_LARGE)
        return fail_refused(push, error_name(ERR_NO_SPACE));
    return refuse(N_("sending the list's head"), push, answer);
}

static enum step send_head(struct push_session *push)
{
    const uint32_t len = push->list->header.head_len + WHITELIST_SIGNATURE_LEN;
    uint64_t busy_since_us = 0;
    if (push->patch.is_on && push->heads_sent > PATCHED_HEADS_MAX)
        (void)give_up_patches(push, "");
    push->patch.head_was_patched = push->patch.is_on;
    for (uint32_t at = 0; at < len;) {
        enum step step;
        struct link_answer answer;
        struct head_piece piece;
        make_head_piece(push, at, &piece);
        if (!request(push, &piece.request, &answer, &step))
            return step;
        if (answer.code == COAP_CONTINUE || answer.code == COAP_CHANGED) {
            at = piece.end;
            busy_since_us = 0;
            continue;
        }
        if (!gate_is_busy(&answer))
            return judge_head(push, &answer);
        if (busy_since_us == 0)
            busy_since_us = link_now_us();
        if (link_now_us() - busy_since_us > BUSY_MAX_US) {
            command_fail("whitelist push: the gate is busy and does not take the list's head");
            return STEP_FAILED;
        }
        link_poll(push->link, ASK_AGAIN_MS);
    }
    push->asked_us = link_now_us(); /* the state is known: next come the blocks */
    push->waits = 1;
    return STEP_AGAIN;
}

/* --- the blocks --- */

/* Ends the progress that is shown: only one is shown at a time. */
static void finish_progress(struct push_session *push)
{
    if (push->sending_shown || push->waiting_shown)
        progress_finish(&push->progress);
    push->sending_shown = push->waiting_shown = false;
}

/* Waits while the gate verifies, makes room and copies. */
static enum step wait_for_gate(struct push_session *push)
{
    bool of_blocks = strcmp(push->state.upload.state, whitelist_upload_state_name(WHITELIST_PREPARING)) == 0;
    if (!push->waiting_shown && of_blocks && push->list->header.block_count > 1) {
        finish_progress(push);
        progress_start(&push->progress, _("the gate makes room and copies what it has"), _("blocks"),
                       push->state.upload.have, push->list->header.block_count);
        push->waiting_shown = true;
    }
    if (push->waiting_shown && of_blocks)
        progress_update(&push->progress, push->state.upload.have);
    link_poll(push->link, WAIT_MS << (push->waits < WAIT_DOUBLES ? push->waits : WAIT_DOUBLES));
    push->waits++;
    push->stored_us = 0;
    return STEP_AGAIN;
}

static bool ask_wanted(struct push_session *push, uint32_t *count, enum step *step)
{
    struct answer_run runs[ANSWER_RUNS_MAX];
    struct link_answer answer;
    uint32_t run_count, from = 0;
    char query[24];
    *count = 0;
    do {
        snprintf(query, sizeof query, "from=%u", from);
        if (!request(push,
                     &(struct link_request){.method = LINK_GET, .path = "whitelist/wanted", .query = query},
                     &answer, step))
            return false;
        if (gate_is_busy(&answer)) {
            *step = wait_for_gate(push);
            return false;
        }
        if (answer.code != COAP_CONTENT) {
            *step = refuse(N_("asking which blocks it wants"), push, &answer);
            return false;
        }
        if (answer_wanted_decode(runs, &run_count, answer.data, answer.len) != ERR_OK) {
            command_fail("whitelist push: the gate's answer to /whitelist/wanted makes no sense");
            *step = STEP_FAILED;
            return false;
        }
        for (uint32_t i = 0; i < run_count; i++) {
            for (uint32_t block = runs[i].first; block < runs[i].first + runs[i].count; block++) {
                if (block < from || block >= push->list->header.block_count) {
                    command_fail("whitelist push: the gate wants block %u, which the list does not have",
                                 block);
                    *step = STEP_FAILED;
                    return false;
                }
                push->blocks[(*count)++].index = block;
                from = block + 1;
            }
        }
    } while (run_count == ANSWER_RUNS_MAX);
    return true;
}

static void on_piece(void *ctx, uint32_t block, uint8_t piece, uint32_t order,
                     const struct link_answer *answer)
{
    struct push_session *push = ctx;
    enum push_answer outcome = PUSH_BUSY;
    if (answer->code == COAP_CONTINUE)
        outcome = PUSH_TAKEN;
    else if (answer->code == COAP_CHANGED)
        outcome = PUSH_STORED;
    else if (link_answer_is(answer, COAP_BAD_REQUEST, ERR_NOT_LISTED))
        outcome = PUSH_NOT_LISTED;
    else if (answer->code != COAP_UNAVAILABLE && answer->code != COAP_INCOMPLETE)
        push->ask_again = true;
    int result = push_window_answer(&push->window,
                                    &(struct push_piece){.block = block, .piece = piece, .order = order},
                                    outcome, link_now_us());
    if (result == ERR_NOT_LISTED)
        push->piece_error = ERR_NOT_LISTED;
    if (push->ask_again || push->piece_error != ERR_OK)
        snprintf(push->piece_diagnostic, sizeof push->piece_diagnostic, "%s", answer->diagnostic);
}

static void show_progress(struct push_session *push, uint64_t have)
{
    if (!push->sending_shown) {
        finish_progress(push);
        progress_start(&push->progress, _("sending the list"), "B", have * WHITELIST_BLOCK_LEN,
                       (uint64_t)push->list->header.block_count * WHITELIST_BLOCK_LEN);
        push->sending_shown = true;
    }
    progress_update(&push->progress, have * WHITELIST_BLOCK_LEN);
}

static enum step run_window(struct push_session *push)
{
    const uint64_t silence_us = push->gate->timeout_s * 1000000;
    uint64_t stored_us = link_now_us();
    uint32_t stored = 0;
    for (;;) {
        struct push_piece piece;
        uint64_t wait_us, now_us = link_now_us();
        if (interrupt_wanted())
            return STEP_INTERRUPTED;
        if (push->piece_error != ERR_OK)
            return fail_refused(push, push->piece_diagnostic);
        if (push->link->refused || now_us - push->window.heard_us > silence_us ||
            !atomic_load(&push->link->bridge.line_up))
            return STEP_LOST;
        if (push->window.stored_count != stored) {
            stored = push->window.stored_count;
            stored_us = now_us;
        }
        if (push->ask_again || now_us - stored_us > silence_us)
            return STEP_AGAIN; /* the gate answers, but stores nothing */
        switch (push_window_next(&push->window, now_us, &piece, &wait_us)) {
        case PUSH_DONE:
            return STEP_AGAIN;
        case PUSH_SEND:
            if (link_send_piece(push->link, piece.block, piece.piece, piece.piece + 1 < PUSH_PIECES,
                                piece.order,
                                push->list->blocks + (size_t)piece.block * WHITELIST_BLOCK_LEN +
                                    (size_t)piece.piece * PUSH_PIECE_LEN,
                                PUSH_PIECE_LEN) != ERR_OK)
                return STEP_LOST;
            break;
        case PUSH_WAIT:
            link_poll(push->link, wait_us < 50000 ? (unsigned)(wait_us / 1000) + 1 : 50);
            show_progress(push, push->have + push->window.stored_count);
            break;
        }
    }
}

/* Ends the upload when the gate answers and wants blocks, but stores none of them. Its chip fails, perhaps
 * without the gate knowing it. */
static enum step judge_progress(struct push_session *push, uint32_t stored)
{
    uint64_t now_us = link_now_us();
    if (stored > 0 || push->stored_us == 0)
        push->stored_us = now_us;
    if (now_us - push->stored_us > FUTILE_WAITS * push->gate->timeout_s * 1000000) {
        command_fail(
            "whitelist push: the gate answers, but has kept no block for %u s: %s; %s; the same command "
            "resumes",
            (unsigned)((now_us - push->stored_us) / 1000000), push_words_refusal(push->piece_diagnostic),
            list_meanwhile(push));
        return STEP_FAILED;
    }
    if (stored == 0)
        link_poll(push->link, ASK_AGAIN_MS);
    return STEP_AGAIN;
}

/* Sends the message of patches. Returns true if the next one may follow. */
static bool send_patch(struct push_session *push, enum step *step)
{
    struct push_patch *patch = &push->patch;
    struct link_answer answer;
    const struct link_request asked = {.method = LINK_PUT,
                                       .path = "whitelist/patch/blocks",
                                       .payload = patch->message.bytes,
                                       .payload_len = patch->message.len,
                                       .octets = true};
    *step = STEP_AGAIN;
    if (!request(push, &asked, &answer, step))
        return false;
    if (answer.code == COAP_CHANGED) {
        push->have += patch->message.count;
        push->stored_blocks += patch->message.count;
        push->patched_blocks += patch->message.count;
        show_progress(push, push->have);
        return true;
    }
    if (!push_patch_is_refused(&answer))
        return false; /* busy, or its state says why */
    if (answer.code == COAP_NOT_FOUND || answer.code == COAP_CONFLICT)
        *step = give_up_patches(push, answer.diagnostic);
    push_patch_give_up_message(patch);
    return push->patch.is_on;
}

/* Sends the blocks that it can as differences. Returns the count of those that were sent. */
static uint32_t send_patches(struct push_session *push, uint32_t count, enum step *step)
{
    uint32_t sent = 0, next = 0;
    bool goes_on = true;
    while (goes_on && push_patch_fill(&push->patch, push->blocks, count, &next)) {
        sent += push->patch.message.count;
        goes_on = send_patch(push, step);
    }
    return sent;
}

/* Sends blocks whole. */
static enum step send_whole(struct push_session *push, uint32_t count)
{
    push_window_start(&push->window, push->blocks, count, (unsigned)push->gate->baud, link_now_us());
    push->piece_error = ERR_OK;
    push->piece_diagnostic[0] = '\0';
    push->ask_again = false;
    show_progress(push, push->have);
    enum step step = run_window(push);
    push->stored_blocks += push->window.stored_count;
    push->have += push->window.stored_count;
    push->repeated_pieces += push->window.repeated_count;
    show_progress(push, push->have);
    return step;
}

static enum step send_blocks(struct push_session *push)
{
    enum step step;
    uint32_t count, stored_before = push->stored_blocks;
    if (!ask_wanted(push, &count, &step))
        return step;
    push->waits = 0;
    if (count == 0) {
        link_poll(push->link, ASK_AGAIN_MS); /* the gate is committing the list, or refused the manifest */
        return STEP_AGAIN;
    }
    push->have = push->list->header.block_count - count;
    uint64_t started_us = link_now_us();
    if (send_patches(push, count, &step) == 0)
        step = send_whole(push, count);
    push->sending_us += link_now_us() - started_us;
    if (push->have == push->list->header.block_count)
        link_poll(push->link, ASK_AGAIN_MS / 2); /* the gate commits the list now */
    return step == STEP_AGAIN ? judge_progress(push, push->stored_blocks - stored_before) : step;
}

/* --- the whole upload --- */

static enum step fail_not_higher(const struct push_session *push)
{
    uint32_t running = push->state.running.version, ours = push->list->header.version;
    if (running == ours)
        command_fail("whitelist push: the gate runs version %u, %s is version %u: a gate only takes a higher "
                     "one (and this is another list of the same number)",
                     running, push->list_path, ours);
    else
        command_fail("whitelist push: the gate runs version %u, %s is version %u: a gate only takes a higher "
                     "one",
                     running, push->list_path, ours);
    return STEP_FAILED;
}

/* After a refused manifest: returns true if it was sent as differences, and can be sent whole. */
static bool may_send_whole(struct push_session *push)
{
    if (!push->patch.head_was_patched || strcmp(push->state.upload.error, error_name(ERR_SIGNATURE)) != 0)
        return false;
    push->patch.head_was_patched = false;
    (void)give_up_patches(push, push->state.upload.error);
    return true;
}

static enum step take_step(struct push_session *push)
{
    const char *state = push->state.upload.state;
    enum step step;
    if (push->waits > 0 && link_now_us() - push->asked_us < STATE_US)
        return send_blocks(push);
    if (!ask_state(push, &step))
        return step;
    if (is_running(push))
        return STEP_DONE;
    if (push->state.has_running && push->state.running.version >= push->list->header.version) {
        return fail_not_higher(push);
    }
    if (push->heads_sent > 0 && strcmp(state, whitelist_upload_state_name(WHITELIST_REFUSED)) == 0 &&
        !may_send_whole(push))
        return fail_refused(push, push->state.upload.error);
    if (!is_ours_under_way(push)) {
        if (push->heads_sent == HEADS_MAX) {
            command_fail(
                "whitelist push: the gate begins again and again: is another computer sending it a list?");
            return STEP_FAILED;
        }
        push->heads_sent++;
        return send_head(push);
    }
    if (push->heads_sent == 0)
        push->resumed = true;
    push->have = push->state.upload.have;
    return send_blocks(push);
}

/* Waits for a gate that stopped answering. Returns STEP_AGAIN once it answers again. */
static enum step find_again(struct push_session *push)
{
    uint64_t since_us = link_now_us();
    command_note("whitelist push: the gate fell silent; waiting for it, %u s at most", LOST_MAX_US / 1000000);
    while (link_now_us() - since_us < LOST_MAX_US) {
        int result = link_reconnect(push->link);
        if (result == ERR_OK) {
            command_note("whitelist push: it answers again");
            push->stored_us = push->waits = 0;
            return STEP_AGAIN;
        }
        if (interrupt_wanted())
            return STEP_INTERRUPTED;
        link_poll(push->link, ASK_AGAIN_MS);
    }
    command_fail("whitelist push: %s", push->link->message);
    command_note("whitelist push: %s; the same command resumes", list_meanwhile(push));
    return STEP_FAILED;
}

enum push_outcome push_session_run(struct push_session *push)
{
    enum step step = STEP_AGAIN;
    push->started_us = link_now_us();
    push->link->on_piece = on_piece;
    push->link->piece_ctx = push;
    while (step == STEP_AGAIN || step == STEP_LOST)
        step = step == STEP_LOST ? find_again(push) : take_step(push);
    push->link->on_piece = NULL;
    finish_progress(push);
    push->total_us = link_now_us() - push->started_us;
    if (step == STEP_DONE)
        return push->heads_sent > 0 || push->resumed ? PUSH_INSTALLED : PUSH_RAN_ALREADY;
    return step == STEP_INTERRUPTED ? PUSH_INTERRUPTED : PUSH_FAILED;
}
