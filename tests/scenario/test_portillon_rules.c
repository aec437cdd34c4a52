/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate under the rules of a school: one passage a service, profiles turned off, and a rotation
 * sensor whose wire is dead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/portillon_clock.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"
#include "tests/fakes/gate_bench.h"
#include "tests/fakes/rules_bench.h"

#define STRANGER "04deadbeef0080"

static int bring_up_without_list(void **state)
{
    (void)state;
    gate_bench_make(&bench, ZONE_BUILDING);
    gate_bench_start_with_reader(&bench);
    return 0;
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

/* Strangers eat and go through, as with a rotation sensor. The chip of the bench has room for some. */
static void serve_strangers(uint32_t passages)
{
    struct portillon *portillon = &bench.portillon;
    for (uint32_t i = 0; i < passages; i++) {
        struct journal_record record = portillon_stamp(portillon);
        record.kind = JOURNAL_GRANTED;
        record.flags |= (LUNCH + 1) << JOURNAL_SERVICE_SHIFT;
        memcpy(record.tag.bytes, &i, sizeof i);
        record.tag.bytes[TAG_LEN - 1] = (uint8_t)i;
        record.tag.bytes[TAG_LEN - 2] = (uint8_t)(i >> 8);
        assert_int_equal(portillon_append(portillon, &record, &record.seq), ERR_OK);
        rights_note_granted(&portillon->rights, &record.tag, record.seq, LUNCH + 1);
        portillon_close_passage(portillon, record.seq, JOURNAL_PASSED, false);
    }
    gate_bench_run_ms(&bench, 2000);
}

static uint64_t reads_to_install(const struct sample_list *newer)
{
    uint64_t before = bench.nor.counts.reads;
    gate_bench_install(&bench, newer);
    return bench.nor.counts.reads - before;
}

/* The table keeps journal records, which stay what they are when a list changes. */
static void a_new_list_amid_a_long_meal_reads_no_passage_again(void **state)
{
    (void)state;
    gate_bench_run_ms(&bench, 1000);
    uint64_t without = reads_to_install(&placed_otherwise);
    take_down(NULL);
    bring_up_canteen(NULL);
    eat(PUPIL);
    serve_strangers(1000);
    uint64_t with = reads_to_install(&placed_otherwise);
    assert_in_range(with, 1, without + 150);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
    cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
}

/* A clock that is set makes other passages those of the meal. */
static void a_clock_that_is_set_amid_a_long_meal_is_no_long_turn_of_the_loop(void **state)
{
    (void)state;
    uint32_t turns = 0;
    eat(PUPIL);
    serve_strangers(1000);
    for (uint32_t tapped_in = 0; tapped_in < 100; tapped_in += 33) {
        uint64_t before = bench.nor.counts.reads;
        assert_int_equal(portillon_set_clock(&bench.portillon, AT(12, 10) + tapped_in, ROLE_TECHNICIAN),
                         ERR_OK);
        assert_in_range(bench.nor.counts.reads - before, 0, 10);
        for (turns = 0; turns < tapped_in; turns++) {
            before = bench.nor.counts.reads;
            (void)portillon_poll(&bench.portillon);
            assert_in_range(bench.nor.counts.reads - before, 0, 60);
        }
        assert_tap(PUPIL, REASON_ALREADY_PASSED);
        gate_bench_set_clock(&bench, AT(12, 0));
    }
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
    uint8_t kept[2][64]; /* more than the checks of a manifest can correct */
    memcpy(kept[0], nor_model_bytes(&bench.nor, at), sizeof kept[0]);
    memcpy(kept[1], nor_model_bytes(&bench.nor, at + half), sizeof kept[1]);
    eat(PUPIL);
    memset(nor_model_bytes(&bench.nor, at), 0, sizeof kept[0]);
    memset(nor_model_bytes(&bench.nor, at + half), 0, sizeof kept[1]);
    cut_power();
    assert_tap(PUPIL, REASON_NO_LIST);
    memcpy(nor_model_bytes(&bench.nor, at), kept[0], sizeof kept[0]);
    memcpy(nor_model_bytes(&bench.nor, at + half), kept[1], sizeof kept[1]);
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
    gate_bench_fill_meals(&bench, MONDAY_1200);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_NONE);
    assert_true(newest_of(JOURNAL_GRANTED).flags & JOURNAL_FLAG_UNCOUNTED);
    gate_bench_turn_arm(&bench);
    gate_bench_run_ms(&bench, 2000);
    eat(FRIEND);
    assert_int_equal(bench.portillon.rights.meals.taken, SERVICE_COUNT_MOST); /* all of this meal */
}

static void a_table_full_of_past_meals_is_emptied_in_idle_time(void **state)
{
    (void)state;
    struct service_count *meals = &bench.portillon.rights.meals;
    eat(PUPIL);
    gate_bench_fill_meals(&bench, MONDAY_1200 - DAY_S);
    bench.portillon.rights.recounted_seq = bench.portillon.journal.head_seq - 255;
    gate_bench_run_ms(&bench, 2000);
    assert_int_equal(meals->taken, SERVICE_COUNT_MOST); /* the last time was not long ago */
    bench.portillon.rights.recounted_seq--;
    uint64_t reads = bench.nor.counts.reads;
    (void)portillon_poll(&bench.portillon);
    assert_true(bench.nor.counts.reads - reads <= 4 + 2); /* two for the verification ahead */
    assert_true(service_count_is_purging(meals));
    gate_bench_run_ms(&bench, 2000);
    assert_int_equal(meals->taken, 1);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
    assert_false(newest_of(JOURNAL_GRANTED).flags & JOURNAL_FLAG_UNCOUNTED);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
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
        CANTEEN_TEST(a_new_list_amid_a_long_meal_reads_no_passage_again),
        CANTEEN_TEST(a_clock_that_is_set_amid_a_long_meal_is_no_long_turn_of_the_loop),
        CANTEEN_TEST(a_list_that_places_services_otherwise_keeps_the_counts),
        CANTEEN_TEST(what_counted_for_one_service_counts_for_no_other),
        CANTEEN_TEST(a_service_more_in_the_list_changes_no_number),
        CANTEEN_TEST(hours_that_a_new_list_moves_keep_the_counts),
        CANTEEN_TEST(a_list_that_began_to_rule_as_power_went_is_on_record),
        CANTEEN_TEST(a_list_found_late_keeps_the_counts),
        CANTEEN_TEST(a_thousand_taps_between_two_meals_of_a_card_change_nothing),
        CANTEEN_TEST(a_full_table_lets_pass_and_says_so),
        CANTEEN_TEST(a_table_full_of_past_meals_is_emptied_in_idle_time),
        CANTEEN_TEST(the_counts_are_dropped_two_hours_after_the_meal),
        CANTEEN_TEST(whom_the_fire_panel_let_out_keeps_the_meal),
        CANTEEN_TEST(with_a_dead_rotation_wire_meals_are_counted_after_a_few),
        CANTEEN_TEST(a_dead_wire_is_remembered_across_a_power_cut),
        CANTEEN_TEST(a_turn_of_the_arm_proves_the_sensor),
        BUILDING_TEST(a_group_is_turned_off_at_once_and_back),
        cmocka_unit_test_setup_teardown(a_name_turned_off_waits_for_a_list_that_has_it, bring_up_without_list,
                                        take_down),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
