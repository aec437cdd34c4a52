/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/ods.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/table/number_text.h"
#include "tools/portillon/table/text_buffer.h"
#include "tools/portillon/table/xml_reader.h"

#define VALUE_SIZE 64
#define STYLE_SIZE 64
#define HIDDEN_MAX 64

struct sheet_reading {
    const char *wanted;
    struct table *table;
    struct table_fault *fault;
    uint32_t sheet_count;
    int table_depth; /* tables can be nested in cells; only the outer one counts */
    bool found, inside;
    /* the styles of sheets that are hidden */
    char style[STYLE_SIZE], hidden[HIDDEN_MAX][STYLE_SIZE];
    int hidden_count;
    uint32_t row, row_repeats;
    bool row_open;
    /* the current cell */
    bool cell_open;
    uint32_t column, cell_repeats;
    char type[16], value[VALUE_SIZE];
    struct text_buffer shown;
    int paragraphs; /* met so far */
    int in_paragraph, in_comment;
};

static int add_shown(struct sheet_reading *reading, const char *text, size_t len)
{
    return text_buffer_add(&reading->shown, text, len, TABLE_CELL_MAX + 1);
}

/* --- sheets and rows --- */

static void note_style(struct sheet_reading *reading, const char *name, const char *const *attributes)
{
    const char *style = xml_attribute(attributes, "name"), *display = xml_attribute(attributes, "display");
    if (strcmp(name, "style") == 0)
        snprintf(reading->style, STYLE_SIZE, "%s", style != NULL ? style : "");
    else if (strcmp(name, "table-properties") == 0 && display != NULL && strcmp(display, "false") == 0 &&
             reading->hidden_count < HIDDEN_MAX)
        memcpy(reading->hidden[reading->hidden_count++], reading->style, STYLE_SIZE);
}

static bool is_hidden(const struct sheet_reading *reading, const char *style)
{
    for (int i = 0; i < reading->hidden_count && style != NULL; i++)
        if (strcmp(reading->hidden[i], style) == 0)
            return true;
    return false;
}

static void begin_table(struct sheet_reading *reading, const char *const *attributes)
{
    const char *name = xml_attribute(attributes, "name");
    if (reading->table_depth++ != 0)
        return;
    name = name != NULL ? name : "";
    reading->sheet_count++;
    bool wanted = reading->wanted != NULL ? table_is_sheet(reading->wanted, name, reading->sheet_count)
                                          : !is_hidden(reading, xml_attribute(attributes, "style-name"));
    if (!wanted || reading->found) {
        table_add_other(reading->table, name);
        return;
    }
    reading->found = reading->inside = true;
    snprintf(reading->table->sheet, sizeof reading->table->sheet, "%s", name);
}

static int begin_row(struct sheet_reading *reading, const char *const *attributes)
{
    const char *visibility = xml_attribute(attributes, "visibility");
    uint32_t next = reading->row + reading->row_repeats;
    reading->row_repeats = xml_number(attributes, "number-rows-repeated", 1, UINT32_MAX / 2);
    reading->row = next;
    reading->column = 0;
    reading->row_open = true;
    reading->table->hidden_rows +=
        visibility != NULL && strcmp(visibility, "visible") != 0 && reading->row_repeats == 1;
    if (next > TABLE_ROWS_MAX) /* the empty rows below a sheet may reach that far */
        return table_fail(reading->fault, next, -1, "the sheet has more than %d rows", TABLE_ROWS_MAX);
    return table_begin_row(reading->table, next, reading->fault);
}

static int end_row(struct sheet_reading *reading)
{
    reading->row_open = false;
    int error = table_end_row(reading->table);
    return error == ERR_OK && reading->row_repeats > 1
               ? table_repeat_row(reading->table, reading->row, reading->row_repeats - 1, reading->fault)
               : error;
}

/* --- cells --- */

static void begin_cell(struct sheet_reading *reading, const char *const *attributes)
{
    const char *type = xml_attribute(attributes, "value-type"), *value = NULL;
    static const char *const names[] = {"value", "date-value", "time-value", "boolean-value", "string-value"};
    for (size_t i = 0; i < sizeof names / sizeof names[0] && value == NULL; i++)
        value = xml_attribute(attributes, names[i]);
    reading->cell_open = true;
    reading->cell_repeats = xml_number(attributes, "number-columns-repeated", 1, UINT32_MAX / 2);
    reading->shown.len = 0;
    reading->paragraphs = reading->in_paragraph = 0;
    snprintf(reading->type, sizeof reading->type, "%s", type != NULL ? type : "");
    snprintf(reading->value, sizeof reading->value, "%s", value != NULL ? value : "");
}

/* Returns true if the cell shows the digits of a number, with zeros in front or signs between them. */
static bool shows_digits(const char *shown, const char *number)
{
    while (*shown != '\0' && (!isdigit((unsigned char)*shown) || *shown == '0'))
        shown++;
    while (*number == '0')
        number++;
    for (; *shown != '\0'; shown++)
        if (isdigit((unsigned char)*shown) && *number++ != *shown)
            return false;
    return *number == '\0';
}

/* Writes a number: the digits that the cell shows, or those stored where it shows others ("1,23E+14"). */
static void take_number(struct sheet_reading *reading, char out[NUMBER_TEXT_SIZE], bool *inexact)
{
    const char *shown = text_buffer_get(&reading->shown);
    number_text(reading->value, NULL, false, out, inexact);
    bool whole = out[0] != '\0' && strspn(out, "0123456789") == strlen(out);
    bool letters = strpbrk(shown, "%eE,.") != NULL;
    if (whole && !letters && strlen(shown) < NUMBER_TEXT_SIZE && shows_digits(shown, out))
        snprintf(out, NUMBER_TEXT_SIZE, "%s", shown);
}

static int take_cell(struct sheet_reading *reading, uint32_t column)
{
    char number[NUMBER_TEXT_SIZE];
    const char *text = text_buffer_get(&reading->shown);
    bool inexact = false;
    if (strcmp(reading->type, "float") == 0 || strcmp(reading->type, "percentage") == 0 ||
        strcmp(reading->type, "currency") == 0) {
        take_number(reading, number, &inexact);
        text = number;
    } else if (strcmp(reading->type, "date") == 0 || (text[0] == '\0' && reading->value[0] != '\0')) {
        text = reading->value;
    }
    return table_add_cell(reading->table, column, text, strlen(text), inexact, reading->fault);
}

static int end_cell(struct sheet_reading *reading)
{
    int error = ERR_OK;
    bool empty = reading->shown.len == 0 && reading->value[0] == '\0';
    reading->cell_open = false;
    for (uint32_t i = 0; !empty && i < reading->cell_repeats && error == ERR_OK; i++)
        error = take_cell(reading, reading->column + i);
    reading->column += reading->cell_repeats < UINT32_MAX - reading->column ? reading->cell_repeats : 0;
    return error;
}

/* --- text --- */

static int begin_in_cell(struct sheet_reading *reading, const char *name, const char *const *attributes)
{
    if (strcmp(name, "annotation") == 0)
        reading->in_comment++;
    if (reading->in_comment != 0)
        return ERR_OK;
    if (strcmp(name, "p") == 0 || strcmp(name, "h") == 0) {
        reading->in_paragraph++;
        return reading->paragraphs++ != 0 ? add_shown(reading, "\n", 1) : ERR_OK;
    }
    if (strcmp(name, "tab") == 0 || strcmp(name, "line-break") == 0)
        return add_shown(reading, " ", 1);
    if (strcmp(name, "s") == 0) {
        int error = ERR_OK;
        for (uint32_t i = xml_number(attributes, "c", 1, 256); i > 0 && error == ERR_OK; i--)
            error = add_shown(reading, " ", 1);
        return error;
    }
    return ERR_OK;
}

static void end_in_cell(struct sheet_reading *reading, const char *name)
{
    if (strcmp(name, "annotation") == 0)
        reading->in_comment--;
    else if (reading->in_comment == 0 && (strcmp(name, "p") == 0 || strcmp(name, "h") == 0))
        reading->in_paragraph--;
}

static bool is_cell(const char *name)
{
    return strcmp(name, "table-cell") == 0 || strcmp(name, "covered-table-cell") == 0;
}

static int on_start(void *ctx, const char *name, const char *const *attributes, uint32_t line)
{
    struct sheet_reading *reading = ctx;
    (void)line;
    if (strcmp(name, "table") == 0)
        begin_table(reading, attributes);
    else if (reading->inside && reading->cell_open)
        return begin_in_cell(reading, name, attributes);
    else if (reading->inside && reading->table_depth == 1 && strcmp(name, "table-row") == 0 &&
             !reading->row_open)
        return begin_row(reading, attributes);
    else if (reading->inside && reading->row_open && is_cell(name))
        begin_cell(reading, attributes);
    else if (!reading->inside)
        note_style(reading, name, attributes);
    return ERR_OK;
}

static int on_end(void *ctx, const char *name)
{
    struct sheet_reading *reading = ctx;
    if (strcmp(name, "table") == 0) {
        if (--reading->table_depth == 0)
            reading->inside = false;
    } else if (reading->table_depth != 1 || !reading->inside) {
        return ERR_OK;
    } else if (reading->cell_open && is_cell(name)) {
        return end_cell(reading);
    } else if (reading->cell_open) {
        end_in_cell(reading, name);
    } else if (reading->row_open && strcmp(name, "table-row") == 0) {
        return end_row(reading);
    }
    return ERR_OK;
}

static int on_text(void *ctx, const char *text, size_t len)
{
    struct sheet_reading *reading = ctx;
    bool wanted = reading->cell_open && reading->in_paragraph > 0 && reading->in_comment == 0;
    return wanted ? add_shown(reading, text, len) : ERR_OK;
}

/* --- the workbook --- */

static int refuse_encrypted(struct zip *archive, struct table_fault *fault)
{
    char *data;
    size_t len;
    int error = zip_member_read(archive, "META-INF/manifest.xml", &data, &len, fault);
    if (error != ERR_OK)
        return error == ERR_NOT_FOUND ? ERR_OK : error;
    bool encrypted = strstr(data, "encryption-data") != NULL;
    free(data);
    return encrypted ? table_fail(fault, 0, -1, "is protected with a password: save it without one") : ERR_OK;
}

static int read_content(struct sheet_reading *reading, const char *data, size_t len)
{
    static const struct xml_handler handler = {on_start, on_end, on_text};
    struct xml_fault xml_fault;
    int error = xml_read(data, len, &handler, reading, &xml_fault);
    if (error == ERR_FORMAT && xml_fault.why != NULL)
        return table_fail(reading->fault, 0, -1, "cannot be read (content.xml): %s", xml_fault.why);
    if (error == ERR_OK && !reading->found && reading->wanted != NULL)
        return table_fail(reading->fault, 0, -1, "has no sheet '%.60s'; there is %.120s", reading->wanted,
                          reading->table->others);
    if (error == ERR_OK && !reading->found)
        return table_fail(reading->fault, 0, -1, "has no sheet that is shown");
    return error;
}

int ods_read(struct zip *archive, const char *wanted, struct table *table, struct table_fault *fault)
{
    struct sheet_reading reading = {
        .wanted = wanted, .table = table, .fault = fault, .row = 0, .row_repeats = 1};
    char *data;
    size_t len;
    int error = refuse_encrypted(archive, fault);
    if (error == ERR_OK)
        error = zip_member_read(archive, "content.xml", &data, &len, fault);
    if (error == ERR_NOT_FOUND)
        return table_fail(fault, 0, -1, "is damaged (content.xml is missing in it): save it again");
    if (error != ERR_OK)
        return error;
    error = read_content(&reading, data, len);
    free(data);
    free(reading.shown.text);
    return error;
}
