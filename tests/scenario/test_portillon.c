/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate: the effects of cards, of the arm, of the fire input and of the reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/portillon_clock.h"
#include "firmware/portillon_control.h"
#include "tests/fakes/gate_bench.h"

#define NOVEMBER_2026 UINT32_C(1794787200) /* 2026-11-16, day 9816 since 2000-01-01 */
#define TODAY         9816

#define PUPIL     "04a1b2c3d4e580" /* demi-pension */
#define FRIEND    "04a1b2c3d4e680" /* demi-pension */
#define EXTERNE   "4ed0b123"
#define GUEST     "00112233445566778899"
#define LOST      "04badbadbad080" /* blocked */
#define LEFT      "0401010101ee80" /* expired yesterday */
#define COMING    "0401010101ef80" /* begins tomorrow */
#define LAST_DAY  "0401010101ec80" /* ends today */
#define STRANGER  "04deadbeef0080"
#define RANDOM_ID "08a1b2c3"

static struct gate_bench bench;
static struct sample_list list;

static int make_list(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {
        {.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = FRIEND, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = EXTERNE, .profile = SAMPLE_EXTERNE},
        {.uid_hex = GUEST, .profile = SAMPLE_GUEST},
        {.uid_hex = LOST, .profile = SAMPLE_DEMI_PENSION, .flags = WHITELIST_RULE_BLOCKED},
        {.uid_hex = LEFT, .profile = SAMPLE_DEMI_PENSION, .last_day = TODAY - 1},
        {.uid_hex = COMING, .profile = SAMPLE_DEMI_PENSION, .first_day = TODAY + 1},
        {.uid_hex = LAST_DAY, .profile = SAMPLE_DEMI_PENSION, .first_day = TODAY, .last_day = TODAY},
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

static void bring_up(enum zone zone)
{
    gate_bench_make(&bench, zone);
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    assert_int_equal(portillon_set_clock(&bench.portillon, NOVEMBER_2026, ROLE_TECHNICIAN), ERR_OK);
}

static int bring_up_building(void **state)
{
    (void)state;
    bring_up(ZONE_BUILDING);
    return 0;
}

static int bring_up_canteen(void **state)
{
    (void)state;
    bring_up(ZONE_CANTEEN);
    return 0;
}

/* Checks after every test that no opening for a card came before its record. */
static int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static bool relay(void)
{
    return bench.wires.outputs & GATE_RELAY;
}

static enum gate_state gate_state(void)
{
    return bench.portillon.gate.state;
}

static void assert_newest(enum journal_kind kind, uint8_t code, uint32_t ref)
{
    struct journal_record record = gate_bench_record(&bench, 0);
    assert_string_equal(journal_kind_name(record.kind), journal_kind_name(kind));
    assert_int_equal(record.code, code);
    assert_int_equal(record.ref, ref);
}

static void turn_arm(void)
{
    bench.wires.inputs |= GATE_ROTATION;
    gate_bench_run_ms(&bench, 50);
    bench.wires.inputs &= ~(uint32_t)GATE_ROTATION;
    gate_bench_run_ms(&bench, 1);
}

/* ---- cards ---- */

static void a_listed_pupil_opens_the_gate(void **state)
{
    (void)state;
    struct tag tag = sample_tag(PUPIL);
    assert_false(relay());
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    assert_true(relay());
    assert_int_equal(gate_state(), GATE_OPEN);
    struct journal_record record = gate_bench_record(&bench, 0);
    assert_int_equal(record.kind, JOURNAL_GRANTED);
    assert_int_equal(record.seq, bench.last_tap.seq);
    assert_memory_equal(record.tag.bytes, tag.bytes, TAG_LEN);
    assert_int_equal(record.zone, ZONE_BUILDING);
    assert_int_equal(record.flags, CLOCK_SET);
    assert_in_range(record.utc_s, NOVEMBER_2026, NOVEMBER_2026 + 2);
    assert_int_not_equal(bench.last_tap.relay_us, 0);
}

static const struct {
    const char *uid;
    enum reason at_building, at_canteen;
} rights[] = {
    {PUPIL, REASON_NONE, REASON_NONE},
    {EXTERNE, REASON_NONE, REASON_NO_RIGHT_HERE},
    {GUEST, REASON_NO_RIGHT_HERE, REASON_NONE},
    {LAST_DAY, REASON_NONE, REASON_NONE},
    {LOST, REASON_BLOCKED, REASON_BLOCKED},
    {LEFT, REASON_EXPIRED, REASON_EXPIRED},
    {COMING, REASON_NOT_YET_VALID, REASON_NOT_YET_VALID},
    {STRANGER, REASON_UNKNOWN_CARD, REASON_UNKNOWN_CARD},
    {"04ed0b12", REASON_UNKNOWN_CARD, REASON_UNKNOWN_CARD},
    {RANDOM_ID, REASON_RANDOM_UID, REASON_RANDOM_UID},
    {"01020304", REASON_SHARED_UID, REASON_SHARED_UID},   /* of many phones */
    {"04a1b2c3d4", REASON_UNREADABLE, REASON_UNREADABLE}, /* 5 bytes */
    {"", REASON_UNREADABLE, REASON_UNREADABLE},
};

static void assert_right(const char *uid, enum reason expected)
{
    int rises = bench.wires.relay_rises;
    assert_string_equal(reason_name(gate_bench_tap(&bench, uid)), reason_name(expected));
    assert_int_equal(bench.wires.relay_rises, rises + (expected == REASON_NONE));
    assert_newest(expected == REASON_NONE ? JOURNAL_GRANTED : JOURNAL_REFUSED, (uint8_t)expected, 0);
    if (expected != REASON_NONE) {
        assert_int_equal(bench.wires.outputs & (GATE_RELAY | GATE_LIGHT_RED | GATE_LIGHT_GREEN),
                         GATE_LIGHT_RED);
        assert_int_equal(bench.last_tap.relay_us, 0);
    }
    gate_bench_run_ms(&bench, 7000); /* it closes, and the light goes out */
    assert_int_equal(bench.wires.outputs, 0);
}

static void the_building_lets_in_whom_it_should_and_tells_why_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++)
        assert_right(rights[i].uid, rights[i].at_building);
}

static void the_canteen_lets_in_whom_it_should_and_tells_why_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rights / sizeof rights[0]; i++)
        assert_right(rights[i].uid, rights[i].at_canteen);
}

static void a_card_without_an_identity_leaves_no_tag(void **state)
{
    (void)state;
    static const uint8_t zeros[TAG_LEN];
    gate_bench_tap(&bench, RANDOM_ID);
    assert_memory_equal(gate_bench_record(&bench, 0).tag.bytes, zeros, TAG_LEN);
}

static void a_card_held_on_the_reader_is_one_passage(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        fake_reader_card(&bench.reader, PUPIL);
        gate_bench_run_ms(&bench, 50);
    }
    assert_int_equal(gate_bench_count(&bench, JOURNAL_GRANTED, 0), 1);
    assert_int_equal(bench.wires.relay_rises, 1);
    /* The same after a fault of the reader: it did not see an empty field. */
    fake_reader_down(&bench.reader, "unplugged");
    fake_reader_up(&bench.reader);
    fake_reader_card(&bench.reader, PUPIL);
    gate_bench_run_ms(&bench, 50);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_GRANTED, 0), 1);
    fake_reader_empty(&bench.reader);
    gate_bench_tap(&bench, PUPIL);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_GRANTED, 0), 2);
    assert_int_equal(bench.wires.relay_rises, 2);
}

static void an_expired_card_opens_while_the_clock_is_unset(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    gate_bench_make(&bench, ZONE_BUILDING);
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    gate_bench_start_with_reader(&bench); /* its clock was never set */
    assert_int_equal(bench.portillon.clock.quality, CLOCK_UNSET);
    assert_int_equal(gate_bench_tap(&bench, LEFT), REASON_NONE);
    assert_int_equal(gate_bench_record(&bench, 0).flags & JOURNAL_FLAG_CLOCK_MASK, CLOCK_UNSET);
    gate_bench_run_ms(&bench, 6000);
    assert_int_equal(gate_bench_tap(&bench, LOST), REASON_BLOCKED);
}

/* ---- the arm ---- */

static void a_turn_of_the_arm_closes_the_passage_as_passed(void **state)
{
    (void)state;
    gate_bench_tap(&bench, PUPIL);
    uint32_t seq = bench.last_tap.seq;
    gate_bench_run_ms(&bench, 1000);
    turn_arm();
    assert_false(relay());
    assert_newest(JOURNAL_CLOSED, JOURNAL_PASSED, seq);
    gate_bench_run_ms(&bench, 400);
    assert_int_equal(gate_state(), GATE_IDLE);
    assert_int_equal(bench.wires.relay_rises, 1);
}

static void an_arm_that_nobody_turns_closes_the_passage_as_abandoned(void **state)
{
    (void)state;
    gate_bench_tap(&bench, PUPIL);
    uint32_t seq = bench.last_tap.seq;
    gate_bench_run_ms(&bench, 4900);
    assert_true(relay());
    gate_bench_run_ms(&bench, 200);
    assert_false(relay());
    assert_newest(JOURNAL_CLOSED, JOURNAL_ABANDONED, seq);
}

static void set_sensor(bool fitted)
{
    struct settings settings = bench.portillon.settings;
    settings.rotation_fitted = fitted;
    settings.open_ms = 2000;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
}

static void without_a_sensor_a_passage_is_assumed_in_its_one_record(void **state)
{
    (void)state;
    set_sensor(false);
    gate_bench_tap(&bench, PUPIL);
    uint32_t seq = bench.last_tap.seq;
    turn_arm(); /* a loose wire */
    assert_true(relay());
    gate_bench_run_ms(&bench, 3000);
    assert_false(relay());
    assert_int_equal(gate_bench_record(&bench, 0).seq, seq);
    assert_newest(JOURNAL_GRANTED, JOURNAL_ASSUMED, 0);
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_BUTTON), ERR_OK);
    gate_bench_run_ms(&bench, 3000);
    assert_newest(JOURNAL_EVENT, JOURNAL_EVENT_MANUAL_OPENING, JOURNAL_OPENED_BY_BUTTON);
    assert_int_equal(gate_bench_record(&bench, 0).seq, seq + 1);
}

static void a_sensor_declared_missing_at_an_open_gate_leaves_no_passage_without_an_end(void **state)
{
    (void)state;
    gate_bench_tap(&bench, PUPIL);
    uint32_t seq = bench.last_tap.seq;
    set_sensor(false);
    gate_bench_run_ms(&bench, 3000);
    assert_newest(JOURNAL_CLOSED, JOURNAL_ASSUMED, seq);
    gate_bench_tap(&bench, FRIEND);
    seq = bench.last_tap.seq;
    set_sensor(true);
    turn_arm();
    assert_newest(JOURNAL_CLOSED, JOURNAL_PASSED, seq);
}

static void a_second_card_while_open_gets_an_opening_of_its_own(void **state)
{
    (void)state;
    gate_bench_tap(&bench, PUPIL);
    uint32_t first = bench.last_tap.seq;
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(gate_bench_tap(&bench, FRIEND), REASON_NONE);
    uint32_t second = bench.last_tap.seq;
    assert_int_equal(bench.wires.relay_rises, 1);
    turn_arm();
    assert_false(relay());
    assert_newest(JOURNAL_CLOSED, JOURNAL_PASSED, first);
    gate_bench_run_ms(&bench, 300);
    assert_true(relay());
    assert_int_equal(bench.wires.relay_rises, 2);
    turn_arm();
    assert_newest(JOURNAL_CLOSED, JOURNAL_PASSED, second);
    gate_bench_run_ms(&bench, 6000);
    assert_int_equal(bench.wires.relay_rises, 2);
}

static void an_arm_still_turning_is_not_the_next_pupil_passing(void **state)
{
    (void)state;
    gate_bench_tap(&bench, PUPIL);
    gate_bench_tap(&bench, FRIEND);
    bench.wires.inputs = GATE_ROTATION;
    gate_bench_run_ms(&bench, 800); /* slowly, until the opening for the next person */
    assert_true(relay());
    assert_int_equal(gate_bench_count(&bench, JOURNAL_CLOSED, JOURNAL_PASSED), 1);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 60);
    turn_arm();
    assert_int_equal(gate_bench_count(&bench, JOURNAL_CLOSED, JOURNAL_PASSED), 2);
}

static void a_card_more_than_the_queue_holds_waits_in_the_reader(void **state)
{
    (void)state;
    for (int i = 0; i < GATE_QUEUE_MAX + 1; i++) {
        fake_reader_card(&bench.reader, i % 2 ? FRIEND : PUPIL);
        fake_reader_empty(&bench.reader);
    }
    gate_bench_run_ms(&bench, 1000);
    assert_int_equal(bench.taps_told, GATE_QUEUE_MAX);
    for (int i = 0; i < GATE_QUEUE_MAX + 1; i++) {
        assert_true(relay());
        turn_arm();
        gate_bench_run_ms(&bench, 350);
    }
    assert_int_equal(bench.taps_told, GATE_QUEUE_MAX + 1);
    assert_int_equal(bench.wires.relay_rises, GATE_QUEUE_MAX + 1);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_CLOSED, JOURNAL_PASSED), GATE_QUEUE_MAX + 1);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_REFUSED, REASON_INTERNAL), 0);
}

static void a_refusal_does_not_shut_the_gate_on_the_one_before(void **state)
{
    (void)state;
    gate_bench_tap(&bench, PUPIL);
    assert_int_equal(gate_bench_tap(&bench, STRANGER), REASON_UNKNOWN_CARD);
    assert_int_equal(bench.wires.outputs & (GATE_RELAY | GATE_LIGHT_RED), GATE_RELAY | GATE_LIGHT_RED);
    turn_arm();
    assert_int_equal(gate_bench_count(&bench, JOURNAL_CLOSED, JOURNAL_PASSED), 1);
}

/* ---- fire and tamper ---- */

static void fire_releases_and_only_its_end_locks_again(void **state)
{
    (void)state;
    bench.wires.inputs = GATE_FIRE;
    gate_bench_run_ms(&bench, 2);
    assert_int_equal(gate_state(), GATE_RELEASED);
    assert_true(relay());
    assert_newest(JOURNAL_EVENT, JOURNAL_EVENT_FIRE_START, 0);
    for (int minute = 0; minute < 60; minute++) {
        fake_timer_advance_ms(&bench.timer, 60000);
        gate_bench_run_ms(&bench, 5);
        turn_arm();
        bench.wires.inputs = GATE_FIRE;
        assert_true(relay());
    }
    fake_reader_down(&bench.reader, "burnt");
    gate_bench_run_ms(&bench, 5);
    assert_true(relay());
    fake_reader_up(&bench.reader);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 200);
    assert_false(relay());
    assert_int_equal(gate_state(), GATE_IDLE);
    assert_newest(JOURNAL_EVENT, JOURNAL_EVENT_FIRE_END, 0);
    assert_int_equal(bench.wires.relay_rises, 1);
}

static void cards_are_logged_while_fire_releases_and_open_nothing_later(void **state)
{
    (void)state;
    bench.wires.inputs = GATE_FIRE;
    gate_bench_run_ms(&bench, 2);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    assert_newest(JOURNAL_CLOSED, JOURNAL_ASSUMED,
                  bench.last_tap.seq); /* granted, and assumed to have passed */
    assert_int_equal(gate_bench_tap(&bench, STRANGER), REASON_UNKNOWN_CARD);
    assert_newest(JOURNAL_REFUSED, REASON_UNKNOWN_CARD, 0);
    assert_int_equal(bench.wires.outputs & (GATE_RELAY | GATE_LIGHT_GREEN | GATE_LIGHT_RED),
                     GATE_RELAY | GATE_LIGHT_GREEN);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 1000);
    assert_false(relay());
    assert_int_equal(bench.wires.relay_rises, 1);
}

static void fire_closes_the_passages_under_way_as_assumed(void **state)
{
    (void)state;
    gate_bench_tap(&bench, PUPIL);
    uint32_t first = bench.last_tap.seq;
    gate_bench_tap(&bench, FRIEND);
    uint32_t second = bench.last_tap.seq;
    bench.wires.inputs = GATE_FIRE;
    gate_bench_run_ms(&bench, 2);
    assert_true(relay());
    assert_int_equal(bench.wires.relay_falls, 0); /* the relay was energised all the time */
    assert_int_equal(gate_bench_record(&bench, 2).ref, first);
    assert_int_equal(gate_bench_record(&bench, 2).code, JOURNAL_ASSUMED);
    assert_int_equal(gate_bench_record(&bench, 1).ref, second);
    assert_int_equal(gate_bench_record(&bench, 1).code, JOURNAL_ASSUMED);
    assert_newest(JOURNAL_EVENT, JOURNAL_EVENT_FIRE_START, 0);
}

/* With or without a rotation sensor: the end of a passage during a fire is not observed, and the passage
 * does not count. */
static void a_passage_in_a_fire_is_closed_as_not_counted_without_a_sensor_too(void **state)
{
    (void)state;
    set_sensor(false);
    gate_bench_tap(&bench, PUPIL);
    uint32_t under_way = bench.last_tap.seq;
    bench.wires.inputs = GATE_FIRE;
    gate_bench_run_ms(&bench, 2);
    struct journal_record closing = gate_bench_record(&bench, 1);
    assert_int_equal(closing.kind, JOURNAL_CLOSED);
    assert_int_equal(closing.ref, under_way);
    assert_true(closing.flags & JOURNAL_FLAG_UNCOUNTED);
    gate_bench_tap(&bench, FRIEND);
    /* If power fails between the two, no record says that the passage was assumed. */
    assert_int_equal(gate_bench_record(&bench, 1).code, 0);
    assert_newest(JOURNAL_CLOSED, JOURNAL_ASSUMED, bench.last_tap.seq);
    assert_true(gate_bench_record(&bench, 0).flags & JOURNAL_FLAG_UNCOUNTED);
}

static void a_fire_that_burns_at_start_up_releases(void **state)
{
    (void)state;
    bench.wires.inputs = GATE_FIRE;
    gate_bench_start(&bench);
    assert_true(relay()); /* before the first turn of the loop */
    gate_bench_run_ms(&bench, 2);
    assert_true(relay());
    assert_newest(JOURNAL_EVENT, JOURNAL_EVENT_FIRE_START, 0);
}

static void an_opened_housing_is_logged_and_changes_nothing_else(void **state)
{
    (void)state;
    bench.wires.inputs = GATE_TAMPER;
    gate_bench_run_ms(&bench, 1100);
    assert_newest(JOURNAL_EVENT, JOURNAL_EVENT_TAMPER_START, 0);
    assert_int_equal(gate_state(), GATE_IDLE);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 1100);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_TAMPER_END), 1);
}

static void loose_contacts_do_not_fill_the_journal(void **state)
{
    (void)state;
    uint32_t head = bench.portillon.journal.head_seq;
    for (int i = 0; i < 2000; i++) {
        bench.wires.inputs ^= GATE_TAMPER | GATE_FIRE;
        gate_bench_run_ms(&bench, 10);
    }
    assert_in_range(bench.portillon.journal.head_seq, head, head + 2);
    assert_int_equal(gate_state(), GATE_RELEASED);
}

/* ---- the reader ---- */

static void a_silent_reader_is_out_of_order_until_it_is_back(void **state)
{
    (void)state;
    fake_reader_down(&bench.reader, "no answer for 1 s");
    gate_bench_run_ms(&bench, 2);
    assert_int_equal(gate_state(), GATE_OUT_OF_ORDER);
    assert_int_equal(bench.wires.outputs, GATE_LIGHT_AMBER);
    assert_string_equal(bench.portillon.reader_text, "no answer for 1 s");
    assert_newest(JOURNAL_EVENT, JOURNAL_EVENT_READER_DOWN, 0);
    fake_reader_up(&bench.reader);
    gate_bench_run_ms(&bench, 2);
    assert_int_equal(gate_state(), GATE_IDLE);
    assert_string_equal(bench.portillon.reader_text, "scripted reader");
    assert_newest(JOURNAL_EVENT, JOURNAL_EVENT_READER_UP, 0);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
}

static void a_new_gate_is_out_of_order_until_its_reader_answers(void **state)
{
    (void)state;
    gate_bench_start(&bench);
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(gate_state(), GATE_OUT_OF_ORDER);
    assert_false(relay());
    fake_reader_up(&bench.reader);
    gate_bench_run_ms(&bench, 2);
    assert_int_equal(gate_state(), GATE_IDLE);
}

static void whoever_was_let_in_gets_in_although_the_reader_fails(void **state)
{
    (void)state;
    gate_bench_tap(&bench, PUPIL);
    fake_reader_down(&bench.reader, "unplugged");
    gate_bench_run_ms(&bench, 1000);
    assert_true(relay());
    turn_arm();
    gate_bench_run_ms(&bench, 400);
    assert_int_equal(gate_state(), GATE_OUT_OF_ORDER);
}

/* ---- how long taps take ---- */

static void tap_seen_ago(uint64_t ago_us, const char *uid)
{
    fake_reader_card(&bench.reader, uid);
    bench.reader.reports[bench.reader.count - 1].seen_us = ago_us ? bench.timer.now_us - ago_us : 0;
    gate_bench_run_ms(&bench, 2);
    fake_reader_empty(&bench.reader);
    gate_bench_run_ms(&bench, 1);
    gate_bench_run_ms(&bench, 7000);
}

static void the_last_and_the_slowest_tap_are_told(void **state)
{
    (void)state;
    assert_int_equal(bench.portillon.tap_worst_us, 0);
    tap_seen_ago(30000, PUPIL);
    assert_in_range(bench.portillon.tap_last_us, 30000, 32000);
    tap_seen_ago(10000, STRANGER);
    assert_in_range(bench.portillon.tap_last_us, 10000, 12000);
    assert_in_range(bench.portillon.tap_worst_us, 30000, 32000);
    tap_seen_ago(0, PUPIL); /* a reader that does not report the time */
    assert_in_range(bench.portillon.tap_last_us, 10000, 12000);
}

static void a_card_that_waits_for_people_is_no_slow_tap(void **state)
{
    (void)state;
    for (int i = 0; i < GATE_QUEUE_MAX; i++)
        gate_bench_tap(&bench, PUPIL);
    fake_reader_card(&bench.reader, FRIEND);
    bench.reader.reports[0].seen_us = bench.timer.now_us;
    gate_bench_run_ms(&bench, 20000);
    assert_int_equal(bench.portillon.tap_count, GATE_QUEUE_MAX + 1);
    assert_true(bench.portillon.tap_worst_us < 1000000);
}

/* ---- self-test ---- */

static void a_relay_tried_is_logged_before_it_clicks_and_ends_by_itself(void **state)
{
    (void)state;
    assert_int_equal(portillon_test_output(&bench.portillon, GATE_RELAY, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(bench.wires.outputs, GATE_RELAY);
    assert_newest(JOURNAL_EVENT, JOURNAL_EVENT_TEST_OPENING, ROLE_TECHNICIAN);
    gate_bench_run_ms(&bench, SELFTEST_OUTPUT_MS - 10);
    assert_int_equal(bench.wires.outputs, GATE_RELAY);
    gate_bench_run_ms(&bench, 20);
    assert_int_equal(bench.wires.outputs, 0);
    assert_int_equal(bench.wires.relay_rises, 1);
}

static void a_light_tried_leaves_no_record(void **state)
{
    (void)state;
    uint32_t head = bench.portillon.journal.head_seq;
    assert_int_equal(portillon_test_output(&bench.portillon, GATE_LIGHT_AMBER, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(bench.wires.outputs, GATE_LIGHT_AMBER);
    assert_int_equal(bench.portillon.journal.head_seq, head);
}

static void the_relay_is_not_tried_when_the_journal_does_not_take_it(void **state)
{
    (void)state;
    bench.nor.dead = true;
    assert_int_not_equal(portillon_test_output(&bench.portillon, GATE_RELAY, ROLE_TECHNICIAN), ERR_OK);
    gate_bench_run_ms(&bench, 10);
    assert_int_equal(bench.wires.relay_rises, 0);
}

static void a_pupil_ends_the_trial_of_an_output(void **state)
{
    (void)state;
    assert_int_equal(portillon_test_output(&bench.portillon, GATE_RELAY, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(gate_bench_tap(&bench, STRANGER), REASON_UNKNOWN_CARD);
    assert_false(relay());
    assert_true(bench.wires.outputs & GATE_LIGHT_RED);
    assert_int_equal(portillon_test_output(&bench.portillon, GATE_RELAY, ROLE_TECHNICIAN), ERR_BUSY);
    gate_bench_run_ms(&bench, 3000);
    assert_int_equal(portillon_test_output(&bench.portillon, GATE_BUZZER, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    assert_true(relay());
    assert_true(bench.wires.outputs & GATE_LIGHT_GREEN);
    assert_int_equal(portillon_test_output(&bench.portillon, GATE_LIGHT_RED, ROLE_TECHNICIAN), ERR_BUSY);
    gate_bench_run_ms(&bench, 3000);
    assert_true(relay()); /* the second of the output test does not end a passage */
}

static void fire_ends_the_trial_of_an_output(void **state)
{
    (void)state;
    assert_int_equal(portillon_test_output(&bench.portillon, GATE_LIGHT_RED, ROLE_TECHNICIAN), ERR_OK);
    bench.wires.inputs |= GATE_FIRE;
    gate_bench_run_ms(&bench, 2);
    assert_int_equal(bench.wires.outputs, GATE_RELAY | GATE_LIGHT_GREEN);
    assert_int_equal(portillon_test_output(&bench.portillon, GATE_LIGHT_RED, ROLE_TECHNICIAN), ERR_BUSY);
    bench.wires.inputs = 0;
}

static void inputs_pressed_are_counted(void **state)
{
    (void)state;
    turn_arm();
    gate_bench_run_ms(&bench, 200);
    turn_arm();
    bench.wires.inputs |= GATE_BUTTON;
    gate_bench_run_ms(&bench, 5);
    assert_int_equal(bench.portillon.selftest.input_rises[0], 2);
    assert_int_equal(bench.portillon.selftest.input_rises[3], 1);
    bench.wires.inputs = 0;
}

static void taps_go_on_while_the_flash_is_tested(void **state)
{
    (void)state;
    bench.nor.erase_polls = 45;
    assert_int_equal(portillon_test_flash(&bench.portillon), ERR_OK);
    assert_int_equal(portillon_test_flash(&bench.portillon), ERR_BUSY);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    gate_bench_run_ms(&bench, 7000);
    assert_int_equal(bench.portillon.selftest.step, SELFTEST_PASSED);
    assert_int_equal(gate_bench_tap(&bench, FRIEND), REASON_NONE);
    gate_bench_run_ms(&bench, 7000);
    gate_bench_start_with_reader(&bench);
    assert_true(bench.portillon.storage_ok);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
}

/* Golden counts. Reads: the bucket of the card (64 bytes), the place of the record and the record as it was
 * programmed (32 each). On a used gate: all blocks of the list are verified, and the end of the journal is
 * confirmed. A refusal of an unknown card reads no other bucket, because its own has room. */
static void a_tap_costs_three_reads_and_one_program(void **state)
{
    (void)state;
    static const char *const uids[] = {FRIEND, STRANGER};
    static const uint64_t by_bench[] = {1, 0}; /* gate_bench looks for the record when the relay moves */
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    for (size_t i = 0; i < sizeof uids / sizeof *uids; i++) {
        gate_bench_run_ms(&bench, 8000); /* the passage before is over */
        while (portillon_poll(&bench.portillon) == ERR_BUSY)
            ;
        struct nor_model_counts before = bench.nor.counts;
        fake_reader_card(&bench.reader, uids[i]);
        (void)portillon_poll(&bench.portillon);
        assert_int_equal(bench.nor.counts.reads - before.reads, 3 + by_bench[i]);
        assert_int_equal(bench.nor.counts.read_bytes - before.read_bytes, 64 + 32 + 32 + 32 * by_bench[i]);
        assert_int_equal(bench.nor.counts.programs - before.programs, 1);
        assert_int_equal(bench.nor.counts.programmed_bytes - before.programmed_bytes, 32);
        fake_reader_empty(&bench.reader);
        (void)portillon_poll(&bench.portillon);
    }
    assert_int_equal(bench.portillon.tap_count, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define AT_BUILDING(test) cmocka_unit_test_setup_teardown(test, bring_up_building, take_down)
        AT_BUILDING(a_listed_pupil_opens_the_gate),
        AT_BUILDING(the_building_lets_in_whom_it_should_and_tells_why_not),
        AT_BUILDING(a_tap_costs_three_reads_and_one_program),
        cmocka_unit_test_setup_teardown(the_canteen_lets_in_whom_it_should_and_tells_why_not,
                                        bring_up_canteen, take_down),
        AT_BUILDING(a_card_without_an_identity_leaves_no_tag),
        AT_BUILDING(a_card_held_on_the_reader_is_one_passage),
        AT_BUILDING(an_expired_card_opens_while_the_clock_is_unset),
        AT_BUILDING(a_turn_of_the_arm_closes_the_passage_as_passed),
        AT_BUILDING(an_arm_that_nobody_turns_closes_the_passage_as_abandoned),
        AT_BUILDING(without_a_sensor_a_passage_is_assumed_in_its_one_record),
        AT_BUILDING(a_sensor_declared_missing_at_an_open_gate_leaves_no_passage_without_an_end),
        AT_BUILDING(a_second_card_while_open_gets_an_opening_of_its_own),
        AT_BUILDING(an_arm_still_turning_is_not_the_next_pupil_passing),
        AT_BUILDING(a_card_more_than_the_queue_holds_waits_in_the_reader),
        AT_BUILDING(a_refusal_does_not_shut_the_gate_on_the_one_before),
        AT_BUILDING(fire_releases_and_only_its_end_locks_again),
        AT_BUILDING(cards_are_logged_while_fire_releases_and_open_nothing_later),
        AT_BUILDING(fire_closes_the_passages_under_way_as_assumed),
        AT_BUILDING(a_passage_in_a_fire_is_closed_as_not_counted_without_a_sensor_too),
        AT_BUILDING(a_fire_that_burns_at_start_up_releases),
        AT_BUILDING(an_opened_housing_is_logged_and_changes_nothing_else),
        AT_BUILDING(loose_contacts_do_not_fill_the_journal),
        AT_BUILDING(a_silent_reader_is_out_of_order_until_it_is_back),
        AT_BUILDING(a_new_gate_is_out_of_order_until_its_reader_answers),
        AT_BUILDING(whoever_was_let_in_gets_in_although_the_reader_fails),
        AT_BUILDING(the_last_and_the_slowest_tap_are_told),
        AT_BUILDING(a_card_that_waits_for_people_is_no_slow_tap),
        AT_BUILDING(a_relay_tried_is_logged_before_it_clicks_and_ends_by_itself),
        AT_BUILDING(a_light_tried_leaves_no_record),
        AT_BUILDING(the_relay_is_not_tried_when_the_journal_does_not_take_it),
        AT_BUILDING(a_pupil_ends_the_trial_of_an_output),
        AT_BUILDING(fire_ends_the_trial_of_an_output),
        AT_BUILDING(inputs_pressed_are_counted),
        AT_BUILDING(taps_go_on_while_the_flash_is_tested),
    };
    return cmocka_run_group_tests(tests, make_list, free_list);
}
