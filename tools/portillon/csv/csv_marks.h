/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the marks of one row of a school's file: whether the card is blocked or temporary. Columns that may
 * be about the card or about an account of its holder are settled by all their cells: a cell that only a card
 * can cause ("perdue") makes the column one about cards; otherwise a cell that blocks is a question for the
 * office. It belongs to csv_import, and only csv_cards.c includes it. The caller owns all
 * memory. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_MARKS_H
#define TOOLS_PORTILLON_CSV_CSV_MARKS_H

#include "tools/portillon/csv/csv_import_state.h"
#include "tools/portillon/csv/csv_row.h"

/* Reads the marks of a row into rule->flags. Errors of single cells are reported. */
void csv_marks_read(struct csv_import *import, struct csv_row *row, struct whitelist_rule *rule);

/* Reports, at the end of a file, the columns that cannot be told and those that block cards. */
void csv_marks_end(struct csv_import *import);

#endif
