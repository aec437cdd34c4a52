/* SPDX-License-Identifier: Apache-2.0 */
/* Times as people write them, and the reasons of a verdict in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/common/local_moment.h"
#include "tools/portillon/list/explanation.h"
#include "tools/portillon/site/site_rules.h"

static struct site_rules rules;

static void assert_moment(const char *text, uint16_t day, uint8_t weekday, uint16_t minute, bool summer)
{
    struct time_zone zone = time_zone_default();
    struct local_time moment;
    const char *why = "";
    if (local_moment_parse(&zone, text, &moment, &why) != ERR_OK)
        fail_msg("%s: %s", text, why);
    assert_int_equal(moment.day, day);
    assert_int_equal(moment.weekday, weekday);
    assert_int_equal(moment.minute, minute);
    assert_int_equal(moment.is_summer, summer);
}

/* Days and weekdays as `date -d` says them. */
static void moments_are_read(void **state)
{
    (void)state;
    assert_moment("2026-11-23 12:10", 9823, 0, 730, false);
    assert_moment("23/11/2026 12h10", 9823, 0, 730, false);
    assert_moment("2026-07-14T00:00", 9691, 1, 0, true);
    assert_moment("2028-02-29 23:59", 10286, 1, 1439, false);
    assert_moment("2026-10-25 02:30", 9794, 6, 150, true); /* comes twice: the first is summer time */
    assert_moment("2026-10-25 03:00", 9794, 6, 180, false);
}

static void moments_that_are_none_are_refused(void **state)
{
    static const char *const texts[] = {"2027-03-28 02:30",
                                        "2026-11-23",
                                        "2026-11-23 24:00",
                                        "2026-11-31 10:00",
                                        "noon",
                                        "1999-12-31 12:00",
                                        "2026-11-23 12:60",
                                        "2026-11-23 12:10x",
                                        ""};
    struct time_zone zone = time_zone_default();
    struct local_time moment;
    const char *why;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (local_moment_parse(&zone, texts[i], &moment, &why) != ERR_FORMAT)
            fail_msg("'%s' was read", texts[i]);
    (void)!local_moment_parse(&zone, texts[0], &moment, &why);
    assert_non_null(strstr(why, "jump over"));
}

static char story[4096];
static struct policy_question question;

static void on_step(void *ctx, enum policy_step step, bool passed)
{
    char text[EXPLANATION_SIZE];
    (void)ctx;
    explanation_of_step(&question, step, passed, text);
    snprintf(story + strlen(story), sizeof story - strlen(story), "%s%s: %s\n", passed ? "" : "NO ",
             policy_step_name(step), text);
}

static void ask(const char *profile, const char *at, enum zone zone, uint8_t used, enum reason reason,
                const char *says)
{
    const struct policy_listener listener = {on_step, NULL};
    const char *why;
    story[0] = '\0';
    question.tables = &rules.tables;
    question.zone = zone;
    question.used = used;
    question.rule.profile = (uint8_t)site_rules_profile(&rules, profile);
    assert_int_equal(local_moment_parse(&rules.tables.zone, at, &question.now, &why), ERR_OK);
    struct verdict verdict = policy_explain(&question, &listener);
    if (verdict.reason != reason || strstr(story, says) == NULL)
        fail_msg("%s at %s: %s\n%s\nwanted %s and: %s", profile, at, reason_name(verdict.reason), story,
                 reason_name(reason), says);
    assert_true(strlen(explanation_of_reason(verdict.reason)) > 5);
}

static void each_rule_that_led_to_a_verdict_is_told_in_words(void **state)
{
    static struct import_report report;
    static char text[16384];
    (void)state;
    FILE *file = fopen("tests/data/lycee.conf", "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    if (site_rules_parse(&rules, "lycee.conf", text, len, &report) != ERR_OK)
        fail_msg("%s", report.errors[0]);
    question = (struct policy_question){.clock = CLOCK_SET,
                                        .rule = {.weekdays = 0x1B,
                                                 .first_day = 9740,
                                                 .last_day = 10044,
                                                 .passages = 1}}; /* 2026-09-01, 2027-07-02 */
    ask("demi-pension", "2026-11-23 12:10", ZONE_CANTEEN, 0, REASON_NONE,
        "passages: 1 passage at déjeuner; 0 used");
    ask("demi-pension", "2026-11-23 12:10", ZONE_CANTEEN, 1, REASON_ALREADY_PASSED,
        "NO passages: 1 passage at déjeuner; 1");
    ask("demi-pension", "2026-11-25 12:10", ZONE_CANTEEN, 0, REASON_NO_MEAL_TODAY,
        "NO meal_day: meals on mon tue thu fri; it is wed 12:10");
    ask("demi-pension", "2026-11-23 19:00", ZONE_CANTEEN, 0, REASON_NOT_THIS_SERVICE,
        "NO service_right: profile demi-pension may use: déjeuner");
    ask("interne", "2026-11-23 19:00", ZONE_CANTEEN, 0, REASON_NONE,
        "service_now: dîner is served on mon 19:00");
    ask("interne", "2026-11-23 16:00", ZONE_CANTEEN, 0, REASON_NO_SERVICE_NOW,
        "NO service_now: no meal is served on mon");
    ask("externe", "2026-11-23 12:10", ZONE_CANTEEN, 0, REASON_NO_RIGHT_HERE,
        "NO zone: profile externe has a right to the building");
    ask("externe", "2026-11-21 12:31", ZONE_BUILDING, 0, REASON_OUTSIDE_HOURS,
        "NO hours: profile externe may pass here mon-fri 07:00-19:00, sat 07:30-12:30; it is sat 12:31");
    ask("externe", "2026-12-25 10:00", ZONE_BUILDING, 0, REASON_CLOSED_TODAY,
        "NO open_day: the calendar has this zone closed from 2026-12-19 to 2027-01-03");
    ask("agent", "2026-12-25 10:00", ZONE_BUILDING, 0, REASON_NONE, "which does not hold up this profile");
    ask("externe", "2027-01-30 18:00", ZONE_BUILDING, 0, REASON_NONE,
        "open from 2027-01-30 to 2027-01-30, with the hours of fri");
    ask("demi-pension", "2027-01-30 12:10", ZONE_CANTEEN, 0, REASON_NONE,
        "meals on mon tue thu fri; it is sat 12:10, and déjeuner counts as fri");
    rules.tables.services[2].spans[4] = (struct whitelist_span){1380, 60}; /* dîner, fridays 23:00-01:00 */
    ask("interne", "2026-11-28 00:30", ZONE_CANTEEN, 0, REASON_NONE,
        "meals on mon tue thu fri; it is sat 00:30, and dîner counts as fri");
    rules.tables.calendar[rules.tables.calendar_count++] = (struct whitelist_calendar_entry){
        .first_day = 9827, .last_day = 9827, .kind = WHITELIST_DAYS_CLOSED, .zones = WHITELIST_ZONES_ALL};
    ask("interne", "2026-11-28 00:30", ZONE_CANTEEN, 0, REASON_NO_SERVICE_NOW,
        "NO service_now: no meal is served on sat 00:30");
    ask("externe", "2026-08-31 10:00", ZONE_BUILDING, 0, REASON_NOT_YET_VALID,
        "NO first_day: valid from 2026-09-01; it is 2026-08-31");
    ask("externe", "2027-07-05 10:00", ZONE_BUILDING, 0, REASON_EXPIRED,
        "NO last_day: valid until 2027-07-02");
    question.profiles_off = 1;
    ask("externe", "2026-11-23 10:00", ZONE_BUILDING, 0, REASON_PROFILE_OFF,
        "NO profile_on: profile externe is turned off");
    question.profiles_off = 0;
    question.clock = CLOCK_UNSET;
    ask("demi-pension", "2026-11-22 03:00", ZONE_CANTEEN, 0, REASON_NONE,
        "meal_right: meals on mon tue thu fri; without");
    question.rule.flags = WHITELIST_RULE_BLOCKED;
    ask("externe", "2026-11-23 10:00", ZONE_BUILDING, 0, REASON_BLOCKED,
        "NO not_blocked: the card is blocked");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_read),
        cmocka_unit_test(moments_that_are_none_are_refused),
        cmocka_unit_test(each_rule_that_led_to_a_verdict_is_told_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
