/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/desfire/desfire_key.h"

#include <string.h>

#define DIVERSIFY_AES128 0x01 /* AN10922, table 1 */
#define TEXT_LEN         (1 + DESFIRE_DIVERSIFIER_MAX)

int desfire_key_diversify(const uint8_t key[CRYPTO_KEY_LEN], const uint8_t *input, size_t len,
                          uint8_t out[CRYPTO_KEY_LEN])
{
    uint8_t text[TEXT_LEN] = {DIVERSIFY_AES128};
    crypto_mac mac;
    if (len == 0 || len > DESFIRE_DIVERSIFIER_MAX)
        return ERR_ARGUMENT;
    memcpy(text + 1, input, len);
    if (len < DESFIRE_DIVERSIFIER_MAX)
        text[1 + len] = 0x80;
    int result = crypto_mac_init(&mac, key);
    if (result == ERR_OK)
        result = len < DESFIRE_DIVERSIFIER_MAX ? crypto_mac_compute_padded(&mac, text, sizeof text, out)
                                               : crypto_mac_compute(&mac, text, sizeof text, out);
    crypto_mac_free(&mac);
    return result;
}

static void put_aid(uint8_t *to, const struct desfire_application *application)
{
    for (size_t i = 0; i < DESFIRE_AID_LEN; i++)
        to[i] = application->aid[application->is_aid_reversed ? DESFIRE_AID_LEN - 1 - i : i];
}

int desfire_key_of_card(const struct desfire_application *application, const uint8_t key[CRYPTO_KEY_LEN],
                        const uint8_t *uid, size_t uid_len, uint8_t out[CRYPTO_KEY_LEN])
{
    uint8_t input[DESFIRE_DIVERSIFIER_MAX];
    if (uid_len > READER_UID_MAX || application->system_id_len > DESFIRE_SYSTEM_ID_MAX)
        return ERR_ARGUMENT;
    memcpy(input, uid, uid_len);
    put_aid(input + uid_len, application);
    memcpy(input + uid_len + DESFIRE_AID_LEN, application->system_id, application->system_id_len);
    return desfire_key_diversify(key, input, uid_len + DESFIRE_AID_LEN + application->system_id_len, out);
}
