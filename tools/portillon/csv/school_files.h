/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the files of the school that a command line names, and the options that say how they are read (map,
 * columns, card numbers, dates), and hands them to an import: registers first, because the cards of the other
 * files look for their holders there. The caller owns the struct, which must outlive the import. Blocks on
 * the files.
 */
#ifndef TOOLS_PORTILLON_CSV_SCHOOL_FILES_H
#define TOOLS_PORTILLON_CSV_SCHOOL_FILES_H

#include "hal/linux/translate.h"
#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/csv/csv_map.h"

/* The entries of a command's table of options, and their numbers from the first one on. */
enum school_files_option {
    SCHOOL_FILES_MAP,
    SCHOOL_FILES_UID,
    SCHOOL_FILES_UID_LEN,
    SCHOOL_FILES_DATES,
    SCHOOL_FILES_COLUMN,
    SCHOOL_FILES_ENCODING,
    SCHOOL_FILES_SHEET,
    SCHOOL_FILES_OPTION_COUNT,
};
#define SCHOOL_FILES_OPTIONS                                                                                 \
    {"map", 'm', N_("FILE"),                                                                                 \
     N_("how the files are read, said once and for all: columns, card numbers, dates")},                     \
        {"uid", 'u', N_("NOTATION"),                                                                         \
         N_("how card numbers are written: hex (the default), hex-reversed, decimal,\n"                      \
            "decimal-reversed, decimal10, decimal10-reversed")},                                             \
        {"uid-len", 0, N_("BYTES"),                                                                          \
         N_("for decimal: UIDs are of 4, 7 or 10 bytes (default: 4 if it fits)")},                           \
        {"dates", 0, N_("ORDER"),                                                                            \
         N_("day-first (the default) or month-first; 2026-10-17 is always understood")},                     \
        {"column", 0, N_("ROLE=NAME"),                                                                       \
         N_("which column is what, when its header does not tell: card, profile, from,\n"                    \
            "until, blocked, active, weekdays, monday to sunday, passages, temporary,\n"                     \
            "name, first_name, class, id or ignored")},                                                      \
        {"encoding", 0, N_("NAME"),                                                                          \
         N_("utf-8, windows-1252, cp850, macintosh or iso-8859-15\n(default: what the file looks like)")},   \
    {                                                                                                        \
        "sheet", 0, N_("SHEET"),                                                                             \
            N_("which sheet of a workbook is read, by name or number (default: the first)")                  \
    }

struct school_file {
    const char *path, *name; /* the name for messages */
    uint8_t *data;           /* NULL: it could not be read */
    size_t len;
    bool is_register;
};

struct school_files {
    const char *command;
    struct school_file files[CSV_IMPORT_FILES_MAX];
    int count;
    bool guess; /* propose a map from the first file that is no register */
    struct csv_map map;
    struct csv_import_options options;
};

/* Takes the path of a file; "-": standard input. Returns true, or prints the error and returns false. */
bool school_files_add(struct school_files *files, const char *path);

/* Takes an option. Returns COMMAND_OK, or another exit status after printing the error. */
int school_files_take(struct school_files *files, enum school_files_option option, const char *value);

/* Loads the files into memory. A file that cannot be read is an error in the report. */
void school_files_load(struct school_files *files, struct import_report *report);

/* Hands the files that were loaded to an import; it may be called again for another import. Returns ERR_OK
 * (errors of the content are in the report), ERR_IO or ERR_BUSY (of options.on_person: not printed), or
 * another error after printing it. */
int school_files_import(struct school_files *files, struct csv_import *import) MUST_USE;

/* Frees the memory of the files. */
void school_files_free(struct school_files *files);

#endif
