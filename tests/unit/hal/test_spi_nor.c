/* SPDX-License-Identifier: Apache-2.0 */
/* The NOR driver against a chip on the SPI level that enforces its datasheet: see tests/fakes/spi_nor_chip.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal/spi_nor/spi_nor.h"
#include "tests/fakes/spi_nor_chip.h"

enum {
    KIB = 1024,
    MIB = 1024 * 1024,
    PROTECTED = 0x1C,
};

struct bench {
    struct fake_timer timer;
    struct spi_nor_chip chip;
    struct spi_nor nor;
    const struct flash *flash;
    void *ctx;
};

static struct bench bench;

static struct bench *plug(enum spi_nor_chip_kind kind)
{
    fake_timer_init(&bench.timer, 1000000);
    spi_nor_chip_init(&bench.chip, kind, &bench.timer);
    bench.flash = &bench.nor.flash;
    bench.ctx = &bench.nor;
    return &bench;
}

static struct bench *start(enum spi_nor_chip_kind kind)
{
    plug(kind);
    assert_int_equal(spi_nor_init(&bench.nor, &bench.chip.spi, &bench.timer.timer), ERR_OK);
    assert_string_equal(spi_nor_problem(&bench.nor), "");
    return &bench;
}

static int unplug(void **state)
{
    (void)state;
    spi_nor_chip_free(&bench.chip);
    return 0;
}

static void set_id(struct bench *b, uint8_t maker, uint8_t type, uint8_t density)
{
    const uint8_t id[6] = {maker, type, density, 0xFF, 0xFF, 0xFF};
    memcpy(b->chip.id, id, sizeof id);
}

static int init(struct bench *b)
{
    return spi_nor_init(&b->nor, &b->chip.spi, &b->timer.timer);
}

static int program(struct bench *b, uint32_t addr, const void *buf, size_t len)
{
    return b->flash->program(b->ctx, addr, buf, len);
}

static int read(struct bench *b, uint32_t addr, void *buf, size_t len)
{
    return b->flash->read(b->ctx, addr, buf, len);
}

static int poll(struct bench *b)
{
    return b->flash->erase_poll(b->ctx);
}

/* Polls once a millisecond. Returns the result, and the count of polls. */
static int poll_to_the_end(struct bench *b, uint32_t *passes)
{
    int result;
    *passes = 0;
    while ((result = poll(b)) == ERR_BUSY && *passes < 10000) {
        fake_timer_advance_ms(&b->timer, 1);
        (*passes)++;
    }
    return result;
}

static void no_rule_was_broken(const struct bench *b)
{
    assert_int_equal(b->chip.ignored_while_busy, 0);
    assert_int_equal(b->chip.ignored_unlatched, 0);
    assert_int_equal(b->chip.ignored_protected, 0);
    assert_int_equal(b->chip.wrapped_pages, 0);
    assert_int_equal(b->chip.hasty_suspends, 0);
    assert_int_equal(b->chip.erase_stops, 0);
    assert_int_equal(b->chip.program_stops, 0);
}

static void fill(uint8_t *buf, size_t len, uint8_t seed)
{
    for (size_t i = 0; i < len; i++)
        buf[i] = (uint8_t)(seed + i * 7);
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

/* A chip that stays busy for ever after a program or an erase was sent. */
static uint8_t fatal_command;
static struct spi_nor_chip *fatal_chip;
static int exchange_fatal(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out,
                          uint8_t *in, size_t len)
{
    int result = fatal_chip->spi.exchange(ctx, command, command_len, out, in, len);
    if (command[0] == fatal_command)
        fatal_chip->stays_busy = true;
    return result;
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
        TEST(what_is_programmed_is_read_back),
        TEST(a_program_is_split_at_page_bounds),
        TEST(programming_only_clears_bits),
        TEST(nothing_outside_the_chip_is_touched),
        TEST(a_read_costs_four_bytes_more_than_it_brings),
        TEST(a_program_costs_seven_bytes_more_and_the_looks_at_its_status),
        TEST(a_write_protected_chip_is_named_so),
        TEST(protection_is_told_at_start_and_the_chip_stays_readable),
        TEST(blocks_locked_without_a_status_bit_are_found_out),
        TEST(a_refused_write_enable_is_reported),
        TEST(a_chip_pulled_out_is_reported),
        TEST(a_program_that_does_not_end_is_given_up_and_the_chip_reset),
        TEST(a_chip_stuck_in_a_program_costs_five_milliseconds_then_a_reset),
        TEST(a_bus_that_fails_is_an_error_and_no_more),
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
        TEST(a_failed_erase_seen_by_a_read_is_told_to_the_poll),
        TEST(qemus_chip_is_never_asked_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
