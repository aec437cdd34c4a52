/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the form of a name by which the store compares people: without case and accents. Nothing blocks. */
#ifndef TOOLS_PORTILLON_STORE_PERSON_FOLD_H
#define TOOLS_PORTILLON_STORE_PERSON_FOLD_H

#define PERSON_FOLD_SIZE 260

/* Writes surname and first name, folded, into out. */
void person_fold(const char *surname, const char *first_name, char out[PERSON_FOLD_SIZE]);

#endif
