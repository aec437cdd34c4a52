/* A SPI bus with one device on it, mode 0, most significant bit first. Blocks for as long as the bytes take.
 */
#ifndef HAL_SPI_H
#define HAL_SPI_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

struct spi {
    /* One selection of the device: sends command, then sends out or, where out is NULL, reads into in; len
     * bytes either way, 0 allowed. @retval ERR_OK, ERR_IO (the controller did not finish in time). */
    int (*exchange)(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out, uint8_t *in,
                    size_t len) MUST_USE;
    void *ctx;
};

#endif
