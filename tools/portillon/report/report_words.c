/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/gate_word.h"

#define MONDAY_BEFORE 5 /* 2000-01-01 was a Saturday */

struct word {
    const char *word, *meaning;
};

static const struct word reasons[] = {
    {"unknown_card", N_("Unknown card")},
    {"blocked", N_("Blocked card (lost or stolen)")},
    {"not_yet_valid", N_("Card not valid yet")},
    {"expired", N_("Expired card")},
    {"no_right_here", N_("No right at this place")},
    {"random_uid", N_("Phone, or card with a changing number")},
    {"unreadable", N_("Unreadable card")},
    {"no_list", N_("Gate without a list")},
    {"list_damaged", N_("Damaged list in the gate")},
    {"journal_failed", N_("Passage that could not be recorded")},
    {"internal", N_("Internal fault of the gate")},
    {"outside_hours", N_("Outside the hours")},
    {"closed_today", N_("Closed on that day")},
    {"no_service_now", N_("No service at that time")},
    {"not_this_service", N_("Service for others")},
    {"no_meal_today", N_("No meal on that day")},
    {"already_passed", N_("Already passed at this service")},
    {"profile_off", N_("Group turned off (Vigipirate)")},
    {"gate_busy", N_("Gate busy")},
    {"list_rolled_back", N_("List in the gate too old")},
    {"shared_uid", N_("Number that several cards have")},
    {"other_chip", N_("Listed number on another kind of card")},
    {"method_too_weak", N_("Card too easy to copy for this place")},
    {"not_authentic", N_("Card without the school's key")},
    {"pass_not_valid", N_("Pass for another day, zone or meal")},
};

static const struct word words[] = {
    {"inside", N_("present")},
    {"unsure", N_("to be checked")},
    {"direction_unknown", N_("direction of the gate not known")},
    {"clock", N_("time of the gate to be checked")},
    {"not_confirmed", N_("passage not confirmed")},
    {"not_seen", N_("not reached for more than 24 hours")},
    {"never_seen", N_("never reached")},
    {"never_read", N_("passages never fetched")},
    {"old_list", N_("older list")},
    {"damaged", N_("damaged blocks")},
};

static const struct word methods[] = {
    {"uid", N_("number of the card")},  {"uid+", N_("number and chip of the card")},
    {"desfire", N_("key of the card")}, {"qr", N_("printed code")},
    {"pass", N_("pass for a day")},
};

static void find_word(const struct word *table, size_t count, const char *cell, char out[REPORT_WORDS_SIZE])
{
    const char *meaning = gate_word(cell);
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].word, cell) == 0)
            meaning = translate(table[i].meaning);
    snprintf(out, REPORT_WORDS_SIZE, "%s", meaning);
}

void report_words_word(const char *cell, char out[REPORT_WORDS_SIZE])
{
    find_word(words, sizeof words / sizeof words[0], cell, out);
}

void report_words_words(const char *cell, char out[REPORT_WORDS_SIZE])
{
    size_t len = 0;
    out[0] = '\0';
    while (*cell != '\0') {
        char word[REPORT_WORDS_SIZE], meaning[REPORT_WORDS_SIZE];
        size_t word_len = strcspn(cell, ",");
        snprintf(word, sizeof word, "%.*s", (int)word_len, cell);
        report_words_word(word, meaning);
        int more = snprintf(out + len, REPORT_WORDS_SIZE - len, "%s%s", len > 0 ? ", " : "", meaning);
        len = len + (size_t)more < REPORT_WORDS_SIZE ? len + (size_t)more : REPORT_WORDS_SIZE - 1;
        cell += word_len;
        cell += strspn(cell, ", ");
    }
}

void report_words_reason(const char *cell, char out[REPORT_WORDS_SIZE])
{
    find_word(reasons, sizeof reasons / sizeof reasons[0], cell, out);
}

void report_words_method(const char *cell, char out[REPORT_WORDS_SIZE])
{
    find_word(methods, sizeof methods / sizeof methods[0], cell, out);
}

void report_words_day(const char *cell, char out[REPORT_WORDS_SIZE])
{
    static const char *const days[] = {N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"),
                                       N_("Fri"), N_("Sat"), N_("Sun")};
    const char *why;
    int32_t day;
    if (civil_date_parse(cell, strlen(cell), &day, &why) != ERR_OK || day < 0)
        snprintf(out, REPORT_WORDS_SIZE, "%s", cell);
    else
        snprintf(out, REPORT_WORDS_SIZE, _("%s %.4s-%.2s-%.2s"), translate(days[(day + MONDAY_BEFORE) % 7]),
                 cell, cell + 5, cell + 8);
}

/* The cell has a day, "2026-11-23". */
void report_words_short_day(const char *cell, char out[REPORT_WORDS_SIZE])
{
    snprintf(out, REPORT_WORDS_SIZE, _("%.2s-%.2s"), cell + 5, cell + 8);
}

void report_words_moment(const char *cell, char out[REPORT_WORDS_SIZE])
{
    if (strlen(cell) < 16)
        snprintf(out, REPORT_WORDS_SIZE, "%s", cell[0] != '\0' ? cell : _("never"));
    else
        snprintf(out, REPORT_WORDS_SIZE, _("%.4s-%.2s-%.2s %s"), cell, cell + 5, cell + 8, cell + 11);
}

void report_words_as_of(const char *cell, char out[REPORT_WORDS_SIZE])
{
    if (strcmp(cell, "not_read_today") == 0)
        snprintf(out, REPORT_WORDS_SIZE, "%s", _("no gate was read today"));
    else
        report_words_moment(cell, out);
}

void report_words_hour(const char *cell, char out[REPORT_WORDS_SIZE])
{
    snprintf(out, REPORT_WORDS_SIZE, _("%d:00"), atoi(cell));
}

static void or_else(const char *cell, const char *otherwise, char out[REPORT_WORDS_SIZE])
{
    snprintf(out, REPORT_WORDS_SIZE, "%s", cell[0] != '\0' ? cell : otherwise);
}

void report_words_service(const char *cell, char out[REPORT_WORDS_SIZE])
{
    or_else(cell, _("outside services"), out);
}

void report_words_profile(const char *cell, char out[REPORT_WORDS_SIZE])
{
    or_else(cell, _("category not known"), out);
}

void report_words_class(const char *cell, char out[REPORT_WORDS_SIZE])
{
    or_else(cell, _("Without a class"), out);
}

void report_words_list(const char *cell, char out[REPORT_WORDS_SIZE])
{
    or_else(strcmp(cell, "0") == 0 ? "" : cell, _("no list"), out);
}

void report_words_person(const char *cell, char out[REPORT_WORDS_SIZE])
{
    size_t len = strlen(REPORT_WORDS_NO_NAME);
    if (strncmp(cell, REPORT_WORDS_NO_NAME, len) == 0)
        snprintf(out, REPORT_WORDS_SIZE, _("? (card %.*s)"), (int)strcspn(cell + len, ")"), cell + len);
    else
        snprintf(out, REPORT_WORDS_SIZE, "%s", cell);
}

const char *report_words_cell(const struct report_column *column, const struct report_cell *cell,
                              char out[REPORT_WORDS_SIZE])
{
    char digits[24];
    if (column->words == NULL || cell->kind == REPORT_NONE)
        return report_cell_text(cell, out);
    column->words(report_cell_text(cell, digits), out);
    return out;
}
