/* SPDX-License-Identifier: Apache-2.0 */
/* The gate's states as a table, the queue of passages, and what lights and buzzer show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/gate/gate.h"
#include "hal/gate_io.h"

#define MS UINT64_C(1000)
#define T0 (UINT64_C(1000000) * MS) /* any time will do */

static const struct settings settings = {
    .rotation_fitted = true, .buzzer_on = true, .open_ms = 5000, .retention_days = 90};

struct step {
    enum gate_state from;
    bool faulty;
    int waiting; /* passages in the queue */
    enum gate_event event;
    unsigned ms; /* in the state */
    enum gate_state to;
};

static const struct step steps[] = {
    /* idle */
    {GATE_IDLE, false, 0, GATE_EVENT_NONE, 0, GATE_IDLE},
    {GATE_IDLE, false, 0, GATE_EVENT_NONE, 1000000, GATE_IDLE},
    {GATE_IDLE, false, 0, GATE_EVENT_ROTATION, 10, GATE_IDLE},
    {GATE_IDLE, false, 0, GATE_EVENT_FIRE_END, 10, GATE_IDLE},
    {GATE_IDLE, false, 1, GATE_EVENT_NONE, 10, GATE_OPEN},
    {GATE_IDLE, true, 0, GATE_EVENT_NONE, 10, GATE_OUT_OF_ORDER},
    {GATE_IDLE, false, 0, GATE_EVENT_FIRE_START, 10, GATE_RELEASED},
    /* open */
    {GATE_OPEN, false, 1, GATE_EVENT_NONE, 0, GATE_OPEN},
    {GATE_OPEN, false, 1, GATE_EVENT_NONE, 4999, GATE_OPEN},
    {GATE_OPEN, false, 1, GATE_EVENT_NONE, 5000, GATE_ABANDONED},
    {GATE_OPEN, false, 1, GATE_EVENT_ROTATION, 0, GATE_PASSED},
    {GATE_OPEN, false, 1, GATE_EVENT_ROTATION, 4999, GATE_PASSED},
    {GATE_OPEN, false, 1, GATE_EVENT_ROTATION, 5000, GATE_PASSED},
    {GATE_OPEN, false, 2, GATE_EVENT_ROTATION, 100, GATE_PASSED},
    {GATE_OPEN, false, 2, GATE_EVENT_NONE, 5000, GATE_ABANDONED},
    {GATE_OPEN, true, 1, GATE_EVENT_NONE, 100, GATE_OPEN}, /* a granted person can still pass */
    {GATE_OPEN, false, 1, GATE_EVENT_FIRE_START, 100, GATE_RELEASED},
    {GATE_OPEN, false, 1, GATE_EVENT_FIRE_END, 100, GATE_OPEN},
    /* closing */
    {GATE_PASSED, false, 0, GATE_EVENT_NONE, 299, GATE_PASSED},
    {GATE_PASSED, false, 0, GATE_EVENT_NONE, 300, GATE_IDLE},
    {GATE_PASSED, false, 1, GATE_EVENT_NONE, 299, GATE_PASSED},
    {GATE_PASSED, false, 1, GATE_EVENT_NONE, 300, GATE_OPEN},
    {GATE_PASSED, true, 0, GATE_EVENT_NONE, 300, GATE_OUT_OF_ORDER},
    {GATE_PASSED, true, 1, GATE_EVENT_NONE, 300, GATE_OPEN},
    {GATE_PASSED, false, 1, GATE_EVENT_ROTATION, 100, GATE_PASSED}, /* the contact of the same arm bounces */
    {GATE_PASSED, false, 0, GATE_EVENT_FIRE_START, 10, GATE_RELEASED},
    {GATE_ABANDONED, false, 0, GATE_EVENT_NONE, 299, GATE_ABANDONED},
    {GATE_ABANDONED, false, 0, GATE_EVENT_NONE, 300, GATE_IDLE},
    {GATE_ABANDONED, false, 1, GATE_EVENT_NONE, 300, GATE_OPEN},
    {GATE_ABANDONED, true, 0, GATE_EVENT_NONE, 300, GATE_OUT_OF_ORDER},
    {GATE_ABANDONED, false, 0, GATE_EVENT_ROTATION, 10, GATE_ABANDONED},
    {GATE_ABANDONED, false, 0, GATE_EVENT_FIRE_START, 10, GATE_RELEASED},
    /* released by fire: only the end of the fire input locks the gate again, no timer, card or fault */
    {GATE_RELEASED, false, 0, GATE_EVENT_NONE, 0, GATE_RELEASED},
    {GATE_RELEASED, false, 0, GATE_EVENT_NONE, 86400000, GATE_RELEASED},
    {GATE_RELEASED, false, 1, GATE_EVENT_NONE, 10, GATE_RELEASED},
    {GATE_RELEASED, true, 0, GATE_EVENT_NONE, 10, GATE_RELEASED},
    {GATE_RELEASED, false, 0, GATE_EVENT_ROTATION, 10, GATE_RELEASED},
    {GATE_RELEASED, false, 0, GATE_EVENT_FIRE_START, 10, GATE_RELEASED},
    {GATE_RELEASED, false, 0, GATE_EVENT_FIRE_END, 10, GATE_IDLE},
    {GATE_RELEASED, true, 0, GATE_EVENT_FIRE_END, 10, GATE_OUT_OF_ORDER},
    /* out of order */
    {GATE_OUT_OF_ORDER, true, 0, GATE_EVENT_NONE, 1000000, GATE_OUT_OF_ORDER},
    {GATE_OUT_OF_ORDER, true, 0, GATE_EVENT_ROTATION, 10, GATE_OUT_OF_ORDER},
    {GATE_OUT_OF_ORDER, true, 0, GATE_EVENT_FIRE_END, 10, GATE_OUT_OF_ORDER},
    {GATE_OUT_OF_ORDER, false, 0, GATE_EVENT_NONE, 10, GATE_IDLE},
    {GATE_OUT_OF_ORDER, false, 1, GATE_EVENT_NONE, 10, GATE_OPEN},
    {GATE_OUT_OF_ORDER, true, 0, GATE_EVENT_FIRE_START, 10, GATE_RELEASED},
};

static struct gate gate_in(enum gate_state state, int waiting, uint64_t entered_us)
{
    struct gate gate = {.state = state, .entered_us = entered_us, .queue_count = (uint8_t)waiting};
    for (int i = 0; i < waiting; i++) {
        gate.queue[i] = 100U + (uint32_t)i;
        gate.verdicts[i] = verdict_grant();
    }
    return gate;
}

static void the_table_of_states_holds(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const struct step *s = &steps[i];
        struct gate gate = gate_in(s->from, s->waiting, T0);
        gate.faulty = s->faulty;
        enum gate_state to = gate_next(&gate, s->event, T0 + s->ms * MS, &settings);
        if (to != s->to) {
            print_error("row %zu: %s, %d waiting, event %d after %u ms: %s, not %s\n", i,
                        gate_state_name(s->from), s->waiting, (int)s->event, s->ms, gate_state_name(to),
                        gate_state_name(s->to));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void without_a_sensor_an_opening_ends_as_passed_and_its_input_means_nothing(void **state)
{
    (void)state;
    struct settings blind = settings;
    blind.rotation_fitted = false;
    struct gate gate = gate_in(GATE_OPEN, 1, T0);
    assert_int_equal(gate_next(&gate, GATE_EVENT_NONE, T0 + 5000 * MS, &blind), GATE_PASSED);
    assert_int_equal(gate_next(&gate, GATE_EVENT_ROTATION, T0 + 100 * MS, &blind), GATE_OPEN);
}

static void the_open_time_is_the_setting(void **state)
{
    (void)state;
    struct settings quick = settings;
    quick.open_ms = 500;
    struct gate gate = gate_in(GATE_OPEN, 1, T0);
    assert_int_equal(gate_next(&gate, GATE_EVENT_NONE, T0 + 499 * MS, &quick), GATE_OPEN);
    assert_int_equal(gate_next(&gate, GATE_EVENT_NONE, T0 + 500 * MS, &quick), GATE_ABANDONED);
}

/* ---- the queue ---- */

/* One turn of the loop, as portillon.c makes it. */
static void turn(struct gate *gate, enum gate_event event, uint64_t now_us)
{
    enum gate_state next = gate_next(gate, event, now_us, &settings);
    if (next != gate->state)
        gate_enter(gate, next, now_us);
}

static bool relay(const struct gate *gate, uint64_t now_us)
{
    return gate_outputs(gate, now_us, &settings) & GATE_RELAY;
}

static void two_cards_get_two_openings_with_a_closing_between(void **state)
{
    (void)state;
    struct gate gate = gate_in(GATE_IDLE, 0, T0);
    assert_int_equal(gate_admit(&gate, verdict_grant(), 11, T0), ERR_OK);
    turn(&gate, GATE_EVENT_NONE, T0);
    assert_int_equal(gate_admit(&gate, verdict_grant(), 12, T0), ERR_OK);
    turn(&gate, GATE_EVENT_NONE, T0 + 200 * MS);
    assert_int_equal(gate.state, GATE_OPEN);
    assert_int_equal(gate.queue[0], 11);

    turn(&gate, GATE_EVENT_ROTATION, T0 + 1000 * MS);
    assert_int_equal(gate.state, GATE_PASSED);
    assert_false(relay(&gate, T0 + 1000 * MS));
    assert_int_equal(gate.queue_count, 1);
    assert_int_equal(gate.queue[0], 12);
    turn(&gate, GATE_EVENT_NONE, T0 + 1300 * MS);
    assert_int_equal(gate.state, GATE_OPEN);
    assert_true(relay(&gate, T0 + 1300 * MS));

    /* The second person has the whole open time, from his own opening on. */
    turn(&gate, GATE_EVENT_NONE, T0 + 6299 * MS);
    assert_int_equal(gate.state, GATE_OPEN);
    turn(&gate, GATE_EVENT_NONE, T0 + 6300 * MS);
    assert_int_equal(gate.state, GATE_ABANDONED);
    assert_int_equal(gate.queue_count, 0);
    turn(&gate, GATE_EVENT_NONE, T0 + 6600 * MS);
    assert_int_equal(gate.state, GATE_IDLE);
}

static void the_queue_keeps_its_order_and_refuses_what_does_not_fit(void **state)
{
    (void)state;
    struct gate gate = gate_in(GATE_OPEN, 0, T0);
    for (uint32_t seq = 1; seq <= GATE_QUEUE_MAX; seq++)
        assert_int_equal(gate_admit(&gate, verdict_grant(), seq, T0), ERR_OK);
    assert_int_equal(gate_admit(&gate, verdict_grant(), 99, T0), ERR_NO_SPACE);
    assert_int_equal(gate.queue_count, GATE_QUEUE_MAX);
    uint64_t now = T0;
    for (uint32_t seq = 1; seq <= GATE_QUEUE_MAX; seq++) {
        assert_int_equal(gate.state, GATE_OPEN);
        assert_int_equal(gate.queue[0], seq);
        turn(&gate, GATE_EVENT_ROTATION, now += 100 * MS);
        assert_int_equal(gate.state, GATE_PASSED);
        turn(&gate, GATE_EVENT_NONE, now += 300 * MS);
    }
    assert_int_equal(gate.state, GATE_IDLE);
}

/* Every way by which a gate in GATE_OPEN may have no granted passage: a skipped branch, a damaged word. */
static void without_a_grant_the_relay_stays_off(void **state)
{
    (void)state;
    struct gate gate = gate_in(GATE_IDLE, 0, T0);
    assert_int_equal(gate_admit(&gate, verdict_deny(REASON_BLOCKED), 11, T0), ERR_FORBIDDEN);
    assert_int_equal(gate_admit(&gate, (struct verdict){VERDICT_GRANT, REASON_BLOCKED}, 11, T0),
                     ERR_FORBIDDEN);
    assert_int_equal(gate.queue_count, 0);
    gate.state = GATE_OPEN;
    assert_false(relay(&gate, T0));
    gate.queue_count = 1;
    assert_false(relay(&gate, T0));
    gate.queue_count = 0;
    assert_int_equal(gate_admit(&gate, verdict_grant(), 11, T0), ERR_OK);
    assert_true(relay(&gate, T0));
    for (int bit = 0; bit < 32; bit++) {
        gate.verdicts[0].word = VERDICT_GRANT ^ UINT32_C(1) << bit;
        assert_false(relay(&gate, T0));
    }
    gate.verdicts[0] = verdict_grant();
    gate_enter(&gate, GATE_PASSED, T0);
    gate.state = GATE_OPEN; /* the passage is over; its verdict is no longer there */
    gate.queue_count = 1;
    assert_false(relay(&gate, T0));
}

static void a_passage_that_waits_too_long_gets_no_opening(void **state)
{
    (void)state;
    const uint64_t limit_us = GATE_QUEUE_AGE_MAX_MS * MS;
    struct gate gate = gate_in(GATE_IDLE, 0, T0);
    uint32_t seq = 0;
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(gate_admit(&gate, verdict_grant(), 11 + i, T0 + i * 1000 * MS), ERR_OK);
    turn(&gate, GATE_EVENT_NONE, T0);
    assert_false(gate_expire(&gate, T0 + limit_us + 999 * MS, &seq)); /* the first is being served */
    assert_true(gate_expire(&gate, T0 + limit_us + 1000 * MS, &seq));
    assert_int_equal(seq, 12);
    assert_false(gate_expire(&gate, T0 + limit_us + 1000 * MS, &seq));
    assert_int_equal(gate.queue_count, 2);
    assert_int_equal(gate.queue[0], 11);
    assert_int_equal(gate.queue[1], 13);
    turn(&gate, GATE_EVENT_ROTATION, T0 + limit_us + 1500 * MS);
    assert_false(gate_expire(&gate, T0 + limit_us + 1999 * MS, &seq));
    assert_true(gate_expire(&gate, T0 + limit_us + 2000 * MS, &seq)); /* while the gate closes */
    assert_int_equal(seq, 13);
    assert_false(gate_expire(&gate, UINT64_MAX, &seq));
}

static void fire_empties_the_queue_and_its_end_opens_for_nobody(void **state)
{
    (void)state;
    static const enum gate_state from[] = {GATE_IDLE,      GATE_OPEN,     GATE_PASSED,
                                           GATE_ABANDONED, GATE_RELEASED, GATE_OUT_OF_ORDER};
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        struct gate gate = gate_in(from[i], 2, T0);
        enum gate_state next = gate_next(&gate, GATE_EVENT_FIRE_START, T0 + 10 * MS, &settings);
        assert_int_equal(next, GATE_RELEASED);
        gate_enter(&gate, next, T0 + 10 * MS);
        assert_int_equal(gate.queue_count, 0);
        assert_true(relay(&gate, T0 + 10 * MS));
        turn(&gate, GATE_EVENT_FIRE_END, T0 + 3600000 * MS);
        assert_int_equal(gate.state, GATE_IDLE);
        assert_false(relay(&gate, T0 + 3600000 * MS));
    }
}

/* ---- what is shown ---- */

static uint32_t shown(const struct gate *gate, unsigned ms)
{
    return gate_outputs(gate, T0 + ms * MS, &settings);
}

static void each_state_shows_itself(void **state)
{
    (void)state;
    struct gate gate = gate_in(GATE_IDLE, 0, T0);
    assert_int_equal(shown(&gate, 0), 0);
    gate = gate_in(GATE_OPEN, 1, T0);
    assert_int_equal(shown(&gate, 0), GATE_RELAY | GATE_LIGHT_GREEN | GATE_BUZZER);
    assert_int_equal(shown(&gate, 119), GATE_RELAY | GATE_LIGHT_GREEN | GATE_BUZZER);
    assert_int_equal(shown(&gate, 120), GATE_RELAY | GATE_LIGHT_GREEN);
    gate = gate_in(GATE_PASSED, 0, T0);
    assert_int_equal(shown(&gate, 0), 0);
    gate = gate_in(GATE_ABANDONED, 0, T0);
    assert_int_equal(shown(&gate, 0), 0);
    gate = gate_in(GATE_RELEASED, 0, T0);
    assert_int_equal(shown(&gate, 0), GATE_RELAY | GATE_LIGHT_GREEN);
    assert_int_equal(shown(&gate, 3600000), GATE_RELAY | GATE_LIGHT_GREEN);
    gate = gate_in(GATE_OUT_OF_ORDER, 0, T0);
    assert_int_equal(shown(&gate, 0), GATE_LIGHT_AMBER);
    assert_int_equal(shown(&gate, 1000), 0);
    assert_int_equal(shown(&gate, 2000), GATE_LIGHT_AMBER);
}

static void only_open_and_released_energise_the_relay(void **state)
{
    (void)state;
    for (int s = GATE_IDLE; s <= GATE_OUT_OF_ORDER; s++) {
        for (int reason = REASON_UNKNOWN_CARD; reason <= (int)REASON_LAST; reason++) {
            struct gate gate = gate_in((enum gate_state)s, 1, T0);
            assert_int_equal(relay(&gate, T0), s == GATE_OPEN || s == GATE_RELEASED);
            gate_refuse(&gate, (enum reason)reason, T0);
            assert_int_equal(relay(&gate, T0), s == GATE_OPEN || s == GATE_RELEASED);
        }
    }
}

static void a_known_card_refused_is_a_steady_red_and_one_long_sound(void **state)
{
    (void)state;
    static const enum reason known[] = {REASON_BLOCKED,        REASON_EXPIRED,          REASON_NOT_YET_VALID,
                                        REASON_NO_RIGHT_HERE,  REASON_OUTSIDE_HOURS,    REASON_CLOSED_TODAY,
                                        REASON_NO_SERVICE_NOW, REASON_NOT_THIS_SERVICE, REASON_NO_MEAL_TODAY,
                                        REASON_ALREADY_PASSED, REASON_PROFILE_OFF,      REASON_GATE_BUSY};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct gate gate = gate_in(GATE_IDLE, 0, T0);
        gate_refuse(&gate, known[i], T0);
        assert_int_equal(shown(&gate, 0), GATE_LIGHT_RED | GATE_BUZZER);
        assert_int_equal(shown(&gate, 499), GATE_LIGHT_RED | GATE_BUZZER);
        assert_int_equal(shown(&gate, 500), GATE_LIGHT_RED);
        assert_int_equal(shown(&gate, 1499), GATE_LIGHT_RED);
        assert_int_equal(shown(&gate, 1500), 0);
        assert_int_equal(gate.state, GATE_IDLE);
    }
}

static void a_gate_at_fault_blinks_red_and_amber_and_beeps_three_times(void **state)
{
    (void)state;
    static const enum reason faults[] = {REASON_NO_LIST, REASON_LIST_DAMAGED, REASON_JOURNAL_FAILED,
                                         REASON_INTERNAL};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct gate gate = gate_in(GATE_IDLE, 0, T0);
        gate_refuse(&gate, faults[i], T0);
        for (unsigned ms = 0; ms < 1500; ms += 50)
            assert_int_equal(shown(&gate, ms),
                             ms % 500 < 250 ? GATE_LIGHT_RED | GATE_LIGHT_AMBER | GATE_BUZZER : 0);
        assert_int_equal(shown(&gate, 1500), 0);
    }
}

static void an_open_housing_is_a_steady_amber_beside_the_rest(void **state)
{
    (void)state;
    for (int s = GATE_IDLE; s <= GATE_OUT_OF_ORDER; s++) {
        struct gate gate = gate_in((enum gate_state)s, 1, T0);
        uint32_t before = shown(&gate, 1200);
        gate.tampered = true;
        assert_int_equal(shown(&gate, 1200), s == GATE_OUT_OF_ORDER ? before : before | GATE_LIGHT_AMBER);
    }
}

static void an_unknown_card_refused_blinks_and_beeps_twice(void **state)
{
    (void)state;
    static const enum reason unknown[] = {REASON_UNKNOWN_CARD, REASON_RANDOM_UID,    REASON_UNREADABLE,
                                          REASON_SHARED_UID,   REASON_NOT_AUTHENTIC, REASON_OTHER_CHIP};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        struct gate gate = gate_in(GATE_IDLE, 0, T0);
        gate_refuse(&gate, unknown[i], T0);
        assert_int_equal(shown(&gate, 0), GATE_LIGHT_RED | GATE_BUZZER);
        assert_int_equal(shown(&gate, 250), 0);
        assert_int_equal(shown(&gate, 500), GATE_LIGHT_RED | GATE_BUZZER);
        assert_int_equal(shown(&gate, 750), 0);
        assert_int_equal(shown(&gate, 1000), GATE_LIGHT_RED);
        assert_int_equal(shown(&gate, 1500), 0);
    }
}

static void a_refusal_over_an_open_gate_keeps_it_open(void **state)
{
    (void)state;
    struct gate gate = gate_in(GATE_OPEN, 1, T0);
    gate_refuse(&gate, REASON_BLOCKED, T0 + 1000 * MS);
    assert_int_equal(shown(&gate, 1000), GATE_RELAY | GATE_LIGHT_RED | GATE_BUZZER);
    assert_int_equal(shown(&gate, 2499), GATE_RELAY | GATE_LIGHT_RED);
    assert_int_equal(shown(&gate, 2500), GATE_RELAY | GATE_LIGHT_GREEN);
}

static void a_grant_after_a_refusal_shows_at_once(void **state)
{
    (void)state;
    struct gate gate = gate_in(GATE_IDLE, 0, T0);
    gate_refuse(&gate, REASON_BLOCKED, T0);
    assert_int_equal(gate_admit(&gate, verdict_grant(), 5, T0), ERR_OK);
    turn(&gate, GATE_EVENT_NONE, T0 + 100 * MS);
    assert_int_equal(shown(&gate, 100), GATE_RELAY | GATE_LIGHT_GREEN | GATE_BUZZER);
}

static void nothing_red_is_shown_while_fire_releases(void **state)
{
    (void)state;
    struct gate gate = gate_in(GATE_RELEASED, 0, T0);
    gate_refuse(&gate, REASON_UNKNOWN_CARD, T0);
    assert_int_equal(shown(&gate, 0), GATE_RELAY | GATE_LIGHT_GREEN);
}

static void the_buzzer_can_be_switched_off_and_takes_no_light_with_it(void **state)
{
    (void)state;
    struct settings silent = settings;
    silent.buzzer_on = false;
    struct gate gate = gate_in(GATE_OPEN, 1, T0);
    assert_int_equal(gate_outputs(&gate, T0, &silent), GATE_RELAY | GATE_LIGHT_GREEN);
    gate_refuse(&gate, REASON_BLOCKED, T0);
    assert_int_equal(gate_outputs(&gate, T0, &silent), GATE_RELAY | GATE_LIGHT_RED);
}

static void every_state_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = GATE_IDLE; a <= GATE_OUT_OF_ORDER; a++)
        for (int b = GATE_IDLE; b < a; b++)
            assert_string_not_equal(gate_state_name((enum gate_state)a), gate_state_name((enum gate_state)b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_states_holds),
        cmocka_unit_test(without_a_sensor_an_opening_ends_as_passed_and_its_input_means_nothing),
        cmocka_unit_test(the_open_time_is_the_setting),
        cmocka_unit_test(two_cards_get_two_openings_with_a_closing_between),
        cmocka_unit_test(the_queue_keeps_its_order_and_refuses_what_does_not_fit),
        cmocka_unit_test(without_a_grant_the_relay_stays_off),
        cmocka_unit_test(a_passage_that_waits_too_long_gets_no_opening),
        cmocka_unit_test(fire_empties_the_queue_and_its_end_opens_for_nobody),
        cmocka_unit_test(each_state_shows_itself),
        cmocka_unit_test(only_open_and_released_energise_the_relay),
        cmocka_unit_test(a_known_card_refused_is_a_steady_red_and_one_long_sound),
        cmocka_unit_test(a_gate_at_fault_blinks_red_and_amber_and_beeps_three_times),
        cmocka_unit_test(an_open_housing_is_a_steady_amber_beside_the_rest),
        cmocka_unit_test(an_unknown_card_refused_blinks_and_beeps_twice),
        cmocka_unit_test(a_refusal_over_an_open_gate_keeps_it_open),
        cmocka_unit_test(a_grant_after_a_refusal_shows_at_once),
        cmocka_unit_test(nothing_red_is_shown_while_fire_releases),
        cmocka_unit_test(the_buzzer_can_be_switched_off_and_takes_no_light_with_it),
        cmocka_unit_test(every_state_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
