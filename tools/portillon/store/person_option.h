/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds people of the office's store for the command line: the person that --person names, and the holder of
 * a card. The caller owns every struct. The functions block as those of people_store.h.
 */
#ifndef TOOLS_PORTILLON_STORE_PERSON_OPTION_H
#define TOOLS_PORTILLON_STORE_PERSON_OPTION_H

#include <stddef.h>

#include "firmware/crypto/tag.h"
#include "tools/portillon/store/office_register.h"
#include "tools/portillon/store/people_store.h"

#define PERSON_OPTION_LABEL_SIZE (PEOPLE_STORE_NAME_SIZE + 132)

/* Finds the store that has the people of a site: the one that is given, otherwise PORTILLON_STORE, otherwise
 * the register of the site. One that is not given and not there is printed as a note. Returns ERR_OK,
 * ERR_NOT_FOUND (there is none) or, after printing it, another error of office_register_read. */
int person_option_store(const char *command, const char *site_folder, const char *given,
                        char path[PATH_MAX]) MUST_USE;

/* Finds the one person whose name and class have the words of the text, or whose number it is, "number=12". If
 * nobody or several match, prints who could be meant, with their numbers. Prints each error. Returns ERR_OK,
 * ERR_NOT_FOUND (nobody, or several), ERR_IO or ERR_BUSY. */
int person_option_find(struct people_store *people, const char *command, const char *text,
                       struct people_person *person) MUST_USE;

/* Finds the one person that text names, as above, in the store of path, which is opened to read for a
 * site, and the tags of the cards that the person has, at most max. Prints each error. Returns their
 * number, or an error. */
int person_option_cards(const char *command, const char *path, const uint8_t *site_id, const char *text,
                        struct people_person *person, struct tag *tags, int max) MUST_USE;

/* Writes the name of a person and the class, if there is one: "Exemple Aïcha, 2A". */
void person_option_label(const struct people_person *person, char label[PERSON_OPTION_LABEL_SIZE]);

/* Looks up the present holder of a card in the store of path, which is opened to read. Prints each error, but
 * not ERR_NOT_FOUND. Returns ERR_OK, ERR_NOT_FOUND (nobody known), or another error of people_store.h. */
int person_option_holder(const char *command, const char *path, const uint8_t *site_id, const struct tag *tag,
                         struct people_person *person) MUST_USE;

#endif
