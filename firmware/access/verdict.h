/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on a tap: grant or deny. Only one constant means grant. It has a large Hamming distance from
 * zero; zero and every damaged value mean deny. Each deny carries one reason of the closed list below. Pure
 * functions, nothing blocks.
 */
#ifndef FIRMWARE_ACCESS_VERDICT_H
#define FIRMWARE_ACCESS_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

enum reason {
    REASON_NONE = 0,              /* granted */
    REASON_UNKNOWN_CARD = 1,      /* not in the list */
    REASON_BLOCKED = 2,           /* lost, stolen, withdrawn */
    REASON_NOT_YET_VALID = 3,     /* before its first day */
    REASON_EXPIRED = 4,           /* after its last day */
    REASON_NO_RIGHT_HERE = 5,     /* the profile has no right in this zone */
    REASON_RANDOM_UID = 6,        /* a phone or a card with a new UID each time */
    REASON_UNREADABLE = 7,        /* no usable identity could be read */
    REASON_NO_LIST = 8,           /* no whitelist is installed */
    REASON_LIST_DAMAGED = 9,      /* the card's block and its replica fail their checks, or cannot be read */
    REASON_JOURNAL_FAILED = 10,   /* the passage could not be made durable */
    REASON_INTERNAL = 11,         /* a fault inside the gate (crypto, impossible state) */
    REASON_OUTSIDE_HOURS = 12,    /* not at this hour */
    REASON_CLOSED_TODAY = 13,     /* a closed day of the calendar */
    REASON_NO_SERVICE_NOW = 14,   /* no service is in progress */
    REASON_NOT_THIS_SERVICE = 15, /* the current service is for other profiles */
    REASON_NO_MEAL_TODAY = 16,    /* the card has no meal on this weekday */
    REASON_ALREADY_PASSED = 17,   /* every passage of this service was used, here or elsewhere */
    REASON_PROFILE_OFF = 18,      /* the profile is turned off as a whole */
    REASON_GATE_BUSY = 19,        /* the gate was busy with others for too long */
    REASON_LIST_ROLLED_BACK = 20, /* the list in the chip is older than the newest that the gate had */
    REASON_SHARED_UID = 21,       /* a UID that many phones and blank cards show */
    REASON_OTHER_CHIP = 22,       /* the UID is listed, but the card is not of the kind that the list names */
    REASON_METHOD_TOO_WEAK = 23,  /* here and now the list demands a method that is harder to imitate */
    REASON_NOT_AUTHENTIC = 24,    /* the card has the school's application, but does not know its key */
    REASON_PASS_NOT_VALID = 25,   /* a pass for another day, zone or meal */
};
/* The last one. It is no member of the enum, so that the compiler finds each switch without a new reason. */
#define REASON_LAST REASON_PASS_NOT_VALID

struct verdict {
    uint32_t word;      /* VERDICT_GRANT; every other value means deny */
    enum reason reason; /* REASON_NONE if and only if granted */
};

#define VERDICT_GRANT UINT32_C(0xA5C396F0)

/* Returns a grant. */
struct verdict verdict_grant(void);
/* Returns a deny with this reason. */
struct verdict verdict_deny(enum reason reason);
/* Returns true if the verdict is exactly the grant word without a reason. */
bool verdict_is_grant(struct verdict verdict);
/* Returns the name of a reason as used in status, store and tools: "granted", "unknown_card", … */
const char *reason_name(enum reason reason);

#endif
