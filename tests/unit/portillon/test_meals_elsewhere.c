/* SPDX-License-Identifier: Apache-2.0 */
/* Which passages of a canteen gate are meals for the other gates, from records in a real database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/access/verdict.h"
#include "tests/fakes/test_store.h"
#include "tools/portillon/store/meals_elsewhere.h"
#include "tools/portillon/store/passage_store.h"

#define NOON      1794826800u
#define LUNCH     2 /* its place in the list */
#define MEALS_MAX 4

static char path[TEST_STORE_PATH_SIZE];
static struct passage_store store;
static crypto_mac mac;
static uint32_t seq;
static struct meal_lane lanes[MEALS_MAX];
static struct meal_elsewhere meals[MEALS_MAX];

static int start(void **state)
{
    static const uint8_t key[CRYPTO_KEY_LEN] = "a journal key...";
    struct identity gate = test_store_gate("lane-1");
    (void)state;
    test_store_new(path);
    seq = 0;
    memset(lanes, 0, sizeof lanes);
    return crypto_mac_init(&mac, key) == ERR_OK && passage_store_open(&store, path, &gate) == ERR_OK &&
                   passage_store_recall(&store, &store.memory) == ERR_OK
               ? 0
               : -1;
}

static int stop(void **state)
{
    (void)state;
    passage_store_close(&store);
    crypto_mac_free(&mac);
    test_store_delete(path);
    return 0;
}

/* Stores a record of lane-1 as the next one. Returns its number. */
static uint32_t record(struct journal_record wanted)
{
    uint8_t raw[JOURNAL_RECORD_LEN];
    wanted.seq = ++seq;
    wanted.zone = wanted.zone != 0 ? wanted.zone : ZONE_CANTEEN;
    wanted.utc_s = wanted.utc_s != 0 ? wanted.utc_s : NOON + seq;
    wanted.flags |= CLOCK_SET;
    assert_int_equal(journal_record_encode(&wanted, &mac, raw), ERR_OK);
    assert_int_equal(passage_store_begin(&store), ERR_OK);
    assert_int_equal(passage_store_add(&store, &wanted, raw), 1);
    assert_int_equal(passage_store_commit(&store, seq), ERR_OK);
    return seq;
}

static struct journal_record passage(uint8_t card, uint8_t service)
{
    return (struct journal_record){.kind = JOURNAL_GRANTED,
                                   .tag = {{card, 2, 3, 4, 5, 6, 7, 8}},
                                   .flags = (uint8_t)(service << JOURNAL_SERVICE_SHIFT)};
}

static uint32_t close_passage(uint32_t ref, enum journal_outcome outcome, uint8_t flags)
{
    return record((struct journal_record){
        .kind = JOURNAL_CLOSED, .code = (uint8_t)outcome, .ref = ref, .flags = flags});
}

static int look(const char *device)
{
    return meals_elsewhere_lanes(&store.db, device, lanes, 0, MEALS_MAX);
}

static int count_meals(uint32_t *reached)
{
    assert_int_equal(look("lane-2"), 1);
    return meals_elsewhere_read(&store.db, &lanes[0], NOON, meals, MEALS_MAX, reached);
}

static void a_passage_is_a_meal_once_it_is_closed(void **state)
{
    uint32_t reached, meal = record(passage(0xAA, LUNCH));
    (void)state;
    assert_int_equal(count_meals(&reached), 0);
    assert_int_equal(reached, meal);
    uint32_t closing = close_passage(meal, JOURNAL_PASSED, 0);
    assert_int_equal(count_meals(&reached), 1);
    assert_int_equal(meals[0].seq, closing);
    assert_int_equal(meals[0].tag.bytes[0], 0xAA);
    assert_int_equal(meals[0].utc_s, NOON + meal);
    assert_int_equal(meals[0].service, LUNCH);
    lanes[0].read = reached;
    assert_int_equal(meals_elsewhere_read(&store.db, &lanes[0], NOON, meals, MEALS_MAX, &reached), 0);
}

static void what_is_no_meal_is_not_told(void **state)
{
    uint32_t reached;
    struct journal_record gate = passage(5, LUNCH), old = passage(6, LUNCH), refusal = passage(7, LUNCH);
    (void)state;
    close_passage(record(passage(1, LUNCH)), JOURNAL_ABANDONED, 0);
    close_passage(record(passage(2, LUNCH)), JOURNAL_PASSED, JOURNAL_FLAG_UNCOUNTED);
    close_passage(record(passage(3, 0)), JOURNAL_PASSED, 0);
    gate.zone = ZONE_BUILDING;
    close_passage(record(gate), JOURNAL_PASSED, 0);
    old.utc_s = NOON - 1;
    close_passage(record(old), JOURNAL_PASSED, 0);
    refusal.kind = JOURNAL_REFUSED;
    refusal.code = REASON_UNKNOWN_CARD;
    record(refusal);
    assert_int_equal(count_meals(&reached), 0);
    assert_int_equal(reached, seq);
}

static void without_a_sensor_the_passage_says_it_itself(void **state)
{
    uint32_t reached;
    struct journal_record assumed = passage(0xBB, LUNCH);
    (void)state;
    assumed.code = JOURNAL_ASSUMED;
    record(assumed);
    assert_int_equal(count_meals(&reached), 1);
    assert_int_equal(meals[0].tag.bytes[0], 0xBB);
}

static void many_are_read_in_turn(void **state)
{
    uint32_t reached;
    (void)state;
    for (uint8_t i = 0; i < MEALS_MAX + 1; i++)
        close_passage(record(passage(i, LUNCH)), JOURNAL_PASSED, 0);
    assert_int_equal(count_meals(&reached), MEALS_MAX);
    assert_int_equal(reached, 2 * MEALS_MAX);
    lanes[0].read = reached;
    assert_int_equal(meals_elsewhere_read(&store.db, &lanes[0], NOON, meals, MEALS_MAX, &reached), 1);
    assert_int_equal(meals[0].tag.bytes[0], MEALS_MAX);
}

static void a_gate_is_no_lane_of_its_own(void **state)
{
    (void)state;
    record(passage(1, LUNCH));
    assert_int_equal(look("lane-1"), 0);
    assert_int_equal(look("lane-2"), 1);
    assert_string_equal(lanes[0].device, "lane-1");
    assert_int_equal(lanes[0].last, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_passage_is_a_meal_once_it_is_closed, start, stop),
        cmocka_unit_test_setup_teardown(what_is_no_meal_is_not_told, start, stop),
        cmocka_unit_test_setup_teardown(without_a_sensor_the_passage_says_it_itself, start, stop),
        cmocka_unit_test_setup_teardown(many_are_read_in_turn, start, stop),
        cmocka_unit_test_setup_teardown(a_gate_is_no_lane_of_its_own, start, stop),
    };
    return cmocka_run_group_tests_name("meals_elsewhere", tests, NULL, NULL);
}
