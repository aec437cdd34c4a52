/* SPDX-License-Identifier: Apache-2.0 */
/* Days as people and schools' files write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/common/weekdays.h"

static void assert_days(const char *text, uint8_t wanted)
{
    char unknown[WEEKDAYS_TEXT_SIZE] = "";
    uint8_t mask = 0;
    if (weekdays_parse(text, strlen(text), &mask, unknown) != ERR_OK || mask != wanted)
        fail_msg("'%s' is %02x, wanted %02x (unknown: %s)", text, mask, wanted, unknown);
}

static void assert_no_days(const char *text, const char *wanted)
{
    char unknown[WEEKDAYS_TEXT_SIZE] = "";
    uint8_t mask;
    assert_int_equal(weekdays_parse(text, strlen(text), &mask, unknown), ERR_FORMAT);
    assert_string_equal(unknown, wanted);
}

static void names_in_both_languages_are_days(void **state)
{
    (void)state;
    assert_days("lundi", 0x01);
    assert_days("Lun, Mar; jeu/VEN", 0x1B);
    assert_days("mon tue wed thu fri sat sun", 0x7F);
    assert_days("mer.", 0x04);
    assert_days("lundi et jeudi", 0x09);
}

static void ranges_go_over_the_end_of_the_week(void **state)
{
    (void)state;
    assert_days("mon-fri", 0x1F);
    assert_days("du lundi au vendredi", 0x1F);
    assert_days("sam - lun", 0x61);
    assert_days("lun-mar, jeu-ven", 0x1B);
    assert_days("tous les jours", 0x7F);
    assert_days("every day", 0x7F);
}

static void letters_are_days_in_the_order_of_the_week(void **state)
{
    (void)state;
    assert_days("LMMJV", 0x1F);
    assert_days("LMJV", 0x1B); /* one M: mardi, as in the usual four days */
    assert_days("LMeJV", 0x1D);
    assert_days("LMMeJV", 0x1F);
    assert_days("MM", 0x06);
    assert_days("V", 0x10);
    assert_days("1,2,4,5", 0x1B);
    assert_days("1245", 0x1B);
}

static void a_word_that_is_no_day_is_named(void **state)
{
    (void)state;
    assert_no_days("lun, mrdi", "mrdi");
    assert_no_days("VL", "VL");
    assert_no_days("8", "8");
    assert_no_days("11", "11");
    assert_no_days("", "");
    assert_no_days("lun-", "lun-");
    assert_no_days("-ven", "-");
    assert_no_days("lun-nuit", "nuit");
}

static void a_mask_is_shown_with_ranges(void **state)
{
    (void)state;
    static const struct {
        uint8_t mask;
        const char *text;
    } table[] = {{0x1F, "mon-fri"}, {0x1B, "mon tue thu fri"}, {0x7F, "every day"},      {0x00, "no day"},
                 {0x40, "sun"},     {0x77, "mon-wed fri-sun"}, {0x55, "mon wed fri sun"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char text[WEEKDAYS_TEXT_SIZE], same[WEEKDAYS_TEXT_SIZE];
        weekdays_format(table[i].mask, text);
        weekdays_text(table[i].mask, same);
        assert_string_equal(same, text); /* the tests run in English */
        assert_string_equal(text, table[i].text);
        if (table[i].mask != 0)
            assert_days(text, table[i].mask);
    }
    assert_int_equal(weekdays_count(0x1B), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_both_languages_are_days),
        cmocka_unit_test(ranges_go_over_the_end_of_the_week),
        cmocka_unit_test(letters_are_days_in_the_order_of_the_week),
        cmocka_unit_test(a_word_that_is_no_day_is_named),
        cmocka_unit_test(a_mask_is_shown_with_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
