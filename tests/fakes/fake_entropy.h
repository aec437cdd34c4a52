/* SPDX-License-Identifier: Apache-2.0 */
/* Implements hal/entropy.h without entropy: it gives the same bytes in every run or, on request, an error.
 * The caller owns the struct and must not move it. */
#ifndef TESTS_FAKES_FAKE_ENTROPY_H
#define TESTS_FAKES_FAKE_ENTROPY_H

#include <stdbool.h>

#include "hal/entropy.h"

struct fake_entropy {
    struct entropy entropy;
    uint32_t state;
    bool broken; /* fill returns ERR_IO */
};

/* Starts the sequence of bytes. */
void fake_entropy_init(struct fake_entropy *fake);

#endif
