/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/step_times.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/utf8.h"

#define STEP_COLUMNS 22

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void step_times_start(struct step_times *times, bool shown)
{
    times->shown = shown;
    times->started_us = times->step_us = now_us();
}

static void say(const struct step_times *times, const char *step, uint64_t us)
{
    if (times->shown)
        fprintf(stderr, "  %-*s %6" PRIu64 ".%" PRIu64 " ms\n", utf8_width(step, STEP_COLUMNS), step,
                us / 1000, us / 100 % 10);
}

void step_times_end(struct step_times *times, const char *step)
{
    uint64_t now = now_us();
    say(times, step, now - times->step_us);
    times->step_us = now;
}

void step_times_finish(struct step_times *times)
{
    const char *memory = _("memory at most");
    struct rusage usage;
    say(times, _("in all"), now_us() - times->started_us);
    if (times->shown && getrusage(RUSAGE_SELF, &usage) == 0)
        fprintf(stderr, _("  %-*s %6ld MiB\n"), utf8_width(memory, STEP_COLUMNS), memory,
                usage.ru_maxrss / 1024);
}
