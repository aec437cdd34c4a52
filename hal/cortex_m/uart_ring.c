/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/cortex_m/uart_ring.h"

#include "hal/cortex_m/cortex_m.h"

void uart_ring_put_received(struct uart_ring *ring, uint8_t byte)
{
    cortex_m_wake();
    if (ring->received_in - ring->received_out == UART_RING_RECEIVE_LEN)
        return;
    ring->received[ring->received_in % UART_RING_RECEIVE_LEN] = byte;
    ring->received_in++;
}

bool uart_ring_take_to_send(struct uart_ring *ring, uint8_t *byte)
{
    if (ring->send_in == ring->send_out)
        return false;
    *byte = ring->to_send[ring->send_out % UART_RING_SEND_LEN];
    ring->send_out++;
    return true;
}

int uart_ring_read(void *ctx, uint8_t *buf, size_t size)
{
    struct uart_ring *ring = ctx;
    size_t count = 0;
    while (count < size && ring->received_in != ring->received_out) {
        buf[count++] = ring->received[ring->received_out % UART_RING_RECEIVE_LEN];
        ring->received_out++;
    }
    return (int)count;
}

int uart_ring_write(void *ctx, const uint8_t *buf, size_t len)
{
    struct uart_ring *ring = ctx;
    size_t count = 0;
    while (count < len && ring->send_in - ring->send_out < UART_RING_SEND_LEN) {
        ring->to_send[ring->send_in % UART_RING_SEND_LEN] = buf[count++];
        ring->send_in++;
    }
    if (count > 0)
        ring->start_sending(ring->ctx);
    return (int)count;
}
