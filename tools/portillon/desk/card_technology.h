/* SPDX-License-Identifier: Apache-2.0 */
/* Names the technology of a card from what it sends when it is selected, as NXP's AN10833 lists the values.
 * The name is a hint for people: other cards can send the same values. Pure. */
#ifndef TOOLS_PORTILLON_DESK_CARD_TECHNOLOGY_H
#define TOOLS_PORTILLON_DESK_CARD_TECHNOLOGY_H

#include "hal/reader.h"

/* Returns a constant string for data, "MIFARE DESFire" for example; translate() gives that for people. */
const char *card_technology(const struct reader_target *target);

#endif
