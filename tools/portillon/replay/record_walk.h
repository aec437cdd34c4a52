/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the stored records of gates in the order in which the gates wrote them. Of the time before those of
 * interest, what a meal may still count is read, and of the time before that the records about lists and
 * groups turned off. Blocks on the disk or the server.
 */
#ifndef TOOLS_PORTILLON_REPLAY_RECORD_WALK_H
#define TOOLS_PORTILLON_REPLAY_RECORD_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/journal/journal_record.h"
#include "tools/portillon/store/store_db.h"

#define RECORD_WALK_DEVICE_SIZE 64

/* One journal of a gate. */
struct record_run {
    char device[RECORD_WALK_DEVICE_SIZE];
    uint32_t run;
    uint32_t first_seq; /* of the records that are read in full */
};

/* Which records are read. A record without a time counts by when it was fetched. */
struct record_span {
    int64_t from_utc_s, to_utc_s; /* of interest: from this second to before that one */
    uint32_t last_seq;            /* UINT32_MAX: all */
};

struct record_listener {
    /* A record, in the order of the numbers. Returns ERR_OK to go on. */
    int (*record)(void *ctx, const struct journal_record *record);
    void *ctx;
};

/* Lists the journals of the site that have records in the span, by gate and run, into memory that the caller
 * frees. Returns their number, ERR_NO_SPACE or an error of db.h. */
int record_walk_runs(struct store_db *store, const struct record_span *span,
                     struct record_run **runs) MUST_USE;

/* Reads the records of one journal. A row that is no record is left out. Returns ERR_OK, an error of db.h, or
 * what the listener returned. */
int record_walk_run(struct store_db *store, const struct record_run *run, const struct record_span *span,
                    const struct record_listener *listener) MUST_USE;

#endif
