/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_french.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/civil_date.h"

#define MONDAY_BEFORE 5 /* 2000-01-01 was a Saturday */

struct word {
    const char *word, *french;
};

static const struct word reasons[] = {
    {"unknown_card", "Carte inconnue"},
    {"blocked", "Carte bloquée (perdue ou volée)"},
    {"not_yet_valid", "Carte pas encore valable"},
    {"expired", "Carte périmée"},
    {"no_right_here", "Aucun droit à cet endroit"},
    {"random_uid", "Téléphone ou carte à numéro variable"},
    {"unreadable", "Carte illisible"},
    {"no_list", "Portillon sans liste"},
    {"list_damaged", "Liste endommagée dans le portillon"},
    {"journal_failed", "Passage impossible à enregistrer"},
    {"internal", "Panne interne du portillon"},
    {"outside_hours", "En dehors des horaires"},
    {"closed_today", "Jour de fermeture"},
    {"no_service_now", "Pas de service à cette heure"},
    {"not_this_service", "Service réservé à d'autres"},
    {"no_meal_today", "Pas de repas ce jour-là"},
    {"already_passed", "Déjà passé à ce service"},
    {"profile_off", "Catégorie suspendue (Vigipirate)"},
    {"gate_busy", "Portillon occupé"},
    {"list_rolled_back", "Liste trop ancienne dans le portillon"},
    {"shared_uid", "Numéro commun à plusieurs cartes"},
};

static const struct word words[] = {
    {"building", "bâtiment"},
    {"canteen", "restauration"},
    {"in", "entrée"},
    {"out", "sortie"},
    {"both", "entrée et sortie"},
    {"inside", "présent"},
    {"unsure", "à vérifier"},
    {"direction_unknown", "sens du portillon inconnu"},
    {"clock", "heure du portillon à vérifier"},
    {"not_confirmed", "passage non confirmé"},
    {"not_seen", "pas joint depuis plus de 24 heures"},
    {"never_seen", "jamais joint"},
    {"never_read", "passages jamais relevés"},
    {"old_list", "liste ancienne"},
    {"damaged", "blocs endommagés"},
    {"ready", "en service"},
    {"idle", "en service"},
};

static void translate(const struct word *table, size_t count, const char *cell, char out[REPORT_FRENCH_SIZE])
{
    const char *french = cell;
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].word, cell) == 0)
            french = table[i].french;
    snprintf(out, REPORT_FRENCH_SIZE, "%s", french);
}

void report_french_word(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    translate(words, sizeof words / sizeof words[0], cell, out);
}

void report_french_words(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    size_t len = 0;
    out[0] = '\0';
    while (*cell != '\0') {
        char word[REPORT_FRENCH_SIZE], french[REPORT_FRENCH_SIZE];
        size_t word_len = strcspn(cell, ",");
        snprintf(word, sizeof word, "%.*s", (int)word_len, cell);
        report_french_word(word, french);
        int more = snprintf(out + len, REPORT_FRENCH_SIZE - len, "%s%s", len > 0 ? ", " : "", french);
        len = len + (size_t)more < REPORT_FRENCH_SIZE ? len + (size_t)more : REPORT_FRENCH_SIZE - 1;
        cell += word_len;
        cell += strspn(cell, ", ");
    }
}

void report_french_reason(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    translate(reasons, sizeof reasons / sizeof reasons[0], cell, out);
}

void report_french_day(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    static const char *const days[] = {"lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."};
    const char *why;
    int32_t day;
    if (civil_date_parse(cell, strlen(cell), &day, &why) != ERR_OK || day < 0)
        snprintf(out, REPORT_FRENCH_SIZE, "%s", cell);
    else
        snprintf(out, REPORT_FRENCH_SIZE, "%s\u00A0%.2s/%.2s/%.4s", days[(day + MONDAY_BEFORE) % 7], cell + 8,
                 cell + 5, cell);
}

void report_french_moment(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    if (strlen(cell) < 16)
        snprintf(out, REPORT_FRENCH_SIZE, "%s", cell[0] != '\0' ? cell : "jamais");
    else
        snprintf(out, REPORT_FRENCH_SIZE, "%.2s/%.2s/%.4s à\u00A0%s", cell + 8, cell + 5, cell, cell + 11);
}

void report_french_as_of(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    if (strcmp(cell, "not_read_today") == 0)
        snprintf(out, REPORT_FRENCH_SIZE, "aucun portillon n'a été relevé aujourd'hui");
    else
        report_french_moment(cell, out);
}

void report_french_hour(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    snprintf(out, REPORT_FRENCH_SIZE, "%d\u00A0h", atoi(cell));
}

static void or_else(const char *cell, const char *otherwise, char out[REPORT_FRENCH_SIZE])
{
    snprintf(out, REPORT_FRENCH_SIZE, "%s", cell[0] != '\0' ? cell : otherwise);
}

void report_french_service(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    or_else(cell, "hors service", out);
}

void report_french_profile(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    or_else(cell, "inconnu", out);
}

void report_french_class(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    or_else(cell, "Sans classe", out);
}

void report_french_list(const char *cell, char out[REPORT_FRENCH_SIZE])
{
    or_else(strcmp(cell, "0") == 0 ? "" : cell, "aucune", out);
}
