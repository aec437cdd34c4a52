/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_passages.h"
#include "hal/linux/translate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/report/report_words.h"

#define HOURS    24
#define SLOT_MIN 5
#define SLOTS    (24 * 60 / SLOT_MIN)
#define SERVICES (WHITELIST_SERVICES_MAX + 1) /* the last one: outside services */
#define DAYS_MAX 4000
#define COUNT_COLUMNS                                                                                        \
    {"passages", N_("Passages"), NULL}, {"unused", N_("Unused"), NULL},                                      \
    {                                                                                                        \
        "refused", N_("Refused"), NULL                                                                       \
    }

static const struct report_column day_columns[] = {{"day", N_("Day"), report_words_day}, COUNT_COLUMNS};
static const struct report_column hour_columns[] = {{"hour", N_("Hour"), report_words_hour}, COUNT_COLUMNS};
static const struct report_column service_columns[] = {{"service", N_("Service"), report_words_service},
                                                       COUNT_COLUMNS};
static const struct report_column gate_columns[] = {{"gate", N_("Gate"), NULL}, COUNT_COLUMNS};
static const struct report_column reason_columns[] = {{"reason", N_("Reason"), report_words_reason},
                                                      {"refused", N_("Refused"), NULL}};
static const struct report_column queue_columns[] = {{"service", N_("Service"), report_words_service},
                                                     {"from", N_("From"), NULL},
                                                     {"passages", N_("Passages"), NULL},
                                                     {"refused", N_("Refused"), NULL},
                                                     {"busiest", N_("At most"), NULL},
                                                     {"busiest_day", N_("On day"), report_words_day}};

static const struct report_layout by_day = {.name = "passages_by_day",
                                            .title = N_("Passages by day"),
                                            .about = N_("\"Unused\": the gate opened, but nobody passed."),
                                            .columns = day_columns,
                                            .column_count = 4,
                                            .plot = REPORT_PLOT_COLUMNS,
                                            .plot_first = 1,
                                            .plot_count = 3,
                                            .group_by = -1};
static const struct report_layout by_hour = {.name = "passages_by_hour",
                                             .title = N_("Passages by hour of the day"),
                                             .columns = hour_columns,
                                             .column_count = 4,
                                             .plot = REPORT_PLOT_COLUMNS,
                                             .plot_first = 1,
                                             .plot_count = 3,
                                             .group_by = -1};
static const struct report_layout by_service = {.name = "passages_by_service",
                                                .title = N_("Passages at the canteen, by service"),
                                                .columns = service_columns,
                                                .column_count = 4,
                                                .plot = REPORT_PLOT_BARS,
                                                .plot_first = 1,
                                                .plot_count = 3,
                                                .is_left_out_when_empty = true,
                                                .group_by = -1};
static const struct report_layout by_gate = {.name = "passages_by_gate",
                                             .title = N_("Passages by gate"),
                                             .columns = gate_columns,
                                             .column_count = 4,
                                             .plot = REPORT_PLOT_BARS,
                                             .plot_first = 1,
                                             .plot_count = 3,
                                             .group_by = -1};
static const struct report_layout by_reason = {
    .name = "refusals_by_reason",
    .title = N_("Refusals by reason"),
    .about = N_("Refusals repeated over and over at one gate are only counted by it and are not shown here."),
    .columns = reason_columns,
    .column_count = 2,
    .plot = REPORT_PLOT_BARS,
    .plot_first = 1,
    .plot_count = 1,
    .group_by = -1};
static const struct report_layout without_time = {
    .name = "passages_without_time",
    .title = N_("Passages without a time"),
    .about = N_("The clock of the gate was not set. These passages are counted on the day on which they were "
                "fetched."),
    .columns = gate_columns,
    .column_count = 4,
    .is_left_out_when_empty = true,
    .group_by = -1};
static const struct report_layout queue = {.name = "queue",
                                           .title = N_("Queue at the canteen: passages in each 5 minutes"),
                                           .about =
                                               N_("Total of the period; \"At most\": on the busiest day."),
                                           .columns = queue_columns,
                                           .column_count = 6,
                                           .plot = REPORT_PLOT_COLUMNS,
                                           .plot_label = 1,
                                           .plot_first = 2,
                                           .plot_count = 2,
                                           .group_by = -1};

struct counts {
    int64_t passages, unused, refused;
};

static void count(struct counts *counts, const struct report_passage *passage)
{
    if (!passage->is_granted)
        counts->refused++;
    else if (passage->is_unused)
        counts->unused++;
    else
        counts->passages++;
}

static bool is_empty(const struct counts *counts)
{
    return counts->passages + counts->unused + counts->refused == 0;
}

static void add_row(struct report_table *table, const char *name, const struct counts *counts)
{
    report_text(table, name);
    report_number(table, counts->passages);
    report_number(table, counts->unused);
    report_number(table, counts->refused);
}

static void add_days(struct report *report, const struct report_data *data, int32_t first, int32_t last)
{
    static struct counts days[DAYS_MAX];
    char text[CIVIL_DATE_TEXT_SIZE];
    struct report_table *table = report_add(report, &by_day);
    memset(days, 0, sizeof days);
    for (size_t i = 0; i < data->count; i++) {
        int32_t day = data->passages[i].day - first;
        if (day >= 0 && day < DAYS_MAX)
            count(&days[day], &data->passages[i]);
    }
    for (int32_t day = first; day <= last && day - first < DAYS_MAX; day++) {
        civil_date_format(day, text);
        add_row(table, text, &days[day - first]);
    }
}

static void add_hours(struct report *report, const struct report_data *data)
{
    struct counts hours[HOURS] = {{0}};
    struct report_table *table = report_add(report, &by_hour);
    int first = HOURS, last = -1;
    for (size_t i = 0; i < data->count; i++)
        if (data->passages[i].has_time)
            count(&hours[data->passages[i].minute / 60], &data->passages[i]);
    for (int hour = 0; hour < HOURS; hour++)
        if (!is_empty(&hours[hour])) {
            first = hour < first ? hour : first;
            last = hour;
        }
    for (int hour = first; hour <= last; hour++) {
        char text[16];
        snprintf(text, sizeof text, "%02d", hour);
        add_row(table, text, &hours[hour]);
    }
}

static int service_slot(const struct report_passage *passage)
{
    return passage->service >= 0 ? passage->service : SERVICES - 1;
}

static void add_services(struct report *report, const struct report_data *data)
{
    struct counts services[SERVICES] = {{0}};
    struct report_table *table = report_add(report, &by_service);
    for (size_t i = 0; i < data->count; i++)
        if (data->passages[i].is_canteen)
            count(&services[service_slot(&data->passages[i])], &data->passages[i]);
    for (int i = 0; i < SERVICES; i++)
        if (!is_empty(&services[i]))
            add_row(table, report_data_service(data, i < SERVICES - 1 ? i : -1), &services[i]);
}

static int compare_names(const void *a, const void *b)
{
    return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* Adds a row for each gate of the passages that are meant. */
static void add_gates(struct report *report, const struct report_data *data,
                      const struct report_layout *layout, bool with_time)
{
    struct report_table *table = report_add(report, layout);
    struct counts *gates = calloc(data->devices.count + 1, sizeof *gates);
    char **sorted = calloc(data->devices.count + 1, sizeof *sorted);
    table->is_short = gates == NULL || sorted == NULL;
    for (size_t i = 0; i < data->count && !table->is_short; i++)
        if (with_time || !data->passages[i].has_time)
            count(&gates[data->passages[i].gate], &data->passages[i]);
    for (uint32_t i = 0; i < data->devices.count && !table->is_short; i++)
        sorted[i] = data->devices.names[i];
    if (!table->is_short && data->devices.count > 0)
        qsort(sorted, data->devices.count, sizeof *sorted, compare_names);
    for (uint32_t i = 0; i < data->devices.count && !table->is_short; i++)
        for (uint32_t j = 0; j < data->devices.count; j++)
            if (data->devices.names[j] == sorted[i] && !is_empty(&gates[j]))
                add_row(table, sorted[i], &gates[j]);
    free(gates);
    free(sorted);
}

static void add_reasons(struct report *report, const struct report_data *data)
{
    int64_t counts[UINT8_MAX + 1] = {0};
    struct report_table *table = report_add(report, &by_reason);
    for (size_t i = 0; i < data->count; i++)
        if (!data->passages[i].is_granted)
            counts[data->passages[i].reason]++;
    for (;;) { /* the most frequent first */
        uint32_t most = 0;
        for (uint32_t i = 1; i < data->reasons.count; i++)
            most = counts[i] > counts[most] ? i : most;
        if (counts[most] == 0)
            return;
        report_text(table, data->reasons.names[most]);
        report_number(table, counts[most]);
        counts[most] = 0;
    }
}

void report_passages_add(struct report *report, const struct report_data *data, int32_t first_day,
                         int32_t last_day)
{
    add_days(report, data, first_day, last_day);
    add_hours(report, data);
    add_services(report, data);
    add_gates(report, data, &by_gate, true);
    add_reasons(report, data);
    add_gates(report, data, &without_time, false);
}

/* --- the queue --- */

struct slot {
    struct counts counts;
    int64_t busiest, of_day; /* the busiest day so far, and the day that is being counted */
    uint16_t busiest_day, day;
};

/* The passages come in the order of time. */
static void count_slot(struct slot *slot, const struct report_passage *passage)
{
    count(&slot->counts, passage);
    if (!passage->is_granted || passage->is_unused)
        return;
    if (slot->day != passage->day)
        slot->of_day = 0;
    slot->day = passage->day;
    slot->of_day++;
    if (slot->of_day > slot->busiest) {
        slot->busiest = slot->of_day;
        slot->busiest_day = slot->day;
    }
}

static void add_slot(struct report_table *table, const char *service, int index, const struct slot *slot)
{
    char text[CIVIL_DATE_TEXT_SIZE];
    report_text(table, service);
    snprintf(text, sizeof text, "%02d:%02d", index * SLOT_MIN / 60, index * SLOT_MIN % 60);
    report_text(table, text);
    report_number(table, slot->counts.passages);
    report_number(table, slot->counts.refused);
    report_number(table, slot->busiest);
    civil_date_format(slot->busiest_day, text);
    report_text(table, slot->busiest > 0 ? text : NULL);
}

void report_passages_add_queue(struct report *report, const struct report_data *data)
{
    static struct slot slots[SERVICES][SLOTS];
    struct report_table *table = report_add(report, &queue);
    memset(slots, 0, sizeof slots);
    for (size_t i = 0; i < data->count; i++)
        if (data->passages[i].is_canteen && data->passages[i].service >= 0)
            count_slot(&slots[data->passages[i].service][data->passages[i].minute / SLOT_MIN],
                       &data->passages[i]);
    for (int service = 0; service < SERVICES - 1; service++) {
        int first = SLOTS, last = -1;
        for (int i = 0; i < SLOTS; i++)
            if (!is_empty(&slots[service][i].counts)) {
                first = i < first ? i : first;
                last = i;
            }
        for (int i = first; i <= last; i++)
            add_slot(table, report_data_service(data, service), i, &slots[service][i]);
    }
}
