/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows progress on stderr, for work that may take more than a second. On a terminal it redraws one line with
 * the rate and the time left, as wide as the terminal allows. Elsewhere it prints a plain line every ten
 * seconds. Work that ends within half a second (three seconds when stderr is not a terminal) shows nothing.
 * The caller owns the struct. Only one progress may run at a time.
 */
#ifndef TOOLS_PORTILLON_COMMON_PROGRESS_H
#define TOOLS_PORTILLON_COMMON_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *label;
    const char *unit; /* "B" is shown as KiB and MiB; any other word is shown as it is ("rows") */
    uint64_t total;   /* 0: not known */
    uint64_t base;    /* amount done before the start (a resumed upload), not counted in the rate */
    uint64_t done;
    uint64_t started_us, shown_us;
    bool terminal;
    bool shown;
};

/* Starts the progress. label and unit are in the language of the user, and must outlive it. done is the
 * amount that is already done, total the whole amount or 0. */
void progress_start(struct progress *progress, const char *label, const char *unit, uint64_t done,
                    uint64_t total);
/* Reports the amount done so far. It only reads the clock, and draws at most ten times a second, so it can be
 * called for every piece of the work. */
void progress_update(struct progress *progress, uint64_t done);
/* Ends the line with a summary, if anything was shown. */
void progress_finish(struct progress *progress);
/* Erases a progress line that is on the terminal, so that a message can be printed in its place. */
void progress_clear_line(void);

#define PROGRESS_BAR_SIZE 28

/* Draws a bar as text, " [####....]", with up to width places, at most 24. total is not 0. */
void progress_bar(uint64_t done, uint64_t total, size_t width, char out[PROGRESS_BAR_SIZE]);

/* Returns the number of columns of the terminal on stderr. */
size_t progress_columns(void);

typedef void progress_listener(void *ctx, const struct progress *progress);

/* Gives all further progress of this process to listen(ctx, ...), as often as a terminal would be drawn,
 * instead of stderr; NULL: to stderr again. */
void progress_listen(progress_listener *listen, void *ctx);

#endif
