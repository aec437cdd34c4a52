/* Days of the week as people and schools' files write them, as a mask: bit 0 Monday .. bit 6 Sunday. Pure. */
#ifndef TOOLS_PORTILLON_COMMON_WEEKDAYS_H
#define TOOLS_PORTILLON_COMMON_WEEKDAYS_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define WEEKDAYS_SCHOOL    0x1F /* Monday to Friday */
#define WEEKDAYS_ALL       0x7F
#define WEEKDAYS_TEXT_SIZE 40

/* One day by its folded name or its beginning (text_fold.h): "lundi", "lun", "monday", "mon", "me".
 * @retval 0 (Monday) to 6, ERR_NOT_FOUND. */
int weekdays_find(const char *folded) MUST_USE;

/* Several days: names in French or English with ranges ("lun-ven", "mon, tue; thu", "du lundi au vendredi"),
 * letters ("LMMJV", "LMJV", "LMeJV": an M alone is mardi, the next one mercredi; "Me" is mercredi always),
 * numbers ("1,2,4,5"), or "tous les jours". On ERR_FORMAT, unknown has the word that is no day.
 * @retval ERR_OK (mask is not 0), ERR_FORMAT. */
int weekdays_parse(const char *text, size_t len, uint8_t *mask, char unknown[WEEKDAYS_TEXT_SIZE]) MUST_USE;

/* "every day", "mon-fri", "mon tue thu fri", "no day". */
void weekdays_format(uint8_t mask, char out[WEEKDAYS_TEXT_SIZE]);

/* How many days a mask has. */
int weekdays_count(uint8_t mask);

#endif
