/*
 * Pulls a gate's records into a store: reads the records after those in the store, checks them, stores them
 * and acknowledges them.
 *
 * Only records that the store has committed are acknowledged; the gate may then erase them. Several stores
 * may pull from one gate. Each continues from its own last record, and a store that comes too late for some
 * records learns which ones. Everything that does not fit (a record that fails its check, numbers that are
 * gone, a number that is stored with other content) goes into the store's anomalies and is reported. Stored
 * records are never changed.
 *
 * The caller owns the struct and everything it points to. pull_session_run blocks until the end. Ctrl-C
 * (interrupt.h) ends it soon, and what was received is stored.
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
    uint32_t known;                                  /* received again, identical */
    uint32_t forged, unreadable, missing, conflicts; /* places; noticed for the first time */
    uint32_t dropped;   /* passages that the gate had to drop, from its gap records */
    uint32_t uncounted; /* gaps with more passages than the gate could count */
};

struct pull_session {
    /* set by the caller, the rest zero */
    const struct gate_options *gate; /* with identity */
    struct link *link;               /* open */
    struct passage_store *store;     /* open, of the same device */
    crypto_mac *mac;                 /* with the journal key */

    /* the results */
    struct pull_counts counts;
    uint32_t covered;      /* committed in the store */
    uint32_t acknowledged; /* acknowledged to the gate, by any store */
    uint32_t tail, head;   /* of the gate's journal */
    uint64_t total_us;

    /* internal */
    uint32_t covered_at_start;
    uint32_t reached; /* last number in the current batch */
    uint32_t batch_records;
    bool batch_open;
    /* the last record that is stored, and its MAC; 0: none yet */
    uint32_t last_seq;
    uint8_t last_mac[JOURNAL_RECORD_MAC_LEN];
    uint32_t gap_last; /* last number of the previous gap record: a gap that is reported twice counts once */
    /* numbers that are gone or never existed and that nobody acknowledged; last 0: none */
    uint32_t hole_first, hole_last;
    struct pull_counts batch;
    struct progress progress;
    struct page_fetch fetch;
};

/* Pulls all records. Returns COMMAND_OK, or COMMAND_FAILED or INTERRUPT_STATUS after printing why. */
int pull_session_run(struct pull_session *pull);

/* Adds one page to the current batch, and opens a batch if there is none. Tests call it without a link.
 * Returns ERR_OK, ERR_CORRUPT (the gate's journal is not the one that the store knows), ERR_IO or
 * ERR_CRYPTO. */
int pull_session_page(struct pull_session *pull, const struct answer_passages *page) MUST_USE;
/* Commits the batch, if there is one. Returns ERR_OK or ERR_IO (nothing of the batch is stored). */
int pull_session_commit(struct pull_session *pull) MUST_USE;

#endif
