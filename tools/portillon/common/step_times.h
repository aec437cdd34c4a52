/* SPDX-License-Identifier: Apache-2.0 */
/* Measures how long each step of a command takes, for --verbose. The caller owns the struct. Only one thread
 * may use it. Nothing blocks but the output to stderr. */
#ifndef TOOLS_PORTILLON_COMMON_STEP_TIMES_H
#define TOOLS_PORTILLON_COMMON_STEP_TIMES_H

#include <stdbool.h>
#include <stdint.h>

struct step_times {
    bool shown;
    uint64_t started_us, step_us;
};

/* Starts to measure. Nothing is printed unless shown is true. */
void step_times_start(struct step_times *times, bool shown);
/* Ends a step and prints its time in milliseconds on stderr: "  reading 812 ms". step is in the language of
 * the user. */
void step_times_end(struct step_times *times, const char *step);
/* Prints the time of all steps together and the most memory used. */
void step_times_finish(struct step_times *times);

#endif
