/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_import.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "firmware/crypto/credential.h"
#include "firmware/crypto/tag.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/csv/csv_header.h"
#include "tools/portillon/csv/csv_row.h"

#define NAMES_MAX   400
#define SUSPECT_MIN 8 /* cards from which a notation that fits none of them is reported as wrong */

/* Result of a row callback: the header has an error that was reported, so the rest of the file cannot be
 * read. */
#define HEADER_REFUSED ERR_ARGUMENT

void csv_import_init(struct csv_import *import, const struct csv_import_options *options,
                     const uint8_t tag_key[IDENTITY_TAG_KEY_LEN])
{
    memset(import, 0, sizeof *import);
    import->options = options;
    crypto_hmac_key_init(&import->tag_key, tag_key, IDENTITY_TAG_KEY_LEN);
}

void csv_import_free(struct csv_import *import)
{
    card_register_free(&import->cards);
    crypto_wipe(&import->tag_key, sizeof import->tag_key);
}

static const char *file_name(const struct csv_import *import)
{
    return import->files[import->file_count - 1];
}

static const char *what_is_not_text(const struct csv_import *import, const struct csv_cell *cell)
{
    if (memchr(cell->text, '\0', cell->len) != NULL)
        return "a NUL byte: the file is damaged, or not text: export it again";
    return import->text.encoding == CSV_ENCODING_UTF8
               ? "bytes that are not UTF-8: save the file as UTF-8, or say --encoding windows-1252"
               : "bytes that are not Windows-1252: save the file as UTF-8";
}

/* Returns a hint for the message. Bytes that are not UTF-8 are read as Windows-1252, but other encodings
 * exist (Mac OS Roman, DOS). */
static const char *hint_at_encoding(const struct csv_import *import, const struct csv_row *row)
{
    bool ascii = true;
    for (size_t i = 0; i < row->cell_count; i++)
        for (size_t at = 0; at < row->cells[i].len; at++)
            ascii = ascii && (unsigned char)row->cells[i].text[at] < 0x80;
    return import->text.encoding == CSV_ENCODING_WINDOWS_1252 && !ascii
               ? " (if accents are wrong here, save the file as \"CSV UTF-8\")"
               : "";
}

static int read_header(struct csv_import *import, struct csv_row *row)
{
    char why[CSV_COLUMNS_WHY_MAX], list[NAMES_MAX];

    import->have_header = true;
    while (row->cell_count > 0 && row->cells[row->cell_count - 1].len == 0)
        row->cell_count--; /* empty columns at the right, left by a spreadsheet */
    for (size_t i = 0; i < row->cell_count; i++)
        if (!csv_text_is_valid(&import->text, row->cells[i].text, row->cells[i].len)) {
            import_report_error(&import->report, file_name(import), row->line, "column %zu: %s", i + 1,
                                what_is_not_text(import, &row->cells[i]));
            return HEADER_REFUSED;
        }
    if (csv_header_read(&import->columns, &import->text, row->cells, row->cell_count,
                        import->options->by_hand, why) != ERR_OK) {
        import_report_error(&import->report, file_name(import), row->line, "%s%s", why,
                            hint_at_encoding(import, row));
        return HEADER_REFUSED;
    }
    size_t count = csv_columns_list(&import->columns, CSV_COLUMN_PIN, list, sizeof list);
    if (count > 0)
        import_report_note(&import->report, file_name(import),
                           "%s %s: dropped: access control does not depend on secret codes or account states",
                           count == 1 ? "column" : "columns", list);
    count = csv_columns_list(&import->columns, CSV_COLUMN_OTHER, list, sizeof list);
    if (count > 0)
        import_report_note(&import->report, file_name(import), "%s not recognised, ignored: %s",
                           count == 1 ? "column" : "columns", list);
    return ERR_OK;
}

/* Checks that the row has as many cells as the header, and that every cell is text. */
static void check_cells(struct csv_import *import, struct csv_row *row)
{
    size_t expected = import->columns.count;
    while (row->cell_count > expected && row->cells[row->cell_count - 1].len == 0)
        row->cell_count--;
    if (row->cell_count != expected) {
        import_report_error(
            &import->report, file_name(import), row->line,
            "the row has %zu of the header's %zu columns: a delimiter or a quote too many or too few, or "
            "the line is cut off",
            row->cell_count, expected);
        row->bad = true;
        return;
    }
    for (size_t i = 0; i < expected; i++)
        if (!csv_text_is_valid(&import->text, row->cells[i].text, row->cells[i].len)) {
            import_report_error(&import->report, file_name(import), row->line, "column %s: %s",
                                import->columns.names[i], what_is_not_text(import, &row->cells[i]));
            row->bad = true;
            return;
        }
}

/* Counts the kinds of card numbers: see csv_import_finish. */
static void observe_number(struct csv_import *import, const struct csv_cell *cell)
{
    unsigned head = 0, tail = 0;
    bool letters = false, digits = cell->len == 8;
    for (size_t i = 0; i < cell->len; i++) {
        bool digit = cell->text[i] >= '0' && cell->text[i] <= '9';
        letters = letters || (cell->text[i] | 0x20) >= 'a';
        digits = digits && digit;
        if (digits && i < 3)
            head = head * 10 + (unsigned)(cell->text[i] - '0');
        else if (digits)
            tail = tail * 10 + (unsigned)(cell->text[i] - '0');
    }
    import->row_count++;
    import->letter_count += letters;
    import->digits_count += digits;
    import->wiegand_count += digits && head <= 255 && tail <= 65535;
}

static void read_card(struct csv_import *import, struct csv_row *row, struct card_origin *origin)
{
    char why[CARD_NUMBER_WHY_MAX];
    size_t column = (size_t)import->columns.first[CSV_COLUMN_CARD];
    const struct csv_cell *cell = &row->cells[column];
    observe_number(import, cell);
    origin->file = (uint8_t)(import->file_count - 1);
    origin->line = row->line;
    if (card_number_parse(&import->options->notation, cell->text, cell->len, origin->uid, &origin->uid_len,
                          why) != ERR_OK)
        csv_row_complain(import, row, column, why);
}

/* Reports a card that is given twice. When it is blocked in one place and not in the other, only the office
 * can say which is right, so the message asks. */
static void complain_of_twin(struct csv_import *import, struct csv_row *row,
                             const struct whitelist_rule *rule, const struct card_origin *earlier)
{
    char where[260], why[560];
    bool blocked_before =
        import->cards.cards[earlier - import->cards.origins].rule.flags & WHITELIST_RULE_BLOCKED;
    bool blocked = rule->flags & WHITELIST_RULE_BLOCKED;
    snprintf(where, sizeof where, "line %" PRIu32 "%s%.200s", earlier->line,
             earlier->file == (uint8_t)(import->file_count - 1) ? "" : " of ",
             earlier->file == (uint8_t)(import->file_count - 1) ? "" : import->files[earlier->file]);
    if (blocked == blocked_before)
        snprintf(why, sizeof why,
                 "this card is already on %s: a card belongs to one person: delete one of the two rows",
                 where);
    else
        snprintf(why, sizeof why,
                 "this card is %s here and %s on %s: if it is lost, delete the row that is not blocked; if "
                 "it was found "
                 "again, the one that is",
                 blocked ? "blocked" : "good", blocked ? "good" : "blocked", where);
    csv_row_complain(import, row, (size_t)import->columns.first[CSV_COLUMN_CARD], why);
}

static int add_card(struct csv_import *import, struct csv_row *row, struct list_builder_card *card,
                    const struct card_origin *origin)
{
    struct credential credential;
    const struct card_origin *earlier;

    int error = credential_from_uid(&credential, origin->uid, origin->uid_len);
    if (error == ERR_OK)
        error = tag_from_credential_under(&card->tag, &import->tag_key, &credential);
    if (error != ERR_OK)
        return ERR_CRYPTO;
    error = card_register_add(&import->cards, card, origin, &earlier);
    if (error != ERR_ARGUMENT)
        return error;
    complain_of_twin(import, row, &card->rule, earlier);
    return ERR_OK;
}

static int tell_person(struct csv_import *import, struct csv_row *row, const struct list_builder_card *card,
                       bool has_card)
{
    struct csv_person person;
    if (import->options->on_person == NULL || row->bad)
        return ERR_OK;
    csv_row_person(import, row, &person);
    return import->options->on_person(import->options->person_ctx, &person, card, has_card);
}

/* Takes a pupil who waits for a card. Only the office's store needs this row. */
static int take_person_without_card(struct csv_import *import, struct csv_row *row,
                                    struct list_builder_card *card)
{
    if (import->no_card_count++ == 0)
        import->no_card_line = row->line;
    if (import->options->on_person != NULL)
        csv_row_rule(import, row, &card->rule);
    return tell_person(import, row, card, false);
}

static int on_row(void *ctx, uint32_t line, const struct csv_cell *cells, size_t cell_count)
{
    struct csv_import *import = ctx;
    struct csv_row row = {.line = line, .cells = cells, .cell_count = cell_count};
    struct list_builder_card card = {.rule = {.weekdays = WHITELIST_EVERY_DAY,
                                              .first_day = WHITELIST_NO_FIRST_DAY,
                                              .last_day = WHITELIST_NO_LAST_DAY,
                                              .passages = 1}};
    struct card_origin origin = {0};

    if (!import->have_header)
        return read_header(import, &row);
    check_cells(import, &row);
    if (row.bad)
        return ERR_OK;
    if (cells[import->columns.first[CSV_COLUMN_CARD]].len == 0)
        return take_person_without_card(import, &row, &card);
    read_card(import, &row, &origin);
    csv_row_rule(import, &row, &card.rule);
    int error = row.bad ? ERR_OK : add_card(import, &row, &card, &origin);
    return error == ERR_OK ? tell_person(import, &row, &card, true) : error;
}

static void on_progress(void *ctx, size_t done)
{
    const struct csv_import_options *options = ((struct csv_import *)ctx)->options;
    if (options->on_progress != NULL)
        options->on_progress(options->progress_ctx, done);
}

static int read_rows(struct csv_import *import, const char *data, size_t len)
{
    struct csv_rows_reader reader = {.on_row = on_row,
                                     .on_progress = on_progress,
                                     .blanks = csv_text_blanks(&import->text),
                                     .ctx = import};
    struct csv_rows_fault fault;
    size_t header = csv_header_find(&import->text, data, len, import->options->by_hand, &reader.lines_before);
    if (reader.lines_before != 0)
        import_report_note(&import->report, file_name(import),
                           "the columns are named in line %" PRIu32 "; what stands above is left out",
                           reader.lines_before + 1);

    int error = csv_rows_read(data + header, len - header, &reader, &fault);
    if (error == ERR_FORMAT && import->have_header && fault.cell < import->columns.count)
        import_report_error(&import->report, file_name(import), fault.line, "column %s: %s",
                            import->columns.names[fault.cell], fault.why);
    else if (error == ERR_FORMAT)
        import_report_error(&import->report, file_name(import), fault.line, "column %zu: %s", fault.cell + 1,
                            fault.why);
    else if (error == ERR_OK && !import->have_header)
        import_report_error(&import->report, file_name(import), 0,
                            "is empty: a first line with the names of the columns is needed");
    return error == ERR_FORMAT || error == HEADER_REFUSED ? ERR_OK : error;
}

static void note_rows_without_card(struct csv_import *import)
{
    if (import->no_card_count == 1)
        import_report_note(&import->report, file_name(import),
                           "line %" PRIu32 " has no card number: left out", import->no_card_line);
    else if (import->no_card_count > 1)
        import_report_note(&import->report, file_name(import),
                           "%" PRIu32 " rows have no card number (the first is line %" PRIu32 "): left out",
                           import->no_card_count, import->no_card_line);
}

int csv_import_file(struct csv_import *import, const char *name, const char *data, size_t len)
{
    size_t skip;
    if (import->file_count == CSV_IMPORT_FILES_MAX)
        return ERR_NO_SPACE;
    import->files[import->file_count++] = name;
    import->have_header = false;
    import->no_card_count = 0;
    const char *foreign = csv_text_foreign(data, len);
    if (foreign != NULL) {
        import_report_error(&import->report, name, 0, "%s", foreign);
        return ERR_OK;
    }
    enum csv_encoding encoding = csv_text_detect(data, len, &skip);
    if (encoding == CSV_ENCODING_UTF16) {
        import_report_error(&import->report, name, 0, "is in UTF-16: save it as \"CSV UTF-8\"");
        return ERR_OK;
    }
    if (import->options->encoding != CSV_ENCODING_DETECT)
        encoding = import->options->encoding;
    int error = csv_text_open(&import->text, encoding);
    if (error != ERR_OK)
        return error;
    error = read_rows(import, data + skip, len - skip);
    csv_text_close(&import->text);
    note_rows_without_card(import);
    return error;
}

void csv_import_finish(struct csv_import *import)
{
    bool hex = import->options->notation.base == CARD_NUMBER_HEX;
    const char *name = import->file_count != 0 ? file_name(import) : "";

    if (import->row_count == 0 && import->report.error_count == 0)
        import_report_error(&import->report, name, 0,
                            "has no row with a card: a list without cards would lock everyone out");
    if (import->row_count < SUSPECT_MIN || import->letter_count != 0)
        return;
    /* Of random 4-byte UIDs, 2 in 100 have eight digits in decimal, and 2 in 100 have no letter in hex. */
    if (import->wiegand_count == import->row_count)
        import_report_error(&import->report, name, 0, "no card number can be used: %s%s", card_number_wiegand,
                            hex ? " (if they are hexadecimal indeed, write them as 04:ED:0B:11)" : "");
    else if (hex && import->digits_count == import->row_count)
        import_report_note(&import->report, name,
                           "careful: no card number has a letter: if they are decimal, say --uid decimal");
}
