/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutual authentication with AES-128: card and gate each prove that they have the key, and agree on the
 * keys of a session. Two exchanges, EV1 (command AA) and EV2 (AuthenticateEV2First, 71) alike:
 *
 *   challenge   card: E(RndB)
 *   response    gate: E(RndA, RndB rotated left by a byte)
 *   answer      card: E(RndA rotated)                                      EV1
 *                     E(TI, RndA rotated, capabilities of both, 6 each)    EV2
 *
 * E is AES-CBC. With EV1 one chain runs over all three, with EV2 each begins with an IV of zeros.
 *
 * Sources: EV1, a recorded session in skelsec/pydesfire (tests.py); EV2, NXP's application notes AN12343
 * (table 16) and AN12196 (6.6), by the tests of icedevml/nfc-ev2-crypto (test_ev2.py).
 *
 * The caller owns the struct, which holds secrets: call crypto_wipe on it at the end. Nothing blocks.
 */
#ifndef FIRMWARE_DESFIRE_DESFIRE_PROOF_H
#define FIRMWARE_DESFIRE_DESFIRE_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/desfire/desfire_channel.h"

#define DESFIRE_RESPONSE_LEN   (2 * DESFIRE_RANDOM_LEN)
#define DESFIRE_EV1_ANSWER_LEN DESFIRE_RANDOM_LEN
#define DESFIRE_EV2_ANSWER_LEN (2 * CRYPTO_BLOCK_LEN)

struct desfire_proof {
    enum desfire_authentication authentication;
    uint8_t key[CRYPTO_KEY_LEN]; /* the card's */
    uint8_t rnd_a[DESFIRE_RANDOM_LEN];
    uint8_t rnd_b[DESFIRE_RANDOM_LEN];
    uint8_t iv[CRYPTO_BLOCK_LEN];
};

/* Takes the card's challenge and draws the gate's random number. The caller has set authentication and key.
 * Returns ERR_OK or ERR_CRYPTO (no randomness). */
int desfire_proof_take_challenge(struct desfire_proof *proof,
                                 const uint8_t challenge[DESFIRE_RANDOM_LEN]) MUST_USE;
/* Makes the response. Returns ERR_OK or ERR_CRYPTO. */
int desfire_proof_respond(struct desfire_proof *proof, uint8_t response[DESFIRE_RESPONSE_LEN]) MUST_USE;
/* Checks the card's answer, deciphers it in place, and starts the session. Returns ERR_OK, ERR_FORMAT (the
 * length), ERR_CORRUPT (the card has not got the key) or ERR_CRYPTO. */
int desfire_proof_check(struct desfire_proof *proof, uint8_t *answer, size_t len,
                        struct desfire_channel *channel) MUST_USE;

#endif
