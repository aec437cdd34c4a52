/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/storage/flash_io.h"
#include "tests/fakes/nor_model.h"

enum {
    CHIP = 1 << 20,
    AT = 4096 + 100, /* two pages are crossed by DATA_LEN bytes from here */
    DATA_LEN = 600,
};

static struct nor_model nor;
static uint8_t data[DATA_LEN];

static int setup(void **state)
{
    (void)state;
    nor_model_init(&nor, CHIP, 4096);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 + 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nor_model_free(&nor);
    return 0;
}

static int program(void)
{
    return flash_io_program(&nor.flash, AT, data, sizeof data);
}

static void a_read_that_fails_once_is_repeated(void **state)
{
    (void)state;
    uint8_t seen[DATA_LEN];
    memcpy(nor_model_bytes(&nor, AT), data, sizeof data);
    nor.fail_read = 1;
    assert_int_equal(flash_io_read(&nor.flash, AT, seen, sizeof seen), ERR_OK);
    assert_memory_equal(seen, data, sizeof seen);
    assert_int_equal(nor.counts.reads, 2);
}

static void a_chip_that_never_answers_is_an_error(void **state)
{
    (void)state;
    uint8_t seen[DATA_LEN];
    nor.dead = true;
    assert_int_equal(flash_io_read(&nor.flash, AT, seen, sizeof seen), ERR_IO);
    assert_int_equal(program(), ERR_IO);
}

static void an_address_outside_the_chip_is_an_error(void **state)
{
    (void)state;
    uint8_t seen[2];
    assert_int_equal(flash_io_read(&nor.flash, CHIP - 1, seen, sizeof seen), ERR_ARGUMENT);
    assert_int_equal(flash_io_program(&nor.flash, CHIP - 1, data, 2), ERR_ARGUMENT);
}

static void what_is_programmed_is_there(void **state)
{
    (void)state;
    assert_int_equal(program(), ERR_OK);
    assert_memory_equal(nor_model_bytes(&nor, AT), data, sizeof data);
    assert_int_equal(nor.counts.lost_ones, 0);
}

/* One bit of any page is wrong, and the chip returns ERR_OK. */
static void a_wrong_bit_is_seen_in_every_page(void **state)
{
    (void)state;
    for (uint64_t page = 1; page <= 3; page++) {
        memset(nor_model_bytes(&nor, AT), 0xFF, sizeof data);
        nor_model_botch(&nor, page);
        assert_int_equal(program(), ERR_CORRUPT);
    }
    memset(nor_model_bytes(&nor, AT), 0xFF, sizeof data);
    assert_int_equal(program(), ERR_OK);
}

static void a_place_that_takes_nothing_is_told_from_a_spoilt_one(void **state)
{
    (void)state;
    nor_model_wear_out(&nor, AT, false, true);
    assert_int_equal(program(), ERR_NO_SPACE);
    *nor_model_bytes(&nor, AT + DATA_LEN - 1) = 0x7F;
    assert_int_equal(program(), ERR_CORRUPT);
}

static void only_ff_is_blank(void **state)
{
    (void)state;
    uint8_t bytes[33];
    memset(bytes, 0xFF, sizeof bytes);
    assert_true(flash_is_blank(bytes, sizeof bytes));
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_false(flash_is_blank(bytes, sizeof bytes));
        bytes[bit / 8] = 0xFF;
    }
}

static void one_programmed_bit_anywhere_is_not_blank_at_any_alignment_and_length(void **state)
{
    (void)state;
    uint8_t room[24];
    for (size_t at = 0; at < 8; at++)
        for (size_t len = 0; len <= 16; len++) {
            memset(room, 0, sizeof room);
            memset(room + at, 0xFF, len);
            assert_true(flash_is_blank(room + at, len));
            for (size_t bit = 0; bit < 8 * len; bit++) {
                room[at + bit / 8] = (uint8_t) ~(1u << bit % 8);
                assert_false(flash_is_blank(room + at, len));
                room[at + bit / 8] = 0xFF;
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_programmed_bit_anywhere_is_not_blank_at_any_alignment_and_length),
        cmocka_unit_test_setup_teardown(a_read_that_fails_once_is_repeated, setup, teardown),
        cmocka_unit_test_setup_teardown(a_chip_that_never_answers_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(an_address_outside_the_chip_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_programmed_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_bit_is_seen_in_every_page, setup, teardown),
        cmocka_unit_test_setup_teardown(a_place_that_takes_nothing_is_told_from_a_spoilt_one, setup,
                                        teardown),
        cmocka_unit_test(only_ff_is_blank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
