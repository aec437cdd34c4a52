#include "firmware/tag.h"

#include <string.h>

int tag_from_credential(struct tag *tag, const uint8_t tag_key[IDENTITY_TAG_KEY_LEN],
                        const struct credential *credential)
{
    uint8_t encoded[CREDENTIAL_ENCODED_MAX], mac[CRYPTO_HASH_LEN];
    size_t len = credential_encode(credential, encoded);
    int result = crypto_hmac(tag_key, IDENTITY_TAG_KEY_LEN, encoded, len, mac);
    if (result == ERR_OK)
        memcpy(tag->bytes, mac, TAG_LEN);
    crypto_wipe(encoded, sizeof encoded);
    return result;
}
