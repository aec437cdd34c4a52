/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_taps.h"

#include <string.h>

#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"
#include "firmware/portillon_proof.h"

/* A card that has waited longer for a place in the queue is refused: its holder may have left. */
#define WAIT_MAX_US UINT64_C(10000000)
/* Two cards that come within this time are held by one person: a telephone and a card, or a whole wallet. */
#define TOGETHER_US UINT64_C(1000000)

/* ---- one tap ---- */

static uint8_t service_flags(struct portillon *portillon, uint8_t service)
{
    if (service == 0)
        return 0;
    return (uint8_t)(service << JOURNAL_SERVICE_SHIFT |
                     (rights_can_count(&portillon->rights) ? 0 : JOURNAL_FLAG_UNCOUNTED));
}

/* Shows a refusal, unless the same hand holds a card for which the gate has just opened. */
static void show_refusal(struct portillon *portillon, enum reason reason)
{
    uint64_t now = portillon_now_us(portillon);
    if (portillon->gate.state == GATE_OPEN &&
        tap_tracker_granted_since(&portillon->taps, now < TOGETHER_US ? 0 : now - TOGETHER_US))
        return;
    gate_refuse(&portillon->gate, reason, now);
    portillon_drive_outputs(portillon);
}

/* Returns true if the card is refused only because it was tapped again: its passage is still to come. Such a
 * tap is no refusal, neither for its holder nor for the journal. */
static bool is_repeated(struct portillon *portillon, struct tap_result *result)
{
    if (verdict_is_grant(result->verdict) || result->verdict.reason == REASON_GATE_BUSY)
        return false; /* a card that may pass again asks for another passage */
    result->repeated_seq = portillon_find_passage(portillon, &result->tag);
    return result->repeated_seq != 0;
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
    record.method = (uint8_t)result->method;
    record.ref = result->verdict.reason == REASON_ALREADY_PASSED ? result->elsewhere_s : 0;
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
        if (gate_admit(&portillon->gate, result->verdict, result->seq, portillon_now_us(portillon)) ==
            ERR_OK) {
            portillon_run_gate(portillon, GATE_EVENT_NONE);
            if (portillon->gate.state == GATE_OPEN && !was_open)
                result->relay_us = portillon_now_us(portillon);
            return;
        }
        result->verdict = verdict_deny(REASON_INTERNAL); /* cannot happen: there was room in the queue */
    } else if (granted) {
        result->verdict = verdict_deny(REASON_JOURNAL_FAILED);
    }
    show_refusal(portillon, result->verdict.reason);
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

static struct tap_result decide(struct portillon *portillon, const struct tap_card_seen *card)
{
    struct tap_result result = {.seen_us = card->report.seen_us};
    tap_decide(&result, card, &portillon->tag_key, &portillon->rights);
    result.decided_us = portillon_now_us(portillon);
    return result;
}

static void finish_tap(struct portillon *portillon, const struct tap_card_seen *card,
                       struct tap_result *result)
{
    portillon->tap_count++;
    if (!is_repeated(portillon, result))
        act_on(portillon, result);
    if (verdict_is_grant(result->verdict) || result->repeated_seq != 0)
        tap_tracker_grant(&portillon->taps, &card->report.target);
    if (portillon->hardware->on_tap)
        portillon->hardware->on_tap(portillon->hardware->on_tap_ctx, result);
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

/* ---- the queue is full ---- */

/* Takes a card for which the queue has no place. A card that may not pass is refused at once, so a telephone
 * does not take the place of the card beside it. One card that may pass waits until a passage ends. More than
 * one need not wait: the next person stands behind the first. The same card tapped again waits anew. */
static void take_surplus_card(struct portillon *portillon, const struct tap_card_seen *card)
{
    struct tap_result result = decide(portillon, card);
    bool is_same =
        portillon->card_waits &&
        memcmp(&card->report.target, &portillon->waiting_card.report.target, sizeof card->report.target) == 0;
    if (verdict_is_grant(result.verdict) && (!portillon->card_waits || is_same)) {
        portillon->card_waits = true;
        portillon->waiting_card = *card;
        portillon->waiting_since_us = portillon_now_us(portillon);
        return;
    }
    if (verdict_is_grant(result.verdict))
        result.verdict = verdict_deny(REASON_GATE_BUSY);
    finish_tap(portillon, card, &result);
}

/* Handles the card that waits: decides on it again when there is a place, and refuses it when it has waited
 * too long. */
static bool serve_waiting_card(struct portillon *portillon)
{
    if (!portillon->card_waits)
        return false;
    bool is_late = portillon_now_us(portillon) - portillon->waiting_since_us >= WAIT_MAX_US;
    if (!is_late && portillon->gate.queue_count == GATE_QUEUE_MAX)
        return false;
    portillon->card_waits = false;
    struct tap_result result = decide(portillon, &portillon->waiting_card);
    if (is_late && verdict_is_grant(result.verdict))
        result.verdict = verdict_deny(REASON_GATE_BUSY);
    finish_tap(portillon, &portillon->waiting_card, &result);
    return true;
}

/* ---- reports ---- */

static void watch_residents(struct portillon *portillon)
{
    enum tap_change change;
    uint32_t stay_s;
    while ((change = tap_tracker_poll(&portillon->taps, portillon_now_us(portillon), &stay_s)) !=
           TAP_NO_CHANGE)
        portillon_log_event(
            portillon, change == TAP_CARD_STAYS ? JOURNAL_EVENT_CARD_RESIDENT : JOURNAL_EVENT_CARD_REMOVED,
            stay_s);
}

static void take_card(struct portillon *portillon, const struct tap_card_seen *card)
{
    if (portillon->gate.queue_count == GATE_QUEUE_MAX) {
        take_surplus_card(portillon, card);
        return;
    }
    struct tap_result result = decide(portillon, card);
    finish_tap(portillon, card, &result);
    time_tap(portillon, &result);
}

bool portillon_serve_reader(struct portillon *portillon)
{
    const struct reader *reader = portillon->hardware->reader;
    struct tap_card_seen card = {.failure = REASON_NONE};
    watch_residents(portillon);
    if (serve_waiting_card(portillon))
        return true;
    if (portillon_proof_is_running(portillon)) {
        if (portillon_prove(portillon, &card))
            take_card(portillon, &card);
        return true;
    }
    if (reader->poll(reader->ctx, &card.report) <= 0)
        return false;
    set_reader_state(portillon, card.report.event != READER_DOWN,
                     card.report.event == READER_UP || card.report.event == READER_DOWN ? card.report.text
                                                                                        : "");
    if (tap_tracker_feed(&portillon->taps, &card.report, portillon_now_us(portillon)) &&
        !portillon_start_proof(portillon, &card.report))
        take_card(portillon, &card);
    return true;
}
