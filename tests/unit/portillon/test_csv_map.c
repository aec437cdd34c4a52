/* SPDX-License-Identifier: Apache-2.0 */
/* Maps of columns, and maps that are proposed from the content of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/csv/csv_guess.h"
#include "tools/portillon/csv/csv_map.h"
#include "tools/portillon/site/site_rules_default.h"

static struct site_rules rules;
static struct csv_import_options options;
static struct csv_map map;
static struct csv_guess guess;
static struct import_report report;

static int setup(void **state)
{
    (void)state;
    site_rules_default(&rules);
    options = (struct csv_import_options){.rules = &rules};
    memset(&report, 0, sizeof report);
    return 0;
}

static int read_map(const char *text)
{
    setup(NULL);
    return csv_map_parse(&map, &options, "map", text, strlen(text), &report);
}

static void a_map_says_how_files_are_read(void **state)
{
    (void)state;
    assert_int_equal(
        read_map("# our files\ncard = N° de carte\r\nprofile=Régime\n\nuid = decimal10-reversed\n"
                 "dates = month-first\nencoding = Windows-1252\nmonday = L\n"),
        ERR_OK);
    assert_string_equal(options.by_hand[CSV_COLUMN_CARD], "N° de carte");
    assert_string_equal(options.by_hand[CSV_COLUMN_PROFILE], "Régime");
    assert_string_equal(options.by_hand[CSV_COLUMN_MONDAY], "L");
    assert_int_equal(options.notation.base, CARD_NUMBER_DECIMAL10);
    assert_true(options.notation.reversed);
    assert_int_equal(options.dates, CSV_DATES_MONTH_FIRST);
    assert_int_equal(options.encoding, CSV_ENCODING_WINDOWS_1252);
}

static void what_is_written_is_read_back(void **state)
{
    char text[1024] = "";
    (void)state;
    assert_int_equal(read_map("card = a = b\nname = Élève\nuid = decimal\nuid_len = 7\nencoding = utf-8\n"),
                     ERR_OK);
    struct csv_import_options written = options;
    FILE *out = fmemopen(text, sizeof text, "w");
    csv_map_write(&options, out);
    fclose(out);
    struct csv_map first = map;
    written.by_hand[CSV_COLUMN_CARD] = first.headers[CSV_COLUMN_CARD];
    assert_int_equal(read_map(text), ERR_OK);
    assert_string_equal(options.by_hand[CSV_COLUMN_CARD], "a = b");
    assert_string_equal(options.by_hand[CSV_COLUMN_SURNAME], "Élève");
    assert_memory_equal(&options.notation, &written.notation, sizeof options.notation);
    assert_int_equal(options.encoding, written.encoding);
}

static void mistakes_in_a_map_are_named(void **state)
{
    static const struct {
        const char *text, *says;
    } table[] = {
        {"crad = x\n", "map:1: 'crad' is no word known here: did you mean 'card'?"},
        {"zzzzzz = x\n", "map:1: 'zzzzzz' is no word known here: there is card, profile"},
        {"\nuid = 3+5\n", "map:2: uid: '3+5': "},
        {"uid = octal\n", "map:1: uid: 'octal': is not hex"},
        {"uid_len = 5\n", "map:1: uid_len: '5': is not 4, 7 or 10"},
        {"dates = us\n", "map:1: dates: 'us': is not day-first"},
        {"encoding = latin\n", "map:1: encoding: 'latin': is not utf-8"},
        {"card =\n", "map:1: card: '': nothing stands after ="},
        {"card\n", "map:1: 'card' is not word = value"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (read_map(table[i].text) != ERR_FORMAT || report.error_count != 1 ||
            strncmp(report.errors[0], table[i].says, strlen(table[i].says)) != 0)
            fail_msg("%s\nsays: %s", table[i].text, report.errors[0]);
}

static void guess_text(const char *text)
{
    setup(NULL);
    assert_int_equal(csv_guess(&guess, &options, text, strlen(text)), ERR_OK);
}

static void assert_guessed(enum csv_column role, const char *header)
{
    if (header == NULL)
        assert_null(options.by_hand[role]);
    else
        assert_string_equal(options.by_hand[role], header);
}

static void columns_are_told_by_headers_and_by_content(void **state)
{
    (void)state;
    guess_text("Liste des élèves\n\nÉlève;Jeton;Formule;Repas;Pin;Téléphone;Du\n"
               "Inventé Paul;045A1122334480;DP;2;1234;0123456789;13/09/2026\n"
               "Inventée Lou;045A1122334481;EXT;1;4321;0123456788;14/09/2026\n");
    assert_guessed(CSV_COLUMN_CARD, "Jeton");
    assert_guessed(CSV_COLUMN_PROFILE, "Formule");
    assert_guessed(CSV_COLUMN_SURNAME, "Élève");
    assert_guessed(CSV_COLUMN_FROM, "Du");
    assert_int_equal(options.notation.base, CARD_NUMBER_HEX);
    assert_false(options.notation.reversed);
    assert_int_equal(options.dates, CSV_DATES_DAY_FIRST);
}

static void of_two_columns_called_card_the_one_with_numbers_is_taken(void **state)
{
    (void)state;
    guess_text("Carte;Badge;Régime\noui;04AABBCC;DP\nnon;05AABBCD;DP\noui;06ABBBCE;DP\n");
    assert_guessed(CSV_COLUMN_CARD, "Badge");
}

static void notations_are_told_where_they_can_be(void **state)
{
    (void)state;
    guess_text("UID;Régime\n80443322115A04;DP\n81443322115A04;DP\n82443322115A04;DP\n83443322115A04;"
               "DP\n8444332211FF04;DP\n");
    assert_int_equal(options.notation.base, CARD_NUMBER_HEX);
    assert_true(options.notation.reversed);
    guess_text("UID;Régime\n0082643729;DP\n3735928559;DP\n");
    assert_int_equal(options.notation.base, CARD_NUMBER_DECIMAL10);
    assert_true(guess.note_count != 0 && strstr(guess.notes[0], "order of the bytes cannot be told") != NULL);
    guess_text("UID;Régime\n82643729;DP\n3735928559;DP\n1249918410982528;DP\n");
    assert_int_equal(options.notation.base, CARD_NUMBER_DECIMAL);
    guess_text("UID;Régime\n012,34567;DP\n013,00012;DP\n");
    assert_true(guess.note_count != 0 && strstr(guess.notes[0], "Wiegand") != NULL);
}

static void month_first_dates_are_told(void **state)
{
    (void)state;
    guess_text(
        "UID;Profile;From;Until\nC1D2E3F4;DP;09/01/2026;07/31/2027\nC1D2E3F5;DP;09/13/2026;07/02/2027\n");
    assert_int_equal(options.dates, CSV_DATES_MONTH_FIRST);
}

static void what_cannot_be_told_is_left_to_the_import(void **state)
{
    (void)state;
    guess_text("a;b\n1;2\n");
    assert_guessed(CSV_COLUMN_CARD, NULL);
    guess_text("");
    guess_text("\n");
    setup(NULL);
    assert_int_equal(csv_guess(&guess, &options, "\xFF\xFE\x41", 3), ERR_FORMAT);
    assert_int_equal(csv_guess(&guess, &options, "a;b\n\"c;d\n", 9), ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_says_how_files_are_read),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(mistakes_in_a_map_are_named),
        cmocka_unit_test(columns_are_told_by_headers_and_by_content),
        cmocka_unit_test(of_two_columns_called_card_the_one_with_numbers_is_taken),
        cmocka_unit_test(notations_are_told_where_they_can_be),
        cmocka_unit_test(month_first_dates_are_told),
        cmocka_unit_test(what_cannot_be_told_is_left_to_the_import),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
