/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_import.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/csv/csv_cards.h"
#include "tools/portillon/csv/csv_register.h"
#include "tools/portillon/csv/csv_row.h"

#define SHEET_SHOWN 64

void csv_import_init(struct csv_import *import, const struct csv_import_options *options,
                     const uint8_t tag_key[IDENTITY_TAG_KEY_LEN])
{
    memset(import, 0, sizeof *import);
    import->options = options;
    crypto_hmac_key_init(&import->tag_key, tag_key, IDENTITY_TAG_KEY_LEN);
}

void csv_import_free(struct csv_import *import)
{
    pupil_register_free(&import->pupils);
    card_register_free(&import->cards);
    crypto_wipe(&import->tag_key, sizeof import->tag_key);
}

static const char *file_name(const struct csv_import *import)
{
    return import->files[import->file_count - 1];
}

static void on_progress(void *ctx, size_t done)
{
    const struct csv_import_options *options = ((struct csv_import *)ctx)->options;
    if (options->on_progress != NULL)
        options->on_progress(options->progress_ctx, done);
}

/* Hands rows on, after a note about the rows above the header. */
static int on_row(void *ctx, uint32_t line, const struct csv_cell *cells, size_t cell_count)
{
    struct csv_import *import = ctx;
    if (!import->have_header && import->source.lines_before != 0)
        import_report_note(&import->report, file_name(import),
                           "the columns are named in %s %" PRIu32 "; what stands above is left out",
                           csv_row_word(import), import->source.lines_before + 1);
    return csv_cards_row(ctx, line, cells, cell_count);
}

static int read_rows(struct csv_import *import)
{
    struct csv_rows_reader reader = {.on_row = on_row, .on_progress = on_progress, .ctx = import};
    struct csv_rows_fault fault;
    int error = csv_source_read(&import->source, import->options->by_hand, &reader, &fault);
    if (error == ERR_FORMAT && import->have_header && fault.cell < import->columns.count)
        import_report_error(&import->report, file_name(import), fault.line, "column %s: %s",
                            import->columns.names[fault.cell], fault.why);
    else if (error == ERR_FORMAT)
        import_report_error(&import->report, file_name(import), fault.line, "column %zu: %s", fault.cell + 1,
                            fault.why);
    else if (error == ERR_OK && !import->have_header)
        import_report_error(&import->report, file_name(import), 0,
                            "is empty: a first line with the names of the columns is needed");
    return error == ERR_FORMAT || error == ERR_ARGUMENT ? ERR_OK : error;
}

/* Tells which encoding was found, when it is none of the two usual ones. */
static void note_encoding(struct csv_import *import, enum csv_encoding encoding)
{
    if (import->options->encoding != CSV_ENCODING_DETECT || encoding == CSV_ENCODING_UTF8 ||
        encoding == CSV_ENCODING_WINDOWS_1252)
        return;
    import_report_note(
        &import->report, file_name(import),
        "the accents are those of %s, so it is read as that: if names are wrong, say --encoding "
        "windows-1252 or another, or save the file as \"CSV UTF-8\"",
        csv_encoding_label(encoding));
}

static bool holds(const struct csv_bytes *bytes, const char *text)
{
    return memmem(bytes->data, bytes->len, text, strlen(text)) != NULL;
}

/* Tells of accents that were damaged before the file was exported: converted twice, or replaced. */
static void note_damaged_accents(struct csv_import *import, const struct csv_bytes *bytes)
{
    if (bytes->encoding != CSV_ENCODING_UTF8)
        return;
    if (holds(bytes, "\xC3\x83\xC2\xA9") || holds(bytes, "\xC3\x83\xC2\xA8"))
        import_report_note(
            &import->report, file_name(import),
            "careful: accents were converted twice (\u00C3\u00A9 for \u00E9): export the file again");
    if (holds(bytes, "\xEF\xBF\xBD"))
        import_report_note(&import->report, file_name(import),
                           "careful: some letters were lost before (\uFFFD): export the file again");
}

static void note_cut_off(struct csv_import *import)
{
    if (import->short_line != 0)
        import_report_note(
            &import->report, file_name(import),
            translate_count(import->columns.count,
                            "careful: line %" PRIu32 ", the last, has no line end and %zu of %zu "
                            "column: is the file complete?",
                            "careful: line %" PRIu32 ", the last, has no line end and %zu of %zu "
                            "columns: is the file complete?"),
            import->short_line, import->short_cells, import->columns.count);
}

/* Names a file whose rows are those of a sheet: "cards.xlsx, sheet Pupils". */
static const char *name_sheet(struct csv_import *import, const char *file)
{
    char *name = import->sheet_names[import->file_count];
    char sheet[SHEET_SHOWN];
    text_show(import->source.table.sheet, strlen(import->source.table.sheet), sheet, sizeof sheet);
    snprintf(name, CSV_IMPORT_NAME_SIZE,
             import->source.file.kind == WORKBOOK_HTML ? _("%.230s, table %s") : _("%.230s, sheet %s"), file,
             sheet);
    return sheet[0] != '\0' ? name : file;
}

/* Tells what of a workbook was read that its reader may not expect. */
static void note_sheet(struct csv_import *import)
{
    const struct table *table = &import->source.table;
    if (table->others[0] != '\0' && import->options->sheet == NULL)
        import_report_note(&import->report, file_name(import),
                           "there is more: --sheet reads another (%.300s)", table->others);
    if (table->hidden_rows != 0)
        import_report_note(&import->report, file_name(import),
                           translate_count(table->hidden_rows,
                                           "%" PRIu32 " row is hidden, by a filter or by hand: read too",
                                           "%" PRIu32 " rows are hidden, by a filter or by hand: read too"),
                           table->hidden_rows);
}

static int import_source(struct csv_import *import)
{
    const struct csv_bytes *bytes = &import->source.bytes;
    if (import->source.is_sheet) {
        note_sheet(import);
    } else {
        note_encoding(import, bytes->encoding);
        note_damaged_accents(import, bytes);
    }
    int error = read_rows(import);
    if (error == ERR_OK)
        csv_cards_end(import);
    if (bytes->cut_off)
        note_cut_off(import);
    return error;
}

static void report_fault(struct csv_import *import, const char *name, const struct table_fault *fault)
{
    char letters[4];
    if (fault->column < 0) {
        import_report_error(&import->report, name, fault->row, "%s", fault->why);
        return;
    }
    table_column_letters((uint32_t)fault->column, letters);
    import_report_error(&import->report, name, fault->row, "column %s: %s", letters, fault->why);
}

bool csv_import_is_register(const char *data, size_t len)
{
    struct workbook_file file;
    struct table_fault fault;
    if (workbook_open(&file, data, len, &fault) != ERR_OK)
        return false;
    bool is_register = file.kind == WORKBOOK_SIECLE;
    workbook_close(&file);
    return is_register;
}

int csv_import_file(struct csv_import *import, const char *name, const char *data, size_t len)
{
    const struct csv_import_options *options = import->options;
    struct table_fault fault;
    if (import->file_count == CSV_IMPORT_FILES_MAX)
        return ERR_NO_SPACE;
    int error = csv_source_open(&import->source, data, len, options->encoding, options->sheet, &fault);
    if (error != ERR_OK && error != ERR_FORMAT)
        return error;
    csv_cards_begin(import, error == ERR_OK && import->source.is_sheet ? name_sheet(import, name) : name);
    if (error == ERR_OK && import->source.file.kind == WORKBOOK_SIECLE) {
        error = csv_register_read(import, name, import->source.file.data, import->source.file.len);
        csv_source_close(&import->source);
        return error;
    }
    if (error == ERR_FORMAT) {
        report_fault(import, name, &fault);
        return ERR_OK;
    }
    error = import_source(import);
    csv_source_close(&import->source);
    return error;
}

int csv_import_add_known(struct csv_import *import, const struct tag *tag, const struct tag *uid_tag,
                         const struct whitelist_rule *rule)
{
    struct list_builder_card card = {*tag, *rule};
    struct card_origin origin = {.file = UINT8_MAX, .counts_as_uid = uid_tag != NULL};
    const struct card_origin *earlier;
    if (uid_tag != NULL)
        origin.uid_tag = *uid_tag;
    return card_register_add(&import->cards, &card, &origin, &earlier);
}

/* Tells what the register and the files of cards have not in common. */
static void note_register(struct csv_import *import)
{
    uint32_t without = 0;
    for (uint32_t i = 0; i < import->pupils.count && !import->options->people_only; i++)
        without += !import->pupils.pupils[i].has_card && !import->pupils.pupils[i].left;
    if (without != 0)
        import_report_note(&import->report, import->register_name,
                           translate_count(without, "%" PRIu32 " pupil has no card yet",
                                           "%" PRIu32 " pupils have no card yet"),
                           without);
    if (import->left_card_count != 0)
        import_report_note(&import->report, import->register_name,
                           translate_count(import->left_card_count,
                                           "%" PRIu32 " card of pupils who left: left out",
                                           "%" PRIu32 " cards of pupils who left: left out"),
                           import->left_card_count);
}

void csv_import_finish(struct csv_import *import)
{
    const char *name = import->file_count != 0 ? file_name(import) : "";
    bool has_cards =
        import->cards.count != 0 || import->report.error_count != 0 || import->options->people_only;
    if (!has_cards && import->pupils.count != 0)
        import_report_error(
            &import->report, name, 0,
            "no card was read: a register has none, so name a file of cards too, with a column INE or "
            "with Nom and Prénom, or a --store that knows who has which card");
    else if (!has_cards)
        import_report_error(&import->report, name, 0,
                            "has no row with a card: a list without cards would lock everyone out");
    note_register(import);
    if (import->twin_count != 0)
        import_report_note(
            &import->report, name,
            translate_count(import->twin_count,
                            "%" PRIu32 " row repeats an earlier one (same person, card and rights): left out",
                            "%" PRIu32
                            " rows repeat an earlier one (same person, card and rights): left out"),
            import->twin_count);
    card_survey_report(&import->survey, &import->options->notation, name, &import->report);
}
