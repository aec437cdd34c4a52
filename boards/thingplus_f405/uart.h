/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver for the two USARTs, at 115200 baud, 8N1. USART3 is the maintenance port: TX PB10 ("TX" on
 * the board), RX PB11 ("RX"). USART6 is the card reader: TX PC6 ("6"), RX PC7 ("5"). Interrupts move the
 * bytes through rings. Only uart_set_reader_baud blocks.
 */
#ifndef BOARDS_THINGPLUS_F405_UART_H
#define BOARDS_THINGPLUS_F405_UART_H

#include <stdint.h>

#include "boards/thingplus_f405/clocks.h"
#include "hal/serial.h"

/* Starts both, and fills in their serial interfaces. */
void uart_start(const struct clocks *clocks, struct serial *maintenance, struct serial *reader);

/* Changes the baud rate of the reader after all written bytes are sent. Blocks for 60 ms at most at
 * 115200 baud. Returns ERR_OK, ERR_UNSUPPORTED (this clock gives a rate more than 2 percent off), ERR_IO
 * (the bytes were not sent in time). */
int uart_set_reader_baud(void *ctx, uint32_t baud) MUST_USE;

void uart_maintenance_interrupt(void);
void uart_reader_interrupt(void);

#endif
