/* SPDX-License-Identifier: Apache-2.0 */
/* The NOR driver against a chip that enforces its datasheet: erases, and what is done during one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal/spi_nor/spi_nor.h"
#include "tests/fakes/spi_nor_bench.h"
#include "tests/fakes/spi_nor_chip.h"

/* --- Erase --- */

static void an_erase_sets_its_sector_and_no_other(void **state)
{
    (void)state;
    for (int kind = SPI_NOR_CHIP_W25Q128; kind <= SPI_NOR_CHIP_QEMU; kind++) {
        struct bench *b = start((enum spi_nor_chip_kind)kind);
        uint32_t sector = b->flash->geometry->sector_size, passes;
        memset(spi_nor_chip_bytes(&b->chip, 0), 0, 4 * sector);
        uint64_t before_us = b->timer.now_us;
        assert_int_equal(b->flash->erase_start(b->ctx, 2 * sector + 77), ERR_OK);
        assert_true(b->timer.now_us - before_us < 20); /* returns at once */
        assert_int_equal(poll_to_the_end(b, &passes), ERR_OK);
        assert_in_range(passes, kind == SPI_NOR_CHIP_QEMU ? 0 : b->chip.erase_us / 1000 - 1,
                        b->chip.erase_us / 1000);
        uint8_t *bytes = spi_nor_chip_bytes(&b->chip, 0);
        assert_int_equal(bytes[2 * sector - 1], 0);
        assert_int_equal(bytes[2 * sector], 0xFF);
        assert_int_equal(bytes[3 * sector - 1], 0xFF);
        assert_int_equal(bytes[3 * sector], 0);
        no_rule_was_broken(b);
        assert_false(b->chip.latch);
        assert_int_equal(poll(b), ERR_OK);
        spi_nor_chip_free(&b->chip);
    }
}

static void a_second_erase_waits_for_the_first(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint32_t passes;
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    assert_int_equal(b->flash->erase_start(b->ctx, 4096), ERR_BUSY);
    assert_int_equal(poll_to_the_end(b, &passes), ERR_OK);
    assert_int_equal(b->flash->erase_start(b->ctx, 4096), ERR_OK);
    fake_timer_advance_ms(&b->timer, 60);
    assert_int_equal(b->flash->erase_start(b->ctx, 8192), ERR_OK); /* the one before has ended by itself */
    assert_int_equal(b->chip.counts[0x20], 3);
}

static void an_erase_is_given_three_seconds_and_the_chip_then_a_reset(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    struct spi spi = {.exchange = exchange_fatal, .ctx = &b->chip};
    uint32_t passes;
    uint8_t byte;
    fatal_chip = &b->chip;
    fatal_command = 0x20;
    assert_int_equal(spi_nor_init(&b->nor, &spi, &b->timer.timer), ERR_OK);
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    assert_int_equal(poll_to_the_end(b, &passes), ERR_IO);
    assert_in_range(passes, 2980, 3001);
    assert_string_equal(spi_nor_problem(&b->nor), "an erase does not end, status 03");
    assert_int_equal(read(b, 8192, &byte, 1), ERR_OK);
    assert_int_equal(b->chip.erase_stops, 1);
    assert_int_equal(poll(b), ERR_OK);
}

static void an_erase_that_never_ends_is_given_up_however_often_suspended(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t byte;
    uint32_t passes = 0;
    int result;
    b->chip.erase_us = UINT64_MAX / 2;
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    while ((result = poll(b)) == ERR_BUSY && passes++ < 10000) {
        assert_int_equal(read(b, 8192, &byte, 1), ERR_OK);
        fake_timer_advance_ms(&b->timer, 1);
    }
    assert_int_equal(result, ERR_IO);
    assert_in_range(passes, 2500, 3000); /* the rest of the three seconds went by in the reads */
    assert_string_equal(spi_nor_problem(&b->nor), "an erase does not end, status 03");
}

static void a_read_that_waits_for_an_erase_without_end_fails_after_three_seconds(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_S25SL12801); /* knows neither suspend nor reset */
    uint8_t byte;
    b->chip.erase_us = UINT64_MAX / 2;
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    uint64_t before_us = b->timer.now_us;
    assert_int_equal(read(b, 65536, &byte, 1), ERR_IO);
    assert_in_range(b->timer.now_us - before_us, 3000000, 3020000);
    assert_int_equal(poll(b), ERR_IO);
    b->chip.erasing = false; /* power-cycled */
    assert_int_equal(read(b, 65536, &byte, 1), ERR_OK);
}

static void an_erase_is_told_lost_when_a_program_meanwhile_had_to_be_reset(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    struct spi spi = {.exchange = exchange_fatal, .ctx = &b->chip};
    uint8_t byte = 0;
    fatal_chip = &b->chip;
    fatal_command = 0x02;
    assert_int_equal(spi_nor_init(&b->nor, &spi, &b->timer.timer), ERR_OK);
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    assert_int_equal(program(b, 8192, &byte, 1), ERR_IO);
    assert_int_equal(read(b, 8192, &byte, 1), ERR_OK);
    assert_int_equal(b->chip.erase_stops, 1);
    assert_int_equal(poll(b), ERR_IO);
    assert_int_equal(poll(b), ERR_OK);
}

static void a_late_look_at_an_erase_that_ended_is_no_failure(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    fake_timer_advance_ms(&b->timer, 60000);
    assert_int_equal(poll(b), ERR_OK);
}

static void a_worn_sector_fails_its_erase_where_it_shows(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_S25FL128S);
    uint32_t passes;
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    b->chip.erasing = false;
    b->chip.error_erase = true; /* FL-S: embedded erase failed */
    assert_int_equal(poll_to_the_end(b, &passes), ERR_IO);
    assert_string_equal(spi_nor_problem(&b->nor), "the chip refuses to erase, status 23");
    assert_int_equal(program(b, 0, &(uint8_t){0}, 1), ERR_OK); /* CLSR was sent */
}

/* --- Reads and programs during an erase --- */

static void a_tap_does_not_wait_for_an_erase(void **state)
{
    (void)state;
    static const enum spi_nor_chip_kind kinds[] = {SPI_NOR_CHIP_W25Q128, SPI_NOR_CHIP_S25FL128S};
    for (size_t i = 0; i < 2; i++) {
        struct bench *b = start(kinds[i]);
        uint32_t sector = b->flash->geometry->sector_size, passes;
        uint8_t data[32], seen[32];
        fill(data, sizeof data, 2);
        memcpy(spi_nor_chip_bytes(&b->chip, 3 * sector), data, sizeof data);
        assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
        fake_timer_advance_ms(&b->timer, 2);
        uint64_t before_us = b->timer.now_us;
        assert_int_equal(read(b, 3 * sector, seen, sizeof seen), ERR_OK);
        assert_true(b->timer.now_us - before_us < 100);
        assert_memory_equal(seen, data, sizeof data);
        assert_int_equal(program(b, 5 * sector, data, sizeof data), ERR_OK);
        assert_false(b->chip.suspended); /* it goes on by itself */
        assert_int_equal(read(b, 5 * sector, seen, sizeof seen), ERR_OK);
        assert_memory_equal(seen, data, sizeof data);
        assert_true(b->timer.now_us - before_us < 600);
        assert_int_equal(b->chip.counts[0x75], 3);
        assert_int_equal(b->chip.counts[0x7A], 3);
        assert_int_equal(poll_to_the_end(b, &passes), ERR_OK);
        assert_int_equal(*spi_nor_chip_bytes(&b->chip, sector - 1), 0xFF);
        assert_true(b->chip.longest_suspend_us < 200);
        no_rule_was_broken(b);
        spi_nor_chip_free(&b->chip);
    }
}

static void an_erase_ends_however_much_is_read_meanwhile(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t byte;
    uint32_t reads = 0;
    b->chip.erase_us = 45000;
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    uint64_t before_us = b->timer.now_us;
    while (poll(b) == ERR_BUSY && reads < 10000) {
        assert_int_equal(read(b, 8192, &byte, 1), ERR_OK);
        reads++;
    }
    assert_in_range(reads, 100, 460);                 /* it ran 0.1 ms between two */
    assert_true(b->timer.now_us - before_us < 90000); /* not twice as long as without */
    assert_int_equal(*spi_nor_chip_bytes(&b->chip, 0), 0xFF);
    no_rule_was_broken(b);
}

static void time_spent_suspended_is_not_held_against_an_erase(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    static uint8_t page[4096];
    uint32_t passes;
    b->chip.erase_us = 2900000; /* within its three seconds only if suspensions do not count */
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(program(b, 16 * 4096, page, sizeof page), ERR_OK);
        fake_timer_advance_ms(&b->timer, 1);
    }
    assert_int_equal(poll_to_the_end(b, &passes), ERR_OK);
    no_rule_was_broken(b);
}

static void a_program_into_the_sector_being_erased_is_an_error(void **state)
{
    (void)state;
    for (int kind = SPI_NOR_CHIP_W25Q128; kind <= SPI_NOR_CHIP_S25SL12801; kind++) {
        struct bench *b = start((enum spi_nor_chip_kind)kind);
        uint32_t sector = b->flash->geometry->sector_size, passes;
        uint8_t zeros[2] = {0};
        assert_int_equal(b->flash->erase_start(b->ctx, sector), ERR_OK);
        assert_int_equal(program(b, sector - 1, zeros, 2), ERR_IO);
        assert_string_equal(spi_nor_problem(&b->nor), "a program into the sector being erased");
        assert_int_equal(program(b, 2 * sector - 1, zeros, 1), ERR_IO);
        assert_int_equal(b->chip.counts[0x02], 0); /* not even its first page */
        assert_int_equal(poll_to_the_end(b, &passes), ERR_OK);
        assert_int_equal(program(b, sector, zeros, 2), ERR_OK);
        no_rule_was_broken(b);
        spi_nor_chip_free(&b->chip);
    }
}

static void a_part_that_cannot_suspend_is_waited_for(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_S25SL12801);
    uint8_t byte;
    *spi_nor_chip_bytes(&b->chip, 65536) = 0x42;
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    uint64_t before_us = b->timer.now_us;
    assert_int_equal(read(b, 65536, &byte, 1), ERR_OK);
    assert_int_equal(byte, 0x42);
    assert_in_range(b->timer.now_us - before_us, 149000, 151000);
    assert_int_equal(b->chip.counts[0x75], 0);
    assert_int_equal(poll(b), ERR_OK);
    no_rule_was_broken(b);
}

static void a_chip_that_ignores_the_suspend_is_waited_for(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t byte;
    b->chip.ignores_suspend = true;
    *spi_nor_chip_bytes(&b->chip, 65536) = 0x42;
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    assert_int_equal(read(b, 65536, &byte, 1), ERR_OK);
    assert_int_equal(byte, 0x42);
    assert_int_equal(poll(b), ERR_OK);
    assert_int_equal(*spi_nor_chip_bytes(&b->chip, 0), 0xFF);
    no_rule_was_broken(b);
}

static void an_erase_that_ends_as_the_suspend_comes_has_ended(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t byte;
    for (uint64_t erase_us = 100; erase_us < 140; erase_us++) {
        b->chip.erase_us = erase_us; /* the suspend is sent some 100 us after the start */
        memset(spi_nor_chip_bytes(&b->chip, 0), 0, 4096);
        assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
        assert_int_equal(read(b, 65536, &byte, 1), ERR_OK);
        fake_timer_advance_ms(&b->timer, 1);
        assert_int_equal(poll(b), ERR_OK);
        assert_int_equal(*spi_nor_chip_bytes(&b->chip, 0), 0xFF);
    }
    no_rule_was_broken(b);
}

static void a_lost_resume_is_sent_again(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t byte;
    uint32_t passes;
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    b->chip.loses_resumes = 1;
    assert_int_equal(read(b, 65536, &byte, 1), ERR_OK);
    assert_true(b->chip.suspended);
    assert_int_equal(poll_to_the_end(b, &passes), ERR_OK);
    assert_int_equal(*spi_nor_chip_bytes(&b->chip, 0), 0xFF);
    assert_int_equal(b->chip.counts[0x7A], 2);
}

static void an_erase_that_does_not_resume_fails_and_is_reset(void **state)
{
    (void)state;
    static const enum spi_nor_chip_kind kinds[] = {SPI_NOR_CHIP_W25Q128, SPI_NOR_CHIP_S25FL128S};
    for (size_t i = 0; i < 2; i++) {
        struct bench *b = start(kinds[i]);
        uint8_t byte;
        uint32_t passes;
        assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
        b->chip.loses_resumes = UINT32_MAX;
        assert_int_equal(read(b, 65536, &byte, 1), ERR_OK);
        assert_int_equal(poll_to_the_end(b, &passes), ERR_IO);
        assert_true(passes < 10);
        assert_non_null(strstr(spi_nor_problem(&b->nor), "does not resume"));
        assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
        assert_int_equal(b->chip.erase_stops, 1);
        assert_int_equal(poll_to_the_end(b, &passes), ERR_OK);
        assert_int_equal(*spi_nor_chip_bytes(&b->chip, 0), 0xFF);
        spi_nor_chip_free(&b->chip);
    }
    plug(SPI_NOR_CHIP_W25Q128);
}

static void a_failing_bus_during_an_erase_loses_neither_erase_nor_truth(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 12; n++) { /* each exchange of a suspended read and the polls after it */
        struct bench *b = start(SPI_NOR_CHIP_W25Q128);
        uint8_t byte = 0;
        memset(spi_nor_chip_bytes(&b->chip, 0), 0, 4096);
        *spi_nor_chip_bytes(&b->chip, 65536) = 0x42;
        assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
        b->chip.bus_fails_in = n;
        int result = read(b, 65536, &byte, 1);
        if (result == ERR_OK)
            assert_int_equal(byte, 0x42);
        else
            assert_int_equal(result, ERR_IO);
        int polled;
        uint32_t passes = 0;
        while ((polled = poll(b)) != ERR_OK && passes++ < 200)
            fake_timer_advance_ms(&b->timer, 1);
        assert_int_equal(polled, ERR_OK);
        assert_int_equal(*spi_nor_chip_bytes(&b->chip, 0), 0xFF);
        assert_int_equal(read(b, 65536, &byte, 1), ERR_OK);
        assert_int_equal(byte, 0x42);
        spi_nor_chip_free(&b->chip);
    }
    plug(SPI_NOR_CHIP_W25Q128);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, unplug)
    const struct CMUnitTest tests[] = {
        TEST(an_erase_sets_its_sector_and_no_other),
        TEST(a_second_erase_waits_for_the_first),
        TEST(an_erase_is_given_three_seconds_and_the_chip_then_a_reset),
        TEST(an_erase_that_never_ends_is_given_up_however_often_suspended),
        TEST(a_read_that_waits_for_an_erase_without_end_fails_after_three_seconds),
        TEST(an_erase_is_told_lost_when_a_program_meanwhile_had_to_be_reset),
        TEST(a_late_look_at_an_erase_that_ended_is_no_failure),
        TEST(a_worn_sector_fails_its_erase_where_it_shows),
        TEST(a_tap_does_not_wait_for_an_erase),
        TEST(an_erase_ends_however_much_is_read_meanwhile),
        TEST(time_spent_suspended_is_not_held_against_an_erase),
        TEST(a_program_into_the_sector_being_erased_is_an_error),
        TEST(a_part_that_cannot_suspend_is_waited_for),
        TEST(a_chip_that_ignores_the_suspend_is_waited_for),
        TEST(an_erase_that_ends_as_the_suspend_comes_has_ended),
        TEST(a_lost_resume_is_sent_again),
        TEST(an_erase_that_does_not_resume_fails_and_is_reset),
        TEST(a_failing_bus_during_an_erase_loses_neither_erase_nor_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
