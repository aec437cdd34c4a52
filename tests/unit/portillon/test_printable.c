/* SPDX-License-Identifier: Apache-2.0 */
/* What of a text from outside reaches a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/common/printable.h"

static void check(const char *text, const char *wanted)
{
    char bytes[128];
    strcpy(bytes, text);
    printable_text(bytes);
    assert_string_equal(bytes, wanted);
}

static void text_in_any_script_stays(void **state)
{
    (void)state;
    check("Aïcha d'Été, élève n° 7 – 2ᵉ", "Aïcha d'Été, élève n° 7 – 2ᵉ");
    check("中文 עברית العربية 🏫", "中文 עברית العربية 🏫");
    check("\xC2\xA0~ ", "\xC2\xA0~ ");
}

static void controls_of_ascii_are_replaced(void **state)
{
    (void)state;
    check("\x1B[2J\x1B]0;x\x07\r\n\t\x7F", "?[2J?]0;x?????");
}

static void c1_controls_are_replaced_as_bytes_and_as_utf8(void **state)
{
    (void)state;
    check("a\x9B"
          "2Jb",
          "a?2Jb");
    check("a\xC2\x9B"
          "2J\xC2\x80\xC2\x9F"
          "b",
          "a?2J??b");
}

static void marks_of_direction_are_replaced(void **state)
{
    (void)state;
    check("a\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\u061Cz", "a????????????z");
    check("\u2028\u2029", "??");
    check("\u200D\u2010\u202F\u2065\u206A", "\u200D\u2010\u202F\u2065\u206A");
}

static void bytes_that_are_no_utf8_are_replaced_each(void **state)
{
    (void)state;
    check("\xC3", "?");
    check("\xE9l\xE8ve", "?l?ve");
    check("\xC0\x9B\xED\xA0\x80\xF5", "??????");
}

static void lines_stay_where_they_are_wanted(void **state)
{
    static const char text[] = "a\tb\n\x1B[0m\r\n";
    char out[sizeof text] = "";
    size_t used;
    (void)state;
    assert_int_equal(printable_copy_lines(out, text, sizeof text - 1, &used), sizeof text - 1);
    assert_int_equal(used, sizeof text - 1);
    assert_string_equal(out, "a\tb\n?[0m?\n");
}

static void a_character_that_is_cut_waits_for_the_rest(void **state)
{
    static const char text[] = "\xF0\x9F\x8F\xAB";
    char out[8];
    size_t used;
    (void)state;
    for (size_t len = 1; len < 4; len++) {
        assert_int_equal(printable_copy_lines(out, text, len, &used), 0);
        assert_int_equal(used, 0);
    }
    assert_int_equal(printable_copy_lines(out, "\xC2", 1, &used), 0); /* 9B may follow */
    assert_int_equal(printable_copy_lines(out, "\xC2\n", 2, &used), 2);
    assert_memory_equal(out, "?\n", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_in_any_script_stays),
        cmocka_unit_test(controls_of_ascii_are_replaced),
        cmocka_unit_test(c1_controls_are_replaced_as_bytes_and_as_utf8),
        cmocka_unit_test(marks_of_direction_are_replaced),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced_each),
        cmocka_unit_test(lines_stay_where_they_are_wanted),
        cmocka_unit_test(a_character_that_is_cut_waits_for_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
