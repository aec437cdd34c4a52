/* SPDX-License-Identifier: Apache-2.0 */
/* Columns that say whether a card may open: states of cards and of accounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fakes/csv_bench.h"
#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/site/site.h"

/* --- states of cards --- */

/* Reads a file with one column beside card and profile. Returns the flags of the card, or -1 when the file is
 * refused. */
static int flags_of(const char *header, const char *cell)
{
    char text[256];
    snprintf(text, sizeof text, "Carte;Profil;%s\n04A1B2C3D4E580;DP;%s\n", header, cell);
    teardown(NULL);
    csv_import_init(&import, &options, tag_key);
    read_text(text);
    return import.report.error_count != 0 ? -1 : import.cards.cards[0].rule.flags;
}

static void assert_flags(int flags, const char *const rows[][2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (flags_of(rows[i][0], rows[i][1]) != flags)
            fail_msg("%s: %s: %d, not %d (%s)", rows[i][0], rows[i][1], flags_of(rows[i][0], rows[i][1]),
                     flags, import.report.error_count != 0 ? import.report.errors[0] : "no error");
}

#define ASSERT_FLAGS(flags, rows) assert_flags(flags, rows, sizeof rows / sizeof rows[0])

static void a_column_that_says_a_card_must_not_open_is_understood(void **state)
{
    (void)state;
    static const char *const blocked[][2] = {{"Etat", "Perdue"},
                                             {"État", "volée"},
                                             {"Statut", "Opposition"},
                                             {"Statut", "En opposition"},
                                             {"Status", "Lost"},
                                             {"state", "stolen"},
                                             {"Etat", "Bloquée"},
                                             {"Etat", "Désactivée"},
                                             {"Etat", "Carte perdue"},
                                             {"Etat", "carte bloquée"},
                                             {"Etat", "PERDUE le 12/10/2026"},
                                             {"Etat", "suspendue"},
                                             {"Etat", "Annulée"},
                                             {"Etat de la carte", "Perdue"},
                                             {"Etat carte", "inactive"},
                                             {"Statut du badge", "désactivé"},
                                             {"card_status", "blocked"},
                                             {"cardStatus", "Disabled"},
                                             {"Statut carte", "non active"},
                                             {"Etat carte", "hors service"},
                                             {"Etat badge", "HS"},
                                             {"Card state", "not valid"},
                                             {"Active", "non"},
                                             {"Active", "0"},
                                             {"Active", "Faux"},
                                             {"Active", "no"},
                                             {"Active", "perdue"},
                                             {"ACTIVE", "N"},
                                             {"Carte active", "non"},
                                             {"Badge actif", "0"},
                                             {"Enabled", "false"},
                                             {"Carte valide", "non"},
                                             {"is_active", "0"},
                                             {"En service", "non"},
                                             {"isActive", "FALSE"},
                                             {"Card enabled", "no"},
                                             {"Locked", "yes"},
                                             {"is_locked", "1"},
                                             {"Locked", "on"},
                                             {"Enabled", "off"},
                                             {"Désactivée", "oui"},
                                             {"Carte désactivée", "x"},
                                             {"Disabled", "true"},
                                             {"Verrouillée", "1"},
                                             {"Suspendue", "oui"},
                                             {"Carte perdue ?", "oui"},
                                             {"Bloquée (O/N)", "O"},
                                             {"Perdue", "12/10/2026"},
                                             {"Perdue le", "12/10/2026"},
                                             {"Date d'opposition", "2026-10-12"},
                                             {"Motif de blocage", "vol"},
                                             {"Carte inactive", "oui"},
                                             {"Hors service", "oui"},
                                             {"Carte perdue", "\u2713"},
                                             {"Oppo", "oui"},
                                             {"Perte/Vol", "x"},
                                             {"Déclaration de perte", "12/10/2026"},
                                             {"Verrou", "1"},
                                             {"blacklisted", "true"},
                                             {"Etat", "Gelée"},
                                             {"Perdu(e)", "-1"},
                                             {"Accès interdit", "oui"},
                                             {"Accès autorisé", "non"},
                                             {"Perdue", "Bloquée"}};
    ASSERT_FLAGS(WHITELIST_RULE_BLOCKED, blocked);
}

static void a_state_that_lets_a_card_open_is_no_question(void **state)
{
    (void)state;
    static const char *const good[][2] = {{"Etat", ""},
                                          {"Etat", "Active"},
                                          {"Etat", "Activé"},
                                          {"Etat", "OK"},
                                          {"Etat", "En service"},
                                          {"Etat", "-"},
                                          {"Etat", "NULL"},
                                          {"Etat", "jamais activé"},
                                          {"Statut", "Elève"},
                                          {"Statut", "Demi-pensionnaire"},
                                          {"Statut", "Enseignant"},
                                          {"Status", "active"},
                                          {"Etat de la carte", "valide"},
                                          {"Active", "oui"},
                                          {"Active", "1"},
                                          {"Active", ""},
                                          {"Activé", "oui"},
                                          {"Activé", ""},
                                          {"Actif", "x"},
                                          {"Locked", "0"},
                                          {"Désactivée", ""},
                                          {"Perdue", "non perdue"},
                                          {"Perdue", "00/00/0000"},
                                          {"Perdue", "N/A"},
                                          {"Etat", "non bloquée"},
                                          {"Etat", "retrouvée"},
                                          {"Remarque", "a perdu son manteau"},
                                          {"Service", "Vol"},
                                          {"Droit à l'image", "opposition"},
                                          {"Bourse", "suspendue"},
                                          {"Etat civil", "inactive"},
                                          {"Etat", "Bon état"},
                                          {"Etat de la carte", "Remise à l'élève"},
                                          {"Etat", "Provisoire"},
                                          {"Accès", "cantine"},
                                          {"Accès", "oui"},
                                          {"Portail", "Nord"},
                                          {"Activé", "le 12 octobre"},
                                          {"Remarque", "carte remise le 12/10"},
                                          {"Compte", "bloqué"},
                                          {"Etat du compte", "perdue"},
                                          {"Code PIN", "bloqué"},
                                          {"Date d'activation", "non"},
                                          {"Locker", "12"},
                                          {"Option", "vol à voile"}};
    ASSERT_FLAGS(0, good);
}

static void a_state_of_the_card_or_of_an_account_is_a_question(void **state)
{
    (void)state;
    static const char *const asked[][2] = {{"Etat", "Bloqué"},
                                           {"Etat", "inactif"},
                                           {"Etat", "Suspendu"},
                                           {"Etat", "0"},
                                           {"Etat", "1"},
                                           {"Etat", "non"},
                                           {"Statut", "Désactivé"},
                                           {"Status", "disabled"},
                                           {"Status", "Locked"},
                                           {"Etat", "non activée"},
                                           {"Etat", "brisée"},
                                           {"Etat", "P"},
                                           {"Statut", "perdue puis retrouvée"},
                                           {"Activé", "non"},
                                           {"Activée", "0"},
                                           {"Actif", "non"},
                                           {"Activated", "no"},
                                           {"Carte activée", "non"},
                                           {"Etat de la carte", "oui"},
                                           {"Etat carte", "jamais activée"},
                                           {"Perdue", "peut-être"},
                                           {"Active", "parfois"},
                                           {"Remarque", "carte perdue"},
                                           {"Observations", "Perdue"},
                                           {"Commentaire", "badge volé le 12/10"},
                                           {"Notes", "lost"},
                                           {"Accès", "non"},
                                           {"Situation", "Bloquée"},
                                           {"Etat", "Retirée"},
                                           {"Etat carte", "usée"},
                                           {"Remarque", "Carte désactivée"}};
    ASSERT_FLAGS(-1, asked);
    assert_refused(
        "Carte;Profil;Etat\n04A1B2C3D4E580;DP;Activé\n04A1B2C3D4E581;DP;Bloqué\n04A1B2C3D4E582;DP;Bloqué\n",
        "list.csv:3: column Etat: 'Bloqué' (2 rows): it cannot be told whether this is the state of the "
        "card or of an account",
        "say --column ignored=\"Etat\"");
    assert_refused("Carte;Profil;Remarque\n04A1B2C3D4E580;DP;badge perdu\n",
                   "list.csv:2: column Remarque: 'badge perdu' (1 row): a card seems to be lost",
                   "--column blocked=");
    assert_refused("Carte;Profil;Active\n04A1B2C3D4E580;DP;x\n04A1B2C3D4E581;DP;\n",
                   "list.csv:3: column Active: it is empty here, and yes on 1 other row", "write non");
}

static void a_cell_that_only_a_card_can_cause_settles_its_column(void **state)
{
    (void)state;
    assert_int_equal(card_count_of("Carte;Profil;Etat\n04A1B2C3D4E580;DP;Bloqué\n04A1B2C3D4E581;DP;Perdue\n"
                                   "04A1B2C3D4E582;DP;Activé\n"),
                     3);
    assert_int_equal(import.cards.cards[0].rule.flags, WHITELIST_RULE_BLOCKED);
    assert_int_equal(import.cards.cards[1].rule.flags, WHITELIST_RULE_BLOCKED);
    assert_int_equal(import.cards.cards[2].rule.flags, 0);
    assert_string_equal(import.report.notes[0], "list.csv: column Etat: blocks 2 cards");
}

static void the_office_answers_what_cannot_be_told(void **state)
{
    (void)state;
    options.by_hand[CSV_COLUMN_BLOCKED] = "Etat";
    assert_int_equal(flags_of("Etat", "Bloqué"), WHITELIST_RULE_BLOCKED);
    assert_int_equal(flags_of("Etat", "Actif"), 0);
    /* A column that is known goes on counting beside the one that is named. */
    assert_int_equal(card_count_of("Carte;Profil;Perdue;Etat\n04A1B2C3D4E580;DP;oui;\n"), 1);
    assert_int_equal(import.cards.cards[0].rule.flags, WHITELIST_RULE_BLOCKED);
    options.by_hand[CSV_COLUMN_BLOCKED] = NULL;
    options.by_hand[CSV_COLUMN_ACTIVE] = "Activé";
    assert_int_equal(flags_of("Activé", "non"), WHITELIST_RULE_BLOCKED);
    options.by_hand[CSV_COLUMN_ACTIVE] = NULL;
    options.by_hand[CSV_COLUMN_IGNORED] = "Etat";
    options.by_hand[CSV_COLUMN_IGNORED_LAST] = "Remarque";
    assert_int_equal(flags_of("Etat", "Bloqué"), -1); /* there is no column Remarque */
    assert_int_equal(card_count_of("Carte;Profil;Etat;Remarque\n04A1B2C3D4E580;DP;Bloqué;carte perdue\n"), 1);
    assert_int_equal(import.cards.cards[0].rule.flags, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_column_that_says_a_card_must_not_open_is_understood, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_state_that_lets_a_card_open_is_no_question, setup, teardown),
        cmocka_unit_test_setup_teardown(a_state_of_the_card_or_of_an_account_is_a_question, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cell_that_only_a_card_can_cause_settles_its_column, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_office_answers_what_cannot_be_told, setup, teardown),
    };
    if (site_crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
