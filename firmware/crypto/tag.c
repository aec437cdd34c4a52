/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/crypto/tag.h"

#include <string.h>

int tag_from_credential_under(struct tag *tag, const crypto_hmac_key *tag_key,
                              const struct credential *credential)
{
    uint8_t encoded[CREDENTIAL_ENCODED_MAX], mac[CRYPTO_HASH_LEN];
    size_t len = credential_encode(credential, encoded);
    int result = crypto_hmac_under(tag_key, encoded, len, mac);
    if (result == ERR_OK)
        memcpy(tag->bytes, mac, TAG_LEN);
    crypto_wipe(encoded, sizeof encoded);
    return result;
}

int tag_from_credential(struct tag *tag, const uint8_t tag_key[IDENTITY_TAG_KEY_LEN],
                        const struct credential *credential)
{
    crypto_hmac_key key;
    crypto_hmac_key_init(&key, tag_key, IDENTITY_TAG_KEY_LEN);
    int result = tag_from_credential_under(tag, &key, credential);
    crypto_wipe(&key, sizeof key);
    return result;
}
