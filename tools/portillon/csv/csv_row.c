/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_row.h"

#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/suggest.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/common/weekdays.h"
#include "tools/portillon/csv/card_state.h"
#include "tools/portillon/csv/csv_none.h"

#define SHOWN_MAX 48
#define WORD_MAX  64
#define WHY_MAX   560
#define DATE_SIZE 64

#define EPOCH_2000_DAYS 10957 /* days from 1970 to 2000, when the days of a list begin */

static const char *file_name(const struct csv_import *import)
{
    return import->files[import->file_count - 1];
}

void csv_row_column(const struct csv_import *import, size_t column, char out[CSV_ROW_COLUMN_SIZE])
{
    char letters[4];
    table_column_letters((uint32_t)column, letters);
    if (import->source.is_sheet)
        snprintf(out, CSV_ROW_COLUMN_SIZE, "%s (%s)", letters, import->columns.names[column]);
    else
        snprintf(out, CSV_ROW_COLUMN_SIZE, "%s", import->columns.names[column]);
}

const char *csv_row_word(const struct csv_import *import)
{
    return import->source.is_sheet ? _("row") : _("line");
}

void csv_row_complain(struct csv_import *import, struct csv_row *row, size_t column, const char *why)
{
    char shown[SHOWN_MAX], text[2 * SHOWN_MAX], name[CSV_ROW_COLUMN_SIZE];
    csv_row_column(import, column, name);
    csv_text_convert(&import->source.text, row->cells[column].text, row->cells[column].len, text,
                     sizeof text);
    text_show(text, strlen(text), shown, sizeof shown);
    row->bad = true;
    if (row->cells[column].len == 0)
        import_report_error(&import->report, file_name(import), row->line, "column %s: %s", name, why);
    else
        import_report_error(&import->report, file_name(import), row->line, "column %s: '%s': %s", name, shown,
                            why);
}

static size_t fold_cell(struct csv_import *import, const struct csv_cell *cell, char word[WORD_MAX])
{
    char text[4 * WORD_MAX];
    size_t len = csv_text_convert(&import->source.text, cell->text, cell->len, text, sizeof text);
    return text_fold(text, len, word, WORD_MAX);
}

/* Returns true when a cell has no value. 0 is none for dates and numbers of people. A name may be "Null". */
static bool is_none(struct csv_import *import, const struct csv_cell *cell, int role)
{
    char text[4 * WORD_MAX];
    if (cell->len == 0 || role == CSV_COLUMN_SURNAME || role == CSV_COLUMN_FIRST_NAME)
        return cell->len == 0;
    size_t len = csv_text_convert(&import->source.text, cell->text, cell->len, text, sizeof text);
    bool zero_is_none = role == CSV_COLUMN_FROM || role == CSV_COLUMN_UNTIL || role == CSV_COLUMN_PERSON_ID;
    return csv_none_is(text, len) || (zero_is_none && csv_none_is_zero(text, len));
}

/* Returns the column of a role, or -1 when there is none or its cell has no value. */
static int filled_column(struct csv_import *import, const struct csv_row *row, int role)
{
    int column = import->columns.first[role];
    return column >= 0 && !is_none(import, &row->cells[column], role) ? column : -1;
}

/* --- profile --- */

static void complain_of_profile(struct csv_import *import, struct csv_row *row, size_t column,
                                const char *word)
{
    const struct site_rules *rules = import->options->rules;
    const char *known[SITE_RULES_CALLED_MAX + 1] = {NULL};
    char names[WHITELIST_PROFILES_MAX * (WHITELIST_PROFILE_NAME_LEN + 3)], why[WHY_MAX];
    for (uint16_t i = 0; i < rules->word_count; i++)
        known[i] = rules->words[i].word;
    site_rules_list_profiles(rules, names, sizeof names);
    const char *near = suggest_nearest(word, known);
    if (word[0] == '\0')
        snprintf(why, sizeof why, _("no profile is given; known are %.380s"), names);
    else if (site_rules_is_numbered(rules, word))
        snprintf(
            why, sizeof why,
            _("no known profile: the number behind it may be a code or count days: add the whole text to "
              "'called' in site.conf, with the days if it counts them (called = TEXT: mon tue thu fri)"));
    else if (near != NULL)
        snprintf(why, sizeof why,
                 _("no known profile; is '%.40s' meant? Correct the cell, or add the word to 'called' in "
                   "site.conf"),
                 near);
    else
        snprintf(
            why, sizeof why,
            _("no known profile; known are %.300s: add the word to 'called' of one of them in site.conf"),
            names);
    csv_row_complain(import, row, column, why);
}

/* --- days of meals --- */

/* Reads the cell of a day. Returns false when it says neither yes nor no. */
static bool read_day(struct csv_import *import, const struct csv_cell *cell, bool *eats)
{
    static const char *const meal[] = {"dp", "repas", "midi", "dej", "dejeuner", "r", "d", NULL};
    char text[4 * WORD_MAX], word[WORD_MAX];
    size_t len = csv_text_convert(&import->source.text, cell->text, cell->len, text, sizeof text);
    enum card_state_word says = card_state_read(text, len);
    text_fold(text, len, word, sizeof word);
    *eats = says == CARD_STATE_SAYS_YES || text_is_one_of(word, meal);
    return *eats || says == CARD_STATE_SAYS_NO || says == CARD_STATE_SAYS_NOTHING;
}

/* Reads the columns Lundi to Dimanche. Returns true when any of them is filled. */
static bool read_day_columns(struct csv_import *import, struct csv_row *row, uint8_t *mask)
{
    bool said = false, eats;
    *mask = 0;
    for (int day = 0; day < 7; day++) {
        int column = filled_column(import, row, CSV_COLUMN_MONDAY + day);
        if (column < 0)
            continue;
        said = true;
        if (!read_day(import, &row->cells[column], &eats))
            csv_row_complain(import, row, (size_t)column,
                             _("is neither yes nor no: write oui, 1 or x, or non, 0 or nothing"));
        else if (eats)
            *mask |= (uint8_t)(1 << day);
    }
    return said;
}

static bool read_weekdays_column(struct csv_import *import, struct csv_row *row, uint8_t *mask)
{
    char text[4 * WORD_MAX], unknown[WEEKDAYS_TEXT_SIZE], why[WHY_MAX];
    int column = filled_column(import, row, CSV_COLUMN_WEEKDAYS);
    if (column < 0)
        return false;
    size_t len = csv_text_convert(&import->source.text, row->cells[column].text, row->cells[column].len, text,
                                  sizeof text);
    if (weekdays_parse(text, len, mask, unknown) == ERR_OK)
        return true;
    snprintf(why, sizeof why, _("'%s' is no day of the week: write lun mar mer jeu ven, or LMMeJV"), unknown);
    csv_row_complain(import, row, (size_t)column, why);
    return false;
}

/* Reads the days that the row names, in one column or in one column a day. Returns true when it names any. */
static bool read_said_days(struct csv_import *import, struct csv_row *row, uint8_t *mask)
{
    uint8_t by_column = 0, by_word = 0;
    bool columns = read_day_columns(import, row, &by_column);
    bool word = read_weekdays_column(import, row, &by_word);
    if (columns && word && by_column != by_word)
        csv_row_complain(import, row, (size_t)import->columns.first[CSV_COLUMN_WEEKDAYS],
                         _("the columns of the single days say otherwise: correct one of the two"));
    *mask = word ? by_word : by_column;
    return columns || word;
}

static void complain_of_day_count(struct csv_import *import, struct csv_row *row, int wanted, uint8_t mask)
{
    char why[WHY_MAX], days[WEEKDAYS_TEXT_SIZE];
    weekdays_text(mask, days);
    snprintf(why, sizeof why,
             translate_count((uint64_t)wanted,
                             "tells of %d day of meals, but the row gives %d (%s): correct one of the two",
                             "tells of %d days of meals, but the row gives %d (%s): correct one of the two"),
             wanted, weekdays_count(mask), days);
    csv_row_complain(import, row, (size_t)import->columns.first[CSV_COLUMN_PROFILE], why);
}

/* Returns the days of meals: those that the row names, otherwise those that the profile's word stands for.
 * When only the number of days is known, the days are never guessed, because a wrong guess would turn a pupil
 * away on the day left out. */
static uint8_t settle_days(struct csv_import *import, struct csv_row *row, uint8_t by_profile, int count)
{
    uint8_t said;
    char why[WHY_MAX];
    int wanted = by_profile != 0 ? weekdays_count(by_profile) : count;
    if (read_said_days(import, row, &said)) {
        if (wanted != 0 && weekdays_count(said) != wanted && !row->bad)
            complain_of_day_count(import, row, wanted, said);
        else if (said == 0 && !row->bad)
            csv_row_complain(import, row, (size_t)import->columns.first[CSV_COLUMN_PROFILE],
                             _("has no day of meals at all: mark the days, or give another profile"));
        return said;
    }
    if (by_profile != 0)
        return by_profile;
    if (count == 0 || count == 7)
        return WHITELIST_EVERY_DAY;
    if (count == 5)
        return WEEKDAYS_SCHOOL;
    snprintf(why, sizeof why,
             translate_count((uint64_t)count,
                             "tells of %d day of meals, but not which: add a column Jours (LMJV) or columns "
                             "Lundi to Vendredi, or say in site.conf: called = DP%d: and the days",
                             "tells of %d days of meals, but not which: add a column Jours (LMJV) or columns "
                             "Lundi to Vendredi, or say in site.conf: called = DP%d: and the days"),
             count, count);
    csv_row_complain(import, row, (size_t)import->columns.first[CSV_COLUMN_PROFILE], why);
    return WHITELIST_EVERY_DAY;
}

bool csv_row_has_profile(struct csv_import *import, const struct csv_row *row)
{
    return filled_column(import, row, CSV_COLUMN_PROFILE) >= 0;
}

void csv_row_profile(struct csv_import *import, struct csv_row *row, struct whitelist_rule *rule)
{
    const struct site_rules *rules = import->options->rules;
    size_t column = (size_t)import->columns.first[CSV_COLUMN_PROFILE];
    char word[WORD_MAX] = "";
    uint8_t weekdays;
    int count;
    if (!is_none(import, &row->cells[column], CSV_COLUMN_PROFILE))
        fold_cell(import, &row->cells[column], word);
    int profile = site_rules_find(rules, word, &weekdays, &count);
    if (profile < 0) {
        complain_of_profile(import, row, column, word);
        return;
    }
    rule->profile = (uint8_t)profile;
    if (rules->tables.profiles[profile].zones & WHITELIST_ZONE_CANTEEN)
        rule->weekdays = settle_days(import, row, weekdays, count);
}

/* --- dates --- */

/* Changes "10/17/2026" to "17/10/2026". Returns the length, or 0 when the text has another form. */
static size_t swap_day_and_month(const struct csv_cell *cell, char out[DATE_SIZE])
{
    int month, day, end = 0;
    if (cell->len >= DATE_SIZE - 8 || sscanf(cell->text, "%2d/%2d/%n", &month, &day, &end) != 2 || end == 0)
        return 0;
    return (size_t)snprintf(out, DATE_SIZE, "%02d/%02d/%s", day, month, cell->text + end);
}

/* Returns the day of a moment. Programs that keep moments in UTC write the midnight that begins a day as
 * 22:00 or 23:00 of the day before; such a moment counts in the school's time. Otherwise the date as
 * written counts. */
static int32_t day_of(const struct csv_import *import, const struct civil_moment *moment)
{
    int64_t utc_s = ((int64_t)moment->day + EPOCH_2000_DAYS) * 86400 + moment->second - moment->offset_s;
    if (!moment->has_offset || utc_s < 0 || utc_s > UINT32_MAX)
        return moment->day;
    int64_t local_s = utc_s + time_zone_offset_s(&import->options->rules->tables.zone, (uint32_t)utc_s);
    return local_s % 86400 == 0 ? (int32_t)(local_s / 86400) - EPOCH_2000_DAYS : moment->day;
}

/* Reads the date of a column. Returns true when the column exists and its cell holds a date. */
static bool read_date(struct csv_import *import, struct csv_row *row, enum csv_column role, int32_t *day)
{
    int column = filled_column(import, row, (int)role);
    const char *why;
    char swapped[DATE_SIZE];
    struct civil_moment moment;
    if (column < 0)
        return false;
    const struct csv_cell *cell = &row->cells[column];
    size_t len = import->options->dates == CSV_DATES_MONTH_FIRST ? swap_day_and_month(cell, swapped) : 0;
    if (civil_moment_parse(len != 0 ? swapped : cell->text, len != 0 ? len : cell->len, &moment, &why) ==
        ERR_OK) {
        *day = day_of(import, &moment);
        return true;
    }
    csv_row_complain(import, row, (size_t)column, translate(why));
    return false;
}

static void read_dates(struct csv_import *import, struct csv_row *row, struct whitelist_rule *rule)
{
    int32_t first, last;
    bool has_first = read_date(import, row, CSV_COLUMN_FROM, &first);
    bool has_last = read_date(import, row, CSV_COLUMN_UNTIL, &last);
    /* No gate's clock is before 2000 or after 2179. A bound before 2000 means no bound, and a last day after
     * 2179 means none. */
    if (has_first && first > 0) {
        rule->first_day = first < WHITELIST_NO_LAST_DAY ? (uint16_t)first : WHITELIST_NO_LAST_DAY;
        if (first >= WHITELIST_NO_LAST_DAY)
            csv_row_complain(import, row, (size_t)import->columns.first[CSV_COLUMN_FROM],
                             _("is too far away: a list knows days up to 2179"));
    }
    if (has_last && last < WHITELIST_NO_LAST_DAY)
        rule->last_day = last > 0 ? (uint16_t)last : 0;
    if (has_first && has_last && last < first)
        csv_row_complain(import, row, (size_t)import->columns.first[CSV_COLUMN_UNTIL],
                         _("ends before it begins: are the two dates swapped?"));
}

/* Returns the length of a number without ".0" behind it. */
static size_t whole_number_len(const struct csv_cell *cell)
{
    size_t len = cell->len;
    bool fraction =
        len >= 3 && cell->text[len - 1] == '0' && (cell->text[len - 2] == '.' || cell->text[len - 2] == ',');
    return fraction ? len - 2 : len;
}

static void read_passages(struct csv_import *import, struct csv_row *row, struct whitelist_rule *rule)
{
    int column = filled_column(import, row, CSV_COLUMN_PASSAGES);
    unsigned count = 0;
    if (column < 0)
        return;
    const struct csv_cell *cell = &row->cells[column];
    size_t len = whole_number_len(cell);
    for (size_t i = 0; i < len && count < 1000; i++)
        count = cell->text[i] >= '0' && cell->text[i] <= '9' ? 10 * count + (unsigned)(cell->text[i] - '0')
                                                             : 1000;
    if (count >= 1 && count <= UINT8_MAX)
        rule->passages = (uint8_t)count;
    else
        csv_row_complain(import, row, (size_t)column,
                         _("is no number of passages: write 1 to 254, or nothing for 1 (255: as often as one "
                           "likes); who may not eat gets a profile "
                           "without canteen"));
}

void csv_row_bounds(struct csv_import *import, struct csv_row *row, struct whitelist_rule *rule)
{
    read_dates(import, row, rule);
    read_passages(import, row, rule);
}

/* FNV-1a over the folded text of the columns. The hash stays in this program; 0 means that nothing is
 * given. */
static uint32_t hash_columns(struct csv_import *import, const struct csv_row *row,
                             const enum csv_column *roles, size_t count)
{
    uint32_t hash = 0x811C9DC5;
    bool given = false;
    for (size_t i = 0; i < count; i++) {
        char word[WORD_MAX] = "";
        int column = filled_column(import, row, (int)roles[i]);
        if (column >= 0)
            fold_cell(import, &row->cells[column], word);
        given = given || word[0] != '\0';
        for (const char *c = word;; c++) {
            hash = (hash ^ (uint8_t)*c) * 0x01000193;
            if (*c == '\0')
                break;
        }
    }
    return given ? hash | 1 : 0;
}

void csv_row_identify(struct csv_import *import, const struct csv_row *row, struct card_origin *origin)
{
    static const enum csv_column id[] = {CSV_COLUMN_PERSON_ID},
                                 name[] = {CSV_COLUMN_SURNAME, CSV_COLUMN_FIRST_NAME};
    origin->person_id = hash_columns(import, row, id, 1);
    origin->person_name = hash_columns(import, row, name, 2);
}

void csv_row_person(struct csv_import *import, const struct csv_row *row, struct csv_person *person)
{
    static const enum csv_column roles[4] = {CSV_COLUMN_SURNAME, CSV_COLUMN_FIRST_NAME, CSV_COLUMN_CLASS,
                                             CSV_COLUMN_PERSON_ID};
    for (int i = 0; i < 4; i++) {
        char text[4 * sizeof person->text[0]];
        int column = filled_column(import, row, (int)roles[i]);
        size_t len = column < 0 ? 0
                                : csv_text_convert(&import->source.text, row->cells[column].text,
                                                   row->cells[column].len, text, sizeof text);
        text_show(text, len, person->text[i], sizeof person->text[i]);
    }
    csv_row_point_at_texts(person);
}

void csv_row_point_at_texts(struct csv_person *person)
{
    person->surname = person->text[0];
    person->first_name = person->text[1];
    person->class_name = person->text[2];
    person->id = person->text[3];
}
