/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte stream: a UART, a tty or a pty.
 *
 * The implementation buffers and owns ctx; the caller owns buf. Neither call blocks.
 */
#ifndef HAL_SERIAL_H
#define HAL_SERIAL_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

struct serial {
    /* Reads the bytes that have arrived, size at most, into buf. Returns their count (0: none), ERR_IO (the
     * line failed). */
    int (*read)(void *ctx, uint8_t *buf, size_t size) MUST_USE;
    /* Takes over as many of the len bytes as there is room for. Returns their count (0 to len; 0: no room
     * now), ERR_IO (the line failed). */
    int (*write)(void *ctx, const uint8_t *buf, size_t len) MUST_USE;
    void *ctx;
};

#endif
