/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a card number from the command line and computes the card's pseudonym. The caller owns the struct.
 * Nothing blocks. */
#ifndef TOOLS_PORTILLON_STORE_CARD_OPTION_H
#define TOOLS_PORTILLON_STORE_CARD_OPTION_H

#include <stdbool.h>

#include "firmware/crypto/tag.h"
#include "tools/portillon/csv/card_number.h"
#include "tools/portillon/site/site.h"

struct card_option {
    struct tag tag;
    char hex[2 * READER_UID_MAX + 1];
};

/* Reads the value of --uid. Returns true when it is a notation. Otherwise prints the error on stderr and
 * returns false. */
bool card_option_notation(const char *command, const char *value, struct card_notation *notation);

/* Reads a card number and computes its pseudonym. Prints each error on stderr. Returns ERR_OK, ERR_FORMAT or
 * ERR_CRYPTO. */
int card_option_read(const char *command, const char *option, const char *text,
                     const struct card_notation *notation, const struct site *site,
                     struct card_option *card) MUST_USE;

#endif
