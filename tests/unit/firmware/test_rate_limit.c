/* SPDX-License-Identifier: Apache-2.0 */
/* What may be written one by one, and what is only counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/base/rate_limit.h"

static int take(struct rate_limit *limit, int count)
{
    int taken = 0;
    for (int i = 0; i < count; i++)
        taken += rate_limit_take(limit);
    return taken;
}

static void a_burst_is_written_and_the_rest_counted(void **state)
{
    (void)state;
    struct rate_limit limit;
    rate_limit_init(&limit, 10, 1);
    assert_int_equal(take(&limit, 10), 10);
    assert_int_equal(limit.left_out_count, 0);
    assert_int_equal(take(&limit, 300000), 0);
    assert_int_equal(limit.left_out_count, 300000);
}

static void time_gives_back_one_after_the_other(void **state)
{
    (void)state;
    struct rate_limit limit;
    rate_limit_init(&limit, 10, 4);
    (void)take(&limit, 10);
    for (uint32_t minute = 0; minute < 12; minute++)
        rate_limit_pass(&limit, minute, minute + 1);
    assert_int_equal(take(&limit, 10), 3);
    rate_limit_pass(&limit, 12, 10000); /* no more than the burst */
    assert_int_equal(take(&limit, 20), 10);
}

static void minutes_that_wrap_are_minutes(void **state)
{
    (void)state;
    struct rate_limit limit;
    rate_limit_init(&limit, 10, 1);
    (void)take(&limit, 10);
    rate_limit_pass(&limit, UINT32_MAX, 2);
    assert_int_equal(take(&limit, 10), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_written_and_the_rest_counted),
        cmocka_unit_test(time_gives_back_one_after_the_other),
        cmocka_unit_test(minutes_that_wrap_are_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
