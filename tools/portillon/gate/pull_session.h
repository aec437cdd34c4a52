/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pulls a gate's records into a store: reads the records after those in the store, checks them, stores them
 * and acknowledges them.
 *
 * Only records that the store has committed are acknowledged; the gate may then erase them. Several stores
 * may pull from one gate. Each continues from its own last record, and a store that comes too late for some
 * records learns which ones. Everything that does not fit (a record that fails its check, numbers that are
 * gone, a number that is stored with other content) goes into the store's anomalies and is reported. Stored
 * records are never changed. A damaged record of which one bit is wrong is stored as it was written; the
 * bytes that the gate has go into the anomalies too.
 *
 * The last record that the store has is read again. If the gate has another record at its number, or ends
 * before it, its memory was replaced, erased, or restored from a copy. Then all records of the gate are read,
 * and stored as another run of this gate. If that one record cannot be read, all records are read and
 * compared.
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
    uint32_t corrected; /* records with one wrong bit, stored as they were written; new ones */
    uint32_t dropped;   /* passages that the gate had to drop, from its gap records */
    uint32_t uncounted; /* gaps with more passages than the gate could count */
};

/* Whether the journal of the gate is the one that the store knows. */
enum pull_journal {
    PULL_JOURNAL_KNOWN,   /* it is, or nothing is left to compare */
    PULL_JOURNAL_OTHER,   /* the number of the last record has another record */
    PULL_JOURNAL_SHORTER, /* it ends before the last number of the store */
    PULL_JOURNAL_UNSURE,  /* the last record cannot be read, or is not known */
};

/* A page as it was received. */
struct pull_page {
    uint32_t after; /* the number that was requested */
    size_t len;
    uint8_t data[PAGE_FETCH_LEN];
};

#define PULL_PAGES_MAX 40

struct pull_session {
    /* set by the caller, the rest zero */
    const struct gate_options *gate; /* with identity */
    struct link *link;               /* open */
    struct passage_store *store;     /* open, of the same device */
    const char *store_path;          /* for messages */
    crypto_mac *mac;                 /* with the journal key */

    /* the results */
    struct pull_counts counts;
    uint32_t covered;      /* committed in the store */
    uint32_t acknowledged; /* acknowledged to the gate, by any store */
    uint32_t tail, head;   /* of the gate's journal */
    uint64_t total_us;
    enum pull_journal journal;    /* OTHER or SHORTER: a new run was begun */
    struct passage_memory memory; /* of the store: before this pull, or after a new run was begun */
    uint32_t closed_run;          /* the run before, if a new one was begun */
    uint32_t other_seq;           /* the number that showed that it is another journal */

    /* internal */
    uint32_t reached;  /* last number in the current batch */
    bool compares_all; /* the last record could not be compared */
    /* pages of the next batch: the store is locked only while they are stored, not while the line is read,
     * so that many gates can be pulled at once */
    struct pull_page pages[PULL_PAGES_MAX];
    unsigned page_count;
    uint32_t page_records; /* records in them */
    bool batch_open;
    /* the last record that the gate sent and the store has, and its MAC: it is acknowledged after the commit;
     * 0: none yet */
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

/* Reads from the store what is known of the gate's journal. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int pull_session_recall(struct pull_session *pull) MUST_USE;
/* Returns the number after which the first page begins: the page starts with the last record of the store. */
uint32_t pull_session_first_after(const struct pull_session *pull);
/* Compares the first page with what the store knows. */
enum pull_journal pull_session_recognise(const struct pull_session *pull, const struct answer_passages *page);
/* Begins a batch with a new run: the pull starts again at the first record. why is OTHER or SHORTER. page has
 * shown it: the record that starts it is noted. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int pull_session_begin_run(struct pull_session *pull, enum pull_journal why,
                           const struct answer_passages *page) MUST_USE;
/* Adds one page to the current batch, and opens a batch if there is none. Tests call it without a link.
 * Returns ERR_OK, ERR_CORRUPT (a number has another record than in the store: the journal is another one),
 * ERR_IO or ERR_CRYPTO. */
int pull_session_page(struct pull_session *pull, const struct answer_passages *page) MUST_USE;
/* Commits the batch, if there is one. Returns ERR_OK or ERR_IO (nothing of the batch is stored). */
int pull_session_commit(struct pull_session *pull) MUST_USE;

#endif
