/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_import.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/portillon/csv/csv_bytes.h"
#include "tools/portillon/csv/csv_cards.h"
#include "tools/portillon/csv/csv_header.h"

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

static void on_progress(void *ctx, size_t done)
{
    const struct csv_import_options *options = ((struct csv_import *)ctx)->options;
    if (options->on_progress != NULL)
        options->on_progress(options->progress_ctx, done);
}

static int read_rows(struct csv_import *import, const char *data, size_t len)
{
    struct csv_rows_reader reader = {
        .on_row = csv_cards_row, .on_progress = on_progress, .text = &import->text, .ctx = import};
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
        import_report_note(&import->report, file_name(import),
                           "careful: line %" PRIu32
                           ", the last, has no line end and %zu of %zu columns: is the "
                           "file complete?",
                           import->short_line, import->short_cells, import->columns.count);
}

static int import_bytes(struct csv_import *import, const struct csv_bytes *bytes)
{
    int error = csv_text_open(&import->text, bytes->encoding);
    if (error != ERR_OK)
        return error;
    note_encoding(import, bytes->encoding);
    note_damaged_accents(import, bytes);
    error = read_rows(import, bytes->data, bytes->len);
    if (error == ERR_OK)
        csv_cards_end(import);
    csv_text_close(&import->text);
    if (bytes->cut_off)
        note_cut_off(import);
    return error;
}

int csv_import_file(struct csv_import *import, const char *name, const char *data, size_t len)
{
    struct csv_bytes bytes;
    const char *why;
    if (import->file_count == CSV_IMPORT_FILES_MAX)
        return ERR_NO_SPACE;
    csv_cards_begin(import, name);
    int error = csv_bytes_prepare(&bytes, data, len, import->options->encoding, &why);
    if (error == ERR_FORMAT) {
        import_report_error(&import->report, name, 0, "%s", why);
        return ERR_OK;
    }
    if (error == ERR_OK)
        error = import_bytes(import, &bytes);
    csv_bytes_free(&bytes);
    return error;
}

void csv_import_finish(struct csv_import *import)
{
    const char *name = import->file_count != 0 ? file_name(import) : "";
    if (import->survey.count == 0 && import->report.error_count == 0)
        import_report_error(&import->report, name, 0,
                            "has no row with a card: a list without cards would lock everyone out");
    if (import->twin_count != 0)
        import_report_note(
            &import->report, name,
            "%" PRIu32 " row%s repeat%s an earlier one (same person, card and rights): left out",
            import->twin_count, import->twin_count == 1 ? "" : "s", import->twin_count == 1 ? "s" : "");
    card_survey_report(&import->survey, &import->options->notation, name, &import->report);
}
