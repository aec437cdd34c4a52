/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in the building by the last passage of each person today, for an evacuation, and how the gates are.
 * Nothing blocks. */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_INSIDE_H
#define TOOLS_PORTILLON_REPORT_REPORT_INSIDE_H

#include "tools/portillon/report/report_data.h"
#include "tools/portillon/report/report_table.h"

/* Adds the time at which the list is true, the numbers by class and, with names, the people by class. data
 * has the passages of today, which began at a UTC second. A person whose state is not sure is listed as
 * such. */
void report_inside_add(struct report *report, const struct report_data *data, int64_t today_utc_s,
                       bool with_names);

/* Adds the table of the gates: when each was last reached and read, its list, its clock and damaged blocks,
 * and what needs attention. newest_list is the version of the newest list that the store knows. */
void report_inside_add_gates(struct report *report, const struct report_data *data, int64_t now_utc_s,
                             int64_t newest_list);

#endif
