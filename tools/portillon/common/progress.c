/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define TERMINAL_FIRST_US  500000
#define LOG_FIRST_US       3000000
#define TERMINAL_PERIOD_US 100000
#define LOG_PERIOD_US      10000000
#define BAR_WIDTH          (PROGRESS_BAR_SIZE - 3)

static bool bar_on_terminal;
static progress_listener *listener;
static void *listener_ctx;

void progress_listen(progress_listener *listen, void *ctx)
{
    listener = listen;
    listener_ctx = ctx;
}

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void progress_clear_line(void)
{
    if (bar_on_terminal)
        fputs("\r\033[K", stderr);
    bar_on_terminal = false;
}

static void format_amount(char out[32], double amount, const char *unit)
{
    bool bytes = unit[0] == 'B' && unit[1] == '\0';
    if (!bytes)
        snprintf(out, 32, "%.0f %s", amount, unit);
    else if (amount < 1024)
        snprintf(out, 32, "%.0f B", amount);
    else if (amount < 1024 * 1024)
        snprintf(out, 32, "%.1f KiB", amount / 1024);
    else
        snprintf(out, 32, "%.1f MiB", amount / (1024 * 1024));
}

static void format_time(char out[32], double seconds)
{
    unsigned whole = seconds < 360000 ? (unsigned)(seconds + 0.5) : 359999;
    if (whole < 60)
        snprintf(out, 32, "%u s", whole);
    else if (whole < 3600)
        snprintf(out, 32, "%u min %02u s", whole / 60, whole % 60);
    else
        snprintf(out, 32, "%u h %02u min", whole / 3600, whole / 60 % 60);
}

void progress_bar(uint64_t done, uint64_t total, char bar[PROGRESS_BAR_SIZE])
{
    unsigned filled = (unsigned)((done < total ? done : total) * BAR_WIDTH / total);
    for (unsigned i = 0; i < BAR_WIDTH; i++)
        bar[i + 1] = i < filled ? '#' : '.';
    bar[0] = '[';
    bar[BAR_WIDTH + 1] = ']';
    bar[BAR_WIDTH + 2] = '\0';
}

static void draw(struct progress *progress, uint64_t now, bool last)
{
    double elapsed_s = (double)(now - progress->started_us) / 1e6;
    double rate = elapsed_s > 0 ? (double)(progress->done - progress->base) / elapsed_s : 0;
    char done[32], total[32], speed[32], left[32], bar[PROGRESS_BAR_SIZE] = "";

    progress->shown = true;
    progress->shown_us = now;
    if (listener != NULL) {
        listener(listener_ctx, progress);
        return;
    }
    format_amount(done, (double)progress->done, progress->unit);
    format_amount(total, (double)progress->total, progress->unit);
    format_amount(speed, rate, progress->unit);
    format_time(left, last ? elapsed_s : rate > 0.0 ? (double)(progress->total - progress->done) / rate : 0);
    if (progress->terminal) {
        progress_clear_line();
        if (progress->total != 0)
            progress_bar(progress->done, progress->total, bar);
    }
    fprintf(stderr, "%s %s%s%s", progress->label, bar, bar[0] ? " " : "", done);
    if (progress->total != 0)
        fprintf(stderr, " of %s (%u%%)", total, (unsigned)(progress->done * 100 / progress->total));
    fprintf(stderr, ", %s/s", speed);
    if (last)
        fprintf(stderr, ", took %s", left);
    else if (progress->total != 0 && rate > 0.0)
        fprintf(stderr, ", %s left", left);
    bar_on_terminal = progress->terminal && !last;
    if (!bar_on_terminal)
        fputc('\n', stderr);
}

void progress_start(struct progress *progress, const char *label, const char *unit, uint64_t done,
                    uint64_t total)
{
    *progress = (struct progress){.label = label,
                                  .unit = unit,
                                  .total = total,
                                  .base = done,
                                  .done = done,
                                  .started_us = now_us(),
                                  .terminal = listener != NULL || isatty(STDERR_FILENO)};
    progress->shown_us = progress->started_us;
}

void progress_update(struct progress *progress, uint64_t done)
{
    uint64_t now = now_us();
    uint64_t wait_us = progress->terminal ? TERMINAL_FIRST_US : LOG_FIRST_US;

    if (progress->shown)
        wait_us = progress->terminal ? TERMINAL_PERIOD_US : LOG_PERIOD_US;

    progress->done = progress->total != 0 && done > progress->total ? progress->total : done;
    if (now - progress->shown_us >= wait_us)
        draw(progress, now, false);
}

void progress_finish(struct progress *progress)
{
    if (progress->shown)
        draw(progress, now_us(), true);
    progress->shown = false;
}
