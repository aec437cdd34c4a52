/* SPDX-License-Identifier: Apache-2.0 */
/* The meals that were served, for the bursar, and the passages that one meal too many was taken with. Nothing
 * blocks. */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_MEALS_H
#define TOOLS_PORTILLON_REPORT_REPORT_MEALS_H

#include "tools/portillon/report/meal_tally.h"
#include "tools/portillon/report/report_table.h"

/* Adds tables of a merged tally: by service and profile, by day, and by all of them. */
void report_meals_add(struct report *report, const struct meal_tally *tally);

/* Adds the table of double passages: one card granted at two gates of the canteen during one service, more
 * often than its holder may pass. Without names, people are not shown. */
void report_meals_add_doubles(struct report *report, const struct report_data *data, bool with_names);

#endif
