/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the form of a name by which the store compares people: without case and accents. Nothing blocks. */
#ifndef TOOLS_PORTILLON_STORE_PERSON_FOLD_H
#define TOOLS_PORTILLON_STORE_PERSON_FOLD_H

#include <stdbool.h>

#include "tools/portillon/csv/csv_import_state.h"

#define PERSON_FOLD_SIZE 260
#define PERSON_KEY_SIZE  512

/* Writes surname and first name, folded, into out. */
void person_fold(const char *surname, const char *first_name, char out[PERSON_FOLD_SIZE]);
/* Writes what the store knows a person of a file by, and their fold: the id of the file if it has one, since
 * an id stays when the class changes; otherwise name and class. Returns false if the row names nobody. */
bool person_fold_key(const struct csv_person *person, char fold[PERSON_FOLD_SIZE], char key[PERSON_KEY_SIZE]);

#endif
