/*
 * Progress on stderr, for work that may take over a second. On a terminal: one line redrawn, with rate and
 * time left. Elsewhere: a plain line every ten seconds. Work that ends within half a second (elsewhere:
 * three seconds) shows nothing.
 * The caller owns the struct; one is under way at a time.
 */
#ifndef TOOLS_PORTILLON_COMMON_PROGRESS_H
#define TOOLS_PORTILLON_COMMON_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *label;
    const char *unit; /* "B" is shown as KiB and MiB; any other word as it is ("rows") */
    uint64_t total;   /* 0: not known */
    uint64_t base;    /* what was done before the start (a resumed upload), not counted in the rate */
    uint64_t done;
    uint64_t started_us, shown_us;
    bool terminal;
    bool shown;
};

/* label and unit must outlive the progress. done: how much is there already. */
void progress_start(struct progress *progress, const char *label, const char *unit, uint64_t done,
                    uint64_t total);
/* Cheap enough to call for every piece: it looks at the clock and draws at most ten times a second. */
void progress_update(struct progress *progress, uint64_t done);
/* Ends the line with a summary where something was shown. */
void progress_finish(struct progress *progress);
/* Erases a bar that stands on the terminal, so that a message can take its line. */
void progress_clear_line(void);

#endif
