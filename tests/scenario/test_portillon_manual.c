/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate: openings by hand, from the lodge and by the technician. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/portillon_control.h"
#include "tests/fakes/gate_bench.h"
#include "tests/fakes/rules_bench.h"

/* ---- manual openings ---- */

static void the_lodge_opens_by_button_once_a_press(void **state)
{
    (void)state;
    bench.wires.inputs = GATE_BUTTON;
    gate_bench_run_ms(&bench, 20);
    assert_true(bench.wires.outputs & GATE_RELAY);
    struct journal_record record = newest_of(JOURNAL_EVENT);
    assert_int_equal(record.code, JOURNAL_EVENT_MANUAL_OPENING);
    assert_int_equal(record.ref, JOURNAL_OPENED_BY_BUTTON);
    for (int i = 0; i < 10; i++) { /* a worn button */
        bench.wires.inputs ^= GATE_BUTTON;
        gate_bench_run_ms(&bench, 3);
    }
    bench.wires.inputs = GATE_BUTTON;
    gate_bench_run_ms(&bench, 20000); /* and a button that is held */
    assert_false(bench.wires.outputs & GATE_RELAY);
    assert_int_equal(newest_of(JOURNAL_CLOSED).ref, record.seq);
    assert_int_equal(newest_of(JOURNAL_CLOSED).code, JOURNAL_ABANDONED);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_MANUAL_OPENING), 1);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 100);
    bench.wires.inputs = GATE_BUTTON;
    gate_bench_run_ms(&bench, 20);
    gate_bench_turn_arm(&bench);
    assert_int_equal(newest_of(JOURNAL_CLOSED).code, JOURNAL_PASSED);
    assert_int_equal(bench.wires.relay_rises, 2);
}

static void an_opening_by_hand_waits_its_turn(void **state)
{
    (void)state;
    assert_tap(PUPIL, REASON_NONE);
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_TECHNICIAN), ERR_OK);
    assert_int_equal(newest_of(JOURNAL_EVENT).ref, JOURNAL_OPENED_BY_TECHNICIAN);
    gate_bench_turn_arm(&bench);
    assert_true(bench.wires.outputs & GATE_RELAY);
    gate_bench_turn_arm(&bench);
    assert_false(bench.wires.outputs & GATE_RELAY);
    for (int i = 0; i < GATE_QUEUE_MAX; i++)
        assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_TECHNICIAN), ERR_OK);
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_TECHNICIAN), ERR_BUSY);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_MANUAL_OPENING),
                     GATE_QUEUE_MAX + 1);
}

static void without_a_reader_the_lodge_still_opens(void **state)
{
    (void)state;
    fake_reader_down(&bench.reader, "gone");
    gate_bench_run_ms(&bench, 50);
    assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_BUTTON), ERR_OK);
    assert_true(bench.wires.outputs & GATE_RELAY);
    gate_bench_turn_arm(&bench);
    assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
}

static void no_record_no_opening_by_hand(void **state)
{
    (void)state;
    bench.nor.dead = true;
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_BUTTON), ERR_IO);
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(bench.wires.relay_rises, 0);
    assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
}

/* Red and amber blink, with three beeps: README.md lists the signals. */
static void the_button_of_a_gate_that_cannot_log_shows_the_fault(void **state)
{
    (void)state;
    const uint32_t fault = GATE_LIGHT_RED | GATE_LIGHT_AMBER | GATE_BUZZER;
    int beeps = 0;
    uint32_t before = 0;
    bench.nor.dead = true;
    bench.wires.inputs = GATE_BUTTON;
    for (int ms = 0; ms < 3000; ms++) {
        gate_bench_run_ms(&bench, 1);
        beeps += (bench.wires.outputs & fault) == fault && !(before & GATE_BUZZER);
        before = bench.wires.outputs;
    }
    assert_int_equal(beeps, 3);
    assert_int_equal(bench.wires.relay_rises, 0);
    bench.nor.dead = false;
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 100);
    bench.wires.inputs = GATE_BUTTON; /* the chip answers again, and so the button works */
    gate_bench_run_ms(&bench, 20);
    assert_int_equal(bench.wires.relay_rises, 1);
    assert_int_equal(newest_of(JOURNAL_EVENT).ref, JOURNAL_OPENED_BY_BUTTON);
}

static void a_button_pressed_too_often_shows_no_fault(void **state)
{
    (void)state;
    for (int i = 0; i <= GATE_QUEUE_MAX; i++) {
        bench.wires.inputs = GATE_BUTTON;
        gate_bench_run_ms(&bench, 60);
        bench.wires.inputs = 0;
        gate_bench_run_ms(&bench, 60);
        assert_false(bench.wires.outputs & GATE_LIGHT_RED);
    }
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_MANUAL_OPENING), GATE_QUEUE_MAX);
}

static void while_released_a_hand_opens_nothing_more(void **state)
{
    (void)state;
    bench.wires.inputs = GATE_FIRE | GATE_BUTTON;
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_TECHNICIAN), ERR_OK);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_MANUAL_OPENING), 0);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 500);
    assert_int_equal(bench.portillon.gate.state, GATE_IDLE);
    assert_false(bench.wires.outputs & GATE_RELAY);
}

static void an_open_housing_shows(void **state)
{
    (void)state;
    bench.wires.inputs = GATE_TAMPER;
    gate_bench_run_ms(&bench, 1200);
    assert_true(bench.wires.outputs & GATE_LIGHT_AMBER);
    assert_int_equal(newest_of(JOURNAL_EVENT).code, JOURNAL_EVENT_TAMPER_START);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 1200);
    assert_false(bench.wires.outputs & GATE_LIGHT_AMBER);
    assert_int_equal(newest_of(JOURNAL_EVENT).code, JOURNAL_EVENT_TAMPER_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BUILDING_TEST(the_lodge_opens_by_button_once_a_press),
        BUILDING_TEST(an_opening_by_hand_waits_its_turn),
        BUILDING_TEST(without_a_reader_the_lodge_still_opens),
        BUILDING_TEST(no_record_no_opening_by_hand),
        BUILDING_TEST(the_button_of_a_gate_that_cannot_log_shows_the_fault),
        BUILDING_TEST(a_button_pressed_too_often_shows_no_fault),
        BUILDING_TEST(while_released_a_hand_opens_nothing_more),
        BUILDING_TEST(an_open_housing_shows),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
