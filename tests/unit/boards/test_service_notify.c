/* SPDX-License-Identifier: Apache-2.0 */
/* What systemd hears of a gate, with tests/fakes/fake_systemd in place of libsystemd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "boards/linux/service_notify.h"
#include "tests/fakes/fake_systemd.h"

static const struct whitelist_header list = {.version = 7, .card_count = 812};
static struct service_notify service;
static struct portillon_summary gate;
static char text[SERVICE_STATUS_LEN];

static int start(void **state)
{
    (void)state;
    fake_systemd = (struct fake_systemd){.watchdog_us = 10000000};
    gate = (struct portillon_summary){.state = "idle",
                                      .list = &list,
                                      .reader_text = "pn532_uart:/dev/ttyUSB0",
                                      .reader_up = true,
                                      .storage_ok = true,
                                      .clock = CLOCK_SET};
    service_notify_start(&service);
    return 0;
}

/* Runs one turn. Returns what was told in it. */
static const char *turn(uint64_t now_us)
{
    fake_systemd.told[0] = '\0';
    service_notify_turn(&service, &gate, now_us);
    return fake_systemd.told;
}

static void assert_described(const char *words)
{
    service_notify_describe(&gate, text);
    assert_string_equal(text, words);
}

static void a_gate_is_ready_once_its_reader_reported(void **state)
{
    (void)state;
    gate.reader_text = "";
    gate.reader_up = false;
    assert_null(strstr(turn(1), "READY=1"));
    gate.reader_text = "no reader found";
    assert_non_null(strstr(turn(2), "READY=1\n"));
    assert_null(strstr(turn(3), "READY=1"));
}

static void the_status_is_told_when_it_changes(void **state)
{
    (void)state;
    assert_non_null(strstr(turn(1),
                           "STATUS=The reader works: pn532_uart:/dev/ttyUSB0. List 7 is active (cards: "
                           "812). The clock is set.\n"));
    assert_string_equal(turn(2), "");
    gate.clock = CLOCK_STALE;
    assert_non_null(strstr(turn(3), "STATUS="));
}

static void the_watchdog_is_fed_twice_a_period(void **state)
{
    (void)state;
    (void)turn(20000000);
    unsigned fed = 0;
    for (uint64_t ms = 10; ms <= 60000; ms += 10) /* a minute of turns */
        fed += strcmp(turn(20000000 + ms * 1000), "WATCHDOG=1\n") == 0;
    assert_int_equal(fed, 12);
}

static void without_a_watchdog_nothing_is_fed(void **state)
{
    (void)state;
    fake_systemd.watchdog_us = 0;
    service_notify_start(&service);
    (void)turn(20000000);
    assert_string_equal(turn(90000000), "");
}

static void the_end_is_told(void **state)
{
    (void)state;
    service_notify_stop();
    assert_string_equal(fake_systemd.told, "STOPPING=1\n");
}

static void what_is_wrong_is_described(void **state)
{
    (void)state;
    gate.reader_up = false;
    gate.reader_text = "no reader found";
    gate.list = NULL;
    gate.clock = CLOCK_UNSET;
    assert_described(
        "The reader does not work: no reader found. There is no list: every card is refused. The "
        "time is unknown.");
    gate.reader_text = "";
    gate.list_rolled_back = true;
    gate.clock = CLOCK_STALE;
    assert_described(
        "The reader has not reported yet. The list is older than the newest this gate had: every "
        "card is refused. The clock must be set: its time is not sure.");
    gate.storage_ok = false;
    assert_described("The reader has not reported yet. The storage is missing or unusable: out of order. The "
                     "clock must be set: its time is not sure.");
    gate.chip_owner = "sud";
    assert_described(
        "The reader has not reported yet. The flash file belongs to the gate sud: out of order. The "
        "clock must be set: its time is not sure.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_gate_is_ready_once_its_reader_reported, start),
        cmocka_unit_test_setup(the_status_is_told_when_it_changes, start),
        cmocka_unit_test_setup(the_watchdog_is_fed_twice_a_period, start),
        cmocka_unit_test_setup(without_a_watchdog_nothing_is_fed, start),
        cmocka_unit_test_setup(the_end_is_told, start),
        cmocka_unit_test_setup(what_is_wrong_is_described, start),
    };
    return cmocka_run_group_tests_name("service notify", tests, NULL, NULL);
}
