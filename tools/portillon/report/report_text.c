/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_text.h"

#include <inttypes.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/report/report_words.h"

#define COLUMNS_MAX 16

/* --- text --- */

static void measure(const struct report_table *table, int widths[COLUMNS_MAX])
{
    char words[REPORT_WORDS_SIZE];
    for (int column = 0; column < table->layout->column_count; column++) {
        const struct report_column *kind = &table->layout->columns[column];
        widths[column] = (int)utf8_columns(translate(kind->title));
        for (size_t row = 0; row < report_row_count(table); row++) {
            int width = (int)utf8_columns(report_words_cell(kind, report_cell_at(table, row, column), words));
            widths[column] = width > widths[column] ? width : widths[column];
        }
    }
}

static void pad(FILE *out, int count)
{
    fprintf(out, "%*s", count > 0 ? count : 0, "");
}

static void write_padded(FILE *out, const char *text, int width, bool is_number, bool is_last)
{
    int missing = width - (int)utf8_columns(text);
    if (is_number)
        pad(out, missing);
    fputs(text, out);
    if (!is_number && !is_last)
        pad(out, missing);
    fputs(is_last ? "\n" : "  ", out);
}

/* The name of the table is beside its title: --table takes it. */
static void write_title(const struct report_table *table, FILE *out)
{
    const struct report_layout *layout = table->layout;
    fputc('\n', out);
    fprintf(out, table->count > 0 ? "%s (%s)" : _("%s (%s): nothing"), translate(layout->title),
            layout->name);
    fputc('\n', out);
}

static void write_table(const struct report_table *table, FILE *out)
{
    int widths[COLUMNS_MAX], count = table->layout->column_count;
    char words[REPORT_WORDS_SIZE];
    measure(table, widths);
    write_title(table, out);
    for (int column = 0; column < count && table->count > 0; column++)
        write_padded(out, translate(table->layout->columns[column].title), widths[column],
                     report_column_is_number(table, column), column == count - 1);
    for (size_t row = 0; row < report_row_count(table); row++)
        for (int column = 0; column < count; column++) {
            const struct report_cell *cell = report_cell_at(table, row, column);
            write_padded(out, report_words_cell(&table->layout->columns[column], cell, words), widths[column],
                         report_column_is_number(table, column), column == count - 1);
        }
}

static void write_period(const struct report_head *head, FILE *out)
{
    char from[REPORT_WORDS_SIZE], last[REPORT_WORDS_SIZE];
    report_words_day(head->from, from);
    report_words_day(head->last, last);
    fprintf(out, _(", %s to %s"), from, last);
}

static void write_head(const struct report_head *head, FILE *out)
{
    char made[REPORT_WORDS_SIZE];
    fprintf(out, "%s%s%s", translate(head->title), head->site[0] != '\0' ? ", " : "", head->site);
    if (head->gate != NULL)
        fprintf(out, _(", gate %s"), head->gate);
    if (head->from != NULL)
        write_period(head, out);
    report_words_moment(head->made, made);
    fprintf(out, _(" (made %s, time zone %s)\n"), made, head->time_zone);
}

static void write_text(const struct report *report, FILE *out)
{
    write_head(&report->head, out);
    for (int i = 0; i < report->table_count; i++)
        if (report_table_is_shown(&report->tables[i]))
            write_table(&report->tables[i], out);
}

/* --- CSV --- */

/* What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection"), also in full width. */
static bool may_be_formula(const char *text)
{
    static const uint32_t first[] = {'=', '+', '-', '@', '\t', '\r', '\n', 0xFF1D, 0xFF0B, 0xFF0D, 0xFF20};
    uint32_t code_point = 0;
    if (utf8_decode(text, strlen(text), &code_point) == 0)
        return false;
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        if (code_point == first[i])
            return true;
    return false;
}

static void write_quoted(FILE *out, const char *text, bool is_text)
{
    fputc('"', out);
    if (is_text && may_be_formula(text))
        fputc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_csv_table(const struct report_table *table, FILE *out)
{
    int count = table->layout->column_count;
    char digits[24];
    for (int column = 0; column < count; column++) {
        write_quoted(out, table->layout->columns[column].name, true);
        fputc(column + 1 < count ? ';' : '\n', out);
    }
    for (size_t row = 0; row < report_row_count(table); row++)
        for (int column = 0; column < count; column++) {
            const struct report_cell *cell = report_cell_at(table, row, column);
            write_quoted(out, report_cell_text(cell, digits), cell->kind == REPORT_TEXT);
            fputc(column + 1 < count ? ';' : '\n', out);
        }
}

static void write_csv(const struct report *report, FILE *out)
{
    bool is_first = true;
    fputs("\xEF\xBB\xBF", out);
    for (int i = 0; i < report->table_count; i++) {
        if (!report_table_is_shown(&report->tables[i]))
            continue;
        if (!is_first)
            fputc('\n', out);
        is_first = false;
        write_csv_table(&report->tables[i], out);
    }
}

/* --- JSON --- */

static void write_json_cell(struct json_out *json, const char *name, const struct report_cell *cell)
{
    switch (cell->kind) {
    case REPORT_NONE:
        json_out_null(json, name);
        break;
    case REPORT_TEXT:
        json_out_text(json, name, cell->text != NULL ? cell->text : "");
        break;
    case REPORT_NUMBER:
        json_out_int(json, name, cell->number);
        break;
    }
}

static void write_json_table(struct json_out *json, const struct report_table *table)
{
    json_out_array(json, table->layout->name);
    for (size_t row = 0; row < report_row_count(table); row++) {
        json_out_object(json, NULL);
        for (int column = 0; column < table->layout->column_count; column++)
            write_json_cell(json, table->layout->columns[column].name, report_cell_at(table, row, column));
        json_out_end(json);
    }
    json_out_end(json);
}

static void write_json(const struct report *report, FILE *out)
{
    const struct report_head *head = &report->head;
    struct json_out json;
    json_out_start(&json, out);
    json_out_object(&json, NULL);
    json_out_text(&json, "report", head->name);
    json_out_text(&json, "site", head->site);
    json_out_text_or_null(&json, "gate", head->gate);
    json_out_text_or_null(&json, "from", head->from);
    json_out_text_or_null(&json, "to", head->last);
    json_out_text(&json, "made", head->made);
    json_out_text(&json, "time_zone", head->time_zone);
    for (int i = 0; i < report->table_count; i++)
        write_json_table(&json, &report->tables[i]);
    json_out_end(&json);
}

void report_write(const struct report *report, enum report_format format, FILE *out)
{
    switch (format) {
    case REPORT_AS_TEXT:
        write_text(report, out);
        break;
    case REPORT_AS_CSV:
        write_csv(report, out);
        break;
    case REPORT_AS_JSON:
        write_json(report, out);
        break;
    }
}
