/*
 * The journal as a plain array, kept beside the real one: what was given, what was acknowledged, what a gap
 * record told. journal_twin_check reads the real one from end to end and aborts the test at the first
 * difference. The caller owns the struct; it is large.
 */
#ifndef TESTS_FAKES_JOURNAL_TWIN_H
#define TESTS_FAKES_JOURNAL_TWIN_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/journal/journal.h"

#define JOURNAL_TWIN_MAX 20000

struct journal_twin {
    struct journal_record records[JOURNAL_TWIN_MAX]; /* by number; kind 0: not given */
    bool told[JOURNAL_TWIN_MAX];                     /* a gap record named this number */
    uint32_t told_by[JOURNAL_TWIN_MAX];              /* number of the gap record that ends with this one */
    uint32_t last_given;
    uint32_t acked;
    struct journal_record in_doubt; /* the append that the power cut; kind 0: none */
    const char *complaint;          /* what journal_twin_check found; NULL: nothing */
    uint32_t complaint_seq;
};

void journal_twin_clear(struct journal_twin *twin);
/* A passage like no other: made from number. */
struct journal_record journal_twin_make(uint32_t number);
/* The append of record answered result and seq. */
void journal_twin_appended(struct journal_twin *twin, int result, const struct journal_record *record,
                           uint32_t seq);
/* Compares; then takes over what the journal holds beyond doubt. @retval true: all is well. */
bool journal_twin_check(struct journal_twin *twin, struct journal *journal);

#endif
