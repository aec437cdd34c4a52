/* SPDX-License-Identifier: Apache-2.0 */
/* When a visit may set the clock of a gate, and when a person must decide. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tools/portillon/gate/gate_clock.h"

#define NOW      1795344000 /* date -u -d 2026-11-22T10:40:00Z +%s */
#define MINUTE   60
#define HOUR     3600
#define DAY      86400
#define NOT_TOLD (-1)

static enum gate_clock_advice judge(const char *quality, int64_t ahead_s, int64_t set_ago_s)
{
    struct gate_clock clock = {.now = NOW, .gate.time = (uint32_t)(NOW + ahead_s)};
    snprintf(clock.gate.clock, sizeof clock.gate.clock, "%s", quality);
    clock.gate.has_confirmed = set_ago_s != NOT_TOLD;
    clock.gate.confirmed = (uint32_t)(NOW - set_ago_s);
    return gate_clock_judge(&clock);
}

static void a_clock_that_is_right_is_set_a_few_times_a_day_at_most(void **state)
{
    (void)state;
    assert_int_equal(judge("set", 0, MINUTE), GATE_CLOCK_FINE);
    assert_int_equal(judge("set", 3, 5 * HOUR), GATE_CLOCK_FINE);
    assert_int_equal(judge("set", -3, 5 * HOUR), GATE_CLOCK_FINE);
    assert_int_equal(judge("set", 0, 7 * HOUR), GATE_CLOCK_SET_IT);
    assert_int_equal(judge("set", 0, 60 * DAY), GATE_CLOCK_SET_IT);
    assert_int_equal(judge("set", 0, -7 * HOUR), GATE_CLOCK_SET_IT); /* set when it was ahead */
    assert_int_equal(judge("set", 0, NOT_TOLD), GATE_CLOCK_SET_IT);
}

static void one_a_little_off_is_set(void **state)
{
    (void)state;
    assert_int_equal(judge("set", 4, MINUTE), GATE_CLOCK_SET_IT);
    assert_int_equal(judge("set", -4, MINUTE), GATE_CLOCK_SET_IT);
    assert_int_equal(judge("set", 5 * MINUTE, MINUTE), GATE_CLOCK_SET_IT);
    assert_int_equal(judge("set", -5 * MINUTE, MINUTE), GATE_CLOCK_SET_IT);
}

static void one_far_off_is_left_to_a_person(void **state)
{
    (void)state;
    assert_int_equal(judge("set", 5 * MINUTE + 1, MINUTE), GATE_CLOCK_APART);
    assert_int_equal(judge("set", -5 * MINUTE - 1, MINUTE), GATE_CLOCK_APART);
    assert_int_equal(judge("set", -HOUR, 60 * DAY), GATE_CLOCK_APART); /* a computer that is an hour ahead */
}

static void what_a_power_cut_left_behind_is_set_however_far(void **state)
{
    (void)state;
    assert_int_equal(judge("stale", -3 * DAY, 3 * DAY), GATE_CLOCK_SET_IT);
    assert_int_equal(judge("stale", 0, MINUTE), GATE_CLOCK_SET_IT);
    assert_int_equal(judge("stale", 5 * MINUTE, DAY), GATE_CLOCK_SET_IT);
    /* The clock stood while power was off. It can be ahead only if the computer is behind. */
    assert_int_equal(judge("stale", 5 * MINUTE + 1, DAY), GATE_CLOCK_APART);
    struct gate_clock unset = {.now = NOW, .gate = {.time = 17, .clock = "unset", .has_confirmed = true}};
    assert_int_equal(gate_clock_judge(&unset), GATE_CLOCK_SET_IT);
    assert_false(gate_clock_shows_time(&unset));
    assert_false(gate_clock_is_sure(&unset));
}

static void a_computer_without_a_time_sets_nothing(void **state)
{
    (void)state;
    /* date -u -d 2023-12-31T23:59:59Z +%s; no list of ours is that old */
    struct gate_clock clock = {.now = 1704067199, .gate = {.time = 17, .clock = "unset"}};
    assert_int_equal(gate_clock_judge(&clock), GATE_CLOCK_NO_TIME);
    clock.now++;
    assert_int_equal(gate_clock_judge(&clock), GATE_CLOCK_SET_IT);
    clock.now = INT64_C(1) << 32; /* more than the gate's clock can hold */
    assert_int_equal(gate_clock_judge(&clock), GATE_CLOCK_NO_TIME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_that_is_right_is_set_a_few_times_a_day_at_most),
        cmocka_unit_test(one_a_little_off_is_set),
        cmocka_unit_test(one_far_off_is_left_to_a_person),
        cmocka_unit_test(what_a_power_cut_left_behind_is_set_however_far),
        cmocka_unit_test(a_computer_without_a_time_sets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
