/* SPDX-License-Identifier: Apache-2.0 */
/* Which zone files have a rule that holds in the coming years. The files are made here, byte by byte as RFC
 * 8536 says; the moments were computed with date -u. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/time_zone.h"
#include "tools/portillon/site/zone_file.h"

#define NOW INT64_C(1795996800) /* 2026-11-30 */

static uint8_t file[4096];
static size_t file_len;

struct change {
    int64_t utc_s;
    uint8_t type;
};

static void put(const void *bytes, size_t len)
{
    memcpy(file + file_len, bytes, len);
    file_len += len;
}

static void put_be(uint64_t value, int len)
{
    for (int i = len - 1; i >= 0; i--) {
        uint8_t byte = (uint8_t)(value >> (8 * i));
        put(&byte, 1);
    }
}

static void put_header(uint32_t change_count, uint32_t type_count, uint32_t char_count)
{
    static const uint8_t zeros[15] = {0};
    put("TZif2", 5);
    put(zeros, 15);
    put_be(0, 4);
    put_be(0, 4);
    put_be(0, 4);
    put_be(change_count, 4);
    put_be(type_count, 4);
    put_be(char_count, 4);
}

/* Two types: 0 is UTC, 1 is an hour ahead. */
static void make_file(const struct change *changes, uint32_t count, const char *footer)
{
    file_len = 0;
    put_header(0, 1, 1);
    put_be(0, 6);
    put_be(0, 1);
    put_header(count, 2, 4);
    for (uint32_t i = 0; i < count; i++)
        put_be((uint64_t)changes[i].utc_s, 8);
    for (uint32_t i = 0; i < count; i++)
        put(&changes[i].type, 1);
    put_be(0, 6);
    put_be(3600, 4);
    put_be(0, 2);
    put("ABC", 4);
    put("\n", 1);
    put(footer, strlen(footer));
    put("\n", 1);
}

static int compare(int64_t *differs)
{
    char rule[TIME_ZONE_TEXT_LEN + 1];
    uint32_t at = 0;
    assert_int_equal(zone_file_rule(file, file_len, rule, sizeof rule), ERR_OK);
    int error = zone_file_compare(file, file_len, rule, (uint32_t)NOW, &at);
    *differs = at;
    return error;
}

static void a_rule_that_took_over_long_ago_holds(void **state)
{
    (void)state;
    static const struct change old[] = {{-2000000000, 0}, {1540692000, 1}};
    int64_t differs;
    make_file(old, 2, "<+01>-1");
    assert_int_equal(compare(&differs), ERR_OK);
    make_file(old, 0, "<+01>-1");
    assert_int_equal(compare(&differs), ERR_OK);
}

/* As zic -b fat writes it: the changes of each year up to 2037, all as the rule has them. */
static void changes_that_the_rule_has_too_are_no_difference(void **state)
{
    (void)state;
    static const struct change yearly[] = {
        {1792890000, 0}, /* 2026-10-25 01:00 */
        {1806195600, 1}, /* 2027-03-28 01:00 */
        {1824944400, 0}, /* 2027-10-31 01:00 */
        {1837645200, 1}, /* 2028-03-26 01:00 */
        {1856394000, 0}, /* 2028-10-29 01:00 */
    };
    int64_t differs;
    make_file(yearly, 5, "GMT0BST,M3.5.0/1,M10.5.0");
    assert_int_equal(compare(&differs), ERR_OK);
    make_file(yearly, 5, "GMT0BST,M3.3.0/1,M10.5.0"); /* a week early */
    assert_int_equal(compare(&differs), ERR_VERSION);
    assert_in_range(differs, 1806195600 - 7 * 86400, 1806195600 - 1);
}

/* Africa/Casablanca: an hour less from 2027-02-07 to 2027-03-14, on other days in other years. */
static void changes_that_the_rule_has_not_are_a_difference(void **state)
{
    (void)state;
    static const struct change ramadan[] = {{1774144800, 1}, {1801965600, 0}, {1804989600, 1}};
    static const struct change past[] = {{1771120800, 0}, {1774144800, 1}, {1774144801, 1}};
    static const struct change far[] = {{1774144800, 1}, {2461965600, 0}, {2464989600, 1}};
    int64_t differs;
    make_file(ramadan, 3, "<+01>-1");
    assert_int_equal(compare(&differs), ERR_VERSION);
    assert_int_equal(differs, 1801965600);
    make_file(past, 3, "<+01>-1");
    assert_int_equal(compare(&differs), ERR_OK);
    make_file(far, 3, "<+01>-1"); /* 2048: beyond the coming years */
    assert_int_equal(compare(&differs), ERR_OK);
}

/* The last line holds from 2030 on; until then the clock is an hour ahead. */
static void a_rule_that_is_yet_to_come_is_a_difference(void **state)
{
    (void)state;
    static const struct change later[] = {{1540692000, 1}, {1893456000, 0}};
    int64_t differs;
    make_file(later, 2, "UTC0");
    assert_int_equal(compare(&differs), ERR_VERSION);
    assert_int_equal(differs, NOW);
}

static void a_damaged_file_is_told(void **state)
{
    (void)state;
    static const struct change one[] = {{1540692000, 1}, {1893456000, 9}};
    char rule[TIME_ZONE_TEXT_LEN + 1];
    uint32_t at;
    make_file(one, 2, "");
    assert_int_equal(zone_file_rule(file, file_len, rule, sizeof rule), ERR_FORMAT);
    make_file(one, 2, "UTC0");
    for (size_t len = 0; len < file_len - 6; len++) { /* every cut, and every byte changed */
        assert_true(zone_file_compare(file, len, "UTC0", (uint32_t)NOW, &at) == ERR_FORMAT);
        file[len] ^= 0xFF;
        (void)!zone_file_compare(file, file_len, "UTC0", (uint32_t)NOW, &at);
        file[len] ^= 0xFF;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_that_took_over_long_ago_holds),
        cmocka_unit_test(changes_that_the_rule_has_too_are_no_difference),
        cmocka_unit_test(changes_that_the_rule_has_not_are_a_difference),
        cmocka_unit_test(a_rule_that_is_yet_to_come_is_a_difference),
        cmocka_unit_test(a_damaged_file_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
