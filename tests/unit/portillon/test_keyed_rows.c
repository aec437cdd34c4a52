/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that are found by their keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/common/keyed_rows.h"

struct row {
    uint8_t key[KEYED_ROWS_KEY_LEN];
    uint32_t value;
};

static struct keyed_rows rows;

static int start(void **state)
{
    (void)state;
    rows = (struct keyed_rows){.size = sizeof(struct row)};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    keyed_rows_free(&rows);
    return 0;
}

static void make_key(uint64_t number, uint8_t key[KEYED_ROWS_KEY_LEN])
{
    memcpy(key, &number, sizeof number);
}

static struct row *find(uint64_t number)
{
    uint8_t key[KEYED_ROWS_KEY_LEN];
    make_key(number, key);
    return keyed_rows_find(&rows, key);
}

static void add(uint64_t number, uint32_t value)
{
    uint8_t key[KEYED_ROWS_KEY_LEN];
    make_key(number, key);
    struct row *row = keyed_rows_add(&rows, key);
    assert_non_null(row);
    assert_int_equal(row->value, 0);
    row->value = value;
}

static void nothing_is_found_among_no_rows(void **state)
{
    (void)state;
    assert_null(find(0));
}

static void many_rows_keep_their_keys_numbers_and_values(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 5000; i++)
        add((uint64_t)i << (i % 2 == 0 ? 0 : 40), i + 7);
    assert_int_equal(rows.count, 5000);
    for (uint32_t i = 0; i < 5000; i++) {
        struct row *row = find((uint64_t)i << (i % 2 == 0 ? 0 : 40));
        assert_non_null(row);
        assert_int_equal(row->value, i + 7);
        assert_int_equal(keyed_rows_number(&rows, row), i);
        assert_ptr_equal(keyed_rows_at(&rows, i), row);
    }
    assert_null(find(1));
    assert_null(find(5002));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_found_among_no_rows),
        TEST(many_rows_keep_their_keys_numbers_and_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
