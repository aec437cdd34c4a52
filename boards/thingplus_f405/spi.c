/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/thingplus_f405/spi.h"

#include <stdbool.h>

#include "boards/thingplus_f405/pins.h"

#define SELECT_PIN 15   /* of port A */
#define SPINS_MAX  2000 /* while waiting for one byte: 50 us and more; it takes 0.4 us */

/* Transfers one byte each way. Only one byte is in progress at a time: there is no FIFO, so an interrupt
 * between two bytes would lose one. */
static bool transfer(uint8_t out, uint8_t *in)
{
    uint32_t spins = 0;
    SPI_DR(SPI1_BASE) = out;
    while (!(SPI_SR(SPI1_BASE) & SPI_SR_RXNE))
        if (++spins == SPINS_MAX)
            return false;
    *in = (uint8_t)SPI_DR(SPI1_BASE);
    return true;
}

static bool transfer_all(const uint8_t *command, size_t command_len, const uint8_t *out, uint8_t *in,
                         size_t len)
{
    uint8_t ignored;
    for (size_t i = 0; i < command_len; i++)
        if (!transfer(command[i], &ignored))
            return false;
    for (size_t i = 0; i < len; i++)
        if (!transfer(out ? out[i] : 0, out ? &ignored : &in[i]))
            return false;
    return true;
}

/* Sets up the controller: 84 MHz divided by 4 is 21 MHz. Divided by 2, the chip could still follow, but its
 * answer might arrive too late. */
static void start_controller(void)
{
    SPI_CR2(SPI1_BASE) = 0;
    SPI_CR1(SPI1_BASE) = SPI_CR1_MSTR | SPI_CR1_BR_DIV4 | SPI_CR1_SSM | SPI_CR1_SSI;
    SPI_CR1(SPI1_BASE) |= SPI_CR1_SPE;
}

/* Resets the controller: a byte that arrived after the wait for it would else be taken for the first of the
 * next exchange. */
static void restart_controller(void)
{
    RCC_APB2RSTR = RCC_APB2_SPI1;
    RCC_APB2RSTR = 0;
    start_controller();
}

static int exchange(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out, uint8_t *in,
                    size_t len)
{
    (void)ctx;
    pin_set(GPIOA_BASE, SELECT_PIN, false);
    bool done = transfer_all(command, command_len, out, in, len);
    pin_set(GPIOA_BASE, SELECT_PIN, true);
    if (!done)
        restart_controller();
    return done ? ERR_OK : ERR_IO;
}

void spi_start(struct spi *spi)
{
    RCC_AHB1ENR |= RCC_AHB1_GPIOA | RCC_AHB1_GPIOB;
    RCC_APB2ENR |= RCC_APB2_SPI1;
    pin_make_output(GPIOA_BASE, SELECT_PIN, true);
    pin_make_alternate(GPIOB_BASE, 3, GPIO_AF_SPI1, GPIO_PULL_NONE, GPIO_SPEED_HIGH);
    pin_make_alternate(GPIOB_BASE, 4, GPIO_AF_SPI1, GPIO_PULL_UP, GPIO_SPEED_HIGH);
    pin_make_alternate(GPIOB_BASE, 5, GPIO_AF_SPI1, GPIO_PULL_NONE, GPIO_SPEED_HIGH);
    start_controller();
    *spi = (struct spi){.exchange = exchange};
}
