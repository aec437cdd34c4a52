/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: the stored value by hand, and the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/storage/settings.h"

static void the_defaults_are_within_bounds(void **state)
{
    (void)state;
    struct settings settings = settings_default();
    assert_int_equal(settings_check(&settings), ERR_OK);
    assert_true(settings.rotation_fitted);
    assert_true(settings.buzzer_on);
    assert_false(settings.refuse_when_full); /* the gate keeps opening */
    assert_int_equal(settings.open_ms, 5000);
    assert_int_equal(settings.retention_days, 90);
    assert_int_equal(settings.clock_days, 30);
}

static void the_stored_value_is_laid_out_as_the_header_says(void **state)
{
    (void)state;
    static const uint8_t expected[SETTINGS_LEN] = {1, 0x05, 0x2A, 0x17, 0x5C, 0x00, 0x6E, 0x01};
    const struct settings settings = {.rotation_fitted = true,
                                      .refuse_when_full = true,
                                      .open_ms = 0x172A,
                                      .retention_days = 92,
                                      .clock_days = 366};
    uint8_t out[SETTINGS_LEN];
    memset(out, 0xEE, sizeof out);
    settings_encode(&settings, out);
    assert_memory_equal(out, expected, sizeof expected);
}

static void each_flag_has_a_bit_of_its_own(void **state)
{
    (void)state;
    uint8_t in[SETTINGS_LEN] = {1, 0, 0x88, 0x13, 0x5A, 0};
    for (unsigned flags = 0; flags < 8; flags++) {
        struct settings settings;
        in[1] = (uint8_t)flags;
        assert_int_equal(settings_decode(&settings, in), ERR_OK);
        assert_int_equal(settings.rotation_fitted, flags & 1);
        assert_int_equal(settings.buzzer_on, flags >> 1 & 1);
        assert_int_equal(settings.refuse_when_full, flags >> 2 & 1);
        assert_int_equal(settings.open_ms, 5000);
        assert_int_equal(settings.retention_days, 90);
    }
}

static void values_outside_their_bounds_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint16_t open_ms, retention_days;
        int expected;
    } cases[] = {
        {500, 1, ERR_OK},          {30000, 92, ERR_OK},      {499, 90, ERR_ARGUMENT},
        {30001, 90, ERR_ARGUMENT}, {0, 90, ERR_ARGUMENT},    {65535, 90, ERR_ARGUMENT},
        {5000, 0, ERR_ARGUMENT},   {5000, 93, ERR_ARGUMENT}, {5000, 65535, ERR_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct settings settings = settings_default();
        settings.open_ms = cases[i].open_ms;
        settings.retention_days = cases[i].retention_days;
        assert_int_equal(settings_check(&settings), cases[i].expected);
    }
    struct settings settings = settings_default();
    settings.clock_days = 0; /* never stale */
    assert_int_equal(settings_check(&settings), ERR_OK);
    settings.clock_days = 367;
    assert_int_equal(settings_check(&settings), ERR_ARGUMENT);
}

static void a_stored_value_that_will_not_do_changes_nothing(void **state)
{
    (void)state;
    uint8_t in[SETTINGS_LEN];
    struct settings settings = settings_default();
    settings.open_ms = 1234;
    settings_encode(&settings, in);

    struct settings kept = settings_default();
    in[0] = 2;
    assert_int_equal(settings_decode(&kept, in), ERR_UNSUPPORTED);
    in[0] = 0xFF;
    assert_int_equal(settings_decode(&kept, in), ERR_UNSUPPORTED);
    in[0] = 1;
    in[2] = in[3] = 0xFF;
    assert_int_equal(settings_decode(&kept, in), ERR_ARGUMENT);
    assert_int_equal(kept.open_ms, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_within_bounds),
        cmocka_unit_test(the_stored_value_is_laid_out_as_the_header_says),
        cmocka_unit_test(each_flag_has_a_bit_of_its_own),
        cmocka_unit_test(values_outside_their_bounds_are_refused),
        cmocka_unit_test(a_stored_value_that_will_not_do_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
