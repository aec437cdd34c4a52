/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/gate/gate.h"

#include "hal/gate_io.h"

#define CLOSING_MS            300  /* the arm returns to rest before it turns for the next passage */
#define SHOW_REFUSED_MS       1500 /* long enough to see the light, short enough not to delay the queue */
#define GRANT_BEEP_MS         120
#define BLINK_MS              250
#define OUT_OF_ORDER_BLINK_MS 1000

static uint64_t ms_since(uint64_t then_us, uint64_t now_us)
{
    return (now_us - then_us) / 1000;
}

static enum gate_state at_rest(const struct gate *gate)
{
    if (gate->queue_count > 0)
        return GATE_OPEN;
    return gate->faulty ? GATE_OUT_OF_ORDER : GATE_IDLE;
}

enum gate_state gate_next(const struct gate *gate, enum gate_event event, uint64_t now_us,
                          const struct settings *settings)
{
    uint64_t ms = ms_since(gate->entered_us, now_us);
    if (event == GATE_EVENT_FIRE_START)
        return GATE_RELEASED;
    switch (gate->state) {
    case GATE_RELEASED:
        return event == GATE_EVENT_FIRE_END ? at_rest(gate) : GATE_RELEASED;
    case GATE_OPEN:
        /* Without a sensor the input is a loose wire, and noise on it must not close the gate on a person. */
        if (event == GATE_EVENT_ROTATION && settings->rotation_fitted)
            return GATE_PASSED;
        if (ms < settings->open_ms)
            return GATE_OPEN;
        return settings->rotation_fitted ? GATE_ABANDONED : GATE_PASSED;
    case GATE_PASSED:
    case GATE_ABANDONED:
        return ms >= CLOSING_MS ? at_rest(gate) : gate->state;
    case GATE_IDLE:
    case GATE_OUT_OF_ORDER:
        return at_rest(gate);
    }
    return GATE_OUT_OF_ORDER;
}

static void remove_passage(struct gate *gate, uint8_t at)
{
    gate->queue_count--;
    for (uint8_t i = at; i < gate->queue_count; i++) {
        gate->queue[i] = gate->queue[i + 1];
        gate->verdicts[i] = gate->verdicts[i + 1];
        gate->queued_us[i] = gate->queued_us[i + 1];
    }
    gate->verdicts[gate->queue_count] = verdict_deny(REASON_INTERNAL);
}

bool gate_expire(struct gate *gate, uint64_t now_us, uint32_t *seq)
{
    uint8_t first_waiting = gate->state == GATE_OPEN ? 1 : 0;
    if (gate->queue_count <= first_waiting ||
        ms_since(gate->queued_us[first_waiting], now_us) < GATE_QUEUE_AGE_MAX_MS)
        return false;
    *seq = gate->queue[first_waiting];
    remove_passage(gate, first_waiting);
    return true;
}

void gate_enter(struct gate *gate, enum gate_state state, uint64_t now_us)
{
    if (gate->state == GATE_OPEN && state != GATE_OPEN && gate->queue_count > 0)
        remove_passage(gate, 0);
    if (state == GATE_RELEASED)
        gate->queue_count = 0;
    gate->state = state;
    gate->entered_us = now_us;
}

int gate_admit(struct gate *gate, struct verdict verdict, uint32_t seq, uint64_t now_us)
{
    if (!verdict_is_grant(verdict))
        return ERR_FORBIDDEN;
    if (gate->queue_count == GATE_QUEUE_MAX)
        return ERR_NO_SPACE;
    gate->queued_us[gate->queue_count] = now_us;
    gate->verdicts[gate->queue_count] = verdict;
    gate->queue[gate->queue_count++] = seq;
    gate->shown_us = 0;
    return ERR_OK;
}

void gate_refuse(struct gate *gate, enum reason reason, uint64_t now_us)
{
    gate->shown = reason;
    gate->shown_us = now_us;
}

/* The three kinds of refusal that README.md lists. */
enum answer { NOT_NOW_OR_NOT_HERE, UNKNOWN, GATE_AT_FAULT };

static enum answer answer_of(enum reason reason)
{
    switch (reason) {
    case REASON_UNKNOWN_CARD:
    case REASON_RANDOM_UID:
    case REASON_SHARED_UID:
    case REASON_NOT_AUTHENTIC:
    case REASON_OTHER_CHIP:
    case REASON_UNREADABLE:
        return UNKNOWN;
    case REASON_NO_LIST:
    case REASON_LIST_DAMAGED:
    case REASON_LIST_ROLLED_BACK:
    case REASON_JOURNAL_FAILED:
    case REASON_INTERNAL:
    case REASON_NONE:
        return GATE_AT_FAULT;
    case REASON_BLOCKED:
    case REASON_NOT_YET_VALID:
    case REASON_EXPIRED:
    case REASON_NO_RIGHT_HERE:
    case REASON_OUTSIDE_HOURS:
    case REASON_CLOSED_TODAY:
    case REASON_NO_SERVICE_NOW:
    case REASON_NOT_THIS_SERVICE:
    case REASON_NO_MEAL_TODAY:
    case REASON_ALREADY_PASSED:
    case REASON_PROFILE_OFF:
    case REASON_GATE_BUSY:
    case REASON_METHOD_TOO_WEAK:
    case REASON_PASS_NOT_VALID:
        return NOT_NOW_OR_NOT_HERE;
    }
    return GATE_AT_FAULT;
}

/* Returns the signal of a refusal. The light alone distinguishes the answers, and so does the sound alone:
 * steady with one long sound, blinking with two beeps, blinking red and amber with three beeps. */
static uint32_t refusal_signal(enum reason reason, uint64_t ms)
{
    bool lit = (ms / BLINK_MS) % 2 == 0;
    switch (answer_of(reason)) {
    case NOT_NOW_OR_NOT_HERE:
        return GATE_LIGHT_RED | (ms < 2 * BLINK_MS ? GATE_BUZZER : 0U);
    case UNKNOWN:
        return (lit ? GATE_LIGHT_RED : 0U) | (lit && ms < 4 * BLINK_MS ? GATE_BUZZER : 0U);
    case GATE_AT_FAULT:
        return lit ? GATE_LIGHT_RED | GATE_LIGHT_AMBER | GATE_BUZZER : 0U;
    }
    return GATE_LIGHT_RED;
}

static uint32_t state_signal(const struct gate *gate, uint64_t ms)
{
    switch (gate->state) {
    case GATE_IDLE:
    case GATE_PASSED:
    case GATE_ABANDONED:
        return 0;
    case GATE_OPEN:
        return GATE_LIGHT_GREEN | (ms < GRANT_BEEP_MS ? GATE_BUZZER : 0U);
    case GATE_RELEASED:
        return GATE_LIGHT_GREEN;
    case GATE_OUT_OF_ORDER:
        return (ms / OUT_OF_ORDER_BLINK_MS) % 2 == 0 ? GATE_LIGHT_AMBER : 0U;
    }
    return 0;
}

bool gate_is_refusing(const struct gate *gate, uint64_t now_us)
{
    return gate->shown_us != 0 && gate->state != GATE_RELEASED &&
           ms_since(gate->shown_us, now_us) < SHOW_REFUSED_MS;
}

/* Returns true if the gate is open for a passage that was granted. verdict_is_grant is in another source, so
 * that it is called twice. */
static bool is_granted(const struct gate *gate)
{
    return gate->state == GATE_OPEN && gate->queue_count > 0 && verdict_is_grant(gate->verdicts[0]) &&
           verdict_is_grant(gate->verdicts[0]);
}

uint32_t gate_outputs(const struct gate *gate, uint64_t now_us, const struct settings *settings)
{
    bool released = gate->state == GATE_RELEASED;
    uint32_t signal = gate_is_refusing(gate, now_us)
                          ? refusal_signal(gate->shown, ms_since(gate->shown_us, now_us))
                          : state_signal(gate, ms_since(gate->entered_us, now_us));
    if (gate->tampered && gate->state != GATE_OUT_OF_ORDER)
        signal |= GATE_LIGHT_AMBER; /* steady, because blinking amber means out of order */
    if (!settings->buzzer_on)
        signal &= ~(uint32_t)GATE_BUZZER;
    return signal | (released || is_granted(gate) ? GATE_RELAY : 0U);
}

const char *gate_state_name(enum gate_state state)
{
    switch (state) {
    case GATE_IDLE:
        return "idle";
    case GATE_OPEN:
        return "open";
    case GATE_PASSED:
        return "passed";
    case GATE_ABANDONED:
        return "abandoned";
    case GATE_RELEASED:
        return "released";
    case GATE_OUT_OF_ORDER:
        return "out_of_order";
    }
    return "unknown";
}
