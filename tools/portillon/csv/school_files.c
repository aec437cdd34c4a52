/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/school_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/progress.h"
#include "tools/portillon/csv/csv_guess.h"

#define FILE_MAX ((size_t)256 << 20)

/* --- options --- */

/* Reads "card=N° de carte". */
static int take_column(struct school_files *files, const char *value)
{
    const char *equals = strchr(value, '=');
    int role = equals != NULL ? csv_column_find(value, (size_t)(equals - value)) : ERR_NOT_FOUND;
    if (role < 0)
        return command_misuse(files->command, "--column %s: not a role, = and a header; roles are %s", value,
                              _(csv_column_names));
    files->options.by_hand[csv_column_place(files->options.by_hand, role)] = equals + 1;
    return COMMAND_OK;
}

/* Reads a map at its place among the options, so that later options override it. */
static int take_map(struct school_files *files, const char *path)
{
    static struct import_report report;
    uint8_t *text;
    size_t len;
    if (file_read(path, 65536, &text, &len) != ERR_OK)
        return command_fail("%s: --map %s: %s", files->command, path, translate_errno(errno));
    int error = csv_map_parse(&files->map, &files->options, path, (char *)text, len, &report);
    free(text);
    import_report_print(&report);
    return error == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

static int take_dates(struct school_files *files, const char *value)
{
    bool month_first = strcmp(value, "month-first") == 0;
    files->options.dates = month_first ? CSV_DATES_MONTH_FIRST : CSV_DATES_DAY_FIRST;
    if (!month_first && strcmp(value, "day-first") != 0)
        return command_misuse(files->command, "--dates %s: not day-first or month-first", value);
    return COMMAND_OK;
}

static int take_encoding(struct school_files *files, const char *value)
{
    int encoding = csv_encoding_find(value);
    if (encoding < 0)
        return command_misuse(files->command, "--encoding %s: not %s", value, _(csv_encoding_names));
    files->options.encoding = (enum csv_encoding)encoding;
    return COMMAND_OK;
}

static int take_notation(struct school_files *files, const char *value)
{
    int error = card_notation_parse(value, &files->options.notation);
    if (error == ERR_UNSUPPORTED)
        return command_misuse(files->command, "--uid %s: refused: %s", value, _(card_number_wiegand));
    if (error != ERR_OK)
        return command_misuse(
            files->command, "--uid %s: not hex, decimal or decimal10, or one of them with -reversed", value);
    return COMMAND_OK;
}

static int take_uid_len(struct school_files *files, const char *value)
{
    uint64_t number;
    if (!command_number(files->command, "uid-len", value, 4, 10, &number))
        return COMMAND_USAGE;
    files->options.notation.uid_len = (uint8_t)number;
    if (number != 4 && number != 7 && number != 10)
        return command_misuse(files->command, "--uid-len %s: UIDs are of 4, 7 or 10 bytes", value);
    return COMMAND_OK;
}

int school_files_take(struct school_files *files, enum school_files_option option, const char *value)
{
    switch (option) {
    case SCHOOL_FILES_MAP:
        return take_map(files, value);
    case SCHOOL_FILES_UID:
        return take_notation(files, value);
    case SCHOOL_FILES_UID_LEN:
        return take_uid_len(files, value);
    case SCHOOL_FILES_DATES:
        return take_dates(files, value);
    case SCHOOL_FILES_COLUMN:
        return take_column(files, value);
    case SCHOOL_FILES_ENCODING:
        return take_encoding(files, value);
    case SCHOOL_FILES_SHEET:
    case SCHOOL_FILES_OPTION_COUNT:
        files->options.sheet = value;
    }
    return COMMAND_OK;
}

bool school_files_add(struct school_files *files, const char *path)
{
    if (files->count == CSV_IMPORT_FILES_MAX) {
        command_misuse(files->command, "more than %d files", CSV_IMPORT_FILES_MAX);
        return false;
    }
    const char *name = strcmp(path, "-") == 0 ? _("standard input") : path;
    files->files[files->count++] = (struct school_file){.path = path, .name = name};
    return true;
}

/* --- reading --- */

static void load(struct school_file *file, struct import_report *report)
{
    bool from_stdin = strcmp(file->path, "-") == 0;
    int error = file_read(from_stdin ? "/dev/stdin" : file->path, FILE_MAX, &file->data, &file->len);
    file->is_register = error == ERR_OK && csv_import_is_register((const char *)file->data, file->len);
    if (error == ERR_OK)
        return;
    file->data = NULL;
    import_report_error(report, file->name, 0, "%s",
                        error == ERR_IO ? translate_errno(errno)
                                        : _("is larger than 256 MiB: is this the right file?"));
}

void school_files_load(struct school_files *files, struct import_report *report)
{
    for (int i = 0; i < files->count; i++)
        load(&files->files[i], report);
}

static void show_progress(void *ctx, size_t done)
{
    progress_update(ctx, done);
}

/* Guesses the options from a file. A file that is not CSV is no error here. */
static int guess_from(struct school_files *files, const struct school_file *file)
{
    static struct csv_guess guess;
    int error = csv_guess(&guess, &files->options, (const char *)file->data, file->len);
    for (int i = 0; i < guess.note_count; i++)
        command_note("%s: %s", file->name, guess.notes[i]);
    files->guess = false; /* the first file decides for all */
    return error == ERR_FORMAT ? ERR_OK : error;
}

static void print_error(const struct school_files *files, const struct school_file *file, int error)
{
    if (error != ERR_OK && error != ERR_IO && error != ERR_BUSY)
        command_fail("%s: %s: %s", files->command, file->name,
                     error == ERR_NO_SPACE      ? _("out of memory")
                     : error == ERR_UNSUPPORTED ? _("this system's iconv does not know its encoding")
                                                : error_name(error));
}

static int import_one(struct school_files *files, struct csv_import *import, const struct school_file *file)
{
    struct progress progress;
    int error = files->guess && !file->is_register ? guess_from(files, file) : ERR_OK;
    progress_start(&progress, _("reading"), "B", 0, file->len);
    files->options.on_progress = show_progress;
    files->options.progress_ctx = &progress;
    if (error == ERR_OK)
        error = csv_import_file(import, file->name, (const char *)file->data, file->len);
    progress_update(&progress, file->len);
    progress_finish(&progress);
    files->options.on_progress = NULL;
    print_error(files, file, error);
    return error;
}

static int import_kind(struct school_files *files, struct csv_import *import, bool registers)
{
    int error = ERR_OK;
    for (int i = 0; i < files->count && error == ERR_OK; i++)
        if (files->files[i].data != NULL && files->files[i].is_register == registers)
            error = import_one(files, import, &files->files[i]);
    return error;
}

int school_files_import(struct school_files *files, struct csv_import *import)
{
    int error = import_kind(files, import, true);
    return error == ERR_OK ? import_kind(files, import, false) : error;
}

void school_files_free(struct school_files *files)
{
    for (int i = 0; i < files->count; i++) {
        free(files->files[i].data);
        files->files[i].data = NULL;
    }
}
