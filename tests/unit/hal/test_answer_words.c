/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hal/common/answer_words.h"

static void both_languages_say_yes_and_no(void **state)
{
    static const char *const yes[] = {"yes", "y", "Y", "oui", "O", "OUI", "  oui \t\r\n"};
    static const char *const no[] = {"no", "n", "non", "N", "NON", "no\n"};
    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        assert_int_equal(answer_words_yes_no(yes[i]), YES_NO_YES);
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        assert_int_equal(answer_words_yes_no(no[i]), YES_NO_NO);
}

static void another_line_says_neither(void **state)
{
    static const char *const neither[] = {"", " ", "ye", "yess", "yes no", "nord", "1", "\n"};
    (void)state;
    for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++)
        assert_int_equal(answer_words_yes_no(neither[i]), YES_NO_NEITHER);
}

static void a_word_is_meant_by_its_first_letter_too(void **state)
{
    (void)state;
    assert_true(answer_words_match("again", "again"));
    assert_true(answer_words_match("A", "again"));
    assert_false(answer_words_match("ag", "again"));
    assert_false(answer_words_match("", "again"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_languages_say_yes_and_no),
        cmocka_unit_test(another_line_says_neither),
        cmocka_unit_test(a_word_is_meant_by_its_first_letter_too),
    };
    return cmocka_run_group_tests_name("answer words", tests, NULL, NULL);
}
