/* Random bytes from the hardware or the operating system, fit to seed a DRBG. */
#ifndef HAL_ENTROPY_H
#define HAL_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

struct entropy {
    /* Fills buf with len bytes of full entropy. @retval ERR_OK, ERR_IO. */
    int (*fill)(void *ctx, uint8_t *buf, size_t len) MUST_USE;
    void *ctx;
};

#endif
