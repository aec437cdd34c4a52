/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store has of one person: read out for the person (export), and taken out of the store (erase).
 * The caller owns all memory. Calls block on the disk or the server.
 */
#ifndef TOOLS_PORTILLON_STORE_PERSON_RECORD_H
#define TOOLS_PORTILLON_STORE_PERSON_RECORD_H

#include <stdint.h>

#include "tools/portillon/common/json_out.h"
#include "tools/portillon/store/people_store.h"

/* Writes all that the store has of a person, as one JSON object: their data, cards, loans and blocks,
 * passages, and the entries of the audit trail about them or their cards. The entries do not name the staff.
 * Returns ERR_OK, ERR_NOT_FOUND, ERR_IO or ERR_BUSY. */
int person_record_write(struct store_db *store, int64_t person, struct json_out *json) MUST_USE;

struct person_erased {
    int64_t passages; /* of which the pseudonym was taken out; they stay as passages of nobody */
    int64_t cards;    /* holdings that were deleted */
    int64_t blocks;   /* cards that stay blocked, without a name and number */
    int64_t loans;    /* that ended */
};

/* Takes a person out of the store, inside the transaction of the store. Returns ERR_OK, ERR_NO_SPACE, ERR_IO
 * or ERR_BUSY. */
int person_record_erase(struct people_store *store, int64_t person, struct person_erased *erased) MUST_USE;

#endif
