/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate with several cards on its reader: cards that stay, cards held together, cards that wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/portillon_control.h"
#include "firmware/portillon_taps.h"
#include "tests/fakes/gate_bench.h"

#define PUPIL   "04a1b2c3d4e580"
#define FRIEND  "04a1b2c3d4e680"
#define STICKER "04deadbeef0080" /* not listed */
#define PHONE   "08a1b2c3"

#define STAY_MS 60000

static struct gate_bench bench;
static struct sample_list list;

static int make_list(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {
        {.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = FRIEND, .profile = SAMPLE_DEMI_PENSION},
    };
    static struct fake_entropy entropy;
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    list = sample_list_make(7, cards, sizeof cards / sizeof cards[0]);
    return 0;
}

static int free_list(void **state)
{
    (void)state;
    sample_list_free(&list);
    return 0;
}

static int bring_up(void **state)
{
    (void)state;
    gate_bench_make(&bench, ZONE_BUILDING);
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    return 0;
}

/* Checks after every test that no opening for a card came before its record. */
static int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static void put(const char *card)
{
    fake_reader_card(&bench.reader, card);
    gate_bench_run_ms(&bench, 30);
}

static void take(const char *card)
{
    fake_reader_gone(&bench.reader, card);
    gate_bench_run_ms(&bench, 30);
}

static void take_last(void)
{
    fake_reader_empty(&bench.reader);
    gate_bench_run_ms(&bench, 30);
}

static void set_open_ms(uint16_t open_ms, bool rotation_fitted)
{
    struct settings settings = bench.portillon.settings;
    settings.open_ms = open_ms;
    settings.rotation_fitted = rotation_fitted;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
}

static int granted(void)
{
    return gate_bench_count(&bench, JOURNAL_GRANTED, 0);
}

static int refused(enum reason reason)
{
    return gate_bench_count(&bench, JOURNAL_REFUSED, (uint8_t)reason);
}

static int events(enum journal_event event)
{
    return gate_bench_count(&bench, JOURNAL_EVENT, (uint8_t)event);
}

/* ---- a card that stays ---- */

static void a_sticker_on_the_reader_keeps_nobody_out(void **state)
{
    (void)state;
    put(STICKER);
    gate_bench_run_ms(&bench, 2000);
    for (int i = 1; i <= 5; i++) {
        put(i % 2 ? PUPIL : FRIEND);
        assert_int_equal(bench.last_tap.verdict.reason, REASON_NONE);
        assert_int_equal(bench.wires.relay_rises, i);
        gate_bench_turn_arm(&bench);
        gate_bench_run_ms(&bench, 400);
        take(i % 2 ? PUPIL : FRIEND);
    }
    assert_int_equal(granted(), 5);
    assert_int_equal(refused(REASON_UNKNOWN_CARD), 1);
}

static void a_listed_card_left_there_is_one_passage(void **state)
{
    (void)state;
    put(PUPIL);
    gate_bench_turn_arm(&bench);
    for (int i = 0; i < 3; i++) {
        put(FRIEND);
        gate_bench_turn_arm(&bench);
        gate_bench_run_ms(&bench, 400);
        put(PUPIL); /* a reader that reports it again */
        take(FRIEND);
        fake_reader_down(&bench.reader, "gone");
        gate_bench_run_ms(&bench, 100);
        fake_reader_up(&bench.reader);
        put(PUPIL);
        gate_bench_run_ms(&bench, 3000);
    }
    assert_int_equal(granted(), 4);
    take_last();
    put(PUPIL);
    assert_int_equal(granted(), 5);
}

static void a_card_left_there_is_told_once_and_so_is_its_end(void **state)
{
    (void)state;
    put(STICKER);
    gate_bench_run_ms(&bench, STAY_MS - 1000);
    assert_int_equal(events(JOURNAL_EVENT_CARD_RESIDENT), 0);
    gate_bench_run_ms(&bench, 2 * STAY_MS);
    assert_int_equal(events(JOURNAL_EVENT_CARD_RESIDENT), 1);
    assert_int_equal(gate_bench_record(&bench, 0).code, JOURNAL_EVENT_CARD_RESIDENT);
    assert_int_equal(gate_bench_record(&bench, 0).ref, STAY_MS / 1000);
    put(PUPIL);
    take(STICKER);
    assert_int_equal(events(JOURNAL_EVENT_CARD_REMOVED), 1);
    assert_in_range(gate_bench_record(&bench, 0).ref, 3 * STAY_MS / 1000 - 2, 3 * STAY_MS / 1000);
    take_last();
    assert_int_equal(events(JOURNAL_EVENT_CARD_RESIDENT) + events(JOURNAL_EVENT_CARD_REMOVED), 2);
    assert_int_equal(refused(REASON_UNKNOWN_CARD), 1);
    put(STICKER);
    assert_int_equal(refused(REASON_UNKNOWN_CARD), 2); /* a new tap */
}

/* ---- cards held together ---- */

static void a_phone_and_a_card_together_open_once_and_show_green(void **state)
{
    (void)state;
    for (int phone_first = 0; phone_first < 2; phone_first++) {
        put(phone_first ? PHONE : PUPIL);
        put(phone_first ? PUPIL : PHONE);
        gate_bench_run_ms(&bench, 100);
        assert_int_equal(bench.wires.outputs & (GATE_RELAY | GATE_LIGHT_GREEN | GATE_LIGHT_RED),
                         GATE_RELAY | GATE_LIGHT_GREEN);
        gate_bench_turn_arm(&bench);
        gate_bench_run_ms(&bench, 400);
        assert_int_equal(bench.wires.relay_rises, phone_first + 1);
        assert_int_equal(refused(REASON_RANDOM_UID), phone_first + 1); /* refused and told in the journal */
        take_last();
    }
    assert_int_equal(granted(), 2);
}

static void two_listed_cards_together_are_two_passages(void **state)
{
    (void)state;
    put(PUPIL);
    put(FRIEND);
    gate_bench_turn_arm(&bench);
    gate_bench_run_ms(&bench, 400);
    gate_bench_turn_arm(&bench);
    assert_int_equal(bench.wires.relay_rises, 2);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_CLOSED, JOURNAL_PASSED), 2);
}

static void a_stranger_after_a_card_left_there_sees_red(void **state)
{
    (void)state;
    put(PUPIL); /* listed, and left on the reader */
    gate_bench_run_ms(&bench, 2000);
    put(STICKER);
    assert_true(bench.wires.outputs & GATE_LIGHT_RED);
}

/* ---- cards that wait ---- */

static void fill_queue(void)
{
    for (int i = 0; i < GATE_QUEUE_MAX; i++) {
        put(i % 2 ? FRIEND : PUPIL);
        take_last();
    }
    assert_int_equal(bench.portillon.gate.queue_count, GATE_QUEUE_MAX);
}

static void a_passage_that_waits_for_long_is_abandoned_without_an_opening(void **state)
{
    (void)state;
    set_open_ms(30000, true);
    put(PUPIL);
    take_last();
    put(FRIEND);
    take_last();
    gate_bench_run_ms(&bench, 19000);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_CLOSED, JOURNAL_ABANDONED), 0);
    gate_bench_run_ms(&bench, 2000);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_CLOSED, JOURNAL_ABANDONED), 1);
    assert_true(bench.wires.outputs & GATE_RELAY); /* still open for the first */
    gate_bench_run_ms(&bench, 60000);
    assert_int_equal(bench.wires.relay_rises, 1);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_CLOSED, JOURNAL_ABANDONED), 2);
}

/* The record of the passage says that it is assumed; its closing says that it was not. */
static void without_a_sensor_a_passage_that_waits_for_long_is_abandoned_too(void **state)
{
    (void)state;
    set_open_ms(30000, false);
    put(PUPIL);
    take_last();
    put(FRIEND);
    take_last();
    gate_bench_run_ms(&bench, 90000);
    assert_int_equal(bench.wires.relay_rises, 1);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_GRANTED, JOURNAL_ASSUMED), 2);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_CLOSED, JOURNAL_ABANDONED), 1);
}

static void a_full_queue_empties_in_time_at_the_usual_open_time(void **state)
{
    (void)state;
    set_open_ms(settings_default().open_ms, false);
    fill_queue();
    gate_bench_run_ms(&bench, 30000);
    assert_int_equal(bench.wires.relay_rises, GATE_QUEUE_MAX);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_CLOSED, JOURNAL_ABANDONED), 0);
}

static void a_card_that_waits_for_long_is_refused(void **state)
{
    (void)state;
    set_open_ms(30000, true);
    fill_queue();
    put(FRIEND);
    take_last();
    gate_bench_run_ms(&bench, 9000);
    assert_int_equal(refused(REASON_GATE_BUSY), 0);
    gate_bench_run_ms(&bench, 1500);
    assert_int_equal(refused(REASON_GATE_BUSY), 1);
    assert_int_equal(granted(), GATE_QUEUE_MAX);
    gate_bench_run_ms(&bench, 120000);
    assert_int_equal(bench.wires.relay_rises, 1);
    assert_int_equal(granted(), GATE_QUEUE_MAX);
}

static void a_card_tapped_again_waits_anew(void **state)
{
    (void)state;
    set_open_ms(30000, true);
    fill_queue();
    put(FRIEND);
    take_last();
    gate_bench_run_ms(&bench, 9000);
    put(FRIEND);
    take_last();
    gate_bench_run_ms(&bench, 9000);
    assert_int_equal(refused(REASON_GATE_BUSY), 0);
    gate_bench_turn_arm(&bench);
    gate_bench_run_ms(&bench, 400);
    assert_int_equal(granted(), GATE_QUEUE_MAX + 1);
}

static void a_card_waits_for_10_seconds_and_no_longer(void **state)
{
    (void)state;
    set_open_ms(30000, true);
    fill_queue();
    put(FRIEND);
    take_last();
    assert_true(bench.portillon.card_waits);
    bench.timer.is_stopped = true;
    bench.timer.now_us = bench.portillon.waiting_since_us + 9999999;
    assert_false(portillon_serve_reader(&bench.portillon));
    assert_int_equal(refused(REASON_GATE_BUSY), 0);
    bench.timer.now_us++;
    assert_true(portillon_serve_reader(&bench.portillon));
    assert_int_equal(refused(REASON_GATE_BUSY), 1);
}

/* The gate's loop may sleep only when there is no other report. */
static void a_report_that_was_taken_says_that_there_may_be_more(void **state)
{
    (void)state;
    assert_false(portillon_serve_reader(&bench.portillon));
    fill_queue();
    put(PHONE);
    put(FRIEND);
    assert_false(portillon_serve_reader(&bench.portillon));
    fake_reader_card(&bench.reader, PHONE); /* for which the queue has no place */
    assert_true(portillon_serve_reader(&bench.portillon));
    fake_reader_card(&bench.reader, PHONE); /* still there */
    assert_true(portillon_serve_reader(&bench.portillon));
    assert_false(portillon_serve_reader(&bench.portillon));
    gate_bench_turn_arm(&bench); /* there is a place: FRIEND is served */
    gate_bench_run_ms(&bench, 400);
    assert_false(bench.portillon.card_waits);
    fake_reader_empty(&bench.reader);
    fake_reader_card(&bench.reader, PUPIL); /* in the usual way */
    assert_true(portillon_serve_reader(&bench.portillon));
    assert_true(portillon_serve_reader(&bench.portillon));
    assert_false(portillon_serve_reader(&bench.portillon));
}

/* A telephone does not take the only place to wait, and every card leaves a record. */
static void beside_a_full_queue_each_card_is_decided(void **state)
{
    (void)state;
    fill_queue();
    put(PHONE);
    assert_int_equal(refused(REASON_RANDOM_UID), 1);
    put(PUPIL);
    put(FRIEND); /* one card may wait */
    assert_int_equal(refused(REASON_GATE_BUSY), 1);
    gate_bench_turn_arm(&bench);
    gate_bench_run_ms(&bench, 400);
    assert_int_equal(granted(), GATE_QUEUE_MAX + 1);
}

int main(void)
{
#define BUILDING_TEST(test) cmocka_unit_test_setup_teardown(test, bring_up, take_down)
    const struct CMUnitTest tests[] = {
        BUILDING_TEST(a_sticker_on_the_reader_keeps_nobody_out),
        BUILDING_TEST(a_listed_card_left_there_is_one_passage),
        BUILDING_TEST(a_card_left_there_is_told_once_and_so_is_its_end),
        BUILDING_TEST(a_phone_and_a_card_together_open_once_and_show_green),
        BUILDING_TEST(two_listed_cards_together_are_two_passages),
        BUILDING_TEST(a_stranger_after_a_card_left_there_sees_red),
        BUILDING_TEST(a_passage_that_waits_for_long_is_abandoned_without_an_opening),
        BUILDING_TEST(without_a_sensor_a_passage_that_waits_for_long_is_abandoned_too),
        BUILDING_TEST(a_full_queue_empties_in_time_at_the_usual_open_time),
        BUILDING_TEST(a_card_that_waits_for_long_is_refused),
        BUILDING_TEST(a_card_waits_for_10_seconds_and_no_longer),
        BUILDING_TEST(a_report_that_was_taken_says_that_there_may_be_more),
        BUILDING_TEST(a_card_tapped_again_waits_anew),
        BUILDING_TEST(beside_a_full_queue_each_card_is_decided),
    };
    return cmocka_run_group_tests_name("portillon_field", tests, make_list, free_list);
}
