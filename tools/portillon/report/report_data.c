/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_data.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/access/policy.h"
#include "tools/portillon/common/printable.h"
#include "tools/portillon/store/passage_rows.h"

/* Makes room for one more element. */
static bool make_room(void **elements, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    size_t larger = 2 * *capacity + 64;
    void *grown = realloc(*elements, larger * size);
    if (grown == NULL)
        return false;
    *elements = grown;
    *capacity = larger;
    return true;
}

/* Copies a column, made fit to be shown. Returns NULL without memory. */
static char *copy_text(struct db_statement *row, int column)
{
    char *copy = strdup(db_text(row, column));
    if (copy != NULL)
        printable_text(copy);
    return copy;
}

/* --- people --- */

static int add_person(struct report_data *data, struct db_statement *row)
{
    if (!make_room((void **)&data->people, data->people_count, &data->people_capacity, sizeof *data->people))
        return ERR_NO_SPACE;
    struct report_person *person = &data->people[data->people_count++];
    *person = (struct report_person){.id = db_int(row, 0),
                                     .name = copy_text(row, 1),
                                     .class_name = copy_text(row, 2),
                                     .profile = copy_text(row, 3),
                                     .passages = (uint8_t)db_int(row, 4),
                                     .fold = copy_text(row, 5)};
    bool is_whole =
        person->fold != NULL && person->name != NULL && person->class_name != NULL && person->profile != NULL;
    return is_whole ? ERR_OK : ERR_NO_SPACE;
}

static int compare_people(const void *a, const void *b)
{
    const struct report_person *first = a, *second = b;
    return (first->id > second->id) - (first->id < second->id);
}

static const struct report_person *find_person(const struct report_data *data, int64_t id)
{
    const struct report_person wanted = {.id = id};
    return id == 0 || data->people_count == 0
               ? NULL
               : bsearch(&wanted, data->people, data->people_count, sizeof wanted, compare_people);
}

/* --- gates --- */

static int add_gate(struct report_data *data, struct db_statement *row)
{
    if (!make_room((void **)&data->gates, data->gate_count, &data->gate_capacity, sizeof *data->gates))
        return ERR_NO_SPACE;
    struct report_gate *gate = &data->gates[data->gate_count++];
    *gate = (struct report_gate){.device = copy_text(row, 0),
                                 .name = copy_text(row, 1),
                                 .zone = copy_text(row, 2),
                                 .direction = copy_text(row, 3),
                                 .state = copy_text(row, 4),
                                 .seen_utc_s = db_int(row, 5),
                                 .pulled_utc_s = db_int(row, 6),
                                 .list_version = db_int(row, 7),
                                 .clock_off_s = db_int(row, 8),
                                 .has_clock_off = !db_is_null(row, 8),
                                 .damaged_blocks = db_int(row, 9)};
    bool is_whole = gate->device != NULL && gate->name != NULL && gate->zone != NULL &&
                    gate->direction != NULL && gate->state != NULL;
    return is_whole ? ERR_OK : ERR_NO_SPACE;
}

static const char people_sql[] =
    "SELECT person, trim(surname || ' ' || first_name), class, profile, passages, fold"
    " FROM people WHERE site = $1 ORDER BY person";
/* A gate of which only passages were pulled is not in the table gates. */
static const char gates_sql[] =
    "SELECT g.device, g.name, g.zone, g.direction, g.state, g.seen_utc_s, coalesce(d.pulled_utc_s, 0),"
    " g.list_version, g.clock_off_s, g.damaged_blocks"
    " FROM gates g LEFT JOIN devices d ON d.site = g.site AND d.device = g.device WHERE g.site = $1"
    " UNION ALL SELECT d.device, '', '', '', '', 0, d.pulled_utc_s, 0, CAST(NULL AS BIGINT), 0"
    " FROM devices d WHERE d.site = $1 AND NOT EXISTS"
    "  (SELECT 1 FROM gates g WHERE g.site = d.site AND g.device = d.device) ORDER BY 1";

typedef int add_row(struct report_data *data, struct db_statement *row);

static int load_rows(struct report_data *data, struct store_db *store, const char *sql, add_row *add)
{
    struct db_statement statement;
    int result = store_db_prepare(store, &statement, sql);
    while (result >= 0 && (result = db_step(&statement)) == DB_ROW)
        if (add(data, &statement) != ERR_OK) {
            result = ERR_NO_SPACE;
            break;
        }
    db_finalize(&statement);
    return result;
}

/* --- passages --- */

/* Finds the service a passage counts for: the one the gate noted, if it is in progress by the rules of today,
 * otherwise the first that is. */
static void find_service(const struct report_data *data, struct report_passage *passage, unsigned place,
                         const struct local_time *moment)
{
    struct policy_meal meal = {.service = -1};
    if (place > 0)
        meal = policy_service_at(data->tables, (uint8_t)(place - 1), moment);
    for (uint8_t i = 0; i < data->tables->service_count && meal.service < 0; i++)
        meal = policy_service_at(data->tables, i, moment);
    passage->service = meal.service;
    if (meal.service >= 0)
        passage->service_day = meal.day;
}

static int add_passage(void *ctx, const struct passage_row *row)
{
    struct report_data *data = ctx;
    struct local_time moment = time_zone_local(&data->tables->zone, (uint32_t)row->utc_s);
    int gate = name_pool_find(&data->devices, row->device);
    int reason = name_pool_find(&data->reasons, row->reason);
    int method = name_pool_find(&data->methods, row->method);
    if (gate < 0 || reason < 0 || method < 0 ||
        !make_room((void **)&data->passages, data->count, &data->capacity, sizeof *data->passages))
        return ERR_NO_SPACE;
    struct report_passage *passage = &data->passages[data->count++];
    *passage = (struct report_passage){.utc_s = row->utc_s,
                                       .person = find_person(data, row->person),
                                       .day = moment.day,
                                       .minute = moment.minute,
                                       .service_day = moment.day,
                                       .gate = (uint16_t)gate,
                                       .reason = (uint8_t)reason,
                                       .method = (uint8_t)method,
                                       .service = -1,
                                       .has_time = row->has_time,
                                       .is_stale = strcmp(row->clock, "stale") == 0,
                                       .is_granted = row->is_granted,
                                       .is_unused = row->is_unused,
                                       .is_canteen = strcmp(row->zone, "canteen") == 0,
                                       .is_open = row->is_granted && row->outcome[0] == '\0'};
    passage->has_tag = tag_text_read(row->tag, &passage->tag);
    if (passage->is_canteen && passage->has_time)
        find_service(data, passage, row->service_place, &moment);
    return ERR_OK;
}

int report_data_load(struct report_data *data, struct store_db *store, const struct report_scope *scope)
{
    const struct passage_span span = {scope->from_utc_s, scope->until_utc_s, scope->gate};
    *data = (struct report_data){.tables = scope->tables};
    int result = load_rows(data, store, people_sql, add_person);
    if (result == ERR_OK)
        result = load_rows(data, store, gates_sql, add_gate);
    if (result == ERR_OK)
        result = passage_rows_each(store, &span, add_passage, data);
    return result;
}

void report_data_free(struct report_data *data)
{
    for (size_t i = 0; i < data->people_count; i++) {
        free(data->people[i].name);
        free(data->people[i].class_name);
        free(data->people[i].profile);
        free(data->people[i].fold);
    }
    for (size_t i = 0; i < data->gate_count; i++) {
        free(data->gates[i].device);
        free(data->gates[i].name);
        free(data->gates[i].zone);
        free(data->gates[i].direction);
        free(data->gates[i].state);
    }
    free(data->people);
    free(data->gates);
    free(data->passages);
    name_pool_free(&data->devices);
    name_pool_free(&data->reasons);
    name_pool_free(&data->methods);
    *data = (struct report_data){0};
}

const char *report_data_device(const struct report_data *data, const struct report_passage *passage)
{
    return data->devices.names[passage->gate];
}

const char *report_data_service(const struct report_data *data, int service)
{
    return service >= 0 ? data->tables->services[service].name : "";
}

const struct report_gate *report_data_gate(const struct report_data *data, const char *device)
{
    for (size_t i = 0; i < data->gate_count; i++)
        if (strcmp(data->gates[i].device, device) == 0)
            return &data->gates[i];
    return NULL;
}

int report_data_set_direction(struct report_gate *gate, const char *direction)
{
    char *copy = strdup(direction);
    if (copy == NULL)
        return ERR_NO_SPACE;
    free(gate->direction);
    gate->direction = copy;
    return ERR_OK;
}
