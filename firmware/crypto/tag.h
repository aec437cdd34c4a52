/* SPDX-License-Identifier: Apache-2.0 */
/* Pseudonyms ("tags" on the wire and in the store): keyed hashes that stand for cards in lists and
 * journals. Nothing blocks. */
#ifndef FIRMWARE_CRYPTO_TAG_H
#define FIRMWARE_CRYPTO_TAG_H

#include <stdint.h>

#include "firmware/crypto/credential.h"
#include "firmware/crypto/crypto.h"
#include "firmware/crypto/identity.h"

#define TAG_LEN 8

struct tag {
    uint8_t bytes[TAG_LEN];
};

/* Computes the pseudonym of a card: the first 8 bytes of HMAC-SHA256(site tag key, encoded credential).
 * Returns ERR_OK or ERR_CRYPTO. */
int tag_from_credential(struct tag *tag, const uint8_t tag_key[IDENTITY_TAG_KEY_LEN],
                        const struct credential *credential) MUST_USE;
/* The same with a prepared key, for many cards. */
int tag_from_credential_under(struct tag *tag, const crypto_hmac_key *tag_key,
                              const struct credential *credential) MUST_USE;

#endif
