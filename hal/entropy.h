/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source of random bytes, from the hardware or the operating system, that is fit to seed a DRBG.
 *
 * The implementation owns ctx. fill blocks until the source has delivered all bytes or has failed.
 */
#ifndef HAL_ENTROPY_H
#define HAL_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

struct entropy {
    /* Fills buf with len bytes of full entropy. Returns ERR_OK, ERR_IO (the source failed). */
    int (*fill)(void *ctx, uint8_t *buf, size_t len) MUST_USE;
    void *ctx;
};

#endif
