/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/slow_policy.h"

enum { MONDAY_OF_2000 = 2 /* 3 January */, MINUTES = 1440 };

static int zone_number(enum zone zone)
{
    return zone == ZONE_BUILDING ? 1 : 2;
}

/* Returns the calendar's word for a day: 'c' (closed), 'o' (open) or ' ' (nothing). */
static char word_for(const struct whitelist_tables *tables, long day, int zone, int *as)
{
    char word = ' ';
    *as = 0;
    /* backwards, so that the first open entry decides */
    for (int i = tables->calendar_count - 1; i >= 0; i--) {
        const struct whitelist_calendar_entry *entry = &tables->calendar[i];
        int applies = entry->first_day <= day && day <= entry->last_day && (entry->zones & zone) != 0;
        if (applies && entry->kind == 2) {
            word = 'o';
            *as = entry->as_weekday > 7 ? 0 : entry->as_weekday;
        } else if (applies && entry->kind == 1 && word == ' ') {
            word = 'c';
        }
    }
    return word;
}

static int weekday_for(const struct whitelist_tables *tables, long day, int zone)
{
    int as;
    (void)word_for(tables, day, zone, &as);
    return as != 0 ? as - 1 : (int)((day - MONDAY_OF_2000 + 7000) % 7);
}

static int is_closed(const struct policy_question *question, long day)
{
    int as, zone = zone_number(question->zone);
    const struct whitelist_profile *profile = &question->tables->profiles[question->rule.profile];
    return word_for(question->tables, day, zone, &as) == 'c' && (profile->closed_day_zones & zone) == 0;
}

/* Returns true if an interval that begins on this day contains the present moment. */
static int is_now(const struct policy_question *question, long day, struct whitelist_span span)
{
    long now = question->now.day * (long)MINUTES + question->now.minute;
    long begin = day * MINUTES + span.from_min, end = day * MINUTES + span.to_min;
    if (span.to_min < span.from_min)
        end += MINUTES;
    return begin <= now && now < end;
}

static int count_windows(const struct policy_question *question, int only_now)
{
    int count = 0;
    for (int i = 0; i < question->tables->window_count; i++) {
        const struct whitelist_window *window = &question->tables->windows[i];
        if (window->profile != question->rule.profile || !(window->zones & zone_number(question->zone)))
            continue;
        for (long day = question->now.day - 1; day <= question->now.day; day++) {
            int weekday = weekday_for(question->tables, day, zone_number(question->zone));
            if (!only_now || (is_now(question, day, window->span) && !is_closed(question, day) &&
                              (window->weekdays & 1 << weekday)))
                count++;
        }
    }
    return count;
}

static int has_right_to(const struct policy_question *question, int service)
{
    return (question->tables->profiles[question->rule.profile].services & 1 << service) != 0;
}

static int eats_on(const struct policy_question *question, long day)
{
    return (question->rule.weekdays & 1 << weekday_for(question->tables, day, 2)) != 0;
}

/* Finds the first current service; with mine, one that the profile may use; with with_meal, one on a day with
 * a meal. */
static int find(const struct policy_question *question, int mine, int with_meal, uint16_t *began)
{
    for (int i = 0; i < question->tables->service_count; i++)
        for (long day = question->now.day; day >= question->now.day - 1; day--) {
            int weekday = weekday_for(question->tables, day, 2);
            if (is_now(question, day, question->tables->services[i].spans[weekday]) &&
                !is_closed(question, day) && (!mine || has_right_to(question, i)) &&
                (!with_meal || eats_on(question, day))) {
                *began = (uint16_t)day;
                return i;
            }
        }
    return -1;
}

int slow_policy_service(const struct policy_question *question, uint16_t *day)
{
    *day = 0;
    if (question->zone != ZONE_CANTEEN || question->clock != CLOCK_SET)
        return -1;
    int service = find(question, 1, 1, day);
    return service >= 0 ? service : find(question, 1, 0, day);
}

static enum reason at_canteen(const struct policy_question *question)
{
    uint16_t day;
    if (question->tables->service_count == 0)
        return eats_on(question, question->now.day) ? REASON_NONE : REASON_NO_MEAL_TODAY;
    if (find(question, 0, 0, &day) < 0)
        return REASON_NO_SERVICE_NOW;
    if (find(question, 1, 0, &day) < 0)
        return REASON_NOT_THIS_SERVICE;
    if (find(question, 1, 1, &day) < 0)
        return REASON_NO_MEAL_TODAY;
    if (question->rule.passages != 255 && question->used >= question->rule.passages)
        return REASON_ALREADY_PASSED;
    return REASON_NONE;
}

static enum reason by_the_clock(const struct policy_question *question)
{
    uint16_t day;
    int something_of_yesterday = 0;
    if (count_windows(question, 0) > 0)
        something_of_yesterday = count_windows(question, 1) > 0;
    else if (question->zone == ZONE_CANTEEN && question->tables->service_count > 0)
        something_of_yesterday = find(question, 0, 0, &day) >= 0;
    if (is_closed(question, question->now.day) && !something_of_yesterday)
        return REASON_CLOSED_TODAY;
    if (count_windows(question, 0) > 0 && count_windows(question, 1) == 0)
        return REASON_OUTSIDE_HOURS;
    return question->zone == ZONE_CANTEEN ? at_canteen(question) : REASON_NONE;
}

/* Returns true if an entry on assurance names this moment; with any_time, some moment. */
static int speaks_of(const struct policy_question *question, const struct whitelist_assurance *entry,
                     int any_time)
{
    if ((entry->profile != 255 && entry->profile != question->rule.profile) ||
        (entry->zones & zone_number(question->zone)) == 0)
        return 0;
    if (any_time)
        return 1;
    for (long day = question->now.day - 1; day <= question->now.day; day++) {
        struct whitelist_span whole = {0, MINUTES};
        int always = entry->span.from_min == entry->span.to_min;
        int weekday = weekday_for(question->tables, day, zone_number(question->zone));
        if (entry->first_day <= day && (entry->last_day == 0xFFFF || day <= entry->last_day) &&
            (entry->weekdays & 1 << weekday) && is_now(question, day, always ? whole : entry->span))
            return 1;
    }
    return 0;
}

static int demanded(const struct policy_question *question)
{
    const struct whitelist_tables *tables = question->tables;
    int any_time = question->clock != CLOCK_SET, least = 3;
    for (int i = 0; i < tables->assurance_count; i++) {
        const struct whitelist_assurance *e = &tables->assurance[i];
        int always = e->first_day == 0 && e->last_day == 0xFFFF && (e->weekdays & 127) == 127 &&
                     e->span.from_min == e->span.to_min;
        if (!speaks_of(question, e, any_time))
            continue;
        least = e->least < least ? e->least : least;
        if (!any_time)
            return e->least;
        if (always)
            return least;
    }
    return 0;
}

/* How hard the card was to imitate; -1: it is not of the kind that its rule names. */
static int proven(const struct policy_question *question)
{
    static const int levels[] = {[CREDENTIAL_UID] = 1,
                                 [CREDENTIAL_DESFIRE] = 3,
                                 [CREDENTIAL_UID_PLUS] = 2,
                                 [CREDENTIAL_QR] = 0,
                                 [CREDENTIAL_PASS] = 0};
    int number = question->rule.flags / 4 % 8;
    const struct whitelist_fingerprint *f = &question->tables->fingerprints[number == 0 ? 0 : number - 1];
    if (question->method != CREDENTIAL_UID || number == 0)
        return levels[question->method];
    return number <= question->tables->fingerprint_count && f->sak == question->seen.sak &&
                   f->ats_crc == question->seen.ats_crc && f->ats_len == question->seen.ats_len &&
                   (f->atqa[0] | question->seen.atqa[0]) == question->seen.atqa[0] &&
                   (f->atqa[1] | question->seen.atqa[1]) == question->seen.atqa[1]
               ? 2
               : -1;
}

enum reason slow_policy_reason(const struct policy_question *question)
{
    const struct whitelist_rule *rule = &question->rule;
    const struct whitelist_profile *profile = &question->tables->profiles[rule->profile];
    int clock_counts = question->clock == CLOCK_SET;
    if (rule->flags & 1)
        return REASON_BLOCKED;
    if (proven(question) < 0)
        return REASON_OTHER_CHIP;
    if (clock_counts && rule->first_day > question->now.day)
        return REASON_NOT_YET_VALID;
    if (clock_counts && rule->last_day != 0xFFFF && rule->last_day < question->now.day)
        return REASON_EXPIRED;
    if ((profile->zones & zone_number(question->zone)) == 0)
        return REASON_NO_RIGHT_HERE;
    if (question->profiles_off & UINT32_C(1) << rule->profile)
        return REASON_PROFILE_OFF;
    if (proven(question) < demanded(question))
        return REASON_METHOD_TOO_WEAK;
    if (clock_counts)
        return by_the_clock(question);
    if (question->zone == ZONE_BUILDING)
        return REASON_NONE;
    if (question->tables->service_count > 0 && profile->services == 0)
        return REASON_NO_RIGHT_HERE;
    return (rule->weekdays & 0x7F) != 0 ? REASON_NONE : REASON_NO_RIGHT_HERE;
}
