/* SPDX-License-Identifier: Apache-2.0 */
/* Expected seconds: GNU date -u -d "…" +%s. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tools/portillon/gate/gate_time.h"

static int in_france(void **state)
{
    (void)state;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1); /* as the zone file of Europe/Paris ends */
    tzset();
    return 0;
}

static void assert_time(const char *text, uint32_t wanted)
{
    uint32_t utc_s = 0;
    assert_true(gate_time_parse(text, &utc_s));
    assert_int_equal(utc_s, wanted);
}

static void utc_offsets_local_time_and_seconds_are_understood(void **state)
{
    (void)state;
    assert_time("2026-09-01T06:30:00Z", 1788244200);
    assert_time("2026-09-01T08:30:00+02:00", 1788244200);
    assert_time("2026-09-01T01:00:00-05:30", 1788244200);
    assert_time("2026-09-01 08:30", 1788244200);
    assert_time("2026-12-01 08:30:05", 1796110205);
    assert_time("@1788244200", 1788244200);
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "now",
                                      "2026-09-01",
                                      "2026-02-30T06:30:00Z",
                                      "@",
                                      "@-1",
                                      "@4294967296",
                                      "2026-09-01T06:30:00Zz",
                                      "@12x",
                                      "2026-09-01T06:30:00+2",
                                      "2026-09-01T25:00:00Z",
                                      "1969-12-31T23:59:59Z",
                                      "2026-09-01T06:30:00+15:00"};
    uint32_t utc_s;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(gate_time_parse(bad[i], &utc_s));
}

static void times_are_shown_in_local_time_with_its_name(void **state)
{
    char text[GATE_TIME_LEN];
    (void)state;
    assert_string_equal(gate_time_local(1788244200, text), "2026-09-01 08:30:00 CEST");
}

static void spans_show_two_units(void **state)
{
    char text[GATE_TIME_LEN];
    (void)state;
    assert_string_equal(gate_time_span(0, text), "0 s");
    assert_string_equal(gate_time_span(125, text), "2 min 5 s");
    assert_string_equal(gate_time_span(3 * 86400 + 4 * 3600 + 59, text), "3 d 4 h");
}

static void drift_of_a_second_is_agreement(void **state)
{
    char text[GATE_TIME_LEN];
    (void)state;
    assert_string_equal(gate_time_drift(-1, text), "agrees with this computer's");
    assert_string_equal(gate_time_drift(-12, text), "12 s behind this computer's");
    assert_string_equal(gate_time_drift(3600, text), "1 h 0 min ahead of this computer's");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utc_offsets_local_time_and_seconds_are_understood),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(times_are_shown_in_local_time_with_its_name),
        cmocka_unit_test(spans_show_two_units),
        cmocka_unit_test(drift_of_a_second_is_agreement),
    };
    return cmocka_run_group_tests(tests, in_france, NULL);
}
