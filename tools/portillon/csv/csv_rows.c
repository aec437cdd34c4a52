/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_rows.h"

#include <csv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/csv/csv_quotes.h"

#define PROGRESS_LINES 4096

struct row_state {
    const struct csv_rows_reader *reader;
    int error;
    struct csv_rows_fault fault;
    char delimiter;
    uint32_t row_line;      /* line on which the current row started */
    size_t row_len;         /* bytes of the row given to libcsv so far */
    enum csv_quotes quotes; /* of the row given so far */
    bool row_open;          /* the row has not ended: a quoted cell continues over the line end */
    size_t cell_count;
    struct csv_cell cells[CSV_ROWS_CELLS_MAX];
    size_t used;
    char text[CSV_ROWS_LINE_MAX + CSV_ROWS_CELLS_MAX]; /* the cells of the row, each with a NUL */
};

static int fail(struct row_state *state, uint32_t line, size_t cell, const char *why)
{
    state->fault = (struct csv_rows_fault){line, cell, why};
    return state->error = ERR_FORMAT;
}

/* Returns the number of the cell at a position of a line. Quotes are not considered. */
static size_t cell_at(const struct row_state *state, const char *line, size_t at)
{
    size_t cell = 0;
    for (size_t i = 0; i < at; i++)
        cell += line[i] == state->delimiter;
    return cell;
}

static void trim(const struct row_state *state, struct csv_cell *cell)
{
    size_t blank;
    while ((blank = csv_text_blank(state->reader->text, cell->text, cell->len, true)) != 0)
        cell->len -= blank;
    while ((blank = csv_text_blank(state->reader->text, cell->text, cell->len, false)) != 0) {
        cell->text += blank;
        cell->len -= blank;
    }
}

/* Strips ="..." and the apostrophe before a digit. */
static void strip_mark(const struct row_state *state, struct csv_cell *cell)
{
    const char *text = cell->text;
    if (cell->len >= 3 && text[0] == '=' && text[1] == '"' && text[cell->len - 1] == '"')
        *cell = (struct csv_cell){.text = text + 2, .len = cell->len - 3, .marked = true};
    else if (cell->len >= 2 && text[0] == '\'' && text[1] >= '0' && text[1] <= '9')
        *cell = (struct csv_cell){.text = text + 1, .len = cell->len - 1, .marked = true};
    else
        return;
    trim(state, cell);
}

static void on_cell(void *text, size_t len, void *ctx)
{
    struct row_state *state = ctx;
    if (state->error != ERR_OK)
        return;
    if (state->cell_count == CSV_ROWS_CELLS_MAX || len + 1 > sizeof state->text - state->used) {
        fail(state, state->row_line, state->cell_count,
             _("has more than 256 columns: is this the right file?"));
        return;
    }
    char *copy = state->text + state->used;
    memcpy(copy, text, len);
    struct csv_cell cell = {.text = copy, .len = len};
    trim(state, &cell);
    strip_mark(state, &cell);
    copy[cell.text - copy + (ptrdiff_t)cell.len] = '\0';
    state->used += len + 1;
    state->cells[state->cell_count++] = cell;
}

static bool all_empty(const struct row_state *state)
{
    for (size_t i = 0; i < state->cell_count; i++)
        if (state->cells[i].len != 0)
            return false;
    return true;
}

static void on_row_end(int terminator, void *ctx)
{
    struct row_state *state = ctx;
    (void)terminator;
    if (state->error == ERR_OK && !all_empty(state))
        state->error =
            state->reader->on_row(state->reader->ctx, state->row_line, state->cells, state->cell_count);
    state->cell_count = 0;
    state->used = 0;
    state->row_open = false;
}

static size_t line_length(const char *data, size_t len)
{
    const char *end = memchr(data, '\n', len);
    return end != NULL ? (size_t)(end - data) + 1 : len;
}

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r' && line[i] != '\n')
            return false;
    return true;
}

/* Returns the length of the line without its line end, which may have several carriage returns. */
static size_t length_without_end(const char *line, size_t len)
{
    if (len > 0 && line[len - 1] == '\n')
        len--;
    while (len > 0 && line[len - 1] == '\r')
        len--;
    return len;
}

/* Finds a carriage return that is neither quoted nor part of the line end, and follows the quotes to the
 * end of the line. Returns NULL if there is none. */
static const char *find_lone_return(struct row_state *state, const char *line, size_t len)
{
    size_t inner = length_without_end(line, len);
    const char *found = NULL;
    if (state->quotes != CSV_QUOTES_INSIDE && memchr(line, '"', len) == NULL) /* the usual case */
        return memchr(line, '\r', inner);
    for (size_t i = 0; i < len; i++) {
        if (i < inner && line[i] == '\r' && state->quotes != CSV_QUOTES_INSIDE && found == NULL)
            found = line + i;
        state->quotes = csv_quotes_next(state->quotes, line[i], state->delimiter);
    }
    return found;
}

/* Returns the delimiter of the first row: the one of the three that occurs most often outside quotes. */
static char most_frequent_delimiter(const char *data, size_t len)
{
    static const char delimiters[] = {';', ',', '\t'};
    size_t counts[sizeof delimiters] = {0}, best = 0;
    enum csv_quotes quotes = CSV_QUOTES_START;
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '\n' && quotes != CSV_QUOTES_INSIDE)
            break;
        for (size_t d = 0; d < sizeof delimiters && quotes != CSV_QUOTES_INSIDE; d++)
            counts[d] += data[i] == delimiters[d];
        quotes = csv_quotes_next(quotes, data[i], '\0');
    }
    for (size_t d = 1; d < sizeof delimiters; d++)
        if (counts[d] > counts[best])
            best = d;
    return delimiters[best];
}

/* Recognises the first line that Excel writes, "sep=;". */
static bool is_separator_line(const char *line, size_t len)
{
    return len >= 5 && strncmp(line, "sep=", 4) == 0 && is_blank(line + 5, len - 5);
}

static int feed_line(struct row_state *state, struct csv_parser *parser, uint32_t number, const char *line,
                     size_t len)
{
    if (!state->row_open && is_blank(line, len))
        return ERR_OK;
    if (!state->row_open) {
        state->row_line = number;
        state->row_len = 0;
        state->quotes = CSV_QUOTES_START;
        for (; *line == '\r'; line++, len--) /* the second half of a line end written \n\r */
            ;
    }
    state->row_len += len;
    if (len > CSV_ROWS_LINE_MAX)
        return fail(state, number, cell_at(state, line, CSV_ROWS_LINE_MAX),
                    _("the line is longer than 64 KiB: is this a CSV file, exported with line ends?"));
    if (state->row_len > CSV_ROWS_LINE_MAX)
        return fail(
            state, state->row_line, state->cell_count,
            _("a quoted cell begins here that goes on for more than 64 KiB: a closing quote is missing"));
    const char *lone = find_lone_return(state, line, len);
    if (lone != NULL)
        return fail(
            state, number, cell_at(state, line, (size_t)(lone - line)),
            _("a carriage return stands inside the line: save the file with Windows or Unix line ends"));
    state->row_open = true;
    if (csv_parse(parser, line, len, on_cell, on_row_end, state) != len && state->error == ERR_OK)
        state->error = ERR_NO_SPACE;
    return state->error;
}

static int feed_all(struct row_state *state, struct csv_parser *parser, const char *data, size_t len)
{
    uint32_t number = state->reader->lines_before;
    bool started = false;
    for (size_t done = 0; done < len && state->error == ERR_OK;) {
        size_t line_len = line_length(data + done, len - done);
        const char *line = data + done;
        done += line_len;
        number++;
        if (!started && !is_blank(line, line_len)) {
            bool separator_line = is_separator_line(line, line_len);
            size_t left = len - (size_t)(line - data);
            started = true;
            state->delimiter =
                separator_line
                    ? line[4]
                    : most_frequent_delimiter(line, left < CSV_ROWS_LINE_MAX ? left : CSV_ROWS_LINE_MAX);
            csv_set_delim(parser, (unsigned char)state->delimiter);
            if (separator_line)
                continue;
        }
        feed_line(state, parser, number, line, line_len);
        if (number % PROGRESS_LINES == 0 && state->reader->on_progress != NULL)
            state->reader->on_progress(state->reader->ctx, done);
    }
    /* A last line without a line end gets one here. A row that is still open after it has an open quote. */
    if (state->error == ERR_OK && state->row_open &&
        csv_parse(parser, "\n", 1, on_cell, on_row_end, state) == 1 && state->error == ERR_OK &&
        state->row_open)
        fail(state, state->row_line, state->cell_count,
             _("a quoted cell begins here that never ends: a closing quote is missing"));
    return state->error;
}

int csv_rows_read(const char *data, size_t len, const struct csv_rows_reader *reader,
                  struct csv_rows_fault *fault)
{
    struct csv_parser parser;
    struct row_state *state = calloc(1, sizeof *state);
    int error = ERR_NO_SPACE;
    *fault = (struct csv_rows_fault){0};
    if (state == NULL)
        return error;
    if (csv_init(&parser, CSV_APPEND_NULL) == 0) {
        state->reader = reader;
        error = feed_all(state, &parser, data, len);
        *fault = state->fault;
        csv_free(&parser);
    }
    free(state);
    return error;
}
