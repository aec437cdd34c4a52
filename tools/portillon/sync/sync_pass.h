/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `portillon sync` does in a session with one gate: clock, what was wished of all gates, the newest
 * list, passages, and what the store notes of the gate. A step that fails does not keep the others from being
 * done, unless the line failed.
 *
 * With --watch the same session goes on: every few seconds the gate is asked for its status, and what is new
 * is done.
 *
 * The caller owns the struct. sync_pass_talk blocks until the session has ended; Ctrl-C (interrupt.h) ends it
 * soon, at a point where nothing is lost.
 */
#ifndef TOOLS_PORTILLON_SYNC_SYNC_PASS_H
#define TOOLS_PORTILLON_SYNC_SYNC_PASS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "tools/portillon/gate/clock_visit.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/pull_session.h"
#include "tools/portillon/gate/push_list.h"
#include "tools/portillon/store/gate_rows.h"
#include "tools/portillon/store/passage_store.h"
#include "tools/portillon/store/wishes.h"
#include "tools/portillon/sync/sync_meals.h"
#include "tools/portillon/sync/sync_message.h"
#include "tools/portillon/sync/sync_plan.h"

/* The result of sync_pass_talk when a wish needs a session as technician. */
#define SYNC_PASS_AGAIN (-1)

/* What the user asked for, the same for all gates. */
struct sync_job {
    const char *command, *site, *store;
    uint64_t baud, timeout_s;
    uint64_t every_s; /* with --watch: how often a gate is asked */
    bool watches;     /* --watch */
    bool accepts_removals, sets_clock;
};

struct sync_pass {
    /* set by the caller, the rest zero */
    const struct sync_job *job;
    const struct sync_place *place;
    int fd;                      /* where messages go (sync_message.h) */
    struct passage_store *store; /* open, of this gate; set for each session */
    crypto_mac *mac;             /* set for each session */

    /* the results of the round in progress */
    struct sync_result result;

    /* internal: what stays from round to round */
    struct push_list list;
    char list_path[PATH_MAX];
    struct stat list_stamp; /* of the file that was read last */
    bool list_is_read;
    bool list_is_refused;       /* this file was refused: it is not sent again before it changes */
    uint32_t list_sent_version; /* sent in this session */
    struct sync_meals meals;    /* what this gate was told of other lanes */
    struct answer_status status;
    struct gate_row row;
    uint64_t clock_us,
        row_us;           /* when the clock was last visited and the row written; 0: not in this session */
    uint32_t pulled_head; /* end of the journal at the last pull; 0: none in this session */
    bool has_failed;      /* in this round */
    uint32_t good_rounds; /* rounds in which all was well */
};

/* Prepares for a new session. */
void sync_pass_begin(struct sync_pass *pass);

/* Does everything; a gate_talk. ctx is the struct sync_pass. Returns COMMAND_OK, COMMAND_FAILED after
 * printing why, INTERRUPT_STATUS or SYNC_PASS_AGAIN. */
int sync_pass_talk(void *ctx, const struct gate_options *gate, struct link *link);

/* Frees what was read. */
void sync_pass_end(struct sync_pass *pass);

#endif
