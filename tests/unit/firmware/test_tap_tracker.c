/* SPDX-License-Identifier: Apache-2.0 */
/* From the reports of the reader to taps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/access/tap_tracker.h"

#define SECOND UINT64_C(1000000)

static struct tap_tracker tracker;
static uint64_t now_us;
static uint32_t stay_s;

static int start(void **state)
{
    (void)state;
    memset(&tracker, 0, sizeof tracker);
    now_us = 1000 * SECOND;
    return 0;
}

static bool report(enum reader_event event, uint8_t card)
{
    const struct reader_report report = {.event = event, .target = {.uid = {4, 2, 3, card}, .uid_len = 4}};
    return tap_tracker_feed(&tracker, &report, now_us);
}

static enum tap_change poll_after(uint64_t seconds)
{
    now_us += seconds * SECOND;
    return tap_tracker_poll(&tracker, now_us, &stay_s);
}

/* Feeds reports. A capital letter is a card that is there, a small one a card that left; - is an empty field,
 * ^ the reader is up, v down. Returns the count of taps. */
static int feed(const char *reports)
{
    int taps = 0;
    for (; *reports != 0; reports++) {
        uint8_t card = *reports & 0x1F;
        if (*reports == '-')
            taps += report(READER_EMPTY, 0);
        else if (*reports == '^' || *reports == 'v')
            taps += report(*reports == '^' ? READER_UP : READER_DOWN, 0);
        else
            taps += report(*reports >= 'a' ? READER_GONE : READER_CARD, card);
    }
    return taps;
}

static void each_card_is_a_tap_until_it_leaves(void **state)
{
    static const struct {
        const char *reports;
        int taps;
    } cases[] = {
        {"", 0},      {"A", 1},      {"AAAA", 1},    {"-", 0},        {"----", 0},     {"-A", 1},
        {"A-", 1},    {"A-A", 2},    {"AA-AA-A", 3}, {"A----A", 2},   {"^v", 0},       {"Av^A", 1},
        {"A-v^A", 2}, {"Av-^A", 2},  {"Av^-A", 2},   {"Av^v^AA", 1},  {"^A-A-A-A", 4}, {"AB", 2},
        {"ABAB", 2},  {"AB-AB", 4},  {"ABbB", 3},    {"ABbBbB", 4},   {"ABaA", 3},     {"ABaBbA", 3},
        {"ABCcC", 4}, {"ABv^AB", 2}, {"ABv^AbB", 3}, {"ABCDEF-A", 7}, {"bA", 1},       {"abcABC", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(state);
        int taps = feed(cases[i].reports);
        if (taps != cases[i].taps)
            print_error("%s: %d taps, not %d\n", cases[i].reports, taps, cases[i].taps);
        assert_int_equal(taps, cases[i].taps);
    }
}

/* A reader tells of a card of another kind without a UID. An empty field is one without type A cards. */
static void a_card_of_another_kind_leaves_only_when_it_is_told(void **state)
{
    (void)state;
    const struct reader_report other = {.event = READER_CARD}, gone = {.event = READER_GONE};
    assert_true(tap_tracker_feed(&tracker, &other, now_us));
    assert_int_equal(feed("A-B-"), 2);
    assert_false(tap_tracker_feed(&tracker, &other, now_us));
    assert_false(tap_tracker_feed(&tracker, &gone, now_us));
    assert_true(tap_tracker_feed(&tracker, &other, now_us));
}

static void a_uid_is_compared_as_a_whole(void **state)
{
    (void)state;
    struct reader_report card = {.event = READER_CARD, .target = {.uid = {4, 2, 3, 1}, .uid_len = 4}};
    assert_true(tap_tracker_feed(&tracker, &card, now_us));
    card.target.uid_len = 7;
    assert_true(tap_tracker_feed(&tracker, &card, now_us));
    assert_false(tap_tracker_feed(&tracker, &card, now_us));
}

static void a_random_uid_that_changed_is_the_same_tap(void **state)
{
    (void)state;
    struct reader_report card = {.event = READER_CARD, .target = {.uid = {8, 2, 3, 1}, .uid_len = 4}};
    assert_true(tap_tracker_feed(&tracker, &card, now_us));
    card.target.uid[1] = 7;
    assert_false(tap_tracker_feed(&tracker, &card, now_us));
    card.target.uid_len = 7; /* not random */
    assert_true(tap_tracker_feed(&tracker, &card, now_us));
}

static void a_card_that_left_during_an_outage_may_be_tapped_again(void **state)
{
    (void)state;
    assert_int_equal(feed("^ABv"), 2);
    assert_int_equal(poll_after(10), TAP_NO_CHANGE);
    assert_int_equal(feed("^A"), 0);
    assert_int_equal(poll_after(1), TAP_NO_CHANGE);
    assert_int_equal(feed("B"), 0); /* late, but still the same tap */
    assert_int_equal(feed("v^A"), 0);
    assert_int_equal(poll_after(2), TAP_NO_CHANGE);
    assert_int_equal(feed("AB"), 1);
}

static void more_cards_than_a_reader_tells_apart_are_still_taps(void **state)
{
    (void)state;
    assert_int_equal(feed("ABCDEF"), READER_CARDS_MAX);
    assert_int_equal(feed("G"), 1); /* a reader that does not report who left */
    assert_int_equal(feed("v^CDEF"), 0);
    assert_int_equal(feed("Z"), 1); /* in the place of a card that was not reported again */
    assert_int_equal(feed("CDEF"), 0);
}

static void room_is_made_by_a_card_that_may_have_left(void **state)
{
    feed("ABCDEF");
    assert_int_equal(feed("v^ACDEF"), 0);
    assert_int_equal(feed("Z"), 1); /* in the place of B */
    assert_int_equal(feed("ACDEF"), 0);
    start(state);
    feed("ABCDEF");
    now_us += 60 * SECOND;
    for (int i = 0; i < READER_CARDS_MAX; i++)
        assert_int_equal(poll_after(0), TAP_CARD_STAYS);
    assert_int_equal(feed("bZ"), 1); /* the end of B's stay is not told yet, but there is no room */
    assert_int_equal(feed("ACDEF"), 0);
}

static void a_card_that_stays_a_minute_is_told_once_and_so_is_its_end(void **state)
{
    (void)state;
    feed("A");
    assert_int_equal(poll_after(59), TAP_NO_CHANGE);
    assert_int_equal(tap_tracker_resident_s(&tracker, now_us), 0);
    assert_int_equal(poll_after(1), TAP_CARD_STAYS);
    assert_int_equal(stay_s, 60);
    assert_int_equal(poll_after(0), TAP_NO_CHANGE);
    assert_int_equal(poll_after(3540), TAP_NO_CHANGE);
    assert_int_equal(tap_tracker_resident_s(&tracker, now_us), 3600);
    feed("-");
    assert_int_equal(tap_tracker_resident_s(&tracker, now_us), 0);
    assert_int_equal(poll_after(0), TAP_CARD_LEFT);
    assert_int_equal(stay_s, 3600);
    assert_int_equal(poll_after(0), TAP_NO_CHANGE);
    assert_int_equal(tracker.count, 0);
}

static void each_resident_card_is_told(void **state)
{
    (void)state;
    feed("A");
    now_us += 30 * SECOND;
    feed("B");
    assert_int_equal(poll_after(30), TAP_CARD_STAYS);
    assert_int_equal(poll_after(30), TAP_CARD_STAYS);
    assert_int_equal(stay_s, 60);
    assert_int_equal(tap_tracker_resident_s(&tracker, now_us), 90);
    assert_int_equal(feed("aA"), 1); /* its end is told although it is back */
    assert_int_equal(poll_after(0), TAP_CARD_LEFT);
    assert_int_equal(stay_s, 90);
    assert_int_equal(poll_after(0), TAP_NO_CHANGE);
    assert_int_equal(tap_tracker_resident_s(&tracker, now_us), 60);
    feed("-");
    assert_int_equal(poll_after(0), TAP_CARD_LEFT);
    assert_int_equal(poll_after(0), TAP_NO_CHANGE);
}

static void a_resident_card_that_left_during_an_outage_is_told(void **state)
{
    (void)state;
    feed("^AB");
    assert_int_equal(poll_after(60), TAP_CARD_STAYS);
    assert_int_equal(poll_after(0), TAP_CARD_STAYS);
    feed("v");
    assert_int_equal(poll_after(60), TAP_NO_CHANGE);
    feed("^B");
    assert_int_equal(poll_after(2), TAP_CARD_LEFT);
    assert_int_equal(poll_after(0), TAP_NO_CHANGE);
    assert_int_equal(tracker.count, 1);
}

/* Whether a card is still there is not known while the reader is down. */
static void a_card_is_not_told_as_resident_during_an_outage(void **state)
{
    (void)state;
    feed("^Av");
    assert_int_equal(poll_after(600), TAP_NO_CHANGE);
    feed("^A");
    assert_int_equal(poll_after(0), TAP_CARD_STAYS);
}

static void a_report_of_an_unknown_kind_is_no_tap(void **state)
{
    (void)state;
    assert_false(report((enum reader_event)99, 1));
    assert_int_equal(tracker.count, 0);
}

static void a_grant_counts_while_its_card_is_there(void **state)
{
    (void)state;
    const struct reader_target a = {.uid = {4, 2, 3, 1}, .uid_len = 4};
    const struct reader_target unknown = {.uid = {4, 2, 3, 9}, .uid_len = 4};
    feed("AB");
    tap_tracker_grant(&tracker, &unknown);
    assert_false(tap_tracker_granted_since(&tracker, 0));
    tap_tracker_grant(&tracker, &a);
    assert_true(tap_tracker_granted_since(&tracker, now_us));
    assert_false(tap_tracker_granted_since(&tracker, now_us + 1));
    feed("a");
    assert_false(tap_tracker_granted_since(&tracker, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_card_is_a_tap_until_it_leaves, start),
        cmocka_unit_test_setup(a_card_of_another_kind_leaves_only_when_it_is_told, start),
        cmocka_unit_test_setup(a_uid_is_compared_as_a_whole, start),
        cmocka_unit_test_setup(a_random_uid_that_changed_is_the_same_tap, start),
        cmocka_unit_test_setup(a_card_that_left_during_an_outage_may_be_tapped_again, start),
        cmocka_unit_test_setup(more_cards_than_a_reader_tells_apart_are_still_taps, start),
        cmocka_unit_test_setup(room_is_made_by_a_card_that_may_have_left, start),
        cmocka_unit_test_setup(a_card_that_stays_a_minute_is_told_once_and_so_is_its_end, start),
        cmocka_unit_test_setup(each_resident_card_is_told, start),
        cmocka_unit_test_setup(a_resident_card_that_left_during_an_outage_is_told, start),
        cmocka_unit_test_setup(a_card_is_not_told_as_resident_during_an_outage, start),
        cmocka_unit_test_setup(a_report_of_an_unknown_kind_is_no_tap, start),
        cmocka_unit_test_setup(a_grant_counts_while_its_card_is_there, start),
    };
    return cmocka_run_group_tests_name("tap_tracker", tests, NULL, NULL);
}
