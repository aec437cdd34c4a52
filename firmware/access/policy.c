/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/access/policy.h"

#include <stddef.h>

/* ---- days and hours ---- */

/* What the calendar says of one day for one zone. */
struct zone_day {
    uint16_t day;
    uint8_t weekday; /* the weekday whose hours apply, 0 Monday */
    bool closed;
};

static uint8_t zone_bit(enum zone zone)
{
    return zone == ZONE_CANTEEN ? WHITELIST_ZONE_CANTEEN : WHITELIST_ZONE_BUILDING;
}

/* Looks up today (days_ago 0) or yesterday (1). A span that began yesterday evening may still be in progress
 * today. */
static struct zone_day look_up_day(const struct whitelist_tables *tables, const struct local_time *now,
                                   int days_ago, uint8_t zone)
{
    struct zone_day seen = {
        .day = (uint16_t)(now->day - days_ago),
        .weekday = (uint8_t)((now->weekday + WHITELIST_WEEKDAYS - days_ago) % WHITELIST_WEEKDAYS)};
    for (int i = 0; i < tables->calendar_count; i++) {
        const struct whitelist_calendar_entry *entry = &tables->calendar[i];
        if (seen.day < entry->first_day || seen.day > entry->last_day || !(entry->zones & zone))
            continue;
        if (entry->kind == WHITELIST_DAYS_OPEN) {
            seen.closed = false;
            if (entry->as_weekday >= 1 && entry->as_weekday <= WHITELIST_WEEKDAYS)
                seen.weekday = entry->as_weekday - 1;
            return seen;
        }
        seen.closed = seen.closed || entry->kind == WHITELIST_DAYS_CLOSED;
    }
    return seen;
}

/* Returns true if a span that began days_ago is in progress at this minute of today. */
static bool span_covers(struct whitelist_span span, uint16_t minute, int days_ago)
{
    if (span.from_min < span.to_min)
        return days_ago == 0 && minute >= span.from_min && minute < span.to_min;
    if (span.from_min == span.to_min)
        return false;
    return days_ago == 0 ? minute >= span.from_min : minute < span.to_min;
}

static uint16_t minutes_into(struct whitelist_span span, uint16_t minute, int days_ago)
{
    return (uint16_t)(minute + days_ago * WHITELIST_MINUTES_MAX - span.from_min);
}

/* ---- one question ---- */

struct moment {
    const struct policy_question *question;
    const struct whitelist_profile *profile;
    uint8_t zone;
    struct zone_day days[2]; /* today, yesterday; never closed if the profile may pass on closed days */
};

static struct moment look(const struct policy_question *question)
{
    static const struct whitelist_profile nobody;
    const struct whitelist_tables *tables = question->tables;
    uint8_t profile = question->rule.profile;
    struct moment moment = {
        .question = question,
        .profile = profile < tables->profile_count ? &tables->profiles[profile] : &nobody,
        .zone = zone_bit(question->zone),
    };
    for (int ago = 0; ago < 2; ago++) {
        moment.days[ago] = look_up_day(tables, &question->now, ago, moment.zone);
        if (moment.profile->closed_day_zones & moment.zone)
            moment.days[ago].closed = false;
    }
    return moment;
}

static bool has_windows(const struct moment *moment)
{
    const struct whitelist_tables *tables = moment->question->tables;
    for (int i = 0; i < tables->window_count; i++)
        if (tables->windows[i].profile == moment->question->rule.profile &&
            (tables->windows[i].zones & moment->zone))
            return true;
    return false;
}

static bool is_inside_a_window(const struct moment *moment)
{
    const struct whitelist_tables *tables = moment->question->tables;
    for (int i = 0; i < tables->window_count; i++) {
        const struct whitelist_window *window = &tables->windows[i];
        if (window->profile != moment->question->rule.profile || !(window->zones & moment->zone))
            continue;
        for (int ago = 0; ago < 2; ago++)
            if (!moment->days[ago].closed && (window->weekdays >> moment->days[ago].weekday & 1) &&
                span_covers(window->span, moment->question->now.minute, ago))
                return true;
    }
    return false;
}

static bool may_use(const struct moment *moment, int service)
{
    return moment->profile->services >> service & 1;
}

static bool has_meal(const struct moment *moment, int days_ago)
{
    return moment->question->rule.weekdays >> moment->days[days_ago].weekday & 1;
}

/* How well a service fits a card. The service with the highest value counts. */
enum fit {
    FIT_NONE,    /* not in progress */
    FIT_OTHERS,  /* in progress, but not for the card's profile */
    FIT_NO_MEAL, /* for the card's profile, but the card has no meal on that day */
    FIT_MEAL,
};

struct found {
    enum fit fit;
    struct policy_meal meal;
};

static struct found find_service(const struct moment *moment)
{
    const struct whitelist_tables *tables = moment->question->tables;
    struct found best = {FIT_NONE, {.service = -1}};
    for (int i = 0; i < tables->service_count; i++)
        for (int ago = 0; ago < 2; ago++) {
            const struct zone_day *day = &moment->days[ago];
            struct whitelist_span span = tables->services[i].spans[day->weekday];
            uint16_t minute = moment->question->now.minute;
            if (day->closed || !span_covers(span, minute, ago))
                continue;
            enum fit fit = FIT_OTHERS;
            if (may_use(moment, i))
                fit = has_meal(moment, ago) ? FIT_MEAL : FIT_NO_MEAL;
            if (fit > best.fit)
                best = (struct found){fit,
                                      {(int8_t)(fit > FIT_OTHERS ? i : -1), day->day, day->weekday,
                                       minutes_into(span, minute, ago)}};
        }
    return best;
}

/* ---- how the card is known ---- */

static bool has_its_fingerprint(const struct policy_question *question)
{
    uint8_t number = whitelist_rule_fingerprint(&question->rule);
    return number != 0 && number <= question->tables->fingerprint_count &&
           whitelist_fingerprint_matches(&question->tables->fingerprints[number - 1], &question->seen);
}

enum credential_method policy_method(const struct policy_question *question)
{
    return question->method == CREDENTIAL_UID && has_its_fingerprint(question) ? CREDENTIAL_UID_PLUS
                                                                               : question->method;
}

/* Returns true if the rule of a card that is known by its UID names the kind of the card. */
static bool needs_fingerprint(const struct policy_question *question)
{
    return question->method == CREDENTIAL_UID && whitelist_rule_fingerprint(&question->rule) != 0;
}

static bool is_bounded(const struct whitelist_assurance *entry)
{
    return entry->span.from_min != entry->span.to_min || entry->first_day != WHITELIST_NO_FIRST_DAY ||
           entry->last_day != WHITELIST_NO_LAST_DAY ||
           (entry->weekdays & WHITELIST_EVERY_DAY) != WHITELIST_EVERY_DAY;
}

/* Returns true if an entry covers the present day and hour. */
static bool is_in_force(const struct moment *moment, const struct whitelist_assurance *entry)
{
    for (int ago = 0; ago < 2; ago++) {
        const struct zone_day *day = &moment->days[ago];
        bool all_day = entry->span.from_min == entry->span.to_min && ago == 0;
        if (day->day >= entry->first_day &&
            (entry->last_day == WHITELIST_NO_LAST_DAY || day->day <= entry->last_day) &&
            (entry->weekdays >> day->weekday & 1) &&
            (all_day || span_covers(entry->span, moment->question->now.minute, ago)))
            return true;
    }
    return false;
}

static uint8_t least_assurance(const struct moment *moment)
{
    const struct whitelist_tables *tables = moment->question->tables;
    bool timed = moment->question->clock == CLOCK_SET;
    uint8_t least = CREDENTIAL_ASSURED_DESFIRE;
    for (int i = 0; i < tables->assurance_count; i++) {
        const struct whitelist_assurance *entry = &tables->assurance[i];
        if (!(entry->zones & moment->zone) ||
            (entry->profile != WHITELIST_EVERY_PROFILE && entry->profile != moment->question->rule.profile))
            continue;
        if (timed && is_in_force(moment, entry))
            return entry->least;
        if (!timed && entry->least < least)
            least = entry->least;
        if (!timed && !is_bounded(entry))
            return least;
    }
    return CREDENTIAL_ASSURED_NOT;
}

enum credential_assurance policy_least_assurance(const struct policy_question *question)
{
    struct moment moment = look(question);
    return (enum credential_assurance)least_assurance(&moment);
}

/* ---- the steps ---- */

struct walk {
    const struct policy_listener *listener;
    enum reason reason; /* of the first step that failed */
};

/* Records the result of one step. Returns true if the walk continues. */
static bool pass(struct walk *walk, enum policy_step step, bool passed, enum reason reason)
{
    if (walk->listener != NULL)
        walk->listener->step(walk->listener->ctx, step, passed);
    if (!passed)
        walk->reason = reason;
    return passed;
}

static bool pass_dates(struct walk *walk, const struct policy_question *question)
{
    const struct whitelist_rule *rule = &question->rule;
    return pass(walk, POLICY_FIRST_DAY, question->now.day >= rule->first_day, REASON_NOT_YET_VALID) &&
           pass(walk, POLICY_LAST_DAY,
                rule->last_day == WHITELIST_NO_LAST_DAY || question->now.day <= rule->last_day,
                REASON_EXPIRED);
}

static bool pass_assurance(struct walk *walk, const struct moment *moment)
{
    enum credential_assurance proven = credential_assurance(policy_method(moment->question));
    return pass(walk, POLICY_ASSURANCE, (uint8_t)proven >= least_assurance(moment), REASON_METHOD_TOO_WEAK);
}

static bool pass_meal(struct walk *walk, const struct moment *moment, const struct found *found)
{
    const struct policy_question *question = moment->question;
    if (question->tables->service_count == 0)
        return pass(walk, POLICY_MEAL_DAY, has_meal(moment, 0), REASON_NO_MEAL_TODAY);
    return pass(walk, POLICY_SERVICE_NOW, found->fit > FIT_NONE, REASON_NO_SERVICE_NOW) &&
           pass(walk, POLICY_SERVICE_RIGHT, found->fit > FIT_OTHERS, REASON_NOT_THIS_SERVICE) &&
           pass(walk, POLICY_MEAL_DAY, found->fit > FIT_NO_MEAL, REASON_NO_MEAL_TODAY) &&
           pass(walk, POLICY_PASSAGES,
                question->rule.passages == POLICY_NO_LIMIT || question->used < question->rule.passages,
                REASON_ALREADY_PASSED);
}

/* A closed day closes the zone unless a window or service of the day before is still in progress. */
static bool pass_hours(struct walk *walk, const struct moment *moment)
{
    bool at_canteen = moment->question->zone == ZONE_CANTEEN;
    bool windowed = has_windows(moment), inside = windowed && is_inside_a_window(moment);
    bool served = at_canteen && moment->question->tables->service_count != 0;
    struct found found = find_service(moment);
    bool begun = windowed ? inside : served && found.fit > FIT_NONE;
    return pass(walk, POLICY_OPEN_DAY, !moment->days[0].closed || begun, REASON_CLOSED_TODAY) &&
           pass(walk, POLICY_HOURS, !windowed || inside, REASON_OUTSIDE_HOURS) &&
           (!at_canteen || pass_meal(walk, moment, &found));
}

/* Replaces the steps of the meal while the clock is not set: the card needs a right to at least one meal. */
static bool pass_meal_right(struct walk *walk, const struct moment *moment)
{
    bool any_service = moment->question->tables->service_count == 0 || moment->profile->services != 0;
    return moment->question->zone != ZONE_CANTEEN ||
           pass(walk, POLICY_MEAL_RIGHT,
                any_service && (moment->question->rule.weekdays & WHITELIST_EVERY_DAY), REASON_NO_RIGHT_HERE);
}

struct verdict policy_explain(const struct policy_question *question, const struct policy_listener *listener)
{
    struct walk walk = {.listener = listener, .reason = REASON_INTERNAL};
    struct moment moment = look(question);
    bool timed = question->clock == CLOCK_SET;
    bool profile_off = question->rule.profile < 32 && (question->profiles_off >> question->rule.profile & 1);
    bool granted =
        pass(&walk, POLICY_NOT_BLOCKED, !(question->rule.flags & WHITELIST_RULE_BLOCKED), REASON_BLOCKED) &&
        (!needs_fingerprint(question) ||
         pass(&walk, POLICY_CARD_TYPE, has_its_fingerprint(question), REASON_OTHER_CHIP)) &&
        (!timed || pass_dates(&walk, question)) &&
        pass(&walk, POLICY_ZONE, moment.profile->zones & moment.zone, REASON_NO_RIGHT_HERE) &&
        pass(&walk, POLICY_PROFILE_ON, !profile_off, REASON_PROFILE_OFF) &&
        (question->tables->assurance_count == 0 || pass_assurance(&walk, &moment)) &&
        (timed ? pass_hours(&walk, &moment) : pass_meal_right(&walk, &moment));
    return granted ? verdict_grant() : verdict_deny(walk.reason);
}

struct verdict policy_decide(const struct policy_question *question)
{
    return policy_explain(question, NULL);
}

struct policy_meal policy_meal(const struct policy_question *question)
{
    if (question->zone != ZONE_CANTEEN || question->clock != CLOCK_SET)
        return (struct policy_meal){.service = -1};
    struct moment moment = look(question);
    return find_service(&moment).meal;
}

struct policy_meal policy_service_at(const struct whitelist_tables *tables, uint8_t service,
                                     const struct local_time *moment)
{
    for (int ago = 0; ago < 2 && service < tables->service_count; ago++) {
        struct zone_day day = look_up_day(tables, moment, ago, WHITELIST_ZONE_CANTEEN);
        struct whitelist_span span = tables->services[service].spans[day.weekday];
        if (span_covers(span, moment->minute, ago))
            return (struct policy_meal){(int8_t)service, day.day, day.weekday,
                                        minutes_into(span, moment->minute, ago)};
    }
    return (struct policy_meal){.service = -1};
}

const char *policy_step_name(enum policy_step step)
{
    static const char *const names[] = {
        [POLICY_NOT_BLOCKED] = "not_blocked", [POLICY_CARD_TYPE] = "card_type",
        [POLICY_ASSURANCE] = "assurance",     [POLICY_FIRST_DAY] = "first_day",
        [POLICY_LAST_DAY] = "last_day",       [POLICY_ZONE] = "zone",
        [POLICY_PROFILE_ON] = "profile_on",   [POLICY_MEAL_RIGHT] = "meal_right",
        [POLICY_OPEN_DAY] = "open_day",       [POLICY_HOURS] = "hours",
        [POLICY_SERVICE_NOW] = "service_now", [POLICY_SERVICE_RIGHT] = "service_right",
        [POLICY_MEAL_DAY] = "meal_day",       [POLICY_PASSAGES] = "passages",
    };
    return (unsigned)step < sizeof names / sizeof *names ? names[step] : "unknown";
}
