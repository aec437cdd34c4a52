/*
 * Which column of a school's file is what, told by its header in French or English, or by hand. A column
 * about the holder's secret code or account is recognised only to be dropped: access does not depend on it.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_COLUMNS_H
#define TOOLS_PORTILLON_CSV_CSV_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "tools/portillon/csv/csv_rows.h"

enum csv_column {
    CSV_COLUMN_CARD,
    CSV_COLUMN_PROFILE,
    CSV_COLUMN_FROM,
    CSV_COLUMN_UNTIL,
    CSV_COLUMN_BLOCKED, /* there may be several ("Bloquée", "Perdue"): any of them blocks */
    CSV_COLUMN_WEEKDAYS,
    CSV_COLUMN_MONDAY, /* and the six after it: whether that day has a meal */
    CSV_COLUMN_SUNDAY = CSV_COLUMN_MONDAY + 6,
    CSV_COLUMN_PASSAGES,
    CSV_COLUMN_TEMPORARY,
    CSV_COLUMN_SURNAME, /* of the holder: for the office's store, never for the list */
    CSV_COLUMN_FIRST_NAME,
    CSV_COLUMN_CLASS,
    CSV_COLUMN_PERSON_ID,
    CSV_COLUMN_MAPPABLE,                     /* the roles before this one can be given to a column by hand */
    CSV_COLUMN_PERSON = CSV_COLUMN_MAPPABLE, /* what else is told of a person: dropped */
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

/* "card", "profile", "from", "until", "blocked", "weekdays", "monday"…, "name", "first_name", "class", "id":
 * the words of --column. NULL beyond them. */
const char *csv_column_name(enum csv_column column);

/* All of them in one line, for messages. */
extern const char csv_column_names[];

/* The role that a word of --column means. @retval enum csv_column, ERR_NOT_FOUND. */
int csv_column_find(const char *name, size_t len) MUST_USE;

/* Takes a header, cells in UTF-8. by_hand[role] is the header text that --column gave for it, or NULL.
 * @retval ERR_OK, ERR_FORMAT (why says what is missing or not to be told apart, and what to do). */
int csv_columns_read(struct csv_columns *columns, const struct csv_cell *header, size_t count,
                     const char *const by_hand[CSV_COLUMN_MAPPABLE], char why[CSV_COLUMNS_WHY_MAX]) MUST_USE;

/* Names the columns of a role in one line, "A, B, C". @returns how many there are. */
size_t csv_columns_list(const struct csv_columns *columns, enum csv_column role, char *out, size_t size);

#endif
