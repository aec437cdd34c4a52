/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two ring buffers of bytes between the interrupt of a UART and the main loop, one for each direction. Each
 * has one writer and one reader, so it needs no lock where storing a word is atomic.
 *
 * The interrupt handler of the board calls uart_ring_put_received and uart_ring_take_to_send. The firmware
 * uses the ring as a struct serial. A full receive ring drops the bytes that arrive; the checks of the frames
 * detect that. The board owns the struct. Nothing blocks.
 */
#ifndef HAL_UART_RING_H
#define HAL_UART_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/serial.h"

#define UART_RING_RECEIVE_LEN 2048 /* bytes, a power of two; more than one frame of the maintenance link */
#define UART_RING_SEND_LEN    512

struct uart_ring {
    /* Both the bytes and the counts are volatile, so that the compiler does not change the order in which
     * they are stored. */
    volatile uint8_t received[UART_RING_RECEIVE_LEN];
    volatile uint8_t to_send[UART_RING_SEND_LEN];
    volatile uint32_t received_in, received_out; /* bytes put and taken since the start; both wrap around */
    volatile uint32_t send_in, send_out;
    void (*start_sending)(void *ctx); /* enables the interrupt of the transmitter */
    void *ctx;
};

/* Puts a received byte into the ring and ends the sleep of the main loop. Call it from the interrupt. */
void uart_ring_put_received(struct uart_ring *ring, uint8_t byte);
/* Takes the next byte to send. Call it from the interrupt when the transmitter has room. Returns true (*byte
 * must be sent), false (there is none). */
bool uart_ring_take_to_send(struct uart_ring *ring, uint8_t *byte);

/* The functions of a struct serial, with the struct uart_ring as ctx. */
int uart_ring_read(void *ring, uint8_t *buf, size_t size) MUST_USE;
int uart_ring_write(void *ring, const uint8_t *buf, size_t len) MUST_USE;

#endif
