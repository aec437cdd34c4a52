/* SPDX-License-Identifier: Apache-2.0 */
/* How a configuration is changed and its comments kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boards/linux/setup/setup_config.h"

static struct setup_config config;

static void begin_with(const char *text)
{
    strcpy(config.text, text);
}

static void a_line_in_use_gets_the_value(void **state)
{
    (void)state;
    begin_with("# one\n#reader = auto\n  reader = none  # a remark\nfsync = yes\n");
    assert_int_equal(setup_config_set(&config, "reader", "auto"), ERR_OK);
    assert_string_equal(config.text, "# one\n#reader = auto\nreader = auto\nfsync = yes\n");
}

static void an_option_that_is_commented_out_is_used(void **state)
{
    (void)state;
    begin_with("# serial = is a prose line\n#serial = /dev/ttyS0\n#serial = /dev/ttyS1\n");
    assert_int_equal(setup_config_set(&config, "serial", "/dev/ttyUSB0"), ERR_OK);
    assert_string_equal(config.text,
                        "# serial = is a prose line\nserial = /dev/ttyUSB0\n#serial = /dev/ttyS1\n");
}

static void an_option_that_is_not_there_is_added(void **state)
{
    (void)state;
    begin_with("fsync = yes");
    assert_int_equal(setup_config_set(&config, "no-rtc", "yes"), ERR_OK);
    assert_string_equal(config.text, "fsync = yes\nno-rtc = yes\n");
}

static void a_longer_name_is_another_option(void **state)
{
    (void)state;
    begin_with("reader-helper = a\nmy-reader = b\n");
    assert_int_equal(setup_config_set(&config, "reader", "auto"), ERR_OK);
    assert_string_equal(config.text, "reader-helper = a\nmy-reader = b\nreader = auto\n");
}

static void an_option_is_dropped_by_a_comment(void **state)
{
    (void)state;
    begin_with("pty = gate.tty\nfsync = yes\n");
    assert_int_equal(setup_config_drop(&config, "pty"), ERR_OK);
    assert_int_equal(setup_config_drop(&config, "pty"), ERR_OK);
    assert_string_equal(config.text, "#pty = gate.tty\nfsync = yes\n");
}

static void a_text_gets_quotes_where_it_needs_them(void **state)
{
    (void)state;
    begin_with("");
    assert_int_equal(setup_config_set_text(&config, "identity", "nord # 1.id"), ERR_OK);
    assert_int_equal(setup_config_set_text(&config, "flash", "a.flash"), ERR_OK);
    assert_string_equal(config.text, "identity = \"nord # 1.id\"\nflash = a.flash\n");
    assert_int_equal(setup_config_set_text(&config, "flash", "a\"b"), ERR_ARGUMENT);
    assert_int_equal(setup_config_set_text(&config, "flash", ""), ERR_ARGUMENT);
}

static void a_value_is_found_without_its_remark(void **state)
{
    (void)state;
    begin_with("#gpio.fire = GPIO6\ngpio.relay = GPIO17, active-low   # the lock\n");
    assert_string_equal(setup_config_get(&config, "gpio.relay"), "GPIO17, active-low");
    assert_null(setup_config_get(&config, "gpio.fire"));
}

static void a_text_that_is_full_does_not_change(void **state)
{
    (void)state;
    memset(config.text, '#', CONFIG_FILE_MAX - 1);
    strcpy(config.text + CONFIG_FILE_MAX - 1, "\n");
    assert_int_equal(setup_config_set(&config, "fsync", "yes"), ERR_NO_SPACE);
    assert_int_equal(strlen(config.text), CONFIG_FILE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_in_use_gets_the_value),
        cmocka_unit_test(an_option_that_is_commented_out_is_used),
        cmocka_unit_test(an_option_that_is_not_there_is_added),
        cmocka_unit_test(a_longer_name_is_another_option),
        cmocka_unit_test(an_option_is_dropped_by_a_comment),
        cmocka_unit_test(a_text_gets_quotes_where_it_needs_them),
        cmocka_unit_test(a_value_is_found_without_its_remark),
        cmocka_unit_test(a_text_that_is_full_does_not_change),
    };
    return cmocka_run_group_tests_name("setup config", tests, NULL, NULL);
}
