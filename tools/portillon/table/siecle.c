/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/siecle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/table/text_buffer.h"
#include "tools/portillon/table/xml_reader.h"

#define DEPTH_MAX   8
#define VALUE_MAX   1024
#define CLASSES_MAX (4 * SIECLE_PUPILS_MAX)

struct membership {
    char eleve_id[SIECLE_ID_SIZE];
    char class_name[SIECLE_NAME_SIZE];
};

struct register_reading {
    struct siecle *siecle;
    struct table_fault *fault;
    char path[DEPTH_MAX][32]; /* names of the open elements */
    int depth;
    struct text_buffer value;
    /* STRUCTURES_ELEVE */
    struct membership current;
    char structure[SIECLE_NAME_SIZE], structure_type[8];
    struct membership *classes;
    size_t class_count, class_capacity;
};

/* Returns true if the open element is name in parent. */
static bool is_at(const struct register_reading *reading, const char *parent, const char *name)
{
    int depth = reading->depth;
    return depth >= 2 && depth <= DEPTH_MAX && strcmp(reading->path[depth - 1], name) == 0 &&
           strcmp(reading->path[depth - 2], parent) == 0;
}

static void copy(char *out, size_t size, const char *text, size_t len)
{
    size_t blank;
    while ((blank = utf8_blank_at_end(text, len)) != 0)
        len -= blank;
    while ((blank = utf8_blank_at_start(text, len)) != 0) {
        text += blank;
        len -= blank;
    }
    text_show(text, len, out, size);
}

/* Writes a date as YYYY-MM-DD if it is DD/MM/YYYY; otherwise as it is. */
static void copy_date(char out[SIECLE_SHORT_SIZE], const char *text, size_t len)
{
    char date[SIECLE_SHORT_SIZE];
    unsigned day, month, year;
    int end = 0;
    copy(date, sizeof date, text, len);
    if (sscanf(date, "%2u/%2u/%4u%n", &day, &month, &year, &end) == 3 && date[end] == '\0')
        snprintf(out, SIECLE_SHORT_SIZE, "%04u-%02u-%02u", year, month, day);
    else
        memcpy(out, date, sizeof date);
}

/* --- elements --- */

static int begin_pupil(struct register_reading *reading, const char *const *attributes, uint32_t line)
{
    struct siecle *siecle = reading->siecle;
    const char *id = xml_attribute(attributes, "ELEVE_ID"), *number = xml_attribute(attributes, "ELENOET");
    if (siecle->count == SIECLE_PUPILS_MAX)
        return table_fail(reading->fault, line, -1, "has more than %d pupils", SIECLE_PUPILS_MAX);
    if (siecle->count == siecle->capacity) {
        size_t capacity = siecle->capacity != 0 ? 2 * siecle->capacity : 256;
        struct siecle_pupil *more = realloc(siecle->pupils, capacity * sizeof *more);
        if (more == NULL)
            return ERR_NO_SPACE;
        siecle->pupils = more;
        siecle->capacity = capacity;
    }
    struct siecle_pupil *pupil = &siecle->pupils[siecle->count++];
    *pupil = (struct siecle_pupil){.line = line};
    copy(pupil->eleve_id, sizeof pupil->eleve_id, id != NULL ? id : "", id != NULL ? strlen(id) : 0);
    copy(pupil->number, sizeof pupil->number, number != NULL ? number : "",
         number != NULL ? strlen(number) : 0);
    return ERR_OK;
}

static void begin_membership(struct register_reading *reading, const char *const *attributes)
{
    const char *id = xml_attribute(attributes, "ELEVE_ID");
    reading->current = (struct membership){0};
    copy(reading->current.eleve_id, SIECLE_ID_SIZE, id != NULL ? id : "", id != NULL ? strlen(id) : 0);
}

/* Notes the class, which is the structure of type D (division). Others are groups. */
static int end_structure(struct register_reading *reading)
{
    if (strcmp(reading->structure_type, "D") != 0 || reading->class_count == CLASSES_MAX)
        return ERR_OK;
    if (reading->class_count == reading->class_capacity) {
        size_t capacity = reading->class_capacity != 0 ? 2 * reading->class_capacity : 256;
        struct membership *more = realloc(reading->classes, capacity * sizeof *more);
        if (more == NULL)
            return ERR_NO_SPACE;
        reading->classes = more;
        reading->class_capacity = capacity;
    }
    memcpy(reading->current.class_name, reading->structure, SIECLE_NAME_SIZE);
    reading->classes[reading->class_count++] = reading->current;
    return ERR_OK;
}

/* Stores the value of an element in ELEVE. */
static void take_of_pupil(struct siecle_pupil *pupil, const char *name, const char *text, size_t len)
{
    const struct {
        const char *name;
        char *out;
        size_t size;
    } fields[] = {
        {"ID_NATIONAL", pupil->ine, sizeof pupil->ine},
        {"INE_RNIE", pupil->ine, sizeof pupil->ine},
        {"INE_BEA", pupil->old_ine, sizeof pupil->old_ine},
        {"ELENOET", pupil->number, sizeof pupil->number},
        {"NOM", pupil->surname, sizeof pupil->surname},
        {"NOM_DE_FAMILLE", pupil->surname, sizeof pupil->surname},
        {"NOM_USAGE", pupil->usual_name, sizeof pupil->usual_name},
        {"PRENOM", pupil->first_name, sizeof pupil->first_name},
        {"CODE_REGIME", pupil->regime, sizeof pupil->regime},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strcmp(name, fields[i].name) == 0 && len > 0)
            copy(fields[i].out, fields[i].size, text, len);
    if (strcmp(name, "DATE_ENTREE") == 0)
        copy_date(pupil->entry, text, len);
    else if (strcmp(name, "DATE_SORTIE") == 0)
        copy_date(pupil->leaving, text, len);
}

static int take_value(struct register_reading *reading, const char *name)
{
    const char *text = text_buffer_get(&reading->value);
    size_t len = reading->value.len;
    struct siecle *siecle = reading->siecle;
    if (is_at(reading, "PARAMETRES", "UAJ"))
        copy(siecle->uai, sizeof siecle->uai, text, len);
    else if (is_at(reading, "PARAMETRES", "DATE_EXPORT"))
        copy(siecle->exported, sizeof siecle->exported, text, len);
    else if (is_at(reading, "ELEVE", name) && siecle->count != 0)
        take_of_pupil(&siecle->pupils[siecle->count - 1], name, text, len);
    else if (is_at(reading, "STRUCTURE", "CODE_STRUCTURE"))
        copy(reading->structure, sizeof reading->structure, text, len);
    else if (is_at(reading, "STRUCTURE", "TYPE_STRUCTURE"))
        copy(reading->structure_type, sizeof reading->structure_type, text, len);
    else if (is_at(reading, "STRUCTURES_ELEVE", "STRUCTURE"))
        return end_structure(reading);
    return ERR_OK;
}

static int on_start(void *ctx, const char *name, const char *const *attributes, uint32_t line)
{
    struct register_reading *reading = ctx;
    if (reading->depth < DEPTH_MAX)
        snprintf(reading->path[reading->depth], sizeof reading->path[0], "%s", name);
    reading->depth++;
    reading->value.len = 0;
    if (reading->depth == 1 && strcmp(name, "BEE_ELEVES") != 0)
        return table_fail(reading->fault, line, -1, "is no register of SIECLE: it begins with %.40s", name);
    if (is_at(reading, "ELEVES", "ELEVE"))
        return begin_pupil(reading, attributes, line);
    if (is_at(reading, "STRUCTURES", "STRUCTURES_ELEVE"))
        begin_membership(reading, attributes);
    else if (is_at(reading, "STRUCTURES_ELEVE", "STRUCTURE"))
        reading->structure[0] = reading->structure_type[0] = '\0';
    return ERR_OK;
}

static int on_end(void *ctx, const char *name)
{
    struct register_reading *reading = ctx;
    int error = take_value(reading, name);
    reading->depth--;
    reading->value.len = 0;
    return error;
}

static int on_text(void *ctx, const char *text, size_t len)
{
    struct register_reading *reading = ctx;
    return text_buffer_add(&reading->value, text, len, VALUE_MAX);
}

/* --- classes --- */

static int by_eleve_id(const void *a, const void *b)
{
    return strcmp(((const struct membership *)a)->eleve_id, ((const struct membership *)b)->eleve_id);
}

/* Gives each pupil the class. */
static void join_classes(struct register_reading *reading)
{
    if (reading->class_count != 0)
        qsort(reading->classes, reading->class_count, sizeof *reading->classes, by_eleve_id);
    for (size_t i = 0; i < reading->siecle->count && reading->class_count != 0; i++) {
        struct siecle_pupil *pupil = &reading->siecle->pupils[i];
        struct membership key;
        memcpy(key.eleve_id, pupil->eleve_id, sizeof key.eleve_id);
        const struct membership *found =
            bsearch(&key, reading->classes, reading->class_count, sizeof *reading->classes, by_eleve_id);
        if (found != NULL && pupil->eleve_id[0] != '\0')
            memcpy(pupil->class_name, found->class_name, sizeof pupil->class_name);
    }
}

int siecle_read(struct siecle *siecle, const char *data, size_t len, struct table_fault *fault)
{
    static const struct xml_handler handler = {on_start, on_end, on_text};
    struct register_reading reading = {.siecle = siecle, .fault = fault};
    struct xml_fault xml_fault;
    *siecle = (struct siecle){0};
    *fault = (struct table_fault){0, -1, ""};
    int error = xml_read(data, len, &handler, &reading, &xml_fault);
    if (error == ERR_FORMAT && xml_fault.why != NULL)
        table_fail(fault, xml_fault.line, -1, "cannot be read as the register of SIECLE: %s", xml_fault.why);
    if (error == ERR_OK && siecle->count == 0)
        error = table_fail(fault, 0, -1, "is a register of SIECLE without pupils: export it again");
    if (error == ERR_OK)
        join_classes(&reading);
    else
        siecle_free(siecle);
    free(reading.value.text);
    free(reading.classes);
    return error;
}

const char *siecle_regime_name(const char *code)
{
    static const char *const names[][2] = {
        {"0", "EXTERNE LIBRE"},
        {"1", "EXTERNE SURVEILLE"},
        {"2", "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT"},
        {"21", "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 1"},
        {"22", "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 2"},
        {"23", "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 3"},
        {"24", "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 4"},
        {"25", "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 5"},
        {"26", "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 6"},
        {"29", "DEMI-PENSIONNAIRE AU TICKET"},
        {"3", "INTERNE DANS L'ETABLISSEMENT"},
        {"31", "INTERNE 1 JOUR"},
        {"32", "INTERNE 2 JOURS"},
        {"33", "INTERNE 3 JOURS"},
        {"34", "INTERNE 4 JOURS"},
        {"35", "INTERNE 5 JOURS"},
        {"36", "INTERNE 6 JOURS"},
        {"38", "DEMI INTERNE"},
        {"39", "INTERNE WEEK END"},
        {"4", "INTERNE EXTERNE"},
        {"5", "INTERNE HEBERGE"},
        {"6", "DEMI-PENSIONNAIRE HORS L'ETABLISSEMENT"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(code, names[i][0]) == 0)
            return names[i][1];
    return code;
}

void siecle_free(struct siecle *siecle)
{
    free(siecle->pupils);
    *siecle = (struct siecle){0};
}
