/*
 * Random bytes for a board without a random generator, or with one that fails, since no pupil should stand
 * before a closed gate for it: from the seed in its identity block, which is secret and its own, a count, and
 * the microseconds since start-up. Two things are stirred in besides, so that no
 * two starts share a state (NIST SP 800-90A, 8.6.7: a nonce may be a counter):
 *   - by portillon_init, the boot count and the journal's head, both of which each start moves on;
 *   - by the DTLS session, the moment of each ClientHello, before cookie and server random are drawn.
 * Weaker than hardware: whoever knows the seed and both counts has only moments left to guess. Without a
 * flash chip there are no counts, and the moments alone keep a recorded session from being played back to the
 * next start: each hello would have to come in the same microsecond as the one recorded. Such a gate has no
 * list and opens for nobody, so that there is little to gain. The caller owns the struct.
 */
#ifndef FIRMWARE_CRYPTO_SEED_ENTROPY_H
#define FIRMWARE_CRYPTO_SEED_ENTROPY_H

#include "firmware/crypto/identity.h"
#include "hal/entropy.h"
#include "hal/timer.h"

struct seed_entropy {
    struct entropy entropy; /* hand &entropy to crypto_init */
    const struct identity *identity;
    const struct timer *timer;
    const struct entropy *hardware; /* asked first; NULL: none */
    uint32_t count;
};

void seed_entropy_init(struct seed_entropy *seed, const struct identity *identity, const struct timer *timer,
                       const struct entropy *hardware);

#endif
