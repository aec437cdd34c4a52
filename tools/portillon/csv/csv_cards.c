/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_cards.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "firmware/crypto/credential.h"
#include "firmware/crypto/tag.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/csv/csv_header.h"
#include "tools/portillon/csv/csv_marks.h"
#include "tools/portillon/csv/csv_none.h"
#include "tools/portillon/csv/csv_register.h"
#include "tools/portillon/csv/csv_row.h"
#include "tools/portillon/csv/desfire_id.h"

#define NAMES_MAX   400
#define NUMBER_SIZE 128 /* more than any card number needs */
#define COUNT_SIZE  64

static const char *file_name(const struct csv_import *import)
{
    return import->files[import->file_count - 1];
}

void csv_cards_begin(struct csv_import *import, const char *name)
{
    import->files[import->file_count++] = name;
    import->have_header = false;
    import->columns.count = 0;
    import->no_card_count = import->stranger_count = 0;
    import->short_line = 0;
    memset(import->marks, 0, sizeof import->marks);
}

static const char *what_is_not_text(const struct csv_import *import, const struct csv_cell *cell)
{
    if (memchr(cell->text, '\0', cell->len) != NULL)
        return _("a NUL byte: the file is damaged, or not text: export it again");
    return import->source.text.encoding == CSV_ENCODING_UTF8
               ? _("bytes that are not UTF-8: save the file as UTF-8, or say --encoding windows-1252")
               : _("bytes that are not Windows-1252: save the file as UTF-8");
}

/* Returns a hint for the message: the encoding was found by the letters, and may be another. */
static const char *hint_at_encoding(const struct csv_import *import, const struct csv_row *row)
{
    bool ascii = true;
    for (size_t i = 0; i < row->cell_count; i++)
        for (size_t at = 0; at < row->cells[i].len; at++)
            ascii = ascii && (unsigned char)row->cells[i].text[at] < 0x80;
    return import->source.text.encoding != CSV_ENCODING_UTF8 && !ascii
               ? _(" (if accents are wrong here, save the file as \"CSV UTF-8\", or say --encoding)")
               : "";
}

static int read_header(struct csv_import *import, struct csv_row *row)
{
    char why[CSV_COLUMNS_WHY_MAX], list[NAMES_MAX];

    import->have_header = true; /* the row was met, right or wrong */
    while (row->cell_count > 0 && row->cells[row->cell_count - 1].len == 0)
        row->cell_count--; /* empty columns at the right, left by a spreadsheet */
    for (size_t i = 0; i < row->cell_count; i++)
        if (!csv_text_is_valid(&import->source.text, row->cells[i].text, row->cells[i].len)) {
            import_report_error(&import->report, file_name(import), row->line, "column %zu: %s", i + 1,
                                what_is_not_text(import, &row->cells[i]));
            return ERR_ARGUMENT;
        }
    int error = csv_header_read(&import->columns, &import->source.text, row->cells, row->cell_count,
                                import->options->by_hand, why);
    if (error == ERR_OK && !import->options->people_only)
        error = csv_columns_need_card(&import->columns, why);
    if (error == ERR_OK && !csv_register_joins(import)) /* only a register can give the profile instead */
        error = csv_columns_need_profile(&import->columns, why);
    if (error != ERR_OK) {
        import_report_error(&import->report, file_name(import), row->line, "%s%s", why,
                            hint_at_encoding(import, row));
        return ERR_ARGUMENT;
    }
    size_t count = csv_columns_list(&import->columns, CSV_COLUMN_PIN, list, sizeof list);
    if (count > 0)
        import_report_note(
            &import->report, file_name(import),
            translate_count(count,
                            "column %s: dropped: access control does not depend on secret codes "
                            "or account states",
                            "columns %s: dropped: access control does not depend on secret codes "
                            "or account states"),
            list);
    count = csv_columns_list(&import->columns, CSV_COLUMN_OTHER, list, sizeof list);
    if (count > 0)
        import_report_note(&import->report, file_name(import),
                           translate_count(count, "column not recognised, ignored: %s",
                                           "columns not recognised, ignored: %s"),
                           list);
    return ERR_OK;
}

/* Gives the row the empty cells that spreadsheets leave out at its end. */
static void fill_up(struct csv_import *import, struct csv_row *row)
{
    size_t count = row->cell_count;
    memcpy(import->filled_up, row->cells, count * sizeof *row->cells);
    while (count < import->columns.count)
        import->filled_up[count++] = (struct csv_cell){.text = ""};
    import->short_line = row->line;
    import->short_cells = row->cell_count;
    row->cells = import->filled_up;
    row->cell_count = count;
}

static void complain_of_more_cells(struct csv_import *import, struct csv_row *row)
{
    char letters[4], cells[COUNT_SIZE], columns[COUNT_SIZE];
    size_t count = import->columns.count;
    table_column_letters((uint32_t)row->cell_count - 1, letters);
    snprintf(cells, sizeof cells, translate_count(row->cell_count, "%zu cell", "%zu cells"), row->cell_count);
    snprintf(columns, sizeof columns, translate_count(count, "%zu column", "%zu columns"), count);
    row->bad = true;
    if (import->source.is_sheet)
        import_report_error(&import->report, file_name(import), row->line,
                            "something stands in column %s, which has no name: name it, or empty the cell",
                            letters);
    else
        import_report_error(
            &import->report, file_name(import), row->line,
            "the row has %s, but the header has %s: a delimiter or a quote too many, or one too "
            "few in the header",
            cells, columns);
}

/* Checks that the row has no more cells than the header, and that every cell is text. */
static void check_cells(struct csv_import *import, struct csv_row *row)
{
    size_t expected = import->columns.count;
    char column[CSV_ROW_COLUMN_SIZE];
    while (row->cell_count > expected && row->cells[row->cell_count - 1].len == 0)
        row->cell_count--;
    import->short_line = 0;
    if (row->cell_count < expected)
        fill_up(import, row);
    if (row->cell_count != expected) {
        complain_of_more_cells(import, row);
        return;
    }
    for (size_t i = 0; i < expected; i++)
        if (!csv_text_is_valid(&import->source.text, row->cells[i].text, row->cells[i].len)) {
            csv_row_column(import, i, column);
            import_report_error(&import->report, file_name(import), row->line, "column %s: %s", column,
                                what_is_not_text(import, &row->cells[i]));
            row->bad = true;
            return;
        }
}

/* Converts the cell of a column that the file has. Returns the length. */
static size_t get_number(struct csv_import *import, const struct csv_row *row, enum csv_column role,
                         char text[NUMBER_SIZE])
{
    const struct csv_cell *cell = &row->cells[import->columns.first[role]];
    return csv_text_convert(&import->source.text, cell->text, cell->len, text, NUMBER_SIZE);
}

/* Returns false when the row has nothing in a column: "NULL", less than a number of zeros, and so on. */
static bool has_number(struct csv_import *import, const struct csv_row *row, enum csv_column role,
                       size_t zeros_of_a_number)
{
    char text[NUMBER_SIZE];
    if (import->columns.first[role] < 0)
        return false;
    size_t len = get_number(import, row, role, text);
    return !csv_none_is(text, len) && (len >= zeros_of_a_number || !csv_none_is_zero(text, len));
}

static bool has_uid(struct csv_import *import, const struct csv_row *row)
{
    return has_number(import, row, CSV_COLUMN_CARD, 8);
}

static bool has_desfire_id(struct csv_import *import, const struct csv_row *row)
{
    return has_number(import, row, CSV_COLUMN_DESFIRE, 2);
}

/* Refuses a number that a spreadsheet has stored without its last digits. */
static void check_digits(struct csv_import *import, struct csv_row *row, enum csv_column role)
{
    int column = import->columns.first[role];
    if (column >= 0 && row->cells[column].inexact)
        csv_row_complain(
            import, row, (size_t)column,
            _("is stored as a number, and a spreadsheet keeps 15 digits of a number: the last ones may "
              "be lost: format the column as text, and bring the numbers in again"));
}

/* Adds one to the entries of a row. */
static struct card_origin *new_entry(struct csv_import *import, const struct csv_row *row,
                                     enum credential_method method, struct csv_row_cards *cards)
{
    struct card_origin *origin = &cards->at[cards->count].origin;
    cards->at[cards->count++].method = method;
    *origin = (struct card_origin){.file = (uint8_t)(import->file_count - 1), .line = row->line};
    return origin;
}

static void read_uid(struct csv_import *import, struct csv_row *row, struct csv_row_cards *cards)
{
    char why[CARD_NUMBER_WHY_MAX], text[NUMBER_SIZE];
    size_t column = (size_t)import->columns.first[CSV_COLUMN_CARD],
           len = get_number(import, row, CSV_COLUMN_CARD, text);
    struct card_origin *origin = new_entry(import, row, CREDENTIAL_UID, cards);
    card_survey_number(&import->survey, text, len, row->cells[column].marked, file_name(import), row->line,
                       import->columns.names[column]);
    if (card_number_parse(&import->options->notation, text, len, origin->id, &origin->id_len, why) != ERR_OK)
        csv_row_complain(import, row, column, why);
    else
        card_survey_uid(&import->survey, origin->id, origin->id_len);
}

static void read_desfire_id(struct csv_import *import, struct csv_row *row, struct csv_row_cards *cards)
{
    char why[CARD_NUMBER_WHY_MAX], text[NUMBER_SIZE];
    const struct whitelist_tables *tables = &import->options->rules->tables;
    struct card_origin *origin = new_entry(import, row, CREDENTIAL_DESFIRE, cards);
    get_number(import, row, CSV_COLUMN_DESFIRE, text);
    if (desfire_id_parse(tables->application_count != 0 ? &tables->applications[0] : NULL, text, origin->id,
                         &origin->id_len, why) != ERR_OK)
        csv_row_complain(import, row, (size_t)import->columns.first[CSV_COLUMN_DESFIRE], why);
}

/* Returns true when two rows say that they are about one person: by the same id, or without ids by the same
 * name. */
static bool is_same_person(const struct card_origin *a, const struct card_origin *b)
{
    if (a->person_id != 0 && b->person_id != 0)
        return a->person_id == b->person_id;
    return a->person_name != 0 && a->person_name == b->person_name;
}

/* Reports a card that is given twice. When it is blocked in one place and not in the other, only the office
 * can say which is right, so the message asks. */
static void complain_of_twin(struct csv_import *import, struct csv_row *row, enum csv_column role,
                             const struct whitelist_rule *rule, const struct card_origin *earlier)
{
    char where[280], why[600];
    bool blocked_before =
        import->cards.cards[earlier - import->cards.origins].rule.flags & WHITELIST_RULE_BLOCKED;
    bool blocked = rule->flags & WHITELIST_RULE_BLOCKED;
    if (earlier->file == (uint8_t)(import->file_count - 1))
        snprintf(where, sizeof where, "%s %" PRIu32, csv_row_word(import), earlier->line);
    else
        snprintf(where, sizeof where, _("%s %" PRIu32 " of %.200s"), csv_row_word(import), earlier->line,
                 import->files[earlier->file]);
    snprintf(why, sizeof why,
             blocked == blocked_before
                 ? _("this card is already on %s: a card belongs to one person: delete one of the two rows")
             : blocked
                 ? _("this card is blocked here and good on %s: if it is lost, delete the row that is not "
                     "blocked; if it was found again, the one that is")
                 : _("this card is good here and blocked on %s: if it is lost, delete the row that is not "
                     "blocked; if it was found again, the one that is"),
             where);
    csv_row_complain(import, row, (size_t)import->columns.first[role], why);
}

static bool is_same_rule(const struct whitelist_rule *a, const struct whitelist_rule *b)
{
    return a->profile == b->profile && a->flags == b->flags && a->weekdays == b->weekdays &&
           a->passages == b->passages && a->first_day == b->first_day && a->last_day == b->last_day;
}

/* Computes the pseudonym of an entry. */
static int find_tag(struct csv_import *import, const struct card_origin *origin,
                    enum credential_method method, struct tag *tag)
{
    struct credential credential;
    const struct whitelist_tables *tables = &import->options->rules->tables;
    int error =
        method == CREDENTIAL_DESFIRE
            ? credential_from_desfire(&credential, tables->applications[0].aid, origin->id, origin->id_len)
            : credential_from_uid(&credential, origin->id, origin->id_len);
    if (error == ERR_OK)
        error = tag_from_credential_under(tag, &import->tag_key, &credential);
    return error == ERR_OK ? ERR_OK : ERR_CRYPTO;
}

/* Adds an entry to the cards of the import. *is_known: an earlier row of the same person says the same. */
static int add_entry(struct csv_import *import, struct csv_row *row, const struct list_builder_card *card,
                     const struct card_origin *origin, enum csv_column role, bool *is_known)
{
    const struct card_origin *earlier;
    int error = card_register_add(&import->cards, card, origin, &earlier);
    *is_known = false;
    if (error != ERR_ARGUMENT)
        return error;
    const struct whitelist_rule *rule = &import->cards.cards[earlier - import->cards.origins].rule;
    *is_known = is_same_person(origin, earlier) && is_same_rule(rule, &card->rule);
    if (!*is_known)
        complain_of_twin(import, row, role, &card->rule, earlier);
    return ERR_OK;
}

/* Gives an entry its rule and its holder. An identifier beside a UID counts as that UID, so that one meal
 * stays one meal. */
static int complete_entry(struct csv_import *import, const struct csv_row *row, struct csv_row_cards *cards,
                          uint8_t number)
{
    struct list_builder_card *card = &cards->at[number].card;
    struct card_origin *origin = &cards->at[number].origin;
    card->rule = cards->rule;
    csv_row_identify(import, row, origin);
    if (number > 0) {
        card->rule.flags |= WHITELIST_RULE_COUNTS_AS_UID;
        origin->counts_as_uid = true;
        origin->uid_tag = cards->at[0].card.tag;
    }
    return find_tag(import, origin, cards->at[number].method, &card->tag);
}

static int add_cards(struct csv_import *import, struct csv_row *row, struct csv_row_cards *cards)
{
    uint8_t known = 0;
    int error = ERR_OK;
    for (uint8_t i = 0; i < cards->count && error == ERR_OK; i++) {
        bool is_known = false;
        error = complete_entry(import, row, cards, i);
        if (error == ERR_OK)
            error = add_entry(
                import, row, &cards->at[i].card, &cards->at[i].origin,
                cards->at[i].method == CREDENTIAL_DESFIRE ? CSV_COLUMN_DESFIRE : CSV_COLUMN_CARD, &is_known);
        known += is_known;
    }
    row->repeated = known == cards->count;
    import->twin_count += row->repeated; /* a row for each guardian, for example */
    return error;
}

/* Keeps the validity of a card within that of its holder. */
static void keep_within(struct whitelist_rule *rule, const struct whitelist_rule *holder)
{
    if (rule->first_day < holder->first_day)
        rule->first_day = holder->first_day;
    if (rule->last_day > holder->last_day)
        rule->last_day = holder->last_day;
}

/* Reads the rights of a row: its own, or those of the pupil in the register. A pupil who has left has none,
 * whatever the row says. */
static void read_rights(struct csv_import *import, struct csv_row *row, struct whitelist_rule *rule)
{
    struct pupil *pupil = row->pupil = csv_register_find(import, row);
    if (pupil != NULL)
        *rule = pupil->rule;
    if (csv_row_has_profile(import, row) || (pupil == NULL && !csv_register_joins(import)))
        csv_row_profile(import, row, rule);
    csv_row_bounds(import, row, rule);
    if (pupil != NULL)
        keep_within(rule, &pupil->rule);
    import->joined_count += pupil != NULL;
    row->bad = row->bad || (pupil != NULL && pupil->bad);
    row->left = pupil != NULL && pupil->left;
    if (row->stranger && import->stranger_count++ == 0)
        import->stranger_line = row->line;
}

static int tell_person(struct csv_import *import, struct csv_row *row, const struct csv_row_cards *cards)
{
    struct csv_person person;
    if (import->options->on_person == NULL || row->bad || row->repeated)
        return ERR_OK;
    import->holder = row->pupil;
    if (row->pupil != NULL)
        csv_register_person(row->pupil, &person);
    else
        csv_row_person(import, row, &person);
    return import->options->on_person(import->options->person_ctx, &person, cards);
}

/* Takes a pupil who waits for a card. Only the office's store needs this row. */
static int take_person_without_card(struct csv_import *import, struct csv_row *row,
                                    struct csv_row_cards *cards)
{
    if (import->no_card_count++ == 0)
        import->no_card_line = row->line;
    if (import->options->on_person == NULL)
        return ERR_OK;
    check_digits(import, row, CSV_COLUMN_PERSON_ID);
    if (row->bad)
        return ERR_OK;
    read_rights(import, row, &cards->rule);
    return row->left || row->stranger ? ERR_OK : tell_person(import, row, cards);
}

/* Reads what the row says of the card: its numbers and rights. */
static void read_card(struct csv_import *import, struct csv_row *row, struct csv_row_cards *cards)
{
    if (has_uid(import, row))
        read_uid(import, row, cards);
    if (has_desfire_id(import, row))
        read_desfire_id(import, row, cards);
    read_rights(import, row, &cards->rule);
}

static int take_card(struct csv_import *import, struct csv_row *row, struct csv_row_cards *cards)
{
    check_digits(import, row, CSV_COLUMN_CARD);
    check_digits(import, row, CSV_COLUMN_DESFIRE);
    check_digits(import, row, CSV_COLUMN_PERSON_ID);
    if (row->bad)
        return ERR_OK;
    read_card(import, row, cards);
    if (row->left && !row->bad) {
        import->left_card_count += cards->count;
        return ERR_OK;
    }
    if (row->stranger)
        return ERR_OK;
    csv_marks_read(import, row, &cards->rule);
    int error = row->bad ? ERR_OK : add_cards(import, row, cards);
    if (row->pupil != NULL)
        row->pupil->has_card = true;
    return error == ERR_OK ? tell_person(import, row, cards) : error;
}

int csv_cards_row(void *ctx, uint32_t line, const struct csv_cell *cells, size_t cell_count)
{
    struct csv_import *import = ctx;
    struct csv_row row = {.line = line, .cells = cells, .cell_count = cell_count};
    struct csv_row_cards cards = {.rule = {.weekdays = WHITELIST_EVERY_DAY,
                                           .first_day = WHITELIST_NO_FIRST_DAY,
                                           .last_day = WHITELIST_NO_LAST_DAY,
                                           .passages = 1}};

    if (!import->have_header)
        return read_header(import, &row);
    check_cells(import, &row);
    if (row.bad)
        return ERR_OK;
    return has_uid(import, &row) || has_desfire_id(import, &row)
               ? take_card(import, &row, &cards)
               : take_person_without_card(import, &row, &cards);
}

static void note_rows_without_card(struct csv_import *import)
{
    if (import->options->people_only || (import->have_header && !csv_columns_have_card(&import->columns)))
        return; /* the people are taken */
    if (import->no_card_count == 1)
        import_report_note(&import->report, file_name(import), "%s %" PRIu32 " has no card number: left out",
                           csv_row_word(import), import->no_card_line);
    else if (import->no_card_count > 1)
        import_report_note(&import->report, file_name(import),
                           "%" PRIu32 " rows have no card number (the first is %s %" PRIu32 "): left out",
                           import->no_card_count, csv_row_word(import), import->no_card_line);
}

static void note_strangers(struct csv_import *import)
{
    if (import->stranger_count != 0)
        import_report_note(
            &import->report, file_name(import),
            translate_count(
                import->stranger_count,
                "%" PRIu32 " row is of nobody in the register (the first is %s %" PRIu32 "): left out",
                "%" PRIu32 " rows are of nobody in the register (the first is %s %" PRIu32 "): left out"),
            import->stranger_count, csv_row_word(import), import->stranger_line);
}

void csv_cards_end(struct csv_import *import)
{
    note_strangers(import);
    csv_marks_end(import);
    note_rows_without_card(import);
}
