/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulates, on request, faults that real readers show. At most one kind is armed. Each answer that it
 * changes reduces its count by one. Pure.
 */
#ifndef CARDSIM_FAULTS_H
#define CARDSIM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum cardsim_fault {
    CARDSIM_FAULT_NONE,
    CARDSIM_FAULT_DROP_ACK,           /* no ACK; the answer comes all the same */
    CARDSIM_FAULT_GARBAGE_BEFORE_ACK, /* line noise, then ACK and answer */
    CARDSIM_FAULT_BAD_CHECKSUM,       /* the answer's DCS is wrong */
    CARDSIM_FAULT_SILENCE_AFTER_ACK,  /* ACK, then nothing */
    CARDSIM_FAULT_TRUNCATED_FRAME,    /* the answer stops in the middle */
    CARDSIM_FAULT_STALE_REPLY,        /* the answer to an older command comes instead */
    CARDSIM_FAULT_CARD_GONE,          /* the card leaves the field while data is exchanged with it */
    CARDSIM_FAULT_HANG,               /* the chip answers nothing, not even an ACK */
    CARDSIM_FAULT_STATUS_BIT7,        /* status bytes have bit 7 set: libnfc calls abort() */
    CARDSIM_FAULT_STATUS_BIT6,        /* status bytes have bit 6 (more data) set: libnfc calls abort() */
    CARDSIM_FAULT_SLOW,  /* the answer comes late, by CARDSIM_SLOW_MS unless another time is given */
    CARDSIM_FAULT_RESET, /* the supply fails briefly: settings lost, asleep until the next wake-up */
    CARDSIM_FAULT_COUNT,
};

enum { CARDSIM_SLOW_MS = 500 };

struct cardsim_faults {
    enum cardsim_fault kind;
    uint32_t left; /* UINT32_MAX: until cleared */
    uint32_t slow_ms;
};

/* Returns the name of a kind, "drop-ack" and so on; NULL beyond the last kind. */
const char *cardsim_fault_name(enum cardsim_fault kind);
/* Returns one line of text for help; NULL beyond the last kind. */
const char *cardsim_fault_summary(enum cardsim_fault kind);
/* Returns the kind with this name, or CARDSIM_FAULT_COUNT if there is none. */
enum cardsim_fault cardsim_fault_by_name(const char *name);

/* Returns true if kind is armed, and then counts one use of it. */
bool cardsim_faults_strike(struct cardsim_faults *faults, enum cardsim_fault kind);

#endif
