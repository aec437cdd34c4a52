/* SPDX-License-Identifier: Apache-2.0 */
/* site.conf: its content, the errors reported for a bad one, and the default, which refuses nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/portillon/common/suggest.h"
#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/site/site_rules_default.h"
#include "tools/portillon/site/zone_name.h"

static struct site_rules rules;
static struct import_report report;

static int read_text(const char *text)
{
    memset(&report, 0, sizeof report);
    int result = site_rules_parse(&rules, "site.conf", text, strlen(text), &report);
    if (result == ERR_OK)
        site_rules_take_default_profiles(&rules);
    return result;
}

static const char lycee[] = "format = 1\r\n"
                            "name = Lycée n° 1 # des Essais\n"
                            "time_zone = Europe/Paris   # a remark\n"
                            "[services]\n"
                            "petit-déj = mon-fri 06:45-07:45\n"
                            "déjeuner = lun mar jeu ven 11:30-13:45, mer 11:30-13:00\n"
                            "[profile externe]\n"
                            "called = ext, Externe libre\n"
                            "building = mon-fri 07:00-19:00, sat 7h30-12h30\n"
                            "canteen = never\n"
                            "[profile demi-pension]\n"
                            "called = DP, demi-pensionnaire\n"
                            "called = DP4: lun mar jeu ven\n"
                            "building = mon-fri 07:00-19:00\n"
                            "services = Dejeuner\n"
                            "[profile interne]\n"
                            "building = always\n"
                            "canteen = always\n"
                            "closed_days = building\n"
                            "[calendar]\n"
                            "closed = 11/11/2026\n"
                            "closed = 19/12/2026 - 2027-01-03\n"
                            "closed = 15/03/2027 canteen\n"
                            "open = 30/01/2027 building as vendredi\n";

static void the_rules_of_a_school_are_read(void **state)
{
    (void)state;
    if (read_text(lycee) != ERR_OK)
        fail_msg("%s", report.errors[0]);
    assert_string_equal(rules.name, "Lycée n° 1 # des Essais");
    assert_string_equal(rules.time_rule, "CET-1CEST,M3.5.0,M10.5.0/3");
    assert_int_equal(rules.tables.service_count, 2);
    assert_string_equal(rules.tables.services[1].name, "déjeuner");
    assert_int_equal(rules.tables.services[1].spans[0].from_min, 690);
    assert_int_equal(rules.tables.services[1].spans[0].to_min, 825);
    assert_int_equal(rules.tables.services[1].spans[2].to_min, 780);
    assert_int_equal(rules.tables.services[1].spans[5].to_min, 0);
    assert_int_equal(rules.tables.profile_count, 3);
    assert_int_equal(rules.tables.profiles[0].zones, WHITELIST_ZONE_BUILDING);
    assert_int_equal(rules.tables.profiles[0].services, 0);
    assert_int_equal(rules.tables.profiles[1].zones, WHITELIST_ZONE_BUILDING | WHITELIST_ZONE_CANTEEN);
    assert_int_equal(rules.tables.profiles[1].services, 2);
    assert_int_equal(rules.tables.profiles[2].services, WHITELIST_EVERY_SERVICE);
    assert_int_equal(rules.tables.window_count, 3);
    assert_int_equal(rules.tables.windows[1].profile, 0);
    assert_int_equal(rules.tables.windows[1].weekdays, 0x20);
    assert_int_equal(rules.tables.windows[2].profile, 1);
    assert_int_equal(rules.tables.calendar_count, 4);
    assert_int_equal(rules.tables.calendar[0].first_day, 9811); /* date -d 2026-11-11 +%s / 86400 - 10957 */
    assert_int_equal(rules.tables.calendar[0].last_day, 9811);
    assert_int_equal(rules.tables.calendar[1].first_day, 9849);
    assert_int_equal(rules.tables.calendar[1].last_day, 9864);
    assert_int_equal(rules.tables.calendar[2].zones, WHITELIST_ZONE_CANTEEN);
    assert_int_equal(rules.tables.calendar[2].kind, WHITELIST_DAYS_CLOSED);
    assert_int_equal(rules.tables.calendar[3].kind, WHITELIST_DAYS_OPEN);
    assert_int_equal(rules.tables.calendar[3].zones, WHITELIST_ZONE_BUILDING);
    assert_int_equal(rules.tables.calendar[3].as_weekday, 5);
    assert_int_equal(rules.tables.profiles[2].closed_day_zones, WHITELIST_ZONE_BUILDING);
    assert_int_equal(rules.tables.zone.standard_s, 3600);
}

static void assert_found(const char *folded, const char *profile, uint8_t weekdays, int count)
{
    uint8_t mask;
    int days, number = site_rules_find(&rules, folded, &mask, &days);
    if (number < 0)
        fail_msg("%s is not found", folded);
    assert_string_equal(rules.tables.profiles[number].name, profile);
    assert_int_equal(mask, weekdays);
    assert_int_equal(days, count);
}

static void words_of_schools_files_mean_profiles_and_days(void **state)
{
    uint8_t mask;
    int days;
    (void)state;
    assert_int_equal(read_text(lycee), ERR_OK);
    assert_found("externelibre", "externe", 0, 0);
    assert_found("demipension", "demi-pension", 0, 0);
    assert_found("dp", "demi-pension", 0, 0);
    assert_found("dp4", "demi-pension", 0x1B, 0); /* site.conf has precedence */
    assert_found("dp3", "demi-pension", 0, 3);
    assert_found("dp5jours", "demi-pension", 0, 5);
    assert_found("demipensionnaire2j", "demi-pension", 0, 2);
    assert_found("demipensionnaire4jours", "demi-pension", 0, 4);
    /* The register's labels have numbers that count no days. */
    static const char *const numbered[] = {"demipensionnairedansletablissement5", "demipensionnaire5",
                                           "demipensionnairedansletablissement5jours"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(site_rules_find(&rules, numbered[i], &mask, &days), ERR_NOT_FOUND);
    assert_true(site_rules_is_numbered(&rules, numbered[1]));
    assert_false(site_rules_is_numbered(&rules, "dp"));
    assert_false(site_rules_is_numbered(&rules, "nageur5"));
    assert_int_equal(site_rules_find(&rules, "dp8", &mask, &days), ERR_NOT_FOUND);
    assert_int_equal(site_rules_find(&rules, "dp15", &mask, &days), ERR_NOT_FOUND);
    assert_int_equal(site_rules_find(&rules, "4", &mask, &days), ERR_NOT_FOUND);
    assert_int_equal(site_rules_find(&rules, "nageur", &mask, &days), ERR_NOT_FOUND);
}

static void the_default_restricts_nothing(void **state)
{
    char text[SITE_CONF_SIZE];
    (void)state;
    site_rules_write_default("Lycée des Essais", text);
    if (read_text(text) != ERR_OK)
        fail_msg("%s", report.errors[0]);
    assert_string_equal(rules.name, "Lycée des Essais");
    assert_int_equal(rules.tables.service_count + rules.tables.window_count + rules.tables.calendar_count, 0);
    assert_int_equal(rules.tables.profile_count, 6);
    assert_found("dp", "demi-pension", 0, 0);
    assert_found("commensaux", "commensal", 0, 0);
    assert_int_equal(read_text("format = 1\nname = x\n"), ERR_OK); /* a folder from before there were rules */
    assert_true(rules.default_profiles);
    assert_int_equal(rules.tables.profile_count, 6);
    assert_found("dp", "demi-pension", 0, 0);
}

/* The comments of the default are examples. Without their # they must be valid rules too. */
static void the_examples_in_the_default_are_good(void **state)
{
    char text[SITE_CONF_SIZE], *to = text;
    (void)state;
    site_rules_write_default("x", text);
    for (const char *from = text; *from != '\0'; from++) {
        bool example = *from == '#' && (from == text || from[-1] == '\n') && from[1] != ' ' &&
                       from[1] != '\n' && strncmp(from, "#building", 9) != 0; /* it would be a second one */
        if (!example)
            *to++ = *from;
    }
    *to = '\0';
    if (read_text(text) != ERR_OK)
        fail_msg("%s", report.errors[0]);
    assert_string_equal(rules.uai, "0691234A");
    assert_int_equal(rules.tables.service_count, 3);
    assert_int_equal(rules.tables.calendar_count, 4);
    assert_int_equal(rules.tables.profiles[1].services, 2);
}

static void every_mistake_is_named_with_its_line_and_what_to_do(void **state)
{
    (void)state;
#define TOP "format = 1\n"
    static const struct {
        const char *text, *beginning, *holding;
    } table[] = {
        {TOP "[servces]\n", "site.conf:2: 'servces' is no section", "did you mean 'services'?"},
        {TOP "[gym]\n", "site.conf:2: 'gym' is no section", "there is [services]"},
        {TOP "tme_zone = x\n", "site.conf:2: 'tme_zone'", "did you mean 'time_zone'?"},
        {TOP "time_zone = Europe/Pari\n", "site.conf:2: time_zone: ", "Europe/Paris"},
        {TOP "time_zone = ../../etc/passwd\n", "site.conf:2: time_zone: ", "no time zone"},
        {TOP "hello\n", "site.conf:2: 'hello' is neither", "remark begins with #"},
        {TOP "name =\n", "site.conf:2: nothing stands after 'name ='", "#"},
        {TOP "[services]\nlunch = mon 11:30\n", "site.conf:3: lunch: ", "'11:30' is no hours"},
        {TOP "[services]\nlunch = lundredi 11:30-12:00\n", "site.conf:3: lunch: ", "'lundredi' is no day"},
        {TOP "[services]\nlunch = 11:30-12:00, mon 13:00-14:00\n", "site.conf:3: lunch has two times",
         "otherwise"},
        {TOP "[services]\nLunch = 11:30-12:00\nlunch = 12:00-13:00\n", "site.conf:4: service lunch",
         "before"},
        {TOP "[services]\na-very-long-name = 11:30-12:00\n", "site.conf:3: the name of a service", "shorten"},
        {TOP "[profile externe]\nbuldng = always\n", "site.conf:3: 'buldng'", "did you mean 'building'?"},
        {TOP "[profile externe]\ncanteen = allways\n", "site.conf:3: canteen: has no hours", "mon-fri"},
        {TOP "[profile externe]\ncanteen = always\ncanteen = never\n", "site.conf:4: canteen was given",
         "one line"},
        {TOP "[profile a]\n[profile A]\n", "site.conf:3: profile A was given before", ""},
        {TOP "[profile]\n", "site.conf:2: a profile needs a name", ""},
        {TOP "[profile a]\ncalled = dp\n[profile b]\ncalled = D.P.\n",
         "site.conf:5: 'D.P.' stands for profile a", ""},
        {TOP "[profile a]\ncalled = dp4: lundi, mardo\n", "site.conf:3: 'mardo' is no day", "DP4"},
        {TOP "[services]\ndîner = 18:00-19:00\n[profile a]\nservices = diner, déjeuner\n",
         "site.conf:5: 'déjeuner' is no service", "there is dîner"},
        {TOP "[services]\ndîner = 18:00-19:00\n[profile a]\nservices = dner\n",
         "site.conf:5: 'dner' is no service", "did you mean 'dîner'?"},
        {TOP "[services]\nx = 18:00-19:00\n[profile a]\ncanteen = never\nservices = all\n",
         "site.conf:4: profile a has services but", "delete one"},
        {TOP "[services]\nx = 18:00-19:00\n[profile a]\ncanteen = always\nservices = none\n",
         "site.conf:4: profile a may enter", "which services"},
        {TOP "[calendar]\nclosed = 31/02/2026\n", "site.conf:3: '31/02/2026' is no date", "17/10/2026"},
        {TOP "[calendar]\nclosed = 01/02/2026-03/02/2026\n", "site.conf:3: '01/02/2026-03/02/2026'", "space"},
        {TOP "[calendar]\nclosed = 03/02/2026 - 01/02/2026\n", "site.conf:3: ends before it begins",
         "swapped"},
        {TOP "[calendar]\nclosed = 03/02/2026 cantine\n", "site.conf:3: 'cantine' is no zone", "'canteen'"},
        {TOP "[calendar]\nopen = 03/02/2026 as mardo\n", "site.conf:3: 'mardo' is no day", "as friday"},
        {TOP "[calendar]\nclosed = 03/02/2026 as mardi\n", "site.conf:3: 'as' is no zone", ""},
        {TOP "[profile a]\nclosed_days = gym\n", "site.conf:3: 'gym' is no zone", "building"},
        {TOP "time_zone = CET-1CEST\n", "site.conf:2: time_zone: 'CET-1CEST' is no rule", TIME_ZONE_DEFAULT},
        {TOP "[calendar]\nclosde = 03/02/2026\n", "site.conf:3: 'closde'", "did you mean 'closed'?"},
        {TOP "name = \xFF\n", "site.conf:2: is not UTF-8", "save"},
        {TOP "[calendar]\n[calendar]\n", "site.conf:3: there is a section [calendar] above", ""},
        {"format = 2\n", "site.conf:1: format is '2'", "later version"},
        {"", "site.conf: does not say 'format = 1'", "first line"},
        {TOP "[services]\nmidi = mon 11:30-12:00, mon 12:30-13:30\n[profile a]\nservices = midi\n",
         "site.conf:3: midi has two times on one day", "another service"},
        {TOP "[services]\nmidi = mon 25:00-26:00\n[profile a]\nservices = midi\n", "site.conf:3: midi: ", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int error = read_text(table[i].text);
        if (error == ERR_OK || report.error_count != 1 ||
            strncmp(report.errors[0], table[i].beginning, strlen(table[i].beginning)) != 0 ||
            strstr(report.errors[0], table[i].holding) == NULL)
            fail_msg("%d errors for:\n%s\nthe first: %s", (int)report.error_count, table[i].text,
                     report.errors[0]);
    }
}

static void what_is_too_much_is_refused(void **state)
{
    static char text[65536];
    (void)state;
    char *at = text + sprintf(text, "format = 1\n[calendar]\n");
    for (int i = 0; i < WHITELIST_CALENDAR_MAX + 1; i++)
        at += sprintf(at, "closed = 01/01/2026\n");
    assert_int_equal(read_text(text), ERR_FORMAT);
    assert_int_equal(report.error_count, 1);
    at = text + sprintf(text, "format = 1\n");
    for (int i = 0; i < WHITELIST_PROFILES_MAX + 1; i++)
        at += sprintf(at, "[profile p%d]\n", i);
    assert_int_equal(read_text(text), ERR_FORMAT);
    assert_int_equal(report.error_count, 1);
    at = text + sprintf(text, "format = 1\nname = ");
    memset(at, 'x', 2000);
    at[2000] = '\0';
    assert_int_equal(read_text(text), ERR_FORMAT);
    assert_non_null(strstr(report.errors[0], "site.conf:2: the line is longer"));
}

static void a_zone_is_a_name_or_a_rule(void **state)
{
    char rule[SITE_RULES_ZONE_SIZE], why[ZONE_NAME_WHY_MAX];
    (void)state;
    assert_int_equal(zone_name_rule("NZST-12NZDT,M9.5.0,M4.1.0/3", rule, sizeof rule, why), ERR_OK);
    assert_string_equal(rule, "NZST-12NZDT,M9.5.0,M4.1.0/3");
    assert_int_equal(zone_name_rule("Moon/Sea", rule, sizeof rule, why), ERR_FORMAT);
    assert_non_null(strstr(why, "'Moon/Sea'"));
    const char *morocco = "/usr/share/zoneinfo/Africa/Casablanca"; /* where tzdata is installed */
    if (access(morocco, R_OK) == 0) {
        assert_int_equal(zone_name_rule("Africa/Casablanca", rule, sizeof rule, why), ERR_FORMAT);
        assert_non_null(strstr(why, "follows no yearly rule"));
        assert_non_null(strstr(why, "write the rule that fits best, like <+01>-1"));
    }
    if (zone_name_rule("America/Cayenne", rule, sizeof rule, why) == ERR_OK) /* where tzdata is installed */
        assert_string_equal(rule, "<-03>3");
}

static void the_nearest_word_is_meant_unless_it_is_far(void **state)
{
    (void)state;
    static const char *const known[] = {"externe", "interne", "agent", "dp", NULL};
    assert_string_equal(suggest_nearest("extrene", known), "externe");
    assert_string_equal(suggest_nearest("Intèrnes", known), "interne");
    assert_string_equal(suggest_nearest("agnt", known), "agent");
    assert_null(suggest_nearest("nageur", known));
    assert_null(suggest_nearest("x", known));
    assert_null(suggest_nearest("", known));
    assert_int_equal(suggest_distance("kitten", "sitting"), 3); /* the textbook's pair */
    assert_int_equal(suggest_distance("ab", "ba"), 1);
}

static void a_word_is_known_whatever_its_case_and_accents_unless_two_are_meant(void **state)
{
    (void)state;
    static const char *const known[] = {"externe", "demi-pension", "Élève", "eleve", NULL};
    assert_int_equal(suggest_find("demi-pension", known), 1);
    assert_int_equal(suggest_find("Demi Pension", known), 1);
    assert_int_equal(suggest_find("EXTERNE", known), 0);
    assert_int_equal(suggest_find("eleve", known), 3); /* written so */
    assert_int_equal(suggest_find("ELEVE", known), -1);
    assert_int_equal(suggest_find("extern", known), -1); /* a similar word is not enough */
    assert_int_equal(suggest_find("", known), -1);
    assert_int_equal(suggest_find("-", known), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_of_a_school_are_read),
        cmocka_unit_test(words_of_schools_files_mean_profiles_and_days),
        cmocka_unit_test(the_default_restricts_nothing),
        cmocka_unit_test(the_examples_in_the_default_are_good),
        cmocka_unit_test(every_mistake_is_named_with_its_line_and_what_to_do),
        cmocka_unit_test(what_is_too_much_is_refused),
        cmocka_unit_test(a_zone_is_a_name_or_a_rule),
        cmocka_unit_test(the_nearest_word_is_meant_unless_it_is_far),
        cmocka_unit_test(a_word_is_known_whatever_its_case_and_accents_unless_two_are_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
