/*
 * The two USARTs, fed by interrupts through rings: USART3 (TX PB10, RX PB11; "TX", "RX" on the board) is the
 * maintenance port, USART6 (TX PC6 "6", RX PC7 "5") the card reader. 115200 baud, 8N1.
 */
#ifndef BOARDS_THINGPLUS_F405_UART_H
#define BOARDS_THINGPLUS_F405_UART_H

#include <stdint.h>

#include "boards/thingplus_f405/clocks.h"
#include "hal/serial.h"

/* Starts both and fills in their serial interfaces. */
void uart_start(const struct clocks *clocks, struct serial *maintenance, struct serial *reader);

/* Changes the reader's speed once what was written has left: at most 60 ms at 115200 baud.
 * @retval ERR_OK, ERR_UNSUPPORTED (more than 2 percent off with this clock), ERR_IO (it did not leave). */
int uart_set_reader_baud(void *ctx, uint32_t baud) MUST_USE;

void uart_maintenance_interrupt(void);
void uart_reader_interrupt(void);

#endif
