/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a school that are odd: numbers that were rounded, old encodings, rows that repeat, files
 * cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/csv_bench.h"
#include "tools/portillon/site/site.h"

/* --- what numbers show together --- */

static const char *first_note_with(const char *text)
{
    for (size_t i = 0; i < import.report.note_count; i++)
        if (strstr(import.report.notes[i], text) != NULL)
            return import.report.notes[i];
    return NULL;
}

static void numbers_that_a_spreadsheet_rounded_are_refused(void **state)
{
    (void)state;
    options.notation.base = CARD_NUMBER_DECIMAL;
    assert_refused("Carte;Profil\n1303689068602750;DP\n",
                   "list.csv:2: column Carte: '1303689068602750': every digit", "export the column as text");
    assert_refused("Carte;Profil\n82643729;DP\n36123456789012300;DP\n1303689068602750;DP\n",
                   "list.csv:3: column Carte: '36123456789012300'", "(2 of 2 such numbers)");
    assert_refused("Carte;Profil\n1303689068602750.0;DP\n", "list.csv:2: column Carte", "has rounded them");
    assert_refused("Carte;Profil\n1 303 689 068 602 750;DP\n", "list.csv:2: column Carte",
                   "has rounded them");
    /* As doubles keep them: 0x7FA1B2C3D4E580 and so on, rounded to 53 bits with Python's int(float(n)). */
    assert_refused("Carte;Profil\n35925111204013440;DP\n35643636227302780;DP\n35362161250592120;DP\n"
                   "35080686273881468;DP\n34799211297170812;DP\n",
                   "list.csv:2: column Carte: '35925111204013440': every number above 2^53", "rounded them");
    /* Right numbers, of which some end in 0; and a text that says so. */
    assert_int_equal(card_count_of("Carte;Profil\n1303689068602750;DP\n1303689068602751;DP\n"), 2);
    assert_int_equal(card_count_of("Carte;Profil\n=\"1303689068602750\";DP\n"), 1);
    assert_int_equal(card_count_of("Carte;Profil\n'1303689068602750;DP\n"), 1);
    assert_int_equal(card_count_of("Carte;Profil\n123456789012340;DP\n"), 1); /* of 15 digits */
}

static void short_numbers_that_are_alike_get_a_warning(void **state)
{
    (void)state;
    char text[4096] = "Carte;Profil\n";
    for (int i = 0; i < 50; i++)
        sprintf(text + strlen(text), "04%02X%02X%02X;DP\n", (i * 37 + 11) & 0xFF, (i * 101 + 3) & 0xFF,
                i + 16);
    assert_int_equal(card_count_of(text), 50);
    const char *note = first_note_with("50 of 50 card numbers of 4 bytes begin with 04");
    assert_non_null(note);
    assert_non_null(strstr(note, "halves of 7-byte UIDs"));
    strcpy(text, "Carte;Profil\n");
    for (int i = 0; i < 9; i++)
        sprintf(text + strlen(text), "%02X%02X%02X80;DP\n", i * 23 + 9, (i * 101 + 3) & 0xFF, i + 16);
    strcat(text, "A1B2C3D4;DP\n04A1B2C3D4E580;DP\n");
    assert_int_equal(card_count_of(text), 11);
    assert_non_null(first_note_with("9 of 10 card numbers of 4 bytes end in 80"));
    assert_int_equal(
        card_count_of("Carte;Profil\n04ED0B11;DP\n14A1B2C3;DP\nA4A1B2C4;DP\n44A1B2C5;DP\nD4A1B2C6;DP\n"), 5);
    assert_null(first_note_with("begin with"));
}

/* --- encodings --- */

static void encodings_of_old_systems_are_told_by_their_accents(void **state)
{
    (void)state;
    static const struct {
        const char *text, *person, *label;
    } table[] = {
        {"Nom;Pr\x82nom;Carte;R\x82gime\nESSAI;Chlo\x82;04ED0B11;DP\n", "ESSAI|Chloé|", "CP850"},
        {"Nom;Carte;Profil\nHERV\x90 Fran\x87ois;04ED0B11;DP\n", "HERVÉ François|", "CP850"},
        {"Nom;Pr\x8Enom;Carte;R\x8Egime\nESSAI;Zo\x91;04ED0B11;DP\n", "ESSAI|Zoë|", "MacRoman"},
        {"Nom;Carte;Profil\nH\x83L\xE9NE;04ED0B11;DP\n", "HÉLÈNE|", "MacRoman"},
        {"Nom;Carte;Profil\nC\xBDur;04ED0B11;DP\n", "Cœur|", "ISO-8859-15"},
        {"Nom;Pr\xE9nom;Carte;R\xE9gime\nESSAI;Zo\xEB;04ED0B11;DP\n", "ESSAI|Zoë|", NULL},
        {"Nom;Carte;Profil\n\x8Aimi\x9A;04ED0B11;DP\n\x8E"
         "eljko;04ED0B12;DP\nL\x92"
         "Arbre;04ED0B13;DP\n",
         "Šimiš|", NULL},
        {"Nom;Carte;Profil\nN\xB0 1 \x96 C\x9Cur;04ED0B11;DP\n", "N° 1 – Cœur|", NULL},
    };
    options.on_person = note_person;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        people[0] = '\0';
        card_count_of(table[i].text);
        if (strncmp(people, table[i].person, strlen(table[i].person)) != 0)
            fail_msg("file %zu: %s", i, people);
        assert_int_equal(first_note_with("the accents are those of") != NULL, table[i].label != NULL);
        if (table[i].label != NULL)
            assert_non_null(first_note_with(table[i].label));
    }
    options.encoding = CSV_ENCODING_WINDOWS_1252;
    people[0] = '\0';
    card_count_of("Nom;Carte;Profil\nChlo\x82;04ED0B11;DP\n");
    assert_string_equal(people, "Chlo\u201A||||1|7f\n");
}

static void accents_that_were_damaged_before_get_a_warning(void **state)
{
    (void)state;
    card_count_of("Nom;Carte;Profil\nL\u00C3\u00A9a;04ED0B11;DP\n");
    assert_non_null(first_note_with("accents were converted twice"));
    card_count_of("Nom;Carte;Profil\nL\uFFFDa;04ED0B11;DP\n");
    assert_non_null(first_note_with("some letters were lost"));
    card_count_of("Nom;Carte;Profil\nLéa;04ED0B11;DP\n");
    assert_int_equal(import.report.note_count, 0);
}

/* --- good files --- */

static void what_programs_leave_out_or_add_does_no_harm(void **state)
{
    static const struct {
        const char *text;
        uint32_t cards;
    } table[] = {
        {"Carte;Profil;Fin;Perdue\n04ED0B11;DP\n04ED0B12;DP;04/07/2026\n", 2}, /* last cells left out */
        {"Carte;Profil\n04ED0B11;DP\n\x1A", 1},
        {"Carte;Profil\r\n04ED0B11;DP\r\n\x1A\r\n", 1},
        {"Carte;Profil\r\r\n04ED0B11;DP\r\r\n04ED0B12;DP\r\r\n", 2}, /* line ends doubled */
        {"Carte;Profil\n\n04ED0B11;DP\n\n04ED0B12;DP\n\n", 2},
        {"Carte;Profil\n\r04ED0B11;DP\n\r04ED0B12;DP\n\r", 2},
        {"Carte;Profil\r04ED0B11;DP\r04ED0B12;DP\r", 2}, /* old Macs */
        {"Carte;Nom;Profil\n04ED0B11;\"a\rb\";DP\n04ED0B12;\"c\";DP\n", 2},
        {"Carte;Nom;Profil\n04ED0B11;\"a\r\nb\rc\";DP\n", 1},
        {"\"N° de\ncarte\",Profil\n04ED0B11,DP\n", 1}, /* a line end in a header */
        {"\"Carte\n(UID)\";\"Profil\nde l'élève\";Régime\n04ED0B11;x;DP\n", 1},
        {"Liste\n\n\"Nom\nde famille\",\"N°\nde carte\",Régime\nEssai,04ED0B11,DP\n", 1},
        {"Liste \"DP\n\"Titre sans fin\nCarte;Régime\n04ED0B11;DP\n", 1},
        {"Profil\t\"N° de\r\ncarte\"\nDP\t04ED0B11\n", 1},
        {"\"N° de\ncarte\";\"Régime,\nprofil\";Régime\n04ED0B11;x;DP\n", 1},
        {"Carte;Profil\n\t04ED0B11;DP\n\u200E04ED0B12;DP\n\x02"
         "04ED0B13;DP\n\u202A04ED0B14\u202C;DP\n",
         4},
        {"Carte;Profil\n=\"04ED0B11\";=\"DP\"\n\"=\"\"04ED0B12\"\"\";DP\n", 2},
        {"Carte;Profil;Fin\n04ED0B11;DP;=\"04/07/2026\"\n04ED0B12;DP;'04/07/2026\n", 2},
        {"Carte;Profil\n04\u2009A1\u202FB2\u00A0C3\u2003D4 E5 80;DP\n", 1},
        {"Carte;Profil\n04ED0B11;DP\n0;DP\nNULL;DP\n\\N;DP\n-;DP\nN/A;DP\n", 1}, /* cards of nobody yet */
        {"Carte;Profil;Début;Fin;Jours;nbMulti\n04ED0B11;DP;0000-00-00;NULL;NULL;NULL\n", 1},
        {"Carte;Profil;Début;Fin\n04ED0B11;DP;0;00/00/0000 00:00:00\n", 1},
        {"Nom;Responsable;Carte;Profil\nEssai;A;04ED0B11;DP\nESSAI;B;04ED0B11;DP\n", 1}, /* two guardians */
        {"Nom;INE;Classe;Carte;Profil\nEssai;77;2A;04ED0B11;DP\nEssai-Dupont;77;2A G1;04ED0B11;DP\n", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (card_count_of(table[i].text) != table[i].cards)
            fail_msg("%u cards, not %u:\n%s", (unsigned)import.cards.count, (unsigned)table[i].cards,
                     table[i].text);
}

static void a_card_of_two_people_or_with_two_rights_is_refused(void **state)
{
    (void)state;
    assert_refused("Nom;Carte;Profil\nEssai;04ED0B11;DP\nAutre;04ED0B11;DP\n",
                   "list.csv:3: column Carte: '04ED0B11': ", "a card belongs to one person");
    assert_refused("Nom;INE;Carte;Profil\nEssai;77;04ED0B11;DP\nEssai;78;04ED0B11;DP\n",
                   "list.csv:3: ", "one person");
    assert_refused("Nom;Carte;Profil\nEssai;04ED0B11;DP\nEssai;04ED0B11;externe\n",
                   "list.csv:3: ", "one person");
    assert_refused("Nom;Carte;Profil;Fin\nEssai;04ED0B11;DP;\nEssai;04ED0B11;DP;04/07/2026\n",
                   "list.csv:3: ", "one");
}

static void a_file_that_may_be_cut_off_gets_a_warning(void **state)
{
    (void)state;
    assert_int_equal(card_count_of("Carte;Profil;Fin\n04ED0B11;DP;04/07/2026\n04ED0B12;DP"), 2);
    assert_non_null(first_note_with("line 3, the last, has no line end and 2 of 3 columns"));
    assert_int_equal(card_count_of("Carte;Profil;Fin\n04ED0B12;DP\n04ED0B11;DP;04/07/2026"), 2);
    assert_null(first_note_with("no line end"));
}

static void dates_may_have_a_time_and_a_zone(void **state)
{
    static const char *const same[] = {"04/07/2026",
                                       "04/07/2026 23:59:59",
                                       "2026-07-04T23:59:59",
                                       "2026-07-04 23:59:59.999",
                                       "2026-07-04T00:00:00Z",
                                       "2026-07-04T23:59:59+02:00",
                                       "2026-07-03T22:00:00.000Z",
                                       "2026-07-04T23:59:59Z",
                                       "04/07/2026 23h59",
                                       "04/07/2026 11:59:59 PM",
                                       "2026-07-04T00:00+02:00[Europe/Paris]",
                                       "2026-07-04 00:00:00+0200",
                                       "04.07.2026 12:00",
                                       "2026-07-04 10:15 UTC",
                                       "2026-07-04 23:59:59 CEST",
                                       "04/07/2026 à 23:59"};
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "Carte;Régime;Fin\n04ED0B11;DP;%s\n", same[i]);
        if (rule_of(text)->last_day != 9681)
            fail_msg("%s: %d", same[i], rule_of(text)->last_day);
    }
    static const char *const bad[] = {"04/07/2026 25:00", "04/07/2026 23:", "04/07/2026 x",
                                      "04/07/2026 23:59:59 xy", "04/07/2026 12:60"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "Carte;Régime;Fin\n04ED0B11;DP;%s\n", bad[i]);
        assert_refused(text, "list.csv:2: column Fin: ", "is not a date");
    }
    options.dates = CSV_DATES_MONTH_FIRST;
    assert_int_equal(rule_of("Carte;Régime;Fin\n04ED0B11;DP;07/04/2026 11:59:59 PM\n")->last_day, 9681);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_that_a_spreadsheet_rounded_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(short_numbers_that_are_alike_get_a_warning, setup, teardown),
        cmocka_unit_test_setup_teardown(encodings_of_old_systems_are_told_by_their_accents, setup, teardown),
        cmocka_unit_test_setup_teardown(accents_that_were_damaged_before_get_a_warning, setup, teardown),
        cmocka_unit_test_setup_teardown(what_programs_leave_out_or_add_does_no_harm, setup, teardown),
        cmocka_unit_test_setup_teardown(a_card_of_two_people_or_with_two_rights_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_may_be_cut_off_gets_a_warning, setup, teardown),
        cmocka_unit_test_setup_teardown(dates_may_have_a_time_and_a_zone, setup, teardown),
    };
    if (site_crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
