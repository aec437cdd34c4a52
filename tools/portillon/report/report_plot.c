/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_plot.h"

#include <inttypes.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/report/report_words.h"

#define COLUMNS_TOP    18 /* pixels */
#define COLUMNS_BOTTOM 190
#define COLUMNS_HEIGHT 214
#define SCALE_WIDTH    44 /* pixels left of the columns; the page leaves room for it (svg.columns) */
#define LABELS_MAX     12
#define BAR_PITCH      42
#define BAR_HEIGHT     14
#define BAR_LONGEST    84.0 /* per cent; a number follows */

void report_plot_escape(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(*text, out);
            break;
        }
}

void report_plot_number(int64_t number, char out[REPORT_WORDS_SIZE])
{
    char digits[24];
    const char *separator = _(","); /* between the thousands */
    int count = snprintf(digits, sizeof digits, "%" PRId64, number < 0 ? -number : number);
    size_t len = (size_t)snprintf(out, REPORT_WORDS_SIZE, "%s", number < 0 ? "-" : "");
    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(out + len, REPORT_WORDS_SIZE - len, "%s%c",
                                i > 0 && (count - i) % 3 == 0 ? separator : "", digits[i]);
}

void report_plot_cell(const struct report_table *table, size_t row, int column, char out[REPORT_WORDS_SIZE])
{
    const struct report_cell *cell = report_cell_at(table, row, column);
    const struct report_column *kind = &table->layout->columns[column];
    char words[REPORT_WORDS_SIZE];
    if (cell->kind == REPORT_NUMBER && kind->words == NULL)
        report_plot_number(cell->number, out);
    else
        snprintf(out, REPORT_WORDS_SIZE, "%s", report_words_cell(kind, cell, words));
}

/* --- what is common to both kinds --- */

static int64_t row_total(const struct report_table *table, size_t row)
{
    int64_t total = 0;
    for (int i = 0; i < table->layout->plot_count; i++)
        total += report_cell_at(table, row, table->layout->plot_first + i)->number;
    return total;
}

static int64_t largest_total(const struct report_table *table)
{
    int64_t largest = 0;
    for (size_t row = 0; row < report_row_count(table); row++) {
        int64_t total = row_total(table, row);
        largest = total > largest ? total : largest;
    }
    return largest;
}

/* The colour says what is counted, in all plots of a page. */
static int colour_of(const struct report_table *table, int column)
{
    const char *name = table->layout->columns[column].name;
    return strcmp(name, "unused") == 0                                   ? 1
           : strcmp(name, "refused") == 0 || strcmp(name, "unsure") == 0 ? 2
                                                                         : 0;
}

/* Writes the names of a row: those of all columns up to the label. */
static void write_label(const struct report_table *table, size_t row, FILE *out)
{
    for (int column = 0; column <= table->layout->plot_label; column++) {
        char text[REPORT_WORDS_SIZE];
        report_plot_cell(table, row, column, text);
        fputs(column > 0 ? ", " : "", out);
        report_plot_escape(out, text);
    }
}

/* Writes what is shown when the pointer rests on a bar. */
static void write_hint(const struct report_table *table, size_t row, FILE *out)
{
    fputs("<title>", out);
    write_label(table, row, out);
    for (int i = 0; i < table->layout->plot_count; i++) {
        int column = table->layout->plot_first + i;
        char text[REPORT_WORDS_SIZE];
        report_plot_cell(table, row, column, text);
        fprintf(out, i == 0 ? _(" - %s: %s") : _(", %s: %s"), translate(table->layout->columns[column].title),
                text);
    }
    fputs("</title>", out);
}

static void write_head(const struct report_table *table, int height, FILE *out)
{
    const char *name = table->layout->name;
    char total[REPORT_WORDS_SIZE];
    int64_t sum = 0;
    for (size_t row = 0; row < report_row_count(table); row++)
        sum += row_total(table, row);
    report_plot_number(sum, total);
    fprintf(out,
            "<svg class=\"%s\" role=\"img\" aria-labelledby=\"%s-t %s-d\" width=\"100%%\" height=\"%d\">",
            table->layout->plot == REPORT_PLOT_COLUMNS ? "columns" : "bars", name, name, height);
    fprintf(out, "<title id=\"%s-t\">", name);
    report_plot_escape(out, translate(table->layout->title));
    fprintf(out, "</title><desc id=\"%s-d\">", name);
    fprintf(out, _("Bar chart, total %s. The table has the same numbers."), total);
    fputs("</desc>\n", out);
}

/* --- columns --- */

/* Returns the distance of the lines of the scale: 1, 2 or 5 times a power of ten, four lines at most. */
static int64_t scale_step(int64_t largest)
{
    int64_t step = 1;
    while (largest > 4 * step) {
        if (largest <= 8 * step)
            return 2 * step;
        if (largest <= 20 * step)
            return 5 * step;
        step *= 10;
    }
    return step;
}

static double height_of(int64_t number, int64_t scale)
{
    return (double)(COLUMNS_BOTTOM - COLUMNS_TOP) * (double)number / (double)scale;
}

static void write_scale(int64_t step, int64_t scale, FILE *out)
{
    for (int64_t number = 0; number <= scale; number += step) {
        double y = COLUMNS_BOTTOM - height_of(number, scale);
        char text[REPORT_WORDS_SIZE];
        report_plot_number(number, text);
        fprintf(out, "<line class=\"grid\" x1=\"-%d\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>", SCALE_WIDTH, y,
                y);
        fprintf(out, "<text class=\"mark\" x=\"-%d\" y=\"%.1f\">%s</text>\n", SCALE_WIDTH, y - 4, text);
    }
}

static void write_column_label(const struct report_table *table, size_t row, double middle, FILE *out)
{
    size_t rows = report_row_count(table), every = (rows + LABELS_MAX - 1) / LABELS_MAX;
    char text[REPORT_WORDS_SIZE], digits[24];
    const char *cell = report_cell_text(report_cell_at(table, row, table->layout->plot_label), digits);
    if (row % every != 0)
        return;
    if (strlen(cell) == 10 && cell[4] == '-')
        report_words_short_day(cell, text);
    else
        report_plot_cell(table, row, table->layout->plot_label, text);
    bool is_wide_only = rows / every > LABELS_MAX / 2 && row / every % 2 != 0;
    fprintf(out, "<text class=\"name%s\" x=\"%.3f%%\" y=\"%d\">", is_wide_only ? " wide" : "", middle,
            COLUMNS_BOTTOM + 17);
    report_plot_escape(out, text);
    fputs("</text>", out);
}

static void write_column(const struct report_table *table, size_t row, int64_t scale, FILE *out)
{
    double pitch = 100.0 / (double)report_row_count(table);
    double width = pitch * 0.78 < 9.0 ? pitch * 0.78 : 9.0;
    double middle = pitch * ((double)row + 0.5), y = COLUMNS_BOTTOM;
    fputs("<g>", out);
    write_hint(table, row, out);
    for (int i = 0; i < table->layout->plot_count; i++) {
        int column = table->layout->plot_first + i;
        int64_t number = report_cell_at(table, row, column)->number;
        if (number <= 0)
            continue;
        y -= height_of(number, scale);
        fprintf(out,
                "<rect class=\"c%d\" data-series=\"%s\" data-value=\"%" PRId64
                "\" x=\"%.3f%%\" y=\"%.3f\" width=\"%.3f%%\" height=\"%.3f\"/>",
                colour_of(table, column), table->layout->columns[column].name, number, middle - width / 2, y,
                width, height_of(number, scale));
    }
    fputs("</g>", out);
    write_column_label(table, row, middle, out);
    fputc('\n', out);
}

static void write_columns(const struct report_table *table, int64_t largest, FILE *out)
{
    int64_t step = scale_step(largest), scale = (largest + step - 1) / step * step;
    write_head(table, COLUMNS_HEIGHT, out);
    write_scale(step, scale, out);
    for (size_t row = 0; row < report_row_count(table); row++)
        write_column(table, row, scale, out);
    fputs("</svg>\n", out);
}

/* --- bars --- */

static void write_bar(const struct report_table *table, size_t row, int64_t largest, FILE *out)
{
    double y = (double)(BAR_PITCH * row), x = 0;
    char text[REPORT_WORDS_SIZE];
    fprintf(out, "<g>");
    write_hint(table, row, out);
    fprintf(out, "<text class=\"bar\" x=\"0\" y=\"%.0f\">", y + 13);
    write_label(table, row, out);
    fputs("</text>", out);
    for (int i = 0; i < table->layout->plot_count; i++) {
        int column = table->layout->plot_first + i;
        int64_t number = report_cell_at(table, row, column)->number;
        double width = BAR_LONGEST * (double)number / (double)largest;
        if (number <= 0)
            continue;
        fprintf(out,
                "<rect class=\"c%d\" data-series=\"%s\" data-value=\"%" PRId64
                "\" x=\"%.3f%%\" y=\"%.0f\" width=\"%.3f%%\" height=\"%d\"/>",
                colour_of(table, column), table->layout->columns[column].name, number, x, y + 19, width,
                BAR_HEIGHT);
        x += width;
    }
    report_plot_number(row_total(table, row), text);
    fprintf(out, "<text class=\"sum\" x=\"%.3f%%\" dx=\"6\" y=\"%.0f\">%s</text></g>\n", x, y + 31, text);
}

static void write_bars(const struct report_table *table, int64_t largest, FILE *out)
{
    write_head(table, (int)(BAR_PITCH * report_row_count(table)), out);
    for (size_t row = 0; row < report_row_count(table); row++)
        write_bar(table, row, largest, out);
    fputs("</svg>\n", out);
}

/* Names the colours, if there are several. */
static void write_legend(const struct report_table *table, FILE *out)
{
    int shown = 0;
    for (int i = 0; i < table->layout->plot_count; i++)
        shown += report_sum(table, table->layout->plot_first + i) > 0;
    if (shown < 2)
        return;
    fputs("<p class=\"legend\">", out);
    for (int i = 0; i < table->layout->plot_count; i++) {
        int column = table->layout->plot_first + i;
        if (report_sum(table, column) > 0)
            fprintf(out,
                    "<span><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><rect class=\"c%d\" "
                    "width=\"12\" height=\"12\"/></svg> %s</span> ",
                    colour_of(table, column), translate(table->layout->columns[column].title));
    }
    fputs("</p>\n", out);
}

bool report_plot_write(const struct report_table *table, FILE *out)
{
    int64_t largest = largest_total(table);
    if (table->layout->plot == REPORT_PLOT_NONE || largest == 0)
        return false;
    if (table->layout->plot == REPORT_PLOT_COLUMNS)
        write_columns(table, largest, out);
    else
        write_bars(table, largest, out);
    write_legend(table, out);
    return true;
}
