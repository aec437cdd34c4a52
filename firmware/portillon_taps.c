#include "firmware/portillon_taps.h"

#include <string.h>

#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"

/* ---- one tap ---- */

static uint8_t service_flags(struct portillon *portillon, uint8_t service)
{
    if (service == 0)
        return 0;
    return (uint8_t)(service << JOURNAL_SERVICE_SHIFT |
                     (rights_can_count(&portillon->rights) ? 0 : JOURNAL_FLAG_UNCOUNTED));
}

/* Makes the verdict durable and acts on it. The gate opens for a grant only after its record is in
 * flash. */
static void act_on(struct portillon *portillon, struct tap_result *result)
{
    struct journal_record record = portillon_stamp(portillon);
    bool granted = verdict_is_grant(result->verdict);
    bool closing_follows = portillon->settings.rotation_fitted || portillon->gate.state == GATE_RELEASED;
    record.kind = granted ? JOURNAL_GRANTED : JOURNAL_REFUSED;
    record.code = !granted ? (uint8_t)result->verdict.reason : closing_follows ? 0 : (uint8_t)JOURNAL_ASSUMED;
    record.tag = result->tag;
    record.flags |= result->from_replica ? JOURNAL_FLAG_REPLICA : 0;
    record.flags |= granted ? service_flags(portillon, result->service) : 0;
    int error = ERR_OK;
    if (granted || portillon_admits_refusal(portillon, result->verdict.reason))
        error = portillon_append(portillon, &record, &result->seq);
    if (granted && error == ERR_OK) {
        portillon->granted_count++;
        if (portillon->gate.state == GATE_RELEASED) { /* the gate is open, so passages cannot be observed */
            portillon_close_passage(portillon, result->seq, JOURNAL_ASSUMED, true);
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
        result->verdict = verdict_deny(REASON_INTERNAL); /* cannot happen: there was room in the queue */
    } else if (granted) {
        result->verdict = verdict_deny(REASON_JOURNAL_FAILED);
    }
    gate_refuse(&portillon->gate, result->verdict.reason, portillon_now_us(portillon));
    portillon_drive_outputs(portillon);
}

/* Measures how long the gate took for a tap, if the reader reports when it began. The time of a card
 * that waited for the queue would not be meaningful. */
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

/* ---- the reader ---- */

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

/* Handles the card that waits. While the queue is full, one card waits until a passage ends. More than
 * one need not wait: the next person stands behind the first. */
static bool serve_waiting_card(struct portillon *portillon)
{
    if (!portillon->card_waits || portillon->gate.queue_count == GATE_QUEUE_MAX)
        return false;
    portillon->card_waits = false;
    take_tap(portillon, &portillon->waiting_card);
    return true;
}

bool portillon_serve_reader(struct portillon *portillon)
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
