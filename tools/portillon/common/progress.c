/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/utf8.h"

#define TERMINAL_FIRST_US  500000
#define LOG_FIRST_US       3000000
#define TERMINAL_PERIOD_US 100000
#define LOG_PERIOD_US      10000000
#define BAR_WIDTH          (PROGRESS_BAR_SIZE - 4)
#define BAR_WIDTH_MIN      4
#define COLUMNS_DEFAULT    80
#define LINE_MAX_COLUMNS   300

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
        snprintf(out, 32, _("%.0f B"), amount);
    else if (amount < 1024 * 1024)
        snprintf(out, 32, _("%.1f KiB"), amount / 1024);
    else
        snprintf(out, 32, _("%.1f MiB"), amount / (1024 * 1024));
}

static void format_time(char out[32], double seconds)
{
    unsigned whole = seconds < 360000 ? (unsigned)(seconds + 0.5) : 359999;
    if (whole < 60)
        snprintf(out, 32, "%u s", whole);
    else if (whole < 3600)
        snprintf(out, 32, _("%u min %02u s"), whole / 60, whole % 60);
    else
        snprintf(out, 32, _("%u h %02u min"), whole / 3600, whole / 60 % 60);
}

/* The parts of a line. */
struct line {
    const char *label;
    char amount[96], speed[40], time[48], bar[PROGRESS_BAR_SIZE];
};

static void write_amount(const struct progress *progress, char out[96])
{
    char done[32], total[32];
    format_amount(done, (double)progress->done, progress->unit);
    format_amount(total, (double)progress->total, progress->unit);
    if (progress->total != 0)
        snprintf(out, 96, _(" %s of %s (%u%%)"), done, total,
                 (unsigned)(progress->done * 100 / progress->total));
    else
        snprintf(out, 96, " %s", done);
}

static void write_speed_and_time(const struct progress *progress, uint64_t now, bool last, struct line *line)
{
    double elapsed_s = (double)(now - progress->started_us) / 1e6;
    double rate = elapsed_s > 0 ? (double)(progress->done - progress->base) / elapsed_s : 0;
    char speed[32], time[32];
    format_amount(speed, rate, progress->unit);
    snprintf(line->speed, sizeof line->speed, _(", %s/s"), speed);
    format_time(time, last ? elapsed_s : rate > 0.0 ? (double)(progress->total - progress->done) / rate : 0);
    if (last)
        snprintf(line->time, sizeof line->time, _(", took %s"), time);
    else if (progress->total != 0 && rate > 0.0)
        snprintf(line->time, sizeof line->time, _(", %s left"), time);
}

void progress_bar(uint64_t done, uint64_t total, size_t width, char out[PROGRESS_BAR_SIZE])
{
    if (width > BAR_WIDTH)
        width = BAR_WIDTH;
    size_t filled = (size_t)((done < total ? done : total) * width / total);
    out[0] = ' ';
    out[1] = '[';
    for (size_t i = 0; i < width; i++)
        out[2 + i] = i < filled ? '#' : '.';
    out[2 + width] = ']';
    out[3 + width] = '\0';
}

size_t progress_columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : COLUMNS_DEFAULT;
}

/* Makes the line fit the terminal, since one that wraps cannot be redrawn. The bar is as wide as there is
 * room. Without room the rate is left out, then the label is cut, then the time is left out. Returns how many
 * columns the label has. */
static size_t fit(const struct progress *progress, size_t room, struct line *line)
{
    size_t label = utf8_columns(line->label), amount = utf8_columns(line->amount);
    if (label + amount + utf8_columns(line->speed) + utf8_columns(line->time) > room)
        line->speed[0] = '\0';
    if (amount + utf8_columns(line->time) > room)
        line->time[0] = '\0';
    size_t rest = amount + utf8_columns(line->speed) + utf8_columns(line->time);
    if (label + rest > room)
        label = rest < room ? room - rest : 0;
    if (progress->total != 0 && label + rest + 3 + BAR_WIDTH_MIN <= room)
        progress_bar(progress->done, progress->total, room - label - rest - 3, line->bar);
    return label;
}

static void draw(struct progress *progress, uint64_t now, bool last)
{
    struct line line = {.label = progress->label};
    progress->shown = true;
    progress->shown_us = now;
    if (listener != NULL) {
        listener(listener_ctx, progress);
        return;
    }
    write_amount(progress, line.amount);
    write_speed_and_time(progress, now, last, &line);
    char text[4 * LINE_MAX_COLUMNS + 1];
    size_t label = utf8_columns(line.label), room = LINE_MAX_COLUMNS;
    if (progress->terminal) {
        progress_clear_line();
        room = progress_columns() - 1; /* the cursor stands behind the line */
        label = fit(progress, room, &line);
    }
    snprintf(text, sizeof text, "%.*s%s%s%s%s", utf8_cut(line.label, label), line.label, line.bar,
             line.amount, line.speed, line.time);
    fprintf(stderr, "%.*s", utf8_cut(text, room), text);
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
