/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the person that is meant on the command line. Blocks on the disk or the server. */
#ifndef TOOLS_PORTILLON_STORE_PERSON_OPTION_H
#define TOOLS_PORTILLON_STORE_PERSON_OPTION_H

#include "tools/portillon/store/people_store.h"

/* Finds the one person whose name and class have the words of the text, or whose number it is, "number=12".
 * If it is nobody or several, prints that, and who could be meant, with their numbers. Returns ERR_OK,
 * ERR_NOT_FOUND, ERR_ARGUMENT (several), ERR_IO or ERR_BUSY. */
int person_option_find(struct people_store *store, const char *command, const char *text,
                       struct people_person *person) MUST_USE;

#endif
