/*
 * The two rings of bytes between a UART's interrupt and the firmware's loop, one reader and one writer each:
 * no lock is needed where a word's store is atomic. The board's interrupt handler calls put_received and
 * take_to_send; the firmware sees a struct serial. A full receive ring drops bytes: frames have checks.
 */
#ifndef HAL_UART_RING_H
#define HAL_UART_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/serial.h"

#define UART_RING_RECEIVE_LEN 2048 /* a power of two: more than one frame of the maintenance link */
#define UART_RING_SEND_LEN    512

struct uart_ring {
    /* Bytes and counts are volatile alike: neither may be stored before the other by the compiler's choice.
     */
    volatile uint8_t received[UART_RING_RECEIVE_LEN];
    volatile uint8_t to_send[UART_RING_SEND_LEN];
    volatile uint32_t received_in, received_out; /* counts ever put and taken; they wrap together */
    volatile uint32_t send_in, send_out;
    void (*start_sending)(void *ctx); /* enables the transmitter's interrupt */
    void *ctx;
};

/* From the interrupt: a byte came. Ends the loop's sleep. */
void uart_ring_put_received(struct uart_ring *ring, uint8_t byte);
/* From the interrupt: the transmitter has room. @retval true *byte is to be sent. */
bool uart_ring_take_to_send(struct uart_ring *ring, uint8_t *byte);

/* The calls of a struct serial with ctx = ring. */
int uart_ring_read(void *ring, uint8_t *buf, size_t size) MUST_USE;
int uart_ring_write(void *ring, const uint8_t *buf, size_t len) MUST_USE;

#endif
