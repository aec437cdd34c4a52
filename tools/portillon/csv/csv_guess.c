/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_guess.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/csv/card_digits.h"
#include "tools/portillon/csv/csv_none.h"
#include "tools/portillon/csv/csv_source.h"

#define ROWS_MAX  2000 /* enough to decide; more rows only take longer */
#define WORD_MAX  64
#define HEAD_SIZE (3 * CSV_COLUMNS_NAME_MAX)

/* Properties of the cells of a column. The numbers count cells. */
struct column_look {
    char header[HEAD_SIZE];
    unsigned filled;
    unsigned hex, hex_letters; /* with 8, 14 or 20 hex digits, separators ignored; of them, with a letter */
    /* 7 bytes with 04 first, or last: the first byte sent is the maker's number (ISO/IEC 14443-3), and 04 is
     * NXP (ISO/IEC 7816-6) */
    unsigned first_04, last_04;
    unsigned digits, digits_10;            /* only decimal digits; ten of them */
    unsigned digits_8, large;              /* eight of them; a value that needs more than 4 bytes */
    unsigned three_five;                   /* "012,34567", or eight digits that can be read so */
    unsigned profiles;                     /* words of site.conf */
    unsigned dates;                        /* dates that a day-first reader accepts */
    unsigned day_above_12, month_above_12; /* first and second number of a date with slashes, when above 12 */
};

struct looking {
    struct csv_guess *guess;
    struct csv_import_options *options;
    struct csv_source source;
    struct csv_columns recognised;
    struct column_look *looks;
    size_t count;
    unsigned rows;
};

__attribute__((format(printf, 2, 3))) static void note(struct csv_guess *guess, const char *format, ...)
{
    va_list arguments;
    if (guess->note_count == CSV_GUESS_NOTES)
        return;
    va_start(arguments, format);
    vsnprintf(guess->notes[guess->note_count++], CSV_GUESS_NOTE_MAX, format, arguments);
    va_end(arguments);
}

/* --- collecting --- */

static void look_at_hex(struct column_look *look, const char *text)
{
    char digits[24];
    size_t count = 0;
    bool letter = false;
    if (text[0] == '0' && (text[1] | 0x20) == 'x')
        text += 2;
    for (; *text != '\0'; text++) {
        if (strchr(" :-.", *text) != NULL)
            continue;
        if (!isxdigit((unsigned char)*text) || count == sizeof digits - 1)
            return;
        letter = letter || !isdigit((unsigned char)*text);
        digits[count++] = *text;
    }
    if (count != 8 && count != 14 && count != 20)
        return;
    look->hex++;
    look->hex_letters += letter;
    look->first_04 += count == 14 && memcmp(digits, "04", 2) == 0;
    look->last_04 += count == 14 && memcmp(digits + 12, "04", 2) == 0;
}

static void look_at_digits(struct column_look *look, const char *clean)
{
    unsigned head = 0, tail = 0;
    char comma = '\0', text[CARD_DIGITS_SIZE];
    bool digits = card_digits_decimal(clean, text);
    size_t len = strlen(digits ? text : clean);
    if (!digits && len == 9 && sscanf(clean, "%3u%c%5u", &head, &comma, &tail) == 3 &&
        (comma == ',' || comma == '.'))
        look->three_five++;
    if (!digits)
        return;
    look->digits++;
    look->digits_10 += len == 10;
    look->digits_8 += len == 8;
    look->three_five += len == 8 && sscanf(text, "%3u%5u", &head, &tail) == 2 && head <= 255 && tail <= 65535;
    look->large += len > 10 || (len == 10 && strtoull(text, NULL, 10) > UINT32_MAX);
}

static void look_at_date(struct column_look *look, const char *text, size_t len)
{
    int32_t day;
    const char *why;
    unsigned first, second, year;
    look->dates += civil_date_parse(text, len, &day, &why) == ERR_OK;
    if (sscanf(text, "%2u/%2u/%4u", &first, &second, &year) == 3) {
        look->day_above_12 += first > 12;
        look->month_above_12 += second > 12;
    }
}

static void look_at_cell(struct looking *looking, struct column_look *look, const struct csv_cell *cell)
{
    char text[4 * WORD_MAX], word[WORD_MAX], clean[CARD_DIGITS_SIZE];
    uint8_t weekdays;
    int days;
    size_t len = csv_text_convert(&looking->source.text, cell->text, cell->len, text, sizeof text);
    if (csv_none_is(text, len))
        return;
    look->filled++;
    card_digits_clean(text, len, clean);
    look_at_hex(look, clean);
    look_at_digits(look, clean);
    look_at_date(look, text, len);
    text_fold(text, len, word, sizeof word);
    look->profiles += site_rules_find(looking->options->rules, word, &weekdays, &days) >= 0;
}

static int take_header(struct looking *looking, const struct csv_cell *cells, size_t count)
{
    static const char *const nothing[CSV_COLUMN_MAPPABLE];
    struct csv_cell header[CSV_ROWS_CELLS_MAX];
    char why[CSV_COLUMNS_WHY_MAX];
    looking->looks = calloc(count, sizeof *looking->looks);
    if (looking->looks == NULL)
        return ERR_NO_SPACE;
    looking->count = count;
    for (size_t i = 0; i < count; i++) {
        char *text = looking->looks[i].header;
        header[i].text = text;
        header[i].len = csv_text_convert(&looking->source.text, cells[i].text, cells[i].len, text, HEAD_SIZE);
    }
    /* Missing and ambiguous roles are no error here: the guess is made for them. */
    (void)!csv_columns_read(&looking->recognised, header, count, nothing, why);
    return ERR_OK;
}

static int on_row(void *ctx, uint32_t line, const struct csv_cell *cells, size_t count)
{
    struct looking *looking = ctx;
    (void)line;
    if (looking->looks == NULL)
        return take_header(looking, cells, count);
    for (size_t i = 0; i < looking->count && i < count; i++)
        look_at_cell(looking, &looking->looks[i], &cells[i]);
    return ++looking->rows == ROWS_MAX ? ERR_BUSY : ERR_OK; /* enough rows */
}

/* --- deciding --- */

static bool most(unsigned part, unsigned whole)
{
    return whole != 0 && part * 10 >= whole * 8;
}

/* Returns how likely it is that this column holds card numbers; 0 means not at all. */
static unsigned card_score(const struct column_look *look, bool by_header)
{
    unsigned score = 0;
    if (most(look->hex_letters, look->filled) && look->hex == look->filled)
        score = 5;
    else if (most(look->hex, look->filled) && look->hex_letters != 0)
        score = 4;
    else if (most(look->digits_10, look->filled))
        score = 3;
    else if (most(look->digits + look->three_five, look->filled) && by_header)
        score = 2;
    return score != 0 ? score + 10 * by_header : by_header && look->filled != 0;
}

/* Returns the best column for a role, or -1 if there is none. */
static int best_column(const struct looking *looking, enum csv_column role)
{
    int best = -1;
    unsigned best_score = 0;
    for (size_t i = 0; i < looking->count; i++) {
        const struct column_look *look = &looking->looks[i];
        bool by_header = looking->recognised.roles[i] == role;
        if (looking->recognised.roles[i] == CSV_COLUMN_PIN ||
            looking->recognised.roles[i] == CSV_COLUMN_DESFIRE || look->header[0] == '\0')
            continue;
        unsigned score = role == CSV_COLUMN_CARD ? card_score(look, by_header)
                         : by_header             ? 2U + most(look->profiles, look->filled)
                                                 : 0U + most(look->profiles, look->filled);
        if (score > best_score) {
            best_score = score;
            best = (int)i;
        }
    }
    return best;
}

static void map_column(struct looking *looking, int role, int column)
{
    struct csv_guess *guess = looking->guess;
    if (column < 0 || looking->options->by_hand[role] != NULL || looking->looks[column].header[0] == '\0')
        return;
    const char *header = looking->looks[column].header; /* a map has it on one line */
    text_show(header, strlen(header), guess->map.headers[role], sizeof guess->map.headers[role]);
    looking->options->by_hand[role] = guess->map.headers[role];
    if (looking->recognised.roles[column] != role)
        note(guess, _("%s: column %s, by what stands in it"), csv_column_name((enum csv_column)role),
             looking->looks[column].header);
}

static void tell_notation(struct looking *looking, const struct column_look *look)
{
    struct card_notation *notation = &looking->options->notation;
    struct csv_guess *guess = looking->guess;
    if (most(look->three_five, look->filled) && look->hex_letters == 0) {
        note(guess, _("card numbers: %s"), _(card_number_wiegand));
        return;
    }
    if (look->hex_letters != 0 || !most(look->digits, look->filled)) {
        notation->base = CARD_NUMBER_HEX;
        notation->reversed = look->last_04 >= 3 && look->last_04 > 4 * look->first_04;
        if (look->first_04 + look->last_04 == 0)
            note(guess, _("card numbers: hex; whether the bytes stand in the card's order cannot be told of "
                          "4-byte numbers: "
                          "compare one with portillon-reader or a phone, and say hex-reversed if not"));
        else if (notation->reversed)
            note(guess,
                 _("card numbers: hex-reversed, since most end in 04, which is the first byte that such "
                   "a card sends"));
        return;
    }
    notation->base =
        most(look->digits_10, look->filled) && look->large == 0 ? CARD_NUMBER_DECIMAL10 : CARD_NUMBER_DECIMAL;
    note(guess,
         _("card numbers: %s; the order of the bytes cannot be told from decimal numbers: compare one with a "
           "card, and "
           "say %s-reversed if it is the other way round"),
         csv_map_notation(notation), csv_map_notation(notation));
}

static void tell_dates(struct looking *looking)
{
    unsigned day_first = 0, month_first = 0;
    for (size_t i = 0; i < looking->count; i++) {
        day_first += looking->looks[i].day_above_12;
        month_first += looking->looks[i].month_above_12;
    }
    if (month_first > day_first) {
        looking->options->dates = CSV_DATES_MONTH_FIRST;
        note(looking->guess, _("dates: month first, since many have a second number above 12"));
    }
}

static void tell(struct looking *looking)
{
    int card = best_column(looking, CSV_COLUMN_CARD);
    map_column(looking, CSV_COLUMN_CARD, card);
    map_column(looking, CSV_COLUMN_PROFILE, best_column(looking, CSV_COLUMN_PROFILE));
    for (size_t i = 0; i < looking->count; i++) {
        int role = looking->recognised.roles[i];
        bool multiple = role == CSV_COLUMN_BLOCKED ||
                        role == CSV_COLUMN_ACTIVE; /* all columns of this role count, so none is chosen */
        if (role < CSV_COLUMN_MAPPABLE && role > CSV_COLUMN_PROFILE && !multiple)
            map_column(looking, role, (int)i);
    }
    if (card >= 0)
        tell_notation(looking, &looking->looks[card]);
    tell_dates(looking);
}

static int look(struct looking *looking, const char *data, size_t len)
{
    struct csv_import_options *options = looking->options;
    struct csv_source *source = &looking->source;
    struct csv_rows_reader reader = {.on_row = on_row, .ctx = looking};
    struct csv_rows_fault rows_fault;
    struct table_fault fault;
    int error = csv_source_open(source, data, len, options->encoding, options->sheet, &fault);
    if (error != ERR_OK)
        return error;
    error = csv_source_read(source, options->by_hand, &reader, &rows_fault);
    if (error == ERR_BUSY)
        error = ERR_OK;
    if (error == ERR_OK && looking->looks != NULL)
        tell(looking);
    if (error == ERR_OK && source->text.encoding != CSV_ENCODING_UTF8)
        options->encoding = source->text.encoding;
    csv_source_close(source);
    return error;
}

int csv_guess(struct csv_guess *guess, struct csv_import_options *options, const char *data, size_t len)
{
    struct looking *looking = calloc(1, sizeof *looking);
    if (looking == NULL)
        return ERR_NO_SPACE;
    memset(guess, 0, sizeof *guess);
    looking->guess = guess;
    looking->options = options;
    int error = look(looking, data, len);
    free(looking->looks);
    free(looking);
    return error;
}
