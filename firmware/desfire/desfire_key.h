/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of one card, made from the key of an issuer: AES-128 key diversification after NXP's application
 * note AN10922, section 2.2. Whoever takes the key out of one card has not got the keys of the others.
 *
 * Source: libfreefare, test/test_mifare_key_deriver_an10922.c, which has the vectors of the note; computed
 * again with openssl. Nothing blocks.
 */
#ifndef FIRMWARE_DESFIRE_DESFIRE_KEY_H
#define FIRMWARE_DESFIRE_DESFIRE_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/desfire/desfire_application.h"

/* Diversifies a key with the 1 to DESFIRE_DIVERSIFIER_MAX bytes of input. Returns ERR_OK, ERR_ARGUMENT (the
 * length) or ERR_CRYPTO. */
int desfire_key_diversify(const uint8_t key[CRYPTO_KEY_LEN], const uint8_t *input, size_t len,
                          uint8_t out[CRYPTO_KEY_LEN]) MUST_USE;

/* Makes the key of the card with this UID. The input is UID, AID, system identifier. Returns the results of
 * desfire_key_diversify. */
int desfire_key_of_card(const struct desfire_application *application, const uint8_t key[CRYPTO_KEY_LEN],
                        const uint8_t *uid, size_t uid_len, uint8_t out[CRYPTO_KEY_LEN]) MUST_USE;

#endif
