/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides whether a card of the list may pass here and now. The inputs are the card's rule and the tables of
 * the list, the zone, the local time, and the passages of the card in the current service.
 *
 * Pure functions, no I/O, nothing blocks. The caller owns the question, the tables and the listener.
 *
 * The steps are taken in this order. The first step that fails gives the reason.
 *
 *   step             condition                                                     reason
 *   not_blocked      the card is not blocked                                       blocked
 *   card_type        the card has the fingerprint that its rule names, if any      other_chip     (3)
 *   first_day        today is not before its first day                             not_yet_valid  (1)
 *   last_day         today is not after its last day                               expired        (1)
 *   zone             its profile has a right in this zone                          no_right_here
 *   profile_on       its profile is not turned off                                 profile_off
 *   assurance        its method is as hard to imitate as the list demands          method_too_weak (4)
 *   meal_right       canteen: the card has a right to at least one meal            no_right_here  (2)
 *   open_day         the calendar does not close the zone today                    closed_today   (1)
 *   hours            the profile has no window for the zone, or is inside one      outside_hours  (1)
 *   service_now      canteen: a service is in progress                             no_service_now (1)
 *   service_right    canteen: the profile may use this service                     not_this_service (1)
 *   meal_day         canteen: the card has meals on this weekday                   no_meal_today  (1)
 *   passages         canteen: it has passages left in this service                 already_passed (1)
 *
 * (1) is checked only while the clock is set, (2) only while it is not, so that a dead battery locks nobody
 * out. (3) is checked for a card known by its UID. (4) is checked if the list has entries on assurance: the
 * first one that covers the profile, the zone, the day and the hour decides. While the clock is not set, days
 * and hours do not count, and the least demand of all entries up to the first without days and hours holds.
 *
 * A window or service that began before midnight belongs to the day on which it began. If the list has no
 * services, the canteen serves at all hours and passages are not counted. If several services are in
 * progress, the first one in the list that the card may use counts; a service on whose day the card has a
 * meal takes precedence.
 */
#ifndef FIRMWARE_ACCESS_POLICY_H
#define FIRMWARE_ACCESS_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/verdict.h"
#include "firmware/base/clock.h"
#include "firmware/crypto/identity.h"
#include "firmware/whitelist/whitelist_format.h"

#define POLICY_NO_LIMIT 255 /* value of a rule's passages: any number of passages per service */

struct policy_question {
    struct whitelist_rule rule;
    const struct whitelist_tables *tables; /* of the list that the rule comes from */
    enum zone zone;
    struct local_time now;
    enum clock_quality clock;
    enum credential_method method;     /* by which the card was known, before its fingerprint was compared */
    struct whitelist_fingerprint seen; /* of a card known by its UID */
    uint32_t profiles_off;             /* bit n: profile n is turned off */
    uint8_t used; /* passages counted for the card in the service of policy_meal; 254: 254 or more */
};

enum policy_step {
    POLICY_NOT_BLOCKED,
    POLICY_CARD_TYPE,
    POLICY_FIRST_DAY,
    POLICY_LAST_DAY,
    POLICY_ZONE,
    POLICY_PROFILE_ON,
    POLICY_ASSURANCE,
    POLICY_MEAL_RIGHT,
    POLICY_OPEN_DAY,
    POLICY_HOURS,
    POLICY_SERVICE_NOW,
    POLICY_SERVICE_RIGHT,
    POLICY_MEAL_DAY,
    POLICY_PASSAGES,
};

/* Receives each step that was taken, in order. Only the last step may have failed. */
struct policy_listener {
    void (*step)(void *ctx, enum policy_step step, bool passed);
    void *ctx;
};

/* Decides a question. Returns a grant, or a deny with the reason of the first step that failed. */
struct verdict policy_decide(const struct policy_question *question);
/* Decides a question as policy_decide does and reports each step to listener, which may be NULL. */
struct verdict policy_explain(const struct policy_question *question, const struct policy_listener *listener);
/* Returns the method by which the card of the question is known: uid+ if its rule names a fingerprint and the
 * card has it. */
enum credential_method policy_method(const struct policy_question *question);
/* Returns the assurance that the list demands of a card of this question. */
enum credential_assurance policy_least_assurance(const struct policy_question *question);
/* Returns the name of a step as in the table above ("not_blocked", "first_day", …); "unknown" for any other
 * number. */
const char *policy_step_name(enum policy_step step);

/* One service on one day. */
struct policy_meal {
    int8_t service;   /* index; -1: none */
    uint16_t day;     /* the day on which it began, in days since 2000-01-01 */
    uint8_t weekday;  /* the weekday (0 Monday) whose hours and meals apply: that of day, or the calendar's */
    uint16_t minutes; /* local time elapsed since it began */
};

/* Finds the service that a passage at the canteen counts for. question->used is ignored. Returns service -1
 * if there is none, the zone is not the canteen, or the clock is not set. */
struct policy_meal policy_meal(const struct policy_question *question);
/* Checks whether one service is in progress at a given moment. Only its hours decide: closed days and the
 * rights of profiles are ignored. Returns the meal with the index of the service; service -1 if it is not in
 * progress. */
struct policy_meal policy_service_at(const struct whitelist_tables *tables, uint8_t service,
                                     const struct local_time *moment);

#endif
