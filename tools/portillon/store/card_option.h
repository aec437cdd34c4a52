/* A card named on the command line, and its tag. */
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

/* Reads --uid. Says what is wrong with it otherwise. */
bool card_option_notation(const char *command, const char *value, struct card_notation *notation);

/* Reads a card number and computes its tag. Says on stderr what is wrong. @retval ERR_OK, ERR_FORMAT,
 * ERR_CRYPTO. */
int card_option_read(const char *command, const char *option, const char *text,
                     const struct card_notation *notation, const struct site *site,
                     struct card_option *card) MUST_USE;

#endif
