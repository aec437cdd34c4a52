/* SPDX-License-Identifier: Apache-2.0 */
/* The cards that a driver knows to be in the field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal/common/card_set.h"

static struct card_set set;

static struct reader_target card(uint8_t first, uint8_t last)
{
    return (struct reader_target){.uid = {first, 2, 3, last}, .uid_len = 4, .sak = 8};
}

static uint32_t add(uint8_t last, uint64_t now_us)
{
    const struct reader_target target = card(4, last);
    card_set_add(&set, &target, now_us);
    return set.newest;
}

static int clear(void **state)
{
    (void)state;
    memset(&set, 0, sizeof set);
    return 0;
}

static void a_card_is_found_by_its_whole_uid(void **state)
{
    (void)state;
    struct reader_target other = card(4, 2);
    uint32_t number = add(1, 10);
    assert_int_equal(card_set_find(&set, &other), 0);
    other = card(4, 1);
    assert_int_equal(card_set_find(&set, &other), number);
    other.uid_len = 7;
    assert_int_equal(card_set_find(&set, &other), 0);
}

static void two_random_uids_are_one_card(void **state)
{
    (void)state;
    const struct reader_target before = card(8, 1), after = card(8, 2);
    card_set_add(&set, &before, 10);
    assert_int_equal(card_set_find(&set, &after), set.newest);
    card_set_see(&set, set.newest, &after, 20);
    assert_memory_equal(card_set_target(&set, set.newest), &after, sizeof after);
}

static void the_stalest_card_is_never_the_current_one(void **state)
{
    (void)state;
    assert_int_equal(card_set_stalest(&set), 0);
    uint32_t first = add(1, 10);
    assert_int_equal(card_set_stalest(&set), 0);
    uint32_t second = add(2, 20);
    assert_int_equal(card_set_stalest(&set), first);
    const struct reader_target target = card(4, 1);
    card_set_see(&set, first, &target, 30);
    assert_int_equal(card_set_stalest(&set), second);
}

static void a_card_has_left_after_two_misses_in_a_row(void **state)
{
    (void)state;
    uint32_t number = add(1, 10);
    const struct reader_target target = card(4, 1);
    assert_false(card_set_miss(&set, number));
    assert_int_equal(set.current, 0);
    card_set_see(&set, number, &target, 20);
    assert_int_equal(set.current, number);
    assert_false(card_set_miss(&set, number));
    assert_true(card_set_miss(&set, number));
}

static void a_card_with_a_random_uid_gets_more_checks(void **state)
{
    (void)state;
    const struct reader_target target = card(8, 1);
    card_set_add(&set, &target, 10);
    for (int i = 1; i < CARD_SET_MISSES_RANDOM_MAX; i++)
        assert_false(card_set_miss(&set, set.newest));
    assert_true(card_set_miss(&set, set.newest));
}

static void scans_and_checks_take_turns(void **state)
{
    (void)state;
    uint32_t first = add(1, 10);
    assert_int_equal(card_set_turn(&set), 0); /* nothing to check */
    add(2, 20);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(card_set_turn(&set), first);
        card_set_begin_turn(&set, first);
        assert_int_equal(card_set_turn(&set), 0);
        card_set_begin_turn(&set, 0);
    }
}

static void a_selected_card_is_halted_but_in_one_scan_of_four(void **state)
{
    (void)state;
    assert_false(card_set_needs_halt(&set, 0));
    add(1, 10);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(card_set_needs_halt(&set, 0), i % 4 != 3);
        assert_true(card_set_needs_halt(&set, 1));
        card_set_begin_turn(&set, 0);
    }
    set.cards[0].target.sak = 0x20; /* it would stay selected for ever, and unknown to the reader */
    for (int i = 0; i < 8; i++) {
        assert_true(card_set_needs_halt(&set, 0));
        card_set_begin_turn(&set, 0);
    }
}

static void a_card_removed_leaves_the_others(void **state)
{
    (void)state;
    uint32_t numbers[READER_CARDS_MAX];
    for (uint8_t i = 0; i < READER_CARDS_MAX; i++)
        numbers[i] = add(i, i);
    card_set_remove(&set, numbers[1]);
    assert_null(card_set_target(&set, numbers[1]));
    for (uint8_t i = 0; i < READER_CARDS_MAX; i++)
        if (i != 1)
            assert_int_equal(card_set_target(&set, numbers[i])->uid[3], i);
    assert_int_equal(set.current, numbers[READER_CARDS_MAX - 1]);
    card_set_remove(&set, set.current);
    assert_int_equal(set.current, 0);
    assert_int_equal(set.count, READER_CARDS_MAX - 2);
}

static void a_number_is_not_used_again(void **state)
{
    (void)state;
    uint32_t first = add(1, 10);
    card_set_clear(&set);
    assert_int_equal(set.count, 0);
    assert_null(card_set_target(&set, first));
    assert_true(add(1, 20) > first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_card_is_found_by_its_whole_uid, clear),
        cmocka_unit_test_setup(two_random_uids_are_one_card, clear),
        cmocka_unit_test_setup(the_stalest_card_is_never_the_current_one, clear),
        cmocka_unit_test_setup(a_card_has_left_after_two_misses_in_a_row, clear),
        cmocka_unit_test_setup(a_card_with_a_random_uid_gets_more_checks, clear),
        cmocka_unit_test_setup(scans_and_checks_take_turns, clear),
        cmocka_unit_test_setup(a_selected_card_is_halted_but_in_one_scan_of_four, clear),
        cmocka_unit_test_setup(a_card_removed_leaves_the_others, clear),
        cmocka_unit_test_setup(a_number_is_not_used_again, clear),
    };
    return cmocka_run_group_tests_name("card_set", tests, NULL, NULL);
}
