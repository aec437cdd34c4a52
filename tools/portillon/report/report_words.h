/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the words of a report in the language of the user, as the staff of a school read them. Pure but for
 * the language. */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_WORDS_H
#define TOOLS_PORTILLON_REPORT_REPORT_WORDS_H

#include "tools/portillon/report/report_table.h"

/* How a card of nobody known is named in place of a person, in CSV and JSON: this, its pseudonym and ")". */
#define REPORT_WORDS_NO_NAME "? (carte "

/* Each writes one kind of cell. A word that it does not know stays as it is. */
void report_words_day(const char *cell, char out[REPORT_WORDS_SIZE]);       /* "Mon 2026-11-23" */
void report_words_short_day(const char *cell, char out[REPORT_WORDS_SIZE]); /* "11-23" */
void report_words_moment(const char *cell, char out[REPORT_WORDS_SIZE]);    /* "2026-11-23 12:10:05" */
void report_words_as_of(const char *cell, char out[REPORT_WORDS_SIZE]);     /* or "not_read_today" */
void report_words_hour(const char *cell, char out[REPORT_WORDS_SIZE]);      /* "7:00" */
void report_words_service(const char *cell, char out[REPORT_WORDS_SIZE]);   /* "": "outside services" */
void report_words_profile(const char *cell, char out[REPORT_WORDS_SIZE]);   /* "": "category not known" */
void report_words_class(const char *cell, char out[REPORT_WORDS_SIZE]);     /* "": "Without a class" */
void report_words_person(const char *cell, char out[REPORT_WORDS_SIZE]); /* a name, or a card without one */
void report_words_word(const char *cell, char out[REPORT_WORDS_SIZE]);   /* zones, directions, states */
void report_words_words(const char *cell, char out[REPORT_WORDS_SIZE]);  /* several, "a, b" */
void report_words_reason(const char *cell, char out[REPORT_WORDS_SIZE]); /* of a refusal */
void report_words_method(const char *cell, char out[REPORT_WORDS_SIZE]); /* how a card was known */
void report_words_list(const char *cell, char out[REPORT_WORDS_SIZE]);   /* "0": none */

/* Writes a cell as its column says; a number in digits, "" for no value. Returns the text, which may be
 * out. */
const char *report_words_cell(const struct report_column *column, const struct report_cell *cell,
                              char out[REPORT_WORDS_SIZE]);

#endif
