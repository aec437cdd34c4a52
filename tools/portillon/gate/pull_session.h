/*
 * One pull of a gate's records into a store: read after what the store has, check, store, acknowledge.
 *
 * Acknowledged is only what the store has committed; the gate may erase it after that. Several stores may
 * pull from one gate: each goes on from where it was itself, and one that comes too late for some records
 * learns which. Everything that does not fit (a record whose check fails, numbers that are gone, a number
 * the store has with other content) is set aside in the store and told; nothing stored is ever changed.
 *
 * The caller owns the struct and all it points to. pull_session_run blocks until the end; Ctrl-C
 * (interrupt.h) ends it soon, with what came so far stored.
 */
#ifndef TOOLS_PORTILLON_GATE_PULL_SESSION_H
#define TOOLS_PORTILLON_GATE_PULL_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/crypto.h"
#include "tools/portillon/common/progress.h"
#include "tools/portillon/gate/answers.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/link.h"
#include "tools/portillon/gate/page_fetch.h"
#include "tools/portillon/store/passage_store.h"

struct pull_counts {
    uint32_t stored; /* new records */
    uint32_t granted, refused, closed, events;
    uint32_t known;                                  /* came again, the same */
    uint32_t forged, unreadable, missing, conflicts; /* places; newly noticed */
    uint32_t dropped;   /* passages the gate itself had to drop, by its gap records */
    uint32_t uncounted; /* gaps in which there were more than it could count */
};

struct pull_session {
    /* set by the caller, all else zero */
    const struct gate_options *gate; /* with identity */
    struct link *link;               /* open */
    struct passage_store *store;     /* open, of the same device */
    crypto_mac *mac;                 /* with the journal key */

    /* how it went */
    struct pull_counts counts;
    uint32_t covered;      /* committed in the store */
    uint32_t acknowledged; /* told to the gate, by anyone */
    uint32_t tail, head;   /* of the gate's journal */
    uint64_t total_us;

    /* inside */
    uint32_t covered_at_start;
    uint32_t reached; /* of the batch under way */
    uint32_t batch_records;
    bool batch_open;
    uint32_t gap_last;              /* of the last gap taken: one told again counts once */
    uint32_t hole_first, hole_last; /* numbers gone or never given that nobody acknowledged; last 0: none */
    struct pull_counts batch;
    struct progress progress;
    struct page_fetch fetch;
};

/* @returns COMMAND_OK; COMMAND_FAILED or INTERRUPT_STATUS after saying why. */
int pull_session_run(struct pull_session *pull);

/* Adds one page to the batch under way, which pull_session_page opens if need be. For tests: needs no link.
 * @retval ERR_OK; ERR_CORRUPT (the gate's journal is not the one the store knows), ERR_IO, ERR_CRYPTO. */
int pull_session_page(struct pull_session *pull, const struct answer_passages *page) MUST_USE;
/* Commits the batch, if there is one. @retval ERR_OK, ERR_IO (nothing of it is stored). */
int pull_session_commit(struct pull_session *pull) MUST_USE;

#endif
