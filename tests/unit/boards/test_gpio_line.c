/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions of GPIO lines as they stand in the configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boards/linux/gpio_line.h"

static struct gpio_line line;
static char note[GPIO_LINE_NOTE_LEN];

static void expect_wrong(const char *text, const char *words)
{
    note[0] = '\0';
    assert_int_equal(gpio_line_parse(&line, text, note), ERR_FORMAT);
    assert_non_null(strstr(note, words));
}

static void a_line_is_a_chip_and_a_number(void **state)
{
    char text[GPIO_LINE_NAME_LEN + 8];
    (void)state;
    assert_int_equal(gpio_line_parse(&line, "gpiochip0:17", note), ERR_OK);
    assert_string_equal(line.chip, "gpiochip0");
    assert_int_equal(line.number, 17);
    assert_false(line.active_low);
    assert_int_equal(line.bias, GPIO_BIAS_AS_IS);
    assert_int_equal(line.debounce_ms, 0);
    gpio_line_print(&line, text);
    assert_string_equal(text, "gpiochip0:17");
    assert_int_equal(gpio_line_parse(&line, "/dev/gpiochip12:65535", note), ERR_OK);
    assert_string_equal(line.chip, "/dev/gpiochip12");
    assert_int_equal(line.number, 65535);
}

static void a_line_has_a_name_with_or_without_quotes(void **state)
{
    char text[GPIO_LINE_NAME_LEN + 8];
    (void)state;
    assert_int_equal(gpio_line_parse(&line, "GPIO17", note), ERR_OK);
    assert_string_equal(line.chip, "");
    assert_string_equal(line.name, "GPIO17");
    assert_int_equal(gpio_line_parse(&line, "\"bus:3, left\" , pull-up", note), ERR_OK);
    assert_string_equal(line.chip, "");
    assert_string_equal(line.name, "bus:3, left");
    assert_int_equal(line.bias, GPIO_BIAS_PULL_UP);
    gpio_line_print(&line, text);
    assert_string_equal(text, "bus:3, left");
}

static void flags_follow_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(gpio_line_parse(&line, "gpiochip0:4 ,\tdebounce=20,active-low , pull-down", note),
                     ERR_OK);
    assert_int_equal(line.number, 4);
    assert_true(line.active_low);
    assert_int_equal(line.bias, GPIO_BIAS_PULL_DOWN);
    assert_int_equal(line.debounce_ms, 20);
    assert_int_equal(gpio_line_parse(&line, "FIRE, no-pull, debounce=1000", note), ERR_OK);
    assert_int_equal(line.bias, GPIO_BIAS_NONE);
    assert_int_equal(line.debounce_ms, 1000);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    expect_wrong("gpiochip0:x", "not gpiochip0:x");
    expect_wrong("gpiochip0:", "not gpiochip0:");
    expect_wrong(":17", "not :17");
    expect_wrong("gpiochip0:-1", "not gpiochip0:-1");
    expect_wrong("gpiochip0:65536", "not gpiochip0:65536");
    expect_wrong("gpiochip0:4294967297", "not gpiochip0:4294967297");
    expect_wrong("", "1 to 63 bytes");
    expect_wrong(", active-low", "1 to 63 bytes");
    expect_wrong("\"\", active-low", "1 to 63 bytes");
    expect_wrong("\"FIRE", "quote is not closed");
    expect_wrong("\"FIRE\" active-low", "comma is missing before active-low");
    expect_wrong("FIRE,", "after a comma");
    expect_wrong("FIRE,,active-low", "after a comma");
    expect_wrong("FIRE, pull_up", "not pull_up");
    expect_wrong("FIRE, pull-up, no-pull", "only one of");
    expect_wrong("FIRE, debounce=", "not ");
    expect_wrong("FIRE, debounce=1001", "not 1001");
    expect_wrong("FIRE, debounce=5ms", "not 5ms");
    expect_wrong("0123456789012345678901234567890123456789012345678901234567890123", "1 to 63 bytes");
}

static void lines_are_the_same_by_chip_and_number_or_by_name(void **state)
{
    struct gpio_line other;
    (void)state;
    assert_int_equal(gpio_line_parse(&line, "gpiochip0:4, active-low", note), ERR_OK);
    assert_int_equal(gpio_line_parse(&other, "gpiochip0:4, pull-up", note), ERR_OK);
    assert_true(gpio_line_is_same(&line, &other));
    assert_int_equal(gpio_line_parse(&other, "gpiochip0:5", note), ERR_OK);
    assert_false(gpio_line_is_same(&line, &other));
    assert_int_equal(gpio_line_parse(&other, "gpiochip1:4", note), ERR_OK);
    assert_false(gpio_line_is_same(&line, &other));
    assert_int_equal(gpio_line_parse(&line, "A", note), ERR_OK);
    assert_int_equal(gpio_line_parse(&other, "B", note), ERR_OK);
    assert_false(gpio_line_is_same(&line, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_a_chip_and_a_number),
        cmocka_unit_test(a_line_has_a_name_with_or_without_quotes),
        cmocka_unit_test(flags_follow_in_any_order),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(lines_are_the_same_by_chip_and_number_or_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
