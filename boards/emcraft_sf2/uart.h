/* The two MMUARTs, fed by interrupts through rings: 0 is the maintenance port, 1 the card reader. */
#ifndef BOARDS_EMCRAFT_SF2_UART_H
#define BOARDS_EMCRAFT_SF2_UART_H

#include <stdint.h>

#include "hal/serial.h"

/* Starts both, 8N1, and fills in their serial interfaces. */
void uart_start(struct serial *maintenance, struct serial *reader);
void uart0_interrupt(void);
void uart1_interrupt(void);

#endif
