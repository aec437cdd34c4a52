/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the passages and refusals of a site back out of the store, in the order of time, each with how it
 * ended and with the person who had the card then. Blocks on the disk or the server.
 */
#ifndef TOOLS_PORTILLON_STORE_PASSAGE_ROWS_H
#define TOOLS_PORTILLON_STORE_PASSAGE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/portillon/store/store_db.h"

/* Texts live until the callback returns. */
struct passage_row {
    int64_t utc_s; /* without has_time: when the record was stored */
    bool has_time; /* false: the gate's clock was not set */
    const char *clock;
    const char *device;
    uint32_t seq, run;
    bool is_granted;
    const char *reason;    /* of a refusal */
    const char *outcome;   /* of a passage: "passed", "assumed", "abandoned"; "": not over yet, or lost */
    bool is_unused;        /* nobody went through: abandoned, or closed as not counted */
    const char *zone;      /* "building" or "canteen" */
    const char *method;    /* how the card was known: "uid", "desfire", … */
    const char *tag;       /* the pseudonym in hexadecimal; "": none */
    uint8_t service_place; /* of the service in the gate's list, from 1; 0: none */
    int64_t person;        /* who had the card then; 0: nobody known */
};

/* Which rows: from one time to before another, of one gate or of all (NULL). */
struct passage_span {
    int64_t from_utc_s, until_utc_s;
    const char *device;
};

typedef int passage_rows_callback(void *ctx, const struct passage_row *row);

/* Calls callback for every row. Returns ERR_OK, ERR_IO, ERR_BUSY, or what the callback returned. */
int passage_rows_each(struct store_db *store, const struct passage_span *span,
                      passage_rows_callback *callback, void *ctx) MUST_USE;

#endif
