/* SPDX-License-Identifier: Apache-2.0 */
/* The policy: as a table, by properties, and compared with a slow, simple second implementation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/access/policy.h"
#include "tests/fakes/slow_policy.h"

enum {
    BLOCKED = WHITELIST_RULE_BLOCKED,
    TEMPORARY = WHITELIST_RULE_TEMPORARY,
    NO_FIRST = 0,
    NO_LAST = 0xFFFF,
};

static const char *const quality_names[] = {"unset", "set", "stale"};

static int complain(const char *name, struct verdict verdict, enum reason expected)
{
    if (verdict.reason == expected && verdict_is_grant(verdict) == (expected == REASON_NONE))
        return 0;
    print_error("%s: %s, not %s\n", name, reason_name(verdict.reason), reason_name(expected));
    return 1;
}

/* ---- dates, zones and blocks, in a list with nothing else ---- */

enum { NEITHER = 0, BUILDING = 1, CANTEEN = 2, BOTH = 3, TODAY = 9800 };

struct plain_case {
    const char *name;
    uint8_t zones, flags;
    uint16_t first_day, last_day;
    enum zone zone;
    enum clock_quality clock;
    enum reason expected; /* REASON_NONE: granted */
};

static const struct plain_case plain_cases[] = {
    {"half-boarder at the gate", BOTH, 0, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"half-boarder at the canteen", BOTH, 0, NO_FIRST, NO_LAST, ZONE_CANTEEN, CLOCK_SET, REASON_NONE},
    {"externe at the gate", BUILDING, 0, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"externe at the canteen", BUILDING, 0, NO_FIRST, NO_LAST, ZONE_CANTEEN, CLOCK_SET, REASON_NO_RIGHT_HERE},
    {"canteen guest at the gate", CANTEEN, 0, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET,
     REASON_NO_RIGHT_HERE},
    {"no zone at all", NEITHER, 0, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NO_RIGHT_HERE},
    {"zones of a later format count for nothing", 0xFC, 0, NO_FIRST, NO_LAST, ZONE_CANTEEN, CLOCK_SET,
     REASON_NO_RIGHT_HERE},
    {"temporary card", BOTH, TEMPORARY, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NONE},

    {"first day is today", BOTH, 0, TODAY, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"first day was yesterday", BOTH, 0, TODAY - 1, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"first day is tomorrow", BOTH, 0, TODAY + 1, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NOT_YET_VALID},
    {"last day is today", BOTH, 0, NO_FIRST, TODAY, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"last day is tomorrow", BOTH, 0, NO_FIRST, TODAY + 1, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"last day was yesterday", BOTH, 0, NO_FIRST, TODAY - 1, ZONE_BUILDING, CLOCK_SET, REASON_EXPIRED},
    {"valid today only", BOTH, 0, TODAY, TODAY, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"last day 0 is a bound", BOTH, 0, NO_FIRST, 0, ZONE_BUILDING, CLOCK_SET, REASON_EXPIRED},
    {"last day before the first", BOTH, 0, TODAY + 1, TODAY - 1, ZONE_BUILDING, CLOCK_SET,
     REASON_NOT_YET_VALID},
    {"expired, and no right here", BUILDING, 0, NO_FIRST, TODAY - 1, ZONE_CANTEEN, CLOCK_SET, REASON_EXPIRED},

    {"clock unset: not yet valid passes", BOTH, 0, TODAY + 1, NO_LAST, ZONE_BUILDING, CLOCK_UNSET,
     REASON_NONE},
    {"clock unset: expired passes", BOTH, 0, NO_FIRST, TODAY - 1, ZONE_BUILDING, CLOCK_UNSET, REASON_NONE},
    {"clock unset: blocked stays blocked", BOTH, BLOCKED, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_UNSET,
     REASON_BLOCKED},
    {"clock unset: zones still count", BUILDING, 0, NO_FIRST, NO_LAST, ZONE_CANTEEN, CLOCK_UNSET,
     REASON_NO_RIGHT_HERE},
    {"clock stale: dates do not count", BOTH, 0, NO_FIRST, TODAY - 1, ZONE_BUILDING, CLOCK_STALE,
     REASON_NONE},

    {"blocked", BOTH, BLOCKED, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_BLOCKED},
    {"blocked wins over expired", BOTH, BLOCKED, NO_FIRST, TODAY - 1, ZONE_BUILDING, CLOCK_SET,
     REASON_BLOCKED},
    {"blocked wins over not yet valid", BOTH, BLOCKED, TODAY + 1, NO_LAST, ZONE_BUILDING, CLOCK_SET,
     REASON_BLOCKED},
    {"blocked wins over the zone", NEITHER, BLOCKED, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET,
     REASON_BLOCKED},
    {"blocked temporary card", BOTH, BLOCKED | TEMPORARY, NO_FIRST, NO_LAST, ZONE_CANTEEN, CLOCK_SET,
     REASON_BLOCKED},
};

static void dates_zones_and_blocks_hold(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof plain_cases / sizeof plain_cases[0]; i++) {
        const struct plain_case *c = &plain_cases[i];
        struct whitelist_tables tables = {.profile_count = 1, .profiles = {{.zones = c->zones}}};
        wrong += complain(c->name,
                          policy_decide(&(struct policy_question){
                              .rule = {.weekdays = 0x7F,
                                       .first_day = c->first_day,
                                       .last_day = c->last_day,
                                       .passages = 1,
                                       .flags = c->flags},
                              .tables = &tables,
                              .zone = c->zone,
                              .now = {.day = TODAY, .weekday = 5, .minute = 700},
                              .clock = c->clock,
                          }),
                          c->expected);
    }
    assert_int_equal(wrong, 0);
}

/* ---- a lycée ---- */

enum profile { EXTERNE, DP, INTERNE, STAFF, KITCHEN, PROFILES };
enum service { BREAKFAST, LUNCH, DINNER, NIGHT, SERVICES };

/* Days since 2000-01-01, from `date`; 2026-11-23 was a Monday. */
enum { MON = 9823, TUE, WED, THU, FRI, SAT, SUN, LATER_MON, HOLIDAY_FIRST = 9848, HOLIDAY_LAST = 9863 };

#define SCHOOL_DAYS 0x1F
#define HM(h, m)    ((h)*60 + (m))

static struct whitelist_tables lycee(void)
{
    struct whitelist_tables t = {
        .profile_count = PROFILES,
        .service_count = SERVICES,
        .window_count = 6,
        .calendar_count = 4,
        .profiles =
            {
                [EXTERNE] = {.zones = BUILDING},
                [DP] = {.zones = BOTH, .services = 1 << LUNCH},
                [INTERNE] = {.zones = BOTH, .services = 1 << BREAKFAST | 1 << LUNCH | 1 << DINNER},
                [STAFF] = {.zones = BOTH, .services = 1 << LUNCH},
                [KITCHEN] = {.zones = BOTH, .closed_day_zones = BOTH, .services = 1 << LUNCH | 1 << NIGHT},
            },
        .windows =
            {
                {EXTERNE, BUILDING, SCHOOL_DAYS, {HM(7, 30), HM(18, 30)}},
                {DP, BUILDING, SCHOOL_DAYS, {HM(7, 30), HM(18, 30)}},
                {EXTERNE, BUILDING, 1 << 5, {HM(8, 0), HM(12, 30)}},
                {INTERNE, BUILDING, SCHOOL_DAYS, {HM(6, 45), HM(22, 0)}},
                {INTERNE, BUILDING, 1 << 6, {HM(20, 0), HM(0, 30)}}, /* back on Sunday evening */
                {KITCHEN, CANTEEN, 0x7F, {HM(5, 0), HM(24, 0)}},
            },
        .calendar =
            {
                {HOLIDAY_FIRST, HOLIDAY_LAST, WHITELIST_DAYS_CLOSED, BOTH, 0},
                {SAT, SAT, WHITELIST_DAYS_OPEN, BOTH, 1}, /* counts as a Monday */
                {HOLIDAY_FIRST + 2, HOLIDAY_FIRST + 2, WHITELIST_DAYS_OPEN, BUILDING, 0}, /* a Saturday */
                {WED, WED, WHITELIST_DAYS_CLOSED, CANTEEN, 0},
            },
    };
    for (int day = 0; day < 5; day++) {
        t.services[BREAKFAST].spans[day] = (struct whitelist_span){HM(6, 45), HM(8, 0)};
        t.services[LUNCH].spans[day] = (struct whitelist_span){HM(11, 30), HM(13, 30)};
        t.services[DINNER].spans[day] = (struct whitelist_span){HM(18, 45), HM(20, 0)};
    }
    t.services[LUNCH].spans[2] = (struct whitelist_span){HM(12, 0), HM(13, 0)};
    t.services[NIGHT].spans[4] = (struct whitelist_span){HM(23, 0), HM(1, 0)}; /* Fridays */
    return t;
}

struct lycee_case {
    const char *name;
    enum profile profile;
    enum zone zone;
    uint16_t day, minute;
    uint8_t weekdays, used, passages;
    enum clock_quality clock;
    enum reason expected;
};

#define GATE    ZONE_BUILDING
#define TABLE   ZONE_CANTEEN
#define ALL     0x7F
#define MTTF    0x1B /* not on Wednesdays */
#define SET     CLOCK_SET
#define GRANTED REASON_NONE

static const struct lycee_case lycee_cases[] = {
    {"externe in the morning", EXTERNE, GATE, MON, HM(7, 30), ALL, 0, 1, SET, GRANTED},
    {"externe a minute early", EXTERNE, GATE, MON, HM(7, 29), ALL, 0, 1, SET, REASON_OUTSIDE_HOURS},
    {"externe in the last minute", EXTERNE, GATE, MON, HM(18, 29), ALL, 0, 1, SET, GRANTED},
    {"externe when the window ends", EXTERNE, GATE, MON, HM(18, 30), ALL, 0, 1, SET, REASON_OUTSIDE_HOURS},
    {"externe on Sunday", EXTERNE, GATE, SUN, HM(10, 0), ALL, 0, 1, SET, REASON_OUTSIDE_HOURS},
    {"staff have no window: any hour", STAFF, GATE, SUN, HM(3, 0), ALL, 0, 1, SET, GRANTED},
    {"staff in the holidays", STAFF, GATE, HOLIDAY_FIRST, HM(10, 0), ALL, 0, 1, SET, REASON_CLOSED_TODAY},
    {"externe in the holidays", EXTERNE, GATE, HOLIDAY_LAST, HM(10, 0), ALL, 0, 1, SET, REASON_CLOSED_TODAY},
    {"kitchen in the holidays", KITCHEN, GATE, HOLIDAY_FIRST, HM(10, 0), ALL, 0, 1, SET, GRANTED},
    {"the day after the holidays", STAFF, GATE, HOLIDAY_LAST + 1, HM(10, 0), ALL, 0, 1, SET, GRANTED},
    {"open doors in the holidays, staff", STAFF, GATE, HOLIDAY_FIRST + 2, HM(10, 0), ALL, 0, 1, SET, GRANTED},
    {"open doors on a Saturday: its own hours", EXTERNE, GATE, HOLIDAY_FIRST + 2, HM(13, 0), ALL, 0, 1, SET,
     REASON_OUTSIDE_HOURS},
    {"open doors: the canteen stays closed", STAFF, TABLE, HOLIDAY_FIRST + 2, HM(12, 0), ALL, 0, 1, SET,
     REASON_CLOSED_TODAY},
    {"interne back on Sunday", INTERNE, GATE, SUN, HM(20, 0), ALL, 0, 1, SET, GRANTED},
    {"interne back after midnight", INTERNE, GATE, LATER_MON, HM(0, 29), ALL, 0, 1, SET, GRANTED},
    {"interne back too late", INTERNE, GATE, LATER_MON, HM(0, 30), ALL, 0, 1, SET, REASON_OUTSIDE_HOURS},
    {"interne after midnight of a Tuesday", INTERNE, GATE, TUE, HM(0, 10), ALL, 0, 1, SET,
     REASON_OUTSIDE_HOURS},
    {"a Saturday that counts as a Monday, gate", DP, GATE, SAT, HM(17, 0), ALL, 0, 1, SET, GRANTED},
    {"a Saturday that counts as a Monday, lunch", DP, TABLE, SAT, HM(11, 45), 1 << 0, 0, 1, SET, GRANTED},
    {"... and not as a Saturday", DP, TABLE, SAT, HM(11, 45), 1 << 5, 0, 1, SET, REASON_NO_MEAL_TODAY},

    {"externe at the canteen", EXTERNE, TABLE, MON, HM(12, 0), ALL, 0, 1, SET, REASON_NO_RIGHT_HERE},
    {"lunch begins", DP, TABLE, MON, HM(11, 30), ALL, 0, 1, SET, GRANTED},
    {"before lunch", DP, TABLE, MON, HM(11, 29), ALL, 0, 1, SET, REASON_NO_SERVICE_NOW},
    {"lunch is over", DP, TABLE, MON, HM(13, 30), ALL, 0, 1, SET, REASON_NO_SERVICE_NOW},
    {"no lunch on Sunday", DP, TABLE, SUN, HM(12, 0), ALL, 0, 1, SET, REASON_NO_SERVICE_NOW},
    {"half-boarder at breakfast", DP, TABLE, MON, HM(7, 0), ALL, 0, 1, SET, REASON_NOT_THIS_SERVICE},
    {"boarder at breakfast", INTERNE, TABLE, MON, HM(7, 0), ALL, 0, 1, SET, GRANTED},
    {"no meal on Wednesdays", DP, TABLE, LATER_MON + 2, HM(12, 30), MTTF, 0, 1, SET, REASON_NO_MEAL_TODAY},
    {"the canteen closed on a Wednesday", DP, TABLE, WED, HM(12, 30), ALL, 0, 1, SET, REASON_CLOSED_TODAY},
    {"which does not close the gate", DP, GATE, WED, HM(12, 30), ALL, 0, 1, SET, GRANTED},
    {"a second lunch", DP, TABLE, MON, HM(12, 0), ALL, 1, 1, SET, REASON_ALREADY_PASSED},
    {"two lunches allowed, the second", DP, TABLE, MON, HM(12, 0), ALL, 1, 2, SET, GRANTED},
    {"two lunches allowed, the third", DP, TABLE, MON, HM(12, 0), ALL, 2, 2, SET, REASON_ALREADY_PASSED},
    {"no limit", DP, TABLE, MON, HM(12, 0), ALL, 254, POLICY_NO_LIMIT, SET, GRANTED},
    {"254 of 254", DP, TABLE, MON, HM(12, 0), ALL, 254, 254, SET, REASON_ALREADY_PASSED},
    {"passages at the gate are not counted", DP, GATE, MON, HM(12, 0), ALL, 9, 1, SET, GRANTED},
    {"the window of the canteen counts too", KITCHEN, TABLE, MON, HM(4, 0), ALL, 0, 1, SET,
     REASON_OUTSIDE_HOURS},
    {"night shift before midnight", KITCHEN, TABLE, FRI, HM(23, 30), 1 << 4, 0, 1, SET, GRANTED},
    {"night shift after midnight: no window", KITCHEN, TABLE, SAT, HM(0, 30), 1 << 4, 0, 1, SET,
     REASON_OUTSIDE_HOURS},
    {"no meal right: not on any day", DP, TABLE, MON, HM(12, 0), 0, 0, 1, SET, REASON_NO_MEAL_TODAY},

    {"no clock: externe at night", EXTERNE, GATE, MON, HM(3, 0), ALL, 0, 1, CLOCK_UNSET, GRANTED},
    {"no clock: externe at the canteen", EXTERNE, TABLE, MON, HM(12, 0), ALL, 0, 1, CLOCK_UNSET,
     REASON_NO_RIGHT_HERE},
    {"no clock: any meal will do", DP, TABLE, SUN, HM(3, 0), 1 << 3, 5, 1, CLOCK_UNSET, GRANTED},
    {"no clock: no meal at all", DP, TABLE, MON, HM(12, 0), 0, 0, 1, CLOCK_UNSET, REASON_NO_RIGHT_HERE},
    {"stale clock: holidays do not count", STAFF, TABLE, HOLIDAY_FIRST, HM(12, 0), ALL, 5, 1, CLOCK_STALE,
     GRANTED},
};

static struct policy_question ask_lycee(const struct whitelist_tables *tables, const struct lycee_case *c)
{
    return (struct policy_question){
        .rule = {.profile = (uint8_t)c->profile,
                 .weekdays = c->weekdays,
                 .last_day = NO_LAST,
                 .passages = c->passages},
        .tables = tables,
        .zone = c->zone,
        .now = {.day = c->day, .weekday = (uint8_t)((c->day + 5) % 7), .minute = c->minute},
        .clock = c->clock,
        .used = c->used,
    };
}

static void the_rules_of_a_lycee_hold(void **state)
{
    (void)state;
    struct whitelist_tables tables = lycee();
    int wrong = 0;
    for (size_t i = 0; i < sizeof lycee_cases / sizeof lycee_cases[0]; i++) {
        struct policy_question question = ask_lycee(&tables, &lycee_cases[i]);
        wrong += complain(lycee_cases[i].name, policy_decide(&question), lycee_cases[i].expected);
    }
    assert_int_equal(wrong, 0);
}

static void a_group_turned_off_passes_nowhere_and_comes_back(void **state)
{
    (void)state;
    struct whitelist_tables tables = lycee();
    for (size_t i = 0; i < sizeof lycee_cases / sizeof lycee_cases[0]; i++) {
        struct policy_question question = ask_lycee(&tables, &lycee_cases[i]);
        enum reason usual = policy_decide(&question).reason;
        question.profiles_off = UINT32_C(1) << lycee_cases[i].profile;
        assert_int_equal(policy_decide(&question).reason,
                         usual == REASON_NO_RIGHT_HERE && lycee_cases[i].profile == EXTERNE
                             ? REASON_NO_RIGHT_HERE
                             : REASON_PROFILE_OFF);
        question.profiles_off = ~question.profiles_off; /* everybody else */
        assert_int_equal(policy_decide(&question).reason, usual);
    }
}

static void a_meal_after_midnight_counts_for_the_day_it_began(void **state)
{
    (void)state;
    struct whitelist_tables tables = lycee();
    tables.window_count = 5; /* the kitchen at any hour */
    struct lycee_case c = {"", KITCHEN, TABLE, SAT, HM(0, 30), 1 << 4, 0, 1, SET, GRANTED};
    struct policy_question question = ask_lycee(&tables, &c);
    struct policy_meal meal = policy_meal(&question);
    assert_int_equal(policy_decide(&question).reason, REASON_NONE);
    assert_int_equal(meal.service, NIGHT);
    assert_int_equal(meal.day, FRI);
    meal = policy_service_at(&tables, NIGHT, &question.now);
    assert_int_equal(meal.service, NIGHT);
    assert_int_equal(meal.day, FRI);
    question.now.minute = HM(1, 0);
    assert_int_equal(policy_service_at(&tables, NIGHT, &question.now).service, -1);
    assert_int_equal(policy_meal(&question).service, -1);
}

/* ---- telling why ---- */

struct told {
    char text[256];
    int count, failed;
};

static void take_step(void *ctx, enum policy_step step, bool passed)
{
    struct told *told = ctx;
    size_t len = strlen(told->text);
    assert_int_equal(told->failed, 0); /* nothing follows a failure */
    snprintf(told->text + len, sizeof told->text - len, "%s%s%s", len > 0 ? " " : "", passed ? "" : "!",
             policy_step_name(step));
    told->count++;
    told->failed += !passed;
}

static const char *explain(struct told *told, const struct lycee_case *c)
{
    struct whitelist_tables tables = lycee();
    struct policy_question question = ask_lycee(&tables, c);
    const struct policy_listener listener = {take_step, told};
    *told = (struct told){.count = 0};
    struct verdict verdict = policy_explain(&question, &listener);
    assert_int_equal(verdict.reason, policy_decide(&question).reason);
    assert_int_equal(told->failed, verdict_is_grant(verdict) ? 0 : 1);
    return told->text;
}

static void every_step_is_told_up_to_the_one_that_fails(void **state)
{
    (void)state;
    struct told told;
    assert_string_equal(
        explain(&told, &(struct lycee_case){"", DP, TABLE, MON, HM(12, 0), ALL, 1, 1, SET, GRANTED}),
        "not_blocked first_day last_day zone profile_on open_day hours service_now service_right meal_day "
        "!passages");
    assert_string_equal(
        explain(&told, &(struct lycee_case){"", EXTERNE, GATE, MON, HM(12, 0), ALL, 0, 1, SET, GRANTED}),
        "not_blocked first_day last_day zone profile_on open_day hours");
    assert_string_equal(
        explain(&told, &(struct lycee_case){"", STAFF, GATE, HOLIDAY_LAST, 0, ALL, 0, 1, SET, GRANTED}),
        "not_blocked first_day last_day zone profile_on !open_day");
    assert_string_equal(
        explain(&told, &(struct lycee_case){"", DP, TABLE, MON, 0, 0, 0, 1, CLOCK_STALE, GRANTED}),
        "not_blocked zone profile_on !meal_right");
}

/* ---- properties, on random rules ---- */

static uint32_t seed;

static uint32_t pick(uint32_t below)
{
    seed = seed * 1664525U + 1013904223U;
    return (uint32_t)((uint64_t)seed * below >> 32);
}

static struct whitelist_span random_span(void)
{
    struct whitelist_span span = {(uint16_t)pick(WHITELIST_MINUTES_MAX), (uint16_t)pick(1441)};
    return pick(4) == 0 ? (struct whitelist_span){0, 0} : span;
}

/* Kinds of chip that differ in one thing each. */
static struct whitelist_fingerprint random_chip(void)
{
    struct whitelist_fingerprint chip = {.atqa = {3, 0x44}, .sak = 0x20, .ats_len = 5, .ats_crc = 77};
    switch (pick(8)) {
    case 0:
        chip.atqa[1] = (uint8_t)(pick(2) == 0 ? 0x45 : 0x04);
        break;
    case 1:
        chip.sak = 8;
        break;
    case 2:
        chip.ats_len = 6;
        break;
    case 3:
        chip.ats_crc = 78;
        break;
    default:
        break;
    }
    return chip;
}

static void random_methods(struct whitelist_tables *t)
{
    t->assurance_count = (uint8_t)(pick(3) == 0 ? pick(4) : 0);
    t->fingerprint_count = (uint8_t)pick(3);
    for (int i = 0; i < t->fingerprint_count; i++)
        t->fingerprints[i] = random_chip();
    for (int i = 0; i < t->assurance_count; i++) {
        uint16_t first = (uint16_t)(pick(2) == 0 ? 0 : MON + pick(7));
        t->assurance[i] =
            (struct whitelist_assurance){.profile = (uint8_t)(pick(2) == 0 ? 255 : pick(3)),
                                         .zones = (uint8_t)pick(4),
                                         .weekdays = (uint8_t)(pick(2) == 0 ? 127 : pick(128)),
                                         .least = (uint8_t)pick(4),
                                         .span = random_span(),
                                         .first_day = first,
                                         .last_day = (uint16_t)(pick(2) == 0 ? 0xFFFF : first + pick(3))};
    }
}

static void random_tables(struct whitelist_tables *t)
{
    memset(t, 0, sizeof *t);
    t->profile_count = 3;
    t->service_count = (uint8_t)pick(5);
    t->window_count = (uint8_t)pick(8);
    t->calendar_count = (uint8_t)pick(5);
    for (int i = 0; i < t->profile_count; i++)
        t->profiles[i] = (struct whitelist_profile){.zones = (uint8_t)pick(4),
                                                    .closed_day_zones = (uint8_t)(pick(3) == 0 ? pick(4) : 0),
                                                    .services = (uint16_t)pick(16)};
    for (int i = 0; i < t->service_count; i++)
        for (int day = 0; day < 7; day++)
            t->services[i].spans[day] = random_span();
    for (int i = 0; i < t->window_count; i++)
        t->windows[i] =
            (struct whitelist_window){(uint8_t)pick(3), (uint8_t)pick(4), (uint8_t)pick(128), random_span()};
    for (int i = 0; i < t->calendar_count; i++) {
        uint16_t first = (uint16_t)(MON + pick(7));
        t->calendar[i] = (struct whitelist_calendar_entry){
            first, (uint16_t)(first + pick(3)), (uint8_t)(1 + pick(2)), (uint8_t)pick(4), (uint8_t)pick(8)};
    }
    random_methods(t);
}

static struct policy_question random_question(const struct whitelist_tables *tables)
{
    struct policy_question question = {
        .rule = {.profile = (uint8_t)pick(3),
                 .weekdays = (uint8_t)(pick(2) == 0 ? 0x7F : pick(128)),
                 .first_day = (uint16_t)(pick(6) == 0 ? MON + pick(7) : 0),
                 .last_day = (uint16_t)(pick(6) == 0 ? MON + pick(7) : 0xFFFF),
                 .passages = (uint8_t)(1 + pick(2)),
                 .flags = (uint8_t)((pick(10) == 0 ? BLOCKED : pick(2) * TEMPORARY) |
                                    (pick(2) == 0 ? 0 : pick(3) << 2))},
        .tables = tables,
        .zone = pick(2) == 0 ? ZONE_BUILDING : ZONE_CANTEEN,
        .now = {.day = (uint16_t)(MON + pick(7)), .minute = (uint16_t)pick(1440)},
        .clock = pick(6) == 0 ? (enum clock_quality)pick(3) : CLOCK_SET,
        .method = (enum credential_method)(pick(3) == 0 ? 1 + pick(5) : CREDENTIAL_UID),
        .seen = random_chip(),
        .profiles_off = pick(8) == 0 ? pick(8) : 0,
        .used = (uint8_t)(pick(3) == 0 ? pick(3) : 0),
    };
    question.now.weekday = (uint8_t)((question.now.day + 5) % 7);
    return question;
}

static void the_slow_and_obvious_way_says_the_same(void **state)
{
    (void)state;
    int seen[REASON_LAST + 1] = {0};
    seed = 1;
    for (int round = 0; round < 10000; round++) {
        struct whitelist_tables tables;
        random_tables(&tables);
        for (int i = 0; i < 40; i++) {
            struct policy_question question = random_question(&tables);
            enum reason expected = slow_policy_reason(&question);
            struct verdict verdict = policy_decide(&question);
            struct policy_meal meal = policy_meal(&question);
            uint16_t day;
            int service = slow_policy_service(&question, &day);
            if (verdict.reason != expected || meal.service != service || (service >= 0 && meal.day != day))
                fail_msg("round %d: %s, not %s (clock %s, day %d, minute %d)", round,
                         reason_name(verdict.reason), reason_name(expected), quality_names[question.clock],
                         question.now.day, question.now.minute);
            seen[expected]++;
        }
    }
    static const enum reason all[] = {REASON_NONE,          REASON_BLOCKED,        REASON_NOT_YET_VALID,
                                      REASON_EXPIRED,       REASON_NO_RIGHT_HERE,  REASON_OUTSIDE_HOURS,
                                      REASON_CLOSED_TODAY,  REASON_NO_SERVICE_NOW, REASON_NOT_THIS_SERVICE,
                                      REASON_NO_MEAL_TODAY, REASON_ALREADY_PASSED, REASON_PROFILE_OFF,
                                      REASON_OTHER_CHIP,    REASON_METHOD_TOO_WEAK};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (seen[all[i]] < 1000)
            fail_msg("%s was seen %d times only", reason_name(all[i]), seen[all[i]]);
}

/* Adds any one right. Another window is one more right only where windows restrict the hours. */
static void add_a_right(struct whitelist_tables *tables, struct policy_question *question)
{
    struct whitelist_profile *profile = &tables->profiles[question->rule.profile];
    struct whitelist_window *window = &tables->windows[tables->window_count];
    switch (pick(11)) {
    case 0:
        profile->zones |= (uint8_t)(1 << pick(2));
        break;
    case 1:
        profile->services |= (uint16_t)(1 << pick(4));
        break;
    case 2:
        profile->closed_day_zones |= (uint8_t)(1 << pick(2));
        break;
    case 3:
        question->rule.weekdays |= (uint8_t)(1 << pick(7));
        break;
    case 4:
        question->rule.first_day =
            (uint16_t)(question->rule.first_day == 0 ? 0 : question->rule.first_day - 1);
        break;
    case 5:
        question->rule.last_day =
            (uint16_t)(question->rule.last_day == NO_LAST ? NO_LAST : question->rule.last_day + 1);
        break;
    case 6:
        question->rule.passages++;
        break;
    case 7:
        question->rule.passages = POLICY_NO_LIMIT;
        break;
    case 8:
        question->rule.flags &= (uint8_t)~BLOCKED;
        break;
    case 9:
        question->profiles_off &= ~(UINT32_C(1) << question->rule.profile);
        break;
    default:
        for (int i = 0; i < tables->window_count; i++)
            if (tables->windows[i].profile == question->rule.profile && tables->windows[i].zones != 0) {
                *window = tables->windows[i]; /* the same zones at another hour */
                window->weekdays = (uint8_t)pick(128);
                window->span = random_span();
                tables->window_count++;
                break;
            }
    }
}

static void a_right_more_never_turns_a_grant_into_a_refusal(void **state)
{
    (void)state;
    int grants = 0;
    seed = 7;
    for (int i = 0; i < 400000; i++) {
        struct whitelist_tables tables;
        random_tables(&tables);
        struct policy_question question = random_question(&tables);
        bool before = verdict_is_grant(policy_decide(&question));
        add_a_right(&tables, &question);
        grants += before;
        if (before && !verdict_is_grant(policy_decide(&question)))
            fail_msg("case %d: %s", i, reason_name(policy_decide(&question).reason));
    }
    assert_true(grants > 10000);
}

static void a_blocked_card_never_passes(void **state)
{
    (void)state;
    seed = 8;
    for (int i = 0; i < 100000; i++) {
        struct whitelist_tables tables;
        random_tables(&tables);
        struct policy_question question = random_question(&tables);
        question.rule.flags |= BLOCKED;
        assert_int_equal(policy_decide(&question).reason, REASON_BLOCKED);
    }
}

/* Tables are signed, but any bytes must give an answer and no read outside the tables. */
static void tables_of_nonsense_get_an_answer(void **state)
{
    (void)state;
    seed = 9;
    for (int i = 0; i < 20000; i++) {
        struct whitelist_tables tables;
        struct policy_question question;
        random_tables(&tables);
        question = random_question(&tables);
        for (int n = 0; n < 20; n++) {
            tables.windows[pick(8)].span.to_min = (uint16_t)pick(65536);
            tables.windows[pick(8)].profile = (uint8_t)pick(256);
            tables.calendar[pick(5)].as_weekday = (uint8_t)pick(256);
            tables.calendar[pick(5)].kind = (uint8_t)pick(256);
            tables.services[pick(4)].spans[pick(7)].from_min = (uint16_t)pick(65536);
        }
        question.rule.profile = (uint8_t)pick(256);
        question.now.day = (uint16_t)pick(65536);
        struct verdict verdict = policy_decide(&question);
        assert_true(verdict_is_grant(verdict) == (verdict.reason == REASON_NONE));
        if (question.rule.profile >= tables.profile_count)
            assert_false(verdict_is_grant(verdict));
    }
}

/* From Friday 23:00 to 1:00. 2026-11-21 is a Saturday, day 9821. */
static void a_service_past_midnight_is_over_a_day_later(void **state)
{
    (void)state;
    struct whitelist_tables tables = {.service_count = 1};
    tables.services[0].spans[4] = (struct whitelist_span){1380, 60};
    const struct local_time saturday = {.day = 9821, .weekday = 5, .minute = 30};
    const struct local_time sunday = {.day = 9822, .weekday = 6, .minute = 30};
    struct policy_meal meal = policy_service_at(&tables, 0, &saturday);
    assert_int_equal(meal.service, 0);
    assert_int_equal(meal.day, 9820);
    assert_int_equal(meal.minutes, 90);
    assert_int_equal(policy_service_at(&tables, 0, &sunday).service, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_zones_and_blocks_hold),
        cmocka_unit_test(a_service_past_midnight_is_over_a_day_later),
        cmocka_unit_test(the_rules_of_a_lycee_hold),
        cmocka_unit_test(a_group_turned_off_passes_nowhere_and_comes_back),
        cmocka_unit_test(a_meal_after_midnight_counts_for_the_day_it_began),
        cmocka_unit_test(every_step_is_told_up_to_the_one_that_fails),
        cmocka_unit_test(the_slow_and_obvious_way_says_the_same),
        cmocka_unit_test(a_right_more_never_turns_a_grant_into_a_refusal),
        cmocka_unit_test(a_blocked_card_never_passes),
        cmocka_unit_test(tables_of_nonsense_get_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
