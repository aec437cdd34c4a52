/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/sync/sync_gate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/progress.h"
#include "tools/portillon/gate/gate_clock.h"
#include "tools/portillon/gate/gate_time.h"

#define PASSAGES_EVERY_US UINT64_C(60000000)

static void take_result(struct sync_gate *gate, const struct sync_result *result)
{
    struct sync_result before = gate->result;
    bool had = gate->has_result;
    gate->result = *result;
    gate->has_result = true;
    gate->passages += result->stored;
    gate->untold += result->stored;
    if (result->status == COMMAND_OK)
        gate->failure[0] = '\0';
    if (had && !result->was_reached) { /* what is known of it stays */
        gate->result.list_version = before.list_version;
        gate->result.list_cards = before.list_cards;
    }
}

bool sync_gate_take(struct sync_gate *gate, const struct sync_message *message)
{
    switch (message->kind) {
    case SYNC_STEP:
        snprintf(gate->step, sizeof gate->step, "%.*s", (int)sizeof gate->step - 1, message->text);
        gate->done = gate->total = 0;
        break;
    case SYNC_PROGRESS:
        gate->done = message->done;
        gate->total = message->total;
        break;
    case SYNC_NOTE:
        break;
    case SYNC_FAILURE:
        snprintf(gate->failure, sizeof gate->failure, "%s", message->text);
        break;
    case SYNC_RESULT:
        take_result(gate, &message->result);
        return true;
    }
    return false;
}

void sync_gate_end(struct sync_gate *gate, int wait_status)
{
    gate->pid = 0;
    if (WIFEXITED(wait_status) && gate->has_result)
        return;
    gate->has_result = true;
    gate->result.status = COMMAND_FAILED;
    if (WIFSIGNALED(wait_status))
        snprintf(gate->failure, sizeof gate->failure, _("its process was ended by signal %d: sync again"),
                 WTERMSIG(wait_status));
    else
        snprintf(gate->failure, sizeof gate->failure, "%s", _("its process ended early: sync again"));
}

bool sync_gate_is_well(const struct sync_gate *gate)
{
    return gate->has_result && gate->result.status == COMMAND_OK;
}

static void add(char line[SYNC_LINE_SIZE], const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char line[SYNC_LINE_SIZE], const char *format, ...)
{
    size_t len = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + len, SYNC_LINE_SIZE - len, format, arguments);
    va_end(arguments);
}

static void add_list(const struct sync_result *result, char line[SYNC_LINE_SIZE])
{
    if (result->list_version == 0)
        add(line, "%s", _("NO LIST"));
    else if (result->list_was_sent && result->list_as_changes)
        add(line,
            translate_count(result->list_cards, "changes sent for list %" PRIu32 ", %" PRIu32 " card",
                            "changes sent for list %" PRIu32 ", %" PRIu32 " cards"),
            result->list_version, result->list_cards);
    else if (result->list_was_sent)
        add(line,
            translate_count(result->list_cards, "list %" PRIu32 " sent, %" PRIu32 " card",
                            "list %" PRIu32 " sent, %" PRIu32 " cards"),
            result->list_version, result->list_cards);
    else
        add(line,
            translate_count(result->list_cards, "list %" PRIu32 ", %" PRIu32 " card",
                            "list %" PRIu32 ", %" PRIu32 " cards"),
            result->list_version, result->list_cards);
}

static void add_drift(const struct sync_result *result, char line[SYNC_LINE_SIZE])
{
    char drift[GATE_TIME_LEN];
    gate_time_drift(result->clock_off_s, drift);
    if (result->clock_was_set)
        add(line, _("; its clock was %s, and was set"), drift);
    else
        add(line, _("; its clock was %s"), drift);
}

static void add_counts(const struct sync_result *result, char line[SYNC_LINE_SIZE])
{
    add(line, translate_count(result->stored, "; %" PRIu32 " new record", "; %" PRIu32 " new records"),
        result->stored);
    if (result->granted + result->refused > 0)
        add(line, _(" (%" PRIu32 " granted, %" PRIu32 " refused)"), result->granted, result->refused);
    if (result->wishes_brought > 0)
        add(line,
            translate_count(result->wishes_brought, "; %" PRIu32 " group turned as wished",
                            "; %" PRIu32 " groups turned as wished"),
            result->wishes_brought);
    if (result->wishes_open > 0)
        add(line,
            translate_count(result->wishes_open, "; %" PRIu32 " group not yet as wished",
                            "; %" PRIu32 " groups not yet as wished"),
            result->wishes_open);
    if (result->meals_told > 0)
        add(line,
            translate_count(result->meals_told, "; told of %" PRIu32 " meal elsewhere",
                            "; told of %" PRIu32 " meals elsewhere"),
            result->meals_told);
    if (result->has_clock && llabs(result->clock_off_s) > GATE_CLOCK_CLOSE_S)
        add_drift(result, line);
}

void sync_gate_describe(const struct sync_gate *gate, char line[SYNC_LINE_SIZE])
{
    line[0] = '\0';
    if (sync_gate_is_well(gate))
        add(line, "%s", _("up to date: "));
    else if (gate->has_result && gate->result.status == INTERRUPT_STATUS)
        add(line, "%s", _("interrupted: "));
    else
        add(line, _("FAILED: %s%s"), gate->failure, gate->result.was_reached ? " -- " : "");
    if (sync_gate_is_well(gate) || gate->result.was_reached) {
        add_list(&gate->result, line);
        add_counts(&gate->result, line);
    } else if (gate->has_result && gate->result.status == INTERRUPT_STATUS) {
        add(line, "%s", _("the same command goes on"));
    }
}

void sync_gate_describe_step(const struct sync_gate *gate, char line[SYNC_LINE_SIZE])
{
    char bar[PROGRESS_BAR_SIZE] = "";
    line[0] = '\0';
    if (gate->total > 0)
        progress_bar(gate->done, gate->total, PROGRESS_BAR_SIZE, bar);
    if (gate->failure[0] != '\0')
        add(line, "%s", gate->failure);
    else
        add(line, "%s%s", gate->step[0] != '\0' ? gate->step : _("starting"), bar);
    if (gate->failure[0] == '\0' && gate->total > 0)
        add(line, " %" PRIu64 "%%", gate->done * 100 / gate->total);
    if (gate->passages > 0)
        add(line, translate_count(gate->passages, " (%" PRIu32 " new record)", " (%" PRIu32 " new records)"),
            gate->passages);
}

bool sync_gate_news(struct sync_gate *gate, uint64_t now_us, char line[SYNC_LINE_SIZE])
{
    const struct sync_result *result = &gate->result;
    bool is_well = sync_gate_is_well(gate);
    bool is_news = !gate->was_told || is_well != gate->was_well || result->list_was_sent ||
                   result->wishes_brought > 0 || result->meals_told > 0;
    bool is_time = gate->untold > 0 && now_us - gate->told_us >= PASSAGES_EVERY_US;
    if (!gate->has_result || (!is_news && !is_time))
        return false;
    gate->result.stored = gate->untold;
    sync_gate_describe(gate, line);
    gate->untold = 0;
    gate->told_us = now_us;
    gate->was_told = true;
    gate->was_well = is_well;
    return true;
}

void sync_gate_put(const struct sync_gate *gate, struct json_out *json)
{
    const struct sync_result *result = &gate->result;
    bool has_failed = !sync_gate_is_well(gate) && result->status != INTERRUPT_STATUS;
    json_out_object(json, NULL);
    json_out_text(json, "device", gate->place->device);
    json_out_text(json, "port", gate->place->port);
    json_out_text(json, "outcome",
                  has_failed                ? "failed"
                  : sync_gate_is_well(gate) ? "synced"
                                            : "interrupted");
    json_out_text_or_null(json, "problem", has_failed ? gate->failure : NULL);
    json_out_bool(json, "reached", result->was_reached);
    json_out_int_or_null(json, "list_version", result->list_version > 0, result->list_version);
    json_out_bool(json, "list_sent", result->list_was_sent);
    json_out_bool(json, "list_as_changes", result->list_was_sent && result->list_as_changes);
    json_out_int(json, "new", result->stored);
    json_out_int(json, "granted", result->granted);
    json_out_int(json, "refused", result->refused);
    json_out_int(json, "acknowledged", result->acknowledged);
    json_out_bool(json, "odd", result->is_odd);
    json_out_int_or_null(json, "clock_off_s", result->has_clock, result->clock_off_s);
    json_out_bool(json, "clock_set", result->clock_was_set);
    json_out_int(json, "wishes_brought", result->wishes_brought);
    json_out_int(json, "wishes_open", result->wishes_open);
    json_out_decimal(json, "seconds", result->seconds);
    json_out_end(json);
}
