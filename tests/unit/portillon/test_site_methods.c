/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of site.conf that say how a card must be known, and the errors reported for bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/site/site_rules.h"

static struct site_rules rules;
static struct import_report report;

static int read_text(const char *text)
{
    char whole[4096];
    memset(&report, 0, sizeof report);
    snprintf(whole, sizeof whole, "format = 1\n%s", text);
    return site_rules_parse(&rules, "site.conf", whole, strlen(whole), &report);
}

static void assert_demand(int i, uint8_t profile, uint8_t zones, uint8_t least, uint16_t first, uint16_t last)
{
    const struct whitelist_assurance *entry = &rules.tables.assurance[i];
    assert_int_equal(entry->profile, profile);
    assert_int_equal(entry->zones, zones);
    assert_int_equal(entry->least, least);
    assert_int_equal(entry->first_day, first);
    assert_int_equal(entry->last_day, last);
}

static void demands_of_assurance_are_read_in_their_order(void **state)
{
    (void)state;
    int result = read_text("assurance = uid\n"
                           "[profile externe]\n"
                           "building = always\n"
                           "assurance = uid until 2027-09-01\n"
                           "assurance = desfire\n"
                           "[profile agent]\n"
                           "building = always\n"
                           "assurance = desfire building mon-fri 19:00-23:00, sat 08:00-12:00\n"
                           "assurance = uid+ canteen from 01/01/2027\n");
    if (result != ERR_OK)
        fail_msg("%s", report.errors[0]);
    assert_int_equal(rules.tables.assurance_count, 6);
    /* date -u -d 2027-09-01 +%s / 86400 - 10957 = 10105; 2027-01-01: 9862 */
    assert_demand(0, 0, 3, 1, 0, 10105);
    assert_demand(1, 0, 3, 3, 0, 0xFFFF);
    assert_demand(2, 1, 1, 3, 0, 0xFFFF);
    assert_int_equal(rules.tables.assurance[2].weekdays, 0x1F);
    assert_int_equal(rules.tables.assurance[2].span.from_min, 19 * 60);
    assert_int_equal(rules.tables.assurance[2].span.to_min, 23 * 60);
    assert_demand(3, 1, 1, 3, 0, 0xFFFF);
    assert_int_equal(rules.tables.assurance[3].weekdays, 0x20);
    assert_demand(4, 1, 2, 2, 9862, 0xFFFF);
    assert_int_equal(rules.tables.assurance[4].weekdays, 0x7F);
    assert_demand(5, 255, 3, 1, 0,
                  0xFFFF); /* that of every profile comes last, because the first one decides */
}

static void card_types_and_applications_are_read(void **state)
{
    (void)state;
    int result = read_text("[profile externe]\n"
                           "building = always\n"
                           "card_type = PASS-Région\n"
                           "[profile visiteur]\n"
                           "building = always\n"
                           "[card-type ancienne]\n"
                           "atqa = 0004\n"
                           "sak = 08\n"
                           "ats = none\n"
                           "[card-type pass-region]\n"
                           "atqa = 03 44\n"
                           "sak = 20\n"
                           "ats = 75:77:81:02:80\n"
                           "[application pass-region]\n"
                           "aid = 3042F5\n"
                           "file = 1\n"
                           "length = 7\n"
                           "offset = 16\n"
                           "mode = maced\n"
                           "authentication = EV1\n"
                           "key_number = 2\n"
                           "key_set = 3\n"
                           "diversified = no\n"
                           "aid_reversed = oui\n"
                           "uid_key_set = 4\n"
                           "uid_key_number = 5\n"
                           "system = NXP Abu\n"
                           "[application autre]\n"
                           "aid = 010203\n"
                           "file = 0\n"
                           "length = 16\n");
    if (result != ERR_OK)
        fail_msg("%s", report.errors[0]);
    const struct whitelist_fingerprint *types = rules.tables.fingerprints;
    const struct whitelist_application *first = &rules.tables.applications[0], *second = first + 1;
    assert_int_equal(rules.tables.fingerprint_count, 2);
    assert_int_equal(rules.profile_card_types[0], 2);
    assert_int_equal(rules.profile_card_types[1], 0);
    assert_int_equal(types[0].atqa[1], 4);
    assert_int_equal(types[0].sak, 8);
    assert_int_equal(types[0].ats_len, 0);
    assert_int_equal(types[1].atqa[0], 3);
    assert_int_equal(types[1].ats_len, 5);
    assert_int_equal(rules.tables.application_count, 2);
    assert_memory_equal(first->aid, "\x30\x42\xF5", 3);
    assert_int_equal(first->file, 1);
    assert_int_equal(first->id_len, 7);
    assert_int_equal(first->offset, 16);
    assert_int_equal(first->mode, 1);
    assert_int_equal(first->authentication, WHITELIST_AUTHENTICATE_EV1);
    assert_int_equal(first->key_number, 2);
    assert_int_equal(first->key_set, 3);
    assert_int_equal(first->flags, WHITELIST_APPLICATION_AID_REVERSED);
    assert_int_equal(first->system_id_len, 7);
    assert_memory_equal(first->system_id, "NXP Abu", 7);
    assert_int_equal(first->uid_key_set, 4);
    assert_int_equal(first->uid_key_number, 5);
    assert_int_equal(second->mode, 3);
    assert_int_equal(second->authentication, WHITELIST_AUTHENTICATE_EV2);
    assert_int_equal(second->flags, WHITELIST_APPLICATION_DIVERSIFIED);
    assert_int_equal(second->key_set, 1);
}

static const struct {
    const char *text, *error;
} mistakes[] = {
    {"assurance = desfir\n", "site.conf:2: 'desfir' is no assurance: did you mean 'desfire'?"},
    {"assurance = uid until soon\n", "site.conf:2: 'soon' is no date"},
    {"assurance = uid from\n", "site.conf:2: '' is no date"},
    {"assurance = uid from 2027-09-01 until 2027-08-01\n", "ends before it begins"},
    {"assurance = uid mon-fri\n", "site.conf:2: assurance: "},
    {"assurance = uid until 2027-09-01\n", "site.conf:2: after the last day nothing is demanded"},
    {"assurance = uid until 2027-09-01\n[profile a]\nassurance = desfire\n", "after the last day"},
    {"assurance = uid until 2027-09-01\nassurance = desfire canteen\n", "site.conf:2: after the last day"},
    {"[profile a]\ncard_type = x\n", "site.conf:3: 'x' is no card type: there is any"},
    {"[card-type]\n", "the section needs a name"},
    {"[card-type a]\natqa = 0344\nsak = 20\n", "site.conf:2: a card type needs the lines atqa, sak and ats"},
    {"[card-type a]\natqa = 044\n", "atqa: '044' is not 2 bytes in hex"},
    {"[card-type a]\nats = 0g\n", "ats: '0g' is not at most 32 bytes in hex"},
    {"[card-type a]\natq = 0344\n", "'atq' is no word known here: did you mean 'atqa'?"},
    {"[card-type a]\natqa=0344\nsak=20\nats=none\n[card-type A]\n",
     "site.conf:6: card-type A was given before"},
    {"[application a]\naid = 3042F5\n", "site.conf:2: an application needs the lines aid, file and length"},
    {"[application a]\naid = 3042F5\nfile = 1\n", "needs the lines aid, file and length"},
    {"[application a]\naid = 3042F5\nfile = 1\nlength = 0\n", "length is 0"},
    {"[application a]\naid = 3042F5\nfile = 1\nlength = 7\nmode = plain\n", "not protected under ev2"},
    {"[application a]\naid = 3042F5F6\n", "aid: '3042F5F6' is not 3 bytes in hex"},
    {"[application a]\nfile = 32\n", "file: '32' is no number from 0 to 31"},
    {"[application a]\nlength = 17\n", "length: '17' is no number from 0 to 16"},
    {"[application a]\nkey_number = -1\n", "key_number: '-1' is no number"},
    {"[application a]\nmode = crypted\n", "mode: 'crypted' is none of: plain, maced, enciphered"},
    {"[application a]\nsystem = 12345678901234567\n", "has more than 16 bytes"},
    {"[application a]\n[application A]\n", "application A was given before"},
};

static void each_mistake_is_named_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        bool found = false;
        assert_int_equal(read_text(mistakes[i].text), ERR_FORMAT);
        for (uint64_t e = 0; e < report.error_count && e < IMPORT_REPORT_SHOWN; e++)
            found = found || strstr(report.errors[e], mistakes[i].error) != NULL;
        if (!found)
            fail_msg("%s: %s", mistakes[i].text, report.errors[0]);
    }
}

static void more_than_a_list_holds_is_refused(void **state)
{
    char text[2048] = "";
    (void)state;
    for (int i = 0; i < 4; i++)
        sprintf(text + strlen(text), "[application a%d]\naid = 00000%d\nfile = 1\nlength = 7\n", i, i);
    assert_int_equal(read_text(text), ERR_FORMAT);
    assert_non_null(strstr(report.errors[0], "site.conf:14: there are more than 3 applications"));
    text[0] = '\0';
    for (int i = 0; i < 17; i++)
        strcat(text, "assurance = uid canteen\n");
    assert_int_equal(read_text(text), ERR_FORMAT);
    assert_non_null(strstr(report.errors[0], "site.conf:18: there are more than 16 demands"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demands_of_assurance_are_read_in_their_order),
        cmocka_unit_test(card_types_and_applications_are_read),
        cmocka_unit_test(each_mistake_is_named_with_its_line),
        cmocka_unit_test(more_than_a_list_holds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
