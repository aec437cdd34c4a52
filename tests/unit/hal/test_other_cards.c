/* SPDX-License-Identifier: Apache-2.0 */
/* When a driver looks for cards of type B and FeliCa, and what it makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal/common/other_cards.h"

static struct other_cards others;
static uint64_t now_us;

static int start(void **state)
{
    (void)state;
    memset(&others, 0, sizeof others);
    now_us = 5000000;
    return 0;
}

/* Waits for the next scan and gives its result. Returns the kind that it was for. */
static enum other_card scan(bool is_present, bool *has_left)
{
    now_us += 250000;
    enum other_card kind = other_cards_next(&others, now_us);
    *has_left = other_cards_note(&others, kind, is_present, now_us);
    return kind;
}

static void four_scans_a_second_take_turns(void **state)
{
    (void)state;
    int count[3] = {0};
    for (int ms = 0; ms < 10000; ms++, now_us += 1000) {
        enum other_card kind = other_cards_next(&others, now_us);
        count[kind]++;
        if (kind != OTHER_CARD_NONE)
            assert_false(other_cards_note(&others, kind, false, now_us));
    }
    assert_int_equal(count[OTHER_CARD_TYPE_B], 20);
    assert_int_equal(count[OTHER_CARD_FELICA], 20);
}

static void a_card_is_reported_once_after_a_scan_for_type_a(void **state)
{
    (void)state;
    bool has_left;
    assert_int_equal(scan(true, &has_left), OTHER_CARD_TYPE_B);
    now_us += 250000;
    assert_int_equal(other_cards_next(&others, now_us), OTHER_CARD_NONE); /* type A first */
    assert_true(other_cards_confirm(&others, false));
    assert_false(other_cards_confirm(&others, false));
    for (int i = 0; i < 5; i++) { /* held */
        assert_int_equal(scan(true, &has_left), OTHER_CARD_TYPE_B);
        assert_false(has_left);
        assert_false(other_cards_confirm(&others, false));
    }
}

static void what_answers_as_type_a_too_is_a_type_a_card(void **state)
{
    (void)state;
    bool has_left;
    assert_int_equal(scan(true, &has_left), OTHER_CARD_TYPE_B);
    assert_false(other_cards_confirm(&others, true));
    assert_false(other_cards_confirm(&others, false));
    assert_int_equal(scan(false, &has_left), OTHER_CARD_FELICA);
}

static void a_card_has_left_after_two_misses(void **state)
{
    (void)state;
    bool has_left;
    assert_int_equal(scan(true, &has_left), OTHER_CARD_TYPE_B);
    assert_true(other_cards_confirm(&others, false));
    (void)scan(false, &has_left);
    assert_false(has_left);
    (void)scan(true, &has_left);
    (void)scan(false, &has_left);
    assert_false(has_left);
    assert_int_equal(scan(false, &has_left), OTHER_CARD_TYPE_B);
    assert_true(has_left);
    assert_int_equal(scan(true, &has_left), OTHER_CARD_FELICA);
    assert_true(other_cards_confirm(&others, false));
}

static void a_pause_and_an_outage_are_kept(void **state)
{
    (void)state;
    bool has_left;
    (void)scan(true, &has_left);
    assert_true(other_cards_confirm(&others, false));
    other_cards_delay(&others, now_us, OTHER_CARDS_PAUSE_US);
    assert_int_equal(other_cards_next(&others, now_us + 9999999), OTHER_CARD_NONE);
    assert_int_equal(other_cards_next(&others, now_us + 10000000), OTHER_CARD_TYPE_B);
    other_cards_clear(&others);
    now_us += 10000000;
    assert_int_equal(scan(true, &has_left), OTHER_CARD_FELICA);
    assert_true(other_cards_confirm(&others, false)); /* reported anew */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(four_scans_a_second_take_turns, start),
        cmocka_unit_test_setup(a_card_is_reported_once_after_a_scan_for_type_a, start),
        cmocka_unit_test_setup(what_answers_as_type_a_too_is_a_type_a_card, start),
        cmocka_unit_test_setup(a_card_has_left_after_two_misses, start),
        cmocka_unit_test_setup(a_pause_and_an_outage_are_kept, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
