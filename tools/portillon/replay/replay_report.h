/* SPDX-License-Identifier: Apache-2.0 */
/* Writes what a replay found: for a terminal, as CSV and as JSON. Blocks on the file. */
#ifndef TOOLS_PORTILLON_REPLAY_REPLAY_REPORT_H
#define TOOLS_PORTILLON_REPLAY_REPLAY_REPORT_H

#include <stdio.h>

#include "tools/portillon/replay/replay_pupils.h"

struct replay_report {
    const struct replay *replay;
    const struct replay_pupils *pupils;
    const struct time_zone *zone;
    const char *store, *rules, *list; /* as they were named; rules and list may be NULL */
    uint16_t first_day, last_day;     /* since 2000-01-01 */
};

/* Writes the pupils under each pair of outcomes, and what was not replayed. */
void replay_report_text(const struct replay_report *report, FILE *out);
/* Writes a row for each pupil and pair of outcomes. */
void replay_report_csv(const struct replay_report *report, FILE *out);
/* Writes one object. */
void replay_report_json(const struct replay_report *report, FILE *out);

#endif
