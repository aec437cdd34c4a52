/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs as a drawing: one character for 10 ms, '#' is active. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/gate/inputs.h"
#include "hal/gate_io.h"

#define START_US UINT64_C(5000000)

/* Compares the debounced input with the drawing. */
static void assert_drawn(uint32_t input, const char *readings, const char *expected)
{
    struct inputs inputs = {.active = 0};
    char drawn[256] = "";
    assert_int_equal(strlen(readings), strlen(expected));
    for (size_t i = 0; readings[i] != 0; i++) {
        uint32_t active = inputs_settle(&inputs, readings[i] == '#' ? input : 0, START_US + 10000 * i);
        assert_int_equal(active & ~input, 0);
        drawn[i] = active ? '#' : '.';
    }
    assert_string_equal(drawn, expected);
}

static void what_somebody_waits_for_counts_at_once(void **state)
{
    (void)state;
    static const uint32_t inputs[] = {GATE_ROTATION, GATE_FIRE, GATE_BUTTON};
    for (int i = 0; i < 3; i++)
        assert_drawn(inputs[i], "...#####..........", "...##########.....");
}

static void a_bouncing_contact_is_one_rise(void **state)
{
    (void)state;
    assert_drawn(GATE_ROTATION, ".#.#..##.#####.#..#.#............", ".#########################.......");
    assert_drawn(GATE_FIRE, "#......#....#....#.......", "######.################..");
}

static void the_housing_counts_when_it_has_been_open_for_a_second(void **state)
{
    (void)state;
    char readings[] = "......................................................................................"
                      "..............."
                      "...............";
    char expected[sizeof readings];
    memset(expected, '.', sizeof expected);
    memset(readings + 5, '#', sizeof readings - 6);
    expected[sizeof readings - 1] = 0;
    memset(expected + 105, '#', sizeof readings - 1 - 105);
    assert_drawn(GATE_TAMPER, readings, expected);
}

static void a_chattering_housing_never_counts(void **state)
{
    (void)state;
    struct inputs inputs = {.active = 0};
    for (uint64_t i = 0; i < 100000; i++)
        assert_int_equal(inputs_settle(&inputs, i / 50 % 2 ? GATE_TAMPER : 0, START_US + 10000 * i), 0);
}

static void inputs_do_not_wait_for_each_other(void **state)
{
    (void)state;
    struct inputs inputs = {.active = 0};
    assert_int_equal(inputs_settle(&inputs, GATE_TAMPER, START_US), 0);
    assert_int_equal(inputs_settle(&inputs, GATE_TAMPER | GATE_FIRE, START_US + 500000), GATE_FIRE);
    assert_int_equal(inputs_settle(&inputs, GATE_TAMPER | GATE_FIRE, START_US + 1000000),
                     GATE_TAMPER | GATE_FIRE);
    assert_int_equal(inputs_settle(&inputs, GATE_TAMPER, START_US + 1000001), GATE_TAMPER | GATE_FIRE);
    assert_int_equal(inputs_settle(&inputs, GATE_TAMPER, START_US + 1050001), GATE_TAMPER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_somebody_waits_for_counts_at_once),
        cmocka_unit_test(a_bouncing_contact_is_one_rise),
        cmocka_unit_test(the_housing_counts_when_it_has_been_open_for_a_second),
        cmocka_unit_test(a_chattering_housing_never_counts),
        cmocka_unit_test(inputs_do_not_wait_for_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
