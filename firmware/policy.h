/* Whether a listed card may pass here and now: a pure function of the list's rule, the zone and the day. */
#ifndef FIRMWARE_POLICY_H
#define FIRMWARE_POLICY_H

#include <stdint.h>

#include "firmware/clock.h"
#include "firmware/identity.h"
#include "firmware/verdict.h"
#include "firmware/whitelist_format.h"

struct policy_question {
    struct whitelist_rule rule;
    uint8_t zones; /* of the rule's profile */
    enum zone zone;
    uint16_t day; /* civil day, days since 2000-01-01 */
    enum clock_quality clock;
};

/* Dates count only when the clock is set: nobody is locked out because a battery died. */
struct verdict policy_decide(const struct policy_question *question);

#endif
