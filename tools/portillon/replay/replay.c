/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/replay/replay.h"

#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/replay/gate_model.h"

struct walk {
    const struct replay_job *job;
    struct replay *replay;
    const struct record_run *gate;
    struct list_shelf shelf;
    struct gate_model model;
    struct meal_count imagined; /* the passages at this gate by the other rules */
};

/* One tap on its way. */
struct tap {
    const struct journal_record *record;
    enum reason logged, after;
    uint8_t service;   /* that a passage counts for by the other rules */
    uint8_t elsewhere; /* passages that the gate was told of, as its refusal shows */
    bool is_passage;   /* by the other rules */
};

static bool has_other_rules(const struct walk *walk)
{
    return walk->job->list != NULL || walk->job->tables != NULL;
}

/* --- the result --- */

static int add_change(struct walk *walk, const struct tap *tap)
{
    struct replay *replay = walk->replay;
    if (replay->change_count == replay->change_capacity) {
        size_t capacity = 2 * replay->change_capacity + 256;
        struct replay_change *changes = realloc(replay->changes, capacity * sizeof *changes);
        if (changes == NULL)
            return ERR_NO_SPACE;
        replay->changes = changes;
        replay->change_capacity = capacity;
    }
    replay->changes[replay->change_count++] = (struct replay_change){.before = tap->logged,
                                                                     .after = tap->after,
                                                                     .tag = tap->record->tag,
                                                                     .gate = walk->gate,
                                                                     .seq = tap->record->seq,
                                                                     .utc_s = tap->record->utc_s};
    return ERR_OK;
}

static int note_tap(struct walk *walk, const struct tap *tap, enum replay_skip skip)
{
    struct replay *replay = walk->replay;
    bool timed = journal_record_clock(tap->record) != CLOCK_UNSET;
    if (timed && tap->record->utc_s < walk->job->from_utc_s)
        return ERR_OK;
    replay->taps[skip]++;
    if (skip != REPLAY_DONE)
        return ERR_OK;
    replay->unchecked += walk->model.list == NULL;
    replay->guessed += walk->model.list != NULL && walk->model.is_guess;
    replay->elsewhere += tap->elsewhere > 0;
    replay->unlisted += tap->logged == REASON_UNKNOWN_CARD && tap->after == REASON_UNKNOWN_CARD;
    return tap->after != tap->logged ? add_change(walk, tap) : ERR_OK;
}

/* --- deciding --- */

static bool has_no_card(const struct tap *tap)
{
    static const struct tag none;
    return memcmp(tap->record->tag.bytes, none.bytes, TAG_LEN) == 0 || tap->logged == REASON_RANDOM_UID ||
           tap->logged == REASON_UNREADABLE || tap->logged == REASON_SHARED_UID;
}

static bool is_gate_fault(enum reason reason)
{
    return reason == REASON_NO_LIST || reason == REASON_LIST_DAMAGED || reason == REASON_JOURNAL_FAILED ||
           reason == REASON_INTERNAL || reason == REASON_GATE_BUSY || reason == REASON_LIST_ROLLED_BACK;
}

static enum reason reason_of(enum gate_asked asked, const struct policy_question *question)
{
    return asked == GATE_ASKED ? policy_decide(question).reason : REASON_UNKNOWN_CARD;
}

/* Decides by what was in force. If the gate refused a card as having passed, and it did not pass here that
 * often, the gate was told of passages at another gate: they are counted here too. */
static int decide_as_it_was(struct walk *walk, struct tap *tap)
{
    struct policy_question question;
    uint8_t service;
    struct gate_rules rules = gate_model_rules(&walk->model);
    enum gate_asked asked =
        gate_model_ask(&walk->model, &rules, &walk->model.meals, tap->record, &question, &service);
    tap->after = reason_of(asked, &question);
    if (tap->logged != REASON_ALREADY_PASSED || tap->after != REASON_NONE || service == 0 ||
        question.rule.passages == POLICY_NO_LIMIT)
        return ERR_OK;
    tap->elsewhere = (uint8_t)(question.rule.passages - question.used);
    tap->after = REASON_ALREADY_PASSED;
    const struct meal_passage passage = {
        .tag = tap->record->tag, .seq = tap->record->seq, .utc_s = tap->record->utc_s, .service = service};
    int result = ERR_OK;
    for (uint8_t i = 0; i < tap->elsewhere && result == ERR_OK; i++)
        result = meal_count_add(&walk->model.meals, &passage);
    return result;
}

static struct gate_rules other_rules(const struct walk *walk)
{
    const struct replay_job *job = walk->job;
    struct gate_rules rules =
        job->list != NULL ? (struct gate_rules){.list = &job->list->list, .tables = &job->list->tables}
                          : gate_model_rules(&walk->model);
    if (job->tables != NULL)
        rules.tables = job->tables;
    return rules;
}

/* Finds the profiles of the cards in the other rules. map has room for them if they are not prepared. */
static void find_profiles(const struct walk *walk, struct gate_rules *rules,
                          int8_t map[WHITELIST_PROFILES_MAX])
{
    const struct replay_job *job = walk->job;
    if (job->tables == NULL)
        return;
    if (job->list == NULL) {
        rules->profile_map = walk->model.list->profile_map;
        return;
    }
    for (int i = 0; i < job->list->tables.profile_count; i++)
        map[i] = (int8_t)list_shelf_profile(job->tables, job->list->tables.profiles[i].name);
    rules->profile_map = map;
}

/* Decides by the other rules, and counts what passes by them. */
static int decide_otherwise(struct walk *walk, struct tap *tap, enum gate_asked *asked)
{
    struct policy_question question;
    int8_t map[WHITELIST_PROFILES_MAX];
    struct gate_rules rules = other_rules(walk);
    find_profiles(walk, &rules, map);
    *asked = gate_model_ask(&walk->model, &rules, &walk->imagined, tap->record, &question, &tap->service);
    const struct meal_passage passage = {.tag = tap->record->tag,
                                         .seq = tap->record->seq,
                                         .utc_s = tap->record->utc_s,
                                         .service = tap->service};
    int result = ERR_OK;
    for (uint8_t i = 0; i < tap->elsewhere && result == ERR_OK; i++, question.used++)
        result = meal_count_add(&walk->imagined, &passage);
    tap->after = reason_of(*asked, &question);
    return result;
}

/* Counts a passage by the other rules. If it did take place, its closing will say how it ended. */
static int count_imagined(struct walk *walk, const struct tap *tap)
{
    const struct journal_record *record = tap->record;
    const struct meal_passage passage = {.tag = record->tag,
                                         .seq = record->seq,
                                         .utc_s = record->utc_s,
                                         .service = tap->service,
                                         .is_under_way = record->kind == JOURNAL_GRANTED &&
                                                         record->code != JOURNAL_ASSUMED};
    return tap->is_passage ? meal_count_add(&walk->imagined, &passage) : ERR_OK;
}

/* Returns why a tap cannot be replayed before any list is looked at. */
static enum replay_skip check_tap(const struct walk *walk, const struct tap *tap)
{
    if (has_no_card(tap))
        return REPLAY_NO_CARD;
    if (is_gate_fault(tap->logged))
        return REPLAY_GATE_FAULT;
    if (journal_record_clock(tap->record) == CLOCK_UNSET)
        return REPLAY_CLOCK_UNSET;
    if (walk->model.list == NULL &&
        (walk->job->list == NULL || walk->model.off_is_unknown || tap->logged == REASON_PROFILE_OFF))
        return REPLAY_NO_LIST;
    return REPLAY_DONE;
}

static int replay_tap(struct walk *walk, struct tap *tap, enum replay_skip *skip)
{
    enum gate_asked asked = GATE_ASKED;
    *skip = check_tap(walk, tap);
    if (*skip != REPLAY_DONE)
        return ERR_OK;
    int result = walk->model.list != NULL ? decide_as_it_was(walk, tap) : ERR_OK;
    if (result != ERR_OK || !has_other_rules(walk))
        return result;
    if (walk->model.list != NULL && tap->after != tap->logged)
        *skip = REPLAY_UNEXPLAINED;
    result = decide_otherwise(walk, tap, &asked);
    if (*skip == REPLAY_DONE && asked == GATE_UNKNOWN_PROFILE)
        *skip = REPLAY_NO_PROFILE;
    tap->is_passage = *skip == REPLAY_DONE ? tap->after == REASON_NONE : tap->logged == REASON_NONE;
    return result == ERR_OK ? count_imagined(walk, tap) : result;
}

static int take_tap(struct walk *walk, const struct journal_record *record)
{
    enum replay_skip skip;
    struct tap tap = {.record = record,
                      .logged = record->kind == JOURNAL_GRANTED ? REASON_NONE : (enum reason)record->code};
    gate_model_look(&walk->model, record);
    int result = replay_tap(walk, &tap, &skip);
    if (result == ERR_OK)
        result = note_tap(walk, &tap, skip);
    if (result == ERR_OK)
        result = gate_model_count(&walk->model, record);
    return result == ERR_OK ? walk->shelf.error : result;
}

/* --- the records --- */

static void take_imagined(struct walk *walk, const struct journal_record *record)
{
    if (record->kind == JOURNAL_CLOSED)
        gate_model_close(&walk->imagined, record);
    else if (record->kind == JOURNAL_EVENT && record->code == JOURNAL_EVENT_START)
        meal_count_restart(&walk->imagined);
}

static int on_record(void *ctx, const struct journal_record *record)
{
    struct walk *walk = ctx;
    if (record->kind == JOURNAL_GRANTED || record->kind == JOURNAL_REFUSED)
        return take_tap(walk, record);
    if (record->kind == JOURNAL_EVENT && record->code == JOURNAL_EVENT_REFUSALS &&
        record->utc_s >= walk->job->from_utc_s)
        walk->replay->taps[REPLAY_ONLY_COUNTED] += record->ref;
    gate_model_take(&walk->model, record);
    take_imagined(walk, record);
    return walk->shelf.error;
}

static int walk_gates(struct walk *walk, const struct record_span *span)
{
    const struct record_listener listener = {on_record, walk};
    int result = ERR_OK;
    for (int i = 0; i < walk->replay->gate_count && result == ERR_OK; i++) {
        walk->gate = &walk->replay->gates[i];
        gate_model_begin(&walk->model, &walk->shelf);
        result = record_walk_run(walk->job->store, walk->gate, span, &listener);
        gate_model_end(&walk->model);
        meal_count_free(&walk->imagined);
    }
    return result;
}

int replay_run(const struct replay_job *job, struct replay *replay)
{
    struct walk walk = {.job = job, .replay = replay};
    const struct record_span span = {job->from_utc_s, job->to_utc_s, UINT32_MAX};
    memset(replay, 0, sizeof *replay);
    int result = list_shelf_open(&walk.shelf, job->store, job->key);
    list_shelf_map(&walk.shelf, job->tables);
    if (result == ERR_OK)
        result = record_walk_runs(job->store, &span, &replay->gates);
    if (result >= 0) {
        replay->gate_count = result;
        result = walk_gates(&walk, &span);
    }
    list_shelf_free(&walk.shelf);
    return result;
}

void replay_free(struct replay *replay)
{
    free(replay->changes);
    free(replay->gates);
    memset(replay, 0, sizeof *replay);
}

/* --- in words --- */

const char *replay_skip_text(enum replay_skip skip)
{
    switch (skip) {
    case REPLAY_DONE:
        return N_("replayed");
    case REPLAY_CLOCK_UNSET:
        return N_("without a time: the clock of the gate was not set");
    case REPLAY_NO_CARD:
        return N_("of a card or telephone whose number is of no use");
    case REPLAY_GATE_FAULT:
        return N_("that the gate could not decide: it had no good list, was busy or had a fault");
    case REPLAY_NO_LIST:
        return N_("by a list that is not in the store, or is damaged there");
    case REPLAY_UNEXPLAINED:
        return N_("that the gate decided otherwise than the stored list says");
    case REPLAY_NO_PROFILE:
        return N_("of cards whose profile is not in the rules");
    case REPLAY_ONLY_COUNTED:
        return N_("refused so often that the gate only counted them");
    }
    return N_("unknown");
}

const char *replay_skip_name(enum replay_skip skip)
{
    switch (skip) {
    case REPLAY_DONE:
        return "replayed";
    case REPLAY_CLOCK_UNSET:
        return "clock_unset";
    case REPLAY_NO_CARD:
        return "no_card";
    case REPLAY_GATE_FAULT:
        return "gate_fault";
    case REPLAY_NO_LIST:
        return "list_not_stored";
    case REPLAY_UNEXPLAINED:
        return "unexplained";
    case REPLAY_NO_PROFILE:
        return "profile_not_in_rules";
    case REPLAY_ONLY_COUNTED:
        return "only_counted";
    }
    return "unknown";
}
