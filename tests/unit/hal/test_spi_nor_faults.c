/* SPDX-License-Identifier: Apache-2.0 */
/* The NOR driver against a chip or a bus that does not obey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal/spi_nor/spi_nor.h"
#include "tests/fakes/spi_nor_bench.h"
#include "tests/fakes/spi_nor_chip.h"

/* --- A chip that does not obey --- */

static void check_refused(struct bench *b, const char *words)
{
    uint8_t zeros[40] = {0};
    assert_int_equal(program(b, 300, zeros, sizeof zeros), ERR_IO);
    assert_string_equal(spi_nor_problem(&b->nor), words);
    assert_int_equal(*spi_nor_chip_bytes(&b->chip, 300), 0xFF);
    assert_false(b->chip.latch); /* no stray command finds it set */
}

static void a_write_protected_chip_is_named_so(void **state)
{
    (void)state;
    static const char *const words[] = {[SPI_NOR_CHIP_W25Q128] = "the chip is write-protected, status 1E",
                                        [SPI_NOR_CHIP_S25FL128S] = "the chip is write-protected, status 5F",
                                        [SPI_NOR_CHIP_S25SL12801] = "the chip is write-protected, status 1E",
                                        [SPI_NOR_CHIP_QEMU] = "the chip is write-protected, status 1E"};
    for (int kind = SPI_NOR_CHIP_W25Q128; kind <= SPI_NOR_CHIP_QEMU; kind++) {
        struct bench *b = start((enum spi_nor_chip_kind)kind);
        uint8_t byte;
        b->chip.protect = PROTECTED;
        check_refused(b, words[kind]);
        memset(spi_nor_chip_bytes(&b->chip, 0), 0x11, 65536);
        int result = b->flash->erase_start(b->ctx, 0);
        uint32_t passes;
        if (result == ERR_OK)
            result = poll_to_the_end(b, &passes);
        assert_int_equal(result, ERR_IO);
        assert_non_null(strstr(spi_nor_problem(&b->nor), "write-protected"));
        assert_int_equal(poll(b), ERR_OK); /* reported once */
        assert_int_equal(read(b, 0, &byte, 1), ERR_OK);
        assert_int_equal(byte, 0x11);
        b->chip.protect = 0; /* the jumper moved: it works again */
        assert_int_equal(program(b, 0, &(uint8_t){0x10}, 1), ERR_OK);
        spi_nor_chip_free(&b->chip);
    }
}

static void protection_is_told_at_start_and_the_chip_stays_readable(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    uint8_t byte;
    b->chip.protect = 0x04;
    assert_int_equal(init(b), ERR_OK);
    assert_string_equal(spi_nor_problem(&b->nor), "the chip is write-protected, status 04");
    assert_int_equal(read(b, 0, &byte, 1), ERR_OK);
    assert_int_equal(b->chip.counts[0x01], 0); /* never lifted */
}

static void blocks_locked_without_a_status_bit_are_found_out(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    b->chip.locked = true;
    check_refused(b, "a program had no effect, status 02");
    *spi_nor_chip_bytes(&b->chip, 8192) = 0;
    assert_int_equal(b->flash->erase_start(b->ctx, 8192), ERR_OK);
    assert_int_equal(poll(b), ERR_IO);
    assert_string_equal(spi_nor_problem(&b->nor), "an erase had no effect, status 02");
    b->chip.refusal_us = 50; /* busy for a moment, with the latch set: also detected */
    check_refused(b, "a program had no effect, status 02");
    assert_int_equal(b->flash->erase_start(b->ctx, 8192), ERR_OK);
    fake_timer_advance_ms(&b->timer, 1);
    assert_int_equal(poll(b), ERR_IO);
    b->chip.refusal_us = 0;
    b->chip.refusal_drops_latch = true; /* it is detected only because it ends too early */
    check_refused(b, "a program had no effect, status 00");
    assert_int_equal(b->flash->erase_start(b->ctx, 8192), ERR_OK);
    fake_timer_advance_ms(&b->timer, 1);
    assert_int_equal(poll(b), ERR_IO);
    assert_string_equal(spi_nor_problem(&b->nor), "an erase had no effect, status 00");
}

static void a_refused_write_enable_is_reported(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    b->chip.ignores_write_enable = true;
    check_refused(b, "the chip does not accept write enable, status 00");
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_IO);
    assert_int_equal(b->chip.counts[0x02] + b->chip.counts[0x20], 0); /* nothing sent that would be ignored */
    assert_int_equal(poll(b), ERR_OK);                                /* no erase is running */
}

static void a_chip_pulled_out_is_reported(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t byte = 0;
    b->chip.absent = true;
    assert_int_equal(program(b, 0, &byte, 1), ERR_IO);
    assert_string_equal(spi_nor_problem(&b->nor), "the chip stopped answering, status FF");
    uint64_t before_us = b->timer.now_us;
    assert_int_equal(read(b, 0, &byte, 1), ERR_IO);
    assert_true(b->timer.now_us - before_us < 20000);
    b->chip.absent = false;
    assert_int_equal(program(b, 0, &byte, 1), ERR_OK);
}

static void a_program_that_does_not_end_is_given_up_and_the_chip_reset(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t byte = 0;
    uint64_t before_us = b->timer.now_us;
    b->chip.stays_busy = true;
    assert_int_equal(program(b, 0, &byte, 1), ERR_IO);
    assert_string_equal(spi_nor_problem(&b->nor), "the chip is busy when it should be idle, status 01");
    b->chip.stays_busy = false;
    assert_int_equal(program(b, 0, &byte, 1), ERR_OK);
    b->chip.busy_end_us = UINT64_MAX;
    b->chip.programming = true;
    assert_int_equal(program(b, 0, &byte, 1), ERR_IO);
    b->chip.programming = false;
    assert_int_equal(read(b, 0, &byte, 1), ERR_OK);
    assert_true(b->timer.now_us - before_us < 30000);
}

static void a_chip_stuck_in_a_program_costs_five_milliseconds_then_a_reset(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    struct spi spi = {.exchange = exchange_fatal, .ctx = &b->chip};
    uint8_t byte = 0;
    fatal_chip = &b->chip;
    fatal_command = 0x02;
    assert_int_equal(spi_nor_init(&b->nor, &spi, &b->timer.timer), ERR_OK);
    uint64_t before_us = b->timer.now_us;
    assert_int_equal(program(b, 0, &byte, 1), ERR_IO);
    assert_in_range(b->timer.now_us - before_us, 5000, 5100);
    assert_string_equal(spi_nor_problem(&b->nor), "a program does not end, status 03");
    assert_int_equal(read(b, 0, &byte, 1), ERR_OK); /* after a reset */
    assert_int_equal(b->chip.counts[0x99], 1);
    assert_in_range(b->timer.now_us - before_us, 10000, 10500);
    fatal_command = 0x66; /* one that no reset helps */
    b->chip.ignores_reset = b->chip.stays_busy = true;
    assert_int_equal(program(b, 0, &byte, 1), ERR_IO);
    assert_int_equal(read(b, 0, &byte, 1), ERR_IO);
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_IO);
    assert_non_null(strstr(spi_nor_problem(&b->nor), "stays busy"));
}

static void a_bus_that_fails_is_an_error_and_no_more(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t data[300], seen[300];
    fill(data, sizeof data, 5);
    for (uint32_t n = 1; n <= 8; n++) { /* each exchange of a program in turn */
        b->chip.bus_fails_in = n;
        int result = program(b, n * 4096, data, 200);
        bool failed = b->chip.bus_fails_in == 0;
        b->chip.bus_fails_in = 0;
        assert_int_equal(result, failed ? ERR_IO : ERR_OK);
        assert_int_equal(program(b, n * 4096, data, sizeof data), ERR_OK);
        assert_int_equal(read(b, n * 4096, seen, sizeof seen), ERR_OK);
        assert_memory_equal(seen, data, sizeof data);
    }
    b->chip.bus_fails_in = 1;
    assert_int_equal(read(b, 0, seen, 1), ERR_IO);
    assert_string_equal(spi_nor_problem(&b->nor), "the SPI controller does not finish");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, unplug)
    const struct CMUnitTest tests[] = {
        TEST(a_write_protected_chip_is_named_so),
        TEST(protection_is_told_at_start_and_the_chip_stays_readable),
        TEST(blocks_locked_without_a_status_bit_are_found_out),
        TEST(a_refused_write_enable_is_reported),
        TEST(a_chip_pulled_out_is_reported),
        TEST(a_program_that_does_not_end_is_given_up_and_the_chip_reset),
        TEST(a_chip_stuck_in_a_program_costs_five_milliseconds_then_a_reset),
        TEST(a_bus_that_fails_is_an_error_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
