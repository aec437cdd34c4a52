/* SPDX-License-Identifier: Apache-2.0 */
/* The result of importing a file of a school, and the errors reported for a bad one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/csv_bench.h"
#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/site/site.h"

static void assert_card(uint32_t number, const char *profile, uint16_t first_day, uint16_t last_day,
                        uint8_t flags)
{
    assert_true(number < import.cards.count);
    const struct whitelist_rule *rule = &import.cards.cards[number].rule;
    assert_string_equal(rules.tables.profiles[rule->profile].name, profile);
    assert_int_equal(rule->first_day, first_day);
    assert_int_equal(rule->last_day, last_day);
    assert_int_equal(rule->flags, flags);
    assert_int_equal(rule->weekdays, 0x7F);
    assert_int_equal(rule->passages, 1);
}

static void a_file_of_a_school_is_read(void **state)
{
    (void)state;
    read_text("Nom;Prénom;Régime;N° de carte;Valide du;Valide jusqu'au;Bloquée;Perdue\r\n"
              "Essai;Ana;DP;04A1B2C3D4E580;01/09/2025;04/07/2026;;\r\n"
              "\"Essai; \"\"dit\"\" Bo\";Bo;EXTERNE;04:ED:0B:11;;;non;oui\r\n"
              "\r\n"
              "Essai;Cy;Demi-pensionnaire; 04112233445566778899 ;2025-09-01;;1;0\r\n"
              ";;;;;;;\r\n"
              "Essai;Di;Visiteur;;;;;\r\n"
              "Essai;Ed;commensal;C1D2E3F4;;31/12/9999;;");
    assert_int_equal(import.report.error_count, 0);
    assert_int_equal(import.cards.count, 4);
    assert_card(0, "demi-pension", 9375, 9681, 0);
    assert_card(1, "externe", 0, 0xFFFF, WHITELIST_RULE_BLOCKED);
    assert_card(2, "demi-pension", 9375, 0xFFFF, WHITELIST_RULE_BLOCKED);
    assert_card(3, "commensal", 0, 0xFFFF, 0);
    assert_int_equal(import.cards.origins[1].id_len, 4);
    assert_memory_equal(import.cards.origins[1].id, "\x04\xED\x0B\x11", 4);
    assert_int_equal(import.cards.origins[3].line, 8);
    assert_int_equal(import.report.note_count, 1);
    assert_non_null(strstr(import.report.notes[0], "line 7 has no card number"));
}

static void delimiters_and_headers_of_both_languages_are_told(void **state)
{
    (void)state;
    static const char *const files[] = {
        "UID,Profile,Valid from,Valid until,Lost\nC1D2E3F4,DP,2025-09-01,2026-07-04,no\n",
        "badge\tREGIME\tdébut\tfin\tVolée\nC1D2E3F4\tdp\t1/9/2025\t4/7/2026\t\n",
        "\"Numéro de carte\";\"Profil\";\"Date de début\";\"Date de fin\";\"Opposition\"\n"
        "\"C1D2E3F4\";\"Demi Pension\";\"01-09-2025\";\"04-07-2026\";\"N\"\n",
        "sep=;\nCarte;Re\xCC\x81gime;Du;Au;Bloqué\nC1D2E3F4;D.P.;01.09.2025;04.07.2026;0\n",
        "\xEF\xBB\xBF"
        "Carte;R\xC3\xA9gime;D\xC3\xA9"
        "but;Fin;Perdue\nC1D2E3F4;DP;01/09/2025;04/07/2026;\n",
        "Carte;R\xE9gime;D\xE9"
        "but;Fin;Perdue\nC1D2E3F4;DP;01/09/2025;04/07/2026;\n", /* Windows-1252 */
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        teardown(NULL);
        csv_import_init(&import, &options, tag_key);
        read_text(files[i]);
        if (import.report.error_count != 0)
            fail_msg("file %zu: %s", i, import.report.errors[0]);
        assert_int_equal(import.cards.count, 1);
        assert_card(0, "demi-pension", 9375, 9681, 0);
    }
}

static void columns_can_be_mapped_by_hand(void **state)
{
    (void)state;
    options.by_hand[CSV_COLUMN_CARD] = "jeton";
    options.by_hand[CSV_COLUMN_PROFILE] = "Statut Élève";
    read_text("Carte;Jeton;Statut élève\nvieux;C1D2E3F4;interne\n");
    assert_int_equal(import.report.error_count, 0);
    assert_card(0, "interne", 0, 0xFFFF, 0);
    options.by_hand[CSV_COLUMN_CARD] = "rien";
    assert_refused("Carte;Jeton;Statut élève\n", "list.csv:1: ", "there is no column 'rien'");
    options.by_hand[CSV_COLUMN_CARD] = NULL;
    options.by_hand[CSV_COLUMN_PROFILE] = NULL;
    options.by_hand[CSV_COLUMN_BLOCKED] = "Etat du compte";
    assert_refused("Carte;Régime;Etat du compte\n", "list.csv:1: ", "access control does not depend");
}

static void every_bad_cell_is_named_by_file_line_and_column(void **state)
{
    (void)state;
#define HEADER "Carte;Régime;Début;Fin;Perdue;Nom\n04ED0B11;DP;;;;\n"
    assert_refused(HEADER "4ED0B11;DP;;;;\n", "list.csv:3: column Carte: '4ED0B11': ", "leading zero");
    assert_refused(HEADER "08ED0B11;DP;;;;\n", "list.csv:3: column Carte: ", "random UID");
    assert_refused(HEADER "04ED0B12;DP;;;;\n04ED0B11;DP;;;;\n", "list.csv:4: column Carte: ", "line 2");
    assert_refused(HEADER "04ED0B12;Périsco;;;;\n",
                   "list.csv:3: column Régime: 'Périsco': ", "externe, demi-");
    assert_refused(HEADER "04ED0B12;;;;;\n", "list.csv:3: column Régime: ", "no profile is given");
    assert_refused(HEADER "04ED0B12;DP;31/02/2026;;;\n",
                   "list.csv:3: column Début: '31/02/2026': ", "calendar");
    assert_refused(HEADER "04ED0B12;DP;;32/01/2026;;\n", "list.csv:3: column Fin: ", "calendar");
    assert_refused(HEADER "04ED0B12;DP;02/01/2026;01/01/2026;;\n",
                   "list.csv:3: column Fin: ", "before it begins");
    assert_refused(HEADER "04ED0B12;DP;01/01/2180;;;\n", "list.csv:3: column Début: ", "2179");
    assert_refused(HEADER "04ED0B12;DP;;;peut-être;\n", "list.csv:3: column Perdue: ", "neither yes nor no");
    assert_refused(HEADER "04ED0B12;DP;;;;;x\n", "list.csv:3: ", "has 7 cells, but the header has 6 columns");
    assert_refused(HEADER "04ED0B12;DP;;;;\"a\nb\"\n04ED0B13;x;;;;\n", "list.csv:5: column Régime: ", "");
    assert_refused(HEADER "04ED0B12;\"DP;;;;\n04ED0B13;DP;;;;\n",
                   "list.csv:3: column Régime: ", "never ends");
    assert_refused(HEADER "04ED\r0B12;DP;;;;\n", "list.csv:3: column Carte: ", "carriage return");
}

static void files_that_are_no_list_are_refused(void **state)
{
    (void)state;
    assert_refused("", "list.csv: ", "is empty");
    assert_refused("\n\r\n  \n", "list.csv: ", "is empty");
    assert_refused("Carte;Régime\n", "list.csv: ", "no row with a card");
    assert_refused("Carte;Nom\nC1D2E3F4;x\n", "list.csv:1: ", "no column is the profile");
    assert_refused("\nNom;Régime\n", "list.csv:2: ", "no column is the card");
    assert_refused("C1D2E3F4;DP\n", "list.csv:1: ", "the columns are: C1D2E3F4, DP");
    assert_refused("Carte;UID;Régime\n", "list.csv:1: ", "--column card=NAME");
    assert_refused("\xFF\xFE"
                   "C",
                   "list.csv: ", "UTF-16");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    (void)state;
    static const char nul[] = "Carte;Régime\n04ED0B11;DP\n04ED\0B12;DP\n";
    read_bytes("nul.csv", nul, sizeof nul - 1);
    assert_int_equal(import.report.error_count, 1);
    assert_non_null(strstr(import.report.errors[0], "nul.csv:3: column Carte: a NUL byte"));
    assert_refused("Carte;Régime;Nom\n04ED0B11;DP;\xC3\xA9\xC3\xA9\xC3\n",
                   "list.csv:2: column Nom: ", "not UTF-8");
    assert_refused("Carte;Nom;R\xE9gime\n04ED0B11;\x81;DP\n", "list.csv:2: column Nom: ", "not Windows-1252");
    options.encoding = CSV_ENCODING_UTF8;
    assert_refused("Carte;R\xE9gime\n", "list.csv:1: column 2: ", "not UTF-8");
}

static void a_line_of_10_MB_is_refused_where_it_stands(void **state)
{
    (void)state;
    static const char head[] = "Carte;Nom;Régime\n04ED0B11;x;DP\n04ED0B12;";
    size_t len = sizeof head - 1 + 10000000;
    char *text = malloc(len);
    memset(text, 'A', len);
    memcpy(text, head, sizeof head - 1);
    read_bytes("long.csv", text, len);
    assert_int_equal(import.report.error_count, 1);
    assert_non_null(
        strstr(import.report.errors[0], "long.csv:3: column Nom: the line is longer than 64 KiB"));
    /* A quote that contains many short lines does not avoid the limit. */
    for (size_t i = sizeof head; i < len; i += 50)
        text[i] = '\n';
    text[sizeof head - 1] = '"';
    *strchr(text, 'x') = 'y'; /* another person */
    read_bytes("quote.csv", text, len);
    assert_int_equal(import.report.error_count, 3); /* and a card that is in both files */
    assert_non_null(
        strstr(import.report.errors[1],
               "quote.csv:2: column Carte: '04ED0B11': this card is already on line 2 of long.csv"));
    assert_non_null(strstr(import.report.errors[2], "quote.csv:3: column Nom: a quoted cell begins here"));
    free(text);
}

static void twenty_errors_are_shown_and_all_are_counted(void **state)
{
    (void)state;
    char text[4096], *at = text + sprintf(text, "Carte;Régime\n");
    for (int i = 0; i < 57; i++)
        at += sprintf(at, "x;DP\n");
    read_text(text);
    assert_int_equal(import.report.error_count, 57);
    assert_non_null(strstr(import.report.errors[19], "list.csv:21: "));
}

static void titles_above_the_columns_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(card_count_of("Liste des élèves;;\r\nÉdité le 22/11/2026;;\r\n\r\nNom;Carte;Régime\r\n"
                                   "Exemple;04ED0B11;DP\r\n"),
                     1);
    assert_int_equal(import.cards.origins[0].line, 5);
    assert_int_equal(import.report.note_count, 1);
    assert_string_equal(import.report.notes[0],
                        "list.csv: the columns are named in line 4; what stands above is left out");
    /* The delimiter is that of the line that counts. */
    assert_int_equal(card_count_of("Lycée des Essais, Ville; export, complet\nCarte\tRégime\n04ED0B11\tDP\n"),
                     1);
    assert_int_equal(card_count_of("\n\nCarte;Régime\n04ED0B11;DP\n"), 1);
    assert_int_equal(import.report.note_count, 0);
    assert_refused("Liste\nCarte;Nom\n04ED0B11;DP\n", "list.csv:2: ", "no column is the profile");
    assert_refused("Liste\nCarte;Régime\n04ED0B11;XX\n", "list.csv:3: column Régime: ", "no known profile");
    options.by_hand[CSV_COLUMN_CARD] = "Jeton";
    options.by_hand[CSV_COLUMN_PROFILE] = "Formule";
    assert_int_equal(card_count_of("Liste\nFormule;Jeton\nDP;04ED0B11\n"), 1);
}

static void blanks_that_nobody_sees_do_no_harm(void **state)
{
    (void)state;
    assert_int_equal(
        card_count_of("Carte;Régime;Fin\n\u00A004ED0B11\u00A0;DP\u202F;\u00A004/07/2026 \u00A0\n"), 1);
    assert_int_equal(import.cards.cards[0].rule.last_day, 9681);
    assert_int_equal(card_count_of("Carte;R\xE9gime\n\xA0"
                                   "04ED0B11 \xA0;DP\xA0\n"),
                     1);
    /* C3 A0 is an "à", whose second byte is no blank. */
    people[0] = '\0';
    options.on_person = note_person;
    assert_int_equal(card_count_of("Nom;Carte;Régime\nVoilà;04ED0B11;DP\n"), 1);
    assert_string_equal(people, "Voilà||||1|7f\n");
}

static void files_of_other_kinds_are_called_by_their_names(void **state)
{
    (void)state;
    assert_refused("PK\x03\x04 workbook", "list.csv: is damaged or cut off", "zip archive");
    assert_refused("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "list.csv: is a file of an old office program",
                   "no workbook");
    assert_refused("<!DOCTYPE html>\n", "list.csv: is a page of the web", "without a table");
    assert_refused("%PDF-1.7\n", "list.csv: is a PDF", "not CSV");
    static const char little[] = "C\0a\0r\0t\0e\0;\0", big[] = "\0C\0a\0r\0t\0e\0;";
    read_bytes("little.csv", little, sizeof little - 1);
    read_bytes("big.csv", big, sizeof big - 1);
    assert_int_equal(import.report.error_count, 3);
    assert_string_equal(import.report.errors[1], "little.csv: is in UTF-16: save it as \"CSV UTF-8\"");
    assert_string_equal(import.report.errors[2], "big.csv: is in UTF-16: save it as \"CSV UTF-8\"");
    assert_refused("Carte;Nom\xE9\n04ED0B11;DP\n", "list.csv:1: no column is the profile",
                   "if accents are wrong here");
}

static void notations_that_fit_none_of_the_cards_by_chance_are_told(void **state)
{
    (void)state;
    char text[1024] = "Carte;Régime\n";
    for (int i = 0; i < 9; i++)
        snprintf(text + strlen(text), 32, "10%d2345%d;DP\n", i, i);
    options.notation.base = CARD_NUMBER_DECIMAL;
    read_text(text);
    assert_int_equal(import.report.error_count, 1);
    assert_non_null(strstr(import.report.errors[0], "Wiegand"));
    teardown(NULL);
    options.notation.base = CARD_NUMBER_HEX;
    csv_import_init(&import, &options, tag_key);
    read_text(text);
    assert_int_equal(import.report.error_count, 1); /* by chance once in 10^14 files */
    assert_non_null(strstr(import.report.errors[0], "04:ED:0B:11"));
    static const char marked[] = "Carte;Régime\n10:02:34:50;DP\n";
    strcpy(text, marked);
    for (int i = 1; i < 9; i++)
        snprintf(text + strlen(text), 32, "10:%d2:34:5%d;DP\n", i, i);
    assert_int_equal(card_count_of(text), 9);
}

static void days_of_meals_come_from_words_and_columns(void **state)
{
    static const struct {
        const char *text;
        uint8_t weekdays;
    } table[] = {
        {"Carte;Régime\n04ED0B11;DP\n", 0x7F},
        {"Carte;Régime\n04ED0B11;DP5\n", 0x1F},
        {"Carte;Régime\n04ED0B11;D.P. 5 jours\n", 0x1F},
        {"Carte;Régime;Jours\n04ED0B11;DP;LMJV\n", 0x1B},
        {"Carte;Régime;Jours\n04ED0B11;DP 4 jours;lun,mar,jeu,ven\n", 0x1B},
        {"Carte;Régime;Jours\n04ED0B11;DP2;Mer et jeu\n", 0x0C},
        {"Carte;Régime;Jours\n04ED0B11;DP;\n", 0x7F},
        {"Carte;Régime;Lundi;Mardi;Mercredi;Jeudi;Vendredi\n04ED0B11;DP 3 jours;x;;1;non;DP\n", 0x15},
        {"Carte;Régime;Lundi;Mardi;Mercredi;Jeudi;Vendredi\n04ED0B11;Interne;;;;;\n", 0x7F},
        {"Carte;Régime;Lundi;Vendredi;Jours\n04ED0B11;DP;oui;oui;lun ven\n", 0x11},
        {"Carte;Régime;Lundi\n04ED0B11;Externe;non\n", 0x7F}, /* never eats, whatever the days */
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (rule_of(table[i].text)->weekdays != table[i].weekdays)
            fail_msg("%02x, not %02x:\n%s", rule_of(table[i].text)->weekdays, table[i].weekdays,
                     table[i].text);
}

static void days_that_cannot_be_told_are_never_guessed(void **state)
{
    (void)state;
    assert_refused("Carte;Régime\n04ED0B11;DP4\n", "list.csv:2: column Régime: 'DP4': ", "called = DP4:");
    assert_refused("Carte;Régime\n04ED0B11;DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 5\n",
                   "list.csv:2: column Régime: 'DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 5': ",
                   "add the whole text to 'called' in site.conf");
    assert_refused("Carte;Régime;Jours\n04ED0B11;DP 4 jours;LMV\n", "list.csv:2: column Régime: ",
                   "tells of 4 days of meals, but the row gives 3 (mon tue fri)");
    assert_refused("Carte;Régime;Lundi;Mardi\n04ED0B11;DP;non;non\n",
                   "list.csv:2: column Régime: ", "no day of meals at all");
    assert_refused("Carte;Régime;Jours\n04ED0B11;DP;lun,mrdi\n",
                   "list.csv:2: column Jours: 'lun,mrdi': ", "'mrdi' is no day of the week");
    assert_refused("Carte;Régime;Lundi;Jours\n04ED0B11;DP;x;mardi\n",
                   "list.csv:2: column Jours: 'mardi': ", "say otherwise");
    assert_refused("Carte;Régime;Lundi\n04ED0B11;DP;parfois\n",
                   "list.csv:2: column Lundi: 'parfois': ", "neither yes nor no");
}

static void passages_and_temporary_cards_are_read(void **state)
{
    (void)state;
    assert_int_equal(rule_of("Carte;Régime;Passages\n04ED0B11;DP;3\n")->passages, 3);
    assert_int_equal(rule_of("Carte;Régime;nbMulti\n04ED0B11;DP;\n")->passages, 1);
    assert_int_equal(rule_of("Carte;Régime;nbMulti\n04ED0B11;DP;2.0\n")->passages, 2);
    assert_int_equal(rule_of("Carte;Régime;nbMulti\n04ED0B11;DP;255\n")->passages, 255);
    assert_int_equal(rule_of("Carte;Régime;Carte provisoire\n04ED0B11;DP;oui\n")->flags,
                     WHITELIST_RULE_TEMPORARY);
    assert_int_equal(rule_of("Carte;Régime;Provisoire;Perdue\n04ED0B11;DP;x;x\n")->flags,
                     WHITELIST_RULE_TEMPORARY | WHITELIST_RULE_BLOCKED);
    static const char *const bad[] = {"0", "256", "-1", "deux", "1.5", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "Carte;Régime;Passages\n04ED0B11;DP;%s\n", bad[i]);
        assert_refused(text, "list.csv:2: column Passages: ", "no number of passages");
    }
}

static void a_card_good_here_and_blocked_there_is_a_question(void **state)
{
    (void)state;
    static const char good[] = "Carte;Régime\n04ED0B11;DP\n",
                      lost[] = "Carte;Régime;Perdue\n04ED0B11;DP;oui\n";
    read_bytes("pupils.csv", good, sizeof good - 1);
    read_bytes("lost.csv", lost, sizeof lost - 1);
    assert_int_equal(import.report.error_count, 1);
    assert_string_equal(
        import.report.errors[0],
        "lost.csv:2: column Carte: '04ED0B11': this card is blocked here and good on line 2 of "
        "pupils.csv: if it is lost, delete the row that is not blocked; if it was found again, the one "
        "that is");
}

static void a_profile_written_wrong_gets_a_suggestion(void **state)
{
    (void)state;
    assert_refused("Carte;Régime\n04ED0B11;Extrene\n",
                   "list.csv:2: column Régime: 'Extrene': ", "'externe' meant");
    assert_refused("Carte;Régime\n04ED0B11;Périscolaire\n", "list.csv:2: column Régime: ",
                   "known are externe, demi-pension, interne, commensal, agent, visiteur");
}

static void dates_may_have_their_month_first(void **state)
{
    (void)state;
    options.dates = CSV_DATES_MONTH_FIRST;
    const struct whitelist_rule *rule =
        rule_of("Carte;Régime;Début;Fin\n04ED0B11;DP;09/01/2025;2026-07-04\n");
    assert_int_equal(rule->first_day, 9375);
    assert_int_equal(rule->last_day, 9681);
}

static void who_a_row_is_about_is_told_and_not_kept(void **state)
{
    (void)state;
    people[0] = '\0';
    options.on_person = note_person;
    read_text("Pr\xE9nom;Nom;Classe;INE;R\xE9gime;Carte\n"
              "A\xEF"
              "cha;Exemple;2A;77;DP;04ED0B11\n"
              "\"Bo\r\ndit Bob\";Mod\xE8"
              "le;2B;;DP5;\n");
    assert_int_equal(import.report.error_count, 0);
    assert_string_equal(people, "Exemple|Aïcha|2A|77|1|7f\nModèle|Bo dit Bob|2B||0|1f\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_of_a_school_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(delimiters_and_headers_of_both_languages_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(columns_can_be_mapped_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(every_bad_cell_is_named_by_file_line_and_column, setup, teardown),
        cmocka_unit_test_setup_teardown(files_that_are_no_list_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(days_of_meals_come_from_words_and_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(days_that_cannot_be_told_are_never_guessed, setup, teardown),
        cmocka_unit_test_setup_teardown(passages_and_temporary_cards_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_card_good_here_and_blocked_there_is_a_question, setup, teardown),
        cmocka_unit_test_setup_teardown(a_profile_written_wrong_gets_a_suggestion, setup, teardown),
        cmocka_unit_test_setup_teardown(dates_may_have_their_month_first, setup, teardown),
        cmocka_unit_test_setup_teardown(who_a_row_is_about_is_told_and_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_text_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_line_of_10_MB_is_refused_where_it_stands, setup, teardown),
        cmocka_unit_test_setup_teardown(twenty_errors_are_shown_and_all_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(titles_above_the_columns_are_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(blanks_that_nobody_sees_do_no_harm, setup, teardown),
        cmocka_unit_test_setup_teardown(files_of_other_kinds_are_called_by_their_names, setup, teardown),
        cmocka_unit_test_setup_teardown(notations_that_fit_none_of_the_cards_by_chance_are_told, setup,
                                        teardown),
    };
    if (site_crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
