/* An import as one struct. For csv_import.c and csv_row.c; everybody else reads cards and report after it. */
#ifndef TOOLS_PORTILLON_CSV_CSV_IMPORT_STATE_H
#define TOOLS_PORTILLON_CSV_CSV_IMPORT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "tools/portillon/common/import_report.h"
#include "tools/portillon/csv/card_number.h"
#include "tools/portillon/csv/csv_columns.h"
#include "tools/portillon/csv/csv_rows.h"
#include "tools/portillon/csv/csv_text.h"
#include "tools/portillon/list/card_register.h"
#include "tools/portillon/site/site_rules.h"

#define CSV_IMPORT_FILES_MAX 64

/* Who a row is about; "" where the file does not say. */
struct csv_person {
    const char *surname, *first_name, *class_name, *id;
    char text[4][128];
};

/* Called for every good row; card->tag is of no use when has_card is false (a person who waits for one). All
 * of it is gone when the call returns. @returns ERR_OK to go on, anything else ends the import with that
 * value. */
typedef int csv_import_person(void *ctx, const struct csv_person *person,
                              const struct list_builder_card *card, bool has_card);

enum csv_dates {
    CSV_DATES_DAY_FIRST,   /* 17/10/2026; ISO dates are always understood */
    CSV_DATES_MONTH_FIRST, /* 10/17/2026 */
};

struct csv_import_options {
    const struct site_rules *rules; /* profiles; must outlive the import */
    struct card_notation notation;
    enum csv_dates dates;
    enum csv_encoding encoding;
    const char *by_hand[CSV_COLUMN_MAPPABLE]; /* header texts of --column; NULL: recognise */
    csv_rows_progress *on_progress;           /* may be NULL */
    void *progress_ctx;
    csv_import_person *on_person; /* may be NULL */
    void *person_ctx;
};

struct csv_import {
    const struct csv_import_options *options;
    crypto_hmac_key tag_key;
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

#endif
