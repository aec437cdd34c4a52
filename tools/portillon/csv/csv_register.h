/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the register of pupils of SIECLE into an import, before the files of cards, and finds the holder of a
 * card in it. It belongs to csv_import. The caller owns all memory. Nothing blocks except on_person.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_REGISTER_H
#define TOOLS_PORTILLON_CSV_CSV_REGISTER_H

#include "tools/portillon/csv/csv_import_state.h"
#include "tools/portillon/csv/csv_row.h"

/* Reads a register, whose bytes are those of the XML, after csv_cards_begin. Errors of the content go into
 * the report. Returns ERR_OK, ERR_NO_SPACE or the value with which on_person ended the import. */
int csv_register_read(struct csv_import *import, const char *name, const char *data, size_t len) MUST_USE;

/* Returns true if the columns of a file let its cards be joined with a register that was read. */
bool csv_register_joins(const struct csv_import *import);

/* Finds the holder of the row's card: by id; by name only if the row says no profile itself. Returns NULL if
 * there is no register, or if the row is not in it: when the row needs it for its profile, an error is
 * reported. */
struct pupil *csv_register_find(struct csv_import *import, struct csv_row *row);

/* Fills in the folded words by which a pupil is found, from id and names. */
void csv_register_make_words(struct pupil *pupil);

/* Returns the first day of a person's rights. An entry long ago says nothing, and would make one more rule
 * for each day of entry. */
uint16_t csv_register_first_day(const struct csv_import *import, uint16_t first_day);

/* Takes the person of the register. The bytes are stored in person->text. */
void csv_register_person(const struct pupil *pupil, struct csv_person *person);

#endif
