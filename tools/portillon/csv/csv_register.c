/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_register.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/table/siecle.h"

/* The columns as which a pupil is read, so that the words and dates mean what they mean in other files. */
enum { ID, SURNAME, FIRST_NAME, CLASS, REGIME, ENTRY, LEAVING, COLUMNS };

#define DAYS_OF_A_YEAR 366
#define PHRASE_SIZE    160

static void set_columns(struct csv_import *import)
{
    static const struct {
        const char *name;
        enum csv_column role;
    } columns[COLUMNS] = {
        [ID] = {"ID_NATIONAL", CSV_COLUMN_PERSON_ID},     [SURNAME] = {"NOM_DE_FAMILLE", CSV_COLUMN_SURNAME},
        [FIRST_NAME] = {"PRENOM", CSV_COLUMN_FIRST_NAME}, [CLASS] = {"STRUCTURE", CSV_COLUMN_CLASS},
        [REGIME] = {"CODE_REGIME", CSV_COLUMN_PROFILE},   [ENTRY] = {"DATE_ENTREE", CSV_COLUMN_FROM},
        [LEAVING] = {"DATE_SORTIE", CSV_COLUMN_UNTIL},
    };
    import->columns = (struct csv_columns){.count = COLUMNS};
    for (int role = 0; role < CSV_COLUMN_MAPPABLE; role++)
        import->columns.first[role] = -1;
    for (int i = 0; i < COLUMNS; i++) {
        import->columns.roles[i] = (uint8_t)columns[i].role;
        import->columns.first[columns[i].role] = (int16_t)i;
        snprintf(import->columns.names[i], CSV_COLUMNS_NAME_MAX, "%s", columns[i].name);
    }
}

static const char *first_filled(const char *a, const char *b)
{
    return a[0] != '\0' ? a : b;
}

static void fold_into(char *out, size_t size, const char *text)
{
    text_fold(text, strlen(text), out, size);
}

/* Writes surname and first name as one folded word. */
static void fold_name(char out[2 * PUPIL_WORD_SIZE], const char *surname, const char *first_name)
{
    size_t len = text_fold(surname, strlen(surname), out, PUPIL_WORD_SIZE);
    text_fold(first_name, strlen(first_name), out + len, PUPIL_WORD_SIZE);
}

void csv_register_make_words(struct pupil *pupil)
{
    fold_into(pupil->ids[0], PUPIL_WORD_SIZE, pupil->id);
    fold_name(pupil->names[0], pupil->surname, pupil->first_name);
    fold_name(pupil->names[1], pupil->surname, pupil->first_name);
    fold_into(pupil->class_word, PUPIL_WORD_SIZE, pupil->class_name);
}

uint16_t csv_register_first_day(const struct csv_import *import, uint16_t first_day)
{
    return first_day + DAYS_OF_A_YEAR < import->options->today ? WHITELIST_NO_FIRST_DAY : first_day;
}

static void take_person(struct pupil *pupil, const struct siecle_pupil *from)
{
    const char *usual = first_filled(from->usual_name, from->surname);
    snprintf(pupil->id, sizeof pupil->id, "%s",
             first_filled(from->ine, first_filled(from->old_ine, from->number)));
    snprintf(pupil->surname, sizeof pupil->surname, "%s", first_filled(from->surname, from->usual_name));
    snprintf(pupil->first_name, sizeof pupil->first_name, "%s", from->first_name);
    snprintf(pupil->class_name, sizeof pupil->class_name, "%s", from->class_name);
    csv_register_make_words(pupil);
    fold_into(pupil->ids[0], PUPIL_WORD_SIZE, from->ine);
    fold_into(pupil->ids[1], PUPIL_WORD_SIZE, from->old_ine);
    fold_into(pupil->ids[2], PUPIL_WORD_SIZE, from->number);
    fold_into(pupil->ids[3], PUPIL_WORD_SIZE, from->eleve_id);
    fold_name(pupil->names[1], usual, from->first_name);
}

static struct csv_cell cell_of(const char *text)
{
    return (struct csv_cell){.text = text, .len = strlen(text)};
}

/* Returns the words for a regime, unless site.conf names the code itself ("called = 25"). */
static const char *regime_of(const struct csv_import *import, const char *code)
{
    uint8_t weekdays;
    int days;
    return site_rules_find(import->options->rules, code, &weekdays, &days) >= 0 ? code
                                                                                : siecle_regime_name(code);
}

static bool has_left(const struct csv_import *import, const struct pupil *pupil)
{
    return pupil->rule.last_day < import->options->today || strcmp(pupil->class_word, "inactifs") == 0;
}

/* Reads the rights of a pupil. Those of one who has left do not matter. */
static void take_rights(struct csv_import *import, struct pupil *pupil, const struct siecle_pupil *from)
{
    const struct csv_cell cells[COLUMNS] = {
        [ID] = cell_of(from->ine),
        [SURNAME] = cell_of(from->surname),
        [FIRST_NAME] = cell_of(from->first_name),
        [CLASS] = cell_of(from->class_name),
        [REGIME] = cell_of(regime_of(import, from->regime)),
        [ENTRY] = cell_of(from->entry),
        [LEAVING] = cell_of(from->leaving),
    };
    struct csv_row row = {.line = from->line, .cells = cells, .cell_count = COLUMNS};
    csv_row_bounds(import, &row, &pupil->rule);
    pupil->left = !row.bad && has_left(import, pupil);
    if (!pupil->left)
        csv_row_profile(import, &row, &pupil->rule);
    pupil->bad = row.bad;
    pupil->rule.first_day = csv_register_first_day(import, pupil->rule.first_day);
}

static int tell_person(struct csv_import *import, const struct pupil *pupil)
{
    struct csv_person person;
    const struct csv_row_cards none = {.rule = pupil->rule};
    if (import->options->on_person == NULL || pupil->bad || pupil->left)
        return ERR_OK;
    import->holder = pupil;
    csv_register_person(pupil, &person);
    return import->options->on_person(import->options->person_ctx, &person, &none);
}

static int add_pupil(struct csv_import *import, const struct siecle_pupil *from)
{
    struct pupil pupil = {.rule = {.weekdays = WHITELIST_EVERY_DAY,
                                   .first_day = WHITELIST_NO_FIRST_DAY,
                                   .last_day = WHITELIST_NO_LAST_DAY,
                                   .passages = 1}};
    take_person(&pupil, from);
    take_rights(import, &pupil, from);
    import->left_count += pupil.left;
    int error = pupil_register_add(&import->pupils, &pupil);
    return error == ERR_OK ? tell_person(import, &pupil) : error;
}

/* Checks that the register is that of this school. Returns false after an error. */
static bool check_school(struct csv_import *import, const char *name, const char *uai)
{
    const char *ours = import->options->rules->uai;
    if (ours[0] == '\0' && uai[0] != '\0')
        import_report_note(
            &import->report, name,
            "is the register of school %s: write uai = %s into site.conf, so that the register of "
            "another school is refused",
            uai, uai);
    if (ours[0] == '\0' || strcasecmp(ours, uai) == 0)
        return true;
    import_report_error(&import->report, name, 0,
                        "is the register of school %s, but site.conf says uai = %s: export the right one",
                        uai[0] != '\0' ? uai : _("(not given)"), ours);
    return false;
}

static void note_pupils(struct csv_import *import, const char *name, const struct siecle *siecle,
                        uint32_t left)
{
    char here[PHRASE_SIZE], gone[PHRASE_SIZE];
    size_t count = siecle->count - left;
    if (siecle->exported[0] != '\0')
        snprintf(here, sizeof here,
                 translate_count(count, "%zu pupil, exported on %s", "%zu pupils, exported on %s"), count,
                 siecle->exported);
    else
        snprintf(here, sizeof here, translate_count(count, "%zu pupil", "%zu pupils"), count);
    snprintf(gone, sizeof gone,
             translate_count(left, "%" PRIu32 " who left is left out", "%" PRIu32 " who left are left out"),
             left);
    import_report_note(&import->report, name, "%s; %s", here, gone);
}

static int read_pupils(struct csv_import *import, const char *name, const struct siecle *siecle)
{
    uint32_t left_before = import->left_count;
    int error = csv_text_open(&import->source.text, CSV_ENCODING_UTF8);
    set_columns(import);
    for (size_t i = 0; i < siecle->count && error == ERR_OK; i++)
        error = add_pupil(import, &siecle->pupils[i]);
    uint32_t left = import->left_count - left_before;
    import->register_name = name;
    note_pupils(import, name, siecle, left);
    return error == ERR_OK ? pupil_register_index(&import->pupils) : error;
}

int csv_register_read(struct csv_import *import, const char *name, const char *data, size_t len)
{
    struct siecle siecle;
    struct table_fault fault;
    int error = siecle_read(&siecle, data, len, &fault);
    if (error == ERR_FORMAT) {
        import_report_error(&import->report, name, fault.row, "%s", fault.why);
        return ERR_OK;
    }
    if (error == ERR_OK && check_school(import, name, siecle.uai))
        error = read_pupils(import, name, &siecle);
    siecle_free(&siecle);
    return error;
}

bool csv_register_joins(const struct csv_import *import)
{
    const int16_t *first = import->columns.first;
    return import->pupils.count != 0 && (first[CSV_COLUMN_PERSON_ID] >= 0 || first[CSV_COLUMN_SURNAME] >= 0);
}

/* --- finding --- */

static size_t fold_column(struct csv_import *import, const struct csv_row *row, enum csv_column role,
                          char *out, size_t size)
{
    char text[4 * PUPIL_NAME_SIZE];
    int column = import->columns.first[role];
    out[0] = '\0';
    if (column < 0)
        return 0;
    const struct csv_cell *cell = &row->cells[column];
    size_t len = csv_text_convert(&import->source.text, cell->text, cell->len, text, sizeof text);
    return text_fold(text, len, out, size);
}

static struct pupil *find_by_name(struct csv_import *import, const struct csv_row *row, int *namesakes)
{
    char name[2 * PUPIL_WORD_SIZE], class_word[PUPIL_WORD_SIZE];
    size_t len = fold_column(import, row, CSV_COLUMN_SURNAME, name, sizeof name);
    fold_column(import, row, CSV_COLUMN_FIRST_NAME, name + len, sizeof name - len);
    fold_column(import, row, CSV_COLUMN_CLASS, class_word, sizeof class_word);
    return pupil_register_by_name(&import->pupils, name, class_word, namesakes);
}

static void complain_of_stranger(struct csv_import *import, struct csv_row *row, int namesakes)
{
    int id = import->columns.first[CSV_COLUMN_PERSON_ID], name = import->columns.first[CSV_COLUMN_SURNAME];
    size_t column = (size_t)(id >= 0 && row->cells[id].len != 0 ? id : name >= 0 ? name : id);
    if (namesakes > 1)
        csv_row_complain(import, row, column,
                         _("several pupils of the register have this name: add a column INE, or Classe"));
    else
        csv_row_complain(
            import, row, column,
            _("the register has no such pupil: correct the cell, or give a profile in a column Régime"));
}

struct pupil *csv_register_find(struct csv_import *import, struct csv_row *row)
{
    char id[PUPIL_WORD_SIZE];
    int namesakes = 0;
    struct pupil *found = NULL;
    bool has_profile = csv_row_has_profile(import, row);
    if (!csv_register_joins(import))
        return NULL;
    if (fold_column(import, row, CSV_COLUMN_PERSON_ID, id, sizeof id) != 0)
        found = pupil_register_by_id(&import->pupils, id);
    else if (!has_profile)
        found = find_by_name(import, row, &namesakes);
    row->stranger = found == NULL && !has_profile && namesakes == 0 && import->options->skips_strangers;
    if (found == NULL && !has_profile && !row->stranger)
        complain_of_stranger(import, row, namesakes);
    return found;
}

void csv_register_person(const struct pupil *pupil, struct csv_person *person)
{
    const char *const texts[4] = {pupil->surname, pupil->first_name, pupil->class_name, pupil->id};
    for (int i = 0; i < 4; i++)
        snprintf(person->text[i], sizeof person->text[i], "%s", texts[i]);
    csv_row_point_at_texts(person);
}
