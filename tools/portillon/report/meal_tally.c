/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/meal_tally.h"

#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/civil_date.h"

static const char *keep(struct meal_tally *tally, const char *name)
{
    int index = name_pool_find(&tally->names, name);
    return index >= 0 ? tally->names.names[index] : NULL;
}

static int add(struct meal_tally *tally, const struct meal_count *count)
{
    if (tally->count == tally->capacity) {
        size_t capacity = 2 * tally->capacity + 64;
        struct meal_count *counts = realloc(tally->counts, capacity * sizeof *counts);
        if (counts == NULL)
            return ERR_NO_SPACE;
        tally->counts = counts;
        tally->capacity = capacity;
    }
    struct meal_count *kept = &tally->counts[tally->count];
    *kept = (struct meal_count){count->day, keep(tally, count->device), keep(tally, count->service),
                                keep(tally, count->profile), count->meals};
    if (kept->device == NULL || kept->service == NULL || kept->profile == NULL)
        return ERR_NO_SPACE;
    tally->count++;
    return ERR_OK;
}

int meal_tally_add(struct meal_tally *tally, const struct report_data *data)
{
    int result = ERR_OK;
    for (size_t i = 0; i < data->count && result == ERR_OK; i++) {
        const struct report_passage *passage = &data->passages[i];
        if (!passage->is_canteen || !passage->is_granted || passage->is_unused)
            continue;
        result = add(tally, &(struct meal_count){passage->service_day, report_data_device(data, passage),
                                                 report_data_service(data, passage->service),
                                                 passage->person != NULL ? passage->person->profile : "", 1});
    }
    return result;
}

static int read_row(struct meal_tally *tally, struct db_statement *row)
{
    const char *why, *day = db_text(row, 0);
    struct meal_count count = {0, db_text(row, 1), db_text(row, 2), db_text(row, 3), db_int(row, 4)};
    if (civil_date_parse(day, strlen(day), &count.day, &why) != ERR_OK)
        return ERR_OK; /* not written by this program */
    return add(tally, &count);
}

int meal_tally_read(struct meal_tally *tally, struct store_db *store, int32_t first_day, int32_t last_day,
                    const char *gate)
{
    struct db_statement statement;
    char first[CIVIL_DATE_TEXT_SIZE], last[CIVIL_DATE_TEXT_SIZE];
    int result = store_db_prepare(store, &statement,
                                  "SELECT day, device, service, profile, meals FROM meal_counts"
                                  " WHERE site = $1 AND day >= $2 AND day <= $3"
                                  " AND (CAST($4 AS TEXT) = '' OR device = $4)");
    if (result != ERR_OK)
        return result;
    civil_date_format(first_day, first);
    civil_date_format(last_day, last);
    db_bind_text(&statement, 2, first);
    db_bind_text(&statement, 3, last);
    db_bind_text(&statement, 4, gate != NULL ? gate : "");
    while ((result = db_step(&statement)) == DB_ROW && read_row(tally, &statement) == ERR_OK)
        ;
    db_finalize(&statement);
    return result == DB_ROW ? ERR_NO_SPACE : result;
}

static int compare_counts(const void *a, const void *b)
{
    const struct meal_count *first = a, *second = b;
    int order = first->day - second->day;
    order = order != 0 ? order : strcmp(first->device, second->device);
    order = order != 0 ? order : strcmp(first->service, second->service);
    return order != 0 ? order : strcmp(first->profile, second->profile);
}

void meal_tally_merge(struct meal_tally *tally)
{
    size_t kept = 0;
    if (tally->count == 0)
        return;
    qsort(tally->counts, tally->count, sizeof *tally->counts, compare_counts);
    for (size_t i = 1; i < tally->count; i++)
        if (compare_counts(&tally->counts[kept], &tally->counts[i]) == 0)
            tally->counts[kept].meals += tally->counts[i].meals;
        else
            tally->counts[++kept] = tally->counts[i];
    tally->count = kept + 1;
}

int meal_tally_write(const struct meal_tally *tally, struct store_db *store)
{
    struct db_statement statement;
    int result = store_db_prepare(
        store, &statement,
        "INSERT INTO meal_counts (site, day, device, service, profile, meals) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (site, day, device, service, profile)"
        " DO UPDATE SET meals = meal_counts.meals + excluded.meals");
    for (size_t i = 0; i < tally->count && result >= 0; i++) {
        const struct meal_count *count = &tally->counts[i];
        char day[CIVIL_DATE_TEXT_SIZE];
        civil_date_format(count->day, day);
        db_bind_text(&statement, 2, day);
        db_bind_text(&statement, 3, count->device);
        db_bind_text(&statement, 4, count->service);
        db_bind_text(&statement, 5, count->profile);
        db_bind_int(&statement, 6, count->meals);
        result = store_db_do(store, &statement);
    }
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

void meal_tally_free(struct meal_tally *tally)
{
    free(tally->counts);
    name_pool_free(&tally->names);
    *tally = (struct meal_tally){0};
}
