/* SPDX-License-Identifier: Apache-2.0 */
/* The lists that the store keeps, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/test_store.h"
#include "tools/portillon/store/list_store.h"
#include "tools/portillon/store/passage_store.h"
#include "tools/portillon/store/people_store.h"

enum { DAY = 86400, MONDAY = 1795996800 }; /* 2026-11-30 */

static char path[TEST_STORE_PATH_SIZE];
static struct people_store store;

static int start(void **state)
{
    (void)state;
    test_store_new(path);
    assert_int_equal(people_store_open(&store, path, test_store_site), ERR_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    people_store_close(&store);
    test_store_delete(path);
    return 0;
}

static void put(uint32_t version, uint32_t issued_utc_s, const char *content)
{
    const struct list_store_entry entry = {version, issued_utc_s, "format = 1\n", (const uint8_t *)content,
                                           strlen(content)};
    assert_int_equal(people_store_begin(&store), ERR_OK);
    assert_int_equal(list_store_put(&store.db, &entry), ERR_OK);
    assert_int_equal(people_store_commit(&store), ERR_OK);
}

static void add_record(const char *device, uint32_t seq, uint32_t utc_s, enum journal_kind kind, uint8_t code,
                       uint32_t ref)
{
    struct passage_store passages;
    struct identity gate = test_store_gate(device);
    const uint8_t raw[JOURNAL_RECORD_LEN] = {(uint8_t)seq};
    const struct journal_record record = {
        .seq = seq, .utc_s = utc_s, .kind = kind, .code = code, .ref = ref, .flags = CLOCK_SET};
    assert_int_equal(passage_store_open(&passages, path, &gate), ERR_OK);
    assert_int_equal(passage_store_begin(&passages), ERR_OK);
    assert_int_equal(passage_store_add(&passages, &record, raw), 1);
    assert_int_equal(passage_store_commit(&passages, seq), ERR_OK);
    passage_store_close(&passages);
}

static const char *versions(void)
{
    return test_store_ask(
        path, "SELECT group_concat(version) FROM (SELECT version FROM lists ORDER BY version) AS l");
}

/* Deletes what is from before a time, as portillon store forget does. Returns the number of lists. */
static int64_t forget(uint32_t before_utc_s)
{
    int64_t passages, people, lists;
    assert_int_equal(people_store_begin(&store), ERR_OK);
    assert_int_equal(people_store_forget(&store, before_utc_s, &passages, &people), ERR_OK);
    assert_int_equal(list_store_forget(&store.db, before_utc_s, &lists), ERR_OK);
    assert_int_equal(people_store_commit(&store), ERR_OK);
    return lists;
}

static void a_list_comes_back_as_it_was_stored(void **state)
{
    (void)state;
    uint8_t *list;
    size_t len;
    put(7, MONDAY, "list seven");
    put(9, MONDAY + 5, "list nine");
    assert_int_equal(list_store_read(&store.db, 7, &list, &len), ERR_OK);
    assert_int_equal(len, 10);
    assert_memory_equal(list, "list seven", 10);
    free(list);
    assert_int_equal(list_store_read(&store.db, 8, &list, &len), ERR_NOT_FOUND);
    put(9, MONDAY + 6, "another");
    assert_int_equal(list_store_read(&store.db, 9, &list, &len), ERR_OK);
    assert_int_equal(len, 7);
    free(list);
    assert_string_equal(test_store_ask(path, "SELECT rules FROM lists WHERE version = 7"), "format = 1\n");
    assert_string_equal(versions(), "7,9");
}

static void what_is_rolled_back_is_not_stored(void **state)
{
    (void)state;
    const struct list_store_entry entry = {3, MONDAY, "", (const uint8_t *)"x", 1};
    assert_int_equal(people_store_begin(&store), ERR_OK);
    assert_int_equal(list_store_put(&store.db, &entry), ERR_OK);
    people_store_rollback(&store);
    assert_string_equal(test_store_ask(path, "SELECT count(*) FROM lists"), "0");
}

static void lists_replaced_before_the_oldest_passage_are_forgotten(void **state)
{
    (void)state;
    for (uint32_t day = 0; day < 5; day++)
        put(10 + day, MONDAY + day * DAY, "a list");
    add_record("nord", 1, MONDAY + DAY / 2, JOURNAL_REFUSED, 1, 0);
    add_record("nord", 2, MONDAY + 2 * DAY + DAY / 2, JOURNAL_GRANTED, 0, 0);
    assert_int_equal(forget(MONDAY), 0); /* the first passage may be by the first list */
    assert_string_equal(versions(), "10,11,12,13,14");
    assert_int_equal(forget(MONDAY + 2 * DAY), 2);
    assert_string_equal(versions(), "12,13,14");
    assert_int_equal(forget(MONDAY + 90 * DAY), 2); /* no passage is left */
    assert_string_equal(versions(), "14");
}

static void a_list_that_a_gate_still_ran_is_kept(void **state)
{
    (void)state;
    put(10, MONDAY, "a list");
    put(11, MONDAY + DAY, "a list");
    put(12, MONDAY + 2 * DAY, "a list");
    put(13, MONDAY + 3 * DAY, "a list");
    add_record("nord", 1, MONDAY + 100, JOURNAL_EVENT, JOURNAL_EVENT_LIST_INSTALLED, 10);
    add_record("nord", 2, MONDAY + DAY + 100, JOURNAL_EVENT, JOURNAL_EVENT_LIST_INSTALLED, 11);
    add_record("nord", 3, MONDAY + DAY + 200, JOURNAL_EVENT, JOURNAL_EVENT_PROFILES, 1);
    add_record("nord", 4, MONDAY + DAY + 300, JOURNAL_EVENT, JOURNAL_EVENT_READER_UP, 0);
    add_record("nord", 5, MONDAY + 9 * DAY, JOURNAL_GRANTED, 0, 0);
    add_record("nord", 6, MONDAY + 10 * DAY, JOURNAL_EVENT, JOURNAL_EVENT_LIST_INSTALLED, 13);
    assert_int_equal(forget(MONDAY + 8 * DAY), 2);
    assert_string_equal(versions(), "11,13"); /* 12 never came to this gate */
    assert_string_equal(
        test_store_ask(path, "SELECT group_concat(seq) FROM (SELECT seq FROM journal ORDER BY seq) AS j"),
        "2,3,5,6");
    assert_int_equal(forget(MONDAY + 8 * DAY), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_list_comes_back_as_it_was_stored, start, stop),
        cmocka_unit_test_setup_teardown(what_is_rolled_back_is_not_stored, start, stop),
        cmocka_unit_test_setup_teardown(lists_replaced_before_the_oldest_passage_are_forgotten, start, stop),
        cmocka_unit_test_setup_teardown(a_list_that_a_gate_still_ran_is_kept, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
