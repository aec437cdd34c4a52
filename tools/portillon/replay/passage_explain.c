/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/replay/passage_explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/gate_word.h"
#include "tools/portillon/common/local_moment.h"
#include "tools/portillon/list/explanation.h"
#include "tools/portillon/list/explanation_walk.h"
#include "tools/portillon/replay/gate_model.h"
#include "tools/portillon/replay/record_walk.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/holder_then.h"
#include "tools/portillon/store/site_option.h"
#include "tools/portillon/store/store_schema.h"
#include "tools/portillon/store/tag_text.h"

struct passage {
    const struct passage_explain *call;
    struct store_db store;
    struct record_run gate;
    struct journal_record record;
    int64_t fetched_utc_s;
    char kind[16], what[64], outcome[32]; /* as the store has them; outcome "": none */
    int run_count;                        /* journals of the gate with this number */
    struct people_person holder;
    struct list_shelf shelf;
    struct gate_model model;
    struct explanation_walk walk;
    bool is_explained; /* the list in force is stored: walk is valid */
};

static int fail(const struct passage *passage, int error)
{
    command_fail("%s: %s: %s", passage->call->command, passage->call->store_path,
                 error == ERR_NO_SPACE ? _("out of memory") : passage->store.db.error);
    return error;
}

/* --- which passage --- */

/* Reads a number up to the end of the text or a colon. Returns what follows; NULL: it is no number. */
static const char *read_number(const char *text, uint32_t *number)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || errno != 0 || value > UINT32_MAX || (*end != '\0' && *end != ':'))
        return NULL;
    *number = (uint32_t)value;
    return end;
}

/* Reads DEVICE:SEQ or DEVICE:SEQ:RUN. gate.run 0: the newest journal that has it. */
static int read_name(struct passage *passage)
{
    const char *text = passage->call->passage, *colon = strchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : 0;
    const char *rest = NULL;
    if (len > 0 && len < sizeof passage->gate.device)
        rest = read_number(colon + 1, &passage->record.seq);
    if (rest != NULL && *rest == ':')
        rest = read_number(rest + 1, &passage->gate.run);
    if (rest == NULL || *rest != '\0') {
        command_misuse(passage->call->command, "--passage %s: not DEVICE:SEQ, such as self-1:1234", text);
        return ERR_ARGUMENT;
    }
    memcpy(passage->gate.device, text, len);
    return ERR_OK;
}

static void take_row(struct passage *passage, struct db_statement *statement)
{
    size_t len;
    const uint8_t *raw = db_blob(statement, 1, &len);
    uint32_t seq = passage->record.seq;
    if (len != JOURNAL_RECORD_LEN || journal_record_parse(&passage->record, raw) != ERR_OK)
        passage->record.kind = JOURNAL_GAP;
    passage->record.seq = seq;
    passage->gate.run = (uint32_t)db_int(statement, 0);
    passage->fetched_utc_s = db_int(statement, 2);
    snprintf(passage->kind, sizeof passage->kind, "%s", db_text(statement, 3));
    snprintf(passage->what, sizeof passage->what, "%s", db_text(statement, 4));
}

static int read_rows(struct passage *passage, struct db_statement *statement)
{
    int result;
    uint32_t wanted = passage->gate.run;
    db_bind_text(statement, 2, passage->gate.device);
    db_bind_int(statement, 3, passage->record.seq);
    while ((result = db_step(statement)) == DB_ROW) {
        bool is_first = passage->run_count++ == 0;
        if (wanted == 0 ? is_first : wanted == (uint32_t)db_int(statement, 0))
            take_row(passage, statement);
    }
    return result;
}

/* Finds the record of the passage. */
static int find_record(struct passage *passage)
{
    const struct passage_explain *call = passage->call;
    struct db_statement statement;
    int result = store_db_prepare(&passage->store, &statement,
                                  "SELECT run, raw, stored_utc_s, kind, what FROM journal"
                                  " WHERE site = $1 AND device = $2 AND seq = $3 ORDER BY run DESC");
    if (result == ERR_OK)
        result = read_rows(passage, &statement);
    db_finalize(&statement);
    if (result != ERR_OK)
        return fail(passage, result);
    if (passage->kind[0] == '\0') {
        command_fail("%s: %s: the store has no record %s (portillon store forget deletes old ones)",
                     call->command, call->store_path, call->passage);
        return ERR_NOT_FOUND;
    }
    if (passage->record.kind != JOURNAL_GRANTED && passage->record.kind != JOURNAL_REFUSED) {
        command_fail("%s: %s is no tap of a card: %s %s", call->command, call->passage, passage->kind,
                     passage->what);
        return ERR_NOT_FOUND;
    }
    return ERR_OK;
}

/* Finds how the passage ended. */
static int find_outcome(struct passage *passage)
{
    struct db_statement statement;
    int result = store_db_prepare(
        &passage->store, &statement,
        "SELECT outcome FROM passages WHERE site = $1 AND device = $2 AND seq = $3 AND run = $4");
    if (result != ERR_OK)
        return fail(passage, result);
    db_bind_text(&statement, 2, passage->gate.device);
    db_bind_int(&statement, 3, passage->record.seq);
    db_bind_int(&statement, 4, passage->gate.run);
    result = db_step(&statement);
    if (result == DB_ROW)
        snprintf(passage->outcome, sizeof passage->outcome, "%s", db_text(&statement, 0));
    db_finalize(&statement);
    return result < 0 ? fail(passage, result) : ERR_OK;
}

/* --- what the gate knew --- */

static bool has_time(const struct passage *passage)
{
    return journal_record_clock(&passage->record) != CLOCK_UNSET;
}

static void explain_tap(struct passage *passage, const struct journal_record *tap)
{
    struct gate_model *model = &passage->model;
    struct policy_question question;
    uint8_t service;
    if (has_time(passage))
        gate_model_look(model, tap);
    if (model->list == NULL)
        return;
    struct gate_rules rules = gate_model_rules(model);
    bool is_listed = gate_model_ask(model, &rules, &model->meals, tap, &question, &service) == GATE_ASKED;
    explanation_walk_take(&passage->walk, &question, is_listed);
    passage->is_explained = true;
}

static int on_record(void *ctx, const struct journal_record *record)
{
    struct passage *passage = ctx;
    if (record->seq == passage->record.seq)
        explain_tap(passage, record);
    else if (record->kind == JOURNAL_GRANTED)
        return gate_model_count(&passage->model, record);
    else
        gate_model_take(&passage->model, record);
    return passage->shelf.error;
}

/* Finds the record from which on the gate is followed. */
static int find_beginning(struct passage *passage, const struct record_span *span)
{
    struct record_run *runs;
    int count = record_walk_runs(&passage->store, span, &runs);
    passage->gate.first_seq = passage->record.seq;
    for (int i = 0; i < count; i++)
        if (strcmp(runs[i].device, passage->gate.device) == 0 && runs[i].run == passage->gate.run &&
            runs[i].first_seq < passage->record.seq)
            passage->gate.first_seq = runs[i].first_seq;
    free(runs);
    return count < 0 ? count : ERR_OK;
}

static int follow_gate(struct passage *passage)
{
    const struct record_listener listener = {on_record, passage};
    int64_t at_utc_s = has_time(passage) ? passage->record.utc_s : passage->fetched_utc_s;
    const struct record_span span = {at_utc_s, at_utc_s + 1, passage->record.seq};
    int result = list_shelf_open(&passage->shelf, &passage->store, NULL);
    gate_model_begin(&passage->model, &passage->shelf);
    if (result == ERR_OK)
        result = find_beginning(passage, &span);
    if (result == ERR_OK)
        result = record_walk_run(&passage->store, &passage->gate, &span, &listener);
    return result == ERR_OK ? ERR_OK : fail(passage, result);
}

static int find_holder(struct passage *passage)
{
    int64_t utc_s = has_time(passage) ? passage->record.utc_s : passage->fetched_utc_s;
    struct holder_then holders;
    int result = holder_then_open(&holders, &passage->store);
    if (result == ERR_OK)
        result = holder_then_find(&holders, &passage->record.tag, utc_s, &passage->holder);
    holder_then_close(&holders);
    return result == ERR_OK || result == ERR_NOT_FOUND ? ERR_OK : fail(passage, result);
}

/* --- the answer --- */

static enum reason logged_reason(const struct passage *passage)
{
    return passage->record.kind == JOURNAL_GRANTED ? REASON_NONE : (enum reason)passage->record.code;
}

static bool agrees(const struct passage *passage)
{
    return passage->walk.verdict.reason == logged_reason(passage);
}

static bool has_card(const struct passage *passage)
{
    static const struct tag none;
    return memcmp(passage->record.tag.bytes, none.bytes, TAG_LEN) != 0;
}

static struct local_time moment_of(const struct passage *passage)
{
    const struct time_zone zone =
        passage->model.list != NULL ? passage->model.list->open.tables.zone : time_zone_default();
    return time_zone_local(&zone, passage->record.utc_s);
}

/* Returns the moment for people. */
static const char *moment_text(const struct passage *passage, char out[LOCAL_MOMENT_SIZE])
{
    struct local_time moment = moment_of(passage);
    local_moment_text(&moment, out);
    return out;
}

/* Returns the moment for JSON, without its weekday. */
static const char *moment_data(const struct passage *passage, char out[LOCAL_MOMENT_SIZE])
{
    struct local_time moment = moment_of(passage);
    local_moment_format(&moment, out, LOCAL_MOMENT_SIZE);
    return out + strlen("tue ");
}

static void say_card(const struct passage *passage)
{
    char tag[TAG_TEXT_SIZE];
    tag_text_write(&passage->record.tag, tag);
    printf(_("card %s"), tag);
    printf("%s%s%s%s%s\n", passage->holder.id != 0 ? " (" : "", passage->holder.name,
           passage->holder.class_name[0] != '\0' ? ", " : "", passage->holder.class_name,
           passage->holder.id != 0 ? ")" : "");
    printf(_("known by the method %s\n"),
           credential_method_name((enum credential_method)passage->record.method));
}

static void say_head(const struct passage *passage)
{
    const struct journal_record *record = &passage->record;
    char moment[LOCAL_MOMENT_SIZE];
    printf("%s:%" PRIu32, passage->gate.device, record->seq);
    if (passage->run_count > 1)
        printf(_(" of journal %" PRIu32
                 " (%d journals of this gate have that number: DEVICE:SEQ:RUN names one)"),
               passage->gate.run, passage->run_count);
    printf(", %s, ", gate_word(zone_name((enum zone)record->zone)));
    if (!has_time(passage))
        printf(_("%" PRIu32 " s after a start, clock unset\n"), record->utc_s);
    else if (journal_record_clock(record) == CLOCK_SET)
        printf(_("%s, clock set\n"), moment_text(passage, moment));
    else
        printf(_("%s, clock stale\n"), moment_text(passage, moment));
    if (has_card(passage))
        say_card(passage);
}

static const char *granted_text(const char *outcome)
{
    if (strcmp(outcome, journal_outcome_name(JOURNAL_PASSED)) == 0)
        return _("the gate logged: granted, passed");
    if (strcmp(outcome, journal_outcome_name(JOURNAL_ABANDONED)) == 0)
        return _("the gate logged: granted, abandoned");
    if (strcmp(outcome, journal_outcome_name(JOURNAL_ASSUMED)) == 0)
        return _("the gate logged: granted, assumed");
    return _("the gate logged: granted");
}

static void say_logged(const struct passage *passage)
{
    enum reason reason = logged_reason(passage);
    if (reason == REASON_NONE)
        printf("%s\n", granted_text(passage->outcome));
    else
        printf(_("the gate logged: refused (%s): %s\n"), reason_name(reason), explanation_of_reason(reason));
}

static void say_version(const struct gate_model *model)
{
    printf(_("list in force: version %" PRIu32), model->version);
    if (model->is_guess)
        printf(_(", the newest of that time, for no record says which one it was"));
    if (model->list == NULL)
        printf(_("; it is not stored any more"));
    printf("\n");
}

static void say_list(const struct passage *passage)
{
    const struct gate_model *model = &passage->model;
    if (model->version == 0)
        printf(_("the list in force is not known: no record says which one it was\n"));
    else
        say_version(model);
    const struct whitelist_tables *tables = model->list != NULL ? &model->list->open.tables : NULL;
    uint32_t off = tables != NULL ? profiles_off_bits(&model->off, tables) : 0;
    for (int i = 0; tables != NULL && i < tables->profile_count; i++)
        if (off >> i & 1)
            printf(_("turned off at this gate: %s\n"), tables->profiles[i].name);
}

/* Says whether the list and the record agree, and what may be the cause if they do not. */
static void say_agreement(const struct passage *passage)
{
    enum reason reason = logged_reason(passage);
    if (agrees(passage))
        printf(_("This is what the gate logged.\n"));
    else if (reason == REASON_ALREADY_PASSED && verdict_is_grant(passage->walk.verdict))
        printf(_(
            "The gate logged otherwise: it counted passages at this meal that the store does not have of it, "
            "such as a meal\nat another gate of the canteen, of which it was told.\n"));
    else
        printf(_("The gate logged otherwise: %s. The list and the rules do not explain that.\n"),
               reason == REASON_NONE ? _("granted") : reason_name(reason));
}

static void say_text(const struct passage *passage)
{
    say_head(passage);
    say_logged(passage);
    if (!has_card(passage)) {
        printf(_("No card number was read, so no list was asked.\n"));
        return;
    }
    say_list(passage);
    if (!passage->is_explained) {
        printf(_("Without the list only what the gate logged is known.\n"));
        return;
    }
    explanation_walk_text(&passage->walk, stdout);
    say_agreement(passage);
}

static void json_list(const struct passage *passage, struct json_out *json)
{
    const struct gate_model *model = &passage->model;
    json_out_object(json, "list");
    json_out_int_or_null(json, "version", model->version != 0, model->version);
    json_out_bool(json, "stored", model->list != NULL);
    json_out_bool(json, "guessed", model->is_guess);
    json_out_end(json);
}

static void json_explained(const struct passage *passage, struct json_out *json)
{
    json_out_object(json, "explained");
    explanation_walk_json(&passage->walk, json);
    json_out_end(json);
    json_out_bool(json, "agrees", agrees(passage));
}

static void say_json(const struct passage *passage)
{
    struct json_out json;
    char moment[LOCAL_MOMENT_SIZE];
    enum reason reason = logged_reason(passage);
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "device", passage->gate.device);
    json_out_int(&json, "seq", passage->record.seq);
    json_out_int(&json, "run", passage->gate.run);
    json_out_text(&json, "zone", zone_name((enum zone)passage->record.zone));
    json_out_text_or_null(&json, "at", has_time(passage) ? moment_data(passage, moment) : NULL);
    json_out_text(&json, "clock", clock_quality_name(journal_record_clock(&passage->record)));
    json_out_text(&json, "method", credential_method_name((enum credential_method)passage->record.method));
    json_out_hex(&json, "tag", passage->record.tag.bytes, TAG_LEN);
    json_out_text_or_null(&json, "person", passage->holder.name);
    json_out_text_or_null(&json, "class", passage->holder.class_name);
    json_out_text(&json, "logged", reason == REASON_NONE ? "granted" : "refused");
    json_out_text_or_null(&json, "logged_reason", reason == REASON_NONE ? NULL : reason_name(reason));
    json_out_text_or_null(&json, "outcome", passage->outcome);
    json_list(passage, &json);
    if (passage->is_explained)
        json_explained(passage, &json);
    json_out_end(&json);
}

/* --- the work --- */

/* Adds to the audit trail who was looked up. */
static void note_look_up(const struct passage *passage)
{
    char subject[AUDIT_SUBJECT_SIZE];
    if (passage->holder.id != 0)
        audit_note_beside(
            &passage->store, passage->call->command,
            &(struct audit_entry){"look_up", audit_person(passage->holder.id, subject), "explain"});
}

static int explain(struct passage *passage)
{
    const struct passage_explain *call = passage->call;
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    int error = site_option_read(call->command, call->site_folder, site_id, &given);
    if (error != ERR_OK)
        return error;
    error = store_schema_open_to_read(&passage->store, call->store_path, given);
    if (error != ERR_OK)
        return fail(passage, error);
    error = find_record(passage);
    if (error == ERR_OK)
        error = find_outcome(passage);
    if (error == ERR_OK && has_card(passage))
        error = follow_gate(passage);
    return error == ERR_OK ? find_holder(passage) : error;
}

int passage_explain(const struct passage_explain *call)
{
    static struct passage passage;
    passage = (struct passage){.call = call};
    int error = read_name(&passage);
    if (error != ERR_OK)
        return error;
    error = explain(&passage);
    if (error == ERR_OK)
        note_look_up(&passage);
    if (error == ERR_OK && call->as_json)
        say_json(&passage);
    else if (error == ERR_OK)
        say_text(&passage);
    gate_model_end(&passage.model);
    list_shelf_free(&passage.shelf);
    db_close(&passage.store.db);
    return error;
}
