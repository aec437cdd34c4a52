/* SPDX-License-Identifier: Apache-2.0 */
/* The gate on GPIO lines, with tests/fakes/fake_gpiod in place of libgpiod: what the wires see. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <gpiod.h>

#include "boards/linux/gate_gpio.h"
#include "tests/fakes/fake_gpiod.h"
#include "tests/fakes/fake_timer.h"

enum { RELAY = 1, GREEN, RED, AMBER, BUZZER, ROTATION, FIRE, TAMPER, BUTTON };
#define AT_REST_HIGH (1u << RELAY | 1u << ROTATION | 1u << BUTTON) /* the others are low */

static struct gate_wiring lines;
static struct gate_gpio gpio;
static struct fake_timer timer;
static char note[GATE_GPIO_NOTE_LEN];

static void set(const char *name, const char *value)
{
    char why[GPIO_LINE_NOTE_LEN];
    assert_int_equal(gate_wiring_set(&lines, name, value, why), ERR_OK);
}

/* Relay board active low, lights active high; rotation, fire and button are contacts to ground. */
static int set_lines(void **state)
{
    (void)state;
    memset(&lines, 0, sizeof(lines));
    fake_gpiod_reset();
    fake_timer_init(&timer, 1000000);
    timer.is_stopped = true;
    set("relay", "gpiochip0:1, active-low");
    set("green", "LINE2");
    set("red", "LINE3");
    set("buzzer", "gpiochip0:5");
    set("rotation", "gpiochip0:6, pull-up, active-low");
    set("fire", "\"LINE7\", pull-up, active-low");
    set("tamper", "LINE8, no-pull, active-low");
    set("button", "gpiochip0:9, pull-up, active-low, debounce=20");
    for (int i = 0; i < FAKE_GPIOD_LINES; i++)
        fake_gpiod_lines[i].high = AT_REST_HIGH >> i & 1;
    gate_gpio_init(&gpio);
    return 0;
}

static int open_gate(void **state)
{
    set_lines(state);
    return gate_gpio_open(&gpio, &lines, &timer.timer, note);
}

static int close_gate(void **state)
{
    (void)state;
    gate_gpio_close(&gpio);
    return fake_gpiod_open_chips; /* none is left */
}

static uint32_t inputs(void)
{
    return gpio.io.get_inputs(gpio.io.ctx);
}

static void outputs(uint32_t wanted)
{
    gpio.io.set_outputs(gpio.io.ctx, wanted);
}

static void the_relay_does_not_move_at_start(void **state)
{
    (void)state;
    assert_true(fake_gpiod_lines[RELAY].is_output);
    assert_true(fake_gpiod_lines[RELAY].high);
    assert_int_equal(fake_gpiod_lines[RELAY].rises + fake_gpiod_lines[RELAY].falls, 0);
    for (int i = GREEN; i <= BUZZER; i++)
        assert_int_equal(fake_gpiod_lines[i].rises, 0);
    assert_int_equal(fake_gpiod_lines[RELAY].order, 1);
    for (int i = ROTATION; i <= BUTTON; i++)
        assert_true(fake_gpiod_lines[i].order > fake_gpiod_lines[BUZZER].order);
}

static void outputs_are_driven_to_their_active_level(void **state)
{
    (void)state;
    outputs(GATE_RELAY | GATE_LIGHT_GREEN | GATE_LIGHT_AMBER);
    assert_false(fake_gpiod_lines[RELAY].high);
    assert_true(fake_gpiod_lines[GREEN].high);
    assert_false(fake_gpiod_lines[RED].high);
    assert_false(fake_gpiod_lines[AMBER].requested);
    outputs(GATE_LIGHT_RED | GATE_BUZZER);
    assert_true(fake_gpiod_lines[RELAY].high);
    assert_false(fake_gpiod_lines[GREEN].high);
    assert_true(fake_gpiod_lines[RED].high);
    assert_true(fake_gpiod_lines[BUZZER].high);
}

static void the_end_drives_the_outputs_off_and_frees_the_lines(void **state)
{
    (void)state;
    outputs(GATE_RELAY | GATE_LIGHT_RED);
    gate_gpio_close(&gpio);
    assert_true(fake_gpiod_lines[RELAY].high);
    assert_false(fake_gpiod_lines[RED].high);
    for (int i = 0; i < FAKE_GPIOD_LINES; i++)
        assert_false(fake_gpiod_lines[i].requested);
}

static void inputs_have_their_resistors(void **state)
{
    (void)state;
    assert_int_equal(fake_gpiod_lines[FIRE].bias_flags, GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP);
    assert_int_equal(fake_gpiod_lines[TAMPER].bias_flags, GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE);
    assert_int_equal(fake_gpiod_lines[GREEN].bias_flags, 0);
    gate_gpio_close(&gpio);
    memset(&lines, 0, sizeof(lines));
    set("fire", "LINE7, pull-down");
    assert_int_equal(gate_gpio_open(&gpio, &lines, &timer.timer, note), ERR_OK);
    assert_int_equal(fake_gpiod_lines[FIRE].bias_flags, GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN);
}

static void closed_contacts_turn_and_press_and_open_loops_are_fire_and_tamper(void **state)
{
    static const struct {
        int line;
        bool active_high;
        uint32_t bit;
    } each[] = {{ROTATION, false, GATE_ROTATION}, {FIRE, true, GATE_FIRE}, {TAMPER, true, GATE_TAMPER}};
    (void)state;
    assert_int_equal(inputs(), 0);
    for (int i = 0; i < 3; i++) {
        fake_gpiod_lines[each[i].line].high = each[i].active_high;
        assert_int_equal(inputs(), each[i].bit);
        fake_gpiod_lines[each[i].line].high = !each[i].active_high;
        assert_int_equal(inputs(), 0);
    }
}

static void an_open_fire_loop_at_the_start_releases_at_the_first_reading(void **state)
{
    (void)state;
    gate_gpio_close(&gpio);
    memset(&lines, 0, sizeof(lines));
    set("fire", "LINE7, pull-up, active-low, debounce=1000");
    fake_gpiod_lines[FIRE].high = true;
    assert_int_equal(gate_gpio_open(&gpio, &lines, &timer.timer, note), ERR_OK);
    assert_int_equal(inputs(), GATE_FIRE);
}

static void a_fire_line_that_cannot_be_read_releases_and_is_told_once(void **state)
{
    (void)state;
    assert_int_equal(inputs(), 0);
    assert_false(gate_gpio_tell(&gpio, note));
    fake_gpiod_lines[FIRE].failing = EIO;
    assert_int_equal(inputs(), GATE_FIRE);
    assert_true(gate_gpio_tell(&gpio, note));
    assert_string_equal(note,
                        "gpio.fire: LINE7: cannot be read, counts as an open contact: Input/output error");
    assert_int_equal(inputs(), GATE_FIRE);
    assert_false(gate_gpio_tell(&gpio, note));
    fake_gpiod_lines[FIRE].failing = 0;
    assert_int_equal(inputs(), 0);
    assert_true(gate_gpio_tell(&gpio, note));
    assert_string_equal(note, "gpio.fire: LINE7: works again");
}

static void other_inputs_that_cannot_be_read_open_nothing(void **state)
{
    (void)state;
    fake_gpiod_lines[ROTATION].failing = fake_gpiod_lines[BUTTON].failing = EIO;
    assert_int_equal(inputs(), 0);
    fake_gpiod_lines[TAMPER].failing = EIO;
    assert_int_equal(inputs(), GATE_TAMPER);
}

static void a_debounced_contact_counts_when_it_stays(void **state)
{
    (void)state;
    assert_int_equal(inputs(), 0);
    fake_gpiod_lines[BUTTON].high = false;
    assert_int_equal(inputs(), 0);
    fake_timer_advance_ms(&timer, 19);
    assert_int_equal(inputs(), 0);
    fake_gpiod_lines[BUTTON].high = true; /* it bounced */
    assert_int_equal(inputs(), 0);
    fake_gpiod_lines[BUTTON].high = false;
    assert_int_equal(inputs(), 0);
    fake_timer_advance_ms(&timer, 19);
    assert_int_equal(inputs(), 0);
    fake_timer_advance_ms(&timer, 1);
    assert_int_equal(inputs(), GATE_BUTTON);
    fake_gpiod_lines[BUTTON].high = true;
    assert_int_equal(inputs(), GATE_BUTTON);
    fake_timer_advance_ms(&timer, 20);
    assert_int_equal(inputs(), 0);
}

static void an_output_that_failed_is_driven_again(void **state)
{
    (void)state;
    outputs(GATE_RELAY);
    fake_gpiod_lines[RELAY].failing = EIO;
    outputs(0);
    assert_false(fake_gpiod_lines[RELAY].high);
    (void)inputs();
    assert_true(gate_gpio_tell(&gpio, note));
    assert_string_equal(note, "gpio.relay: gpiochip0:1: cannot be driven: Input/output error");
    fake_gpiod_lines[RELAY].failing = 0;
    (void)inputs();
    assert_true(fake_gpiod_lines[RELAY].high);
    assert_true(gate_gpio_tell(&gpio, note));
    assert_string_equal(note, "gpio.relay: gpiochip0:1: works again");
}

static void expect_no_start(const char *words)
{
    assert_int_equal(gate_gpio_open(&gpio, &lines, &timer.timer, note), ERR_IO);
    assert_string_equal(note, words);
    assert_int_equal(fake_gpiod_open_chips, 0);
}

static void a_line_that_cannot_be_used_is_named_and_none_is_kept(void **state)
{
    (void)state;
    set_lines(NULL);
    fake_gpiod_lines[FIRE].requested = true; /* by another program */
    expect_no_start("gpio.fire: LINE7: cannot use this line: Device or resource busy");
    assert_false(fake_gpiod_lines[RELAY].requested);
    assert_true(fake_gpiod_lines[RELAY].high);
    set_lines(NULL);
    memset(&lines, 0, sizeof(lines));
    set("relay", "gpiochip9:1");
    expect_no_start("gpio.relay: gpiochip9:1: cannot use this line: No such file or directory");
    memset(&lines, 0, sizeof(lines));
    set("red", "LAMP");
    expect_no_start("gpio.red: LAMP: cannot use this line: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_relay_does_not_move_at_start, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(outputs_are_driven_to_their_active_level, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(the_end_drives_the_outputs_off_and_frees_the_lines, open_gate,
                                        close_gate),
        cmocka_unit_test_setup_teardown(inputs_have_their_resistors, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(closed_contacts_turn_and_press_and_open_loops_are_fire_and_tamper,
                                        open_gate, close_gate),
        cmocka_unit_test_setup_teardown(an_open_fire_loop_at_the_start_releases_at_the_first_reading,
                                        open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_fire_line_that_cannot_be_read_releases_and_is_told_once, open_gate,
                                        close_gate),
        cmocka_unit_test_setup_teardown(other_inputs_that_cannot_be_read_open_nothing, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_debounced_contact_counts_when_it_stays, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(an_output_that_failed_is_driven_again, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_line_that_cannot_be_used_is_named_and_none_is_kept, set_lines,
                                        close_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
