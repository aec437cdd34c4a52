/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_gate.h"

#include <string.h>

#include "firmware/portillon_log.h"

#define ROTATION_LOOK_BACK 64  /* records, without the meals at other gates */
#define ROTATION_READ_MOST 512 /* with them: 40 ms on a Cortex-M3 at 142 MHz */

bool portillon_is_at_rest(const struct gate *gate, uint64_t now)
{
    return (gate->state == GATE_IDLE || gate->state == GATE_OUT_OF_ORDER) && !gate_is_refusing(gate, now);
}

void portillon_drive_outputs(struct portillon *portillon)
{
    const struct gate_io *gate_io = portillon->hardware->gate_io;
    uint64_t now = portillon_now_us(portillon);
    uint32_t outputs = gate_outputs(&portillon->gate, now, &portillon->settings);
    if (!portillon_is_at_rest(&portillon->gate, now))
        selftest_stop_output(&portillon->selftest); /* a person at the gate must see its real state */
    portillon->outputs = selftest_outputs(&portillon->selftest, outputs, now);
    gate_io->set_outputs(gate_io->ctx, portillon->outputs);
}

uint32_t portillon_read_inputs(struct portillon *portillon)
{
    const struct gate_io *gate_io = portillon->hardware->gate_io;
    return inputs_settle(&portillon->wires, gate_io->get_inputs(gate_io->ctx), portillon_now_us(portillon));
}

uint32_t portillon_find_passage(struct portillon *portillon, const struct tag *tag)
{
    const struct gate *gate = &portillon->gate;
    struct journal_record record;
    for (uint8_t i = 0; i < gate->queue_count && portillon->storage_ok; i++)
        if (journal_read(&portillon->journal, gate->queue[i], &record) == ERR_OK &&
            record.kind == JOURNAL_GRANTED && memcmp(&record.tag, tag, sizeof *tag) == 0)
            return gate->queue[i];
    return 0;
}

void portillon_close_passage(struct portillon *portillon, uint32_t seq, enum journal_outcome outcome,
                             bool unused)
{
    struct journal_record record = portillon_stamp(portillon);
    uint32_t closing_seq;
    if (seq == 0)
        return; /* an opening that was only counted */
    record.kind = JOURNAL_CLOSED;
    record.code = (uint8_t)outcome;
    record.ref = seq;
    if (unused) {
        record.flags |= outcome == JOURNAL_ABANDONED ? 0 : JOURNAL_FLAG_UNCOUNTED;
        rights_note_unused(&portillon->rights, seq);
    }
    int result = portillon_append(portillon, &record, &closing_seq);
    (void)result; /* counted in lost_record_count */
}

/* Returns true if no closing record is needed. Without a rotation sensor the record of a passage itself
 * says that the passage is assumed: a closing record would add nothing and would double the flash that a
 * passage takes. A manual opening needs none either. */
static bool needs_no_closing(struct portillon *portillon, uint32_t seq)
{
    struct journal_record record;
    return journal_read(&portillon->journal, seq, &record) == ERR_OK &&
           (record.kind != JOURNAL_GRANTED || record.code == JOURNAL_ASSUMED);
}

/* ---- a sensor that is dead ---- */

bool portillon_rotation_is_silent(const struct portillon *portillon)
{
    return portillon->settings.rotation_fitted && portillon->unseen_count >= PORTILLON_UNSEEN_MAX;
}

void portillon_note_rotation(struct portillon *portillon)
{
    if (portillon_rotation_is_silent(portillon))
        portillon_log_event(portillon, JOURNAL_EVENT_ROTATION_SEEN, 0);
    portillon->unseen_count = 0;
}

static void note_unseen(struct portillon *portillon)
{
    if (portillon->unseen_count >= PORTILLON_UNSEEN_MAX)
        return;
    portillon->unseen_count++;
    if (portillon_rotation_is_silent(portillon))
        portillon_log_event(portillon, JOURNAL_EVENT_ROTATION_SILENT, portillon->unseen_count);
}

/* Takes a record from the end of the journal, newest first. Returns true if the ones before it say no more.
 * */
static bool recall_from(struct portillon *portillon, const struct journal_record *record)
{
    bool silent = (record->kind == JOURNAL_EVENT && record->code == JOURNAL_EVENT_ROTATION_SILENT) ||
                  (record->kind == JOURNAL_CLOSED && record->code == JOURNAL_ASSUMED &&
                   !(record->flags & JOURNAL_FLAG_UNCOUNTED));
    if (silent)
        portillon->unseen_count = PORTILLON_UNSEEN_MAX;
    else if (record->kind == JOURNAL_CLOSED && record->code == JOURNAL_ABANDONED)
        portillon->unseen_count++;
    return portillon->unseen_count >= PORTILLON_UNSEEN_MAX ||
           (record->kind == JOURNAL_CLOSED && record->code == JOURNAL_PASSED) ||
           (record->kind == JOURNAL_EVENT && record->code == JOURNAL_EVENT_ROTATION_SEEN);
}

void portillon_recall_rotation(struct portillon *portillon)
{
    struct journal *journal = &portillon->journal;
    struct journal_record record;
    uint32_t left = ROTATION_LOOK_BACK;
    portillon->unseen_count = 0;
    for (uint32_t back = 1; back <= ROTATION_READ_MOST && left > 0; back++) {
        bool is_readable = journal_read(journal, journal_head_seq(journal) - back, &record) == ERR_OK;
        if (is_readable && recall_from(portillon, &record))
            return;
        left -= !is_readable || !journal_record_is_meal_elsewhere(&record);
    }
}

/* ---- the passages ---- */

/* Closes a passage behind a rotation sensor. What a dead sensor does not see is assumed. */
static void close_seen_or_not(struct portillon *portillon, uint32_t seq, bool seen)
{
    bool silent = portillon_rotation_is_silent(portillon);
    enum journal_outcome unseen = silent ? JOURNAL_ASSUMED : JOURNAL_ABANDONED;
    portillon_close_passage(portillon, seq, seen ? JOURNAL_PASSED : unseen, !seen && !silent);
    if (!seen)
        note_unseen(portillon);
}

/* Logs how the passages ended that this change of state ended. A card whose holder left during an
 * emergency release keeps its meal. */
static void close_passages(struct portillon *portillon, const struct gate *before, enum gate_state next)
{
    if (next == GATE_RELEASED) {
        for (int i = 0; i < before->queue_count; i++)
            portillon_close_passage(portillon, before->queue[i], JOURNAL_ASSUMED, true);
    } else if (before->state == GATE_OPEN && before->queue_count > 0) {
        if (portillon->settings.rotation_fitted)
            close_seen_or_not(portillon, before->queue[0], next != GATE_ABANDONED);
        else if (!needs_no_closing(portillon, before->queue[0])) /* the setting changed in between */
            portillon_close_passage(portillon, before->queue[0], JOURNAL_ASSUMED, false);
    }
}

/* The relay is driven before the change of state is logged. The record of a granted card is in flash
 * already, and neither a closing gate nor the fire input may wait for flash. */
void portillon_run_gate(struct portillon *portillon, enum gate_event event)
{
    uint64_t now = portillon_now_us(portillon);
    uint32_t expired[GATE_QUEUE_MAX];
    uint8_t expired_count = 0;
    while (gate_expire(&portillon->gate, now, &expired[expired_count]))
        expired_count++;
    struct gate before = portillon->gate;
    portillon->gate.faulty = !portillon->reader_up || !portillon->storage_ok || portillon->journal_fails;
    enum gate_state next = gate_next(&portillon->gate, event, now, &portillon->settings);
    if (next != before.state)
        gate_enter(&portillon->gate, next, now);
    portillon_drive_outputs(portillon);
    for (uint8_t i = 0; i < expired_count; i++)
        portillon_close_passage(portillon, expired[i], JOURNAL_ABANDONED, true);
    if (next != before.state)
        close_passages(portillon, &before, next);
}
