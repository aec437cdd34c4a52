/* SPDX-License-Identifier: Apache-2.0 */
/* The time that retention relies on: it follows running time, and believes no jump of the clock at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/base/clock_proof.h"
#include "tests/fakes/fake_timer.h"

#define NOW UINT32_C(1790841600)
#define DAY UINT32_C(86400)

static struct fake_timer timer;
static struct clock clock;
static struct clock_proof proof;

static int set_up(void **state)
{
    (void)state;
    fake_timer_init(&timer, 5000000);
    clock_init(&clock, &timer.timer);
    clock_proof_start(&proof, &clock, 0);
    return 0;
}

static void run_s(uint32_t seconds)
{
    fake_timer_advance_ms(&timer, UINT64_C(1000) * seconds);
    clock_proof_poll(&proof, &clock);
}

static void the_first_time_is_believed_and_followed(void **state)
{
    (void)state;
    run_s(100);
    assert_int_equal(proof.utc_s, 0);
    assert_int_equal(clock_set(&clock, NOW), ERR_OK);
    run_s(10);
    assert_in_range(proof.utc_s, NOW + 10, NOW + 11);
    run_s(40 * DAY);
    assert_in_range(proof.utc_s, NOW + 40 * DAY, NOW + 40 * DAY + 11);
}

static void a_jump_is_believed_as_time_goes_by(void **state)
{
    (void)state;
    assert_int_equal(clock_set(&clock, NOW), ERR_OK);
    run_s(1);
    assert_int_equal(clock_set(&clock, NOW + 90 * DAY), ERR_OK);
    run_s(1);
    assert_in_range(proof.utc_s, NOW, NOW + 20);
    run_s(DAY);
    assert_in_range(proof.utc_s, NOW + 8 * DAY, NOW + 8 * DAY + 20);
    run_s(11 * DAY);
    assert_in_range(proof.utc_s, NOW + 96 * DAY, NOW + 96 * DAY + 20);
    run_s(DAY);
    assert_int_equal(proof.utc_s, clock_utc_s(&clock));
}

static void a_clock_set_back_counts_at_once(void **state)
{
    (void)state;
    assert_int_equal(clock_set(&clock, NOW), ERR_OK);
    run_s(1);
    assert_int_equal(clock_set(&clock, NOW - 30 * DAY), ERR_OK);
    run_s(1);
    assert_in_range(proof.utc_s, NOW - 30 * DAY, NOW - 30 * DAY + 2);
    assert_int_equal(clock_set(&clock, NOW), ERR_OK);
    run_s(1);
    assert_in_range(proof.utc_s, NOW - 30 * DAY, NOW - 30 * DAY + 20);
}

static void many_short_polls_gain_nothing(void **state)
{
    (void)state;
    assert_int_equal(clock_set(&clock, NOW), ERR_OK);
    run_s(1);
    assert_int_equal(clock_set(&clock, NOW + 90 * DAY), ERR_OK);
    for (int i = 0; i < 100000; i++) {
        fake_timer_advance_ms(&timer, 1);
        clock_proof_poll(&proof, &clock);
    }
    assert_in_range(proof.utc_s, NOW + 700, NOW + 820);
}

static void a_restart_goes_on_from_what_was_kept(void **state)
{
    (void)state;
    clock_proof_start(&proof, &clock, NOW);
    run_s(100); /* the clock is unset, and time goes by */
    assert_in_range(proof.utc_s, NOW + 100, NOW + 101);
    assert_int_equal(clock_set(&clock, NOW + 365 * DAY), ERR_OK);
    run_s(1);
    assert_in_range(proof.utc_s, NOW + 100, NOW + 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_time_is_believed_and_followed, set_up),
        cmocka_unit_test_setup(a_jump_is_believed_as_time_goes_by, set_up),
        cmocka_unit_test_setup(a_clock_set_back_counts_at_once, set_up),
        cmocka_unit_test_setup(many_short_polls_gain_nothing, set_up),
        cmocka_unit_test_setup(a_restart_goes_on_from_what_was_kept, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
