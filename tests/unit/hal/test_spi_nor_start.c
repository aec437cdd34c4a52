/* SPDX-License-Identifier: Apache-2.0 */
/* The NOR driver against a chip that enforces its datasheet: which chip it is, and what a start finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal/spi_nor/spi_nor.h"
#include "tests/fakes/spi_nor_bench.h"
#include "tests/fakes/spi_nor_chip.h"

static void set_id(struct bench *b, uint8_t maker, uint8_t type, uint8_t density)
{
    const uint8_t id[6] = {maker, type, density, 0xFF, 0xFF, 0xFF};
    memcpy(b->chip.id, id, sizeof id);
}

/* --- Identification --- */

static void known_parts_are_known_by_their_id(void **state)
{
    (void)state;
    static const struct {
        uint8_t id[6];
        const char *name;
        uint32_t size, sector_size;
    } cases[] = {
        {{0xEF, 0x40, 0x18}, "W25Q128", 16 * MIB, 4 * KIB},
        {{0xEF, 0x70, 0x18}, "W25Q128", 16 * MIB, 4 * KIB},
        {{0xEF, 0x40, 0x16}, "W25Q", 4 * MIB, 4 * KIB},
        {{0xEF, 0x60, 0x17}, "W25Q", 8 * MIB, 4 * KIB},
        {{0x01, 0x20, 0x18, 0x4D, 0x01, 0x80}, "S25FL128S", 16 * MIB, 64 * KIB},
        {{0x01, 0x02, 0x19, 0x4D, 0x01, 0x80}, "S25FL256S", 16 * MIB, 64 * KIB},
        {{0x01, 0x20, 0x18, 0x03, 0x01, 0x00}, "S25SL12801", 16 * MIB, 64 * KIB},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
        memcpy(b->chip.id, cases[i].id, sizeof cases[i].id);
        assert_int_equal(init(b), ERR_OK);
        assert_string_equal(spi_nor_name(&b->nor), cases[i].name);
        assert_int_equal(b->flash->geometry->size, cases[i].size);
        assert_int_equal(b->flash->geometry->sector_size, cases[i].sector_size);
        assert_int_equal(b->flash->geometry->page_size, 256);
        assert_memory_equal(b->nor.id, cases[i].id, 3);
        no_rule_was_broken(b);
        spi_nor_chip_free(&b->chip);
    }
}

static void other_parts_are_sized_by_their_density_byte(void **state)
{
    (void)state;
    static const struct {
        uint8_t maker, type, density;
        uint32_t size;
    } cases[] = {
        {0xC8, 0x40, 0x18, 16 * MIB}, /* GigaDevice */
        {0xC2, 0x20, 0x16, 4 * MIB},  /* Macronix */
        {0x20, 0xBA, 0x14, 1 * MIB},  /* Micron */
        {0xC2, 0x20, 0x19, 16 * MIB}, /* 32 MiB, of which 24 bits reach half */
        {0x20, 0xBA, 0x20, 16 * MIB}, /* 64 MiB */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = plug(SPI_NOR_CHIP_S25SL12801);
        set_id(b, cases[i].maker, cases[i].type, cases[i].density);
        assert_int_equal(init(b), ERR_OK);
        assert_string_equal(spi_nor_name(&b->nor), "NOR flash");
        assert_int_equal(b->flash->geometry->size, cases[i].size);
        assert_int_equal(b->flash->geometry->sector_size, 64 * KIB);
        spi_nor_chip_free(&b->chip);
    }
}

static void check_unusable(struct bench *b, const char *words)
{
    uint8_t byte = 0;
    assert_string_equal(spi_nor_problem(&b->nor), words);
    assert_string_equal(spi_nor_name(&b->nor), "");
    assert_int_equal(b->flash->geometry->size, 0);
    assert_int_equal(read(b, 0, &byte, 1), ERR_ARGUMENT);
    assert_int_equal(program(b, 0, &byte, 1), ERR_ARGUMENT);
    assert_int_equal(b->flash->erase_start(b->ctx, 0), ERR_ARGUMENT);
    assert_int_equal(poll(b), ERR_OK);
}

static void unknown_and_unfit_parts_are_refused_with_their_id(void **state)
{
    (void)state;
    static const struct {
        uint8_t id[6];
        const char *words;
    } cases[] = {
        {{0x1F, 0x47, 0x01, 0xFF, 0xFF, 0xFF},
         "a flash chip of unknown kind, id 1F 47 01"}, /* Atmel: density elsewhere */
        {{0xBF, 0x25, 0x8E, 0xFF, 0xFF, 0xFF},
         "a flash chip of unknown kind, id BF 25 8E"}, /* SST: no page program */
        {{0xEF, 0x40, 0x13, 0xFF, 0xFF, 0xFF},
         "a flash chip of unknown kind, id EF 40 13"}, /* too small to be of use */
        {{0x01, 0x20, 0x18, 0x4D, 0x00, 0x80}, "the chip erases 256 KiB at once, id 01 20 18 4D 00 80"},
        {{0x01, 0x20, 0x18, 0x03, 0x00, 0x00}, "the chip erases 256 KiB at once, id 01 20 18 03 00 00"},
        {{0x20, 0x20, 0x18, 0x10, 0x00, 0x00}, "the chip erases 256 KiB at once, id 20 20 18 10 00 00"},
        /* S25FL512S, S25FL256S, S25FS256S with sectors of 256 KiB */
        {{0x01, 0x02, 0x20, 0x4D, 0x00, 0x80}, "the chip erases 256 KiB at once, id 01 02 20 4D 00 80"},
        {{0x01, 0x02, 0x19, 0x4D, 0x00, 0x80}, "the chip erases 256 KiB at once, id 01 02 19 4D 00 80"},
        {{0x01, 0x02, 0x19, 0x4D, 0x00, 0x81}, "the chip erases 256 KiB at once, id 01 02 19 4D 00 81"},
        /* S25FS128S, S25FS256S, S25HS512T: sectors of 4 KiB at one end, where D8h does not erase them */
        {{0x01, 0x20, 0x18, 0x4D, 0x01, 0x81}, "the chip has sectors of several sizes, id 01 20 18 4D 01 81"},
        {{0x01, 0x02, 0x19, 0x4D, 0x01, 0x81}, "the chip has sectors of several sizes, id 01 02 19 4D 01 81"},
        {{0x34, 0x2B, 0x1A, 0x0F, 0x03, 0x90}, "the chip has sectors of several sizes, id 34 2B 1A 0F 03 90"},
        /* W25N01GV */
        {{0xEF, 0xAA, 0x21, 0xFF, 0xFF, 0xFF}, "the chip is a NAND flash, id EF AA 21 FF FF FF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = plug(SPI_NOR_CHIP_S25SL12801);
        memcpy(b->chip.id, cases[i].id, sizeof cases[i].id);
        assert_int_equal(init(b), ERR_UNSUPPORTED);
        check_unusable(b, cases[i].words);
        assert_int_equal(b->chip.counts[0x06], 0); /* the chip got no command that changes it */
        spi_nor_chip_free(&b->chip);
    }
}

/* A boot loader reads the whole of a chip of 32 MiB with four address bytes, and leaves it so. */
static void a_chip_with_four_address_bytes_is_given_three(void **state)
{
    (void)state;
    static const struct {
        enum spi_nor_chip_kind kind;
        uint8_t id[6];
    } cases[] = {
        {SPI_NOR_CHIP_W25Q128, {0xEF, 0x40, 0x19, 0xFF, 0xFF, 0xFF}},
        {SPI_NOR_CHIP_S25SL12801, {0x20, 0xBA, 0x19, 0x10, 0x00, 0x00}},
        {SPI_NOR_CHIP_S25FL128S, {0x01, 0x02, 0x19, 0x4D, 0x01, 0x80}},
    };
    static const uint8_t words[] = "a passage";
    uint8_t seen[sizeof words];
    uint32_t passes;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench *b = plug(cases[i].kind);
        memcpy(b->chip.id, cases[i].id, sizeof cases[i].id);
        b->chip.has_4_address_bytes = true;
        assert_int_equal(init(b), ERR_OK);
        assert_false(b->chip.has_4_address_bytes);
        assert_false(b->chip.latch);
        assert_int_equal(program(b, 0x123456, words, sizeof words), ERR_OK);
        assert_memory_equal(spi_nor_chip_bytes(&b->chip, 0x123456), words, sizeof words);
        assert_int_equal(read(b, 0x123456, seen, sizeof seen), ERR_OK);
        assert_memory_equal(seen, words, sizeof words);
        assert_int_equal(b->flash->erase_start(b->ctx, 0x123456), ERR_OK);
        assert_int_equal(poll_to_the_end(b, &passes), ERR_OK);
        assert_int_equal(*spi_nor_chip_bytes(&b->chip, 0x123456), 0xFF);
        no_rule_was_broken(b);
        spi_nor_chip_free(&b->chip);
    }
}

static void a_missing_chip_is_reported_soon(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    b->chip.absent = true;
    for (int pull_up = 0; pull_up < 2; pull_up++) {
        uint64_t before_us = b->timer.now_us;
        b->chip.silence = pull_up ? 0xFF : 0x00;
        assert_int_equal(init(b), ERR_NOT_FOUND);
        assert_true(b->timer.now_us - before_us < 45000);
        check_unusable(b,
                       pull_up ? "no flash chip answers, id FF FF FF" : "no flash chip answers, id 00 00 00");
    }
}

static void a_dead_bus_is_reported(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    for (uint32_t n = 1; n <= 7; n++) { /* each exchange of init in turn */
        b->chip.bus_fails_in = n;
        assert_int_equal(init(b), ERR_IO);
        assert_int_equal(b->chip.bus_fails_in, 0);
        assert_int_equal(b->flash->geometry->size, 0);
        assert_string_equal(spi_nor_problem(&b->nor), "the SPI controller does not finish");
    }
}

static void a_chip_that_powers_up_late_is_found(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    b->chip.deaf_until_us = b->timer.now_us + 5000;
    assert_int_equal(init(b), ERR_OK);
    assert_int_equal(b->flash->geometry->size, 16 * MIB);
}

static void a_sleeping_chip_is_woken(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    b->chip.powered_down = true;
    assert_int_equal(init(b), ERR_OK);
    assert_int_equal(b->chip.counts[0xAB], 1);
    assert_int_equal(b->flash->geometry->size, 16 * MIB);
}

/* An id that changes from one read to the next is a loose wire, not a part. */
static struct spi_nor_chip *trembling;

static int exchange_tremble(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out,
                            uint8_t *in, size_t len)
{
    if (command[0] == 0x9F)
        trembling->id[2] = trembling->id[2] == 0x18 ? 0x17 : 0x18;
    return trembling->spi.exchange(ctx, command, command_len, out, in, len);
}

static void an_id_that_trembles_is_not_believed(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    trembling = &b->chip;
    struct spi spi = {.exchange = exchange_tremble, .ctx = &b->chip};
    assert_int_equal(spi_nor_init(&b->nor, &spi, &b->timer.timer), ERR_UNSUPPORTED);
    assert_non_null(strstr(spi_nor_problem(&b->nor), "differently each time, id EF 40"));
    assert_int_equal(b->flash->geometry->size, 0);
}

/* A bus that is so slow, or an emulator with so little time, that every timeout has passed at the second
 * poll. */
static struct bench *sluggish;

static int exchange_sluggish(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out,
                             uint8_t *in, size_t len)
{
    fake_timer_advance_ms(&sluggish->timer, 50);
    return sluggish->chip.spi.exchange(ctx, command, command_len, out, in, len);
}

static void a_sluggish_bus_is_no_fault_of_the_chip(void **state)
{
    (void)state;
    for (int kind = SPI_NOR_CHIP_W25Q128; kind <= SPI_NOR_CHIP_QEMU; kind++) {
        struct bench *b = plug((enum spi_nor_chip_kind)kind);
        struct spi spi = {.exchange = exchange_sluggish, .ctx = &b->chip};
        uint8_t data[300], seen[300];
        uint32_t passes;
        fill(data, sizeof data, 4);
        sluggish = b;
        assert_int_equal(spi_nor_init(&b->nor, &spi, &b->timer.timer), ERR_OK);
        assert_int_equal(b->flash->erase_start(b->ctx, 65536), ERR_OK);
        assert_int_equal(program(b, 0, data, sizeof data), ERR_OK);
        assert_int_equal(poll_to_the_end(b, &passes), ERR_OK);
        assert_int_equal(read(b, 0, seen, sizeof seen), ERR_OK);
        assert_memory_equal(seen, data, sizeof data);
        assert_string_equal(spi_nor_problem(&b->nor), "");
        spi_nor_chip_free(&b->chip);
    }
    plug(SPI_NOR_CHIP_W25Q128);
}

static void a_program_of_a_former_life_is_let_end(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_W25Q128);
    static const uint8_t enable = 0x06, page[] = {0x02, 0, 1, 0};
    uint8_t data[256];
    fill(data, sizeof data, 3);
    assert_int_equal(b->chip.spi.exchange(&b->chip, &enable, 1, NULL, NULL, 0), ERR_OK);
    assert_int_equal(b->chip.spi.exchange(&b->chip, page, 4, data, NULL, sizeof data), ERR_OK);
    assert_true(spi_nor_chip_is_at_work(&b->chip));
    assert_int_equal(init(b), ERR_OK); /* the processor restarted, the chip did not */
    assert_int_equal(b->chip.program_stops, 0);
    assert_false(spi_nor_chip_is_at_work(&b->chip));
    assert_memory_equal(spi_nor_chip_bytes(&b->chip, 256), data, sizeof data);
}

static void an_erase_of_a_former_life_is_stopped(void **state)
{
    (void)state;
    static const enum spi_nor_chip_kind kinds[] = {SPI_NOR_CHIP_W25Q128, SPI_NOR_CHIP_S25FL128S};
    for (size_t i = 0; i < 2; i++)
        for (int suspended = 0; suspended < 2; suspended++) {
            struct bench *b = start(kinds[i]);
            const uint8_t suspend = 0x75;
            assert_int_equal(b->flash->erase_start(b->ctx, 65536), ERR_OK);
            if (suspended) {
                assert_int_equal(b->chip.spi.exchange(&b->chip, &suspend, 1, NULL, NULL, 0), ERR_OK);
                fake_timer_advance_ms(&b->timer, 1);
            }
            uint64_t before_us = b->timer.now_us;
            assert_int_equal(init(b), ERR_OK);
            assert_true(b->timer.now_us - before_us < 45000);
            assert_int_equal(b->chip.erase_stops, 1);
            assert_int_equal(poll(b), ERR_OK);
            assert_int_equal(b->flash->erase_start(b->ctx, 65536), ERR_OK); /* and it can be erased again */
            uint32_t passes;
            assert_int_equal(poll_to_the_end(b, &passes), ERR_OK);
            assert_int_equal(*spi_nor_chip_bytes(&b->chip, 65536), 0xFF);
            spi_nor_chip_free(&b->chip);
        }
}

static void an_error_of_a_former_life_is_cleared(void **state)
{
    (void)state;
    struct bench *b = start(SPI_NOR_CHIP_S25FL128S);
    b->chip.error_program = true; /* busy until CLSR: it does not even report its id */
    b->chip.ignores_reset = true;
    assert_int_equal(init(b), ERR_OK);
    assert_false(b->chip.error_program);
}

static void a_chip_stuck_busy_at_start_is_reset_or_reported(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    b->chip.stays_busy = true;
    assert_int_equal(init(b), ERR_OK);
    assert_false(b->chip.stays_busy);
    b->chip.stays_busy = b->chip.answers_id_while_busy = true;
    assert_int_equal(init(b), ERR_OK);
    assert_false(b->chip.stays_busy);
    b->chip.answers_id_while_busy = false;
    b->chip.stays_busy = b->chip.ignores_reset = true;
    uint64_t before_us = b->timer.now_us;
    assert_int_equal(init(b), ERR_IO);
    assert_true(b->timer.now_us - before_us < 45000);
    check_unusable(b, "the chip stays busy, status 01");
}

static void the_write_latch_of_a_former_life_is_dropped(void **state)
{
    (void)state;
    struct bench *b = plug(SPI_NOR_CHIP_W25Q128);
    b->chip.latch = true;
    assert_int_equal(init(b), ERR_OK);
    assert_false(b->chip.latch);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_teardown(f, unplug)
    const struct CMUnitTest tests[] = {
        TEST(known_parts_are_known_by_their_id),
        TEST(other_parts_are_sized_by_their_density_byte),
        TEST(unknown_and_unfit_parts_are_refused_with_their_id),
        TEST(a_chip_with_four_address_bytes_is_given_three),
        TEST(a_missing_chip_is_reported_soon),
        TEST(a_dead_bus_is_reported),
        TEST(a_chip_that_powers_up_late_is_found),
        TEST(a_sleeping_chip_is_woken),
        TEST(an_id_that_trembles_is_not_believed),
        TEST(a_sluggish_bus_is_no_fault_of_the_chip),
        TEST(a_program_of_a_former_life_is_let_end),
        TEST(an_erase_of_a_former_life_is_stopped),
        TEST(an_error_of_a_former_life_is_cleared),
        TEST(a_chip_stuck_busy_at_start_is_reset_or_reported),
        TEST(the_write_latch_of_a_former_life_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
