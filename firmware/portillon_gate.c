#include "firmware/portillon_gate.h"

#include "firmware/portillon_log.h"

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
        selftest_stop_output(&portillon->selftest); /* whoever comes sees what concerns them */
    portillon->outputs = selftest_outputs(&portillon->selftest, outputs, now);
    gate_io->set_outputs(gate_io->ctx, portillon->outputs);
}

uint32_t portillon_read_inputs(struct portillon *portillon)
{
    const struct gate_io *gate_io = portillon->hardware->gate_io;
    return inputs_settle(&portillon->wires, gate_io->get_inputs(gate_io->ctx), portillon_now_us(portillon));
}

/* unused: nobody was seen to go through, so that the meal is not taken. */
void portillon_close_passage(struct portillon *portillon, uint32_t seq, enum journal_outcome outcome,
                             bool unused)
{
    struct journal_record record = portillon_stamp(portillon);
    uint32_t closing_seq;
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

/* Without a sensor the record of a passage says itself that it is taken for made: a closing would tell
 * nothing new, and double what a passage costs in flash. Nor does one tell anything of an opening by hand. */
static bool tells_its_end(struct portillon *portillon, uint32_t seq)
{
    struct journal_record record;
    return journal_read(&portillon->journal, seq, &record) == ERR_OK &&
           (record.kind != JOURNAL_GRANTED || record.code == JOURNAL_ASSUMED);
}

/* Says in the journal how the passages that this change of state ended went. Whom the fire input let out
 * keeps the meal. */
static void close_passages(struct portillon *portillon, const struct gate *before, enum gate_state next)
{
    if (next == GATE_RELEASED) {
        for (int i = 0; i < before->queue_count; i++)
            portillon_close_passage(portillon, before->queue[i], JOURNAL_ASSUMED, true);
    } else if (before->state == GATE_OPEN && before->queue_count > 0) {
        if (portillon->settings.rotation_fitted)
            portillon_close_passage(portillon, before->queue[0],
                                    next == GATE_ABANDONED ? JOURNAL_ABANDONED : JOURNAL_PASSED,
                                    next == GATE_ABANDONED);
        else if (!tells_its_end(portillon, before->queue[0])) /* the setting was changed meanwhile */
            portillon_close_passage(portillon, before->queue[0], JOURNAL_ASSUMED, false);
    }
}

/* The relay moves before the state change is written down: an opening for a card has its record already, and
 * neither a closing nor the fire panel waits for flash. */
void portillon_run_gate(struct portillon *portillon, enum gate_event event)
{
    struct gate before = portillon->gate;
    uint64_t now = portillon_now_us(portillon);
    portillon->gate.faulty = !portillon->reader_up || !portillon->storage_ok || portillon->journal_fails;
    enum gate_state next = gate_next(&portillon->gate, event, now, &portillon->settings);
    if (next != before.state)
        gate_enter(&portillon->gate, next, now);
    portillon_drive_outputs(portillon);
    if (next != before.state)
        close_passages(portillon, &before, next);
}
