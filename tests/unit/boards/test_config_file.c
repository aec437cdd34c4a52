/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration file says, line by line, and what is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "boards/linux/config_file.h"

static char text[CONFIG_FILE_MAX + 1];
static char note[CONFIG_FILE_NOTE_LEN];
static struct config_file file;
static struct config_setting setting;

static void start_bytes(const char *bytes, size_t len)
{
    memcpy(text, bytes, len);
    config_file_start(&file, text, len);
}

static void start(const char *bytes)
{
    start_bytes(bytes, strlen(bytes));
}

static void expect(const char *name, const char *value, unsigned line)
{
    assert_int_equal(config_file_next(&file, &setting, note), 1);
    assert_string_equal(setting.name, name);
    assert_string_equal(setting.value, value);
    assert_int_equal(file.line, line);
}

static void expect_wrong(const char *bytes, unsigned line, const char *words)
{
    start(bytes);
    int got;
    while ((got = config_file_next(&file, &setting, note)) == 1)
        ;
    assert_int_equal(got, ERR_FORMAT);
    assert_int_equal(file.line, line);
    assert_non_null(strstr(note, words));
}

static void settings_stand_between_comments_and_empty_lines(void **state)
{
    (void)state;
    start("# a gate\n\n  reader = none   # no reader yet\n\t\nflash=a b.flash\r\ngpio.relay\t=\tx, y");
    expect("reader", "none", 3);
    expect("flash", "a b.flash", 5);
    expect("gpio.relay", "x, y", 6);
    assert_int_equal(config_file_next(&file, &setting, note), 0);
    assert_int_equal(config_file_next(&file, &setting, note), 0);
}

static void a_hash_begins_a_comment_only_after_a_blank_and_outside_quotes(void **state)
{
    (void)state;
    start("pty = a#b\nflash = \"a # b\" # c\nanchor = a=b\n#serial = x\n");
    expect("pty", "a#b", 1);
    expect("flash", "\"a # b\"", 2);
    expect("anchor", "a=b", 3);
    assert_int_equal(config_file_next(&file, &setting, note), 0);
}

static void an_empty_file_has_no_settings(void **state)
{
    (void)state;
    start("");
    assert_int_equal(config_file_next(&file, &setting, note), 0);
}

static void a_wrong_line_is_named(void **state)
{
    (void)state;
    expect_wrong("reader = none\nflash\n", 2, "not flash");
    expect_wrong("\n\n= none\n", 3, "not = none");
    expect_wrong("Reader = none", 1, "not Reader = none");
    expect_wrong("flash file = x", 1, "not flash file = x");
    expect_wrong("flash = \n", 1, "no value for flash");
    expect_wrong("flash = # later\n", 1, "no value for flash");
    expect_wrong("flash = \"a\nb\"\n", 1, "quote is not closed: flash = \"a");
    expect_wrong("flash = a\x01", 1, "no text");
    expect_wrong("flash = a\rb", 1, "no text");
}

static void a_byte_of_zero_is_wrong(void **state)
{
    (void)state;
    start_bytes("flash = a\0b\n", 12);
    assert_int_equal(config_file_next(&file, &setting, note), ERR_FORMAT);
    assert_int_equal(file.line, 1);
}

static void quotes_stand_around_a_whole_value(void **state)
{
    char quoted[] = "\" a\"", bare[] = "a", half[] = "\"", empty[] = "\"\"", inside[] = "a\"b\"",
         two[] = "\"a\"\"b\"";
    (void)state;
    assert_string_equal(config_file_unquote(quoted), " a");
    assert_string_equal(config_file_unquote(bare), "a");
    assert_null(config_file_unquote(half));
    assert_null(config_file_unquote(empty));
    assert_null(config_file_unquote(inside));
    assert_null(config_file_unquote(two));
}

static void a_file_is_read_up_to_its_limit(void **state)
{
    char path[] = "/tmp/test_config_file.XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "reader = none\n", 14), 14);
    assert_int_equal(config_file_read(&file, path, text, note), ERR_OK);
    expect("reader", "none", 1);
    assert_int_equal(ftruncate(fd, CONFIG_FILE_MAX), 0);
    assert_int_equal(config_file_read(&file, path, text, note), ERR_OK);
    assert_int_equal(ftruncate(fd, CONFIG_FILE_MAX + 1), 0);
    assert_int_equal(config_file_read(&file, path, text, note), ERR_NO_SPACE);
    assert_non_null(strstr(note, path));
    close(fd);
    unlink(path);
    assert_int_equal(config_file_read(&file, path, text, note), ERR_IO);
    assert_non_null(strstr(note, "No such file"));
    assert_int_equal(config_file_read(&file, "/tmp", text, note), ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_stand_between_comments_and_empty_lines),
        cmocka_unit_test(a_hash_begins_a_comment_only_after_a_blank_and_outside_quotes),
        cmocka_unit_test(an_empty_file_has_no_settings),
        cmocka_unit_test(a_wrong_line_is_named),
        cmocka_unit_test(a_byte_of_zero_is_wrong),
        cmocka_unit_test(quotes_stand_around_a_whole_value),
        cmocka_unit_test(a_file_is_read_up_to_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
