/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the NOR driver share: a driver on a chip (spi_nor_chip.h). The state is static in each
 * test program. A failed check fails the test. */
#ifndef TESTS_FAKES_SPI_NOR_BENCH_H
#define TESTS_FAKES_SPI_NOR_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

static inline struct bench *plug(enum spi_nor_chip_kind kind)
{
    fake_timer_init(&bench.timer, 1000000);
    spi_nor_chip_init(&bench.chip, kind, &bench.timer);
    bench.flash = &bench.nor.flash;
    bench.ctx = &bench.nor;
    return &bench;
}

static inline struct bench *start(enum spi_nor_chip_kind kind)
{
    plug(kind);
    assert_int_equal(spi_nor_init(&bench.nor, &bench.chip.spi, &bench.timer.timer), ERR_OK);
    assert_string_equal(spi_nor_problem(&bench.nor), "");
    return &bench;
}

static inline int unplug(void **state)
{
    (void)state;
    spi_nor_chip_free(&bench.chip);
    return 0;
}

static inline int init(struct bench *b)
{
    return spi_nor_init(&b->nor, &b->chip.spi, &b->timer.timer);
}

static inline int program(struct bench *b, uint32_t addr, const void *buf, size_t len)
{
    return b->flash->program(b->ctx, addr, buf, len);
}

static inline int read(struct bench *b, uint32_t addr, void *buf, size_t len)
{
    return b->flash->read(b->ctx, addr, buf, len);
}

static inline int poll(struct bench *b)
{
    return b->flash->erase_poll(b->ctx);
}

/* Polls once a millisecond. Returns the result, and the count of polls. */
static inline int poll_to_the_end(struct bench *b, uint32_t *passes)
{
    int result;
    *passes = 0;
    while ((result = poll(b)) == ERR_BUSY && *passes < 10000) {
        fake_timer_advance_ms(&b->timer, 1);
        (*passes)++;
    }
    return result;
}

static inline void no_rule_was_broken(const struct bench *b)
{
    assert_int_equal(b->chip.ignored_while_busy, 0);
    assert_int_equal(b->chip.ignored_unlatched, 0);
    assert_int_equal(b->chip.ignored_protected, 0);
    assert_int_equal(b->chip.wrapped_pages, 0);
    assert_int_equal(b->chip.hasty_suspends, 0);
    assert_int_equal(b->chip.erase_stops, 0);
    assert_int_equal(b->chip.program_stops, 0);
}

static inline void fill(uint8_t *buf, size_t len, uint8_t seed)
{
    for (size_t i = 0; i < len; i++)
        buf[i] = (uint8_t)(seed + i * 7);
}

/* A chip that stays busy for ever after a program or an erase was sent. */
static uint8_t fatal_command;

static struct spi_nor_chip *fatal_chip;

static inline int exchange_fatal(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out,
                                 uint8_t *in, size_t len)
{
    int result = fatal_chip->spi.exchange(ctx, command, command_len, out, in, len);
    if (command[0] == fatal_command)
        fatal_chip->stays_busy = true;
    return result;
}

#endif
