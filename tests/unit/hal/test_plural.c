/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hal/common/plural.h"

static void only_one_is_singular(void **state)
{
    (void)state;
    assert_string_equal(plural(0, "card", "cards"), "cards");
    assert_string_equal(plural(1, "card", "cards"), "card");
    assert_string_equal(plural(2, "card", "cards"), "cards");
    assert_string_equal(plural(UINT64_C(0x100000001), "card", "cards"), "cards");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_one_is_singular)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
