/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adds the cards of a site's register to an import, for a list without files of the school: each card of each
 * person who is in the school, with the rights that the same card had in the file. Cards that the office lent
 * are left to office_merge. Contradictions go into the report of the import. Blocks on the disk.
 */
#ifndef TOOLS_PORTILLON_STORE_REGISTER_LIST_H
#define TOOLS_PORTILLON_STORE_REGISTER_LIST_H

#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/store/people_store.h"

struct register_list_counts {
    uint32_t people, without_card; /* who are in the school; of these, without a card of their own */
    uint32_t cards;
    uint32_t left;   /* cards of people who left: left out */
    uint32_t nobody; /* cards of people whom the store has lost: left out */
    uint32_t older;  /* cards of which an older version did not keep what the file said */
};

/* Adds the cards. path is the path of the store, for messages; it must outlive the import. options->today of
 * the import decides who has left. Returns ERR_OK (contradictions are in the report), ERR_IO or ERR_BUSY (of
 * the store), or ERR_NO_SPACE. */
int register_list_add(struct people_store *store, const char *path, struct csv_import *import,
                      struct register_list_counts *counts) MUST_USE;

/* Reports what of the register a list needs and what is left out: an empty register is an error, people
 * without a card are counted. */
void register_list_report(const struct register_list_counts *counts, const char *path,
                          struct import_report *report);

/* Reports each card of the files of an import to which the register gives other rights, or none, so that a
 * list from the files and one from the register would differ. counts receives what the register has. Returns
 * ERR_OK (differences are in the report), ERR_IO, ERR_BUSY or ERR_NO_SPACE. */
int register_list_compare(struct people_store *store, const char *path, struct csv_import *import,
                          struct register_list_counts *counts) MUST_USE;

#endif
