/*
 * A school's CSV in, cards for the list builder out. Whatever is wrong is reported with file, line and
 * column, as much of it as there is, and then the cards are not to be used. Nothing of a person is kept, and
 * nothing of secret codes or accounts is looked at.
 *
 * The caller owns the struct, the options and the bytes; csv_import_free ends it. crypto_init comes first.
 */
#ifndef TOOLS_PORTILLON_CSV_IMPORT_H
#define TOOLS_PORTILLON_CSV_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/identity.h"
#include "tools/portillon/card_number.h"
#include "tools/portillon/card_register.h"
#include "tools/portillon/csv_columns.h"
#include "tools/portillon/csv_rows.h"
#include "tools/portillon/csv_text.h"
#include "tools/portillon/import_report.h"

#define CSV_IMPORT_FILES_MAX 64

struct csv_import_options {
    struct card_notation notation;
    enum csv_encoding encoding;
    const char *by_hand[CSV_COLUMN_MAPPABLE]; /* header texts of --column; NULL: recognise */
    csv_rows_progress *on_progress;           /* may be NULL */
    void *progress_ctx;
};

struct csv_import {
    const struct csv_import_options *options;
    uint8_t tag_key[IDENTITY_TAG_KEY_LEN];
    const char *files[CSV_IMPORT_FILES_MAX];
    uint8_t file_count;
    struct card_register cards;
    uint32_t row_count;     /* rows with a card number, good or not */
    uint32_t digits_count;  /* of them, those of eight decimal digits, */
    uint32_t wiegand_count; /* and those that read as 3+5 */
    uint32_t letter_count;  /* those with a letter */
    struct import_report report;

    /* of the file being read */
    struct csv_text text;
    struct csv_columns columns;
    bool have_header;
    uint32_t no_card_count, no_card_line; /* rows without a card number, and the first of them */
};

void csv_import_init(struct csv_import *import, const struct csv_import_options *options,
                     const uint8_t tag_key[IDENTITY_TAG_KEY_LEN]);

/* Reads one file, all of it in memory; name is for messages and must outlive the import.
 * @retval ERR_OK (errors of the content are in the report), ERR_NO_SPACE (no memory, or too many files),
 * ERR_CRYPTO, ERR_UNSUPPORTED (iconv does not know Windows-1252). */
int csv_import_file(struct csv_import *import, const char *name, const char *data, size_t len) MUST_USE;

/* Looks at what only all files together show. After it, the cards are good when report.error_count is 0. */
void csv_import_finish(struct csv_import *import);

void csv_import_free(struct csv_import *import);

#endif
