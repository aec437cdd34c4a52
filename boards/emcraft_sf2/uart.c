/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/emcraft_sf2/uart.h"

#include "boards/emcraft_sf2/m2s010.h"
#include "hal/cortex_m/uart_ring.h"

/* At 71 MHz the divisor of 115200 baud is 38.5. The nearest, 39, gives 113782 baud, 1.2 percent too slow,
 * which leaves the other side about 3 percent of the 5 that a frame of ten bits takes. */
#define PCLK_HZ       (PORTILLON_CLOCK_HZ / 2) /* APB0 and APB1 divide by two */
#define BAUD          115200
#define SEND_FIFO_LEN 16

static struct uart_ring rings[2];
static const uint32_t bases[2] = {MMUART0_BASE, MMUART1_BASE};

static void start_sending(void *ctx)
{
    UART_IER(*(const uint32_t *)ctx) = IER_RECEIVED | IER_SEND_EMPTY;
}

static void serve(struct uart_ring *ring, uint32_t base)
{
    uint8_t byte;
    while (UART_LSR(base) & LSR_RECEIVED)
        uart_ring_put_received(ring, (uint8_t)UART_RBR(base));
    if (!(UART_LSR(base) & LSR_SEND_EMPTY))
        return;
    for (int room = SEND_FIFO_LEN; room > 0; room--) {
        if (!uart_ring_take_to_send(ring, &byte)) {
            UART_IER(base) = IER_RECEIVED;
            return;
        }
        UART_THR(base) = byte;
    }
}

void uart0_interrupt(void)
{
    serve(&rings[0], bases[0]);
}

void uart1_interrupt(void)
{
    serve(&rings[1], bases[1]);
}

static void start(int number, unsigned interrupt, struct serial *serial)
{
    uint32_t base = bases[number], divisor = (PCLK_HZ + 8 * BAUD) / (16 * BAUD);
    rings[number].start_sending = start_sending;
    rings[number].ctx = (void *)(uintptr_t)&bases[number];
    UART_LCR(base) = LCR_8N1 | LCR_DLAB;
    UART_DLR(base) = divisor & 0xFF;
    UART_DMR(base) = divisor >> 8;
    UART_LCR(base) = LCR_8N1;
    UART_FCR(base) = FCR_ENABLE | FCR_CLEAR;
    UART_IER(base) = IER_RECEIVED;
    cortex_m_enable_interrupt(interrupt);
    *serial = (struct serial){.read = uart_ring_read, .write = uart_ring_write, .ctx = &rings[number]};
}

void uart_start(struct serial *maintenance, struct serial *reader)
{
    start(0, MMUART0_IRQ, maintenance);
    start(1, MMUART1_IRQ, reader);
}
