/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time of an append on the pins of a chip, while the chip is idle and while it erases another
 * sector. The journal runs on the NOR driver, on a chip that keeps the times of its datasheet
 * (fakes/spi_nor_chip).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/journal/journal.h"
#include "hal/spi_nor/spi_nor.h"
#include "tests/fakes/journal_twin.h"
#include "tests/fakes/spi_nor_chip.h"

enum {
    ELSEWHERE = 8 << 20, /* outside the journal */
    SECTORS = 4,
    IDLE_MOST_US = 150,
    SUSPENDING_MOST_US = 500, /* two reads and a program; each suspends the erase, which takes 0.12 ms */
};

static const uint8_t key[CRYPTO_KEY_LEN] = "journal test key";
static struct fake_timer timer;
static struct spi_nor_chip chip;
static struct spi_nor nor;
static struct journal journal;
static uint32_t made;

static void poll_until_idle(void)
{
    while (journal_poll(&journal) == ERR_BUSY)
        fake_timer_advance_ms(&timer, 1);
}

static void start(enum spi_nor_chip_kind kind)
{
    fake_timer_init(&timer, 1000000);
    spi_nor_chip_init(&chip, kind, &timer);
    assert_int_equal(spi_nor_init(&nor, &chip.spi, &timer.timer), ERR_OK);
    assert_int_equal(
        journal_mount(&journal, &nor.flash, 0, SECTORS * nor.flash.geometry->sector_size, key, 0), ERR_OK);
    poll_until_idle();
}

static void stop(void)
{
    struct journal_record record;
    for (uint32_t seq = 1; seq < journal.head_seq; seq++)
        assert_int_equal(journal_read(&journal, seq, &record), ERR_OK);
    journal_unmount(&journal);
    spi_nor_chip_free(&chip);
}

static uint64_t append_us(void)
{
    struct journal_record record = journal_twin_make(++made);
    uint32_t seq;
    uint64_t before_us = timer.now_us;
    assert_int_equal(journal_append(&journal, &record, &seq), ERR_OK);
    return timer.now_us - before_us;
}

static void start_erase(void)
{
    assert_int_equal(nor.flash.erase_start(nor.flash.ctx, ELSEWHERE), ERR_OK);
}

static bool is_erasing(void)
{
    return nor.flash.erase_poll(nor.flash.ctx) == ERR_BUSY;
}

/* Returns the longest of a hundred appends. erasing: erases run outside the journal. */
static uint64_t worst_append_us(bool erasing)
{
    uint64_t worst_us = 0;
    for (int i = 0; i < 100; i++) {
        if (erasing && !is_erasing())
            start_erase();
        uint64_t us = append_us();
        worst_us = us > worst_us ? us : worst_us;
        timer.now_us += 700; /* at every phase of an erase */
    }
    return worst_us;
}

static void an_append_takes_less_than_a_sixth_of_a_millisecond(void **state)
{
    (void)state;
    for (int kind = SPI_NOR_CHIP_W25Q128; kind <= SPI_NOR_CHIP_S25SL12801; kind++) {
        start((enum spi_nor_chip_kind)kind);
        assert_in_range(worst_append_us(false), 100, IDLE_MOST_US);
        stop();
    }
}

static void an_append_waits_for_no_erase_where_the_chip_can_suspend(void **state)
{
    (void)state;
    static const enum spi_nor_chip_kind kinds[] = {SPI_NOR_CHIP_W25Q128, SPI_NOR_CHIP_S25FL128S};
    for (int i = 0; i < 2; i++) {
        start(kinds[i]);
        assert_in_range(worst_append_us(true), IDLE_MOST_US, SUSPENDING_MOST_US);
        assert_true(chip.counts[0x75] >= 200);
        while (is_erasing())
            fake_timer_advance_ms(&timer, 1);
        stop();
    }
}

/* This is a limit of the part: see hal/spi_nor/spi_nor.h. */
static void where_it_cannot_an_append_waits_for_one_erase_at_most(void **state)
{
    (void)state;
    start(SPI_NOR_CHIP_S25SL12801);
    assert_in_range(worst_append_us(true), 149000, 150000 + IDLE_MOST_US);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_append_takes_less_than_a_sixth_of_a_millisecond),
        cmocka_unit_test(an_append_waits_for_no_erase_where_the_chip_can_suspend),
        cmocka_unit_test(where_it_cannot_an_append_waits_for_one_erase_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
