/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver for the two MMUARTs: MMUART 0 is the maintenance port, MMUART 1 the card reader. Interrupts
 * move the bytes through rings; nothing blocks.
 */
#ifndef BOARDS_EMCRAFT_SF2_UART_H
#define BOARDS_EMCRAFT_SF2_UART_H

#include <stdint.h>

#include "hal/serial.h"

/* Starts both at 115200 baud, 8N1, and fills in their serial interfaces. */
void uart_start(struct serial *maintenance, struct serial *reader);
void uart0_interrupt(void);
void uart1_interrupt(void);

#endif
