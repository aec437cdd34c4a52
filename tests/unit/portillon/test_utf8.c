/* SPDX-License-Identifier: Apache-2.0 */
/* How wide a text is on a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tools/portillon/common/utf8.h"

static void a_character_takes_one_column_whatever_its_bytes(void **state)
{
    (void)state;
    assert_int_equal(utf8_columns(""), 0);
    assert_int_equal(utf8_columns("DEBUT"), 5);
    assert_int_equal(utf8_columns("DÉBUT"), 5);
    assert_int_equal(utf8_columns("« d'Été »"), 9);
    assert_int_equal(utf8_columns("quoi\u00A0?"), 6);
    assert_int_equal(utf8_columns("– € 🏫"), 5);
}

static void a_combining_mark_takes_no_column(void **state)
{
    (void)state;
    assert_int_equal(utf8_columns("e\u0301le\u0300ve"), 5);
}

static void a_byte_that_is_not_utf8_takes_one_column(void **state)
{
    (void)state;
    assert_int_equal(utf8_columns("\xE9l\xE8ve"), 5);
    assert_int_equal(utf8_columns("a\xC3"), 2);
}

static void a_field_has_the_same_columns_with_and_without_accents(void **state)
{
    (void)state;
    char field[32];
    snprintf(field, sizeof field, "%-*s|", utf8_width("role", 6), "role");
    assert_string_equal(field, "role  |");
    snprintf(field, sizeof field, "%-*s|", utf8_width("rôlé", 6), "rôlé");
    assert_string_equal(field, "rôlé  |");
    snprintf(field, sizeof field, "%*s|", utf8_width("é", 3), "é");
    assert_string_equal(field, "  é|");
    snprintf(field, sizeof field, "%-*s|", utf8_width("élève", 2), "élève");
    assert_string_equal(field, "élève|");
}

static void a_text_is_cut_between_characters(void **state)
{
    (void)state;
    assert_int_equal(utf8_cut("élève", 0), 0);
    assert_int_equal(utf8_cut("élève", 1), 2);
    assert_int_equal(utf8_cut("élève", 3), 5);
    assert_int_equal(utf8_cut("élève", 9), 7);
    assert_int_equal(utf8_cut("e\u0301le\u0300ve", 1), 3);
    assert_int_equal(utf8_cut("a\xE9z", 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_character_takes_one_column_whatever_its_bytes),
        cmocka_unit_test(a_combining_mark_takes_no_column),
        cmocka_unit_test(a_byte_that_is_not_utf8_takes_one_column),
        cmocka_unit_test(a_text_is_cut_between_characters),
        cmocka_unit_test(a_field_has_the_same_columns_with_and_without_accents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
