/*
 * Whether a listed card may pass here and now: a pure function of what the list says of the card and the
 * school, the zone, the local time, and how often the card was used in the service under way.
 *
 * The steps, in order; the first that fails gives the reason:
 *
 *   not_blocked      the card is not blocked                                       blocked
 *   first_day        its first day has come                                        not_yet_valid  (1)
 *   last_day         its last day has not gone                                     expired        (1)
 *   zone             its profile has a right in this zone                          no_right_here
 *   profile_on       its profile is not turned off                                 profile_off
 *   meal_right       canteen: it has any meal at all                               no_right_here  (2)
 *   open_day         the calendar does not close the zone today                    closed_today   (1)
 *   hours            the profile has no window for the zone, or is inside one      outside_hours  (1)
 *   service_now      canteen: a service is under way                               no_service_now (1)
 *   service_right    canteen: and the profile may use it                           not_this_service (1)
 *   meal_day         canteen: the card has meals on this weekday                   no_meal_today  (1)
 *   passages         canteen: it has passages left in this service                 already_passed (1)
 *
 * (1) only with the clock set, (2) only without: nobody is locked out because a battery died. What began
 * before midnight goes by the day it began. A canteen without services serves at all hours and counts
 * nothing. Of several services under way the first one in the list counts that the card may use, one with a
 * meal on its day before others.
 */
#ifndef FIRMWARE_ACCESS_POLICY_H
#define FIRMWARE_ACCESS_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/verdict.h"
#include "firmware/base/clock.h"
#include "firmware/crypto/identity.h"
#include "firmware/whitelist/whitelist_format.h"

#define POLICY_NO_LIMIT 255 /* passages of a rule: as often as one likes */

struct policy_question {
    struct whitelist_rule rule;
    const struct whitelist_tables *tables; /* of the same list */
    enum zone zone;
    struct local_time now;
    enum clock_quality clock;
    uint32_t profiles_off; /* bit n: profile n is turned off */
    uint8_t used;          /* passages counted for the card in the service of policy_meal; 254: or more */
};

enum policy_step {
    POLICY_NOT_BLOCKED,
    POLICY_FIRST_DAY,
    POLICY_LAST_DAY,
    POLICY_ZONE,
    POLICY_PROFILE_ON,
    POLICY_MEAL_RIGHT,
    POLICY_OPEN_DAY,
    POLICY_HOURS,
    POLICY_SERVICE_NOW,
    POLICY_SERVICE_RIGHT,
    POLICY_MEAL_DAY,
    POLICY_PASSAGES,
};

/* Told of each step that was taken, in order; the last one alone may have failed. */
struct policy_listener {
    void (*step)(void *ctx, enum policy_step step, bool passed);
    void *ctx;
};

struct verdict policy_decide(const struct policy_question *question);
/* The same, told step by step. listener: may be NULL. */
struct verdict policy_explain(const struct policy_question *question, const struct policy_listener *listener);
/* "not_blocked", "first_day", … as above. */
const char *policy_step_name(enum policy_step step);

/* One service on one day. */
struct policy_meal {
    int8_t service;  /* index; -1: none */
    uint16_t day;    /* when it began, days since 2000-01-01 */
    uint8_t weekday; /* whose hours and meals count for it, 0 Monday: of that day, unless the calendar says */
    uint16_t minutes; /* since it began, by the clock on the wall */
};

/* The service a passage at the canteen counts for; question->used is not looked at. */
struct policy_meal policy_meal(const struct policy_question *question);
/* The same service for any moment: whether a service is under way then, by its hours alone, and since when.
 * @returns service -1 or the index. */
struct policy_meal policy_service_at(const struct whitelist_tables *tables, uint8_t service,
                                     const struct local_time *moment);

#endif
