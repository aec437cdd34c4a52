/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/desfire/desfire_proof.h"

#include <string.h>

static void rotate_left(uint8_t to[DESFIRE_RANDOM_LEN], const uint8_t from[DESFIRE_RANDOM_LEN])
{
    memcpy(to, from + 1, DESFIRE_RANDOM_LEN - 1);
    to[DESFIRE_RANDOM_LEN - 1] = from[0];
}

/* With EV2 each text has a chain of its own. */
static void start_text(struct desfire_proof *proof)
{
    if (proof->authentication == DESFIRE_EV2_FIRST)
        memset(proof->iv, 0, sizeof proof->iv);
}

int desfire_proof_take_challenge(struct desfire_proof *proof, const uint8_t challenge[DESFIRE_RANDOM_LEN])
{
    memcpy(proof->rnd_b, challenge, sizeof proof->rnd_b);
    memset(proof->iv, 0, sizeof proof->iv);
    int result = crypto_cbc_decrypt(proof->key, proof->iv, proof->rnd_b, sizeof proof->rnd_b);
    return result == ERR_OK ? crypto_random(proof->rnd_a, sizeof proof->rnd_a) : result;
}

int desfire_proof_respond(struct desfire_proof *proof, uint8_t response[DESFIRE_RESPONSE_LEN])
{
    memcpy(response, proof->rnd_a, DESFIRE_RANDOM_LEN);
    rotate_left(response + DESFIRE_RANDOM_LEN, proof->rnd_b);
    start_text(proof);
    return crypto_cbc_encrypt(proof->key, proof->iv, response, DESFIRE_RESPONSE_LEN);
}

int desfire_proof_check(struct desfire_proof *proof, uint8_t *answer, size_t len,
                        struct desfire_channel *channel)
{
    bool is_ev2 = proof->authentication == DESFIRE_EV2_FIRST;
    const uint8_t *rotated = is_ev2 ? answer + DESFIRE_TI_LEN : answer;
    uint8_t expected[DESFIRE_RANDOM_LEN];
    if (len != (is_ev2 ? DESFIRE_EV2_ANSWER_LEN : DESFIRE_EV1_ANSWER_LEN))
        return ERR_FORMAT;
    start_text(proof);
    int result = crypto_cbc_decrypt(proof->key, proof->iv, answer, len);
    rotate_left(expected, proof->rnd_a);
    if (result == ERR_OK && !crypto_equal(rotated, expected, sizeof expected))
        result = ERR_CORRUPT;
    crypto_wipe(expected, sizeof expected);
    return result == ERR_OK ? desfire_channel_open(channel, proof->authentication, proof->key, proof->rnd_a,
                                                   proof->rnd_b, answer)
                            : result;
}
