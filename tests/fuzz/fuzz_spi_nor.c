/* SPDX-License-Identifier: Apache-2.0 */
/* A chip (or a loose wire) that answers as the input says, and a caller that asks what the input says. No
 * answer may make the driver hang, write outside the chip or across a page, or program without having seen
 * the latch. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hal/spi_nor/spi_nor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    EXCHANGES_MAX = 20000, /* a call: three seconds of erase at 1 ms an exchange, and some resets */
    HONEST_ID = 0x01,      /* of the first input byte: 9Fh is answered by a part that exists, */
    PART_SHIFT = 1,        /* this one */
};

static const uint8_t honest_ids[4][SPI_NOR_ID_LEN] = {{0xEF, 0x40, 0x18},
                                                      {0x01, 0x20, 0x18, 0x4D, 0x01, 0x80},
                                                      {0x01, 0x20, 0x18, 0x03, 0x01},
                                                      {0xC2, 0x20, 0x14}};

static const uint8_t *input;
static size_t input_len;
static uint8_t mode, last_status, last_byte;
static uint32_t exchanges;
static uint64_t now_us;
static const struct spi_nor *driver;

static uint8_t next_byte(void)
{
    if (input_len > 0) {
        input_len--;
        last_byte = *input++;
    }
    return last_byte; /* for ever, like a chip that is stuck */
}

static void check_write(const uint8_t *command, size_t command_len, size_t len)
{
    uint32_t addr = (uint32_t)command[1] << 16 | (uint32_t)command[2] << 8 | command[3];
    bool is_program = command[0] == 0x02;
    if (command_len != 4 || is_program != (len > 0) || (last_status & 0x03) != 0x02)
        abort();
    if (addr + len > driver->flash.geometry->size || (is_program && addr % 256 + len > 256))
        abort();
    if (!is_program && addr % driver->flash.geometry->sector_size != 0)
        abort();
}

static int exchange(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out, uint8_t *in,
                    size_t len)
{
    (void)ctx;
    now_us += 1000;
    if (++exchanges > EXCHANGES_MAX)
        abort();
    if (command[0] == 0x02 || command[0] == 0x20 || command[0] == 0xD8)
        check_write(command, command_len, len);
    for (size_t i = 0; i < len; i++)
        if (out == NULL)
            in[i] =
                command[0] == 0x9F && mode & HONEST_ID ? honest_ids[mode >> PART_SHIFT & 3][i] : next_byte();
        else if (out[i] != (uint8_t)i)
            abort();
    if (command[0] == 0x05)
        last_status = in[0];
    return mode >= 0xE0 && next_byte() == 0xE0 ? ERR_IO : ERR_OK;
}

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    return now_us++;
}

static void check(int result, bool may_be_busy)
{
    if (result != ERR_OK && result != ERR_IO && result != ERR_ARGUMENT &&
        !(may_be_busy && result == ERR_BUSY))
        abort();
    if (result == ERR_IO && spi_nor_problem(driver)[0] == '\0')
        abort();
    if (memchr(spi_nor_problem(driver), '\0', SPI_NOR_PROBLEM_SIZE) == NULL)
        abort();
    exchanges = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct spi_nor nor;
    const struct spi spi = {.exchange = exchange};
    const struct timer timer = {.monotonic_us = monotonic_us};
    input = data;
    input_len = size;
    now_us = exchanges = 0;
    last_status = last_byte = 0;
    driver = &nor;
    mode = next_byte();
    int result = spi_nor_init(&nor, &spi, &timer);
    if ((result == ERR_OK) != (nor.flash.geometry->size != 0))
        abort();
    exchanges = 0;
    while (input_len > 0) {
        uint8_t op = next_byte();
        uint32_t addr = (uint32_t)next_byte() << 16 | (uint32_t)next_byte() << 8 | next_byte();
        size_t len = (size_t)next_byte() << 2;
        uint8_t *buf = malloc(len + 1); /* its bounds are for the sanitizer to watch */
        if (buf == NULL)
            abort();
        addr += op & 0x80 ? nor.flash.geometry->size : 0;
        for (size_t i = 0; i < len; i++)
            buf[i] = (uint8_t)i;
        switch (op & 3) {
        case 0:
            check(nor.flash.read(nor.flash.ctx, addr, buf, len), false);
            break;
        case 1:
            /* One page from its start, so that exchange() knows what must come. */
            check(nor.flash.program(nor.flash.ctx, addr & ~UINT32_C(255), buf, len), false);
            break;
        case 2:
            check(nor.flash.erase_start(nor.flash.ctx, addr), true);
            break;
        default:
            check(nor.flash.erase_poll(nor.flash.ctx), true);
            break;
        }
        free(buf);
    }
    return 0;
}
