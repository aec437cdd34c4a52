/*
 * Random bytes for a board without a random generator: from the seed in its identity block, which is secret
 * and its own, a count, and the timing of start-up. portillon_init stirs in the boot count from flash, so
 * that no two starts share a state (NIST SP 800-90A, 8.6.7: a nonce may be a counter). Weaker than hardware:
 * whoever knows the seed and the boot count has little left to guess. The caller owns the struct.
 */
#ifndef FIRMWARE_SEED_ENTROPY_H
#define FIRMWARE_SEED_ENTROPY_H

#include "firmware/identity.h"
#include "hal/entropy.h"
#include "hal/timer.h"

struct seed_entropy {
    struct entropy entropy; /* hand &entropy to crypto_init */
    const struct identity *identity;
    const struct timer *timer;
    uint32_t count;
};

void seed_entropy_init(struct seed_entropy *seed, const struct identity *identity, const struct timer *timer);

#endif
