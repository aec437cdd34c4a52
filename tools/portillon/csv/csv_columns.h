/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Determines the role of each column of a school's file, from its header in French or English, or as the
 * office assigns it by hand. A column about the holder's secret code or account is recognised only to be
 * dropped, because access does not depend on it. The caller owns all memory. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_COLUMNS_H
#define TOOLS_PORTILLON_CSV_CSV_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "tools/portillon/csv/csv_rows.h"

enum csv_column {
    CSV_COLUMN_CARD,
    CSV_COLUMN_PROFILE,
    CSV_COLUMN_FROM,
    CSV_COLUMN_UNTIL,
    CSV_COLUMN_BLOCKED, /* several columns may have this role ("Bloquée", "Perdue"): any of them blocks */
    CSV_COLUMN_ACTIVE,  /* the opposite: no blocks; several columns may have this role too */
    CSV_COLUMN_WEEKDAYS,
    CSV_COLUMN_MONDAY, /* this role and the next six: whether that day has a meal */
    CSV_COLUMN_SUNDAY = CSV_COLUMN_MONDAY + 6,
    CSV_COLUMN_PASSAGES,
    CSV_COLUMN_TEMPORARY,
    CSV_COLUMN_DESFIRE, /* the identifier in the DESFire application, instead of the card or beside it */
    /* this role and the next three: the holder, for the office's store, never for the list */
    CSV_COLUMN_SURNAME,
    CSV_COLUMN_FIRST_NAME,
    CSV_COLUMN_CLASS,
    CSV_COLUMN_PERSON_ID,
    /* this role and the next three: a column that --column says is of no concern to access */
    CSV_COLUMN_IGNORED,
    CSV_COLUMN_IGNORED_LAST = CSV_COLUMN_IGNORED + 3,
    CSV_COLUMN_MAPPABLE, /* the roles before this value can be given to a column by hand */
    CSV_COLUMN_PERSON = CSV_COLUMN_MAPPABLE, /* other data about a person: dropped */
    CSV_COLUMN_PIN,                          /* secret code or state of the account: dropped */
    CSV_COLUMN_CARD_STATE,                   /* words about the card: "active", "perdue" */
    CSV_COLUMN_UNCLEAR_STATE,                /* words about the card or an account: "Etat", "Statut" */
    CSV_COLUMN_UNCLEAR_ACTIVE,               /* whether the card, or an account, was activated */
    CSV_COLUMN_OTHER,                        /* not recognised: ignored */
};

#define CSV_COLUMNS_NAME_MAX 64
#define CSV_COLUMNS_WHY_MAX  640

struct csv_columns {
    size_t count;
    uint8_t roles[CSV_ROWS_CELLS_MAX]; /* enum csv_column of each column */
    /* header texts, cleaned so that they can be shown */
    char names[CSV_ROWS_CELLS_MAX][CSV_COLUMNS_NAME_MAX];
    int16_t first[CSV_COLUMN_MAPPABLE]; /* first column of each role; -1 if none */
};

/* Returns the word that --column uses for a role: "card", "profile", "from", "until", "blocked", "active",
 * "weekdays", "monday"…, "passages", "temporary", "desfire", "name", "first_name", "class", "id", "ignored".
 * Returns NULL for other roles. */
const char *csv_column_name(enum csv_column column);

/* All these words in one line, for messages; to be translated. */
extern const char csv_column_names[];

/* Finds the role for a word of --column. Returns a value of enum csv_column or ERR_NOT_FOUND. */
int csv_column_find(const char *name, size_t len) MUST_USE;

/* Returns the place in by_hand for one more header of a role: of the four "ignored" the first free one, or
 * the last one when none is free. */
int csv_column_place(const char *const by_hand[CSV_COLUMN_MAPPABLE], int role);

/* Returns true for the roles that several columns of a file may have. */
bool csv_column_may_repeat(int role);

/* Reads a header, whose cells are UTF-8. by_hand[role] is the header text that --column gives for the role,
 * or NULL. Returns ERR_OK or ERR_FORMAT (why says which column is missing or ambiguous, and what to do). */
int csv_columns_read(struct csv_columns *columns, const struct csv_cell *header, size_t count,
                     const char *const by_hand[CSV_COLUMN_MAPPABLE], char why[CSV_COLUMNS_WHY_MAX]) MUST_USE;

/* Returns true if a column gives the card: by its UID, or by its DESFire identifier. */
bool csv_columns_have_card(const struct csv_columns *columns);

/* Checks that a column gives the card. Returns ERR_OK or ERR_FORMAT (with why, as above). */
int csv_columns_need_card(const struct csv_columns *columns, char why[CSV_COLUMNS_WHY_MAX]) MUST_USE;

/* Checks that a column gives the profile. Returns ERR_OK or ERR_FORMAT (with why, as above). */
int csv_columns_need_profile(const struct csv_columns *columns, char why[CSV_COLUMNS_WHY_MAX]) MUST_USE;

/* Writes the names of the columns with this role in one line, "A, B, C". Returns how many there are. */
size_t csv_columns_list(const struct csv_columns *columns, enum csv_column role, char *out, size_t size);

#endif
