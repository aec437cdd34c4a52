/* SPDX-License-Identifier: Apache-2.0 */
/* Converts weekdays, as users and school files write them, to and from a mask: bit 0 is Monday, bit 6 is
 * Sunday. The functions are pure, but for the language of weekdays_text. */
#ifndef TOOLS_PORTILLON_COMMON_WEEKDAYS_H
#define TOOLS_PORTILLON_COMMON_WEEKDAYS_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define WEEKDAYS_SCHOOL    0x1F /* Monday to Friday */
#define WEEKDAYS_ALL       0x7F
#define WEEKDAYS_TEXT_SIZE 40

/* Finds one day by its folded name or the beginning of it (text_fold.h): "lundi", "lun", "monday", "mon",
 * "me". Returns 0 (Monday) to 6, or ERR_NOT_FOUND. */
int weekdays_find(const char *folded) MUST_USE;

/* Reads several days. They are written as names in French or English, with ranges ("lun-ven", "mon, tue;
 * thu", "du lundi au vendredi"), as letters ("LMMJV", "LMJV", "LMeJV": a single M is mardi, the next M is
 * mercredi, and "Me" is always mercredi), as numbers ("1,2,4,5"), or as "tous les jours". With ERR_FORMAT,
 * unknown holds the word that is not a day. Returns ERR_OK (the mask is not 0) or ERR_FORMAT. */
int weekdays_parse(const char *text, size_t len, uint8_t *mask, char unknown[WEEKDAYS_TEXT_SIZE]) MUST_USE;

/* Writes the mask as text for data: "every day", "mon-fri", "mon tue thu fri" or "no day". */
void weekdays_format(uint8_t mask, char out[WEEKDAYS_TEXT_SIZE]);
/* The same for people, in their language. weekdays_parse reads it too, but for "no day". */
void weekdays_text(uint8_t mask, char out[WEEKDAYS_TEXT_SIZE]);

/* Returns the number of days in the mask. */
int weekdays_count(uint8_t mask);

#endif
