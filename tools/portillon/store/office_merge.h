/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merges the cards that the office lent or blocked since the school's last file into the cards for a list. A
 * blocked card is blocked, whatever the file says. A lent card gets the rights of the person who has it, for
 * the days of the loan, as a temporary card. Contradictions go into the report of the import. Blocks on the
 * disk.
 */
#ifndef TOOLS_PORTILLON_STORE_OFFICE_MERGE_H
#define TOOLS_PORTILLON_STORE_OFFICE_MERGE_H

#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/store/people_store.h"

struct office_merge_counts {
    uint32_t lent, blocked, ended; /* ended: loans that are over and left out */
};

/* Merges the office's cards into import. path is the path of the store, for messages. today is in days since
 * 2000-01-01. A loan that ended at most OFFICE_MERGE_KEPT_DAYS days ago stays in the list, so that the gate
 * can say "expired". Returns ERR_OK (contradictions are in the report), ERR_IO or ERR_BUSY (of the store), or
 * ERR_NO_SPACE. */
int office_merge(struct people_store *store, const char *path, struct csv_import *import, uint16_t today,
                 struct office_merge_counts *counts) MUST_USE;

#define OFFICE_MERGE_KEPT_DAYS 30

#endif
