/* SPDX-License-Identifier: Apache-2.0 */
/* Counts passages and refusals for a report. Nothing blocks. */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_PASSAGES_H
#define TOOLS_PORTILLON_REPORT_REPORT_PASSAGES_H

#include "tools/portillon/report/report_data.h"
#include "tools/portillon/report/report_table.h"

/* Adds tables of the passages by day (from one to another, both included, also the empty ones), hour,
 * service, gate and reason. */
void report_passages_add(struct report *report, const struct report_data *data, int32_t first_day,
                         int32_t last_day);

/* Adds the table of the queue: the passages at the canteen in each five minutes of a service, over all days
 * of the report. */
void report_passages_add_queue(struct report *report, const struct report_data *data);

#endif
