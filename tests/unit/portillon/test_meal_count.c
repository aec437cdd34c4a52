/* SPDX-License-Identifier: Apache-2.0 */
/* The passages of each card at a meal, counted from records: many of them, and over many days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/replay/meal_count.h"

enum { DAY = 86400, MONDAY = 1795996800 }; /* 2026-11-30, UTC */

static struct whitelist_tables tables;
static struct meal_count count;

static int start(void **state)
{
    (void)state;
    memset(&count, 0, sizeof count);
    memset(&tables, 0, sizeof tables);
    tables.service_count = 1;
    for (int day = 0; day < WHITELIST_WEEKDAYS; day++)
        tables.services[0].spans[day] = (struct whitelist_span){0, WHITELIST_MINUTES_MAX}; /* UTC, all day */
    return time_zone_parse(&tables.zone, "UTC0");
}

static int stop(void **state)
{
    (void)state;
    meal_count_free(&count);
    return 0;
}

static struct tag tag_of(uint32_t number)
{
    struct tag tag = {{0}};
    memcpy(tag.bytes, &number, sizeof number);
    return tag;
}

static void add(uint32_t seq, uint32_t card, uint32_t utc_s)
{
    const struct meal_passage passage = {.tag = tag_of(card), .seq = seq, .utc_s = utc_s, .service = 1};
    assert_int_equal(meal_count_add(&count, &passage), ERR_OK);
}

static uint8_t passages_of(uint32_t card, uint32_t utc_s)
{
    const struct tag tag = tag_of(card);
    struct local_time now = time_zone_local(&tables.zone, utc_s);
    struct policy_meal meal = policy_service_at(&tables, 0, &now);
    return meal_count_of(&count, &tag, &meal, &tables, utc_s);
}

static void each_of_five_thousand_cards_has_its_own_count(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 5000; i++)
        add(i + 1, i, MONDAY + 40000 + i);
    for (uint32_t i = 0; i < 5000; i += 2)
        add(5001 + i, i, MONDAY + 46000 + i);
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(passages_of(i, MONDAY + 60000), i % 2 == 0 ? 2 : 1);
    assert_int_equal(passages_of(5000, MONDAY + 60000), 0);
}

static void a_passage_of_the_day_before_does_not_count(void **state)
{
    (void)state;
    add(1, 7, MONDAY + 23 * 3600);
    assert_int_equal(passages_of(7, MONDAY + 23 * 3600 + 1800), 1);
    assert_int_equal(passages_of(7, MONDAY + DAY + 23 * 3600), 0); /* the meal began 23 hours ago */
}

static void old_passages_take_no_memory(void **state)
{
    (void)state;
    for (uint32_t day = 0; day < 200; day++)
        for (uint32_t i = 0; i < 500; i++)
            add(day * 500 + i + 1, i, MONDAY + day * DAY + 40000 + i);
    assert_true(count.capacity <= 4096);
    assert_int_equal(passages_of(3, MONDAY + 199 * DAY + 50000), 1);
}

static void a_passage_that_was_not_used_does_not_count(void **state)
{
    (void)state;
    add(10, 1, MONDAY + 40000);
    add(12, 1, MONDAY + 40010);
    meal_count_close(&count, 11, false); /* nobody's */
    assert_int_equal(passages_of(1, MONDAY + 50000), 2);
    meal_count_close(&count, 10, false);
    meal_count_close(&count, 12, true);
    assert_int_equal(passages_of(1, MONDAY + 50000), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_of_five_thousand_cards_has_its_own_count, start, stop),
        cmocka_unit_test_setup_teardown(a_passage_of_the_day_before_does_not_count, start, stop),
        cmocka_unit_test_setup_teardown(old_passages_take_no_memory, start, stop),
        cmocka_unit_test_setup_teardown(a_passage_that_was_not_used_does_not_count, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
