/*
 * The cards that the office lent or blocked between two files of the school, put into the cards for a list:
 * blocked ones are blocked whatever the file says, lent ones get the rights of the person who has them, for
 * the days of the loan, as temporary cards. What does not fit together is reported.
 */
#ifndef TOOLS_PORTILLON_STORE_OFFICE_MERGE_H
#define TOOLS_PORTILLON_STORE_OFFICE_MERGE_H

#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/store/people_store.h"

struct office_merge_counts {
    uint32_t lent, blocked, ended; /* ended: loans over, left out */
};

/* path: of the store, for messages. today: days since 2000-01-01. A loan over for less than
 * OFFICE_MERGE_KEPT_DAYS stays in, so that the gate can say "expired".
 * @retval ERR_OK (what does not fit is in the import's report), ERR_IO, ERR_BUSY (of the store),
 * ERR_NO_SPACE. */
int office_merge(struct people_store *store, const char *path, struct csv_import *import, uint16_t today,
                 struct office_merge_counts *counts) MUST_USE;

#define OFFICE_MERGE_KEPT_DAYS 30

#endif
