/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/html_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/portillon/table/html_text.h"
#include "tools/portillon/table/text_buffer.h"

#define DEPTH_MAX  16 /* of tables in tables */
#define TABLES_MAX 1000
#define TAG_SIZE   16
#define SPAN_MAX   TABLE_COLUMNS_MAX
#define ROWS_SPAN  65534 /* as in the HTML standard */

struct page {
    struct table *table;
    struct table_fault *fault;
    uint32_t cells[TABLES_MAX]; /* of each table, counted at the first reading */
    uint32_t table_count;
    uint32_t stack[DEPTH_MAX]; /* numbers of the open tables */
    int depth;
    uint32_t wanted; /* number of the table that is read; 0 at the first reading */
    uint32_t row;
    bool row_open, cell_open;
    uint32_t column, span, rows_span;
    uint32_t covered[TABLE_COLUMNS_MAX]; /* for how many more rows a cell from above fills this column */
    struct text_buffer text;
};

/* --- tags --- */

struct tag {
    char name[TAG_SIZE]; /* lower case; "" if it is a comment or the like */
    bool closes;
    const char *attributes, *end; /* the text behind the name; behind the > */
};

/* Returns the end of a tag: behind its >, which may also stand in a quoted attribute. */
static const char *end_of_tag(const char *at, const char *limit)
{
    char quote = '\0';
    const char *first = NULL;
    for (; at < limit; at++) {
        if (*at == '>' && first == NULL)
            first = at + 1;
        if (*at == '>' && quote == '\0')
            return at + 1;
        if (quote == '\0' && (*at == '"' || *at == '\''))
            quote = *at;
        else if (*at == quote)
            quote = '\0';
    }
    return first != NULL ? first : limit; /* a quote that never ends */
}

static const char *find(const char *at, const char *limit, const char *text)
{
    const char *found = memmem(at, (size_t)(limit - at), text, strlen(text));
    return found != NULL ? found + strlen(text) : limit;
}

/* Reads the tag that begins at a '<'. Returns false if it is none: the sign stands for itself. */
static bool read_tag(const char *at, const char *limit, struct tag *tag)
{
    size_t len = 0;
    *tag = (struct tag){0};
    if (limit - at < 2)
        return false;
    if (at[1] == '!' || at[1] == '?') {
        tag->end = limit - at >= 4 && memcmp(at, "<!--", 4) == 0 ? find(at + 4, limit, "-->")
                                                                 : end_of_tag(at, limit);
        return true;
    }
    tag->closes = at[1] == '/';
    const char *name = at + 1 + tag->closes;
    for (; name < limit && ((*name | 0x20) >= 'a' && (*name | 0x20) <= 'z'); name++)
        if (len + 1 < TAG_SIZE)
            tag->name[len++] = (char)(*name | 0x20);
    if (len == 0)
        return false;
    tag->attributes = name;
    tag->end = end_of_tag(name, limit);
    return true;
}

/* Returns the tag that ends a script or a style, in which other tags mean nothing. */
static const char *end_of_raw_text(const char *at, const char *limit, const char *name)
{
    size_t len = strlen(name);
    for (; (at = memchr(at, '<', (size_t)(limit - at))) != NULL; at++)
        if ((size_t)(limit - at) > len + 2 && at[1] == '/' && strncasecmp(at + 2, name, len) == 0)
            return at;
    return limit;
}

/* Returns the number at a place that ends at end, from 1 to max, or 1. Signs before it are skipped. */
static uint32_t read_number(const char *at, const char *end, uint32_t max)
{
    uint32_t number = 0;
    while (at < end && memchr(" \t\r\n=\"'+", *at, 8) != NULL)
        at++;
    for (; at < end && *at >= '0' && *at <= '9' && number <= max; at++)
        number = number * 10 + (uint32_t)(*at - '0');
    return number < 1 ? 1 : number > max ? max : number;
}

/* Returns the number of an attribute, from 1 to max, or 1. */
static uint32_t tag_number(const struct tag *tag, const char *name, uint32_t max)
{
    size_t len = strlen(name);
    for (const char *at = tag->attributes; at + len + 1 < tag->end; at++)
        if (strncasecmp(at, name, len) == 0)
            return read_number(at + len, tag->end, max);
    return 1;
}

/* --- rows and cells --- */

static bool is_read(const struct page *page)
{
    return page->depth > 0 && page->wanted != 0 && page->stack[page->depth - 1] == page->wanted;
}

static int end_cell(struct page *page)
{
    if (!page->cell_open)
        return ERR_OK;
    page->cell_open = false;
    while (page->column < TABLE_COLUMNS_MAX && page->covered[page->column] > 0)
        page->covered[page->column++]--;
    int error = table_add_cell(page->table, page->column, text_buffer_get(&page->text), page->text.len, false,
                               page->fault);
    for (; page->span > 0; page->span--, page->column++)
        if (page->column < TABLE_COLUMNS_MAX)
            page->covered[page->column] = page->rows_span - 1;
    page->text.len = 0;
    return error;
}

static int end_row(struct page *page)
{
    int error = end_cell(page);
    if (!page->row_open)
        return error;
    for (; page->column < TABLE_COLUMNS_MAX; page->column++)
        page->covered[page->column] -= page->covered[page->column] > 0;
    page->row_open = false;
    return error == ERR_OK ? table_end_row(page->table) : error;
}

static int begin_row(struct page *page)
{
    int error = end_row(page);
    if (error != ERR_OK)
        return error;
    page->row++;
    page->column = 0;
    page->row_open = true;
    return table_begin_row(page->table, page->row, page->fault);
}

static int begin_cell(struct page *page, const struct tag *tag)
{
    int error = page->row_open ? end_cell(page) : begin_row(page);
    page->cell_open = true;
    page->text.len = 0;
    page->span = tag_number(tag, "colspan", SPAN_MAX);
    page->rows_span = tag_number(tag, "rowspan", ROWS_SPAN);
    return error;
}

static int add_text(struct page *page, const char *text, size_t len)
{
    return page->cell_open ? text_buffer_add(&page->text, text, len, TABLE_CELL_MAX + 1) : ERR_OK;
}

static int on_table_tag(struct page *page, const struct tag *tag)
{
    int error = ERR_OK;
    if (!tag->closes) {
        if (page->depth == DEPTH_MAX || page->table_count == TABLES_MAX)
            return table_fail(page->fault, 0, -1, "has too many tables: is this the right page?");
        page->stack[page->depth++] = ++page->table_count;
    } else if (page->depth > 0) {
        error = is_read(page) ? end_row(page) : ERR_OK;
        page->depth--;
    }
    return error;
}

/* Takes a tag of the table that is read. */
static int on_own_tag(struct page *page, const struct tag *tag, bool is_cell)
{
    if (is_cell)
        return tag->closes ? end_cell(page) : begin_cell(page, tag);
    if (strcmp(tag->name, "tr") == 0)
        return tag->closes ? end_row(page) : begin_row(page);
    if (strcmp(tag->name, "br") == 0 || strcmp(tag->name, "p") == 0 || strcmp(tag->name, "div") == 0)
        return add_text(page, " ", 1);
    return ERR_OK;
}

static int on_tag(struct page *page, const struct tag *tag)
{
    bool is_cell = strcmp(tag->name, "td") == 0 || strcmp(tag->name, "th") == 0;
    if (strcmp(tag->name, "table") == 0)
        return on_table_tag(page, tag);
    if (is_cell && !tag->closes && page->depth > 0 && page->wanted == 0)
        page->cells[page->stack[page->depth - 1] - 1]++;
    return is_read(page) ? on_own_tag(page, tag, is_cell) : ERR_OK;
}

/* Takes text up to the next tag. Line ends and runs of blanks count as one space. */
static int on_text(struct page *page, const char *text, size_t len)
{
    int error = ERR_OK;
    for (size_t i = 0; i < len && error == ERR_OK && page->cell_open;) {
        char character[4];
        size_t character_len, reference = html_reference_read(text + i, len - i, character, &character_len);
        size_t blanks = 0;
        while (i + blanks < len && memchr(" \t\r\n", text[i + blanks], 4) != NULL)
            blanks++;
        if (reference != 0)
            error = add_text(page, character, character_len);
        else
            error = add_text(page, blanks != 0 ? " " : text + i, 1);
        i += reference != 0 ? reference : blanks != 0 ? blanks : 1;
    }
    return error;
}

/* --- the page --- */

static int read_page(struct page *page, const char *data, size_t len)
{
    const char *limit = data + len;
    int error = ERR_OK;
    page->table_count = 0;
    page->depth = 0;
    for (const char *at = data; at < limit && error == ERR_OK;) {
        struct tag tag;
        if (*at == '<' && read_tag(at, limit, &tag)) {
            error = on_tag(page, &tag);
            at = tag.end;
            if (!tag.closes && (strcmp(tag.name, "script") == 0 || strcmp(tag.name, "style") == 0))
                at = end_of_raw_text(at, limit, tag.name);
            continue;
        }
        const char *next = memchr(at + 1, '<', (size_t)(limit - at - 1));
        next = next != NULL ? next : limit;
        error = on_text(page, at, (size_t)(next - at));
        at = next;
    }
    return error;
}

/* Chooses the table: the one that --sheet numbers, or the first of the largest. */
static int choose(struct page *page, const char *wanted)
{
    uint32_t best = 0;
    for (uint32_t i = 0; i < page->table_count; i++)
        if (wanted != NULL ? table_is_sheet(wanted, "", i + 1)
                           : page->cells[i] > (best != 0 ? page->cells[best - 1] : 0))
            best = i + 1;
    if (best == 0 && wanted != NULL)
        return table_fail(page->fault, 0, -1, "has no table '%.60s': say its number, 1 to %u", wanted,
                          (unsigned)page->table_count);
    if (best == 0)
        return table_fail(page->fault, 0, -1, "is a page without a table");
    page->wanted = best;
    if (page->table_count > 1)
        snprintf(page->table->sheet, sizeof page->table->sheet, "%u", (unsigned)best);
    for (uint32_t i = 0; i < page->table_count && i < 9; i++)
        if (i + 1 != best)
            table_add_other(page->table, (char[2]){(char)('1' + i), '\0'});
    return ERR_OK;
}

bool html_has_table(const char *data, size_t len)
{
    size_t start = 0;
    while (start < len && memchr(" \t\r\n\xEF\xBB\xBF", data[start], 7) != NULL)
        start++;
    if (start == len || data[start] != '<')
        return false;
    for (const char *at = data + start; (at = memchr(at, '<', (size_t)(data + len - at))) != NULL; at++)
        if ((size_t)(data + len - at) >= 6 && strncasecmp(at, "<table", 6) == 0)
            return true;
    return false;
}

int html_table_read(const char *data, size_t len, const char *wanted, struct table *table,
                    struct table_fault *fault)
{
    struct page *page = calloc(1, sizeof *page);
    if (page == NULL)
        return ERR_NO_SPACE;
    page->table = table;
    page->fault = fault;
    int error = read_page(page, data, len);
    if (error == ERR_OK)
        error = choose(page, wanted);
    if (error == ERR_OK)
        error = read_page(page, data, len);
    if (error == ERR_OK)
        error = end_row(page);
    free(page->text.text);
    free(page);
    return error;
}
