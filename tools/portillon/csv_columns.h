/*
 * Which column of a school's file is what, told by its header in French or English, or by hand. A column
 * about the holder's secret code or account is recognised only to be dropped: access does not depend on it.
 */
#ifndef TOOLS_PORTILLON_CSV_COLUMNS_H
#define TOOLS_PORTILLON_CSV_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "tools/portillon/csv_rows.h"

enum csv_column {
    CSV_COLUMN_CARD,
    CSV_COLUMN_PROFILE,
    CSV_COLUMN_FROM,
    CSV_COLUMN_UNTIL,
    CSV_COLUMN_BLOCKED,  /* there may be several ("Bloquée", "Perdue"): any of them blocks */
    CSV_COLUMN_MAPPABLE, /* the roles before this one can be given to a column by hand */
    CSV_COLUMN_PERSON = CSV_COLUMN_MAPPABLE, /* name, class: dropped */
    CSV_COLUMN_PIN,                          /* secret code or account state: dropped */
    CSV_COLUMN_OTHER,                        /* not recognised: ignored */
};

#define CSV_COLUMNS_NAME_MAX 64
#define CSV_COLUMNS_WHY_MAX  512

struct csv_columns {
    size_t count;
    uint8_t roles[CSV_ROWS_CELLS_MAX];                    /* enum csv_column */
    char names[CSV_ROWS_CELLS_MAX][CSV_COLUMNS_NAME_MAX]; /* as the header has them, fit to be shown */
    int16_t first[CSV_COLUMN_MAPPABLE];                   /* column of each role; -1: none */
};

/* "card", "profile", "from", "until", "blocked": the words of --column. NULL beyond them. */
const char *csv_column_name(enum csv_column column);

/* Takes a header, cells in UTF-8. by_hand[role] is the header text that --column gave for it, or NULL.
 * @retval ERR_OK, ERR_FORMAT (why says what is missing or not to be told apart, and what to do). */
int csv_columns_read(struct csv_columns *columns, const struct csv_cell *header, size_t count,
                     const char *const by_hand[CSV_COLUMN_MAPPABLE], char why[CSV_COLUMNS_WHY_MAX]) MUST_USE;

/* Names the columns of a role in one line, "A, B, C". @returns how many there are. */
size_t csv_columns_list(const struct csv_columns *columns, enum csv_column role, char *out, size_t size);

#endif
