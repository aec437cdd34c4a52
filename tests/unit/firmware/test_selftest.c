/* SPDX-License-Identifier: Apache-2.0 */
/* The flash test on healthy and on faulty chips; outputs and inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/gate/selftest.h"
#include "hal/gate_io.h"
#include "tests/fakes/nor_model.h"

#define CHIP_SIZE 1048576
#define SECTOR    4096
#define BASE      (3 * 65536u)

static struct nor_model nor;
static struct selftest selftest;

static int start(void **state)
{
    (void)state;
    nor_model_init(&nor, CHIP_SIZE, SECTOR);
    memset(nor_model_bytes(&nor, 0), 0x5A, CHIP_SIZE); /* a chip in use */
    memset(&selftest, 0, sizeof selftest);
    return 0;
}

static int end(void **state)
{
    (void)state;
    nor_model_free(&nor);
    return 0;
}

static void begin(uint32_t seed)
{
    assert_int_equal(selftest_start_flash(&selftest, &nor.flash, BASE, seed, 0), ERR_OK);
}

/* Polls once for each simulated millisecond. */
static void run(void)
{
    for (uint64_t now_us = 0; selftest_poll(&selftest, now_us) == ERR_BUSY; now_us += 1000)
        assert_true(now_us < UINT64_C(60000000));
}

static void assert_failed(enum selftest_step step, int error)
{
    assert_string_equal(selftest_step_name(selftest.step), "failed");
    assert_string_equal(selftest_step_name(selftest.failed_step), selftest_step_name(step));
    assert_string_equal(error_name(selftest.error), error_name(error));
}

static void a_good_chip_passes(void **state)
{
    (void)state;
    nor.erase_polls = 45;
    assert_int_equal(selftest_poll(&selftest, 0), ERR_OK);
    begin(1);
    run();
    assert_string_equal(selftest_step_name(selftest.step), "passed");
    assert_in_range(selftest.erase_us, 44000, 47000);
    assert_in_range(selftest.write_us, 14000, 17000); /* 16 pages */
    assert_in_range(selftest.read_us, 14000, 17000);
    assert_int_equal(nor.counts.erases, 1);
    assert_int_equal(nor.counts.programmed_bytes, SECTOR);
    assert_int_equal(nor.counts.lost_ones, 0);
}

static void nothing_outside_the_sector_is_touched(void **state)
{
    (void)state;
    begin(1);
    run();
    const uint8_t *bytes = nor_model_bytes(&nor, 0);
    for (uint32_t at = 0; at < CHIP_SIZE; at++)
        if (at < BASE || at >= BASE + SECTOR)
            assert_int_equal(bytes[at], 0x5A);
}

static void each_page_and_each_run_write_other_bytes(void **state)
{
    (void)state;
    uint8_t first[256];
    begin(1);
    run();
    memcpy(first, nor_model_bytes(&nor, BASE), sizeof first);
    for (uint32_t page = 1; page < SECTOR / 256; page++)
        assert_memory_not_equal(first, nor_model_bytes(&nor, BASE + page * 256), sizeof first);
    begin(2);
    run();
    assert_memory_not_equal(first, nor_model_bytes(&nor, BASE), sizeof first);
}

static void one_test_at_a_time_but_again_after_its_end(void **state)
{
    (void)state;
    begin(1);
    assert_int_equal(selftest_start_flash(&selftest, &nor.flash, BASE, 2, 0), ERR_BUSY);
    run();
    begin(3);
    run();
    assert_string_equal(selftest_step_name(selftest.step), "passed");
}

static void it_waits_for_anothers_erase(void **state)
{
    (void)state;
    nor.erase_polls = 20; /* an attempt to start one counts as a poll */
    assert_int_equal(nor.flash.erase_start(nor.flash.ctx, 0), ERR_OK);
    begin(1);
    for (int i = 0; i < 5; i++)
        assert_int_equal(selftest_poll(&selftest, 0), ERR_BUSY);
    assert_string_equal(selftest_step_name(selftest.step), "waiting");
    while (nor.flash.erase_poll(nor.flash.ctx) == ERR_BUSY)
        continue;
    run();
    assert_string_equal(selftest_step_name(selftest.step), "passed");
}

static void a_sector_that_does_not_erase_fails(void **state)
{
    (void)state;
    nor_model_wear_out(&nor, BASE, true, false);
    begin(1);
    run();
    assert_failed(SELFTEST_ERASING, ERR_IO);
}

static void an_erase_without_end_fails_in_time(void **state)
{
    (void)state;
    nor.erase_polls = UINT32_MAX;
    begin(1);
    run();
    assert_failed(SELFTEST_ERASING, ERR_TIMEOUT);
}

static void a_chip_busy_for_ever_with_anothers_erase_fails_in_time(void **state)
{
    (void)state;
    nor.erase_polls = UINT32_MAX;
    assert_int_equal(nor.flash.erase_start(nor.flash.ctx, 0), ERR_OK);
    begin(1);
    run();
    assert_failed(SELFTEST_WAITING, ERR_TIMEOUT);
}

static void ten_seconds_are_allowed_for_an_erase_and_ten_for_anothers(void **state)
{
    (void)state;
    const uint64_t waited_us = 10000000;
    nor.erase_polls = UINT32_MAX;
    begin(1);
    assert_int_equal(selftest_poll(&selftest, waited_us / 2), ERR_BUSY); /* the erase begins */
    assert_int_equal(selftest_poll(&selftest, waited_us / 2 + waited_us), ERR_BUSY);
    assert_int_equal(selftest_poll(&selftest, waited_us / 2 + waited_us + 1), ERR_OK);
    assert_failed(SELFTEST_ERASING, ERR_TIMEOUT);
    begin(2); /* the erase is still running, and is another's now */
    assert_int_equal(selftest_poll(&selftest, waited_us), ERR_BUSY);
    assert_int_equal(selftest_poll(&selftest, waited_us + 1), ERR_OK);
    assert_failed(SELFTEST_WAITING, ERR_TIMEOUT);
}

/* Polls until a step has done so many bytes. */
static void run_to(enum selftest_step step, uint32_t at)
{
    while (selftest.step != step || selftest.at < at)
        assert_int_equal(selftest_poll(&selftest, 0), ERR_BUSY);
}

static void one_bit_not_erased_is_found(void **state)
{
    (void)state;
    begin(1);
    run_to(SELFTEST_LOOKING, 0);
    nor_model_flip_bit(&nor, BASE + SECTOR - 1, 7);
    run();
    assert_failed(SELFTEST_LOOKING, ERR_CORRUPT);
}

static void one_bit_that_reads_otherwise_is_found_anywhere(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < SECTOR; at += 255) {
        begin(at);
        run_to(SELFTEST_READING, 0);
        nor_model_flip_bit(&nor, BASE + at, at % 8);
        run();
        assert_failed(SELFTEST_READING, ERR_CORRUPT);
    }
}

static void pages_that_took_each_others_place_are_found(void **state)
{
    (void)state;
    uint8_t page[256];
    begin(1);
    run_to(SELFTEST_READING, 0);
    memcpy(page, nor_model_bytes(&nor, BASE), sizeof page);
    memcpy(nor_model_bytes(&nor, BASE), nor_model_bytes(&nor, BASE + 1024), sizeof page);
    memcpy(nor_model_bytes(&nor, BASE + 1024), page, sizeof page);
    run();
    assert_failed(SELFTEST_READING, ERR_CORRUPT);
}

static void a_chip_that_goes_away_fails_at_its_step(void **state)
{
    (void)state;
    begin(1);
    run_to(SELFTEST_WRITING, 512);
    nor.dead = true;
    run();
    assert_failed(SELFTEST_WRITING, ERR_IO);
}

static void an_output_is_driven_alone_for_a_second(void **state)
{
    (void)state;
    assert_int_equal(selftest_outputs(&selftest, GATE_LIGHT_AMBER, 5), GATE_LIGHT_AMBER);
    selftest_start_output(&selftest, GATE_BUZZER, 1000);
    assert_int_equal(selftest_outputs(&selftest, GATE_LIGHT_AMBER, 1000), GATE_BUZZER);
    assert_int_equal(selftest_outputs(&selftest, GATE_LIGHT_AMBER, 1000999), GATE_BUZZER);
    assert_int_equal(selftest_outputs(&selftest, GATE_LIGHT_AMBER, 1001000), GATE_LIGHT_AMBER);
    assert_int_equal(selftest_outputs(&selftest, GATE_LIGHT_AMBER, 1000), GATE_LIGHT_AMBER);
    selftest_start_output(&selftest, GATE_RELAY, 0);
    selftest_stop_output(&selftest);
    assert_int_equal(selftest_outputs(&selftest, 0, 1), 0);
}

static void rises_are_counted_each_input_by_itself(void **state)
{
    (void)state;
    selftest_count_rises(&selftest, GATE_ROTATION);
    selftest_count_rises(&selftest, GATE_ROTATION | GATE_BUTTON);
    selftest_count_rises(&selftest, 0);
    assert_int_equal(selftest.input_rises[0], 2);
    assert_int_equal(selftest.input_rises[1], 0);
    assert_int_equal(selftest.input_rises[2], 0);
    assert_int_equal(selftest.input_rises[3], 1);
}

int main(void)
{
#define ON_A_CHIP(test) cmocka_unit_test_setup_teardown(test, start, end)
    const struct CMUnitTest tests[] = {
        ON_A_CHIP(a_good_chip_passes),
        ON_A_CHIP(nothing_outside_the_sector_is_touched),
        ON_A_CHIP(each_page_and_each_run_write_other_bytes),
        ON_A_CHIP(one_test_at_a_time_but_again_after_its_end),
        ON_A_CHIP(it_waits_for_anothers_erase),
        ON_A_CHIP(a_sector_that_does_not_erase_fails),
        ON_A_CHIP(an_erase_without_end_fails_in_time),
        ON_A_CHIP(a_chip_busy_for_ever_with_anothers_erase_fails_in_time),
        ON_A_CHIP(ten_seconds_are_allowed_for_an_erase_and_ten_for_anothers),
        ON_A_CHIP(one_bit_not_erased_is_found),
        ON_A_CHIP(one_bit_that_reads_otherwise_is_found_anywhere),
        ON_A_CHIP(pages_that_took_each_others_place_are_found),
        ON_A_CHIP(a_chip_that_goes_away_fails_at_its_step),
        ON_A_CHIP(an_output_is_driven_alone_for_a_second),
        ON_A_CHIP(rises_are_counted_each_input_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
