/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks after all gates of a site at once: a process for each (sync_child.h), their messages, and the lines
 * on the screen. On a terminal each gate has a line that is redrawn; otherwise messages and results are lines
 * of a log. The caller owns the struct.
 */
#ifndef TOOLS_PORTILLON_SYNC_SYNC_STATION_H
#define TOOLS_PORTILLON_SYNC_SYNC_STATION_H

#include <stdbool.h>

#include "tools/portillon/sync/sync_gate.h"
#include "tools/portillon/sync/sync_pass.h"
#include "tools/portillon/sync/sync_plan.h"

struct sync_station {
    const struct sync_job *job;
    struct sync_gate gates[SITE_GATES_MAX];
    int count;
    bool prints_lines; /* results as text on stdout */
    bool is_terminal;
    int drawn; /* lines on the terminal */
    uint64_t drawn_us;
    bool is_ending; /* the processes were told to end */
};

/* Prepares for the gates of a plan that are not left out. plan outlives the station. */
void sync_station_start(struct sync_station *station, const struct sync_job *job,
                        const struct sync_plan *plan);

/* Runs until each gate was visited, with --watch until Ctrl-C. Returns COMMAND_OK if all is well with all
 * gates, COMMAND_FAILED or INTERRUPT_STATUS. */
int sync_station_run(struct sync_station *station);

#endif
