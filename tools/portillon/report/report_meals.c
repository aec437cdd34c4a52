/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_meals.h"
#include "hal/linux/translate.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/access/policy.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/report/report_time.h"
#include "tools/portillon/report/report_words.h"

#define SERVICE_COLUMN                                                                                       \
    {                                                                                                        \
        "service", N_("Service"), report_words_service                                                       \
    }
#define PROFILE_COLUMN                                                                                       \
    {                                                                                                        \
        "profile", N_("Category"), report_words_profile                                                      \
    }
#define DAY_COLUMN                                                                                           \
    {                                                                                                        \
        "day", N_("Day"), report_words_day                                                                   \
    }
#define MEALS_COLUMN                                                                                         \
    {                                                                                                        \
        "meals", N_("Meals"), NULL                                                                           \
    }

static const struct report_column profile_columns[] = {SERVICE_COLUMN, PROFILE_COLUMN, MEALS_COLUMN};
static const struct report_column day_columns[] = {DAY_COLUMN, MEALS_COLUMN};
static const struct report_column all_columns[] = {DAY_COLUMN, SERVICE_COLUMN, PROFILE_COLUMN, MEALS_COLUMN};
static const struct report_column double_columns[] = {DAY_COLUMN,
                                                      SERVICE_COLUMN,
                                                      {"person", N_("Name"), NULL},
                                                      {"class", N_("Class"), NULL},
                                                      {"card", N_("Card (pseudonym)"), NULL},
                                                      {"passages", N_("Passages"), NULL},
                                                      {"allowed", N_("Allowed"), NULL},
                                                      {"first_gate", N_("First gate"), NULL},
                                                      {"first_time", N_("Time"), NULL},
                                                      {"other_gate", N_("Other gate"), NULL},
                                                      {"other_time", N_("Time"), NULL}};

static const struct report_layout by_profile = {.name = "meals_by_profile",
                                                .title = N_("Meals by service and category"),
                                                .columns = profile_columns,
                                                .column_count = 3,
                                                .plot = REPORT_PLOT_BARS,
                                                .plot_label = 1,
                                                .plot_first = 2,
                                                .plot_count = 1,
                                                .group_by = -1};
static const struct report_layout by_day = {.name = "meals_by_day",
                                            .title = N_("Meals by day"),
                                            .columns = day_columns,
                                            .column_count = 2,
                                            .plot = REPORT_PLOT_COLUMNS,
                                            .plot_first = 1,
                                            .plot_count = 1,
                                            .group_by = -1};
static const struct report_layout by_all = {.name = "meals",
                                            .title = N_("Meals by day, service and category"),
                                            .columns = all_columns,
                                            .column_count = 4,
                                            .plot_first = 3,
                                            .plot_count = 1,
                                            .group_by = -1};
static const struct report_layout doubles = {
    .name = "double_passages",
    .title = N_("Double passages"),
    .about = N_("The same card was granted at two gates during one service."),
    .columns = double_columns,
    .column_count = 11,
    .group_by = -1};

/* --- meals --- */

/* Adds up the counts that are the same in service and profile. Counts come from a merged tally. */
static void add_profiles(struct report_table *table, const struct meal_tally *tally)
{
    struct meal_tally sums = {.counts = calloc(tally->count + 1, sizeof *sums.counts), .count = tally->count};
    table->is_short = sums.counts == NULL;
    for (size_t i = 0; i < tally->count && sums.counts != NULL; i++)
        sums.counts[i] = (struct meal_count){0, "", tally->counts[i].service, tally->counts[i].profile,
                                             tally->counts[i].meals};
    if (sums.counts != NULL)
        meal_tally_merge(&sums);
    for (size_t i = 0; i < sums.count && sums.counts != NULL; i++) {
        report_text(table, sums.counts[i].service);
        report_text(table, sums.counts[i].profile);
        report_number(table, sums.counts[i].meals);
    }
    free(sums.counts);
}

static void add_day(struct report_table *table, int32_t day, int64_t meals)
{
    char text[CIVIL_DATE_TEXT_SIZE];
    civil_date_format(day, text);
    report_text(table, text);
    report_number(table, meals);
}

static void add_days(struct report_table *table, const struct meal_tally *tally)
{
    int64_t meals = 0;
    for (size_t i = 0; i < tally->count; i++) {
        meals += tally->counts[i].meals;
        if (i + 1 < tally->count && tally->counts[i + 1].day == tally->counts[i].day)
            continue;
        add_day(table, tally->counts[i].day, meals);
        meals = 0;
    }
}

/* Adds up the gates of a day. */
static void add_all(struct report_table *table, const struct meal_tally *tally)
{
    struct meal_tally sums = {.counts = calloc(tally->count + 1, sizeof *sums.counts), .count = tally->count};
    table->is_short = sums.counts == NULL;
    for (size_t i = 0; i < tally->count && sums.counts != NULL; i++) {
        sums.counts[i] = tally->counts[i];
        sums.counts[i].device = "";
    }
    if (sums.counts != NULL)
        meal_tally_merge(&sums);
    for (size_t i = 0; i < sums.count && sums.counts != NULL; i++) {
        char text[CIVIL_DATE_TEXT_SIZE];
        civil_date_format(sums.counts[i].day, text);
        report_text(table, text);
        report_text(table, sums.counts[i].service);
        report_text(table, sums.counts[i].profile);
        report_number(table, sums.counts[i].meals);
    }
    free(sums.counts);
}

void report_meals_add(struct report *report, const struct meal_tally *tally)
{
    add_profiles(report_add(report, &by_profile), tally);
    add_days(report_add(report, &by_day), tally);
    add_all(report_add(report, &by_all), tally);
}

/* --- double passages --- */

static int compare_meals(const void *a, const void *b)
{
    const struct report_passage *first = *(const struct report_passage *const *)a;
    const struct report_passage *second = *(const struct report_passage *const *)b;
    int order = first->service_day - second->service_day;
    order = order != 0 ? order : first->service - second->service;
    order = order != 0 ? order : memcmp(first->tag.bytes, second->tag.bytes, TAG_LEN);
    return order != 0 ? order : (first->utc_s > second->utc_s) - (first->utc_s < second->utc_s);
}

static bool is_same_meal(const struct report_passage *a, const struct report_passage *b)
{
    return a->service_day == b->service_day && a->service == b->service &&
           memcmp(a->tag.bytes, b->tag.bytes, TAG_LEN) == 0;
}

static const char *time_of(const struct report_data *data, const struct report_passage *passage,
                           char out[REPORT_TIME_SIZE])
{
    return report_time_text(&data->tables->zone, passage->utc_s, out) + sizeof "2026-11-23";
}

static void add_double(struct report_table *table, const struct report_data *data,
                       const struct report_passage *first, const struct report_passage *other, size_t count,
                       bool with_names)
{
    char text[REPORT_TIME_SIZE];
    const struct report_person *person = first->person;
    civil_date_format(first->service_day, text);
    report_text(table, text);
    report_text(table, report_data_service(data, first->service));
    report_text(table, person != NULL && with_names ? person->name : NULL);
    report_text(table, person != NULL && with_names ? person->class_name : NULL);
    tag_text_write(&first->tag, text);
    report_text(table, text);
    report_number(table, (int64_t)count);
    report_number(table, person != NULL ? person->passages : 1);
    report_text(table, report_data_device(data, first));
    report_text(table, time_of(data, first, text));
    report_text(table, report_data_device(data, other));
    report_text(table, time_of(data, other, text));
}

/* Looks at the passages of one card at one service, in the order of time. */
static void judge(struct report_table *table, const struct report_data *data,
                  const struct report_passage *const *meals, size_t count, bool with_names)
{
    size_t allowed = meals[0]->person != NULL ? meals[0]->person->passages : 1;
    if (count <= allowed || allowed == POLICY_NO_LIMIT)
        return;
    for (size_t i = 1; i < count; i++)
        if (meals[i]->gate != meals[0]->gate) {
            add_double(table, data, meals[0], meals[i], count, with_names);
            return;
        }
}

void report_meals_add_doubles(struct report *report, const struct report_data *data, bool with_names)
{
    struct report_table *table = report_add(report, &doubles);
    const struct report_passage **meals = calloc(data->count + 1, sizeof(const struct report_passage *));
    size_t count = 0, same;
    table->is_short = meals == NULL;
    for (size_t i = 0; i < data->count && meals != NULL; i++) {
        const struct report_passage *passage = &data->passages[i];
        if (passage->is_granted && !passage->is_unused && passage->has_tag && passage->service >= 0)
            meals[count++] = passage;
    }
    if (count > 0)
        qsort(meals, count, sizeof(const struct report_passage *), compare_meals);
    for (size_t i = 0; i < count; i += same) {
        for (same = 1; i + same < count && is_same_meal(meals[i], meals[i + same]); same++)
            ;
        judge(table, data, meals + i, same, with_names);
    }
    free(meals);
}
