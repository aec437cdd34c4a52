/* SPDX-License-Identifier: Apache-2.0 */
/* Meals for a gate, and its answer, as bytes written by hand from RFC 8949. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/gate/meals.h"

static uint8_t out[MEALS_PAYLOAD_MAX];

/* a899ff1d is the CRC-32 of "dejeuner": python3 -c 'import zlib; print(hex(zlib.crc32(b"dejeuner")))' */
static void meals_of_one_service_are_one_map(void **state)
{
    (void)state;
    static const char expected[] = "\xA2\x67service\x1A\xA8\x99\xFF\x1D\x65meals\x58\x18"
                                   "\x01\x02\x03\x04\x05\x06\x07\x08\x12\x34\x56\x78"
                                   "\xF1\xF2\xF3\xF4\xF5\xF6\xF7\xF8\xFF\0\0\0";
    const struct told_meal meals[] = {
        {.tag = {{1, 2, 3, 4, 5, 6, 7, 8}}, .utc_s = 0x78563412},
        {.tag = {{0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8}}, .utc_s = 0xFF}};
    assert_int_equal(meals_encode("dejeuner", meals, 2, out, sizeof out), sizeof expected - 1);
    assert_memory_equal(out, expected, sizeof expected - 1);
}

static void as_many_meals_as_the_gate_takes_fit_and_no_more(void **state)
{
    (void)state;
    static const struct told_meal meals[RESOURCE_MEALS_MAX + 1];
    int len = meals_encode("dejeuner", meals, RESOURCE_MEALS_MAX, out, sizeof out);
    assert_true(len > 0);
    assert_int_equal(meals_encode("dejeuner", meals, RESOURCE_MEALS_MAX, out, (size_t)len - 1), ERR_NO_SPACE);
    assert_int_equal(meals_encode("dejeuner", meals, RESOURCE_MEALS_MAX + 1, out, sizeof out), ERR_ARGUMENT);
}

#define ANSWER "\xA6\x65taken\x01\x65known\x02\x65later\x03\x67not_now\x04\x68unlisted\x05\x67no_room\x06"

static void the_answer_tells_what_became_of_them(void **state)
{
    (void)state;
    struct meals_answer answer;
    assert_int_equal(meals_answer_decode(&answer, (const uint8_t *)ANSWER, sizeof ANSWER - 1), ERR_OK);
    assert_int_equal(answer.taken, 1);
    assert_int_equal(answer.known, 2);
    assert_int_equal(answer.later, 3);
    assert_int_equal(answer.not_now, 4);
    assert_int_equal(answer.unlisted, 5);
    assert_int_equal(answer.no_room, 6);
}

static void half_an_answer_is_refused(void **state)
{
    (void)state;
    struct meals_answer answer;
    for (size_t len = 0; len < sizeof ANSWER - 1; len++)
        assert_int_equal(meals_answer_decode(&answer, (const uint8_t *)ANSWER, len), ERR_FORMAT);
    assert_int_equal(meals_answer_decode(&answer, (const uint8_t *)"\xA1\x65taken\x01", 8), ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meals_of_one_service_are_one_map),
        cmocka_unit_test(as_many_meals_as_the_gate_takes_fit_and_no_more),
        cmocka_unit_test(the_answer_tells_what_became_of_them),
        cmocka_unit_test(half_an_answer_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
