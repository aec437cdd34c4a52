/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what an import changes in a register, as text or as JSON, on stdout. Only the output blocks. */
#ifndef TOOLS_PORTILLON_STORE_CHANGE_REPORT_H
#define TOOLS_PORTILLON_STORE_CHANGE_REPORT_H

#include "tools/portillon/common/json_out.h"
#include "tools/portillon/store/people_change.h"

#define CHANGE_REPORT_FEW 5 /* names of each kind that are printed unless all are wanted */

/* Counts all changes. */
size_t change_report_count(const struct people_snapshot *before, const struct people_snapshot *after);
/* Prints a line for each kind of change with its count, and below it the first names, or all. */
void change_report_text(const struct people_snapshot *before, const struct people_snapshot *after, bool all);
/* Writes a member for each kind, with its count and everybody. */
void change_report_json(const struct people_snapshot *before, const struct people_snapshot *after,
                        struct json_out *json);

#endif
