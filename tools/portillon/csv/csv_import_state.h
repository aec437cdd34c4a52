/* SPDX-License-Identifier: Apache-2.0 */
/* Holds an import as one struct, for csv_import.c and csv_row.c. Other modules only read the cards and the
 * report after the import. */
#ifndef TOOLS_PORTILLON_CSV_CSV_IMPORT_STATE_H
#define TOOLS_PORTILLON_CSV_CSV_IMPORT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "tools/portillon/common/import_report.h"
#include "tools/portillon/csv/card_number.h"
#include "tools/portillon/csv/card_survey.h"
#include "tools/portillon/csv/csv_columns.h"
#include "tools/portillon/csv/csv_rows.h"
#include "tools/portillon/csv/csv_source.h"
#include "tools/portillon/list/card_register.h"
#include "tools/portillon/list/pupil_register.h"
#include "tools/portillon/site/site_rules.h"

#define CSV_IMPORT_FILES_MAX 64
#define CSV_IMPORT_NAME_SIZE 320

/* The person a row is about; "" for each text that the file does not have. */
struct csv_person {
    const char *surname, *first_name, *class_name, *id;
    char text[4][128];
};

#define CSV_ROW_CARDS_MAX 2

/* The card of a row, by each method that lists it: none (a person who waits for a card), its UID, its DESFire
 * identifier, or the UID and then the identifier. */
struct csv_row_cards {
    struct whitelist_rule
        rule; /* the rights of the row. That of an identifier beside a UID has one flag more */
    struct {
        struct list_builder_card card;
        struct card_origin origin;
        enum credential_method method;
    } at[CSV_ROW_CARDS_MAX];
    uint8_t count;
};

/* Called for every row without an error. All pointers are valid only during the call. Returns ERR_OK to go
 * on; any other value ends the import with that value. */
typedef int csv_import_person(void *ctx, const struct csv_person *person, const struct csv_row_cards *cards);

enum csv_dates {
    CSV_DATES_DAY_FIRST,   /* 17/10/2026; ISO dates are always understood */
    CSV_DATES_MONTH_FIRST, /* 10/17/2026 */
};

struct csv_import_options {
    const struct site_rules *rules; /* the profiles; must outlive the import */
    struct card_notation notation;
    enum csv_dates dates;
    enum csv_encoding encoding;
    bool people_only;     /* the files may have no cards: they are for the register of the site */
    bool skips_strangers; /* rows of nobody in the register are left out, and counted */
    uint16_t today;       /* in days since 2000-01-01: pupils of a register who left before are left out */
    const char *sheet;    /* the sheet of a workbook to read, by name or number; NULL: the first */
    /* header texts of --column; NULL: recognise the column by its header */
    const char *by_hand[CSV_COLUMN_MAPPABLE];
    csv_rows_progress *on_progress; /* may be NULL */
    void *progress_ctx;
    csv_import_person *on_person; /* may be NULL */
    void *person_ctx;
};

/* What the cells of a column say of cards that must not open: see csv_marks.h. */
struct csv_mark {
    uint32_t blocked_count, yes_count, asked_count;
    uint32_t asked_line, empty_line; /* the first of each; 0 if none */
    bool must_ask;
    char asked_text[48];
};

struct csv_import {
    const struct csv_import_options *options;
    crypto_hmac_key tag_key;
    const char *files[CSV_IMPORT_FILES_MAX];
    char sheet_names[CSV_IMPORT_FILES_MAX][CSV_IMPORT_NAME_SIZE]; /* "cards.xlsx, sheet Pupils" */
    uint8_t file_count;
    struct card_register cards;
    struct card_survey survey;
    uint32_t
        twin_count; /* rows that repeat an earlier row of the same person, with the same card and rights */
    struct pupil_register pupils; /* of SIECLE; empty if no register was read */
    const char *register_name;
    uint32_t joined_count;                /* rows whose holder was found in it */
    uint32_t left_count, left_card_count; /* pupils of it who left; cards of theirs */
    struct import_report report;

    const struct pupil *holder; /* during on_person: the person in the register; NULL if there is none */

    /* of the current file */
    struct csv_source source;
    struct csv_columns columns;
    bool have_header;
    struct csv_mark marks[CSV_ROWS_CELLS_MAX];
    struct csv_cell filled_up[CSV_ROWS_CELLS_MAX]; /* a row whose last cells are missing */
    uint32_t short_line;                           /* the last row, if cells are missing; 0 if not */
    size_t short_cells;
    uint32_t stranger_count, stranger_line; /* rows of nobody in the register, and the line of the first */
    uint32_t no_card_count, no_card_line;   /* rows without a card number, and the line of the first */
};

#endif
