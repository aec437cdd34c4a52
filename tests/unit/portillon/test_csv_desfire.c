/* SPDX-License-Identifier: Apache-2.0 */
/* Cards that a school's file gives by the identifier of their DESFire application. The pseudonyms come from
 * openssl: HMAC-SHA256 with the key of csv_bench.h over 0102 07 3042F5 A1B2C3D4E5F607 and over
 * 0101 07 04A1B2C3D4E580. */
#include <string.h>

#include "tests/fakes/csv_bench.h"

static const struct tag by_desfire = {{0x84, 0x02, 0x8B, 0x97, 0xC3, 0xC2, 0x0D, 0x30}};
static const struct tag by_uid = {{0x17, 0xFC, 0x70, 0x6B, 0x85, 0x4C, 0x9E, 0xF9}};

static int setup_application(void **state)
{
    setup(state);
    rules.tables.application_count = 1;
    rules.tables.applications[0] = (struct whitelist_application){.aid = {0x30, 0x42, 0xF5}, .id_len = 7};
    return 0;
}

static const struct list_builder_card *find(const struct tag *tag)
{
    for (uint32_t i = 0; i < import.cards.count; i++)
        if (memcmp(&import.cards.cards[i].tag, tag, sizeof *tag) == 0)
            return &import.cards.cards[i];
    fail_msg("not listed");
    return NULL;
}

static void an_identifier_lists_a_card_without_its_uid(void **state)
{
    static const char *const headers[] = {"Identifiant DESFire", "DESFire ID", "N° DESFire", "desfire"};
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, "%s;Régime\na1:b2:c3:d4:e5:f6:07;DP\n", headers[i]);
        assert_int_equal(card_count_of(text), 1);
        assert_int_equal(find(&by_desfire)->rule.flags, 0);
    }
    options.by_hand[CSV_COLUMN_DESFIRE] = "Jeton";
    assert_int_equal(card_count_of("Jeton;Régime\nA1B2C3D4E5F607;DP\n"), 1);
    assert_non_null(find(&by_desfire));
}

static void a_card_with_both_counts_as_its_uid(void **state)
{
    (void)state;
    options.on_person = note_person;
    people[0] = '\0';
    assert_int_equal(card_count_of("Nom;Régime;Carte;Identifiant DESFire;Perdue\n"
                                   "Essai;DP;04A1B2C3D4E580;A1B2C3D4E5F607;oui\n"),
                     2);
    assert_int_equal(find(&by_uid)->rule.flags, WHITELIST_RULE_BLOCKED);
    assert_int_equal(find(&by_desfire)->rule.flags, WHITELIST_RULE_BLOCKED | WHITELIST_RULE_COUNTS_AS_UID);
    assert_string_equal(people, "Essai||||2|7f\n");
}

static void a_cell_may_be_empty_in_either_column(void **state)
{
    (void)state;
    assert_int_equal(card_count_of("Nom;Régime;Carte;DESFire ID\n"
                                   "A;DP;04A1B2C3D4E580;\n"
                                   "B;DP;;A1B2C3D4E5F607\n"
                                   "C;DP;NULL;0\n"),
                     2);
    assert_int_equal(find(&by_desfire)->rule.flags, 0);
    assert_int_equal(find(&by_uid)->rule.flags, 0);
    assert_int_equal(import.no_card_count, 1);
}

static void a_wrong_identifier_is_named_by_file_line_and_column(void **state)
{
    (void)state;
    assert_refused("Régime;DESFire ID\nDP;A1B2C3D4E5F6\n", "list.csv:2: column DESFire ID",
                   "it has 6 bytes, but the application of site.conf says length = 7");
    assert_refused("Régime;DESFire ID\nDP;00000000000000\n", "list.csv:2: column DESFire ID",
                   "all its bytes are 00, or FF");
    assert_refused("Régime;DESFire ID\nDP;FFFFFFFFFFFFFF\n", "list.csv:2: column DESFire ID",
                   "all its bytes are 00, or FF");
    assert_refused("Régime;DESFire ID\nDP;A1B2C3D4E5F60\n", "list.csv:2: column DESFire ID",
                   "write each byte with two hexadecimal digits");
    assert_refused("Régime;DESFire ID\nDP;A1B2C3D4E5F607\nexterne;A1B2C3D4E5F607\n",
                   "list.csv:3: column DESFire ID", "this card is already on line 2");
}

static void without_an_application_there_are_no_identifiers(void **state)
{
    (void)state;
    rules.tables.application_count = 0;
    assert_refused("Régime;Carte;DESFire ID\nDP;04A1B2C3D4E580;A1B2C3D4E5F607\n",
                   "list.csv:2: column DESFire ID", "site.conf has no [application NAME]");
}

static void a_repeated_row_may_add_the_identifier(void **state)
{
    (void)state;
    assert_int_equal(card_count_of("INE;Régime;Carte;DESFire ID\n"
                                   "1;DP;04A1B2C3D4E580;\n"
                                   "1;DP;04A1B2C3D4E580;A1B2C3D4E5F607\n"
                                   "1;DP;04A1B2C3D4E580;A1B2C3D4E5F607\n"),
                     2);
    assert_int_equal(import.twin_count, 1);
    assert_int_equal(find(&by_desfire)->rule.flags, WHITELIST_RULE_COUNTS_AS_UID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_identifier_lists_a_card_without_its_uid, setup_application,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_card_with_both_counts_as_its_uid, setup_application, teardown),
        cmocka_unit_test_setup_teardown(a_cell_may_be_empty_in_either_column, setup_application, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_identifier_is_named_by_file_line_and_column,
                                        setup_application, teardown),
        cmocka_unit_test_setup_teardown(without_an_application_there_are_no_identifiers, setup_application,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_repeated_row_may_add_the_identifier, setup_application, teardown),
    };
    if (site_crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
