/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps a second, simple copy of a journal in an array: the appended records, the acknowledged number, and
 * the gap records. journal_twin_check reads the real journal from end to end and compares. The caller owns
 * the struct, which is large. Nothing blocks.
 */
#ifndef TESTS_FAKES_JOURNAL_TWIN_H
#define TESTS_FAKES_JOURNAL_TWIN_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/journal/journal.h"

#define JOURNAL_TWIN_MAX 20000

struct journal_twin {
    struct journal_record records[JOURNAL_TWIN_MAX]; /* by number; kind 0: not appended */
    bool told[JOURNAL_TWIN_MAX];                     /* a gap record contains this number */
    uint32_t told_by[JOURNAL_TWIN_MAX]; /* number of the gap record whose last number is this one */
    uint32_t last_given;
    uint32_t acked;
    struct journal_record in_doubt; /* an append that a power cut interrupted; kind 0: none */
    const char *complaint;          /* the difference that journal_twin_check found; NULL: none */
    uint32_t complaint_seq;
};

/* Empties the copy. */
void journal_twin_clear(struct journal_twin *twin);
/* Makes a record from a number. Each number gives a different record. */
struct journal_record journal_twin_make(uint32_t number);
/* Takes the result of an append: the result and seq that the journal returned for record. */
void journal_twin_appended(struct journal_twin *twin, int result, const struct journal_record *record,
                           uint32_t seq);
/* Compares, and then takes over the records that are certainly in the journal. Returns true if there is no
 * difference. */
bool journal_twin_check(struct journal_twin *twin, struct journal *journal);

#endif
