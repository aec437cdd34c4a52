/* SPDX-License-Identifier: Apache-2.0 */
/* How cards are known, and how far a school has changed over to cards that cannot be copied. Adding the cards
 * blocks on the store. */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_METHODS_H
#define TOOLS_PORTILLON_REPORT_REPORT_METHODS_H

#include "tools/portillon/report/report_data.h"
#include "tools/portillon/report/report_table.h"

/* Adds the table of the taps of a period, by the method that each card was known by. */
void report_methods_add_taps(struct report *report, const struct report_data *data);

/* Adds the table of the cards that the people in the school have now, by profile: those known by their UID
 * alone, by UID and DESFire identifier, by the identifier alone. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int report_methods_add_cards(struct report *report, struct store_db *store) MUST_USE;

#endif
