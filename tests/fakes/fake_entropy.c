/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/fake_entropy.h"

static int fill(void *ctx, uint8_t *buf, size_t len)
{
    struct fake_entropy *fake = ctx;
    if (fake->broken)
        return ERR_IO;
    for (size_t i = 0; i < len; i++) {
        fake->state = fake->state * 1664525U + 1013904223U;
        buf[i] = (uint8_t)(fake->state >> 24);
    }
    return ERR_OK;
}

void fake_entropy_init(struct fake_entropy *fake)
{
    *fake = (struct fake_entropy){.entropy = {.fill = fill, .ctx = fake}, .state = 1};
}
