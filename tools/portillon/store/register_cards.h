/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives the pupils of a register the cards that the store knows as theirs, when no file of cards is given
 * with the register: the rights come from the register, the cards from earlier files. Cards that the office
 * lent are left to office_merge. Blocks on the disk.
 */
#ifndef TOOLS_PORTILLON_STORE_REGISTER_CARDS_H
#define TOOLS_PORTILLON_STORE_REGISTER_CARDS_H

#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/store/people_store.h"

/* Adds the cards to the import, unless a file gave a pupil of the register a card. utc_s is the time under
 * which people are stored. Returns ERR_OK, ERR_IO or ERR_BUSY (of the store), or ERR_NO_SPACE. */
int register_cards_add(struct people_store *store, struct csv_import *import, int64_t utc_s) MUST_USE;

#endif
