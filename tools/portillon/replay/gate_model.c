/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/replay/gate_model.h"

#include <string.h>

void gate_model_begin(struct gate_model *model, struct list_shelf *shelf)
{
    *model = (struct gate_model){.shelf = shelf};
}

void gate_model_end(struct gate_model *model)
{
    meal_count_free(&model->meals);
}

/* --- events --- */

static void take_list(struct gate_model *model, const struct journal_record *installed)
{
    model->version = installed->ref;
    model->is_guess = false;
    model->list = list_shelf_version(model->shelf, installed->ref);
    meal_count_renumber(&model->meals, &installed->services);
}

/* Returns the place of a name among those turned off, or else a free one; -1: there is none. */
static int off_place(const struct profiles_off *off, uint32_t name)
{
    int place = -1;
    for (int i = PROFILES_OFF_MAX - 1; i >= 0; i--) {
        if (off->names[i] == name)
            return i;
        place = off->names[i] == 0 ? i : place;
    }
    return place;
}

/* Takes which profiles of the list in force are off. Names that it does not have stay off, until all are on
 * (profiles_off.h). */
static void take_profiles(struct gate_model *model, uint32_t bits)
{
    model->off_is_unknown = model->list == NULL && bits != 0;
    if (bits == 0)
        memset(model->off.names, 0, sizeof model->off.names);
    for (int i = 0; model->list != NULL && i < model->list->open.tables.profile_count; i++) {
        uint32_t name = whitelist_name_code(model->list->open.tables.profiles[i].name);
        int place = off_place(&model->off, name);
        if (place >= 0 && (bits >> i & 1 || model->off.names[place] == name))
            model->off.names[place] = bits >> i & 1 ? name : 0;
    }
}

static void take_event(struct gate_model *model, const struct journal_record *event)
{
    if (event->code == JOURNAL_EVENT_LIST_INSTALLED)
        take_list(model, event);
    else if (event->code == JOURNAL_EVENT_PROFILES)
        take_profiles(model, event->ref);
    else if (event->code == JOURNAL_EVENT_START)
        meal_count_restart(&model->meals);
}

void gate_model_close(struct meal_count *meals, const struct journal_record *closing)
{
    meal_count_close(meals, closing->ref,
                     closing->code != JOURNAL_ABANDONED && !(closing->flags & JOURNAL_FLAG_UNCOUNTED));
}

void gate_model_take(struct gate_model *model, const struct journal_record *record)
{
    if (record->kind == JOURNAL_EVENT)
        take_event(model, record);
    else if (record->kind == JOURNAL_CLOSED)
        gate_model_close(&model->meals, record);
}

/* --- taps --- */

void gate_model_look(struct gate_model *model, const struct journal_record *tap)
{
    if (model->version != 0 && !model->is_guess)
        return;
    model->version = list_shelf_newest(model->shelf, tap->utc_s);
    model->is_guess = true;
    model->list = list_shelf_version(model->shelf, model->version);
}

int gate_model_count(struct gate_model *model, const struct journal_record *tap)
{
    const struct meal_passage passage = {
        .tag = tap->tag,
        .seq = tap->seq,
        .utc_s = tap->utc_s,
        .service = tap->flags & JOURNAL_FLAG_UNCOUNTED ? 0 : journal_record_service(tap),
        .is_under_way = tap->code != JOURNAL_ASSUMED};
    return tap->kind == JOURNAL_GRANTED && journal_record_clock(tap) == CLOCK_SET
               ? meal_count_add(&model->meals, &passage)
               : ERR_OK;
}

struct gate_rules gate_model_rules(const struct gate_model *model)
{
    return (struct gate_rules){.list = &model->list->open.list, .tables = &model->list->open.tables};
}

static bool map_profile(const struct gate_rules *rules, struct whitelist_rule *rule)
{
    if (rules->profile_map == NULL)
        return true;
    int profile = rule->profile < WHITELIST_PROFILES_MAX ? rules->profile_map[rule->profile] : -1;
    if (profile >= 0)
        rule->profile = (uint8_t)profile;
    return profile >= 0;
}

enum gate_asked gate_model_ask(const struct gate_model *model, const struct gate_rules *rules,
                               const struct meal_count *meals, const struct journal_record *tap,
                               struct policy_question *question, uint8_t *service)
{
    struct whitelist_profile unused;
    *service = 0;
    *question = (struct policy_question){.tables = rules->tables,
                                         .zone = (enum zone)tap->zone,
                                         .now = time_zone_local(&rules->tables->zone, tap->utc_s),
                                         .clock = journal_record_clock(tap),
                                         .method = (enum credential_method)tap->method,
                                         .profiles_off = profiles_off_bits(&model->off, rules->tables)};
    if (list_file_find(rules->list, &tap->tag, &question->rule, &unused) != ERR_OK)
        return GATE_UNKNOWN_CARD;
    if (!map_profile(rules, &question->rule))
        return GATE_UNKNOWN_PROFILE;
    struct policy_meal meal = policy_meal(question);
    if (meal.service >= 0 && question->rule.passages != POLICY_NO_LIMIT)
        question->used = meal_count_of(meals, &tap->tag, &meal, rules->tables, tap->utc_s);
    *service = (uint8_t)(meal.service + 1);
    return GATE_ASKED;
}
