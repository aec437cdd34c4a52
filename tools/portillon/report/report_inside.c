/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_inside.h"
#include "hal/linux/translate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/report/report_time.h"
#include "tools/portillon/report/report_words.h"

#define LONG_UNSEEN_S   86400
#define CLOCK_OFF_MAX_S 60

static const struct report_column as_of_columns[] = {{"true_at", N_("List true as of"), report_words_as_of},
                                                     {"inside", N_("Present"), NULL},
                                                     {"unsure", N_("To be checked"), NULL},
                                                     {"not_read_today", N_("Gates not read today"), NULL}};
static const struct report_column class_columns[] = {{"class", N_("Class"), report_words_class},
                                                     {"inside", N_("Present"), NULL},
                                                     {"unsure", N_("To be checked"), NULL}};
static const struct report_column people_columns[] = {{"class", N_("Class"), report_words_class},
                                                      {"person", N_("Name"), report_words_person},
                                                      {"state", N_("State"), report_words_word},
                                                      {"last_time", N_("Last passage"), NULL},
                                                      {"gate", N_("Gate"), NULL},
                                                      {"why", N_("Why to be checked"), report_words_word}};
static const struct report_column gate_columns[] = {{"gate", N_("Gate"), NULL},
                                                    {"name", N_("Name"), NULL},
                                                    {"zone", N_("Zone"), report_words_word},
                                                    {"direction", N_("Direction"), report_words_word},
                                                    {"seen", N_("Reached"), report_words_moment},
                                                    {"read", N_("Passages fetched"), report_words_moment},
                                                    {"state", N_("State"), report_words_word},
                                                    {"list_version", N_("List"), report_words_list},
                                                    {"clock_off_s", N_("Clock error (s)"), NULL},
                                                    {"damaged_blocks", N_("Damaged blocks"), NULL},
                                                    {"attention", N_("Needs attention"), report_words_words}};

static const struct report_layout as_of = {
    .name = "inside_as_of",
    .title = N_("Present at this moment"),
    .about =
        N_("By the last passage of each person today. The list is true as of the gate that was read first "
           "today. Who left without a card is still on it."),
    .columns = as_of_columns,
    .column_count = 4,
    .group_by = -1};
static const struct report_layout by_class = {.name = "inside_by_class",
                                              .title = N_("Present, by class"),
                                              .columns = class_columns,
                                              .column_count = 3,
                                              .plot = REPORT_PLOT_BARS,
                                              .plot_first = 1,
                                              .plot_count = 2,
                                              .group_by = -1};
static const struct report_layout people = {.name = "inside",
                                            .title = N_("Roll call by class"),
                                            .columns = people_columns,
                                            .column_count = 6,
                                            .group_by = 0,
                                            .has_boxes = true};
static const struct report_layout gates = {.name = "gates",
                                           .title = N_("State of the gates"),
                                           .columns = gate_columns,
                                           .column_count = 11,
                                           .group_by = -1};

/* --- who is inside --- */

struct presence {
    const struct report_passage *last;
    const char *why; /* the state is not sure; NULL: it is */
};

struct presences {
    struct presence *list; /* those who are inside, or may be */
    size_t count;
};

static const char *class_of(const struct presence *presence)
{
    return presence->last->person != NULL ? presence->last->person->class_name : "";
}

static const char *name_of(const struct presence *presence, char out[40])
{
    char tag[TAG_TEXT_SIZE];
    if (presence->last->person != NULL)
        return presence->last->person->name;
    tag_text_write(&presence->last->tag, tag);
    snprintf(out, 40, REPORT_WORDS_NO_NAME "%s)", tag);
    return out;
}

/* People without a class, and cards of nobody known, come last. */
static int compare_presences(const void *a, const void *b)
{
    const struct presence *first = a, *second = b;
    char one[40], two[40];
    const char *class_one = class_of(first), *class_two = class_of(second);
    if ((class_one[0] == '\0') != (class_two[0] == '\0'))
        return class_one[0] == '\0' ? 1 : -1;
    int order = strverscmp(class_one, class_two);
    if (order != 0)
        return order;
    bool has_names = first->last->person != NULL && second->last->person != NULL;
    order = has_names ? strcmp(first->last->person->fold, second->last->person->fold) : 0;
    return order != 0 ? order : strcmp(name_of(first, one), name_of(second, two));
}

static int compare_holders(const void *a, const void *b)
{
    const struct report_passage *first = *(const struct report_passage *const *)a;
    const struct report_passage *second = *(const struct report_passage *const *)b;
    if (first->person != second->person)
        return first->person < second->person ? -1 : 1;
    int order = first->person != NULL ? 0 : memcmp(first->tag.bytes, second->tag.bytes, TAG_LEN);
    return order != 0 ? order : (first > second) - (first < second); /* they lie in the order of time */
}

static bool is_same_holder(const struct report_passage *a, const struct report_passage *b)
{
    return a->person == b->person && (a->person != NULL || memcmp(a->tag.bytes, b->tag.bytes, TAG_LEN) == 0);
}

/* Adds the person if the last passage does not say that they are out. */
static void judge(struct presences *presences, const struct report_data *data,
                  const struct report_passage *last)
{
    const struct report_gate *gate = report_data_gate(data, report_data_device(data, last));
    const char *direction = gate != NULL ? gate->direction : "", *why = NULL;
    if (direction[0] == '\0')
        why = "direction_unknown";
    else if (!last->has_time || last->is_stale)
        why = "clock";
    else if (last->is_open)
        why = "not_confirmed";
    if (why != NULL || strcmp(direction, "out") != 0)
        presences->list[presences->count++] = (struct presence){last, why};
}

/* Finds the last passage of each person, and of each card of nobody known. Returns false without memory. */
static bool find_presences(struct presences *presences, const struct report_data *data)
{
    const struct report_passage **passed = calloc(data->count + 1, sizeof(const struct report_passage *));
    size_t count = 0;
    presences->list = calloc(data->count + 1, sizeof *presences->list);
    presences->count = 0;
    if (passed == NULL || presences->list == NULL) {
        free(passed);
        return false;
    }
    for (size_t i = 0; i < data->count; i++)
        if (data->passages[i].is_granted && !data->passages[i].is_unused && data->passages[i].has_tag)
            passed[count++] = &data->passages[i];
    if (count > 0)
        qsort(passed, count, sizeof(const struct report_passage *), compare_holders);
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || !is_same_holder(passed[i], passed[i + 1]))
            judge(presences, data, passed[i]);
    free(passed);
    if (presences->count > 0)
        qsort(presences->list, presences->count, sizeof *presences->list, compare_presences);
    return true;
}

static int64_t count_unsure(const struct presence *list, size_t count)
{
    int64_t unsure = 0;
    for (size_t i = 0; i < count; i++)
        unsure += list[i].why != NULL;
    return unsure;
}

/* Adds the row of the head. The list is true as of the gate that was read first: what happened at that gate
 * since then is not known. */
static void add_as_of(struct report_table *table, const struct report_data *data,
                      const struct presences *presences, int64_t today_utc_s)
{
    char text[REPORT_TIME_SIZE], unread[256] = "";
    int64_t oldest = INT64_MAX, unsure = count_unsure(presences->list, presences->count);
    size_t len = 0;
    for (size_t i = 0; i < data->gate_count; i++) {
        const struct report_gate *gate = &data->gates[i];
        if (gate->pulled_utc_s >= today_utc_s)
            oldest = gate->pulled_utc_s < oldest ? gate->pulled_utc_s : oldest;
        else if (len < sizeof unread - 1)
            len += (size_t)snprintf(unread + len, sizeof unread - len, "%s%s", len > 0 ? ", " : "",
                                    gate->device);
    }
    report_text(table,
                oldest != INT64_MAX ? report_time_text(&data->tables->zone, oldest, text) : "not_read_today");
    report_number(table, (int64_t)presences->count - unsure);
    report_number(table, unsure);
    report_text(table, unread);
}

static void add_classes(struct report_table *table, const struct presences *presences)
{
    size_t same;
    for (size_t i = 0; i < presences->count; i += same) {
        for (same = 1; i + same < presences->count &&
                       strcmp(class_of(&presences->list[i]), class_of(&presences->list[i + same])) == 0;
             same++)
            ;
        int64_t unsure = count_unsure(presences->list + i, same);
        report_text(table, class_of(&presences->list[i]));
        report_number(table, (int64_t)same - unsure);
        report_number(table, unsure);
    }
}

static void add_people(struct report_table *table, const struct report_data *data,
                       const struct presences *presences)
{
    for (size_t i = 0; i < presences->count; i++) {
        const struct presence *presence = &presences->list[i];
        char name[40], text[REPORT_TIME_SIZE];
        report_time_text(&data->tables->zone, presence->last->utc_s, text);
        report_text(table, class_of(presence));
        report_text(table, name_of(presence, name));
        report_text(table, presence->why != NULL ? "unsure" : "inside");
        report_text(table, presence->last->has_time ? text + sizeof "2026-11-23" : NULL);
        report_text(table, report_data_device(data, presence->last));
        report_text(table, presence->why);
    }
}

void report_inside_add(struct report *report, const struct report_data *data, int64_t today_utc_s,
                       bool with_names)
{
    struct presences presences;
    struct report_table *head = report_add(report, &as_of);
    head->is_short = !find_presences(&presences, data);
    if (!head->is_short) {
        add_as_of(head, data, &presences, today_utc_s);
        add_classes(report_add(report, &by_class), &presences);
        if (with_names)
            add_people(report_add(report, &people), data, &presences);
    }
    free(presences.list);
}

/* --- gates --- */

static void note_if(bool is_so, const char *word, char *out, size_t size)
{
    size_t len = strlen(out);
    if (is_so)
        snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "", word);
}

static void write_attention(const struct report_gate *gate, int64_t now_utc_s, int64_t newest, char *out,
                            size_t size)
{
    int64_t off = gate->clock_off_s < 0 ? -gate->clock_off_s : gate->clock_off_s;
    bool was_seen = gate->seen_utc_s > 0;
    out[0] = '\0';
    note_if(!was_seen, "never_seen", out, size);
    note_if(was_seen && now_utc_s - gate->seen_utc_s > LONG_UNSEEN_S, "not_seen", out, size);
    note_if(gate->pulled_utc_s == 0, "never_read", out, size);
    note_if(was_seen && gate->list_version < newest, "old_list", out, size);
    note_if(gate->has_clock_off && off > CLOCK_OFF_MAX_S, "clock", out, size);
    note_if(gate->damaged_blocks > 0, "damaged", out, size);
}

static void add_time(struct report_table *table, const struct report_data *data, int64_t utc_s)
{
    char text[REPORT_TIME_SIZE];
    report_text(table, utc_s > 0 ? report_time_text(&data->tables->zone, utc_s, text) : NULL);
}

static void add_gate(struct report_table *table, const struct report_data *data,
                     const struct report_gate *gate, const char *attention)
{
    bool was_seen = gate->seen_utc_s > 0;
    report_text(table, gate->device);
    report_text(table, gate->name);
    report_text(table, gate->zone);
    report_text(table, gate->direction);
    add_time(table, data, gate->seen_utc_s);
    add_time(table, data, gate->pulled_utc_s);
    report_text(table, gate->state);
    if (was_seen)
        report_number(table, gate->list_version);
    else
        report_none(table);
    if (gate->has_clock_off)
        report_number(table, gate->clock_off_s);
    else
        report_none(table);
    if (was_seen)
        report_number(table, gate->damaged_blocks);
    else
        report_none(table);
    report_text(table, attention);
}

void report_inside_add_gates(struct report *report, const struct report_data *data, int64_t now_utc_s,
                             int64_t newest_list)
{
    struct report_table *table = report_add(report, &gates);
    int64_t newest = newest_list;
    for (size_t i = 0; i < data->gate_count; i++)
        newest = data->gates[i].list_version > newest ? data->gates[i].list_version : newest;
    for (size_t i = 0; i < data->gate_count; i++) {
        char attention[REPORT_WORDS_SIZE];
        write_attention(&data->gates[i], now_utc_s, newest, attention, sizeof attention);
        add_gate(table, data, &data->gates[i], attention);
    }
}
