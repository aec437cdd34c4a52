/* SPDX-License-Identifier: Apache-2.0 */
/* Tells whether a list can have a card that lies on the reader at the desk. Pure. */
#ifndef TOOLS_PORTILLON_DESK_DESK_CARD_H
#define TOOLS_PORTILLON_DESK_DESK_CARD_H

#include "hal/reader.h"
#include "tools/portillon/csv/card_number.h"

#define DESK_CARD_HEX_SIZE (2 * READER_UID_MAX + 1)

/* Writes the card's number in hexadecimal; "" if it has none. */
void desk_card_number(const struct reader_target *card, char hex[DESK_CARD_HEX_SIZE]);

/* Names why no list can have a card: "random" or "shared", or "unusable" for another reason, with the reason
 * in why in the language of the user. The word is for data; translate() gives that for people. Returns NULL,
 * and "" in why, if a list can have it. */
const char *desk_card_refusal(const struct reader_target *card, char why[CARD_NUMBER_WHY_MAX]);

#endif
