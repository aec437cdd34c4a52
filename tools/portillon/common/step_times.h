/* How long each step of a command took, for --verbose. The caller owns the struct; for one thread. */
#ifndef TOOLS_PORTILLON_COMMON_STEP_TIMES_H
#define TOOLS_PORTILLON_COMMON_STEP_TIMES_H

#include <stdbool.h>
#include <stdint.h>

struct step_times {
    bool shown;
    uint64_t started_us, step_us;
};

void step_times_start(struct step_times *times, bool shown);
/* The step that ends here: "  reading 812 ms" on stderr. */
void step_times_end(struct step_times *times, const char *step);
/* All of them, with the most memory used. */
void step_times_finish(struct step_times *times);

#endif
