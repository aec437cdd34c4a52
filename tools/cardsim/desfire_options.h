/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the options of a DESFire card, and describes what the card stores. Pure. */
#ifndef CARDSIM_DESFIRE_OPTIONS_H
#define CARDSIM_DESFIRE_OPTIONS_H

#include "tools/cardsim/card.h"

/* Sets an option of a card: aid=, and key=, key0= to key13=, keys=, settings= and file= of the application
 * that the last aid= made; picc-key=, picc-settings=, random-uid=, rndb=, ti=. Returns false for any other,
 * and for a wrong value. */
bool cardsim_desfire_option(struct cardsim_card *card, const char *key, const char *value);
/* Writes what the card stores as one line without its end into text of size bytes: "session=...
 * applications=...". */
void cardsim_desfire_describe(const struct cardsim_card *card, char *text, size_t size);
/* Writes the content of the file AID:NUMBER as hexadecimal into text. Returns false if there is no such file,
 * or text is too small. */
bool cardsim_desfire_content(struct cardsim_card *card, const char *name, char *text, size_t size);

#endif
