/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_marks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/csv/card_state.h"

#define TEXT_SIZE   512
#define WARNING_MIN 4 /* bytes of the shortest text that warns: "lost" */

static const char neither[] = N_("is neither yes nor no: write oui, 1 or x, or non, 0 or nothing");

struct cell_text {
    char text[TEXT_SIZE];
    size_t len;
};

static void get_text(struct csv_import *import, const struct csv_cell *cell, struct cell_text *out)
{
    out->len = csv_text_convert(&import->source.text, cell->text, cell->len, out->text, sizeof out->text);
}

/* Understands a cell. A date says that it happened. */
static enum card_state_word read_cell(struct csv_import *import, const struct csv_cell *cell)
{
    struct cell_text text;
    struct civil_moment moment;
    const char *why;
    if (cell->len == 0)
        return CARD_STATE_SAYS_NOTHING;
    get_text(import, cell, &text);
    enum card_state_word says = card_state_read(text.text, text.len);
    if (says == CARD_STATE_SAYS_OTHER && civil_moment_parse(text.text, text.len, &moment, &why) == ERR_OK)
        return CARD_STATE_SAYS_DATE;
    return says;
}

static void block(struct csv_import *import, size_t column, struct whitelist_rule *rule)
{
    import->marks[column].blocked_count++;
    rule->flags |= WHITELIST_RULE_BLOCKED;
}

/* Notes a cell that cannot be understood without knowing what the column is about. */
static void ask(struct csv_import *import, const struct csv_row *row, size_t column)
{
    struct csv_mark *mark = &import->marks[column];
    struct cell_text text;
    if (mark->asked_count++ != 0)
        return;
    mark->asked_line = row->line;
    get_text(import, &row->cells[column], &text);
    text_show(text.text, text.len, mark->asked_text, sizeof mark->asked_text);
}

/* "Perdue", "Carte désactivée": yes blocks. */
static void read_blocked(struct csv_import *import, struct csv_row *row, size_t column,
                         struct whitelist_rule *rule)
{
    switch (read_cell(import, &row->cells[column])) {
    case CARD_STATE_SAYS_YES:
    case CARD_STATE_SAYS_LOST:
    case CARD_STATE_SAYS_CARD_BAD:
    case CARD_STATE_SAYS_BAD:
    case CARD_STATE_SAYS_DATE:
        rule->flags |= WHITELIST_RULE_BLOCKED;
        return;
    case CARD_STATE_SAYS_NOTHING:
    case CARD_STATE_SAYS_NO:
    case CARD_STATE_SAYS_GOOD:
        return;
    case CARD_STATE_SAYS_NEVER_USED:
    case CARD_STATE_SAYS_OTHER:
        csv_row_complain(import, row, column, _(neither));
    }
}

/* "Active", "Carte valide": no blocks. */
static void read_active(struct csv_import *import, struct csv_row *row, size_t column,
                        struct whitelist_rule *rule)
{
    struct csv_mark *mark = &import->marks[column];
    switch (read_cell(import, &row->cells[column])) {
    case CARD_STATE_SAYS_NO:
    case CARD_STATE_SAYS_LOST:
    case CARD_STATE_SAYS_CARD_BAD:
    case CARD_STATE_SAYS_BAD:
        block(import, column, rule);
        return;
    case CARD_STATE_SAYS_YES:
    case CARD_STATE_SAYS_GOOD:
        mark->yes_count++;
        return;
    case CARD_STATE_SAYS_NOTHING:
        if (mark->empty_line == 0)
            mark->empty_line = row->line;
        return;
    case CARD_STATE_SAYS_NEVER_USED:
    case CARD_STATE_SAYS_DATE:
    case CARD_STATE_SAYS_OTHER:
        csv_row_complain(import, row, column, _(neither));
    }
}

/* "Etat de la carte": words. */
static void read_card_state(struct csv_import *import, struct csv_row *row, size_t column,
                            struct whitelist_rule *rule)
{
    switch (read_cell(import, &row->cells[column])) {
    case CARD_STATE_SAYS_LOST:
    case CARD_STATE_SAYS_CARD_BAD:
    case CARD_STATE_SAYS_BAD:
        block(import, column, rule);
        return;
    case CARD_STATE_SAYS_NOTHING:
    case CARD_STATE_SAYS_GOOD:
        return;
    case CARD_STATE_SAYS_YES:
    case CARD_STATE_SAYS_NO:
    case CARD_STATE_SAYS_NEVER_USED:
    case CARD_STATE_SAYS_DATE:
    case CARD_STATE_SAYS_OTHER:
        import->marks[column].must_ask = true;
        ask(import, row, column);
    }
}

/* Returns true for the words that tell what kind of person somebody is. "Statut" may be about that. */
static bool is_about_a_person(struct csv_import *import, const struct csv_cell *cell)
{
    static const char *const kinds[] = {
        "eleve",       "etudiant",    "etudiante",  "apprenti",    "apprentie", "stagiaire",   "personnel",
        "enseignant",  "enseignante", "professeur", "prof",        "titulaire", "contractuel", "scolarise",
        "scolarisee",  "inscrit",     "inscrite",   "present",     "presente",  "boursier",    "boursiere",
        "nonboursier", "majeur",      "majeure",    "mineur",      "mineure",   "student",     "pupil",
        "staff",       "teacher",     "enrolled",   "celibataire", NULL};
    struct cell_text text;
    char word[64];
    uint8_t weekdays;
    int count;
    get_text(import, cell, &text);
    text_fold(text.text, text.len, word, sizeof word);
    return text_is_one_of(word, kinds) ||
           site_rules_find(import->options->rules, word, &weekdays, &count) >= 0;
}

/* "Etat", "Statut": of the card or of an account. */
static void read_unclear_state(struct csv_import *import, struct csv_row *row, size_t column,
                               struct whitelist_rule *rule)
{
    switch (read_cell(import, &row->cells[column])) {
    case CARD_STATE_SAYS_LOST:
    case CARD_STATE_SAYS_CARD_BAD:
        block(import, column, rule);
        return;
    case CARD_STATE_SAYS_BAD: /* blocked if a cell like the above makes this a column about cards */
        rule->flags |= WHITELIST_RULE_BLOCKED;
        ask(import, row, column);
        return;
    case CARD_STATE_SAYS_NOTHING:
    case CARD_STATE_SAYS_GOOD:
    case CARD_STATE_SAYS_NEVER_USED:
        return;
    case CARD_STATE_SAYS_OTHER:
        if (is_about_a_person(import, &row->cells[column]))
            return;
        /* fall through */
    case CARD_STATE_SAYS_YES:
    case CARD_STATE_SAYS_NO:
    case CARD_STATE_SAYS_DATE:
        import->marks[column].must_ask = true;
        ask(import, row, column);
    }
}

/* "Activé", "Actif": the card, or the account by its holder. Only a no matters. */
static void read_unclear_active(struct csv_import *import, struct csv_row *row, size_t column,
                                struct whitelist_rule *rule)
{
    switch (read_cell(import, &row->cells[column])) {
    case CARD_STATE_SAYS_LOST:
    case CARD_STATE_SAYS_CARD_BAD:
        block(import, column, rule);
        return;
    case CARD_STATE_SAYS_NO:
    case CARD_STATE_SAYS_BAD:
        rule->flags |= WHITELIST_RULE_BLOCKED;
        ask(import, row, column);
        return;
    case CARD_STATE_SAYS_NOTHING:
    case CARD_STATE_SAYS_YES:
    case CARD_STATE_SAYS_GOOD:
    case CARD_STATE_SAYS_NEVER_USED:
    case CARD_STATE_SAYS_DATE:
    case CARD_STATE_SAYS_OTHER:
        return;
    }
}

static void read_temporary(struct csv_import *import, struct csv_row *row, size_t column,
                           struct whitelist_rule *rule)
{
    enum card_state_word says = read_cell(import, &row->cells[column]);
    if (says == CARD_STATE_SAYS_YES)
        rule->flags |= WHITELIST_RULE_TEMPORARY;
    else if (says != CARD_STATE_SAYS_NOTHING && says != CARD_STATE_SAYS_NO)
        csv_row_complain(import, row, column, _(neither));
}

/* A column that is not recognised, such as a remark: nothing in it counts, but it may say that a card is
 * lost. */
static void read_other(struct csv_import *import, struct csv_row *row, size_t column)
{
    struct cell_text text;
    const struct csv_cell *cell = &row->cells[column];
    if (cell->len < WARNING_MIN || cell->len >= TEXT_SIZE)
        return;
    get_text(import, cell, &text);
    if (!card_state_warns(text.text, text.len))
        return;
    import->marks[column].must_ask = true;
    ask(import, row, column);
}

void csv_marks_read(struct csv_import *import, struct csv_row *row, struct whitelist_rule *rule)
{
    for (size_t i = 0; i < import->columns.count; i++)
        switch (import->columns.roles[i]) {
        case CSV_COLUMN_BLOCKED:
            read_blocked(import, row, i, rule);
            break;
        case CSV_COLUMN_ACTIVE:
            read_active(import, row, i, rule);
            break;
        case CSV_COLUMN_CARD_STATE:
            read_card_state(import, row, i, rule);
            break;
        case CSV_COLUMN_UNCLEAR_STATE:
            read_unclear_state(import, row, i, rule);
            break;
        case CSV_COLUMN_UNCLEAR_ACTIVE:
            read_unclear_active(import, row, i, rule);
            break;
        case CSV_COLUMN_TEMPORARY:
            read_temporary(import, row, i, rule);
            break;
        case CSV_COLUMN_OTHER:
            read_other(import, row, i);
            break;
        default:
            break;
        }
}

/* --- the end of a file --- */

static const char *file_name(const struct csv_import *import)
{
    return import->files[import->file_count - 1];
}

static void ask_about_column(struct csv_import *import, size_t column)
{
    const struct csv_mark *mark = &import->marks[column];
    const char *name = import->columns.names[column];
    uint8_t role = import->columns.roles[column];
    const char *what = role == CSV_COLUMN_OTHER ? _("a card seems to be lost or blocked, but not in a column "
                                                    "that says so")
                       : role == CSV_COLUMN_CARD_STATE
                           ? _("it cannot be told whether such a card may open")
                           : _("it cannot be told whether this is the state of the "
                               "card or of an account");
    char rows[48];
    snprintf(rows, sizeof rows, translate_count(mark->asked_count, "%" PRIu32 " row", "%" PRIu32 " rows"),
             mark->asked_count);
    const char *yes = role == CSV_COLUMN_UNCLEAR_ACTIVE ? "active" : "blocked";
    import_report_error(
        &import->report, file_name(import), mark->asked_line,
        "column %s: '%s' (%s): %s: if such cards must not open, say --column "
        "%s=\"%s\" or write 'perdue' or 'bloquée' there; if this is no concern of the gates, say "
        "--column ignored=\"%s\"",
        name, mark->asked_text, rows, what, yes, name, name);
}

/* A column of crosses: an empty cell may mean no, or that nobody filled it in. */
static void ask_about_empty_cells(struct csv_import *import, size_t column)
{
    const char *name = import->columns.names[column];
    import_report_error(&import->report, file_name(import), import->marks[column].empty_line,
                        translate_count(import->marks[column].yes_count,
                                        "column %s: it is empty here, and yes on %" PRIu32
                                        " other row: write non if such cards "
                                        "must not open, oui if they may, or say --column ignored=\"%s\"",
                                        "column %s: it is empty here, and yes on %" PRIu32
                                        " other rows: write non if such cards "
                                        "must not open, oui if they may, or say --column ignored=\"%s\""),
                        name, import->marks[column].yes_count, name);
}

void csv_marks_end(struct csv_import *import)
{
    for (size_t i = 0; i < import->columns.count; i++) {
        const struct csv_mark *mark = &import->marks[i];
        if (mark->asked_count != 0 && (mark->must_ask || mark->blocked_count == 0))
            ask_about_column(import, i);
        else if (mark->yes_count != 0 && mark->blocked_count == 0 && mark->empty_line != 0)
            ask_about_empty_cells(import, i);
        else if (mark->blocked_count != 0)
            import_report_note(&import->report, file_name(import),
                               translate_count(mark->blocked_count + mark->asked_count,
                                               "column %s: blocks %" PRIu32 " card",
                                               "column %s: blocks %" PRIu32 " cards"),
                               import->columns.names[i], mark->blocked_count + mark->asked_count);
    }
}
