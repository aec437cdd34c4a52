/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entropy for a board whose random generator is missing or fails: a gate must still start. The bytes come
 * from the secret seed of the identity block, a counter, and the microseconds since start-up. Two more inputs
 * make sure that no two starts share a state (NIST SP 800-90A, 8.6.7: a nonce may be a counter):
 *   - portillon_init adds the boot count and the journal's head number; each start increments both;
 *   - the DTLS session adds the arrival time of each ClientHello, before it draws cookie and server random.
 *
 * This is weaker than a hardware generator: an attacker who knows the seed and both counters has only the
 * arrival times left to guess. Without a flash chip there are no counters. Then a recorded session can be
 * replayed to a later start if each ClientHello arrives in the same microsecond as the recorded one. Such a
 * gate has no list and opens for nobody.
 *
 * The caller owns the struct. Nothing blocks.
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

/* Starts the source. hardware may be NULL. */
void seed_entropy_init(struct seed_entropy *seed, const struct identity *identity, const struct timer *timer,
                       const struct entropy *hardware);

#endif
