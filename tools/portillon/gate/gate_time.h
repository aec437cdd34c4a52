/* SPDX-License-Identifier: Apache-2.0 */
/* Formats and reads times and durations for the user. The functions keep no state, allocate nothing and do
 * not block. */
#ifndef TOOLS_PORTILLON_GATE_GATE_TIME_H
#define TOOLS_PORTILLON_GATE_GATE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define GATE_TIME_LEN 64

/* Writes local time, "2026-09-01 08:30:00 CEST". Returns text. */
const char *gate_time_local(uint32_t utc_s, char text[GATE_TIME_LEN]);

/* Writes a duration with at most two units: "3 d 4 h", "2 min 5 s", "0 s". Returns text. */
const char *gate_time_span(uint64_t seconds, char text[GATE_TIME_LEN]);

/* Writes the difference of two clocks: "agrees with this computer's", "12 s behind this computer's" or "…
 * ahead of …". Returns text. */
const char *gate_time_drift(int64_t ahead_s, char text[GATE_TIME_LEN]);

/* Reads "2026-09-01T08:30:00Z" (or +02:00), "2026-09-01 08:30[:00]" (local time) or "@seconds since 1970".
 * Returns false if the text is none of them, or no existing moment. */
bool gate_time_parse(const char *text, uint32_t *utc_s);

#endif
