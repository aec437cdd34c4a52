/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/nor_model.h"

static struct nor_model nor;

static int program(uint32_t addr, const void *bytes, size_t len)
{
    return nor.flash.program(nor.flash.ctx, addr, bytes, len);
}

static uint8_t read_byte(uint32_t addr)
{
    uint8_t byte = 0xA5;
    assert_int_equal(nor.flash.read(nor.flash.ctx, addr, &byte, 1), ERR_OK);
    return byte;
}

static void programming_only_clears_bits(void **state)
{
    (void)state;
    nor_model_init(&nor, 65536, 4096);
    assert_int_equal(program(255, "\x0F\xF0", 2), ERR_OK); /* across a page */
    assert_int_equal(program(255, "\xF3", 1), ERR_OK);
    assert_int_equal(read_byte(255), 0x03);
    assert_int_equal(read_byte(256), 0xF0);
    assert_int_equal(nor.counts.programs, 3);
    assert_int_equal(nor.counts.lost_ones, 1);
    assert_int_equal(nor.counts.unit_violations, 1);
    assert_int_equal(program(65535, "ab", 2), ERR_ARGUMENT);
    nor_model_free(&nor);
}

static void an_erase_takes_its_polls_and_spoils_reads_of_its_sector_alone(void **state)
{
    (void)state;
    nor_model_init(&nor, 65536, 4096);
    nor.erase_polls = 2;
    uint8_t zeros[64] = {0}, seen[64];
    assert_int_equal(program(4096, zeros, sizeof zeros), ERR_OK);
    assert_int_equal(nor.flash.erase_start(nor.flash.ctx, 5000), ERR_OK);
    assert_int_equal(nor.flash.read(nor.flash.ctx, 4096, seen, sizeof seen), ERR_OK);
    assert_memory_not_equal(seen, zeros, sizeof seen);
    assert_int_equal(program(4096, zeros, 1), ERR_IO);
    assert_int_equal(program(8192, zeros, 1), ERR_OK);
    assert_int_equal(read_byte(8192), 0);
    assert_int_equal(nor.flash.erase_poll(nor.flash.ctx), ERR_BUSY);
    assert_int_equal(nor.flash.erase_start(nor.flash.ctx, 0), ERR_BUSY);
    assert_int_equal(nor.flash.erase_poll(nor.flash.ctx), ERR_OK);
    assert_int_equal(read_byte(4096), 0xFF);
    assert_int_equal(nor_model_wear(&nor, 4096), 1);
    nor_model_free(&nor);
}

/* From the datasheet: 36 bytes on the line at 160 ns each, 30 us and 31 times 2.5 us; then 37 bytes. */
static void time_is_modelled_from_the_data_sheet(void **state)
{
    (void)state;
    nor_model_init(&nor, 65536, 4096);
    uint8_t record[32] = {0};
    assert_int_equal(program(0, record, sizeof record), ERR_OK);
    assert_int_equal(nor.counts.time_ns, 36 * 160 + 30000 + 77500);
    assert_int_equal(nor.flash.read(nor.flash.ctx, 0, record, sizeof record), ERR_OK);
    assert_int_equal(nor.counts.time_ns, 36 * 160 + 30000 + 77500 + 37 * 160);
    nor_model_free(&nor);
}

static uint64_t erase_busy_ns(uint32_t sector_size, enum nor_sheet sheet)
{
    nor_model_init(&nor, 131072, sector_size);
    assert_int_equal(nor.flash.erase_start(nor.flash.ctx, 0), ERR_OK);
    assert_int_equal(nor.flash.erase_poll(nor.flash.ctx), ERR_OK);
    uint64_t ns = nor.counts.erase_ns[sheet];
    nor_model_free(&nor);
    return ns;
}

/* A record of 32 bytes and a page of 256, then erases, by the tables of the two datasheets. */
static void each_data_sheet_has_a_typical_and_a_maximum_time(void **state)
{
    (void)state;
    static const uint64_t record_ns[] = {107500, 422000, 250000, 750000};
    static const uint64_t page_ns[] = {400000, 3000000, 250000, 750000};
    uint8_t page[256] = {0};
    nor_model_init(&nor, 65536, 4096);
    assert_int_equal(program(0, page, 32), ERR_OK);
    for (int sheet = 0; sheet < NOR_SHEETS; sheet++)
        assert_int_equal(nor.counts.program_ns[sheet], record_ns[sheet]);
    assert_int_equal(program(256, page, 256), ERR_OK);
    for (int sheet = 0; sheet < NOR_SHEETS; sheet++)
        assert_int_equal(nor.counts.program_ns[sheet], record_ns[sheet] + page_ns[sheet]);
    assert_int_equal(nor.counts.line_ns, (36 + 260) * 160);
    nor_model_free(&nor);
    assert_int_equal(erase_busy_ns(4096, NOR_SHEET_W25Q_TYPICAL), 45000000);
    assert_int_equal(erase_busy_ns(4096, NOR_SHEET_W25Q_MAXIMUM), 400000000);
    assert_int_equal(erase_busy_ns(4096, NOR_SHEET_FLS_TYPICAL), 0);
    assert_int_equal(erase_busy_ns(65536, NOR_SHEET_W25Q_TYPICAL), 150000000);
    assert_int_equal(erase_busy_ns(65536, NOR_SHEET_W25Q_MAXIMUM), 2000000000);
    assert_int_equal(erase_busy_ns(65536, NOR_SHEET_FLS_TYPICAL), 130000000);
    assert_int_equal(erase_busy_ns(65536, NOR_SHEET_FLS_MAXIMUM), 650000000);
}

static void a_torn_program_is_a_prefix_and_an_edge(void **state)
{
    (void)state;
    bool some_edge = false;
    for (uint32_t tear = NOR_TEAR_PARTS; tear < 100; tear++) {
        nor_model_init(&nor, 65536, 4096);
        nor_model_cut(&nor, 1, tear);
        uint8_t zeros[32] = {0};
        assert_int_equal(program(0, zeros, sizeof zeros), ERR_IO);
        assert_int_equal(nor.flash.read(nor.flash.ctx, 0, zeros, 1), ERR_IO);
        nor_model_power_on(&nor);
        int i = 0;
        while (i < 32 && read_byte((uint32_t)i) == 0)
            i++;
        some_edge = some_edge || (i < 32 && read_byte((uint32_t)i) != 0xFF);
        for (i++; i < 32; i++)
            assert_int_equal(read_byte((uint32_t)i), 0xFF);
        nor_model_free(&nor);
    }
    assert_true(some_edge);
}

static void half_an_erase_sets_some_bits_and_leaves_some_weak(void **state)
{
    (void)state;
    uint32_t kept = 0, set = 0, changing = 0;
    for (uint32_t tear = NOR_TEAR_PARTS; tear < 12; tear++) {
        nor_model_init(&nor, 65536, 4096);
        memset(nor_model_bytes(&nor, 0), 0, 8192);
        nor_model_cut(&nor, 1, tear);
        assert_int_equal(nor.flash.erase_start(nor.flash.ctx, 0), ERR_IO);
        nor_model_power_on(&nor);
        for (uint32_t i = 0; i < 4096; i++) {
            uint8_t once = read_byte(i);
            kept += once != 0xFF;
            set += once != 0;
            changing += once != read_byte(i);
        }
        assert_int_equal(read_byte(4096), 0);
        nor_model_free(&nor);
    }
    assert_true(kept > 0 && set > 0 && changing > 0);
}

static void a_worn_sector_refuses_and_a_lying_chip_lies_for_a_while(void **state)
{
    (void)state;
    nor_model_init(&nor, 131072, 65536);
    nor_model_wear_out(&nor, 65536, true, true);
    assert_int_equal(program(65536, "", 1), ERR_IO);
    assert_int_equal(nor.flash.erase_start(nor.flash.ctx, 65536), ERR_OK);
    assert_int_equal(nor.flash.erase_poll(nor.flash.ctx), ERR_IO);
    nor_model_lie(&nor, 1, 1, 0);
    assert_int_equal(read_byte(0), 0xFF);
    assert_int_equal(read_byte(0), 0);
    assert_int_equal(read_byte(0), 0xFF);
    nor.stay_busy = true;
    assert_int_equal(nor.flash.erase_start(nor.flash.ctx, 0), ERR_BUSY);
    nor_model_free(&nor);
}

static void a_botched_operation_answers_ok(void **state)
{
    (void)state;
    nor_model_init(&nor, 65536, 4096);
    nor_model_botch(&nor, 1);
    assert_int_equal(program(0, "\x55", 1), ERR_OK);
    assert_int_not_equal(read_byte(0), 0x55);
    nor_model_botch(&nor, 2); /* start, then end, of an erase */
    assert_int_equal(nor.flash.erase_start(nor.flash.ctx, 0), ERR_OK);
    assert_int_equal(nor.flash.erase_poll(nor.flash.ctx), ERR_OK);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 4096; i++)
        wrong += read_byte(i) != 0xFF;
    assert_int_equal(wrong, 1);
    nor_model_free(&nor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programming_only_clears_bits),
        cmocka_unit_test(an_erase_takes_its_polls_and_spoils_reads_of_its_sector_alone),
        cmocka_unit_test(time_is_modelled_from_the_data_sheet),
        cmocka_unit_test(each_data_sheet_has_a_typical_and_a_maximum_time),
        cmocka_unit_test(a_torn_program_is_a_prefix_and_an_edge),
        cmocka_unit_test(half_an_erase_sets_some_bits_and_leaves_some_weak),
        cmocka_unit_test(a_worn_sector_refuses_and_a_lying_chip_lies_for_a_while),
        cmocka_unit_test(a_botched_operation_answers_ok),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
