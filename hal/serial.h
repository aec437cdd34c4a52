/* A byte stream (UART, tty, pty). Neither call blocks; the implementation buffers. */
#ifndef HAL_SERIAL_H
#define HAL_SERIAL_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

struct serial {
    /* @retval count of bytes read into buf (0: none waiting), ERR_IO. */
    int (*read)(void *ctx, uint8_t *buf, size_t size) MUST_USE;
    /* @retval count of bytes accepted (0 to len; 0: no room now), ERR_IO. */
    int (*write)(void *ctx, const uint8_t *buf, size_t len) MUST_USE;
    void *ctx;
};

#endif
