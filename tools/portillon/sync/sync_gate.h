/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One gate as `portillon sync` sees it: its process, what that process told last, and how it is told to the
 * user. The caller owns the struct. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_SYNC_SYNC_GATE_H
#define TOOLS_PORTILLON_SYNC_SYNC_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/portillon/common/json_out.h"
#include "tools/portillon/sync/sync_message.h"
#include "tools/portillon/sync/sync_plan.h"

#define SYNC_LINE_SIZE (SYNC_TEXT_SIZE + 128)

struct sync_gate {
    const struct sync_place *place;
    pid_t pid; /* 0: it has no process now */
    int fd;    /* of its messages; -1: closed */
    uint64_t restart_us;

    char step[64];        /* what is being done */
    uint64_t done, total; /* of that; total 0: not known */
    bool has_result;
    struct sync_result result;    /* the last one */
    char failure[SYNC_TEXT_SIZE]; /* the last failure since all was well; "": none */
    bool failure_was_told;

    /* with --watch */
    uint32_t passages; /* since the start */
    uint32_t untold;   /* of these: not yet in a line of the log */
    uint64_t told_us;
    bool was_well, was_told; /* what the last line of the log said */
};

/* Takes over what a message tells. Returns true if it was a result. */
bool sync_gate_take(struct sync_gate *gate, const struct sync_message *message);

/* Notes that the process ended. It is a failure if it told no result. */
void sync_gate_end(struct sync_gate *gate, int wait_status);

/* Returns true if the last result was good. */
bool sync_gate_is_well(const struct sync_gate *gate);

/* Writes what came of the gate, "up to date: ..." or "FAILED: ...". */
void sync_gate_describe(const struct sync_gate *gate, char line[SYNC_LINE_SIZE]);

/* Writes what is being done, with a bar: for a line of a terminal. */
void sync_gate_describe_step(const struct sync_gate *gate, char line[SYNC_LINE_SIZE]);

/* With --watch: writes a line for the log if there is news. Returns true if there is. Passages alone are told
 * once a minute. */
bool sync_gate_news(struct sync_gate *gate, uint64_t now_us, char line[SYNC_LINE_SIZE]);

/* Writes the gate as an object. */
void sync_gate_put(const struct sync_gate *gate, struct json_out *json);

#endif
