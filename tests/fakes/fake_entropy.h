/* Entropy that is none: the same bytes in every run, or, when told to, an error. */
#ifndef TESTS_FAKES_FAKE_ENTROPY_H
#define TESTS_FAKES_FAKE_ENTROPY_H

#include <stdbool.h>

#include "hal/entropy.h"

struct fake_entropy {
    struct entropy entropy;
    uint32_t state;
    bool broken; /* fill answers ERR_IO */
};

void fake_entropy_init(struct fake_entropy *fake);

#endif
