/* SPDX-License-Identifier: Apache-2.0 */
/* Only the exact grant opens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/access/verdict.h"

static void a_grant_is_a_grant_and_carries_no_reason(void **state)
{
    (void)state;
    assert_true(verdict_is_grant(verdict_grant()));
    assert_int_equal(verdict_grant().reason, REASON_NONE);
}

static void zeroed_memory_denies(void **state)
{
    (void)state;
    struct verdict verdict;
    memset(&verdict, 0, sizeof verdict);
    assert_false(verdict_is_grant(verdict));
    memset(&verdict, 0xFF, sizeof verdict);
    assert_false(verdict_is_grant(verdict));
    memset(&verdict, 0x01, sizeof verdict);
    assert_false(verdict_is_grant(verdict));
}

static void a_flip_of_any_bit_of_a_grant_denies(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof(struct verdict); bit++) {
        struct verdict verdict = verdict_grant();
        uint8_t bytes[sizeof verdict];
        memcpy(bytes, &verdict, sizeof verdict);
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        memcpy(&verdict, bytes, sizeof verdict);
        assert_false(verdict_is_grant(verdict));
    }
}

static void a_denial_is_many_bits_away_from_a_grant(void **state)
{
    (void)state;
    int bits = 0;
    for (uint32_t word = verdict_grant().word ^ verdict_deny(REASON_BLOCKED).word; word != 0;
         word &= word - 1)
        bits++;
    assert_in_range(bits, 12, 20); /* from zero, and from all ones */
}

static void every_denial_keeps_its_reason_and_has_a_word_of_its_own(void **state)
{
    (void)state;
    assert_string_equal(reason_name(REASON_NONE), "granted");
    for (int a = REASON_UNKNOWN_CARD; a <= (int)REASON_LAST; a++) {
        struct verdict verdict = verdict_deny((enum reason)a);
        assert_false(verdict_is_grant(verdict));
        assert_int_equal(verdict.reason, a);
        for (int b = REASON_NONE; b < a; b++)
            assert_string_not_equal(reason_name((enum reason)a), reason_name((enum reason)b));
    }
    /* A reason with a word that is above REASON_LAST would be left out by every loop. */
    for (int other = (int)REASON_LAST + 1; other < 256; other++)
        assert_string_equal(reason_name((enum reason)other), "unknown_reason");
    assert_false(verdict_is_grant(verdict_deny(REASON_NONE)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_is_a_grant_and_carries_no_reason),
        cmocka_unit_test(zeroed_memory_denies),
        cmocka_unit_test(a_flip_of_any_bit_of_a_grant_denies),
        cmocka_unit_test(a_denial_is_many_bits_away_from_a_grant),
        cmocka_unit_test(every_denial_keeps_its_reason_and_has_a_word_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
