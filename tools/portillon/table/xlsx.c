/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/xlsx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/table/number_text.h"
#include "tools/portillon/table/text_buffer.h"
#include "tools/portillon/table/xml_reader.h"

#define PATH_SIZE   256
#define ID_SIZE     64
#define FORMATS_MAX 4096
#define STYLES_MAX  65536

struct format {
    uint32_t id;
    char code[NUMBER_FORMAT_SIZE];
};

struct workbook {
    struct zip *archive;
    const char *wanted;
    struct table *table;
    struct table_fault *fault;
    bool from_1904;
    /* the sheet to read */
    uint32_t sheet_count;
    bool found;
    char sheet_id[ID_SIZE];
    /* parts, by their names in the archive */
    char book_path[PATH_SIZE], sheet_path[PATH_SIZE], strings_path[PATH_SIZE], styles_path[PATH_SIZE];
    /* styles: the format of each cell style */
    struct format *formats;
    size_t format_count;
    uint32_t *styles; /* format ids */
    size_t style_count;
    bool in_cell_styles;
    /* strings: where each begins in text */
    struct text_buffer strings;
    size_t *string_at, string_count, string_capacity;
    /* the current cell */
    struct text_buffer value;
    uint32_t row, column, style;
    char type[12];
    bool taking; /* text is wanted */
    int phonetic;
    bool row_open;
};

static int no_text(void *ctx, const char *text, size_t len)
{
    (void)ctx, (void)text, (void)len;
    return ERR_OK;
}

static int no_end(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return ERR_OK;
}

/* Reads a part of the workbook. A part that is missing is an error only if it is needed. */
static int read_part(struct workbook *book, const char *path, bool needed, const struct xml_handler *handler)
{
    struct xml_fault fault;
    char *data;
    size_t len;
    int error = zip_member_read(book->archive, path, &data, &len, book->fault);
    if (error == ERR_NOT_FOUND && !needed)
        return ERR_OK;
    if (error == ERR_NOT_FOUND)
        return table_fail(book->fault, 0, -1, "is damaged (%.60s is missing in it): save it again", path);
    if (error != ERR_OK)
        return error;
    error = xml_read(data, len, handler, book, &fault);
    free(data);
    if (error == ERR_FORMAT && fault.why != NULL)
        return table_fail(book->fault, 0, -1, "cannot be read (%.60s): %s", path, fault.why);
    return error;
}

/* --- parts --- */

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Writes the name in the archive of a target, which is relative to a folder or begins with a slash. */
static void resolve(const char *folder, const char *target, char path[PATH_SIZE])
{
    while (strncmp(target, "../", 3) == 0) {
        target += 3;
        folder = "";
    }
    if (target[0] == '/')
        snprintf(path, PATH_SIZE, "%s", target + 1);
    else
        snprintf(path, PATH_SIZE, "%.120s%.120s", folder, target);
}

/* Writes the folder of a part, with a slash behind it, or "". */
static void folder_of(const char *path, char folder[PATH_SIZE])
{
    const char *slash = strrchr(path, '/');
    snprintf(folder, PATH_SIZE, "%.*s", slash != NULL ? (int)(slash - path + 1) : 0, path);
}

static int on_root_relation(void *ctx, const char *name, const char *const *attributes, uint32_t line)
{
    struct workbook *book = ctx;
    const char *type = xml_attribute(attributes, "Type"), *target = xml_attribute(attributes, "Target");
    (void)line;
    if (strcmp(name, "Relationship") == 0 && type != NULL && target != NULL &&
        ends_with(type, "/officeDocument"))
        resolve("", target, book->book_path);
    return ERR_OK;
}

static int on_book_relation(void *ctx, const char *name, const char *const *attributes, uint32_t line)
{
    struct workbook *book = ctx;
    const char *id = xml_attribute(attributes, "Id"), *type = xml_attribute(attributes, "Type"),
               *target = xml_attribute(attributes, "Target");
    char folder[PATH_SIZE];
    (void)line;
    if (strcmp(name, "Relationship") != 0 || id == NULL || type == NULL || target == NULL)
        return ERR_OK;
    folder_of(book->book_path, folder);
    if (ends_with(type, "/sharedStrings"))
        resolve(folder, target, book->strings_path);
    else if (ends_with(type, "/styles"))
        resolve(folder, target, book->styles_path);
    else if (ends_with(type, "/worksheet") && strcmp(id, book->sheet_id) == 0)
        resolve(folder, target, book->sheet_path);
    return ERR_OK;
}

static void take_sheet(struct workbook *book, const char *name, const char *id, bool hidden)
{
    book->sheet_count++;
    bool wanted = book->wanted != NULL ? table_is_sheet(book->wanted, name, book->sheet_count) : !hidden;
    if (!wanted || book->found) {
        table_add_other(book->table, name);
        return;
    }
    book->found = true;
    snprintf(book->table->sheet, sizeof book->table->sheet, "%s", name);
    snprintf(book->sheet_id, sizeof book->sheet_id, "%s", id);
}

static int on_book(void *ctx, const char *name, const char *const *attributes, uint32_t line)
{
    struct workbook *book = ctx;
    (void)line;
    if (strcmp(name, "workbookPr") == 0) {
        const char *from_1904 = xml_attribute(attributes, "date1904");
        book->from_1904 =
            from_1904 != NULL && (strcmp(from_1904, "1") == 0 || strcmp(from_1904, "true") == 0);
    } else if (strcmp(name, "sheet") == 0) {
        const char *sheet = xml_attribute(attributes, "name"), *id = xml_attribute(attributes, "id"),
                   *state = xml_attribute(attributes, "state");
        take_sheet(book, sheet != NULL ? sheet : "", id != NULL ? id : "",
                   state != NULL && strcmp(state, "visible") != 0);
    }
    return ERR_OK;
}

/* --- styles --- */

static int add_format(struct workbook *book, uint32_t id, const char *code)
{
    if (book->format_count == FORMATS_MAX)
        return ERR_OK;
    struct format *more = realloc(book->formats, (book->format_count + 1) * sizeof *more);
    if (more == NULL)
        return ERR_NO_SPACE;
    book->formats = more;
    more[book->format_count].id = id;
    snprintf(more[book->format_count].code, NUMBER_FORMAT_SIZE, "%s", code);
    book->format_count++;
    return ERR_OK;
}

static int add_style(struct workbook *book, uint32_t format_id)
{
    if (book->style_count == STYLES_MAX)
        return ERR_OK;
    uint32_t *more = realloc(book->styles, (book->style_count + 1) * sizeof *more);
    if (more == NULL)
        return ERR_NO_SPACE;
    book->styles = more;
    more[book->style_count++] = format_id;
    return ERR_OK;
}

static int on_style(void *ctx, const char *name, const char *const *attributes, uint32_t line)
{
    struct workbook *book = ctx;
    (void)line;
    if (strcmp(name, "cellXfs") == 0)
        book->in_cell_styles = true;
    else if (strcmp(name, "xf") == 0 && book->in_cell_styles)
        return add_style(book, xml_number(attributes, "numFmtId", 0, UINT32_MAX - 1));
    else if (strcmp(name, "numFmt") == 0) {
        const char *code = xml_attribute(attributes, "formatCode");
        return code != NULL ? add_format(book, xml_number(attributes, "numFmtId", 0, UINT32_MAX - 1), code)
                            : ERR_OK;
    }
    return ERR_OK;
}

static int on_style_end(void *ctx, const char *name)
{
    struct workbook *book = ctx;
    if (strcmp(name, "cellXfs") == 0)
        book->in_cell_styles = false;
    return ERR_OK;
}

static const char *format_of(const struct workbook *book, uint32_t style)
{
    uint32_t id = style < book->style_count ? book->styles[style] : 0;
    for (size_t i = 0; i < book->format_count; i++)
        if (book->formats[i].id == id)
            return book->formats[i].code;
    return number_format_builtin(id);
}

/* --- strings --- */

/* Decodes _x000D_ and the like, which stand for characters that XML cannot hold. They become blanks. */
static size_t decode_escapes(char *text, size_t len)
{
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        bool escape = i + 7 <= len && strncmp(text + i, "_x00", 4) == 0 && text[i + 6] == '_' &&
                      strspn(text + i + 4, "0123456789abcdefABCDEF") >= 2;
        unsigned code = escape ? (unsigned)strtoul((char[3]){text[i + 4], text[i + 5], '\0'}, NULL, 16) : 0;
        if (escape && (code < 0x20 || code == '_')) {
            text[out++] = code == '_' ? '_' : ' ';
            i += 6;
        } else {
            text[out++] = text[i];
        }
    }
    return out;
}

static int begin_string(struct workbook *book)
{
    if (book->string_count == book->string_capacity) {
        size_t capacity = book->string_capacity != 0 ? 2 * book->string_capacity : 256;
        size_t *more = realloc(book->string_at, capacity * sizeof *more);
        if (more == NULL)
            return ERR_NO_SPACE;
        book->string_at = more;
        book->string_capacity = capacity;
    }
    book->string_at[book->string_count++] = book->strings.len;
    return ERR_OK;
}

static int on_string(void *ctx, const char *name, const char *const *attributes, uint32_t line)
{
    struct workbook *book = ctx;
    (void)attributes, (void)line;
    book->phonetic += strcmp(name, "rPh") == 0;
    book->taking = strcmp(name, "t") == 0 && book->phonetic == 0;
    return strcmp(name, "si") == 0 ? begin_string(book) : ERR_OK;
}

static int on_string_end(void *ctx, const char *name)
{
    struct workbook *book = ctx;
    book->phonetic -= strcmp(name, "rPh") == 0;
    book->taking = false;
    return ERR_OK;
}

static int on_string_text(void *ctx, const char *text, size_t len)
{
    struct workbook *book = ctx;
    return book->taking ? text_buffer_add(&book->strings, text, len, ZIP_MEMBER_MAX) : ERR_OK;
}

/* --- cells --- */

static int take_shared(struct workbook *book)
{
    char *end;
    unsigned long number = strtoul(text_buffer_get(&book->value), &end, 10);
    if (*end != '\0' || number >= book->string_count)
        return table_fail(book->fault, book->row, (int)book->column,
                          "names a text that the workbook does not have: the file is damaged");
    size_t first = book->string_at[number];
    size_t next = number + 1 < book->string_count ? book->string_at[number + 1] : book->strings.len;
    book->value.len = 0;
    return text_buffer_add(&book->value, first != next ? book->strings.text + first : "", next - first,
                           TABLE_CELL_MAX);
}

static bool is_number(const char *type)
{
    return type[0] == '\0' || strcmp(type, "n") == 0;
}

static int take_cell(struct workbook *book)
{
    char shown[NUMBER_TEXT_SIZE];
    bool inexact = false;
    if (book->value.len == 0)
        return ERR_OK;
    if (is_number(book->type)) {
        number_text(book->value.text, format_of(book, book->style), book->from_1904, shown, &inexact);
        return table_add_cell(book->table, book->column, shown, strlen(shown), inexact, book->fault);
    }
    int error = strcmp(book->type, "s") == 0 ? take_shared(book) : ERR_OK;
    if (error != ERR_OK || book->value.len == 0)
        return error;
    size_t len = decode_escapes(book->value.text, book->value.len);
    return table_add_cell(book->table, book->column, book->value.text, len, false, book->fault);
}

/* Reads "AB12". Returns the column, or fallback when it is none. */
static uint32_t column_of(const char *reference, uint32_t fallback)
{
    uint32_t column = 0;
    if (reference == NULL)
        return fallback;
    for (int i = 0; i < 3 && *reference >= 'A' && *reference <= 'Z'; i++)
        column = 26 * column + (uint32_t)(*reference++ - 'A' + 1);
    return column != 0 ? column - 1 : fallback;
}

static int begin_row(struct workbook *book, const char *const *attributes)
{
    const char *hidden = xml_attribute(attributes, "hidden");
    book->row = xml_number(attributes, "r", book->row + 1, UINT32_MAX - 1);
    book->column = UINT32_MAX; /* the first cell without a reference is that of column A */
    book->row_open = true;
    book->table->hidden_rows += hidden != NULL && (strcmp(hidden, "1") == 0 || strcmp(hidden, "true") == 0);
    return table_begin_row(book->table, book->row, book->fault);
}

static void begin_cell(struct workbook *book, const char *const *attributes)
{
    const char *type = xml_attribute(attributes, "t");
    book->column = column_of(xml_attribute(attributes, "r"), book->column + 1);
    book->style = xml_number(attributes, "s", 0, UINT32_MAX - 1);
    book->value.len = 0;
    snprintf(book->type, sizeof book->type, "%s", type != NULL ? type : "");
}

static int on_sheet(void *ctx, const char *name, const char *const *attributes, uint32_t line)
{
    struct workbook *book = ctx;
    (void)line;
    book->phonetic += strcmp(name, "rPh") == 0;
    book->taking =
        book->row_open && book->phonetic == 0 &&
        (strcmp(name, "v") == 0 || (strcmp(name, "t") == 0 && strcmp(book->type, "inlineStr") == 0));
    if (strcmp(name, "row") == 0 && !book->row_open)
        return begin_row(book, attributes);
    if (strcmp(name, "c") == 0 && book->row_open)
        begin_cell(book, attributes);
    return ERR_OK;
}

static int on_sheet_end(void *ctx, const char *name)
{
    struct workbook *book = ctx;
    book->phonetic -= strcmp(name, "rPh") == 0;
    book->taking = false;
    if (strcmp(name, "c") == 0 && book->row_open)
        return take_cell(book);
    if (strcmp(name, "row") == 0 && book->row_open) {
        book->row_open = false;
        return table_end_row(book->table);
    }
    return ERR_OK;
}

static int on_sheet_text(void *ctx, const char *text, size_t len)
{
    struct workbook *book = ctx;
    return book->taking ? text_buffer_add(&book->value, text, len, TABLE_CELL_MAX + 1) : ERR_OK;
}

/* --- the workbook --- */

static int fail_to_find(const struct workbook *book)
{
    if (book->wanted == NULL)
        return table_fail(book->fault, 0, -1, "has no sheet that is shown");
    return table_fail(book->fault, 0, -1, "has no sheet '%.60s'; there is %.120s", book->wanted,
                      book->table->others);
}

static int read_all(struct workbook *book)
{
    static const struct xml_handler root = {on_root_relation, no_end, no_text},
                                    contents = {on_book, no_end, no_text},
                                    relations = {on_book_relation, no_end, no_text},
                                    styles = {on_style, on_style_end, no_text},
                                    strings = {on_string, on_string_end, on_string_text},
                                    sheet = {on_sheet, on_sheet_end, on_sheet_text};
    char path[2 * PATH_SIZE], folder[PATH_SIZE];
    int error = read_part(book, "_rels/.rels", false, &root);
    if (error == ERR_OK && ends_with(book->book_path, ".bin"))
        return table_fail(book->fault, 0, -1, "is a binary workbook (.xlsb): open it, and save it as .xlsx");
    if (error == ERR_OK)
        error = read_part(book, book->book_path, true, &contents);
    if (error == ERR_OK && !book->found)
        return fail_to_find(book);
    folder_of(book->book_path, folder);
    snprintf(path, sizeof path, "%s_rels/%s.rels", folder, book->book_path + strlen(folder));
    if (error == ERR_OK)
        error = read_part(book, path, true, &relations);
    if (error == ERR_OK && book->sheet_path[0] == '\0')
        return table_fail(book->fault, 0, -1, "is damaged (its sheet '%.60s' is missing), or it is a chart",
                          book->table->sheet);
    if (error == ERR_OK && book->styles_path[0] != '\0')
        error = read_part(book, book->styles_path, false, &styles);
    if (error == ERR_OK && book->strings_path[0] != '\0')
        error = read_part(book, book->strings_path, false, &strings);
    return error == ERR_OK ? read_part(book, book->sheet_path, true, &sheet) : error;
}

int xlsx_read(struct zip *archive, const char *wanted, struct table *table, struct table_fault *fault)
{
    struct workbook book = {
        .archive = archive, .wanted = wanted, .table = table, .fault = fault, .book_path = "xl/workbook.xml"};
    int error = read_all(&book);
    free(book.formats);
    free(book.styles);
    free(book.strings.text);
    free(book.string_at);
    free(book.value.text);
    return error;
}
