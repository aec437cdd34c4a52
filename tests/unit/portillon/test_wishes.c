/* SPDX-License-Identifier: Apache-2.0 */
/* What is wished of all gates and which gates have it, and the rows of the gates, in a real database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/test_store.h"
#include "tools/portillon/store/gate_rows.h"
#include "tools/portillon/store/store_schema.h"
#include "tools/portillon/store/wishes.h"

static char path[TEST_STORE_PATH_SIZE];
static struct store_db store;
static struct wishes open_wishes;

static int start(void **state)
{
    (void)state;
    test_store_new(path);
    return store_schema_open(&store, path, test_store_site) == ERR_OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    db_close(&store.db);
    test_store_delete(path);
    return 0;
}

static void wish(const char *profile, bool on, int64_t at)
{
    struct wishes wishes = {.count = 1};
    snprintf(wishes.items[0].profile, sizeof wishes.items[0].profile, "%s", profile);
    wishes.items[0].on = on;
    assert_int_equal(wishes_make(&store, &wishes, "secretary", at), ERR_OK);
}

static int count_open(const char *device)
{
    assert_int_equal(wishes_read_open(&store, device, &open_wishes), ERR_OK);
    return open_wishes.count;
}

static void bring_first(const char *device, int64_t at)
{
    assert_true(count_open(device) > 0);
    assert_int_equal(wishes_note_done(&store, device, &open_wishes.items[0], at), ERR_OK);
}

static void each_gate_gets_a_wish_once(void **state)
{
    (void)state;
    assert_int_equal(count_open("nord"), 0);
    wish("externe", false, 1000);
    assert_int_equal(count_open("nord"), 1);
    assert_string_equal(open_wishes.items[0].profile, "externe");
    assert_false(open_wishes.items[0].on);
    bring_first("nord", 1001);
    assert_int_equal(count_open("nord"), 0);
    assert_int_equal(count_open("sud"), 1);
    assert_string_equal(test_store_ask(path, "SELECT done_utc_s FROM wishes_done WHERE device = 'nord'"),
                        "1001");
    assert_string_equal(test_store_ask(path, "SELECT who FROM wishes"), "secretary");
    assert_string_equal(test_store_ask(path, "SELECT what || ' ' || subject FROM audit"),
                        "turn_off profile externe");
}

static void a_wish_in_the_same_second_counts(void **state)
{
    (void)state;
    wish("externe", false, 1000);
    bring_first("nord", 1000);
    wish("externe", true, 1000);
    assert_int_equal(count_open("nord"), 1);
    assert_true(open_wishes.items[0].on);
}

static void a_wish_that_was_replaced_meanwhile_is_not_noted_as_done(void **state)
{
    (void)state;
    wish("externe", false, 1000);
    assert_int_equal(count_open("nord"), 1);
    struct wish old = open_wishes.items[0];
    wish("externe", true, 1001);
    assert_int_equal(wishes_note_done(&store, "nord", &old, 1002), ERR_OK);
    assert_int_equal(count_open("nord"), 1);
    assert_true(open_wishes.items[0].on);
}

static void a_gate_with_another_memory_gets_all_again(void **state)
{
    (void)state;
    wish("externe", false, 1000);
    wish("interne", false, 1000);
    bring_first("nord", 1001);
    bring_first("nord", 1001);
    bring_first("sud", 1001);
    assert_int_equal(wishes_forget_done(&store, "nord"), ERR_OK);
    assert_int_equal(count_open("nord"), 2);
    assert_int_equal(count_open("sud"), 1);
}

static void a_gate_has_one_row(void **state)
{
    struct gate_row rows[4], row = {.device = "nord",
                                    .name = "Portail nord",
                                    .zone = "building",
                                    .direction = "in",
                                    .port = "/dev/ttyUSB0",
                                    .seen_utc_s = 1000,
                                    .list_version = 3,
                                    .has_clock = true,
                                    .clock_off_s = -2,
                                    .state = "idle"};
    (void)state;
    assert_int_equal(gate_rows_put(&store, &row), ERR_OK);
    snprintf(row.direction, sizeof row.direction, "out");
    row.seen_utc_s = 2000;
    row.has_clock = false;
    assert_int_equal(gate_rows_put(&store, &row), ERR_OK);
    snprintf(row.device, sizeof row.device, "est");
    assert_int_equal(gate_rows_put(&store, &row), ERR_OK);
    assert_int_equal(gate_rows_list(&store, rows, 4), 2);
    assert_string_equal(rows[0].device, "est");
    assert_string_equal(rows[0].direction, "out");
    assert_string_equal(rows[1].direction, "out");
    assert_int_equal(rows[1].seen_utc_s, 2000);
    assert_false(rows[1].has_clock);
    assert_int_equal(gate_rows_list(&store, rows, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_gate_gets_a_wish_once, start, stop),
        cmocka_unit_test_setup_teardown(a_wish_in_the_same_second_counts, start, stop),
        cmocka_unit_test_setup_teardown(a_wish_that_was_replaced_meanwhile_is_not_noted_as_done, start, stop),
        cmocka_unit_test_setup_teardown(a_gate_with_another_memory_gets_all_again, start, stop),
        cmocka_unit_test_setup_teardown(a_gate_has_one_row, start, stop),
    };
    return cmocka_run_group_tests_name("wishes", tests, NULL, NULL);
}
