/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of a gate on Linux, with tests/fakes/fake_rtc in place of the hardware clock. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "boards/linux/host_timer.h"
#include "tests/fakes/fake_rtc.h"

#define DEVICE "/dev/null" /* can be opened; the requests go to the fake */

/* 2026-09-01 07:30:15 UTC, by date -u -d '2026-09-01 07:30:15' +%s */
#define SEPTEMBER_UTC_S UINT32_C(1788247815)
static const struct rtc_time september = {
    .tm_year = 126, .tm_mon = 8, .tm_mday = 1, .tm_hour = 7, .tm_min = 30, .tm_sec = 15};

static struct host_timer host_timer;
static char note[HOST_RTC_NOTE_LEN];
static uint32_t utc_s;

static int start(void **state)
{
    (void)state;
    fake_rtc = (struct fake_rtc){.time = september};
    host_timer_init(&host_timer, HOST_TIMER_RTC_DEVICE, DEVICE);
    utc_s = 0;
    return 0;
}

static int read_clock(void)
{
    return host_timer.timer.rtc_read(host_timer.timer.ctx, &utc_s);
}

static int set_clock(uint32_t to_utc_s)
{
    return host_timer.timer.rtc_write(host_timer.timer.ctx, to_utc_s);
}

static void assert_told(const char *words)
{
    assert_true(host_timer_tell(&host_timer, note));
    assert_string_equal(note, words);
    assert_false(host_timer_tell(&host_timer, note));
}

static void the_time_is_that_of_the_device(void **state)
{
    (void)state;
    assert_int_equal(read_clock(), ERR_OK);
    assert_int_equal(utc_s, SEPTEMBER_UTC_S);
    assert_false(host_timer_tell(&host_timer, note));
}

static void a_synchronised_system_clock_goes_first(void **state)
{
    (void)state;
    fake_rtc.is_synchronised = true;
    assert_int_equal(read_clock(), ERR_OK);
    assert_true(utc_s - (uint32_t)time(NULL) + 1 <= 2);
    assert_int_equal(fake_rtc.reads, 0);
}

static void setting_the_clock_sets_the_device(void **state)
{
    (void)state;
    fake_rtc.time = (struct rtc_time){.tm_year = 70, .tm_mday = 1};
    assert_int_equal(set_clock(SEPTEMBER_UTC_S), ERR_OK);
    assert_int_equal(fake_rtc.time.tm_year, september.tm_year);
    assert_int_equal(fake_rtc.time.tm_mon, september.tm_mon);
    assert_int_equal(fake_rtc.time.tm_mday, september.tm_mday);
    assert_int_equal(fake_rtc.time.tm_hour, september.tm_hour);
    assert_int_equal(fake_rtc.time.tm_min, september.tm_min);
    assert_int_equal(fake_rtc.time.tm_sec, september.tm_sec);
}

static void a_clock_that_was_set_goes_before_the_system(void **state)
{
    (void)state;
    fake_rtc.is_synchronised = true;
    assert_int_equal(set_clock(SEPTEMBER_UTC_S), ERR_OK);
    assert_int_equal(read_clock(), ERR_OK);
    assert_int_equal(utc_s, SEPTEMBER_UTC_S);
}

static void assert_lost(void)
{
    assert_int_equal(read_clock(), ERR_NOT_FOUND);
    assert_told(
        "/dev/null: the hardware clock was never set, or its cell is empty: the time is unknown until "
        "the office sets it");
}

static void a_clock_that_stopped_has_no_time(void **state)
{
    (void)state;
    fake_rtc.read_error = EINVAL;
    assert_lost();
}

static void a_clock_that_was_without_power_has_no_time(void **state)
{
    (void)state;
    fake_rtc.knows_supply = true;
    fake_rtc.supply = RTC_VL_DATA_INVALID;
    assert_lost();
}

static void a_clock_that_was_never_set_has_no_time(void **state)
{
    (void)state;
    fake_rtc.time.tm_year = 100; /* 2000, where many clocks begin */
    assert_lost();
}

static void a_date_that_does_not_exist_is_no_time(void **state)
{
    (void)state;
    fake_rtc.time.tm_mon = 12;
    assert_lost();
}

static void a_low_cell_is_told_and_the_time_counts(void **state)
{
    (void)state;
    fake_rtc.knows_supply = true;
    fake_rtc.supply = RTC_VL_BACKUP_LOW;
    assert_int_equal(read_clock(), ERR_OK);
    assert_int_equal(utc_s, SEPTEMBER_UTC_S);
    assert_told("/dev/null: the cell of the hardware clock is low: replace it");
    assert_int_equal(read_clock(), ERR_OK);
    assert_false(host_timer_tell(&host_timer, note)); /* once */
}

static void a_device_that_cannot_be_read_is_named(void **state)
{
    (void)state;
    fake_rtc.read_error = EIO;
    assert_int_equal(read_clock(), ERR_NOT_FOUND);
    assert_told("/dev/null: cannot read the hardware clock: Input/output error");
}

static void a_device_that_is_not_there_is_named(void **state)
{
    (void)state;
    host_timer_init(&host_timer, HOST_TIMER_RTC_DEVICE, "/dev/rtc-none");
    assert_int_equal(read_clock(), ERR_NOT_FOUND);
    assert_told("/dev/rtc-none: cannot open the hardware clock: No such file or directory");
}

static void a_device_that_cannot_be_set_is_named(void **state)
{
    (void)state;
    fake_rtc.write_error = EACCES;
    assert_int_equal(set_clock(SEPTEMBER_UTC_S), ERR_IO);
    assert_told(
        "/dev/null: cannot set the hardware clock, so that a power cut loses the time: Permission denied");
}

static void without_a_device_the_system_clock_counts(void **state)
{
    (void)state;
    host_timer_init(&host_timer, HOST_TIMER_SYSTEM_CLOCK, NULL);
    assert_int_equal(read_clock(), ERR_OK);
    assert_true(utc_s - (uint32_t)time(NULL) + 1 <= 2);
    assert_int_equal(set_clock(SEPTEMBER_UTC_S), ERR_OK);
    assert_int_equal(read_clock(), ERR_OK);
    assert_true(utc_s - SEPTEMBER_UTC_S <= 1);
}

static void without_a_battery_there_is_no_time(void **state)
{
    (void)state;
    host_timer_init(&host_timer, HOST_TIMER_NO_BATTERY, NULL);
    assert_int_equal(read_clock(), ERR_NOT_FOUND);
    assert_int_equal(set_clock(SEPTEMBER_UTC_S), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_time_is_that_of_the_device, start),
        cmocka_unit_test_setup(a_synchronised_system_clock_goes_first, start),
        cmocka_unit_test_setup(setting_the_clock_sets_the_device, start),
        cmocka_unit_test_setup(a_clock_that_was_set_goes_before_the_system, start),
        cmocka_unit_test_setup(a_clock_that_stopped_has_no_time, start),
        cmocka_unit_test_setup(a_clock_that_was_without_power_has_no_time, start),
        cmocka_unit_test_setup(a_clock_that_was_never_set_has_no_time, start),
        cmocka_unit_test_setup(a_date_that_does_not_exist_is_no_time, start),
        cmocka_unit_test_setup(a_low_cell_is_told_and_the_time_counts, start),
        cmocka_unit_test_setup(a_device_that_cannot_be_read_is_named, start),
        cmocka_unit_test_setup(a_device_that_is_not_there_is_named, start),
        cmocka_unit_test_setup(a_device_that_cannot_be_set_is_named, start),
        cmocka_unit_test_setup(without_a_device_the_system_clock_counts, start),
        cmocka_unit_test_setup(without_a_battery_there_is_no_time, start),
    };
    return cmocka_run_group_tests_name("host timer", tests, NULL, NULL);
}
