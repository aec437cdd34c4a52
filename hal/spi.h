/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A SPI bus with one device on it: mode 0, most significant bit first.
 *
 * The implementation owns ctx; the caller owns the buffers. A call blocks until all bytes are transferred or
 * the controller has failed.
 */
#ifndef HAL_SPI_H
#define HAL_SPI_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

struct spi {
    /* Selects the device once: sends command, then sends len bytes of out or, if out is NULL, reads len bytes
     * into in. len may be 0. Returns ERR_OK, ERR_IO (the controller did not finish in time). */
    int (*exchange)(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out, uint8_t *in,
                    size_t len) MUST_USE;
    void *ctx;
};

#endif
