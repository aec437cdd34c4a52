/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the words of a report in French, as the staff of a school read them. Pure. */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_FRENCH_H
#define TOOLS_PORTILLON_REPORT_REPORT_FRENCH_H

#include "tools/portillon/report/report_table.h"

/* Each writes one kind of cell. A word that it does not know stays as it is. */
void report_french_day(const char *cell, char out[REPORT_FRENCH_SIZE]);     /* "lun. 23/11/2026" */
void report_french_moment(const char *cell, char out[REPORT_FRENCH_SIZE]);  /* "23/11/2026 à 12:10:05" */
void report_french_as_of(const char *cell, char out[REPORT_FRENCH_SIZE]);   /* or "not_read_today" */
void report_french_hour(const char *cell, char out[REPORT_FRENCH_SIZE]);    /* "7 h" */
void report_french_service(const char *cell, char out[REPORT_FRENCH_SIZE]); /* "": "hors service" */
void report_french_profile(const char *cell, char out[REPORT_FRENCH_SIZE]); /* "": "inconnu" */
void report_french_class(const char *cell, char out[REPORT_FRENCH_SIZE]);   /* "": "Sans classe" */
void report_french_word(const char *cell, char out[REPORT_FRENCH_SIZE]);    /* zones, directions, states */
void report_french_words(const char *cell, char out[REPORT_FRENCH_SIZE]);   /* several, "a, b" */
void report_french_reason(const char *cell, char out[REPORT_FRENCH_SIZE]);  /* of a refusal */
void report_french_list(const char *cell, char out[REPORT_FRENCH_SIZE]);    /* "0": none */

#endif
