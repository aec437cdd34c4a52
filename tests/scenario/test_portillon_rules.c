/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate under the rules of a school: one passage a service, hours, profiles turned off, manual
 * openings, and a clock that is not reliable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/portillon_control.h"
#include "tests/fakes/gate_bench.h"

/* All from `TZ=Europe/Paris date -d '…' +%s`. 2026-11-16 is a Monday, day 9816. */
#define MONDAY_1200   UINT32_C(1794826800)
#define DAY_S         86400u
#define AT(h, m)      (MONDAY_1200 + (h)*3600u - 12 * 3600u + (m)*60u)
#define OCTOBER_0215  UINT32_C(1792887300) /* 2026-10-25 02:15, summer time */
#define MARCH_0159    UINT32_C(1806195540) /* 2027-03-28 01:59 */
#define LEAP_DAY_1200 UINT32_C(1835434800) /* 2028-02-29 12:00 */
#define LEAP_DAY      10286

#define PUPIL    "04a1b2c3d4e580" /* demi-pension */
#define FRIEND   "04a1b2c3d4e680"
#define HUNGRY   "04a1b2c3d4e780" /* two passages a service */
#define PART     "04a1b2c3d4e880" /* meals on Tuesdays only */
#define EXTERNE  "4ed0b123"
#define LEAPER   "04a1b2c3d4e980" /* until 29 February 2028 */
#define STRANGER "04deadbeef0080"

enum { BREAKFAST, LUNCH, NIGHT, EDGE };

static struct gate_bench bench;
static struct sample_list list, list_2, placed_otherwise, split, later;

static struct whitelist_tables school(void)
{
    struct whitelist_tables t = {
        .service_count = 4,
        .window_count = 2,
        .calendar_count = 1,
        .windows =
            {{SAMPLE_EXTERNE, WHITELIST_ZONE_BUILDING, 0x1F, {450, 1110}},   /* 7:30 to 18:30 */
             {SAMPLE_EXTERNE, WHITELIST_ZONE_BUILDING, 1 << 4, {1320, 60}}}, /* Fridays 22:00 to 1:00 */
        .calendar = {{LEAP_DAY + 1, LEAP_DAY + 1, WHITELIST_DAYS_CLOSED, WHITELIST_ZONES_ALL, 0}},
    };
    strcpy(t.services[BREAKFAST].name, "petit-dej");
    strcpy(t.services[LUNCH].name, "dejeuner");
    strcpy(t.services[NIGHT].name, "veillee");
    strcpy(t.services[EDGE].name, "aube");
    for (int day = 0; day < 7; day++) {
        t.services[BREAKFAST].spans[day] = (struct whitelist_span){420, 510};
        t.services[LUNCH].spans[day] = (struct whitelist_span){690, 810};
    }
    t.services[NIGHT].spans[4] = (struct whitelist_span){1380, 60}; /* Fridays 23:00 to 1:00 */
    t.services[EDGE].spans[6] = (struct whitelist_span){135, 195};  /* Sundays 2:15 to 3:15 */
    return t;
}

/* The same services, with lunch before breakfast and one service fewer. */
static struct whitelist_tables school_placed_otherwise(void)
{
    struct whitelist_tables t = school();
    struct whitelist_service lunch = t.services[LUNCH];
    t.services[LUNCH] = t.services[BREAKFAST];
    t.services[BREAKFAST] = lunch;
    t.service_count = 3;
    return t;
}

/* Lunch is first in the list and ends at 12:15. Its former place is taken by another meal, which begins
 * then. */
static struct whitelist_tables school_with_two_lunches(void)
{
    struct whitelist_tables t = school_placed_otherwise();
    strcpy(t.services[1].name, "second");
    for (int day = 0; day < 7; day++) {
        t.services[0].spans[day] = (struct whitelist_span){690, 735};
        t.services[1].spans[day] = (struct whitelist_span){735, 810};
    }
    return t;
}

/* Lunch begins at 13:15. */
static struct whitelist_tables school_with_a_later_lunch(void)
{
    struct whitelist_tables t = school();
    for (int day = 0; day < 7; day++)
        t.services[LUNCH].spans[day].from_min = 795;
    return t;
}

static int make_lists(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {
        {.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = FRIEND, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = HUNGRY, .profile = SAMPLE_DEMI_PENSION, .passages = 2},
        {.uid_hex = PART, .profile = SAMPLE_DEMI_PENSION, .weekdays = 1 << 1},
        {.uid_hex = EXTERNE, .profile = SAMPLE_EXTERNE},
        {.uid_hex = LEAPER, .profile = SAMPLE_DEMI_PENSION, .last_day = LEAP_DAY},
    };
    static struct fake_entropy entropy;
    const struct whitelist_tables tables = school(), other_places = school_placed_otherwise(),
                                  two_lunches = school_with_two_lunches(),
                                  later_lunch = school_with_a_later_lunch();
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    list = sample_list_make_ruled(7, cards, sizeof cards / sizeof cards[0], &tables);
    list_2 = sample_list_make_ruled(8, cards, sizeof cards / sizeof cards[0], &tables);
    placed_otherwise = sample_list_make_ruled(8, cards, sizeof cards / sizeof cards[0], &other_places);
    split = sample_list_make_ruled(9, cards, sizeof cards / sizeof cards[0], &two_lunches);
    later = sample_list_make_ruled(9, cards, sizeof cards / sizeof cards[0], &later_lunch);
    return 0;
}

static int free_lists(void **state)
{
    (void)state;
    sample_list_free(&list);
    sample_list_free(&list_2);
    sample_list_free(&placed_otherwise);
    sample_list_free(&split);
    sample_list_free(&later);
    return 0;
}

static void bring_up(enum zone zone, bool has_rtc)
{
    gate_bench_make(&bench, zone);
    bench.timer.has_rtc = has_rtc;
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    gate_bench_set_clock(&bench, MONDAY_1200);
}

static int bring_up_canteen(void **state)
{
    (void)state;
    bring_up(ZONE_CANTEEN, true);
    return 0;
}

static int bring_up_without_list(void **state)
{
    (void)state;
    gate_bench_make(&bench, ZONE_BUILDING);
    gate_bench_start_with_reader(&bench);
    return 0;
}

static int bring_up_canteen_without_battery(void **state)
{
    (void)state;
    bring_up(ZONE_CANTEEN, false);
    return 0;
}

static int bring_up_building(void **state)
{
    (void)state;
    bring_up(ZONE_BUILDING, true);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static void assert_tap(const char *uid, enum reason expected)
{
    enum reason reason = gate_bench_tap(&bench, uid);
    assert_string_equal(reason_name(reason), reason_name(expected));
}

/* Taps and passes. */
static void eat(const char *uid)
{
    assert_tap(uid, REASON_NONE);
    gate_bench_turn_arm(&bench);
}

static void cut_power(void)
{
    gate_bench_start_with_reader(&bench);
}

static struct journal_record newest_of(enum journal_kind kind)
{
    struct journal_record record;
    uint32_t back = 0;
    do
        record = gate_bench_record(&bench, back++);
    while (record.kind != kind);
    return record;
}

static void set_sensor(bool fitted)
{
    struct settings settings = bench.portillon.settings;
    settings.rotation_fitted = fitted;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
}

/* ---- one passage a service ---- */

static void a_card_passes_once_in_a_service(void **state)
{
    (void)state;
    eat(PUPIL);
    assert_int_equal(journal_record_service(&(struct journal_record){0}), 0);
    struct journal_record record = newest_of(JOURNAL_GRANTED);
    assert_int_equal(journal_record_service(&record), LUNCH + 1);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    gate_bench_wait_until(&bench, AT(13, 29));
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    gate_bench_wait_until(&bench, AT(13, 30));
    assert_tap(PUPIL, REASON_NO_SERVICE_NOW);
    gate_bench_wait_until(&bench, AT(7, 0) + DAY_S);
    eat(PUPIL);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    gate_bench_wait_until(&bench, AT(11, 30) + DAY_S);
    eat(PUPIL);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
}

static void as_many_passages_as_the_list_allows(void **state)
{
    (void)state;
    eat(HUNGRY);
    eat(HUNGRY);
    assert_tap(HUNGRY, REASON_ALREADY_PASSED);
}

static void whoever_does_not_go_through_may_try_again(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_tap(PUPIL, REASON_NONE);
        gate_bench_run_ms(&bench, 6000);
        assert_int_equal(newest_of(JOURNAL_CLOSED).code, JOURNAL_ABANDONED);
    }
    eat(PUPIL);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
}

static void an_opening_in_hand_counts_as_used(void **state)
{
    (void)state;
    assert_tap(PUPIL, REASON_NONE);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    gate_bench_turn_arm(&bench);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
}

static int refusals(void)
{
    int count = 0;
    for (uint8_t reason = REASON_UNKNOWN_CARD; reason <= REASON_SHARED_UID; reason++)
        count += gate_bench_count(&bench, JOURNAL_REFUSED, reason);
    return count;
}

/* Taps a card whose passage is still to come: no red, no record, and the opening goes on. */
static void tap_again(const char *uid)
{
    int before = refusals();
    uint32_t openings = bench.wires.relay_rises;
    assert_true(gate_bench_tap(&bench, uid) != REASON_NONE);
    assert_int_not_equal(bench.last_tap.repeated_seq, 0);
    assert_int_equal(bench.last_tap.seq, 0);
    assert_false(bench.wires.outputs & GATE_LIGHT_RED);
    assert_true(bench.wires.outputs & GATE_RELAY);
    assert_int_equal(refusals(), before);
    assert_int_equal(bench.wires.relay_rises, openings);
}

static void a_second_tap_while_ones_own_gate_is_open_is_no_refusal(void **state)
{
    (void)state;
    assert_tap(PUPIL, REASON_NONE);
    uint32_t passage = newest_of(JOURNAL_GRANTED).seq;
    for (int i = 0; i < 3; i++) {
        tap_again(PUPIL);
        assert_int_equal(bench.last_tap.repeated_seq, passage);
    }
    assert_tap(FRIEND, REASON_NONE); /* waits in the queue */
    tap_again(FRIEND);
    tap_again(PUPIL);
    gate_bench_turn_arm(&bench);
    tap_again(FRIEND); /* the gate is now open for this card */
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_true(bench.wires.outputs & GATE_LIGHT_RED);
    assert_int_equal(refusals(), 1);
    gate_bench_turn_arm(&bench);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
    assert_int_equal(refusals(), 2);
}

static void a_second_tap_does_not_lengthen_the_opening(void **state)
{
    (void)state;
    uint32_t open_ms = bench.portillon.settings.open_ms;
    assert_tap(PUPIL, REASON_NONE);
    gate_bench_run_ms(&bench, open_ms - 500);
    tap_again(PUPIL);
    gate_bench_run_ms(&bench, 600);
    assert_false(bench.wires.outputs & GATE_RELAY);
    assert_int_equal(newest_of(JOURNAL_CLOSED).code, JOURNAL_ABANDONED);
    assert_tap(PUPIL, REASON_NONE); /* nobody passed, so the meal is not used */
}

static void a_second_tap_after_the_service_ended_is_no_refusal(void **state)
{
    (void)state;
    gate_bench_wait_until(&bench, AT(13, 29));
    while (clock_utc_s(&bench.portillon.clock) < AT(13, 29) + 58)
        gate_bench_run_ms(&bench, 100);
    assert_tap(PUPIL, REASON_NONE);
    gate_bench_run_ms(&bench, 3000);
    tap_again(PUPIL);
    assert_int_equal(bench.last_tap.verdict.reason, REASON_NO_SERVICE_NOW);
}

static void a_telephone_beside_a_second_tap_shows_no_red(void **state)
{
    (void)state;
    assert_tap(PUPIL, REASON_NONE);
    gate_bench_run_ms(&bench, 2000);
    fake_reader_card(&bench.reader, PUPIL);
    gate_bench_run_ms(&bench, 30);
    fake_reader_card(&bench.reader, "08a1b2c3");
    gate_bench_run_ms(&bench, 30);
    assert_int_equal(bench.last_tap.verdict.reason, REASON_RANDOM_UID);
    assert_false(bench.wires.outputs & GATE_LIGHT_RED);
    assert_int_equal(refusals(), 1);
}

static void without_a_sensor_an_opening_counts(void **state)
{
    (void)state;
    set_sensor(false);
    assert_tap(PUPIL, REASON_NONE);
    gate_bench_run_ms(&bench, 6000);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_NONE);
    cut_power(); /* while it is open */
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
}

static void a_power_cut_in_a_service_forgets_nobody(void **state)
{
    (void)state;
    eat(PUPIL);
    eat(HUNGRY);
    assert_tap(FRIEND, REASON_NONE); /* and does not pass */
    gate_bench_run_ms(&bench, 6000);
    for (int i = 0; i < 3; i++) {
        cut_power();
        assert_tap(PUPIL, REASON_ALREADY_PASSED);
    }
    eat(HUNGRY);
    assert_tap(HUNGRY, REASON_ALREADY_PASSED);
    eat(FRIEND);
    cut_power();
    assert_tap(HUNGRY, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
    gate_bench_wait_until(&bench, AT(11, 30) + DAY_S);
    cut_power();
    eat(PUPIL);
}

static void whoever_the_power_cut_stopped_may_try_again(void **state)
{
    (void)state;
    assert_tap(PUPIL, REASON_NONE);
    cut_power(); /* the arm had not turned */
    eat(PUPIL);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
}

static void a_new_list_in_a_service_forgets_nobody(void **state)
{
    (void)state;
    eat(PUPIL);
    gate_bench_install(&bench, &list_2);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
}

static void a_list_that_places_services_otherwise_keeps_the_counts(void **state)
{
    (void)state;
    eat(PUPIL);
    eat(HUNGRY);
    gate_bench_install(&bench, &placed_otherwise);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(HUNGRY);
    eat(FRIEND);
    for (int i = 0; i < 2; i++) {
        assert_tap(PUPIL, REASON_ALREADY_PASSED);
        assert_tap(HUNGRY, REASON_ALREADY_PASSED);
        assert_tap(FRIEND, REASON_ALREADY_PASSED);
        cut_power();
    }
    gate_bench_install(&bench, &later); /* and back */
    gate_bench_wait_until(&bench, AT(13, 15));
    for (int i = 0; i < 2; i++) {
        assert_tap(PUPIL, REASON_ALREADY_PASSED);
        assert_tap(HUNGRY, REASON_ALREADY_PASSED);
        assert_tap(FRIEND, REASON_ALREADY_PASSED);
        cut_power();
    }
    gate_bench_wait_until(&bench, AT(7, 0) + DAY_S);
    eat(PUPIL); /* breakfast, which does not count as lunch */
}

static void a_service_more_in_the_list_changes_no_number(void **state)
{
    (void)state;
    static const struct journal_services as_before;
    struct rights *rights = &bench.portillon.rights;
    struct journal_services map = rights_renumber_services(rights);
    assert_memory_equal(&map, &as_before, sizeof map);
    rights->services[EDGE] = 0; /* as after a list with three services */
    map = rights_renumber_services(rights);
    assert_memory_equal(&map, &as_before, sizeof map);
}

static void what_counted_for_one_service_counts_for_no_other(void **state)
{
    (void)state;
    eat(PUPIL);
    gate_bench_install(&bench, &split);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    gate_bench_wait_until(&bench, AT(12, 15)); /* another meal, in the former place of lunch */
    eat(PUPIL);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
}

static void hours_that_a_new_list_moves_keep_the_counts(void **state)
{
    (void)state;
    eat(PUPIL);
    gate_bench_install(&bench, &later);
    assert_tap(PUPIL, REASON_NO_SERVICE_NOW);
    gate_bench_wait_until(&bench, AT(13, 15));
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
}

static void a_list_that_began_to_rule_as_power_went_is_on_record(void **state)
{
    (void)state;
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_LIST_INSTALLED), 1);
    assert_int_equal(store_set_u32(&bench.portillon.store, STORE_VERSION_FLOOR, 6), ERR_OK);
    for (int i = 0; i < 2; i++) {
        cut_power();
        assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_LIST_INSTALLED), 2);
    }
}

/* The manifests of both slots cannot be read at the start. */
static void a_list_found_late_keeps_the_counts(void **state)
{
    (void)state;
    uint32_t at = bench.portillon.layout.whitelist_base, half = bench.portillon.layout.whitelist_len / 2;
    uint8_t kept[2] = {*nor_model_bytes(&bench.nor, at), *nor_model_bytes(&bench.nor, at + half)};
    eat(PUPIL);
    *nor_model_bytes(&bench.nor, at) = *nor_model_bytes(&bench.nor, at + half) = 0;
    cut_power();
    assert_tap(PUPIL, REASON_NO_LIST);
    *nor_model_bytes(&bench.nor, at) = kept[0];
    *nor_model_bytes(&bench.nor, at + half) = kept[1];
    gate_bench_run_ms(&bench, 70000);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_LIST_INSTALLED), 1);
    gate_bench_install(&bench, &placed_otherwise);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_LIST_INSTALLED), 2);
    eat(FRIEND);
}

static void a_thousand_taps_between_two_meals_of_a_card_change_nothing(void **state)
{
    (void)state;
    eat(PUPIL);
    for (int i = 0; i < 1000; i++)
        assert_tap(STRANGER, REASON_UNKNOWN_CARD);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
}

static void a_full_table_lets_pass_and_says_so(void **state)
{
    (void)state;
    eat(PUPIL);
    bench.portillon.rights.recounted_seq = bench.portillon.journal.head_seq;
    bench.portillon.rights.meals.taken = SERVICE_COUNT_MOST; /* as after so many passages */
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_NONE);
    assert_true(newest_of(JOURNAL_GRANTED).flags & JOURNAL_FLAG_UNCOUNTED);
    gate_bench_turn_arm(&bench);
    eat(FRIEND);
    bench.portillon.rights.recounted_seq -= 5000; /* long ago: the counts of past meals make room */
    assert_tap(FRIEND, REASON_NONE);
    assert_false(newest_of(JOURNAL_GRANTED).flags & JOURNAL_FLAG_UNCOUNTED);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
}

/* It reads the journal back, so it is not done for every card. */
static void a_full_table_is_counted_again_after_1024_records(void **state)
{
    (void)state;
    struct rights *rights = &bench.portillon.rights;
    rights->meals.taken = SERVICE_COUNT_MOST;
    rights->recounted_seq = bench.portillon.journal.head_seq - 1023;
    assert_false(rights_can_count(rights));
    assert_int_equal(rights->meals.taken, SERVICE_COUNT_MOST);
    rights->recounted_seq--;
    assert_true(rights_can_count(rights));
    assert_int_equal(rights->meals.taken, 0);
}

/* Eats a minute before the end of a meal, at that time, and checks until when the table keeps it. */
static void check_kept_for_two_hours(uint32_t last_minute_s)
{
    struct rights *rights = &bench.portillon.rights;
    gate_bench_wait_until(&bench, last_minute_s);
    eat(PUPIL);
    assert_int_equal(rights->meals.taken, 1);
    gate_bench_run_ms(&bench, 1100);
    uint32_t seen_s = rights->meal_seen_utc_s;
    assert_in_range(seen_s, last_minute_s, last_minute_s + 5);
    gate_bench_wait_until(&bench, seen_s + 7200 - 3);
    gate_bench_run_ms(&bench, 1100);
    assert_int_equal(rights->meals.taken, 1);
    gate_bench_run_ms(&bench, 4000);
    assert_int_equal(rights->meals.taken, 0);
}

/* Not at once, because a new list may move the meal. */
static void the_counts_are_dropped_two_hours_after_the_meal(void **state)
{
    (void)state;
    check_kept_for_two_hours(AT(13, 29));        /* lunch ends at 13:30 */
    check_kept_for_two_hours(AT(8, 29) + DAY_S); /* breakfast, the first service of the list, at 8:30 */
}

static void whom_the_fire_panel_let_out_keeps_the_meal(void **state)
{
    (void)state;
    eat(HUNGRY);
    assert_tap(PUPIL, REASON_NONE);
    bench.wires.inputs = GATE_FIRE;
    gate_bench_run_ms(&bench, 100);
    assert_tap(FRIEND, REASON_NONE); /* logged as usual */
    assert_tap(STRANGER, REASON_UNKNOWN_CARD);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 100);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(bench.portillon.gate.state, GATE_IDLE);
        assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_FIRE_START), 1);
        assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_FIRE_END), 1);
        cut_power();
    }
    eat(PUPIL);
    eat(FRIEND);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
    eat(HUNGRY);
    assert_tap(HUNGRY, REASON_ALREADY_PASSED);
}

/* ---- local time ---- */

static void go_through_the_hour_that_comes_twice(bool power_cuts)
{
    gate_bench_set_clock(&bench, OCTOBER_0215 - 60);
    assert_tap(PUPIL, REASON_NO_SERVICE_NOW);
    gate_bench_wait_until(&bench, OCTOBER_0215);
    eat(PUPIL);
    gate_bench_wait_until(&bench, OCTOBER_0215 + 2700); /* 02:00 again: before its hours in local time */
    assert_tap(FRIEND, REASON_NO_SERVICE_NOW);
    if (power_cuts)
        cut_power();
    gate_bench_wait_until(&bench, OCTOBER_0215 + 3600); /* 02:15 again */
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    if (power_cuts)
        cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
    gate_bench_wait_until(&bench, OCTOBER_0215 + 7200);
    assert_tap(HUNGRY, REASON_NO_SERVICE_NOW);
}

static void a_meal_through_the_hour_that_comes_twice_is_one(void **state)
{
    (void)state;
    go_through_the_hour_that_comes_twice(false);
}

static void and_so_it_is_with_power_cuts(void **state)
{
    (void)state;
    go_through_the_hour_that_comes_twice(true);
}

static void a_meal_at_the_hour_that_never_comes_begins_after_it(void **state)
{
    (void)state;
    gate_bench_set_clock(&bench, MARCH_0159);
    assert_tap(PUPIL, REASON_NO_SERVICE_NOW);
    gate_bench_wait_until(&bench, MARCH_0159 + 60); /* 03:00, which is in 02:15 to 03:15 */
    eat(PUPIL);
    gate_bench_wait_until(&bench, MARCH_0159 + 60 + 14 * 60);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    gate_bench_wait_until(&bench, MARCH_0159 + 60 + 15 * 60);
    assert_tap(FRIEND, REASON_NO_SERVICE_NOW);
}

static void a_meal_past_midnight_is_one(void **state)
{
    (void)state;
    const uint32_t friday = MONDAY_1200 + 4 * DAY_S;
    gate_bench_set_clock(&bench, friday + 11 * 3600 + 1800); /* 23:30 */
    eat(PUPIL);
    gate_bench_wait_until(&bench, friday + 12 * 3600 + 1800); /* 00:30 */
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
    gate_bench_wait_until(&bench, friday + 13 * 3600);
    assert_tap(HUNGRY, REASON_NO_SERVICE_NOW);
}

static void windows_hold_at_the_gate_and_past_midnight(void **state)
{
    (void)state;
    const uint32_t friday = MONDAY_1200 + 4 * DAY_S;
    assert_tap(EXTERNE, REASON_NONE);
    gate_bench_turn_arm(&bench);
    gate_bench_set_clock(&bench, AT(7, 29));
    assert_tap(EXTERNE, REASON_OUTSIDE_HOURS);
    gate_bench_wait_until(&bench, AT(18, 30));
    assert_tap(EXTERNE, REASON_OUTSIDE_HOURS);
    assert_tap(PUPIL, REASON_NONE); /* no window: any hour */
    gate_bench_turn_arm(&bench);
    gate_bench_wait_until(&bench, friday + 12 * 3600 + 59 * 60); /* Saturday 00:59 */
    assert_tap(EXTERNE, REASON_NONE);
    gate_bench_turn_arm(&bench);
    gate_bench_wait_until(&bench, friday + 13 * 3600);
    assert_tap(EXTERNE, REASON_OUTSIDE_HOURS);
}

static void the_29th_of_february_is_a_day_like_others(void **state)
{
    (void)state;
    gate_bench_set_clock(&bench, LEAP_DAY_1200);
    assert_tap(LEAPER, REASON_NONE);
    gate_bench_turn_arm(&bench);
    gate_bench_wait_until(&bench, LEAP_DAY_1200 + 12 * 3600 - 60); /* 23:59 */
    assert_tap(LEAPER, REASON_NONE);
    gate_bench_turn_arm(&bench);
    gate_bench_wait_until(&bench, LEAP_DAY_1200 + 12 * 3600); /* 1 March */
    assert_tap(LEAPER, REASON_EXPIRED);
    assert_tap(PUPIL, REASON_CLOSED_TODAY);
    gate_bench_wait_until(&bench, LEAP_DAY_1200 + 36 * 3600);
    assert_tap(PUPIL, REASON_NONE);
}

/* ---- an unreliable clock ---- */

static enum clock_quality recorded_quality(void)
{
    return (enum clock_quality)(newest_of(JOURNAL_GRANTED).flags & JOURNAL_FLAG_CLOCK_MASK);
}

static void a_dead_battery_locks_nobody_out(void **state)
{
    (void)state;
    eat(PUPIL);
    assert_int_equal(recorded_quality(), CLOCK_SET);
    cut_power();
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
    assert_in_range(clock_utc_s(&bench.portillon.clock), MONDAY_1200, MONDAY_1200 + 60);
    eat(PUPIL); /* it is unknown which meal this is */
    assert_int_equal(recorded_quality(), CLOCK_STALE);
    struct journal_record record = newest_of(JOURNAL_GRANTED);
    assert_int_equal(journal_record_service(&record), 0);
    eat(PART);
    assert_tap(EXTERNE, REASON_NO_RIGHT_HERE);
    gate_bench_set_clock(&bench, AT(12, 30)); /* the earlier lunch counts again */
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(PART, REASON_NO_MEAL_TODAY);
    eat(FRIEND);
    assert_int_equal(recorded_quality(), CLOCK_SET);
}

/* The clock runs on from what the journal says: setting it moves it by seconds. */
static void a_clock_set_soon_after_a_restart_counts_the_lunch_of_before(void **state)
{
    (void)state;
    eat(PUPIL);
    cut_power();
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
    gate_bench_set_clock(&bench, clock_utc_s(&bench.portillon.clock) + 10);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
}

static void a_battery_that_fails_locks_nobody_out(void **state)
{
    (void)state;
    eat(PUPIL);
    bench.timer.rtc_utc_s = UINT32_C(1735689600); /* 2025-01-01: where this clock chip starts after a reset */
    bench.timer.rtc_set_us = bench.timer.now_us;
    cut_power();
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
    assert_in_range(clock_utc_s(&bench.portillon.clock), MONDAY_1200, MONDAY_1200 + 60);
    eat(PART);
    gate_bench_set_clock(&bench, MONDAY_1200 - 7 * DAY_S); /* the clock was set a week ahead before */
    cut_power();
    assert_int_equal(bench.portillon.clock.quality, CLOCK_SET);
    assert_in_range(clock_utc_s(&bench.portillon.clock), MONDAY_1200 - 7 * DAY_S,
                    MONDAY_1200 - 7 * DAY_S + 60);
}

static void a_clock_that_nobody_sets_for_a_month_is_stale(void **state)
{
    (void)state;
    gate_bench_wait_until(&bench, MONDAY_1200 + 30 * DAY_S - 60);
    assert_int_equal(bench.portillon.clock.quality, CLOCK_SET);
    assert_tap(PART, REASON_NO_MEAL_TODAY); /* a Wednesday */
    gate_bench_wait_until(&bench, MONDAY_1200 + 30 * DAY_S + 60);
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
    eat(PART);
    cut_power(); /* the battery keeps the time, but not that it was confirmed */
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
    gate_bench_set_clock(&bench, MONDAY_1200 + 31 * DAY_S); /* a Thursday */
    assert_int_equal(bench.portillon.clock.quality, CLOCK_SET);
    assert_tap(PART, REASON_NO_MEAL_TODAY);
    cut_power();
    assert_int_equal(bench.portillon.clock.quality, CLOCK_SET);
}

static void days_without_setting_the_clock_are_a_setting(void **state)
{
    (void)state;
    struct settings settings = bench.portillon.settings;
    settings.clock_days = 0;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
    gate_bench_wait_until(&bench, MONDAY_1200 + 300 * DAY_S);
    assert_int_equal(bench.portillon.clock.quality, CLOCK_SET);
    settings.clock_days = 1;
    assert_int_equal(portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
    gate_bench_run_ms(&bench, 1500);
    assert_int_equal(bench.portillon.clock.quality, CLOCK_STALE);
}

/* ---- profiles turned off ---- */

static void a_group_is_turned_off_at_once_and_back(void **state)
{
    (void)state;
    const uint32_t all = 7, no_externes = 6;
    assert_tap(EXTERNE, REASON_NONE);
    gate_bench_turn_arm(&bench);
    assert_int_equal(portillon_turn_profiles(&bench.portillon, no_externes, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(gate_bench_record(&bench, 0).code, JOURNAL_EVENT_PROFILES);
    assert_int_equal(gate_bench_record(&bench, 0).ref, 1);
    assert_tap(EXTERNE, REASON_PROFILE_OFF);
    assert_tap(PUPIL, REASON_NONE);
    gate_bench_turn_arm(&bench);
    cut_power();
    assert_tap(EXTERNE, REASON_PROFILE_OFF);
    gate_bench_install(&bench, &list_2);
    assert_tap(EXTERNE, REASON_PROFILE_OFF);
    assert_int_equal(portillon_turn_profiles(&bench.portillon, all, ROLE_TECHNICIAN), ERR_OK);
    assert_tap(EXTERNE, REASON_NONE);
    gate_bench_turn_arm(&bench);
    cut_power();
    assert_tap(EXTERNE, REASON_NONE);
}

static void a_name_turned_off_waits_for_a_list_that_has_it(void **state)
{
    (void)state;
    /* printf externe | gzip -c | tail -c8 | head -c4 | xxd -p: the CRC-32, as stored */
    static const uint8_t externe[STORE_VALUE_LEN] = {1, 0, 0, 0, 0x6E, 0x1D, 0xEA, 0x32};
    static const uint8_t nobody[STORE_VALUE_LEN] = {1};
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            store_set(&bench.portillon.store, STORE_PROFILES_OFF + 4 + i, i == 2 ? externe : nobody), ERR_OK);
    gate_bench_start_with_reader(&bench);
    assert_tap(EXTERNE, REASON_NO_LIST);
    gate_bench_install(&bench, &list);
    assert_tap(EXTERNE, REASON_PROFILE_OFF);
}

/* ---- manual openings ---- */

static void the_lodge_opens_by_button_once_a_press(void **state)
{
    (void)state;
    bench.wires.inputs = GATE_BUTTON;
    gate_bench_run_ms(&bench, 20);
    assert_true(bench.wires.outputs & GATE_RELAY);
    struct journal_record record = newest_of(JOURNAL_EVENT);
    assert_int_equal(record.code, JOURNAL_EVENT_MANUAL_OPENING);
    assert_int_equal(record.ref, JOURNAL_OPENED_BY_BUTTON);
    for (int i = 0; i < 10; i++) { /* a worn button */
        bench.wires.inputs ^= GATE_BUTTON;
        gate_bench_run_ms(&bench, 3);
    }
    bench.wires.inputs = GATE_BUTTON;
    gate_bench_run_ms(&bench, 20000); /* and a button that is held */
    assert_false(bench.wires.outputs & GATE_RELAY);
    assert_int_equal(newest_of(JOURNAL_CLOSED).ref, record.seq);
    assert_int_equal(newest_of(JOURNAL_CLOSED).code, JOURNAL_ABANDONED);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_MANUAL_OPENING), 1);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 100);
    bench.wires.inputs = GATE_BUTTON;
    gate_bench_run_ms(&bench, 20);
    gate_bench_turn_arm(&bench);
    assert_int_equal(newest_of(JOURNAL_CLOSED).code, JOURNAL_PASSED);
    assert_int_equal(bench.wires.relay_rises, 2);
}

static void an_opening_by_hand_waits_its_turn(void **state)
{
    (void)state;
    assert_tap(PUPIL, REASON_NONE);
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_TECHNICIAN), ERR_OK);
    assert_int_equal(newest_of(JOURNAL_EVENT).ref, JOURNAL_OPENED_BY_TECHNICIAN);
    gate_bench_turn_arm(&bench);
    assert_true(bench.wires.outputs & GATE_RELAY);
    gate_bench_turn_arm(&bench);
    assert_false(bench.wires.outputs & GATE_RELAY);
    for (int i = 0; i < GATE_QUEUE_MAX; i++)
        assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_TECHNICIAN), ERR_OK);
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_TECHNICIAN), ERR_BUSY);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_MANUAL_OPENING),
                     GATE_QUEUE_MAX + 1);
}

static void without_a_reader_the_lodge_still_opens(void **state)
{
    (void)state;
    fake_reader_down(&bench.reader, "gone");
    gate_bench_run_ms(&bench, 50);
    assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_BUTTON), ERR_OK);
    assert_true(bench.wires.outputs & GATE_RELAY);
    gate_bench_turn_arm(&bench);
    assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
}

static void no_record_no_opening_by_hand(void **state)
{
    (void)state;
    bench.nor.dead = true;
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_BUTTON), ERR_IO);
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(bench.wires.relay_rises, 0);
    assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
}

/* Red and amber blink, with three beeps: README.md lists the signals. */
static void the_button_of_a_gate_that_cannot_log_shows_the_fault(void **state)
{
    (void)state;
    const uint32_t fault = GATE_LIGHT_RED | GATE_LIGHT_AMBER | GATE_BUZZER;
    int beeps = 0;
    uint32_t before = 0;
    bench.nor.dead = true;
    bench.wires.inputs = GATE_BUTTON;
    for (int ms = 0; ms < 3000; ms++) {
        gate_bench_run_ms(&bench, 1);
        beeps += (bench.wires.outputs & fault) == fault && !(before & GATE_BUZZER);
        before = bench.wires.outputs;
    }
    assert_int_equal(beeps, 3);
    assert_int_equal(bench.wires.relay_rises, 0);
    bench.nor.dead = false;
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 100);
    bench.wires.inputs = GATE_BUTTON; /* the chip answers again, and so the button works */
    gate_bench_run_ms(&bench, 20);
    assert_int_equal(bench.wires.relay_rises, 1);
    assert_int_equal(newest_of(JOURNAL_EVENT).ref, JOURNAL_OPENED_BY_BUTTON);
}

static void a_button_pressed_too_often_shows_no_fault(void **state)
{
    (void)state;
    for (int i = 0; i <= GATE_QUEUE_MAX; i++) {
        bench.wires.inputs = GATE_BUTTON;
        gate_bench_run_ms(&bench, 60);
        bench.wires.inputs = 0;
        gate_bench_run_ms(&bench, 60);
        assert_false(bench.wires.outputs & GATE_LIGHT_RED);
    }
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_MANUAL_OPENING), GATE_QUEUE_MAX);
}

static void while_released_a_hand_opens_nothing_more(void **state)
{
    (void)state;
    bench.wires.inputs = GATE_FIRE | GATE_BUTTON;
    gate_bench_run_ms(&bench, 100);
    assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_TECHNICIAN), ERR_OK);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_MANUAL_OPENING), 0);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 500);
    assert_int_equal(bench.portillon.gate.state, GATE_IDLE);
    assert_false(bench.wires.outputs & GATE_RELAY);
}

static void an_open_housing_shows(void **state)
{
    (void)state;
    bench.wires.inputs = GATE_TAMPER;
    gate_bench_run_ms(&bench, 1200);
    assert_true(bench.wires.outputs & GATE_LIGHT_AMBER);
    assert_int_equal(newest_of(JOURNAL_EVENT).code, JOURNAL_EVENT_TAMPER_START);
    bench.wires.inputs = 0;
    gate_bench_run_ms(&bench, 1200);
    assert_false(bench.wires.outputs & GATE_LIGHT_AMBER);
    assert_int_equal(newest_of(JOURNAL_EVENT).code, JOURNAL_EVENT_TAMPER_END);
}

#define CANTEEN_TEST(name)  cmocka_unit_test_setup_teardown(name, bring_up_canteen, take_down)
#define BUILDING_TEST(name) cmocka_unit_test_setup_teardown(name, bring_up_building, take_down)

/* ---- a rotation sensor whose wire is dead ---- */

/* Lets the gate close again without a turn of the arm. */
static void pass_unseen(const char *uid_hex)
{
    assert_tap(uid_hex, REASON_NONE);
    gate_bench_run_ms(&bench, 6000);
}

static void with_a_dead_rotation_wire_meals_are_counted_after_a_few(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        pass_unseen(PUPIL); /* each looks as if the pupil had turned back */
    assert_int_equal(gate_bench_record(&bench, 0).code, JOURNAL_EVENT_ROTATION_SILENT);
    assert_int_equal(gate_bench_record(&bench, 0).ref, 5);
    pass_unseen(PUPIL);
    struct journal_record record = gate_bench_record(&bench, 0);
    assert_int_equal(record.kind, JOURNAL_CLOSED);
    assert_int_equal(record.code, JOURNAL_ASSUMED);
    for (int i = 0; i < 15; i++)
        assert_tap(PUPIL, REASON_ALREADY_PASSED);
    pass_unseen(FRIEND);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_ROTATION_SILENT), 1);
}

static void a_dead_wire_is_remembered_across_a_power_cut(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        pass_unseen(PUPIL);
    gate_bench_start_with_reader(&bench);
    for (int i = 0; i < 2; i++)
        pass_unseen(PUPIL);
    assert_int_equal(gate_bench_record(&bench, 0).code, JOURNAL_EVENT_ROTATION_SILENT);
    gate_bench_start_with_reader(&bench);
    pass_unseen(PUPIL);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    for (int i = 0; i < 50; i++) { /* a hundred records later */
        assert_int_equal(portillon_open(&bench.portillon, JOURNAL_OPENED_BY_TECHNICIAN), ERR_OK);
        gate_bench_run_ms(&bench, 6000);
    }
    gate_bench_start_with_reader(&bench);
    pass_unseen(FRIEND);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
}

static void a_turn_of_the_arm_proves_the_sensor(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        pass_unseen(PUPIL);
    assert_tap(FRIEND, REASON_NONE);
    gate_bench_turn_arm(&bench);
    for (int i = 0; i < 4; i++)
        pass_unseen(PUPIL);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_ROTATION_SILENT), 0);
    pass_unseen(PUPIL);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_ROTATION_SILENT), 1);
    assert_tap(HUNGRY, REASON_NONE);
    gate_bench_turn_arm(&bench);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_EVENT, JOURNAL_EVENT_ROTATION_SEEN), 1);
    pass_unseen(PUPIL); /* abandoned again */
    assert_tap(PUPIL, REASON_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CANTEEN_TEST(a_card_passes_once_in_a_service),
        CANTEEN_TEST(as_many_passages_as_the_list_allows),
        CANTEEN_TEST(whoever_does_not_go_through_may_try_again),
        CANTEEN_TEST(an_opening_in_hand_counts_as_used),
        CANTEEN_TEST(a_second_tap_while_ones_own_gate_is_open_is_no_refusal),
        CANTEEN_TEST(a_second_tap_does_not_lengthen_the_opening),
        CANTEEN_TEST(a_second_tap_after_the_service_ended_is_no_refusal),
        CANTEEN_TEST(a_telephone_beside_a_second_tap_shows_no_red),
        CANTEEN_TEST(without_a_sensor_an_opening_counts),
        CANTEEN_TEST(a_power_cut_in_a_service_forgets_nobody),
        CANTEEN_TEST(whoever_the_power_cut_stopped_may_try_again),
        CANTEEN_TEST(a_new_list_in_a_service_forgets_nobody),
        CANTEEN_TEST(a_list_that_places_services_otherwise_keeps_the_counts),
        CANTEEN_TEST(what_counted_for_one_service_counts_for_no_other),
        CANTEEN_TEST(a_service_more_in_the_list_changes_no_number),
        CANTEEN_TEST(hours_that_a_new_list_moves_keep_the_counts),
        CANTEEN_TEST(a_list_that_began_to_rule_as_power_went_is_on_record),
        CANTEEN_TEST(a_list_found_late_keeps_the_counts),
        CANTEEN_TEST(a_thousand_taps_between_two_meals_of_a_card_change_nothing),
        CANTEEN_TEST(a_full_table_lets_pass_and_says_so),
        CANTEEN_TEST(a_full_table_is_counted_again_after_1024_records),
        CANTEEN_TEST(the_counts_are_dropped_two_hours_after_the_meal),
        CANTEEN_TEST(whom_the_fire_panel_let_out_keeps_the_meal),
        CANTEEN_TEST(a_meal_through_the_hour_that_comes_twice_is_one),
        CANTEEN_TEST(and_so_it_is_with_power_cuts),
        CANTEEN_TEST(a_meal_at_the_hour_that_never_comes_begins_after_it),
        CANTEEN_TEST(a_meal_past_midnight_is_one),
        CANTEEN_TEST(with_a_dead_rotation_wire_meals_are_counted_after_a_few),
        CANTEEN_TEST(a_dead_wire_is_remembered_across_a_power_cut),
        CANTEEN_TEST(a_turn_of_the_arm_proves_the_sensor),
        BUILDING_TEST(windows_hold_at_the_gate_and_past_midnight),
        BUILDING_TEST(the_29th_of_february_is_a_day_like_others),
        cmocka_unit_test_setup_teardown(a_dead_battery_locks_nobody_out, bring_up_canteen_without_battery,
                                        take_down),
        cmocka_unit_test_setup_teardown(a_clock_set_soon_after_a_restart_counts_the_lunch_of_before,
                                        bring_up_canteen_without_battery, take_down),
        CANTEEN_TEST(a_battery_that_fails_locks_nobody_out),
        CANTEEN_TEST(a_clock_that_nobody_sets_for_a_month_is_stale),
        CANTEEN_TEST(days_without_setting_the_clock_are_a_setting),
        BUILDING_TEST(a_group_is_turned_off_at_once_and_back),
        cmocka_unit_test_setup_teardown(a_name_turned_off_waits_for_a_list_that_has_it, bring_up_without_list,
                                        take_down),
        BUILDING_TEST(the_lodge_opens_by_button_once_a_press),
        BUILDING_TEST(an_opening_by_hand_waits_its_turn),
        BUILDING_TEST(without_a_reader_the_lodge_still_opens),
        BUILDING_TEST(no_record_no_opening_by_hand),
        BUILDING_TEST(the_button_of_a_gate_that_cannot_log_shows_the_fault),
        BUILDING_TEST(a_button_pressed_too_often_shows_no_fault),
        BUILDING_TEST(while_released_a_hand_opens_nothing_more),
        BUILDING_TEST(an_open_housing_shows),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
