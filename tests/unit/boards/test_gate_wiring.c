/* SPDX-License-Identifier: Apache-2.0 */
/* The settings gpio.*: which are taken, and that a cut wire of a closed loop reads as open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boards/linux/gate_wiring.h"

static struct gate_wiring lines;
static char note[GPIO_LINE_NOTE_LEN];

static int start(void **state)
{
    (void)state;
    memset(&lines, 0, sizeof(lines));
    return 0;
}

static void take(const char *name, const char *value)
{
    assert_int_equal(gate_wiring_set(&lines, name, value, note), ERR_OK);
}

static void expect_wrong(const char *name, const char *value, const char *words)
{
    assert_int_equal(gate_wiring_set(&lines, name, value, note), ERR_FORMAT);
    assert_non_null(strstr(note, words));
    assert_non_null(strstr(note, name));
}

static void each_output_and_input_has_its_line(void **state)
{
    (void)state;
    assert_false(gate_wiring_any(&lines));
    take("relay", "gpiochip0:17, active-low");
    take("button", "\"B\", pull-up");
    assert_true(gate_wiring_any(&lines));
    for (size_t i = 0; i < GATE_OUTPUTS; i++)
        assert_int_equal(lines.outputs[i].is_used, gate_output_names[i].bit == GATE_RELAY);
    for (size_t i = 0; i < GATE_INPUTS; i++)
        assert_int_equal(lines.inputs[i].is_used, gate_input_names[i].bit == GATE_BUTTON);
    assert_true(lines.outputs[0].line.active_low);
}

static void a_gate_needs_relay_and_fire_or_their_absence_in_words(void **state)
{
    (void)state;
    assert_null(gate_wiring_missing(&lines));
    take("green", "gpiochip0:1");
    assert_string_equal(gate_wiring_missing(&lines), "relay");
    take("relay", "gpiochip0:2");
    assert_string_equal(gate_wiring_missing(&lines), "fire");
    take("fire", "none");
    assert_null(gate_wiring_missing(&lines));
    assert_false(lines.inputs[1].is_used);
}

static void a_line_has_one_use(void **state)
{
    (void)state;
    take("relay", "gpiochip0:2");
    expect_wrong("green", "gpiochip0:2, active-low", "another use");
    expect_wrong("button", "gpiochip0:2", "another use");
    expect_wrong("relay", "gpiochip0:3", "twice");
}

static void a_cut_wire_of_a_loop_reads_as_open(void **state)
{
    static const char *const loops[] = {"fire", "tamper"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        start(NULL);
        expect_wrong(loops[i], "A", "say pull-up or pull-down");
        start(NULL);
        expect_wrong(loops[i], "A, active-low", "say pull-up or pull-down");
        start(NULL);
        expect_wrong(loops[i], "A, pull-up", "a cut wire would look like a closed loop");
        start(NULL);
        expect_wrong(loops[i], "A, pull-down, active-low", "a cut wire would look like a closed loop");
        start(NULL);
        take(loops[i], "A, pull-up, active-low");
        start(NULL);
        take(loops[i], "A, pull-down");
        start(NULL);
        take(loops[i], "A, no-pull, active-low");
    }
}

static void the_other_inputs_take_any_resistor(void **state)
{
    (void)state;
    take("rotation", "A");
    take("button", "B, pull-up, debounce=5");
}

static void outputs_have_neither_resistor_nor_debounce(void **state)
{
    (void)state;
    expect_wrong("relay", "A, pull-up", "for inputs");
    expect_wrong("green", "B, debounce=5", "for inputs");
}

static void wrong_names_and_lines_are_named(void **state)
{
    (void)state;
    expect_wrong("door", "A", "no such output or input");
    expect_wrong("", "A", "no such output or input");
    expect_wrong("red", "gpiochip0:", "gpio.red: a line is CHIP:NUMBER");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_output_and_input_has_its_line, start),
        cmocka_unit_test_setup(a_gate_needs_relay_and_fire_or_their_absence_in_words, start),
        cmocka_unit_test_setup(a_line_has_one_use, start),
        cmocka_unit_test_setup(a_cut_wire_of_a_loop_reads_as_open, start),
        cmocka_unit_test_setup(the_other_inputs_take_any_resistor, start),
        cmocka_unit_test_setup(outputs_have_neither_resistor_nor_debounce, start),
        cmocka_unit_test_setup(wrong_names_and_lines_are_named, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
