/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_header.h"

#include <stdbool.h>
#include <string.h>

#include "tools/portillon/csv/csv_quotes.h"

struct candidate {
    struct csv_text *text;
    const char *const *by_hand;
    enum csv_header_likeness likeness;
};

int csv_header_read(struct csv_columns *columns, struct csv_text *text, const struct csv_cell *cells,
                    size_t count, const char *const by_hand[CSV_COLUMN_MAPPABLE],
                    char why[CSV_COLUMNS_WHY_MAX])
{
    char names[CSV_ROWS_CELLS_MAX][3 * CSV_COLUMNS_NAME_MAX];
    struct csv_cell header[CSV_ROWS_CELLS_MAX];
    for (size_t i = 0; i < count; i++) {
        header[i].text = names[i];
        header[i].len = csv_text_convert(text, cells[i].text, cells[i].len, names[i], sizeof names[i]);
    }
    return csv_columns_read(columns, header, count, by_hand, why);
}

/* Returns false for the days and the states. Rows have these words in their cells too, so they do not
 * identify a header. */
static bool names_a_header(uint8_t role)
{
    return role < CSV_COLUMN_CARD_STATE && (role < CSV_COLUMN_MONDAY || role > CSV_COLUMN_SUNDAY);
}

enum csv_header_likeness csv_header_judge(struct csv_text *text, const struct csv_cell *cells, size_t count,
                                          const char *const by_hand[CSV_COLUMN_MAPPABLE])
{
    struct csv_columns columns;
    char why[CSV_COLUMNS_WHY_MAX];
    int needed = 0, named = 0;
    if (csv_header_read(&columns, text, cells, count, by_hand, why) == ERR_OK &&
        csv_columns_have_card(&columns) && columns.first[CSV_COLUMN_PROFILE] >= 0)
        return CSV_HEADER_WHOLE;
    for (size_t i = 0; i < columns.count; i++) {
        needed += columns.roles[i] == CSV_COLUMN_CARD || columns.roles[i] == CSV_COLUMN_DESFIRE ||
                  columns.roles[i] == CSV_COLUMN_PROFILE;
        named += names_a_header(columns.roles[i]);
    }
    return needed > 0 || named > 1 ? CSV_HEADER_PART : CSV_HEADER_UNLIKE;
}

static int judge(void *ctx, uint32_t line, const struct csv_cell *cells, size_t count)
{
    struct candidate *candidate = ctx;
    (void)line;
    candidate->likeness = csv_header_judge(candidate->text, cells, count, candidate->by_hand);
    return ERR_BUSY; /* one row is enough */
}

static size_t line_length(const char *data, size_t len)
{
    const char *end = memchr(data, '\n', len);
    return end != NULL ? (size_t)(end - data) + 1 : len;
}

/* Returns the length of the first row: a line, or several when a quoted cell has line ends. When the quote
 * never ends the first line is returned. */
static size_t row_length(const char *data, size_t len)
{
    enum csv_quotes quotes = CSV_QUOTES_START;
    for (size_t i = 0; i < len && i < CSV_ROWS_LINE_MAX; i++) {
        if (data[i] == '\n' && quotes != CSV_QUOTES_INSIDE)
            return i + 1;
        quotes = csv_quotes_next(quotes, data[i], '\0');
    }
    return line_length(data, len);
}

static uint32_t count_lines(const char *data, size_t len)
{
    uint32_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += data[i] == '\n';
    return count;
}

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (strchr(" \t\r\n", line[i]) == NULL || line[i] == '\0')
            return false;
    return true;
}

size_t csv_header_find(struct csv_text *text, const char *data, size_t len,
                       const char *const by_hand[CSV_COLUMN_MAPPABLE], uint32_t *lines_before)
{
    size_t best = 0, row_len;
    uint32_t number = 0;
    enum csv_header_likeness best_likeness = CSV_HEADER_UNLIKE;
    *lines_before = 0;
    for (size_t at = 0, looked_at = 0; at < len && looked_at < CSV_HEADER_LINES_MAX;
         number += count_lines(data + at, row_len), at += row_len) {
        struct candidate candidate = {text, by_hand, CSV_HEADER_UNLIKE};
        const struct csv_rows_reader reader = {.on_row = judge, .text = text, .ctx = &candidate};
        struct csv_rows_fault fault;
        row_len = row_length(data + at, len - at);
        if (is_blank(data + at, row_len))
            continue;
        looked_at++;
        (void)!csv_rows_read(data + at, len - at, &reader, &fault);
        if (candidate.likeness > best_likeness) {
            best = looked_at > 1 ? at : 0; /* empty lines and Excel's sep=; may stay above it */
            *lines_before = looked_at > 1 ? number : 0;
            best_likeness = candidate.likeness;
        }
        if (best_likeness == CSV_HEADER_WHOLE)
            break;
    }
    return best;
}
