#include "firmware/portillon.h"

#include <string.h>

#include "firmware/portillon_parts.h"

#define SCRUB_EVERY_US      UINT64_C(1000000)
#define UPLOAD_FORGOTTEN_US (UINT64_C(1800) * 1000000)

/* ---- the gate ---- */

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
static void close_passage(struct portillon *portillon, uint32_t seq, enum journal_outcome outcome,
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
            close_passage(portillon, before->queue[i], JOURNAL_ASSUMED, true);
    } else if (before->state == GATE_OPEN && before->queue_count > 0) {
        if (portillon->settings.rotation_fitted)
            close_passage(portillon, before->queue[0],
                          next == GATE_ABANDONED ? JOURNAL_ABANDONED : JOURNAL_PASSED,
                          next == GATE_ABANDONED);
        else if (!tells_its_end(portillon, before->queue[0])) /* the setting was changed meanwhile */
            close_passage(portillon, before->queue[0], JOURNAL_ASSUMED, false);
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

static void note_level(struct portillon *portillon, uint32_t inputs, uint32_t input, enum journal_event on,
                       enum journal_event off)
{
    if ((inputs ^ portillon->inputs) & input)
        portillon_log_event(portillon, (uint8_t)(inputs & input ? on : off), 0);
}

/* The lodge's button opens nothing that cannot be logged, as a card does not: only the fire input opens
 * unlogged. Then whoever pressed it sees and hears that the gate is at fault. With as many waiting as may,
 * the gate is opening for somebody already. */
static void press_button(struct portillon *portillon)
{
    int result = portillon_open(portillon, JOURNAL_OPENED_BY_BUTTON);
    if (result == ERR_OK || portillon->gate.queue_count == GATE_QUEUE_MAX)
        return;
    gate_refuse(&portillon->gate, REASON_JOURNAL_FAILED, portillon_now_us(portillon));
    portillon_drive_outputs(portillon);
}

static void watch_inputs(struct portillon *portillon)
{
    uint32_t inputs = portillon_read_inputs(portillon);
    uint32_t risen = inputs & ~portillon->inputs, fallen = portillon->inputs & ~inputs;
    selftest_count_rises(&portillon->selftest, risen);
    enum gate_event event = GATE_EVENT_NONE;
    if (risen & GATE_FIRE)
        event = GATE_EVENT_FIRE_START;
    else if (fallen & GATE_FIRE)
        event = GATE_EVENT_FIRE_END;
    else if (risen & GATE_ROTATION)
        event = GATE_EVENT_ROTATION;
    portillon->gate.tampered = inputs & GATE_TAMPER;
    portillon_run_gate(portillon, event);
    if (risen & GATE_BUTTON)
        press_button(portillon);
    note_level(portillon, inputs, GATE_FIRE, JOURNAL_EVENT_FIRE_START, JOURNAL_EVENT_FIRE_END);
    note_level(portillon, inputs, GATE_TAMPER, JOURNAL_EVENT_TAMPER_START, JOURNAL_EVENT_TAMPER_END);
    portillon->inputs = inputs;
}

/* ---- taps ---- */

static uint8_t service_flags(struct portillon *portillon, uint8_t service)
{
    if (service == 0)
        return 0;
    return (uint8_t)(service << JOURNAL_SERVICE_SHIFT |
                     (rights_can_count(&portillon->rights) ? 0 : JOURNAL_FLAG_UNCOUNTED));
}

/* Makes the verdict durable and acts on it. A grant opens only once its record stands in flash. */
static void act_on(struct portillon *portillon, struct tap_result *result)
{
    struct journal_record record = portillon_stamp(portillon);
    bool granted = verdict_is_grant(result->verdict);
    bool closing_follows = portillon->settings.rotation_fitted || portillon->gate.state == GATE_RELEASED;
    record.kind = granted ? JOURNAL_GRANTED : JOURNAL_REFUSED;
    record.code = !granted ? (uint8_t)result->verdict.reason : closing_follows ? 0 : (uint8_t)JOURNAL_ASSUMED;
    record.tag = result->tag;
    record.flags |= result->from_twin ? JOURNAL_FLAG_TWIN : 0;
    record.flags |= granted ? service_flags(portillon, result->service) : 0;
    int error = portillon_append(portillon, &record, &result->seq);
    if (granted && error == ERR_OK) {
        portillon->granted_count++;
        if (portillon->gate.state == GATE_RELEASED) { /* the way is open, and nobody counts who takes it */
            close_passage(portillon, result->seq, JOURNAL_ASSUMED, true);
            return;
        }
        rights_note_granted(&portillon->rights, &result->tag, result->seq, result->service);
        bool was_open = portillon->gate.state == GATE_OPEN;
        if (gate_admit(&portillon->gate, result->seq) == ERR_OK) {
            portillon_run_gate(portillon, GATE_EVENT_NONE);
            if (portillon->gate.state == GATE_OPEN && !was_open)
                result->relay_us = portillon_now_us(portillon);
            return;
        }
        result->verdict = verdict_deny(REASON_INTERNAL); /* the queue was seen to have room */
    } else if (granted) {
        result->verdict = verdict_deny(REASON_JOURNAL_FAILED);
    }
    gate_refuse(&portillon->gate, result->verdict.reason, portillon_now_us(portillon));
    portillon_drive_outputs(portillon);
}

/* How long a tap took the gate, where the reader says when it began. A card that waited for people to pass
 * says nothing of that. */
static void time_tap(struct portillon *portillon, const struct tap_result *result)
{
    uint64_t done_us = result->relay_us != 0 ? result->relay_us : result->decided_us;
    uint64_t took_us = done_us - result->seen_us;
    if (result->seen_us == 0 || result->seen_us > done_us)
        return;
    portillon->tap_last_us = took_us < UINT32_MAX ? (uint32_t)took_us : UINT32_MAX;
    if (portillon->tap_last_us > portillon->tap_worst_us)
        portillon->tap_worst_us = portillon->tap_last_us;
}

static struct tap_result take_tap(struct portillon *portillon, const struct reader_report *report)
{
    struct tap_result result = {.seen_us = report->seen_us};
    tap_decide(&result, &report->target, portillon->identity, &portillon->rights);
    result.decided_us = portillon_now_us(portillon);
    portillon->tap_count++;
    act_on(portillon, &result);
    if (portillon->hardware->on_tap)
        portillon->hardware->on_tap(portillon->hardware->on_tap_ctx, &result);
    return result;
}

static void set_reader_state(struct portillon *portillon, bool up, const char *text)
{
    size_t len = strlen(text), most = sizeof portillon->reader_text - 1;
    if (len > 0) {
        memset(portillon->reader_text, 0, sizeof portillon->reader_text);
        memcpy(portillon->reader_text, text, len < most ? len : most);
    }
    if (up == portillon->reader_up)
        return;
    portillon->reader_up = up;
    portillon_log_event(portillon, up ? JOURNAL_EVENT_READER_UP : JOURNAL_EVENT_READER_DOWN, 0);
}

/* With a full queue a card waits until somebody has passed; one, for the next pupil stands behind it. */
static bool serve_waiting_card(struct portillon *portillon)
{
    if (!portillon->card_waits || portillon->gate.queue_count == GATE_QUEUE_MAX)
        return false;
    portillon->card_waits = false;
    take_tap(portillon, &portillon->waiting_card);
    return true;
}

static bool serve_reader(struct portillon *portillon)
{
    const struct reader *reader = portillon->hardware->reader;
    struct reader_report report;
    if (serve_waiting_card(portillon))
        return true;
    if (reader->poll(reader->ctx, &report) <= 0)
        return false;
    set_reader_state(portillon, report.event != READER_DOWN,
                     report.event == READER_UP || report.event == READER_DOWN ? report.text : "");
    if (!tap_tracker_feed(&portillon->taps, &report))
        return true;
    if (portillon->gate.queue_count < GATE_QUEUE_MAX) {
        struct tap_result result = take_tap(portillon, &report);
        time_tap(portillon, &result);
    } else if (!portillon->card_waits) {
        portillon->card_waits = true;
        portillon->waiting_card = report;
    }
    return true;
}

/* ---- background ---- */

static void forget_stalled_upload(struct portillon *portillon)
{
    struct whitelist *list = &portillon->whitelist;
    bool waits = list->upload_state == WHITELIST_HEAD || list->upload_state == WHITELIST_RECEIVING;
    uint32_t progress = list->head_received + list->have_count * 4 + list->assembly_pieces;
    if (!waits || progress != portillon->upload_progress) {
        portillon->upload_progress = progress;
        portillon->upload_moved_us = portillon_now_us(portillon);
    } else if (portillon_now_us(portillon) - portillon->upload_moved_us > UPLOAD_FORGOTTEN_US) {
        whitelist_upload_abandon(list);
    }
}

static uint32_t running_version(const struct whitelist *list)
{
    return list->running < 0 ? 0 : list->slots[list->running].header.version;
}

/* Another list rules: one installed just now, or one that could not be read before. */
static void take_list(struct portillon *portillon)
{
    struct tag services = rights_renumber_services(&portillon->rights);
    portillon_log_list(portillon, &services);
    rights_recount(&portillon->rights);
}

static int serve_whitelist(struct portillon *portillon)
{
    struct whitelist *list = &portillon->whitelist;
    uint32_t version = running_version(list);
    if (portillon_now_us(portillon) - portillon->scrubbed_us >= SCRUB_EVERY_US) {
        portillon->scrubbed_us = portillon_now_us(portillon);
        whitelist_scrub(list);
        forget_stalled_upload(portillon);
        clock_age(&portillon->clock, portillon->settings.clock_days);
        rights_poll(&portillon->rights);
    }
    int result = whitelist_poll(list);
    if (running_version(list) != version)
        take_list(portillon);
    if (result == 2)
        portillon_log_event(portillon, JOURNAL_EVENT_LIST_REFUSED, (uint32_t)-list->upload_error);
    else if (result == 3)
        portillon_log_event(portillon, JOURNAL_EVENT_BLOCK_REPAIRED, list->repaired_last);
    return result == ERR_OK ? ERR_OK : ERR_BUSY;
}

/* Acknowledged passages from before this second are to be erased; 0: none, as long as the time is not sure.
 */
static uint32_t retention_bound(const struct portillon *portillon)
{
    uint32_t now_s = clock_utc_s(&portillon->clock), kept_s = portillon->settings.retention_days * 86400u;
    return portillon->clock.quality == CLOCK_SET && now_s > kept_s ? now_s - kept_s : 0;
}

static int serve_storage(struct portillon *portillon)
{
    if (!portillon->storage_ok) {
        portillon_retry_storage(portillon);
        return ERR_OK;
    }
    portillon->journal.stamp = portillon_stamp(portillon);
    portillon->journal.forget_before_s = retention_bound(portillon);
    int journal = journal_poll(&portillon->journal);
    int store = store_poll(&portillon->store);
    int whitelist = serve_whitelist(portillon);
    int selftest = selftest_poll(&portillon->selftest, portillon_now_us(portillon));
    return journal == ERR_BUSY || store == ERR_BUSY || whitelist == ERR_BUSY || selftest == ERR_BUSY
               ? ERR_BUSY
               : ERR_OK;
}

int portillon_poll(struct portillon *portillon)
{
    bool tapped = serve_reader(portillon);
    watch_inputs(portillon);
    int maintenance = maintenance_poll(&portillon->maintenance);
    int storage = serve_storage(portillon);
    return tapped || maintenance == ERR_BUSY || storage == ERR_BUSY ? ERR_BUSY : ERR_OK;
}
