/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/thingplus_f405/uart.h"

#include <stdbool.h>

#include "boards/thingplus_f405/pins.h"
#include "hal/cortex_m/uart_ring.h"

#define BAUD          115200
#define DRAIN_WAIT_US 60000 /* longer than a full ring of 512 bytes takes */

struct uart {
    struct uart_ring ring;
    uint32_t base, pclk_hz;
    unsigned interrupt;
};

static struct uart maintenance_uart = {.base = USART3_BASE, .interrupt = USART3_IRQ};
static struct uart reader_uart = {.base = USART6_BASE, .interrupt = USART6_IRQ};

/* Sets the interrupt pending as well, because QEMU 7.2 does not model TXEIE. On the chip the interrupt
 * occurs in any case. */
static void start_sending(void *ctx)
{
    const struct uart *uart = ctx;
    USART_CR1(uart->base) |= USART_CR1_TXEIE;
    cortex_m_pend_interrupt(uart->interrupt);
}

static void serve(struct uart *uart)
{
    uint32_t base = uart->base;
    uint8_t byte;
    /* A read of SR followed by a read of DR also clears an overrun (30.6.1). */
    while (USART_SR(base) & (USART_SR_RXNE | USART_SR_ORE))
        uart_ring_put_received(&uart->ring, (uint8_t)USART_DR(base));
    while (USART_SR(base) & USART_SR_TXE) {
        if (!uart_ring_take_to_send(&uart->ring, &byte)) {
            USART_CR1(base) &= ~(uint32_t)USART_CR1_TXEIE;
            return;
        }
        USART_DR(base) = byte;
    }
}

void uart_maintenance_interrupt(void)
{
    serve(&maintenance_uart);
}

void uart_reader_interrupt(void)
{
    serve(&reader_uart);
}

/* With 16 times oversampling, BRR is the clock divided by the baud rate (30.3.4). */
static uint32_t divisor_of(const struct uart *uart, uint32_t baud)
{
    return (uart->pclk_hz + baud / 2) / baud;
}

static void start(struct uart *uart, uint32_t pclk_hz, struct serial *serial)
{
    uart->pclk_hz = pclk_hz;
    uart->ring.start_sending = start_sending;
    uart->ring.ctx = uart;
    USART_CR1(uart->base) = 0;
    USART_CR2(uart->base) = 0;
    USART_CR3(uart->base) = 0;
    USART_BRR(uart->base) = divisor_of(uart, BAUD);
    USART_CR1(uart->base) = USART_CR1_UE | USART_CR1_TE | USART_CR1_RE | USART_CR1_RXNEIE;
    cortex_m_enable_interrupt(uart->interrupt);
    *serial = (struct serial){.read = uart_ring_read, .write = uart_ring_write, .ctx = &uart->ring};
}

void uart_start(const struct clocks *clocks, struct serial *maintenance, struct serial *reader)
{
    RCC_AHB1ENR |= RCC_AHB1_GPIOB | RCC_AHB1_GPIOC;
    RCC_APB1ENR |= RCC_APB1_USART3;
    RCC_APB2ENR |= RCC_APB2_USART6;
    /* The receive lines are pulled up, so that a line with nothing connected stays idle. */
    pin_make_alternate(GPIOB_BASE, 10, GPIO_AF_USART3, GPIO_PULL_NONE, GPIO_SPEED_LOW);
    pin_make_alternate(GPIOB_BASE, 11, GPIO_AF_USART3, GPIO_PULL_UP, GPIO_SPEED_LOW);
    pin_make_alternate(GPIOC_BASE, 6, GPIO_AF_USART6, GPIO_PULL_NONE, GPIO_SPEED_LOW);
    pin_make_alternate(GPIOC_BASE, 7, GPIO_AF_USART6, GPIO_PULL_UP, GPIO_SPEED_LOW);
    start(&maintenance_uart, clocks->pclk1_hz, maintenance);
    start(&reader_uart, clocks->pclk2_hz, reader);
}

static bool has_sent_all(const struct uart *uart)
{
    return uart->ring.send_in == uart->ring.send_out && (USART_SR(uart->base) & USART_SR_TC);
}

int uart_set_reader_baud(void *ctx, uint32_t baud)
{
    struct uart *uart = &reader_uart;
    uint32_t divisor = divisor_of(uart, baud), really = uart->pclk_hz / (divisor ? divisor : 1);
    uint32_t error = really > baud ? really - baud : baud - really;
    uint64_t started = cortex_m_now_us();
    (void)ctx;
    if (divisor < 16 || error > baud / 50)
        return ERR_UNSUPPORTED;
    while (!has_sent_all(uart))
        if (cortex_m_now_us() - started > DRAIN_WAIT_US)
            return ERR_IO;
    USART_BRR(uart->base) = divisor;
    return ERR_OK;
}
