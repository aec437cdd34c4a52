/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/report/report_plot.h"
#include "tools/portillon/report/report_words.h"

/* The colours of the plots keep apart for eyes that see no red or green, and on paper without colours. */
static const char style[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1c2430;--soft:#56606e;--line:#d5dae1;--head:#f2f4f7;"
    "--c0:#1f5fae;--c1:#9aa5b3;--c2:#e08a1e}\n"
    "@media (prefers-color-scheme:dark){:root{--paper:#14181e;--ink:#e7ebf0;--soft:#a4aebb;--line:#39424e;"
    "--head:#1e242c;--c0:#6ea8ee;--c1:#727e8d;--c2:#f0a94a}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--paper);color:var(--ink);"
    "font:1rem/1.5 system-ui,\"Liberation Sans\",\"DejaVu Sans\",sans-serif}\n"
    "h1{font-size:1.6rem;line-height:1.25;margin:0}h2{font-size:1.2rem;line-height:1.3;margin:2.5rem 0 "
    ".5rem}\n"
    "h3{font-size:1rem;margin:1.25rem 0 .25rem}p{margin:.25rem 0}\n"
    ".about,.head p,footer{color:var(--soft)}.about{max-width:44rem;margin-bottom:.75rem}\n"
    ".pair{display:grid;grid-template-columns:minmax(0,1fr);gap:1rem 2rem;align-items:start}\n"
    "@media (min-width:56rem){.pair.plotted{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}\n"
    "figure{margin:0}svg{display:block;overflow:visible}svg text{fill:var(--ink);font-size:13px}\n"
    "svg .mark,svg .name{fill:var(--soft);font-size:12px}svg .name{text-anchor:middle}\n"
    "svg.columns{margin-left:44px;width:calc(100% - 44px)}svg .grid{stroke:var(--line)}svg "
    ".sum{font-variant-numeric:tabular-nums}\n"
    "svg rect{stroke:var(--paper);stroke-width:.5}\n"
    ".c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}\n"
    ".legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:.5rem;font-size:.9rem}\n"
    ".legend span{display:inline-flex;align-items:center;gap:.4rem}\n"
    ".wide{display:none}@media (min-width:32rem){.wide{display:inline}}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}\n"
    "caption{text-align:left;color:var(--soft);padding-bottom:.25rem}\n"
    "th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);"
    "font-weight:inherit}\n"
    "thead .n{white-space:normal}thead th{background:var(--head);font-weight:600;border-bottom-width:2px}\n"
    "tfoot th,tfoot td{font-weight:600;border-bottom:0;border-top:2px solid var(--line)}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    ".box{width:2.5rem}.box span{display:inline-block;width:1em;height:1em;border:1.5px solid var(--ink);"
    "vertical-align:-.1em}\n"
    "tr.unsure td,tr.unsure th{font-style:italic}\n"
    ".some table{font-size:.85rem}.some th,.some td{padding:.3rem .4rem}\n"
    "@media (max-width:30rem){body{padding:1rem}th,td{padding:.3rem .25rem}table{font-size:.8rem}}\n"
    "@media print,(min-width:48rem){.call table{table-layout:fixed}.call th:nth-child(2){width:34%}"
    ".call thead th:last-child{width:24%}}\n"
    "footer{margin-top:3rem;font-size:.85rem;border-top:1px solid var(--line);padding-top:.75rem}\n"
    "@media "
    "print{@page{size:A4;margin:14mm}:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#333;--line:#"
    "999;"
    "--head:#eee;--c0:#1f4f8f;--c1:#9a9a9a;--c2:#e6a03c}"
    "body{max-width:none;padding:0;font-size:10pt}*{print-color-adjust:exact;-webkit-print-color-adjust:"
    "exact}"
    "svg "
    ".grid{stroke:#ccc}h2,h3{break-after:avoid}figure,tr,.group{break-inside:avoid}thead{display:table-"
    "header-group}"
    "tfoot{display:table-row-group}.scroll{overflow:visible}.wide{display:inline}"
    ".many table{font-size:7.5pt}.many th,.many td{padding:2pt 3pt}"
    "th,td{padding:2.5pt 5pt}h2{margin-top:14pt}}\n";

/* --- tables --- */

static bool is_summed(const struct report_layout *layout, int column)
{
    return column >= layout->plot_first && column < layout->plot_first + layout->plot_count;
}

/* The column that groups stands above the table; people are left out of some reports. */
static bool is_shown(const struct report_table *table, int column)
{
    return column != table->layout->group_by && !report_column_is_empty(table, column);
}

static void write_titles(const struct report_table *table, FILE *out)
{
    const struct report_layout *layout = table->layout;
    fputs("<thead><tr>", out);
    if (layout->has_boxes)
        fprintf(out, "<th scope=\"col\" class=\"box\">%s</th>", _("Seen"));
    for (int column = 0; column < layout->column_count; column++)
        if (is_shown(table, column))
            fprintf(out, "<th scope=\"col\"%s>%s</th>",
                    report_column_is_number(table, column) ? " class=\"n\"" : "",
                    translate(layout->columns[column].title));
    fputs("</tr></thead>\n", out);
}

static void write_cell(const struct report_table *table, size_t row, int column, bool is_head, FILE *out)
{
    char text[REPORT_WORDS_SIZE];
    const char *tag = is_head ? "th" : "td";
    report_plot_cell(table, row, column, text);
    fprintf(out, "<%s%s%s>", tag, is_head ? " scope=\"row\"" : "",
            report_column_is_number(table, column) ? " class=\"n\"" : "");
    report_plot_escape(out, text);
    fprintf(out, "</%s>", tag);
}

/* A person whose state is not sure is set apart. */
static bool is_unsure(const struct report_table *table, size_t row)
{
    char digits[24];
    for (int column = 0; column < table->layout->column_count; column++)
        if (strcmp(table->layout->columns[column].name, "state") == 0)
            return strcmp(report_cell_text(report_cell_at(table, row, column), digits), "unsure") == 0;
    return false;
}

static void write_row(const struct report_table *table, size_t row, FILE *out)
{
    const struct report_layout *layout = table->layout;
    int head = layout->group_by == 0 ? 1 : 0;
    fprintf(out, "<tr%s>", is_unsure(table, row) ? " class=\"unsure\"" : "");
    if (layout->has_boxes)
        fputs("<td class=\"box\"><span></span></td>", out);
    for (int column = 0; column < layout->column_count; column++)
        if (is_shown(table, column))
            write_cell(table, row, column, column == head, out);
    fputs("</tr>\n", out);
}

static void write_sums(const struct report_table *table, FILE *out)
{
    const struct report_layout *layout = table->layout;
    if (layout->plot_count == 0 || report_row_count(table) < 2)
        return;
    fprintf(out, "<tfoot><tr><th scope=\"row\" colspan=\"%d\">%s</th>", layout->plot_first, _("Total"));
    for (int column = layout->plot_first; column < layout->column_count; column++) {
        char text[REPORT_WORDS_SIZE] = "";
        if (is_summed(layout, column))
            report_plot_number(report_sum(table, column), text);
        fprintf(out, "<td class=\"n\">%s</td>", text);
    }
    fputs("</tr></tfoot>\n", out);
}

static void write_rows(const struct report_table *table, size_t first, size_t count, FILE *out)
{
    int columns = table->layout->column_count;
    fprintf(out, "<div class=\"scroll%s%s\" tabindex=\"0\" role=\"region\" aria-label=\"",
            columns > 5 ? " some" : "", columns > 7 ? " many" : "");
    report_plot_escape(out, translate(table->layout->title));
    fputs("\">\n<table>\n", out);
    write_titles(table, out);
    fputs("<tbody>\n", out);
    for (size_t row = first; row < first + count; row++)
        write_row(table, row, out);
    fputs("</tbody>\n", out);
    if (table->layout->group_by < 0)
        write_sums(table, out);
    fputs("</table>\n</div>\n", out);
}

/* Writes a table for each value of the column that the layout groups by. */
static void write_groups(const struct report_table *table, FILE *out)
{
    size_t rows = report_row_count(table), same;
    char name[REPORT_WORDS_SIZE], next[REPORT_WORDS_SIZE];
    for (size_t row = 0; row < rows; row += same) {
        report_plot_cell(table, row, table->layout->group_by, name);
        for (same = 1; row + same < rows; same++) {
            report_plot_cell(table, row + same, table->layout->group_by, next);
            if (strcmp(name, next) != 0)
                break;
        }
        fputs(same <= 12 ? "<div class=\"call group\"><h3>" : "<div class=\"call\"><h3>", out);
        report_plot_escape(out, name);
        fprintf(out, " (%zu)</h3>\n", same);
        write_rows(table, row, same, out);
        fputs("</div>\n", out);
    }
}

static void write_table(const struct report_table *table, const char *page_title, FILE *out)
{
    const struct report_layout *layout = table->layout;
    bool has_plot = layout->plot != REPORT_PLOT_NONE && report_row_count(table) > 0;
    fprintf(out, "<section id=\"%s\">\n", layout->name);
    if (strcmp(layout->title, page_title) != 0) /* a page of one table has its title already */
        fprintf(out, "<h2>%s</h2>\n", translate(layout->title));
    if (layout->about != NULL)
        fprintf(out, "<p class=\"about\">%s</p>\n", translate(layout->about));
    if (table->count == 0) {
        fprintf(out, "<p>%s</p>\n</section>\n", _("Nothing to report."));
        return;
    }
    fprintf(out, "<div class=\"pair%s\">\n", has_plot ? " plotted" : "");
    if (has_plot) {
        fputs("<figure>\n", out);
        report_plot_write(table, out);
        fputs("</figure>\n", out);
    }
    if (layout->group_by >= 0)
        write_groups(table, out);
    else
        write_rows(table, 0, report_row_count(table), out);
    fputs("</div>\n</section>\n", out);
}

/* --- the page --- */

static bool names_people(const struct report *report)
{
    for (int i = 0; i < report->table_count; i++)
        for (int column = 0; column < report->tables[i].layout->column_count; column++)
            if (strcmp(report->tables[i].layout->columns[column].name, "person") == 0)
                for (size_t row = 0; row < report_row_count(&report->tables[i]); row++)
                    if (report_cell_at(&report->tables[i], row, column)->kind == REPORT_TEXT)
                        return true;
    return false;
}

/* Writes a paragraph: a sentence, and in it what comes from outside. */
static void write_sentence(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void write_sentence(FILE *out, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    fputs("<p>", out);
    report_plot_escape(out, text != NULL ? text : "");
    fputs("</p>\n", out);
    free(text);
}

static void write_period(const struct report_head *head, FILE *out)
{
    char from[REPORT_WORDS_SIZE], last[REPORT_WORDS_SIZE];
    report_words_day(head->from, from);
    report_words_day(head->last, last);
    if (head->gate != NULL)
        write_sentence(out, _("From %s to %s, gate %s"), from, last, head->gate);
    else
        write_sentence(out, _("From %s to %s"), from, last);
}

static void write_head(const struct report_head *head, FILE *out)
{
    char made[REPORT_WORDS_SIZE];
    fputs("<header class=\"head\">\n<h1>", out);
    report_plot_escape(out, translate(head->title));
    fputs("</h1>\n", out);
    write_sentence(out, "%s", head->site);
    if (head->from != NULL)
        write_period(head, out);
    report_words_moment(head->made, made);
    write_sentence(out, _("Made on %s (time zone %s)"), made, head->time_zone);
    fputs("</header>\n<main>\n", out);
}

void report_write_page(const struct report *report, FILE *out)
{
    /* the language of the page, as HTML names it */
    fprintf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", _("en"));
    fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
          "'unsafe-inline'\">\n<meta name=\"robots\" content=\"noindex\">\n<title>",
          out);
    report_plot_escape(out, translate(report->head.title));
    fputs(report->head.site[0] != '\0' ? " – " : "", out);
    report_plot_escape(out, report->head.site);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
    write_head(&report->head, out);
    for (int i = 0; i < report->table_count; i++)
        if (report_table_is_shown(&report->tables[i]))
            write_table(&report->tables[i], report->head.title, out);
    fputs("</main>\n<footer>\n", out);
    if (names_people(report))
        write_sentence(
            out, "%s",
            _("This document names people. It is for authorised staff only, and must be destroyed when it "
              "is no longer of use."));
    write_sentence(out, "%s", _("Made with Portillon."));
    fputs("</footer>\n</body>\n</html>\n", out);
}
