/* SPDX-License-Identifier: Apache-2.0 */
/* The NOR driver against a chip that enforces its datasheet: reads, programs and their cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal/spi_nor/spi_nor.h"
#include "tests/fakes/spi_nor_bench.h"
#include "tests/fakes/spi_nor_chip.h"

/* --- Read and program --- */

static void what_is_programmed_is_read_back(void **state)
{
    (void)state;
    for (int kind = SPI_NOR_CHIP_W25Q128; kind <= SPI_NOR_CHIP_QEMU; kind++) {
        struct bench *b = start((enum spi_nor_chip_kind)kind);
        uint8_t data[1000], seen[1000];
        fill(data, sizeof data, 1);
        assert_int_equal(program(b, 0xABCDEF, data, sizeof data), ERR_OK);
        assert_int_equal(read(b, 0xABCDEF, seen, sizeof seen), ERR_OK);
        assert_memory_equal(seen, data, sizeof data);
        assert_memory_equal(spi_nor_chip_bytes(&b->chip, 0xABCDEF), data, sizeof data);
        assert_int_equal(*spi_nor_chip_bytes(&b->chip, 0xABCDEF - 1), 0xFF);
        assert_int_equal(*spi_nor_chip_bytes(&b->chip, 0xABCDEF + sizeof data), 0xFF);
        no_rule_was_broken(b);
        assert_false(b->chip.latch);
        assert_string_equal(spi_nor_problem(&b->nor), "");
        spi_nor_chip_free(&b->chip);
    }
}

static void a_program_is_split_at_page_bounds(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t data[600];
    fill(data, sizeof data, 9);
    assert_int_equal(program(b, 250, data, sizeof data), ERR_OK); /* 6 + 256 + 256 + 82 */
    assert_int_equal(b->chip.counts[0x02], 4);
    assert_int_equal(b->chip.counts[0x06], 4); /* a write enable each */
    assert_int_equal(program(b, 4096, data, 256), ERR_OK);
    assert_int_equal(b->chip.counts[0x02], 5);
    no_rule_was_broken(b);
}

static void programming_only_clears_bits(void **state)
{
    (void)state;
    static const enum spi_nor_chip_kind kinds[] = {SPI_NOR_CHIP_W25Q128, SPI_NOR_CHIP_QEMU};
    for (size_t i = 0; i < 2; i++) {
        struct bench *b = start(kinds[i]);
        uint8_t byte = 0xF0, seen;
        assert_int_equal(program(b, 5, &byte, 1), ERR_OK);
        byte = 0x3C;
        assert_int_equal(program(b, 5, &byte, 1), ERR_OK); /* programs ones where zeros are: no error */
        assert_int_equal(read(b, 5, &seen, 1), ERR_OK);
        assert_int_equal(seen, 0x30);
        spi_nor_chip_free(&b->chip);
    }
}

static void nothing_outside_the_chip_is_touched(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t two[2] = {0};
    uint64_t before = b->chip.line_bytes;
    assert_int_equal(read(b, 16 * MIB - 1, two, 2), ERR_ARGUMENT);
    assert_int_equal(read(b, UINT32_MAX, two, 2), ERR_ARGUMENT);
    assert_int_equal(read(b, 0, two, SIZE_MAX), ERR_ARGUMENT);
    assert_int_equal(program(b, 16 * MIB - 1, two, 2), ERR_ARGUMENT);
    assert_int_equal(program(b, 16 * MIB, two, 1), ERR_ARGUMENT);
    assert_int_equal(b->flash->erase_start(b->ctx, 16 * MIB), ERR_ARGUMENT);
    assert_int_equal(read(b, 16 * MIB, two, 0), ERR_OK);
    assert_int_equal(program(b, 16 * MIB, two, 0), ERR_OK);
    assert_int_equal(b->chip.line_bytes, before);
    assert_int_equal(read(b, 16 * MIB - 2, two, 2), ERR_OK);
    assert_int_equal(two[1], 0xFF);
}

static void a_read_costs_four_bytes_more_than_it_brings(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    static uint8_t buf[10000];
    uint64_t before = b->chip.line_bytes;
    assert_int_equal(read(b, 1234, buf, 16), ERR_OK);
    assert_int_equal(b->chip.line_bytes - before, 4 + 16);
    before = b->chip.line_bytes;
    assert_int_equal(read(b, 1234, buf, sizeof buf), ERR_OK);
    assert_int_equal(b->chip.line_bytes - before, 3 * 4 + sizeof buf); /* 4 KiB a selection */
}

static void a_program_costs_seven_bytes_more_and_the_looks_at_its_status(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    uint8_t record[32] = {0};
    uint64_t before = b->chip.line_bytes, before_us = b->timer.now_us;
    uint32_t looks = b->chip.counts[0x05];
    assert_int_equal(program(b, 4096, record, sizeof record), ERR_OK);
    looks = b->chip.counts[0x05] - looks - 1; /* one of them checks that the latch is set */
    assert_int_equal(b->chip.line_bytes - before, 1 + 2 + 4 + 32 + 2 * looks);
    assert_true(b->timer.now_us - before_us >= 107); /* 30 + 31 * 2.5 */
    assert_true(b->timer.now_us - before_us < 125);
}

static void a_failed_erase_seen_by_a_read_is_told_to_the_poll(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_S25FL128S);
    uint8_t byte;
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_OK);
    b->chip.erasing = false;
    b->chip.error_erase = true;
    assert_int_equal(read(b, 65536, &byte, 1), ERR_OK);
    assert_int_equal(poll(b), ERR_IO);
    assert_int_equal(poll(b), ERR_OK);
}

static void qemus_chip_is_never_asked_what_it_does_not_know(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_QEMU);
    uint8_t data[32], seen[32];
    fill(data, sizeof data, 7);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(b->flash->erase_start(b->ctx, i * 65536), ERR_OK);
        assert_int_equal(program(b, 0x800000 + i * 32, data, sizeof data), ERR_OK);
        assert_int_equal(program(b, i * 65536, data, sizeof data), ERR_OK); /* the erase has ended */
        assert_int_equal(poll(b), ERR_OK);
        assert_int_equal(read(b, i * 65536, seen, sizeof seen), ERR_OK);
        assert_memory_equal(seen, data, sizeof data);
    }
    static const uint8_t known[] = {0x02, 0x03, 0x04, 0x05, 0x06, 0x9F, 0xAB, 0xD8};
    for (unsigned command = 0; command < 256; command++)
        if (memchr(known, (int)command, sizeof known) == NULL)
            assert_int_equal(b->chip.counts[command], 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, unplug)
    const struct CMUnitTest tests[] = {
        TEST(what_is_programmed_is_read_back),
        TEST(a_program_is_split_at_page_bounds),
        TEST(programming_only_clears_bits),
        TEST(nothing_outside_the_chip_is_touched),
        TEST(a_read_costs_four_bytes_more_than_it_brings),
        TEST(a_program_costs_seven_bytes_more_and_the_looks_at_its_status),
        TEST(a_failed_erase_seen_by_a_read_is_told_to_the_poll),
        TEST(qemus_chip_is_never_asked_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
